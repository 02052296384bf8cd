"""The numbers of the benchmarks, as `python -m benchmarks --save` has left them."""

import json
from pathlib import Path
from typing import Any

from docs.page import ROOT, table

RESULTS = ROOT / "benchmarks" / "results.json"


def speed(results: Path = RESULTS) -> str:
    """A table of the figures with their bars, and what they were measured on; a sentence where there are none."""
    if not results.exists():
        return (
            "\nNot measured yet: `python -m benchmarks --save` does, and `python -m docs` writes the numbers here.\n\n"
        )
    found = json.loads(results.read_text("utf-8"))
    rows = [(figure["name"], _value(figure), _bar(figure)) for figure in found["figures"]]
    return f"\n{_machine(found['machine'])}\n\n{table(('measured', 'median', 'bar'), rows)}\n"


def _machine(machine: dict[str, Any]) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    cores = f"{machine['cores']} cores" if machine["cores"] != 1 else "1 core"
    on = f"{machine['system']} {machine['processor']}, {cores}, Python {machine['python']}"
    return f"Measured on {on}, with {versions}."


def _value(figure: dict[str, Any]) -> str:
    value = figure["value"]
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 3
    return f"{value:,.{digits}f} {figure['unit']}"


def _bar(figure: dict[str, Any]) -> str:
    if figure["bar"] is None:
        return ""
    kept = "" if figure["holds"] else " (missed)"
    return f"{'at least' if figure['at_least'] else 'at most'} {figure['bar']:.3g}{kept}"
