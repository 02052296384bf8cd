"""Finds recordings in files and folders, and reads them, whatever form they have."""

import codecs
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from .cassettes import recording_of
from .exchanges import NotARecording, Recording, grouped
from .keys import SCENARIO, VCRPY

_OF_A_CLASS = ("tag:yaml.org,2002:python/object:", "tag:yaml.org,2002:python/object/new:")
"""Bodies that vcrpy could not write, such as a `BytesIO`. No such object is made: there is nothing in its place."""

SUFFIXES = (".json", ".yaml", ".yml")


def read(path: Path) -> Recording:
    """The recording in a file. Raises `NotARecording`, with the file named, for what cannot be understood."""
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise NotARecording(f"{path}: {error}") from None
    is_yaml = path.suffix in (".yaml", ".yml") or (path.suffix != ".json" and not text.lstrip().startswith("{"))
    return recording_of(path, _yaml(path, text) if is_yaml else _json(path, text))


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
    return (found for path in paths for found in files_of(path))


def files_of(path: Path) -> list[Path]:
    """The path itself, or what is in it, if it is a folder, that may be a recording."""
    if not path.is_dir():
        return [path]
    return sorted(found for found in path.rglob("*") if found.is_file() and _may_be_one(found))


def _may_be_one(path: Path) -> bool:
    """By its name, if it is no scenario; or by how it begins: where nobody says otherwise, vcrpy names a file after a
    test and gives it no suffix."""
    if path.suffix in SUFFIXES:
        return not is_scenario(path)
    return re.search(rb'(?m)^(?:\s*{.*|\s*)"?%b"?\s*:' % VCRPY.encode(), _head(path)) is not None


def is_scenario(path: Path) -> bool:
    """Whether a file begins as a scenario does."""
    return re.match(rb'\s*{\s*"%b"\s*:' % SCENARIO.encode(), _head(path)) is not None


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(1_000).removeprefix(codecs.BOM_UTF8)


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
        # Nothing but the safe loader: a cassette is somebody's file, and YAML can name any class.
        kind = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        constructors = {**kind.yaml_multi_constructors, **dict.fromkeys(_OF_A_CLASS, lambda *_: None)}
        # Ruby writes the tag of bytes with one exclamation mark.
        plain = {**kind.yaml_constructors, "!binary": kind.construct_yaml_binary}
        made = {"yaml_multi_constructors": constructors, "yaml_constructors": plain}
        loader: Any = type("Loader", (kind,), made)
        return yaml.load(text, Loader=loader)
    except yaml.YAMLError as error:
        raise NotARecording(f"{path}: {error}") from None
