"""What a recording shows of each run: its steps, messages, tool calls, outputs, and how it ended.

The rule: nothing is made up here; what nobody saw stays unknown.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from ..states import FINAL
from .exchanges import Exchange, made_ids

Json = dict[str, Any]

FAULTS = (KeyError, TypeError, ValueError, AttributeError, IndexError)
"""What is raised over an answer that is not as the service sent it: cut, or with something taken out of it."""


_IN_PART = frozenset({"run_id", "before", "filter"})
"""With one of these a list shows but some of the things that there are."""


def fault(error: Exception) -> str:
    """What is wrong with an answer, in words."""
    return f"there is no {error} in it" if isinstance(error, KeyError) else f"{type(error).__name__}: {error}"


def second_of(item: Json) -> int:
    """When an object was made; 0 where that is not shown, or was taken out."""
    stamp = item.get("created_at")
    return stamp if isinstance(stamp, int) else 0


@dataclass
class Phase:
    """A stretch of a run that ended on tool calls: when it started, and what it asked for."""

    started_at: int | None
    calls: list[Json]


@dataclass
class RunEvidence:
    """One run.

    `sightings`: the run object each time it was shown, with the exchange's number. `place`: of each step and message,
    where it stands among those of the same second. `pieces`: the text of each message as its deltas carried it.
    """

    id: str
    thread_id: str = ""
    made_by: int | None = None
    sightings: list[tuple[int, Json]] = field(default_factory=list)
    steps: dict[str, Json] = field(default_factory=dict)
    place: dict[str, int] = field(default_factory=dict)
    messages: dict[str, Json] = field(default_factory=dict)
    pieces: dict[str, list[str]] = field(default_factory=dict)
    notes: dict[str, list[Json]] = field(default_factory=dict)
    phases: list[Phase] = field(default_factory=list)
    outputs: dict[str, str] = field(default_factory=dict)

    @property
    def last(self) -> Json:
        """The run as it was last shown; empty if it never was."""
        return self.sightings[-1][1] if self.sightings else {}

    @property
    def starts(self) -> list[int]:
        """Every `started_at` that was seen: one for each time the run went on."""
        seen = {run["started_at"] for _, run in self.sightings if isinstance(run.get("started_at"), int)}
        return sorted(seen)


@dataclass
class Evidence:
    """A whole recording: every object each time it was shown, those that its requests made, the evidence of each run.

    `lists`: what each operation has listed. `whole`: the threads and vector stores whose messages or files were listed
    to the end. `in_stores`: the files of each store. `broken`: why an exchange cannot be understood, by its number.
    """

    seen: dict[str, list[tuple[int, Json]]] = field(default_factory=dict)
    made: set[str] = field(default_factory=set)
    lists: dict[str, list[Json]] = field(default_factory=dict)
    whole: set[str] = field(default_factory=set)
    in_stores: dict[str, dict[str, Json]] = field(default_factory=dict)
    runs: dict[str, RunEvidence] = field(default_factory=dict)
    broken: dict[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, exchanges: Iterable[Exchange]) -> "Evidence":
        """What a row of exchanges shows."""
        evidence = cls()
        for exchange in exchanges:
            if exchange.went_well:
                try:
                    evidence._read(exchange)
                except FAULTS as error:
                    evidence.broken[exchange.number] = fault(error)
        evidence._set_in_order("messages.list", lambda run: run.messages)
        evidence._set_in_order("steps.list", lambda run: run.steps)
        return evidence

    def first(self, id: str) -> Json:
        """An object as it was first shown; empty if it never was."""
        return self.seen[id][0][1] if id in self.seen else {}

    def is_old(self, run_id: str) -> bool:
        """Whether a run was over when it was first seen, and nobody has made it in the recording."""
        run = self.runs.get(run_id)
        return (
            run is not None and run.made_by is None and bool(run.sightings) and run.sightings[0][1]["status"] in FINAL
        )

    def is_whole(self, run_id: str) -> bool:
        """Whether it is known how a run ended, and nothing that it has said was seen in the middle alone."""
        run = self.runs[run_id]
        half = any(message.get("status") == "in_progress" for message in run.messages.values())
        return run.last.get("status") in FINAL and not half

    def of_thread(self, thread_id: str, kind: str) -> list[Json]:
        """The messages or runs of a thread, each as it was first shown."""
        found = [shown[0][1] for shown in self.seen.values()]
        return [item for item in found if item.get("thread_id") == thread_id and item.get("object") == kind]

    def places(self, operation: str) -> dict[str, int]:
        """Where each thing stands among those that an operation has listed, from the oldest."""
        return {item["id"]: place for place, item in enumerate(self.listed(operation))}

    def messages_of(self, thread_id: str) -> list[Json]:
        """The messages of a thread, oldest first; those of one second as they were listed."""
        places = self.places("messages.list")
        messages = self.of_thread(thread_id, "thread.message")
        return sorted(messages, key=lambda item: (second_of(item), places.get(item["id"], -1)))

    def listed(self, operation: str) -> list[Json]:
        """Everything that an operation has listed, oldest first."""
        return sorted(self.lists.get(operation, ()), key=second_of)

    def _read(self, exchange: Exchange) -> None:
        self.made.update(made_ids(exchange))
        newest_first = dict(exchange.query).get("order") != "asc"
        if exchange.operation.endswith(".list"):
            row = list(exchange.objects())
            known = self.lists.get(exchange.operation, [])
            goes_on = newest_first and "after" in dict(exchange.query)
            row = row[::-1] if newest_first else row
            self.lists[exchange.operation] = row + known if goes_on else known + row
            self._note_whole(exchange)
        for position, item in enumerate(exchange.objects()):
            if item["object"] == "vector_store.file":
                # It has the id of a file that may be shown as well.
                self.in_stores.setdefault(item["vector_store_id"], {})[item["id"]] = item
                continue
            self.seen.setdefault(item["id"], []).append((exchange.number, item))
            self._note(exchange, item, -position if newest_first and exchange.events is None else position)
        if exchange.operation == "runs.submit_tool_outputs":
            self._note_outputs(exchange)
        for name, data in exchange.events or ():
            if name == "thread.message.delta" and isinstance(data, dict):
                self._note_delta(data)

    def _note_whole(self, exchange: Exchange) -> None:
        """Of a thread or a store, whether all that is in it has been listed by now."""
        id = {"messages.list": "thread_id", "vector_stores.files.list": "vector_store_id"}.get(exchange.operation)
        if id and not exchange.response.get("has_more") and _IN_PART.isdisjoint(dict(exchange.query)):
            self.whole.add(exchange.ids[id])

    def _set_in_order(self, operation: str, kept: Callable[[RunEvidence], Json]) -> None:
        """What was listed whole stands as it was listed, over all pages: a page tells of its own order only."""
        places: dict[str, int] = {}
        for place, item in enumerate(self.listed(operation)):
            places.setdefault(item["id"], place)
        for run in self.runs.values():
            if kept(run).keys() <= places.keys():
                run.place |= {id: places[id] for id in kept(run)}

    def _note(self, exchange: Exchange, item: Json, place: int) -> None:
        kind = item["object"]
        if kind == "thread.run":
            self._note_run(exchange, item)
        elif kind == "thread.run.step":
            of_run = self._of_run(item["run_id"], item["thread_id"])
            of_run.steps[item["id"]] = item
            of_run.place.setdefault(item["id"], place)
            for call in item["step_details"].get("tool_calls") or ():
                output = call.get("function", {}).get("output")
                if output is not None:
                    of_run.outputs[call["id"]] = output
        elif kind == "thread.message" and item.get("run_id"):
            of_run = self._of_run(item["run_id"], item["thread_id"])
            of_run.messages[item["id"]] = item
            of_run.place.setdefault(item["id"], place)

    def _note_run(self, exchange: Exchange, run: Json) -> None:
        of_run = self._of_run(run["id"], run["thread_id"])
        if exchange.operation in ("runs.create", "threads.create_and_run") and not of_run.sightings:
            of_run.made_by = exchange.number
        of_run.sightings.append((exchange.number, run))
        action = run.get("required_action")
        if action:
            calls = action["submit_tool_outputs"]["tool_calls"]
            known = [[call["id"] for call in phase.calls] for phase in of_run.phases]
            if [call["id"] for call in calls] not in known:
                of_run.phases.append(Phase(run.get("started_at"), calls))

    def _note_outputs(self, exchange: Exchange) -> None:
        of_run = self._of_run(exchange.ids["run_id"], exchange.ids["thread_id"])
        for output in exchange.asked.get("tool_outputs") or ():
            of_run.outputs[str(output.get("tool_call_id"))] = output.get("output") or ""

    def _note_delta(self, data: Json) -> None:
        """The pieces of a message's text, and the notes on it: only here a citation shows its quote."""
        for of_run in self.runs.values():
            if data["id"] not in of_run.messages:
                continue
            for part in data["delta"].get("content") or ():
                text = part.get("text") or {}
                if "value" in text:
                    of_run.pieces.setdefault(data["id"], []).append(text["value"])
                of_run.notes.setdefault(data["id"], []).extend(text.get("annotations") or ())

    def _of_run(self, run_id: str, thread_id: str) -> RunEvidence:
        of_run = self.runs.setdefault(run_id, RunEvidence(run_id))
        of_run.thread_id = of_run.thread_id or thread_id
        return of_run
