"""The commands about recordings: `fidelity` measures the fake by them, `import` makes scenarios of them."""

import argparse
import logging
import sys
from collections.abc import Iterable, Sequence
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
        return _nothing_in(parsed.paths)
    outcomes = [outcome for recording in recordings for outcome in restage(recording)]
    shown = page(outcomes)
    print(shown, end="")
    if parsed.write:
        parsed.write.write_text(shown, "utf-8")
    return 1 if unexplained(outcomes) else 0


def _nothing_in(paths: Iterable[Path]) -> int:
    print(f"There is no recording in {', '.join(map(str, paths))}.", file=sys.stderr)
    return 2


def convert(parsed: argparse.Namespace) -> int:
    """Write a scenario for every conversation; 1 if a file could not be read or written, with the reason, 2 where there
    is none. What lies in a folder of a folder comes to lie in one of the same name.
    """
    logging.getLogger("openai_fake").addHandler(logging.NullHandler())
    try:
        targets = _targets(parsed.paths, parsed.output)
    except OSError as error:
        print(error, file=sys.stderr)
        return 1
    if not targets:
        return _nothing_in(parsed.paths)
    written: dict[Path, Path] = {}
    return max([_convert(path, target, targets, written) for path, target in targets.items()])


def _targets(paths: Sequence[Path], output: Path) -> dict[Path, Path]:
    """Where the scenario of each recording is to be written."""
    from .scenario.files import SUFFIXES, files_of

    targets = {}
    for path in paths:
        for found in files_of(path):
            target = output / (found.relative_to(path) if path.is_dir() else found.name)
            # A dot in a name that has no suffix is part of it.
            targets[found] = target.with_name(f"{target.stem if target.suffix in SUFFIXES else target.name}.json")
    return targets


def _convert(path: Path, target: Path, recordings: Iterable[Path], written: dict[Path, Path]) -> int:
    """Write the scenario of one recording, over no recording and no other's scenario; 1 if it cannot be."""
    from .scenario.files import is_scenario
    from .scenario.scenario import Scenario

    try:
        scenario = Scenario.from_recording(path)
        for note in scenario.notes:
            print(f"{path.name}: {note}", file=sys.stderr)
        if not scenario.steps:
            return 0
        there = target.resolve()
        if there in map(Path.resolve, recordings) or (target.exists() and not is_scenario(target)):
            raise ValueError(f"{path}: its scenario would take the place of the recording {target}: give -o a folder.")
        if there in written:
            raise ValueError(f"{path}: its scenario would take the place of that of {written[there]}, {target}.")
        scenario.save(target)
        written[there] = path
        print(target)
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0
