"""What was there before a recording began: threads with what was said in them, assistants, files and vector stores.

The rule: what a recording has not made, and yet speaks of, was there.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from .authors import Authors, Tell
from .evidence import Evidence, Json
from .exchanges import Exchange
from .lines import ASSISTANT_FIELDS, Line
from .runs import sendable
from .symbols import Symbols, resolved

TOOLS = ("code_interpreter", "file_search", "function")


class Before:
    """What was there, line by line, as it is met. `symbols`: those of the whole scenario."""

    def __init__(
        self, evidence: Evidence, authors: Authors, exchanges: Iterable[Exchange], symbols: Symbols, tell: Tell
    ) -> None:
        self._evidence = evidence
        self._authors = authors
        self._symbols = symbols
        self._tell = tell
        self._contents = {
            exchange.ids["file_id"]: exchange.response
            for exchange in exchanges
            if exchange.operation == "files.content" and exchange.went_well and exchange.response is not None
        }
        self.lines: list[Line] = []

    def meet_thread(self, thread_id: str) -> None:
        """A thread that nobody has made in the recording was there, with what had been said in it."""
        if thread_id in self._symbols:
            return
        thread = self._symbols.of("thread", thread_id)
        if thread_id in self._evidence.made:
            return
        metadata = self._evidence.first(thread_id).get("metadata")
        self.lines.append({"thread": thread, "id": thread_id} | ({"metadata": metadata} if metadata else {}))
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
        return line | {"thread": thread, "role": message.get("role", "user"), "content": content}

    def _symbol(self, id: str) -> str:
        kind = "file" if id.startswith(("file", "assistant-")) else "vector_store" if id.startswith("vs_") else None
        if kind is None or id in self._symbols:
            return self._symbols.known(id)
        symbol = self._symbols.of(kind, id)
        if id not in self._evidence.made:
            shown = self._evidence.first(id)
            known = ("filename", "purpose") if kind == "file" else ("name", "metadata")
            line: Line = {kind: symbol, "id": id} | {name: shown[name] for name in known if shown.get(name)}
            content = _content(self._contents.get(id))
            if content and "purpose" not in line:
                # The service let only those be downloaded that it had made itself.
                line["purpose"] = "assistants_output"
            self.lines.append(line | content)
        return symbol


def fields_of(assistant: Json) -> Line:
    """What a scenario holds of an assistant: what is not as it would be anyway."""
    defaults = {"temperature": 1.0, "top_p": 1.0, "response_format": "auto"}
    known = {**assistant, "tools": [tool for tool in assistant.get("tools") or () if tool["type"] in TOOLS]}
    return {name: known[name] for name in ASSISTANT_FIELDS if known.get(name) not in (None, [], {}, defaults.get(name))}


def _content(body: Any) -> Line:
    if body is None:
        return {}
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    # Of bytes that are no text a recording does not say what they were.
    return {} if "\ufffd" in text else {"text": text}
