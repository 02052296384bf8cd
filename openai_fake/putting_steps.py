"""Putting run steps in place; the rest of `putting`, which is imported when there are to be some."""

from collections.abc import Mapping
from typing import Any

from .acts import ToolCall
from .checking import check_row
from .conversation import Conversation
from .objects.runs import Usage
from .objects.steps import (
    CreatedMessage,
    FunctionCall,
    FunctionCalled,
    MessageCreation,
    RunStep,
    StepDetails,
    ToolCalls,
)
from .putting import call_of, chosen_id, conversation_of_run, described, usual_endings, valid
from .world import World


def put_step(world: World, run_id: str, id: str | None, fields: Mapping[str, Any]) -> RunStep:
    """A step; `tool_calls` (`{"id", "name", "arguments"}`) makes it one of those, else it has made a message: that of
    `message_id`, or the run's newest."""
    conversation = conversation_of_run(world, run_id)
    run = conversation.runs[run_id]
    given = dict(fields)
    details = _details(world, conversation, run_id, given)
    if given.get("type", details.type) != details.type:
        expected = "tool_calls=[…] with it" if details.type == "message_creation" else "no tool_calls beside it"
        raise ValueError(f"fake.add_step(type={given['type']!r}): expected {expected}, or step_details=….")
    now, status = world.clock.timestamp, given.pop("status", "completed")
    values = {
        "id": "",
        "run_id": run_id,
        "assistant_id": run.assistant_id,
        "thread_id": run.thread_id,
        "type": details.type,
        "step_details": details,
        "created_at": now,
        "status": status,
        **_stamps(status, now),
        **given,
    }
    step = described("add_step", "a run step", RunStep, values)
    chosen = chosen_id(world, "add_step", id, conversation.steps(run_id)) or world.ids.make("step")
    return conversation.put_step(step.with_changes(id=chosen))


def _details(world: World, conversation: Conversation, run_id: str, given: dict[str, Any]) -> StepDetails:
    calls, message_id = given.pop("tool_calls", ()), given.pop("message_id", None)
    if "step_details" in given:
        details: StepDetails = valid("add_step", RunStep, "step_details", given.pop("step_details"))
        return details
    check_row("fake.add_step", "tool_calls", calls, "a list of calls")
    if calls:
        return ToolCalls(tool_calls=[_called(world, call) for call in calls])
    if not message_id:
        written = [message.id for message in conversation.messages.values() if message.run_id == run_id]
        message_id = written[-1] if written else world.ids.make("message")
    return MessageCreation(message_creation=CreatedMessage(message_id=message_id))


def _called(world: World, given: ToolCall | Mapping[str, Any]) -> FunctionCall:
    call = call_of("add_step", given)
    output = given.get("output") if isinstance(given, Mapping) else None
    function = FunctionCalled(name=call.name, arguments=call.arguments, output=output)
    return FunctionCall(id=call.id or world.ids.make("call"), function=function)


def _stamps(status: str, now: int) -> dict[str, Any]:
    """What a step of that status says besides."""
    if status == "in_progress":
        return {}
    stamps: dict[str, Any] = {f"{status}_at": now, "usage": Usage()}
    return {**stamps, "last_error": usual_endings()["failed"].step_error} if status == "failed" else stamps
