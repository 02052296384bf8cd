"""The one command: `python -m benchmarks [GROUP …] [--quick]`. Prints a table and writes `benchmarks/results.json`."""

import argparse
import json
import os
import platform
import sys
import warnings
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.measure import Figure

RESULTS = Path(__file__).with_name("results.json")
GROUPS = ("imports", "calls", "opening", "streaming", "scale", "memory", "plugin_suite", "stores")


def main() -> int:
    """Run the groups; the exit status says whether every bar holds."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"of {', '.join(GROUPS)}; all by default")
    parser.add_argument("--quick", action="store_true", help="few rounds: shows that it runs, not how fast")
    parser.add_argument("--save", action="store_true", help=f"write {RESULTS.name}")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", DeprecationWarning)
    found = [_told(figure) for group in arguments.groups or GROUPS for figure in _figures(group, arguments.quick)]
    if arguments.save:
        RESULTS.write_text(json.dumps({"machine": machine(), "figures": found}, indent=1, ensure_ascii=False) + "\n")
    missed = [figure for figure in found if figure["holds"] is False]
    print(f"\n{len(found)} figures, {len(missed)} over their bar.")
    return 1 if missed and not arguments.quick else 0


def machine() -> dict[str, object]:
    """What the numbers were measured on."""
    names = ("openai", "httpx", "httpx2", "pydantic", "respx", "pytest-httpx", "openai-responses")
    versions = {name: found for name in names if (found := _version(name))}
    return {
        "system": platform.system(),
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "versions": versions,
    }


def _figures(group: str, quick: bool) -> Iterator[Figure]:
    module = import_module(f"benchmarks.{group}")
    figures: Callable[[bool], Iterator[Figure]] = module.figures
    return figures(quick)


def _told(figure: Figure) -> dict[str, object]:
    bar = "" if figure.bar is None else f"{'≥' if figure.at_least else '≤'} {figure.bar:g}"
    mark = {None: " ", True: "✓", False: "✗"}[figure.holds]
    print(f"{mark} {figure.value:>12.3f} {figure.unit:<10} {bar:<10} {figure.name}", flush=True)
    return {**vars(figure), "holds": figure.holds}


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


if __name__ == "__main__":
    sys.exit(main())
