"""A recorded conversation as a scenario: what was said stands in the requests, what was done in the answers."""

import logging
from collections.abc import Iterable, Iterator
from itertools import zip_longest

from ..acts import Act, CallTools, Expire, Measure
from ..secrets import redact
from .acting import timed_acts_of
from .authors import Authors
from .before import TOOLS, Before, fields_of
from .doubts import doubts, shared_ids, why_left_out
from .evidence import FAULTS, Evidence, Json, RunEvidence, fault, second_of
from .exchanges import ASKED_ON, Exchange, Recording
from .lines import ENDS, Line, act_line
from .runs import BEGUN, DELETED, SAID, taken_back
from .saying import Saying
from .scenario import Scenario
from .symbols import Symbols

log = logging.getLogger("openai_fake")


def imported(recording: Recording) -> Scenario:
    """The scenario of a recording. What could not be understood is logged, and kept in its `notes`.

    Where nothing was said and nothing was run, that is a note, and there are no steps.
    """
    made = _Import(recording)
    steps = list(made.steps())
    if not steps:
        made.notes.append("there is no conversation in it.")
    scenario = Scenario(steps, made.there, ", ".join(recording.parts) or recording.name)
    scenario.notes = tuple(made.notes)
    for note in made.notes if steps else ():
        log.warning("%s: %s", recording.name, note)
    return scenario


class _Import:
    def __init__(self, recording: Recording) -> None:
        self._exchanges = recording.exchanges
        self._evidence = Evidence.of(recording.exchanges)
        self._symbols = Symbols()
        self._authors = Authors(self._evidence, recording.exchanges)
        self._before = Before(self._evidence, self._authors, recording.exchanges, self._symbols, self._tell)
        self._saying = Saying(self._authors, self._before, self._symbols, self._tell)
        self._start = min(_stamps(recording.exchanges), default=0)
        self._assistants: dict[str, Json] = {}
        self._begun: set[str] = set()
        self._asked_on = {exchange.number for exchange in recording.exchanges if exchange.origin == ASKED_ON}
        self._taken_back = taken_back(_happened(recording.exchanges, self._authors))
        self.there = self._before.lines
        self.notes = [redact(told) for told in shared_ids(recording.exchanges)]

    def steps(self) -> Iterator[Line]:
        for exchange in self._exchanges:
            self._current = exchange
            left_out = why_left_out(exchange)
            if left_out is None and exchange.number in self._evidence.broken:
                left_out = f"it cannot be understood: {self._evidence.broken[exchange.number]}."
            if left_out is not None:
                self._note(exchange, f"left out, {left_out}")
                continue
            for doubt in doubts(exchange, self._evidence):
                self._note(exchange, doubt)
            try:
                yield from list(self._of(exchange))
            except FAULTS as error:
                self._note(exchange, f"left out, it cannot be understood: {fault(error)}.")
        yield from self._saying.by_others(self._written)

    def _tell(self, told: str, id: str) -> None:
        """Note what is not certain at the exchange that has shown it first."""
        shown = self._evidence.seen[id][0][0] if id in self._evidence.seen else self._current.number
        self._note(next(exchange for exchange in self._exchanges if exchange.number == shown), told)

    def _note(self, exchange: Exchange, told: str) -> None:
        self.notes.append(redact(f"{exchange}: {told}"))

    def _of(self, exchange: Exchange) -> Iterator[Line]:
        at = self._offset(exchange)
        body = exchange.asked
        first = next(exchange.objects(), {})
        operation = exchange.operation
        if operation in ("assistants.create", "assistants.update"):
            self._assistants[first["id"]] = first
            unknown = sorted({tool["type"] for tool in first.get("tools") or ()} - set(TOOLS))
            if unknown:
                self._note(exchange, f"left out of its tools, version 2 has none such: {', '.join(unknown)}.")
        elif operation == "files.create":
            file = {"filename": first.get("filename", "file.txt"), "purpose": first.get("purpose", "assistants")}
            yield {"at": at, "file": self._symbols.of("file", first["id"]), **file}
        elif operation == "threads.create":
            given = zip_longest(body.get("messages") or (), self._authors.given.get(exchange.number, ()))
            kept = [message for message, id in given if id not in self._taken_back]
            yield from self._saying.by_client(at, first["id"], kept)
        elif operation == "messages.create":
            self._before.meet_thread(exchange.ids["thread_id"])
            yield from self._saying.by_others_before(exchange.ids["thread_id"], str(first.get("id")), self._written)
            if first.get("id") not in self._taken_back:
                said = body if "content" in body else {**first, "content": first["content"]}
                yield from self._saying.by_client(at, exchange.ids["thread_id"], [said])
        elif operation == "messages.delete":
            yield from self._take_out(exchange, at)
        elif operation == "threads.create_and_run":
            thread_id = next(item["thread_id"] for item in [*exchange.objects(), {}] if item.get("object") != "thread")
            self._symbols.of("thread", thread_id)
            yield from self._saying.by_client(at, thread_id, (body.get("thread") or {}).get("messages"))
        elif operation == "runs.create":
            self._before.meet_thread(exchange.ids["thread_id"])
            yield from self._saying.by_client(at, exchange.ids["thread_id"], body.get("additional_messages"))
        self._before.meet_files(exchange.ids)
        for item in exchange.objects():
            if item["object"] in ("thread.run", "thread.run.step"):
                yield from self._begin(exchange, item.get("run_id") or item["id"], at)

    def _take_out(self, exchange: Exchange, at: float) -> Iterator[Line]:
        """A message that is deleted before any run could read it."""
        thread_id, message_id = exchange.ids["thread_id"], exchange.ids["message_id"]
        if any(self._evidence.runs[run_id].thread_id == thread_id for run_id in self._begun):
            return
        self._before.meet_thread(thread_id)
        if message_id in self._symbols:
            thread = self._symbols.of("thread", thread_id)
            yield {"at": at, "thread": thread, "deleted": self._symbols.known(message_id)}
        elif message_id not in self._evidence.seen:
            self._note(exchange, "what it had said was never shown: it is still said, if it was.")

    def _begin(self, exchange: Exchange, run_id: str, at: float) -> Iterator[Line]:
        """The whole run, where it is seen for the first time: what it did later is known by then."""
        if run_id in self._begun:
            return
        self._begun.add(run_id)
        if self._evidence.is_old(run_id):
            self._note(exchange, f"{run_id} was over before; what it had said is there, the run itself is left out.")
            return
        evidence = self._evidence.runs[run_id]
        self._before.meet_thread(evidence.thread_id)
        self._before.tell_what_is_missing(evidence.thread_id)
        yield from self._meet_assistant(str(evidence.last.get("assistant_id", "")), evidence, at)
        run = self._symbols.of("run", run_id)
        assistant = self._symbols.of("assistant", str(evidence.last.get("assistant_id", "")))
        yield from self._saying.by_others_before_run(evidence.thread_id, evidence, self._written)
        yield {"at": at, "run": run, "thread": self._symbols.of("thread", evidence.thread_id), "assistant": assistant}
        acts = _acts(evidence)
        for number, (offset, act) in enumerate(acts):
            at = at if offset is None else max(at, _seconds(int(offset) - self._start))
            yield self._before.named(act_line(at, run, act))
            if isinstance(act, CallTools):
                goes_on = any(not isinstance(later, Measure | Expire) for _, later in acts[number + 1 :])
                yield from self._outputs(exchange, run, evidence, act, at, goes_on)
        yield from self._end(exchange, run, evidence, at)

    def _outputs(
        self, exchange: Exchange, run: str, evidence: RunEvidence, act: CallTools, at: float, goes_on: bool
    ) -> Iterator[Line]:
        known = [evidence.outputs.get(call.id or "") for call in act.calls]
        if None in known and goes_on:
            names = ", ".join(call.name for call, output in zip(act.calls, known, strict=True) if output is None)
            self._note(exchange, f'what {names} gave was not recorded: nothing ("") stands in its place in {run}.')
        if None not in known or goes_on:
            yield {"at": at, "run": run, "outputs": [output or "" for output in known]}

    def _end(self, exchange: Exchange, run: str, evidence: RunEvidence, at: float) -> Iterator[Line]:
        last = evidence.last.get("status")
        ended = {"cancelling": "cancelled"}.get(last or "", last)
        seen = [run.get("status") for number, run in evidence.sightings if number not in self._asked_on]
        if ended in ENDS and last not in seen:
            # The client went away before, and so it does in the replay.
            return
        if ended in ENDS:
            stamps = [evidence.last.get(f"{word}_at") for word in ("completed", "failed", "cancelled", "incomplete")]
            known = [_seconds(stamp - self._start) for stamp in stamps if isinstance(stamp, int)]
            yield {"at": max([at, *known]), "run": run, "ends": ended}
        else:
            shown = f"was last seen {last!r}" if last else "was never shown"
            self._note(exchange, f"{run} {shown}: how it ended is not known, and its replay completes it.")

    def _meet_assistant(self, assistant_id: str, evidence: RunEvidence, at: float) -> Iterator[Line]:
        if assistant_id in self._symbols:
            return
        shown = self._assistants.get(assistant_id) or self._evidence.first(assistant_id)
        if assistant_id in self._evidence.made:
            symbol = self._symbols.of("assistant", assistant_id)
            yield {"at": at, "assistant": symbol, **self._before.named(fields_of(shown))}
        else:
            as_its_run_has_it = {**evidence.last, "metadata": {}, "tool_resources": {}}
            self._before.meet_assistant(assistant_id, self._evidence.first(assistant_id) or as_its_run_has_it)

    def _written(self, message: Json) -> float:
        return _seconds((second_of(message) or self._start) - self._start)

    def _offset(self, exchange: Exchange) -> float:
        first = next(exchange.objects(), {})
        stamp = first.get("created_at") if first.get("id") in self._evidence.made else None
        at = stamp if isinstance(stamp, int) else exchange.at
        return _seconds((at or self._start) - self._start)


def _happened(exchanges: Iterable[Exchange], authors: Authors) -> Iterator[tuple[str, str, str]]:
    """What clients did that bears on whether a run could read their messages."""
    for exchange in exchanges:
        thread = exchange.ids.get("thread_id", "")
        if not exchange.went_well:
            continue
        for id in authors.given.get(exchange.number, ()) if exchange.operation == "threads.create" else ():
            yield str(next(exchange.objects(), {}).get("id")), SAID, str(id)
        if exchange.operation == "messages.create":
            yield thread, SAID, str(next(exchange.objects(), {}).get("id"))
        elif exchange.operation == "messages.delete":
            yield thread, DELETED, exchange.ids["message_id"]
        elif exchange.operation == "runs.create":
            yield thread, BEGUN, ""


def _acts(evidence: RunEvidence) -> list[tuple[float | None, Act]]:
    """What a run did; one that was cancelled did nothing more until then."""
    acts = timed_acts_of(evidence, chunks=False)
    cancelled = evidence.last.get("status") in ("cancelling", "cancelled")
    return [(at, act) for at, act in acts if not (cancelled and isinstance(act, Expire))]


def _stamps(exchanges: tuple[Exchange, ...]) -> Iterator[int]:
    made = {id for exchange in exchanges for id in Evidence.of([exchange]).made}
    for exchange in exchanges:
        if exchange.at is not None:
            yield exchange.at
        for item in exchange.objects():
            if item["id"] in made and isinstance(item.get("created_at"), int):
                yield item["created_at"]


def _seconds(offset: float) -> float:
    return max(0, int(offset) if offset == int(offset) else round(offset, 3))
