"""The commands about recordings: `fidelity` measures the fake by them."""

import argparse
import sys
from pathlib import Path
from typing import Any


def add_commands(commands: Any) -> None:
    """Add the commands to the command line."""
    fidelity = commands.add_parser("fidelity", help="ask the fake what recordings asked the service, and compare")
    fidelity.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="recordings, or folders of them")
    fidelity.add_argument("--write", type=Path, metavar="FILE", help="write the page into a file, too")
    fidelity.set_defaults(run=measure)


def measure(parsed: argparse.Namespace) -> int:
    """Print the measure; 1 if anything is unexplained, 2 for what is no recording."""
    from .fidelity.report import page, unexplained
    from .fidelity.restaging import restage
    from .scenario.exchanges import NotARecording
    from .scenario.files import read_all

    try:
        recordings = read_all(parsed.paths)
    except NotARecording as error:
        print(error, file=sys.stderr)
        return 2
    if not recordings:
        print(f"There is no recording in {', '.join(map(str, parsed.paths))}.", file=sys.stderr)
        return 2
    findings = [finding for recording in recordings for finding in restage(recording)]
    shown = page(findings)
    print(shown, end="")
    if parsed.write:
        parsed.write.write_text(shown, "utf-8")
    return 1 if unexplained(findings) else 0
