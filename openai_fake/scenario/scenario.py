"""A scenario: what was there, what the user said, what the assistant did, how it ended; and its file.

One step stands on one line, keys in a fixed order, ids as symbols, times as seconds since the beginning.
"""

import json
from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from .keys import RECORDINGS, SCENARIO
from .lines import VERSION, Line, ScenarioError, check_deleted, check_names, check_order, checked_step, checked_there

_KEYS = (SCENARIO, "source", "there", "steps")
_IF_IT_IS_A_RECORDING = (
    "If it is a recording (a cassette), `python -m openai_fake import FILE -o FOLDER` makes a scenario of it, and so "
    "does Scenario.from_recording(path)."
)


class Scenario:
    """One scenario. Two with the same content are equal.

    `source`: where it was taken from, for readers. `there`: what was in place before. `steps`: what happened, in
    order. `notes`: what an import could not understand, exchange by exchange. Raises `ScenarioError` (a `ValueError`)
    for lines that are none, with the place.
    """

    there: tuple[Line, ...]
    steps: tuple[Line, ...]

    def __init__(
        self, steps: Iterable[Mapping[str, Any]], there: Iterable[Mapping[str, Any]] = (), source: str = ""
    ) -> None:
        self.source = source
        self.there, self.steps = _checked(list(there), list(steps), "")
        self.notes: tuple[str, ...] = ()

    @classmethod
    def load(cls, path: str | PathLike[str]) -> "Scenario":
        """The scenario in a file. Raises `ScenarioError`, with the place, and `OSError`."""
        name = Path(path).name
        try:
            text = Path(path).read_text("utf-8-sig")
        except UnicodeDecodeError as error:
            raise ScenarioError(f"{name}: this is no UTF-8 ({error.reason} at byte {error.start}).") from None
        except FileNotFoundError:
            raise FileNotFoundError(
                f"{Path(path).absolute()}: there is no such scenario. A relative path begins at the folder that the "
                "tests are run from, Path(__file__).with_name(…) does not; with record= and upstream= a first run "
                "makes the file."
            ) from None
        return cls.loads(text, name)

    @classmethod
    def loads(cls, text: str, name: str = "") -> "Scenario":
        """The scenario in a text. Raises `ScenarioError`, with the place."""
        where = f"{name}: " if name else ""
        if name.endswith((".yaml", ".yml")):
            raise ScenarioError(f"{where}this is no scenario, which is JSON. {_IF_IT_IS_A_RECORDING}")
        try:
            data = json.loads(text, object_pairs_hook=_without_doubles, parse_constant=_no_number)
        except json.JSONDecodeError as error:
            raise ScenarioError(f"{where}line {error.lineno}, column {error.colno}: {error.msg}.") from None
        except ValueError as error:
            raise ScenarioError(f"{where}{error}") from None
        _check_top(data, where)
        made = cls.__new__(cls)
        made.source, made.notes = data.get("source", ""), ()
        made.there, made.steps = _checked(data.get("there", []), data["steps"], where)
        return made

    @classmethod
    def from_recording(cls, path: str | PathLike[str]) -> "Scenario":
        """The scenario of a recorded conversation, in any of the known forms (see `openai_fake import`).

        What could not be understood is in `notes`. Raises `NotARecording` (a `ValueError`).
        """
        from .files import read_with_setup
        from .importing import imported

        return imported(read_with_setup(Path(path)))

    def save(self, path: str | PathLike[str]) -> None:
        """Write it into a file, whole or not at all. Raises `ScenarioError` where it holds a secret."""
        from .writing import write

        write(self, Path(path))

    def dumps(self) -> str:
        """Its text, as it stands in a file."""
        parts = [f'  "{SCENARIO}": {VERSION}']
        if self.source:
            parts.append(f'  "source": {_line(self.source)}')
        for name, lines in (("there", self.there), ("steps", self.steps)):
            rows = "".join(f"\n    {_line(line)}," for line in lines)
            parts.append(f'  "{name}": [{rows[:-1]}\n  ]' if rows else f'  "{name}": []')
        return "{\n" + ",\n".join(parts) + "\n}\n"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Scenario) and self.dumps() == other.dumps()

    def __repr__(self) -> str:
        runs = sum("thread" in step for step in self.steps if "run" in step)
        return f"<Scenario: {len(self.there)} things there, {len(self.steps)} steps, {runs} runs>"


def _checked(there: Any, steps: Any, where: str) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    for name, lines in (("there", there), ("steps", steps)):
        if not isinstance(lines, list):
            raise ScenarioError(f"{where}{name}: expected a list.")
    before = tuple(checked_there(line, f"{where}there[{number}]") for number, line in enumerate(there))
    check_names(before, where)
    after = tuple(checked_step(line, f"{where}steps[{number}]") for number, line in enumerate(steps))
    check_deleted(before, after, where)
    check_order(after, where)
    return before, after


def _check_top(data: Any, where: str) -> None:
    if isinstance(data, dict) and not data.keys().isdisjoint(RECORDINGS):
        raise ScenarioError(f"{where}this is no scenario. {_IF_IT_IS_A_RECORDING}")
    if not isinstance(data, dict) or SCENARIO not in data:
        raise ScenarioError(f'{where}this is no scenario: it begins with {{"{SCENARIO}": {VERSION}, …}}.')
    version = data[SCENARIO]
    if isinstance(version, bool) or not isinstance(version, int) or version != VERSION:
        raise ScenarioError(
            f"{where}scenario: this file is of version {version!r}, and this openai_fake reads version {VERSION}: "
            "install a newer one, or record it again."
        )
    for key in data:
        if key not in _KEYS:
            raise ScenarioError(f"{where}unknown key {key!r}; here are known {', '.join(_KEYS)}.")
    if "steps" not in data:
        raise ScenarioError(f"{where}steps are missing.")
    if not isinstance(data.get("source", ""), str):
        raise ScenarioError(f"{where}source: expected a text.")


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        double = next(name for name in names if names.count(name) > 1)
        raise ScenarioError(f"the key {double!r} stands twice in {_line(made)[:80]}.")
    return made


def _no_number(name: str) -> Any:
    raise ScenarioError(f"{name} is no JSON.")


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
