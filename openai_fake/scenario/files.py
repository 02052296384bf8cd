"""Finds recordings in files and folders, and reads them, whatever form they have."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from .exchanges import NotARecording, Recording, grouped, plain

SUFFIXES = (".json", ".yaml", ".yml")


def read(path: Path) -> Recording:
    """The recording in a file. Raises `NotARecording`, with the file named, for what cannot be understood."""
    try:
        data = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise NotARecording(f"{path}: {error}") from None
    return plain(path, data)


def read_all(paths: Iterable[Path]) -> list[Recording]:
    """The recordings in files and (recursively) folders, each with its set-up. Raises `NotARecording`."""
    return grouped(read(path) for path in files_in(paths))


def files_in(paths: Iterable[Path]) -> Iterator[Path]:
    """The files among paths, and those in the folders among them that may hold recordings, in order."""
    for path in paths:
        if path.is_dir():
            yield from sorted(found for found in path.rglob("*") if found.suffix in SUFFIXES and found.is_file())
        else:
            yield path
