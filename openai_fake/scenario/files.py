"""Finds recordings in files and folders, and reads them, whatever form they have."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from .cassettes import recording_of
from .exchanges import NotARecording, Recording, grouped

SUFFIXES = (".json", ".yaml", ".yml")


def read(path: Path) -> Recording:
    """The recording in a file. Raises `NotARecording`, with the file named, for what cannot be understood."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NotARecording(f"{path}: {error}") from None
    return recording_of(path, _yaml(path, text) if path.suffix in (".yaml", ".yml") else _json(path, text))


def read_with_setup(path: Path) -> Recording:
    """The recording in a file, with the set-up that stands beside it (`x_thread_setup` of `x`)."""
    beside = [found for found in path.parent.glob(f"{path.stem}_*_setup{path.suffix}") if found.is_file()]
    beside += [found for found in path.parent.glob(f"{path.stem}_setup{path.suffix}") if found.is_file()]
    return next(one for one in grouped(read(found) for found in (path, *sorted(beside))) if one.name == path.stem)


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


def _json(path: Path, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise NotARecording(f"{path}: {error}") from None


def _yaml(path: Path, text: str) -> Any:
    try:
        import yaml
    except ImportError:
        raise NotARecording(f"{path}: reading YAML needs PyYAML: pip install 'openai-fake[vcr]'.") from None
    try:
        # The safe loader only: a cassette is somebody's file, and YAML can name any class.
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        raise NotARecording(f"{path}: {error}") from None
