"""A scenario cut into its runs: what had been said before each, what it does, and how it ended."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..timeline import Event
from .lines import Line, kind_of

Said = tuple[str, Any]
"""A message of a client: its role, and its text or content parts."""

SAID, DELETED, BEGUN = "thread.message.created", "thread.message.deleted", "thread.run.created"
"""What bears on whether a run could read a message, by the name that a journal has for it."""


@dataclass
class ScenarioRun:
    """One run of a scenario. `said`: all that clients had said in its thread by then, oldest first."""

    run: str
    thread: str
    assistant: str
    said: list[Said]
    lines: list[Line] = field(default_factory=list)
    ends: str | None = None


def runs_of(there: tuple[Line, ...], steps: tuple[Line, ...]) -> list[ScenarioRun]:
    """The runs of a scenario, in the order they were started."""
    said: dict[str, list[Said]] = {}
    left_out = taken_back(_happened(there, steps))
    for line in there:
        if "message" in line and line.get("role", "user") is not None and line["message"] not in left_out:
            said.setdefault(line["thread"], []).append((line.get("role", "user"), line.get("content", "")))
    runs: dict[str, ScenarioRun] = {}
    for step in steps:
        kind = kind_of(step)
        if kind in ("user", "as_assistant"):
            said.setdefault(step["thread"], []).append(("user" if kind == "user" else "assistant", step[kind]))
        elif kind == "run":
            before = list(said.get(step["thread"], ()))
            runs[step["run"]] = ScenarioRun(step["run"], step["thread"], step["assistant"], before)
        elif kind == "ends":
            runs[step["run"]].ends = step["ends"]
        elif kind in ("act", "outputs"):
            runs[step["run"]].lines.append(step)
    return list(runs.values())


def _happened(there: Iterable[Line], steps: Iterable[Line]) -> Iterator[tuple[str, str, str]]:
    for line in there:
        if "message" in line:
            yield line["thread"], SAID, line["message"]
    for step in steps:
        if "thread" in step and kind_of(step) in ("deleted", "run"):
            yield step["thread"], DELETED if "deleted" in step else BEGUN, step.get("deleted", "")


def taken_back(happened: Iterable[tuple[str, str, str]]) -> set[str]:
    """The ids of messages that were deleted again before any run of their thread could read them.

    `happened`: a thread, what happened in it (`SAID`, `DELETED` or `BEGUN`), and a message's id (or any), in order.
    """
    fresh: dict[str, set[str]] = {}
    found: set[str] = set()
    for thread, what, id in happened:
        of_thread = fresh.setdefault(thread, set())
        if what == SAID:
            of_thread.add(id)
        elif what == DELETED and id in of_thread:
            found.add(id)
        elif what == BEGUN:
            of_thread.clear()
    return found


def taken_back_in(journal: Iterable[Event]) -> set[str]:
    """The same, by the journal of a conversation."""
    return taken_back(
        (event.data.thread_id, event.name, event.data.id) for event in journal if event.name in (SAID, DELETED, BEGUN)
    )


def said_by_clients(journal: Iterable[Event]) -> list[Said]:
    """What clients have said in a thread for runs to read, oldest first, also what they took back after a run."""
    events = list(journal)
    left_out = taken_back_in(events)
    messages = [event.data for event in events if event.name == SAID]
    return [
        (message.role, [part.model_dump() for part in message.content])
        for message in messages
        if message.run_id is None and message.id not in left_out
    ]


def sendable(content: Any) -> Any:
    """Content as a client sends it: a text, or its parts without what only an answer has."""
    if isinstance(content, str):
        return content
    parts = [_sendable_part(part) for part in content]
    return parts[0]["text"] if len(parts) == 1 and parts[0].get("type") == "text" else parts


def _sendable_part(part: Any) -> Any:
    kind = part.get("type")
    inner = part.get(kind)
    if kind == "text":
        return {"type": kind, "text": inner["value"] if isinstance(inner, Mapping) else inner}
    if not isinstance(inner, Mapping):
        return dict(part)
    return {"type": kind, kind: {name: value for name, value in inner.items() if value not in (None, "auto")}}


def plain_content(content: Any) -> Any:
    """Content in one form, whether it was sent as a text, as parts, or is shown: what two can be compared by."""
    if isinstance(content, str):
        return content
    parts = [_plain_part(part) for part in content]
    return parts[0] if len(parts) == 1 and isinstance(parts[0], str) else parts


def _plain_part(part: Any) -> Any:
    if not isinstance(part, Mapping) or "type" not in part:
        return part
    text = part.get("text")
    if part.get("type") == "text":
        return text["value"] if isinstance(text, Mapping) else text
    kind = str(part.get("type"))
    inner = part.get(kind)
    # A file has another id each time; an address is always the same.
    return {kind: inner.get("url", "…")} if isinstance(inner, Mapping) else {kind: inner}
