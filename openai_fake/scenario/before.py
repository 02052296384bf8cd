"""What was there before a recording began: threads with what was said in them, assistants, files and vector stores.

The rule: what a recording has not made, and yet speaks of, was there.
"""

import json
from collections.abc import Container, Mapping, Sequence
from contextlib import suppress
from typing import Any

from .authors import Authors, Tell
from .evidence import FAULTS, Evidence, Json
from .exchanges import Exchange
from .lines import ASSISTANT_FIELDS, Line, content_of
from .runs import sendable
from .symbols import Symbols, resolved

TOOLS = ("code_interpreter", "file_search", "function")


class Before:
    """What was there, line by line, as it is met. `symbols`: those of the whole scenario."""

    def __init__(
        self, evidence: Evidence, authors: Authors, exchanges: Sequence[Exchange], symbols: Symbols, tell: Tell
    ) -> None:
        self._evidence = evidence
        self._authors = authors
        self._symbols = symbols
        self._tell = tell
        self._contents = {
            exchange.ids["file_id"]: exchange
            for exchange in exchanges
            if exchange.operation == "files.content" and exchange.went_well
        }
        self._put_in = {id for exchange in exchanges for id in _put_in(exchange)}
        self._made_by_the_way = {id for exchange in exchanges for id in _stores_made_by_the_way(exchange)}
        self._told: set[str] = set()
        self.lines: list[Line] = []

    def meet_thread(self, thread_id: str) -> None:
        """A thread that nobody has made in the recording was there, with what had been said in it."""
        if thread_id in self._symbols:
            return
        thread = self._symbols.of("thread", thread_id)
        if thread_id in self._evidence.made:
            return
        shown = self._held(self._evidence.first(thread_id), "metadata", "tool_resources")
        self.lines.append({"thread": thread, "id": thread_id} | self.named(shown))
        runs = self._authors.runs_on(thread_id)
        for message in self._authors.others(thread_id):
            if not runs or self._authors.comes_before(message, runs[0], self._tell):
                self.lines.append(self.named(self._message(thread, message)))

    def meet_assistant(self, assistant_id: str, shown: Json) -> None:
        """An assistant that nobody has made in the recording was there."""
        symbol = self._symbols.of("assistant", assistant_id)
        self.lines.append({"assistant": symbol, "id": assistant_id, **self.named(fields_of(shown))})

    def meet_files(self, ids: Mapping[str, str]) -> None:
        """A file or a vector store that was asked for, and that nobody has made in the recording, was there."""
        for key in ("file_id", "vector_store_id"):
            if key in ids:
                self._symbol(ids[key])

    def named(self, value: Any) -> Any:
        """A JSON value with symbols in the place of the ids of files and vector stores."""
        return resolved(value, self._symbol)

    def _message(self, thread: str, message: Json) -> Line:
        line: Line = {"message": self._symbols.of("message", message["id"]), "id": message["id"]}
        content = sendable(message.get("content") or "")
        line |= {"thread": thread, "role": message.get("role", "user"), "content": content}
        return line | self._held(message, "attachments", "metadata")

    def _held(self, shown: Json, *names: str) -> Line:
        """Those fields of an object that are set, without the files that were uploaded only later."""
        known = ((name, _without(shown.get(name), self._evidence.made)) for name in names)
        return {name: value for name, value in known if value}

    def tell_what_is_missing(self, thread_id: str) -> None:
        """Note what is not known of a thread that was there, once."""
        if thread_id in self._told | self._evidence.made:
            return
        self._told.add(thread_id)
        if not self._evidence.first(thread_id):
            self._tell(f"{thread_id} was there before: its metadata and tool_resources were never shown.", thread_id)
        if thread_id not in self._evidence.whole:
            self._tell(f"{thread_id} was there before: all that had been said in it was never shown.", thread_id)

    def _content(self, file_id: str) -> Line:
        """What was downloaded of a file, byte for byte if it can be."""
        exchange = self._contents.get(file_id)
        if exchange is None or (exchange.content is None and exchange.response is None):
            return {}
        if exchange.content is not None:
            return content_of(exchange.content)
        if isinstance(exchange.response, str) and "\ufffd" in exchange.response:
            self._tell(f"what {file_id} held are bytes that were not kept: it is empty.", file_id)
            return {}
        if isinstance(exchange.response, str):
            return {"text": exchange.response}
        self._tell(f"what {file_id} held was kept as JSON: it may have been written otherwise.", file_id)
        return {"text": json.dumps(exchange.response, ensure_ascii=False)}

    def _files_in(self, store_id: str) -> Line:
        """The files of a store, but for those that the recording has put there."""
        in_it = self._evidence.in_stores.get(store_id, {})
        listed = [item["id"] for item in self._evidence.listed("vector_stores.files.list")]
        found = dict.fromkeys([*(id for id in listed if id in in_it), *in_it])
        ids = [id for id in found if id not in self._put_in | self._evidence.made]
        total = (self._evidence.first(store_id).get("file_counts") or {}).get("total")
        if store_id not in self._evidence.whole | self._made_by_the_way and total != 0:
            self._tell(f"{store_id} was there before: the files in it were never shown.", store_id)
        return {"file_ids": list(map(self._symbol, ids))} if ids else {}

    def _symbol(self, id: str) -> str:
        kind = "file" if id.startswith(("file", "assistant-")) else "vector_store" if id.startswith("vs_") else None
        if kind is None or id in self._symbols:
            return self._symbols.known(id)
        symbol = self._symbols.of(kind, id)
        if id not in self._evidence.made:
            shown = self._evidence.first(id)
            known = ("filename", "purpose") if kind == "file" else ("name", "metadata")
            line: Line = {kind: symbol, "id": id} | {name: shown[name] for name in known if shown.get(name)}
            content = self._content(id)
            if content and "purpose" not in line:
                # The service let only those be downloaded that it had made itself.
                line["purpose"] = "assistants_output"
            self.lines.append(line | content | (self._files_in(id) if kind == "vector_store" else {}))
        return symbol


def fields_of(assistant: Json) -> Line:
    """What a scenario holds of an assistant: what is not as it would be anyway."""
    defaults = {"temperature": 1.0, "top_p": 1.0, "response_format": "auto"}
    known = {**assistant, "tools": [tool for tool in assistant.get("tools") or () if tool["type"] in TOOLS]}
    return {name: known[name] for name in ASSISTANT_FIELDS if known.get(name) not in (None, [], {}, defaults.get(name))}


def _put_in(exchange: Exchange) -> list[str]:
    """The files that a request puts into a vector store that is there."""
    body = exchange.asked if exchange.went_well else {}
    if exchange.operation == "vector_stores.files.create":
        return [str(body.get("file_id"))]
    given = body.get("file_ids") if exchange.operation == "vector_stores.file_batches.create" else None
    return list(map(str, given)) if isinstance(given, list) else []


def _stores_made_by_the_way(exchange: Exchange) -> list[str]:
    """The vector stores that a request for an assistant or a thread has asked for: what is in them stands there."""
    with suppress(*FAULTS):
        sides = (exchange.request, exchange.response)
        asked, got = (side["tool_resources"]["file_search"] for side in sides)
        return list(got["vector_store_ids"]) if asked["vector_stores"] else []
    return []


def _without(value: Any, ids: Container[str]) -> Any:
    """A JSON value without the ids in its lists, and without what is empty then."""
    if isinstance(value, list):
        kept = [_without(inner, ids) for inner in value]
        return [inner for inner in kept if not (isinstance(inner, str) and inner in ids)]
    if isinstance(value, dict):
        pairs = ((name, _without(inner, ids)) for name, inner in value.items())
        return {name: inner for name, inner in pairs if inner not in ({}, [], None)}
    return value
