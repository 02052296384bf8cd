"""Brings a run of the fake to where the recorded one stood when it was looked at: timing is no part of the measure."""

from collections.abc import Callable
from typing import Any

from ..conversation import Conversation
from ..objects.runs import Run
from ..scenario.exchanges import Exchange
from ..states import ACTIVE, FINAL
from ..world import World
from .names import Names
from .staging import told_status


def drive(world: World, exchange: Exchange, names: Names) -> None:
    """Let time pass until a request can be answered as it was; no further than where the run rests."""
    conversation = world.conversations.get(names.fake(exchange.ids.get("thread_id", "")))
    if conversation is None:
        return
    run = conversation.runs.get(names.fake(exchange.ids.get("run_id", "")))
    wanted = told_status(exchange)
    if exchange.operation == "runs.retrieve" and exchange.went_well:
        wanted = exchange.response.get("status")
    elif exchange.operation == "runs.submit_tool_outputs" and exchange.went_well:
        wanted = "requires_action"
    if run is not None and wanted is not None:
        _play(world, conversation, run.id, lambda: conversation.runs[run.id].status == wanted)
    elif run is not None and exchange.operation == "runs.update" and exchange.went_well:
        _play(world, conversation, run.id, lambda: conversation.runs[run.id].status in FINAL)
    elif exchange.went_well and exchange.operation in ("messages.create", "runs.create"):
        _finish(world, conversation)
    elif exchange.went_well and exchange.operation in _PROGRESS:
        _show(world, conversation, exchange, run)


def _finish(world: World, conversation: Conversation) -> None:
    """A thread that took a message or a run was free."""
    active = conversation.active_run
    if active is not None:
        _play(world, conversation, active.id, lambda: conversation.runs[active.id].status in FINAL)


def _show(world: World, conversation: Conversation, exchange: Exchange, run: Run | None) -> None:
    """Play until what is looked at is at least as far as it was."""
    active = run if run is not None and run.status in ACTIVE else conversation.active_run
    if active is not None:
        told = _PROGRESS[exchange.operation]
        wanted = told(exchange.response)
        _play(world, conversation, active.id, lambda: told(_shown(conversation, exchange, active.id)) >= wanted)


def _shown(conversation: Conversation, exchange: Exchange, run_id: str) -> Any:
    if exchange.operation.startswith("steps."):
        items: Any = [step.model_dump() for step in conversation.steps(run_id).values()]
    elif exchange.operation == "runs.list":
        items = [run.model_dump() for run in conversation.runs.values()]
    else:
        items = [message.model_dump() for message in conversation.messages.values() if message.status != "in_progress"]
    if exchange.operation == "steps.retrieve":
        return items[-1] if items else {}
    return {"data": items}


def _play(world: World, conversation: Conversation, run_id: str, there: Callable[[], bool]) -> None:
    timeline = conversation.timelines.get(run_id)
    while timeline is not None and not there() and not timeline.rests:
        if timeline.due == float("inf") or not world.schedule.play_next(timeline):
            return


_RANK = {"queued": 0, "in_progress": 1, "requires_action": 2, "cancelling": 3}


def _length(answer: Any) -> Any:
    return len(answer.get("data", ()))


def _steps(answer: Any) -> Any:
    data = answer.get("data", [answer])
    return len(data), sum(step.get("status") == "completed" for step in data)


def _statuses(answer: Any) -> Any:
    return sum(_RANK.get(run.get("status"), 4) for run in answer.get("data", ()))


_PROGRESS: dict[str, Callable[[Any], Any]] = {
    "messages.list": _length,
    "steps.list": _steps,
    "steps.retrieve": _steps,
    "runs.list": _statuses,
}
"""How far an answer shows a run, for the operations that look at what it has made: more is further."""
