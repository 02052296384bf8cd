"""A recorded conversation as a scenario: what was said stands in the requests, what was done in the answers."""

import logging
from collections.abc import Iterator
from typing import Any

from ..acts import Act, CallTools, Expire
from .acting import timed_acts_of
from .evidence import Evidence, Json, RunEvidence
from .exchanges import Exchange, Recording
from .lines import ASSISTANT_FIELDS, Line, act_line
from .runs import plain_content
from .scenario import Scenario
from .symbols import Symbols, resolved

_TOOLS = ("code_interpreter", "file_search", "function")
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
        self._start = min(_stamps(recording.exchanges), default=0)
        self._assistants: dict[str, Json] = {}
        self._begun: set[str] = set()
        self.there: list[Line] = []
        self.notes: list[str] = []

    def steps(self) -> Iterator[Line]:
        for exchange in self._exchanges:
            if not exchange.operation:
                self.notes.append(f"{exchange}: left out, it is nothing that a conversation is made of.")
            elif not exchange.went_well:
                self.notes.append(f"{exchange}: left out, it was refused: {_why(exchange)}")
            elif exchange.response is None and exchange.events is None:
                self.notes.append(f"{exchange}: left out, its answer was not recorded.")
            else:
                yield from self._of(exchange)

    def _of(self, exchange: Exchange) -> Iterator[Line]:
        at = self._offset(exchange)
        body: Json = exchange.request if isinstance(exchange.request, dict) else {}
        first = next(exchange.objects(), {})
        operation = exchange.operation
        if operation in ("assistants.create", "assistants.update"):
            self._assistants[first["id"]] = first
            unknown = sorted({tool["type"] for tool in first.get("tools") or ()} - set(_TOOLS))
            if unknown:
                self.notes.append(f"{exchange}: left out of its tools, version 2 has none such: {', '.join(unknown)}.")
        elif operation == "files.create":
            file = {"filename": first.get("filename", "file.txt"), "purpose": first.get("purpose", "assistants")}
            yield {"at": at, "file": self._symbols.of("file", first["id"]), **file}
        elif operation == "threads.create":
            yield from self._said(at, first["id"], body.get("messages"))
        elif operation == "messages.create":
            self._meet_thread(exchange.ids["thread_id"])
            yield from self._said(at, exchange.ids["thread_id"], [body])
        elif operation == "threads.create_and_run":
            run = next(item for item in exchange.objects() if item["object"] == "thread.run")
            self._symbols.of("thread", run["thread_id"])
            yield from self._said(at, run["thread_id"], (body.get("thread") or {}).get("messages"))
        elif operation == "runs.create":
            self._meet_thread(exchange.ids["thread_id"])
            yield from self._said(at, exchange.ids["thread_id"], body.get("additional_messages"))
        for item in exchange.objects():
            if item["object"] in ("thread.run", "thread.run.step"):
                yield from self._begin(item.get("run_id") or item["id"], at)

    def _said(self, at: float, thread_id: str, messages: Any) -> Iterator[Line]:
        thread = self._symbols.of("thread", thread_id)
        for message in messages or ():
            key = "user" if message.get("role", "user") == "user" else "as_assistant"
            line = {"at": at, "thread": thread, key: plain_content(message.get("content") or "")}
            attachments = {"attachments": message["attachments"]} if message.get("attachments") else {}
            yield self._named(line | attachments)

    def _begin(self, run_id: str, at: float) -> Iterator[Line]:
        """The whole run, where it is seen for the first time: what it did later is known by then."""
        if run_id in self._begun:
            return
        self._begun.add(run_id)
        evidence = self._evidence.runs[run_id]
        self._meet_thread(evidence.thread_id)
        yield from self._meet_assistant(str(evidence.last.get("assistant_id", "")), evidence, at)
        run = self._symbols.of("run", run_id)
        assistant = self._symbols.of("assistant", str(evidence.last.get("assistant_id", "")))
        yield {"at": at, "run": run, "thread": self._symbols.of("thread", evidence.thread_id), "assistant": assistant}
        for offset, act in _acts(evidence):
            at = at if offset is None else max(at, _seconds(int(offset) - self._start))
            yield self._named(act_line(at, run, act))
            if isinstance(act, CallTools) and all(call.id in evidence.outputs for call in act.calls):
                yield {"at": at, "run": run, "outputs": [evidence.outputs[call.id or ""] for call in act.calls]}
        ended = {"cancelling": "cancelled"}.get(evidence.last.get("status", ""), evidence.last.get("status"))
        if ended in ("completed", "failed", "incomplete", "expired", "cancelled", "requires_action"):
            stamps = [evidence.last.get(f"{word}_at") for word in ("completed", "failed", "cancelled", "incomplete")]
            known = [_seconds(stamp - self._start) for stamp in stamps if isinstance(stamp, int)]
            yield {"at": max([at, *known]), "run": run, "ends": ended}

    def _meet_thread(self, thread_id: str) -> None:
        """A thread that nobody has made in the recording was there before, with what clients had said in it."""
        if thread_id in self._symbols:
            return
        thread = self._symbols.of("thread", thread_id)
        if thread_id in self._evidence.made:
            return
        self.there.append({"thread": thread, "id": thread_id})
        messages = self._evidence.of_thread(thread_id, "thread.message")
        sent = sorted(messages, key=lambda message: message["created_at"])
        for message in sent:
            if message["id"] not in self._evidence.made and not message.get("run_id"):
                line: Line = {"message": self._symbols.of("message", message["id"]), "id": message["id"]}
                content = plain_content(message.get("content") or "")
                line |= {"thread": thread, "role": message.get("role", "user"), "content": content}
                self.there.append(self._named(line))

    def _meet_assistant(self, assistant_id: str, evidence: RunEvidence, at: float) -> Iterator[Line]:
        if assistant_id in self._symbols:
            return
        symbol = self._symbols.of("assistant", assistant_id)
        if assistant_id in self._evidence.made:
            shown = self._assistants.get(assistant_id) or self._evidence.first(assistant_id)
            yield {"at": at, "assistant": symbol, **self._named(_fields(shown))}
        else:
            shown = self._evidence.first(assistant_id) or {**evidence.last, "metadata": {}, "tool_resources": {}}
            self.there.append({"assistant": symbol, "id": assistant_id, **_fields(shown)})

    def _named(self, value: Any) -> Any:
        def symbol(id: str) -> str:
            kind = "file" if id.startswith(("file", "assistant-")) else "vector_store" if id.startswith("vs_") else None
            return self._symbols.known(id) if kind is None else self._symbols.of(kind, id)

        return resolved(value, symbol)

    def _offset(self, exchange: Exchange) -> float:
        first = next(exchange.objects(), {})
        stamp = first.get("created_at") if first.get("id") in self._evidence.made else None
        at = stamp if isinstance(stamp, int) else exchange.at
        return _seconds((at or self._start) - self._start)


def _acts(evidence: RunEvidence) -> list[tuple[float | None, Act]]:
    """What a run did; one that was cancelled did nothing more until then."""
    acts = timed_acts_of(evidence, chunks=False)
    cancelled = evidence.last.get("status") in ("cancelling", "cancelled")
    return [(at, act) for at, act in acts if not (cancelled and isinstance(act, Expire))]


def _fields(assistant: Json) -> Line:
    defaults = {"temperature": 1.0, "top_p": 1.0, "response_format": "auto"}
    known = {**assistant, "tools": [tool for tool in assistant.get("tools") or () if tool["type"] in _TOOLS]}
    return {name: known[name] for name in ASSISTANT_FIELDS if known.get(name) not in (None, [], {}, defaults.get(name))}


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


def _why(exchange: Exchange) -> str:
    error = exchange.response.get("error") if isinstance(exchange.response, dict) else None
    return str(error.get("message")) if isinstance(error, dict) else f"status {exchange.status}."
