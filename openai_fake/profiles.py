"""The two ways to show an object, and all that lies between them.

`documented`: what the OpenAPI spec and the SDK's types promise. `recorded`: the traffic as it was last recorded.
Everything that differs between them stands in this module (recorded.md 9 has the evidence).
"""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from .objects.base import Wire, usual
from .objects.messages import Message, Thread
from .objects.runs import Run, Truncation
from .objects.steps import RunStep
from .objects.tools import Resources

if TYPE_CHECKING:
    from .objects.vector_stores import FileBatch, VectorStore

NO_FILES: dict[str, Any] = {"code_interpreter": {"file_ids": []}}
"""How the service showed "no resources" in some places, where it showed `{}` in others."""

Show = Callable[[Any, str], Any]


def show(item: Any, profile: str, where: str) -> Any:
    """An object as a profile shows it: the object itself, or its wire form as a dict.

    `where`: the operation that answers (`"threads.retrieve"`), or `"event"` for the data of a stream.
    """
    rule = rule_of(item, profile)
    return item if rule is None else rule(item, where)


def rule_of(item: Any, profile: str) -> Show | None:
    """How a profile shows objects of this kind; `None` where it shows them as they are."""
    return _RULES[profile].get(type(item).__name__)


def _run_documented(run: Run, _: str) -> Any:
    # Without its models: a run is shown at every poll, and most have these as usual.
    shown = run.__dict__.copy()
    if shown["instructions"] is None:
        shown["instructions"] = ""
    if shown["truncation_strategy"] is usual(Truncation):
        shown["truncation_strategy"] = _plain_usual(Truncation)
    if shown["tool_resources"] is usual(Resources):
        shown["tool_resources"] = _plain_usual(Resources)
    return shown


@cache
def _plain_usual(kind: type[Wire]) -> dict[str, Any]:
    return kind.usual().model_dump()


def _store_documented(store: "VectorStore", _: str) -> "VectorStore":
    return store if store.name is not None else store.with_changes(name="")


def _batch_recorded(batch: "FileBatch", _: str) -> "FileBatch":
    return batch.with_changes(object="vector_store.file_batch")


def _message_recorded(message: Message, where: str) -> Any:
    if where == "event":
        return message
    wire = message.model_dump()
    for absent in ("status", "incomplete_details", "incomplete_at", "completed_at"):
        del wire[absent]
    if where == "messages.update":
        wire = {("file_ids" if key == "attachments" else key): value for key, value in wire.items()}
        wire["file_ids"] = []
    return wire


def _thread_recorded(thread: Thread, where: str) -> Any:
    wire = thread.model_dump()
    if where in ("event", "threads.retrieve"):
        wire["tool_resources"] = wire["tool_resources"] or NO_FILES
    return wire


def _run_recorded(run: Run, where: str) -> Any:
    wire = run.model_dump()
    if where == "event":
        wire["tool_resources"] = wire["tool_resources"] or NO_FILES
    return wire


def _step_recorded(step: RunStep, _: str) -> Any:
    wire = step.model_dump()
    del wire["metadata"], wire["expired_at"]
    for call in wire["step_details"].get("tool_calls", ()):
        if call["type"] == "function" and call["function"]["output"] is None:
            del call["function"]["output"]
    return wire


_RULES: dict[str, dict[str, Show]] = {
    "documented": {"Run": _run_documented, "VectorStore": _store_documented},
    "recorded": {
        "Message": _message_recorded,
        "Thread": _thread_recorded,
        "Run": _run_recorded,
        "RunStep": _step_recorded,
        "FileBatch": _batch_recorded,
    },
}
"""How each profile shows the objects of a class, by its name (not all are imported); all others as they are."""
