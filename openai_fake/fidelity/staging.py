"""Puts in place what a recording takes for granted: objects that were made before its first request.

The rule: an object is put in place as it was first shown, and under its recorded id.
"""

import json
import re
from collections.abc import Container, Mapping
from typing import Any, TypeVar

from ..acts import CallTools, ToolCall
from ..conditions import When
from ..conversation import Conversation
from ..objects.assistants import Assistant
from ..objects.base import Wire
from ..objects.files import File
from ..objects.messages import Message, Thread
from ..objects.runs import Run
from ..objects.steps import RunStep
from ..objects.vector_stores import VectorStore
from ..profiles import NO_FILES
from ..scenario.acting import acts_of, calls_of
from ..scenario.evidence import Evidence, Json, RunEvidence
from ..scenario.exchanges import Exchange
from ..script import Script
from ..states import ACTIVE
from ..world import World
from .names import Names

W = TypeVar("W", bound=Wire)

_FAR = 4_102_444_800
"""2100-01-01T00:00:00Z: later than whatever was recorded."""

_ABSENT = re.compile(r"No .* found with id '([^']*)'|No such \w+ object: (\S+)")


class Staging:
    """Knows what a recording shows of each object, and puts it into a world when it is first needed."""

    def __init__(self, world: World, evidence: Evidence, names: Names) -> None:
        self._world = world
        self._evidence = evidence
        self._names = names
        self._staged: set[str] = set()
        self._accounts = {
            "assistants.list": self._put_assistant,
            "files.list": self._put_file,
            "vector_stores.list": self._put_store,
        }

    def begin(self) -> None:
        """Put in place what an account's lists show and no request of the recording has made."""
        for operation, put in self._accounts.items():
            for item in self._evidence.listed(operation):
                self._needs(item["id"], (), put)

    def prepare(self, exchange: Exchange) -> None:
        """Put everything in place that a request needs to be there."""
        absent = _absent(exchange)
        ids = exchange.ids
        body = exchange.asked
        for id in (ids.get("assistant_id"), body.get("assistant_id")):
            self._needs(id, self._world.assistants, self._put_assistant, absent)
        self._needs(ids.get("thread_id"), self._world.conversations, self._put_thread, absent)
        conversation = self._world.conversations.get(self._names.fake(ids.get("thread_id", "")))
        if conversation is not None:
            runs, run_id = conversation.runs, self._names.fake(ids.get("run_id", ""))
            self._needs(ids.get("run_id"), runs, lambda id: self._put_run(conversation, id, exchange), absent)
            messages = conversation.messages
            self._needs(ids.get("message_id"), messages, lambda id: self._put_message(conversation, id), absent)
            if run_id in runs:
                steps = conversation.steps(run_id)
                self._needs(ids.get("step_id"), steps, lambda id: self._put_step(conversation, run_id, id), absent)
            if exchange.operation == "runs.create" and exchange.went_well:
                self._give_it_something_to_run_on(conversation, body)
        self._needs(ids.get("file_id"), self._world.files, self._put_file, absent)
        self._needs(ids.get("vector_store_id"), self._world.vector_stores, self._put_store, absent)
        if exchange.operation == "files.content" and exchange.went_well:
            # A recording of an upload does not keep the bytes; one of a download does.
            self._world.contents[self._names.fake(ids["file_id"])] = _bytes(exchange.response)
        if exchange.operation in self._accounts and exchange.went_well:
            self._fill(exchange)

    def _needs(self, id: str | None, there: Container[str], put: Any, absent: Container[str] = ()) -> None:
        """Put an object in place, once, unless it is there, was made by the recording, or was absent then, too."""
        if not id or id in self._staged or id in self._evidence.made or id in absent:
            return
        if self._names.fake(id) not in there:
            self._staged.add(id)
            put(id)
            self._names.bind(id, self._world.ids.reserve(id))

    def _put_assistant(self, id: str) -> None:
        shown = self._evidence.first(id) or self._as_its_runs_show_it(id)
        self._world.assistants.put(wire(Assistant, shown, id=id, created_at=self._now, model="gpt-4o"))

    def _as_its_runs_show_it(self, id: str) -> Json:
        for evidence in self._evidence.runs.values():
            run = evidence.sightings[0][1] if evidence.sightings else {}
            if run.get("assistant_id") == id:
                shared = ("model", "instructions", "tools", "temperature", "top_p", "reasoning_effort", "created_at")
                return {key: run[key] for key in shared if key in run}
        return {}

    def _put_thread(self, id: str) -> None:
        thread = wire(Thread, self._evidence.first(id), id=id, created_at=self._now)
        conversation = self._world.conversations[id] = Conversation(thread)
        for run in self._evidence.of_thread(id, "thread.run"):
            if self._evidence.runs[run["id"]].made_by is None and run["status"] not in ACTIVE:
                self._needs(run["id"], conversation.runs, lambda run_id: self._put_run(conversation, run_id))
        for message in self._evidence.messages_of(id):
            if self._was_before(message):
                there = conversation.messages
                self._needs(message["id"], there, lambda message_id: self._put_message(conversation, message_id))

    def _was_before(self, message: Json) -> bool:
        """Whether a message was made neither by a recorded request nor by a run that is still to be played."""
        evidence = self._evidence.runs.get(message.get("run_id") or "")
        if evidence is not None and (evidence.made_by is not None or evidence.sightings):
            return evidence.made_by is None and evidence.sightings[0][1]["status"] not in ACTIVE
        return message["id"] not in self._evidence.made

    def _give_it_something_to_run_on(self, conversation: Conversation, body: Json) -> None:
        """A run that was taken had a user message or instructions, whether they were shown or not."""
        assistant = self._world.assistants.get(self._names.fake(body["assistant_id"]))
        instructed = body.get("instructions") or (assistant and assistant.instructions)
        if conversation.last_user_message is None and not instructed and not body.get("additional_messages"):
            self._put_message(conversation, self._world.ids.make("message"))

    def _put_message(self, conversation: Conversation, id: str) -> None:
        shown = self._evidence.first(id)
        content: Any = [{"type": "text", "text": {"value": "", "annotations": []}}]
        blank = {"id": id, "created_at": self._now, "thread_id": conversation.id, "role": "user", "content": content}
        conversation.put_message(wire(Message, shown, **blank))

    def _put_run(self, conversation: Conversation, id: str, exchange: Exchange | None = None) -> None:
        evidence = self._evidence.runs.get(id, RunEvidence(id))
        shown = dict(evidence.sightings[0][1]) if evidence.sightings else {}
        if exchange is not None:
            shown |= _status_before(exchange, shown)
        assistant_id = shown.get("assistant_id") or "asst_000000000000000000000000"
        blank = {"id": id, "created_at": self._now, "expires_at": self._now + 600, "model": "gpt-4o"}
        run = wire(Run, shown, **blank, thread_id=conversation.id, assistant_id=assistant_id)
        run = run.with_changes(required_action=None, assistant_id=self._names.fake(run.assistant_id))
        waiting = _calls(evidence, exchange) if run.status == "requires_action" else ()
        if run.status in ACTIVE:
            acts = self._names.translated(acts_of(evidence))
            asked = [number for number, act in enumerate(acts) if isinstance(act, CallTools)] if waiting else []
            rest = acts[asked[0] + 1 :] if asked and evidence.phases else acts
            self._world.book.add(Script(tuple(rest), When(when=lambda view: view.id == id), optional=True))
        self._world.place_run(conversation, run, waiting)
        if run.status not in ACTIVE:
            for step in sorted(
                evidence.steps.values(), key=lambda item: (item["created_at"], evidence.place[item["id"]])
            ):
                self._needs(step["id"], conversation.steps(id), lambda one: self._put_step(conversation, id, one))

    def _put_step(self, conversation: Conversation, run_id: str, id: str) -> None:
        run = conversation.runs[run_id]
        details = {"type": "message_creation", "message_creation": {"message_id": "msg_000000000000000000000000"}}
        blank = {"id": id, "created_at": self._now, "run_id": run_id, "assistant_id": run.assistant_id}
        blank |= {"thread_id": conversation.id, "type": "message_creation", "step_details": details}
        conversation.put_step(wire(RunStep, self._evidence.first(id), **blank))

    def _put_file(self, id: str) -> None:
        blank: Any = {"filename": "file.txt", "bytes": 0, "purpose": "assistants_output"}
        file = wire(File, self._evidence.first(id), id=id, created_at=self._now, **blank)
        self._world.contents[id] = b" " * file.bytes
        self._world.files.put(file)

    def _put_store(self, id: str) -> None:
        self._world.vector_stores.put(wire(VectorStore, self._evidence.first(id), id=id, created_at=self._now))

    def _fill(self, exchange: Exchange) -> None:
        """What an account's list shows beyond the recording: objects of others, and that there are more of them."""
        kind = exchange.operation.partition(".")[0]
        put = self._accounts[exchange.operation]
        newest_first, data = dict(exchange.query).get("order") != "asc", exchange.response["data"]
        cursor = dict(exchange.query).get("after") or dict(exchange.query).get("before")
        collection: Any = getattr(self._world, kind)
        if cursor and data:
            self._evidence.seen.setdefault(cursor, [(exchange.number, {**data[0], "id": cursor})])
            self._needs(cursor, collection, put)
        if exchange.response.get("has_more") and data:
            filler = {**data[-1], "id": f"{kind}_beyond", "created_at": 1 if newest_first else _FAR}
            collection.put(wire(type(collection.newest()), filler))
        elif f"{kind}_beyond" in collection:
            collection.remove(f"{kind}_beyond")

    @property
    def _now(self) -> int:
        return self._world.clock.timestamp


def wire(kind: type[W], shown: Mapping[str, Any], /, **blank: Any) -> W:
    """An object as it was shown, without what the model does not know; `blank` is what stands where nothing was."""
    fields = kind.model_fields
    known = {
        key: value
        for key, value in shown.items()
        if key in fields and (value is not None or fields[key].default is None)
    }
    if known.get("tool_resources") == NO_FILES and kind is not Assistant:
        # How the service shows "none" in some places.
        known["tool_resources"] = {}
    return kind.model_validate({**blank, **known})


def _bytes(body: Any) -> bytes:
    return body.encode() if isinstance(body, str) else b"" if body is None else json.dumps(body).encode()


def _absent(exchange: Exchange) -> set[str]:
    """The ids that an answer says are not there."""
    told = exchange.refusal if exchange.status == 404 else None
    return {id for found in _ABSENT.findall(told or "") for id in found if id}


def told_status(exchange: Exchange) -> str | None:
    """The status of a run that a refusal names."""
    found = re.search(r"status ['\"](\w+)['\"]", exchange.refusal or "")
    return found[1] if found else None


def _status_before(exchange: Exchange, shown: Json) -> Json:
    """The status a run must have had for a request about it to be answered as it was."""
    if exchange.operation == "runs.submit_tool_outputs" and exchange.went_well:
        return {"status": "requires_action"}
    if exchange.operation == "runs.cancel" and exchange.went_well:
        return {"status": "in_progress", "cancelled_at": None}
    told = told_status(exchange)
    if told is not None:
        return {"status": told}
    return {} if shown else {"status": "completed"}


def _calls(evidence: RunEvidence, exchange: Exchange | None) -> tuple[ToolCall, ...]:
    if evidence.phases:
        return calls_of(evidence.phases[0]).calls
    sent = exchange.asked.get("tool_outputs") or () if exchange else ()
    return tuple(ToolCall("function", "{}", output.get("tool_call_id")) for output in sent) or (
        ToolCall("function", "{}"),
    )
