"""The README and its made parts, each between two markers that name it."""

import re
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"

MARKERS = re.compile(r"(<!-- made: (?P<name>[a-z]+) -->\n)(?P<text>.*?)(<!-- end -->)", re.DOTALL)


def parts(page: str) -> dict[str, str]:
    """The made parts of a page as they stand there, by name."""
    return {found["name"]: found["text"] for found in MARKERS.finditer(page)}


def with_parts(page: str, made: dict[str, str]) -> str:
    """A page with its parts made anew. Raises `KeyError` for markers of a part that nobody makes."""
    return MARKERS.sub(lambda found: f"{found[1]}{made[found['name']]}{found[4]}", page)


def table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [header, ("---",) * len(header), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
