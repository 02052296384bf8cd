"""What a fake has just played, as a scenario: read from the journals of its conversations."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from ..objects.assistants import Assistant
from ..objects.messages import Message, Thread
from ..objects.runs import Run
from ..states import FINAL
from ..timeline import Event
from ..world import World
from .lines import ASSISTANT_FIELDS, Line, act_line, content_of
from .runs import DELETED, sendable, taken_back_in
from .scenario import Scenario
from .symbols import Symbols, resolved

T = TypeVar("T")


def exported(world: World, there: Sequence[Any], start: float) -> Scenario:
    """The scenario of a world. `there`: what a test has put in place; `start`: the first instant."""
    return _Export(world, there, start).scenario()


class _Export:
    def __init__(self, world: World, there: Sequence[Any], start: float) -> None:
        self._world = world
        self._start = start
        self._symbols = Symbols()
        # The messages of a thread are told with it, and some were put in place by themselves.
        self._put = {item.id: item for item in there}
        self._conversations = world.all_conversations()
        self._taken_back = {id for one in self._conversations for id in taken_back_in(one.journal)}

    def scenario(self) -> Scenario:
        there = [_short(line) for item in self._put.values() for line in self._there(item)]
        return Scenario(list(self._steps()), there)

    def _there(self, item: Any) -> Iterator[Line]:
        symbols = self._symbols
        if isinstance(item, Assistant | Thread):
            yield from self._made_with(item)
        if isinstance(item, Assistant):
            yield {"assistant": symbols.of("assistant", item.id), "id": item.id, **_assistant_fields(item)}
        elif isinstance(item, Thread):
            held = self._named(_set(item, "metadata", "tool_resources"))
            yield {"thread": symbols.of("thread", item.id), "id": item.id, **held}
        elif isinstance(item, Message) and item.run_id is None:
            yield self._message(item)
        elif item.object == "file":
            line = {"file": symbols.of("file", item.id), "id": item.id, "filename": item.filename}
            yield line | _set(item, "purpose") | content_of(self._world.contents.get(item.id, b""))
        elif item.object == "vector_store":
            line = {"vector_store": symbols.of("vector_store", item.id), "id": item.id}
            yield line | _set(item, "name", "metadata") | self._files_in(item.id)

    def _made_with(self, item: Assistant | Thread) -> Iterator[Line]:
        """The vector stores that were made by the way when an assistant or a thread was put in place."""
        search = item.tool_resources.file_search
        for store_id in search.vector_store_ids if search else ():
            if store_id not in self._put and store_id in self._world.vector_stores:
                yield from self._there(self._world.vector_stores[store_id])

    def _files_in(self, store_id: str) -> Line:
        """The files of a store, as far as they were there before anybody uploaded any."""
        if store_id not in self._world.vector_stores:
            return {}
        there = [id for id in self._world.stores.shelf(store_id).files.objects if id in self._put]
        return {"file_ids": [self._symbols.of("file", id) for id in there]} if there else {}

    def _message(self, message: Message) -> Line:
        line: Line = {"message": self._symbols.of("message", message.id), "id": message.id}
        line["thread"] = self._symbols.of("thread", message.thread_id)
        content = self._named(sendable([part.model_dump() for part in message.content]))
        return line | {"role": message.role, "content": content} | _set(message, "attachments", "metadata")

    def _steps(self) -> Iterator[Line]:
        events = [
            event
            for conversation in self._conversations
            for event in conversation.journal
            if not (isinstance(event.data, Message) and event.data.id in self._taken_back)
            # One that was there is named, as it has to be there again to be deleted.
            or (event.name == DELETED and event.data.id in self._put)
        ]
        latest = self._start
        for event in sorted(events, key=lambda event: event.number):
            # A client's message has whole seconds only, and yet comes after what was before.
            latest = max(latest, event.at)
            yield from self._told(_seconds(latest - self._start), event)

    def _told(self, at: float, event: Event) -> Iterator[Line]:
        data = event.data
        if isinstance(data, Message):
            if event.name == "thread.message.created" and data.run_id is None and data.id not in self._put:
                yield self._said(at, data)
            elif event.name == DELETED and data.id in self._taken_back and data.id in self._put:
                thread, message = self._symbols.of("thread", data.thread_id), self._symbols.known(data.id)
                yield {"at": at, "thread": thread, "deleted": message}
        elif isinstance(data, Run):
            if event.name == "thread.run.created":
                yield from self._begun(at, data)
            elif data.id in self._symbols and data.status in FINAL:
                yield {"at": at, "run": self._symbols.known(data.id), "ends": data.status}
        elif event.name in ("act", "outputs") and data[0] in self._symbols:
            run = self._symbols.known(data[0])
            if event.name == "outputs":
                yield {"at": at, "run": run, "outputs": list(data[1])}
            else:
                yield self._named(act_line(at, run, data[1]))

    def _said(self, at: float, message: Message) -> Line:
        content = self._named(sendable([part.model_dump() for part in message.content]))
        key = "user" if message.role == "user" else "as_assistant"
        line = {"at": at, "thread": self._symbols.of("thread", message.thread_id), key: content}
        return line | self._named(_set(message, "attachments"))

    def _begun(self, at: float, run: Run) -> Iterator[Line]:
        if run.assistant_id not in self._symbols:
            assistant = self._world.assistants.get(run.assistant_id)
            fields = _assistant_fields(assistant) if assistant else {"model": run.model}
            symbol = self._symbols.of("assistant", run.assistant_id)
            yield {"at": at, "assistant": symbol, **self._named(fields)}
        yield {
            "at": at,
            "run": self._symbols.of("run", run.id),
            "thread": self._symbols.of("thread", run.thread_id),
            "assistant": self._symbols.known(run.assistant_id),
        }

    def _named(self, value: T) -> T:
        named: T = resolved(value, self._symbol)
        return named

    def _symbol(self, id: str) -> str:
        kind = "file" if id in self._world.files else "vector_store" if id in self._world.vector_stores else None
        return self._symbols.known(id) if kind is None else self._symbols.of(kind, id)


def _short(line: Line) -> Line:
    """A line without an id that is its symbol anyway."""
    symbol = next(iter(line.values()))
    return {key: value for key, value in line.items() if key != "id" or value != symbol}


def _assistant_fields(assistant: Assistant) -> Line:
    return _set(assistant, *ASSISTANT_FIELDS)


def _set(item: Any, *names: str) -> Line:
    """Those of an object's fields that are not what they would be anyway."""
    fields, dumped = type(item).model_fields, item.model_dump()
    return {
        name: dumped[name]
        for name in names
        if dumped[name] != fields[name].get_default(call_default_factory=True) and dumped[name] not in ({}, [], None)
    }


def _seconds(offset: float) -> float:
    rounded = round(offset, 3)
    return int(rounded) if rounded == int(rounded) else rounded
