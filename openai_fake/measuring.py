"""The commands about recordings: `fidelity` measures the fake by them, `import` makes scenarios of them."""

import argparse
import logging
import sys
from pathlib import Path
from typing import Any


def add_commands(commands: Any) -> None:
    """Add the commands to the command line."""
    fidelity = commands.add_parser("fidelity", help="ask the fake what recordings asked the service, and compare")
    fidelity.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="recordings, or folders of them")
    fidelity.add_argument("--write", type=Path, metavar="FILE", help="write the page into a file, too")
    fidelity.set_defaults(run=measure)
    importing = commands.add_parser("import", help="make scenarios of old recordings")
    importing.add_argument("paths", nargs="+", type=Path, metavar="FILE", help="recordings, or folders of them")
    importing.add_argument("-o", "--output", type=Path, default=Path(), metavar="DIR", help="where to write them")
    importing.set_defaults(run=convert)


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


def convert(parsed: argparse.Namespace) -> int:
    """Write a scenario for every conversation; 1 if a file could not be read or written, with the reason."""
    from .scenario.files import files_in
    from .scenario.scenario import Scenario

    parsed.output.mkdir(parents=True, exist_ok=True)
    failed = 0
    logging.getLogger("openai_fake").addHandler(logging.NullHandler())
    for path in files_in(parsed.paths):
        target = parsed.output / f"{path.stem}.json"
        try:
            scenario = Scenario.from_recording(path)
            for note in scenario.notes:
                print(f"{path.name}: {note}", file=sys.stderr)
            if scenario.steps:
                scenario.save(target)
                print(target)
        except (ValueError, OSError) as error:
            print(error, file=sys.stderr)
            failed = 1
    return failed
