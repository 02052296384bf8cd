"""Replays a scenario through the run engine: puts in place what was there, scripts what the assistant did, and
compares what the client says and gives with what it should have.
"""

import base64
from collections.abc import Callable, Iterator, Mapping
from difflib import unified_diff
from typing import Any

from .. import putting, putting_files
from ..acts import Act, CallTools, Hold
from ..conditions import When
from ..script import Script
from ..states import FINAL
from ..world import World
from .lines import Line, ScenarioError, act_of, kind_of
from .runs import Said, ScenarioRun, plain_content, runs_of, said_by_clients
from .scenario import Scenario
from .symbols import resolved


class Replay:
    """One scenario in one world. `name`: of its file, for what it has to say."""

    def __init__(self, scenario: Scenario, name: str, world: World) -> None:
        self._scenario = scenario
        self._name = name
        self._world = world
        self._planned = runs_of(scenario.there, scenario.steps)
        self._chosen: dict[str, ScenarioRun] = {}
        self._differences: list[str] = []
        self._ids: dict[str, str] = {}
        self.excused: set[str] = set()

    def begin(self) -> list[Any]:
        """Put everything in place, and give what was there."""
        # A line begins with its kind and its symbol.
        lines = [(*next(iter(line.items())), line) for line in self._scenario.there]
        self._ids |= {symbol: line.get("id") or symbol for _, symbol, line in lines}
        put: dict[str, Any] = {}
        for kind, symbol, line in sorted(lines, key=lambda each: _PUT_ORDER.index(each[0])):
            fields = {key: value for key, value in line.items() if key not in (kind, "id")}
            try:
                put[symbol] = _PUT[kind](self._world, self._ids[symbol], resolved(fields, self._id_of))
            except (ValueError, LookupError) as error:
                place = f"there[{self._scenario.there.index(line)}]"
                raise ScenarioError(f"{self._name}: {place}: {symbol} cannot be put in place. {error}") from None
        there = [put[symbol] for _, symbol, _ in lines]
        for planned in self._planned:
            script = Script(self._script(planned), When(when=self._fits(planned)), where=self._name)
            self._world.book.add(script)
        return there

    def differences(self) -> list[str]:
        """Where the client said or gave something else than the scenario has."""
        return list(self._differences)

    def unfinished(self) -> list[str]:
        """The runs that were begun and did not come to where they ended in the scenario."""
        told = []
        for run_id, planned in self._chosen.items():
            status = self._status(run_id)
            if planned.ends == "cancelled" and status == "cancelling":
                continue
            if planned.ends is not None and status is not None and status != planned.ends:
                told.append(
                    f"{self._name}: {planned.run} ended {planned.ends!r}, and here it was left {status!r}: "
                    f"{_next_step(planned, status)}."
                )
        return told

    def _fits(self, planned: ScenarioRun) -> Callable[[Any], bool]:
        def fits(run: Any) -> bool:
            return self._choose(run) is planned

        fits.__name__ = planned.run
        return fits

    def _choose(self, run: Any) -> ScenarioRun | None:
        """The one for a run: the first that is left whose thread has said the same and whose assistant is the same,
        else the first that has said the same, else the first that is left."""
        if run.id not in self._chosen:
            taken = {id(planned) for planned in self._chosen.values()}
            left = [planned for planned in self._planned if id(planned) not in taken]
            if not left:
                return None
            said = said_by_clients(self._world.conversations[run.thread_id].journal)
            fitting = [planned for planned in left if _same(planned.said, said)] or left
            same = [planned for planned in fitting if self._is_of(planned, run.assistant_id)]
            self._chosen[run.id] = planned = (same or fitting)[0]
            self._compare_said(planned, said)
            self._compare_assistant(planned, run.assistant_id)
        return self._chosen[run.id]

    def _is_of(self, planned: ScenarioRun, assistant_id: str) -> bool:
        """Whether a run of the scenario was of this assistant: by its id if it was there, else by what it is."""
        if planned.assistant in self._ids:
            return self._ids[planned.assistant] == assistant_id
        made = next((step for step in self._scenario.steps if step.get("assistant") == planned.assistant), None)
        here = self._world.assistants.get(assistant_id)
        return (
            made is not None and here is not None and all(getattr(here, name) == made.get(name) for name in _KNOWN_BY)
        )

    def _script(self, planned: ScenarioRun) -> Callable[[Any], Iterator[Any]]:
        def script(run: Any) -> Any:
            outputs: tuple[str, ...] | None = None
            act: Act | None = None
            for line in planned.lines:
                if kind_of(line) == "outputs":
                    self._compare_outputs(planned, act, line["outputs"], outputs or ())
                    continue
                act = act_of(resolved(line, self._id_of))
                outputs = (yield act) or outputs
            if planned.ends == "cancelled":
                # It went on until somebody cancelled it.
                yield Hold()

        script.__name__ = planned.run
        return script

    def _compare_said(self, planned: ScenarioRun, said: list[Said]) -> None:
        if not _same(planned.said, said):
            told = _difference(_as_text(planned.said), _as_text(said), "the scenario", "the test")
            self._note(f"before {planned.run}, something else should have been said:\n{told}\n")

    def _compare_assistant(self, planned: ScenarioRun, assistant_id: str) -> None:
        """Another assistant of the scenario is another one; one that the scenario does not know may stand for it."""
        others = {self._ids[run.assistant] for run in self._planned if run.assistant in self._ids}
        if assistant_id in others and not self._is_of(planned, assistant_id):
            expected = self._ids.get(planned.assistant, planned.assistant)
            self._note(f"{planned.run} was a run of {expected}, and here it is one of {assistant_id}. ")

    def _compare_outputs(
        self, planned: ScenarioRun, act: Act | None, expected: list[str], got: tuple[str, ...]
    ) -> None:
        if tuple(expected) == got:
            return
        calls = act.calls if isinstance(act, CallTools) else ()
        names = [call.name for call in calls]
        told = _difference(_outputs(names, expected), _outputs(names, got), "the scenario", "the test")
        self._note(f"the tools of {planned.run} should have given something else:\n{told}\n")

    def _note(self, told: str) -> None:
        self._differences.append(f"{self._name}: {told}{_NEXT}")

    def _id_of(self, symbol: str) -> str:
        """What a symbol stands for here: an object that was there, or a file that the client has uploaded since."""
        if symbol not in self._ids:
            made = next((step for step in self._scenario.steps if step.get("file") == symbol), None)
            for file in self._world.files.values():
                if made is not None and file.filename == made.get("filename"):
                    return file.id
        return self._ids.get(symbol, symbol)

    def _status(self, run_id: str) -> str | None:
        for conversation in self._world.conversations.values():
            if run_id in conversation.runs:
                return conversation.runs[run_id].status
        return None


_NEXT = (
    "Let the code under test do as the scenario has it, or change the scenario. Where something was taken out of the "
    "scenario (a secret), open the fake with check_expectations=False: then nothing is compared."
)


def _put_file(world: World, id: str, fields: Mapping[str, Any]) -> Any:
    given = dict(fields)
    text, encoded = given.pop("text", ""), given.pop("base64", None)
    content = text.encode() if encoded is None else base64.b64decode(encoded, validate=True)
    return putting_files.put_file(world, id, given.pop("filename", "file.txt"), content, given)


def _put_message(world: World, id: str, fields: Mapping[str, Any]) -> Any:
    given = {"role": "user", "content": "", **fields}
    return putting.put_message(world, given.pop("thread"), id, given)


def _put_store(world: World, id: str, fields: Mapping[str, Any]) -> Any:
    given = dict(fields)
    return putting_files.put_vector_store(world, id, given.pop("file_ids", ()), given)


_PUT: dict[str, Callable[[World, str, Mapping[str, Any]], Any]] = {
    "file": _put_file,
    "vector_store": _put_store,
    "assistant": putting.put_assistant,
    "thread": putting.put_thread,
    "message": _put_message,
}
_KNOWN_BY = ("model", "name", "description", "instructions")
_PUT_ORDER = [*_PUT]
"""What others may name is there before them, whatever the order of the lines."""


def _same(expected: list[Said], said: list[Said]) -> bool:
    return _plain(expected) == _plain(said)


def _plain(said: list[Said]) -> list[Said]:
    return [(role, plain_content(content)) for role, content in said]


def _as_text(said: list[Said]) -> list[str]:
    rows: list[str] = []
    for role, content in _plain(said):
        rows += f"{role}: {content}".splitlines()
    return rows


def _outputs(names: list[str], outputs: Any) -> list[str]:
    padded = [*names, *["a tool"] * (len(outputs) - len(names))]
    return [f"{name}: {output}" for name, output in zip(padded, outputs, strict=False)]


def _difference(expected: list[str], got: list[str], one: str, other: str) -> str:
    return "\n".join(f"  {line}" for line in unified_diff(expected, got, one, other, lineterm="", n=1))


def _next_step(planned: ScenarioRun, status: str) -> str:
    if status == "requires_action":
        names = [call.name for line in planned.lines if "outputs" not in line for call in _calls(line)]
        return f"it waits for the outputs of {', '.join(dict.fromkeys(names))}"
    if status in FINAL:
        return "cancel it as the scenario did" if planned.ends == "cancelled" else "let it go on as the scenario did"
    if planned.ends == "cancelled":
        return "cancel it as the scenario did"
    return "poll it, or read its stream, to its end"


def _calls(line: Line) -> Any:
    act = act_of(line)
    return act.calls if isinstance(act, CallTools) else ()
