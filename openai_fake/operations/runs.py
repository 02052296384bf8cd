"""https://platform.openai.com/docs/api-reference/runs"""

from collections.abc import Sequence
from typing import Any

from .. import errors
from ..collection import Page
from ..conversation import Conversation
from ..objects.assistants import Assistant
from ..objects.base import Nothing, blank, given, made_of, usual
from ..objects.lists import Include, ListQuery
from ..objects.messages import CreateMessage, CreateThread
from ..objects.runs import (
    CreateRun,
    CreateThreadAndRun,
    Run,
    RunFields,
    SubmitToolOutputs,
    ToolOutput,
    Truncation,
    UpdateRun,
)
from ..objects.tools import Resources, shown
from ..polling import look, poll
from ..reading import Reading
from ..routing import operation
from ..states import ACCEPTS
from ..world import RUN_SECONDS, World
from .attaching import attach
from .messages import check_messages, made_message
from .paging import paged
from .resources import check_resources, made, store_ids
from .threads import check_thread, new_conversation, place_conversation

_TAKEN = (
    *("model", "temperature", "top_p", "reasoning_effort", "metadata", "parallel_tool_calls"),
    *("response_format", "tool_choice", "max_prompt_tokens", "max_completion_tokens"),
)
_SAID = frozenset({*_TAKEN, "truncation_strategy"})


@operation("runs.create", "POST /threads/{thread_id}/runs")
def create(world: World, thread_id: str, body: CreateRun, query: Include) -> Run | Reading:
    """Start a run on a thread, or stream it. Refused while another one locks the thread."""
    conversation = world.conversation(thread_id)
    assistant = world.assistant_of_run(body.assistant_id)
    additional = body.additional_messages or []
    check_messages(world, additional, store_ids(conversation.thread.tool_resources))
    if conversation.active_run is not None:
        look(world, conversation)
        raise errors.run_is_active(thread_id, conversation.active_run.id)
    instructions = _instructions(assistant, body)
    _check_there_is_something(conversation.last_user_message or _asks(additional), instructions, assistant)
    messages = [made_message(world, conversation, sent) for sent in additional]
    run = made_run(world, conversation, assistant, body, instructions, usual(Resources))
    timeline = world.start_run(conversation, run, messages)
    for message in messages:
        attach(world, conversation, message)
    return Reading(world, timeline, include=query.include) if body.stream else run


@operation("threads.create_and_run", "POST /threads/runs")
def create_and_run(world: World, body: CreateThreadAndRun, query: Include) -> Run | Reading:
    """Make a thread and start a run on it, or stream it. Where it is refused, no thread is left."""
    assistant = world.assistant_of_run(body.assistant_id)
    sent = body.thread or CreateThread()
    if body.tool_resources is not None:
        check_resources(world, body.tool_resources)
    check_thread(world, sent)
    instructions = own_instructions(assistant, body)
    _check_there_is_something(_asks(sent.messages or ()), instructions, assistant)
    conversation = new_conversation(world, sent)
    run = made_run(world, conversation, assistant, body, instructions, made(world, body.tool_resources))
    # Scripts and their conditions may look at the thread.
    world.conversations[conversation.id] = conversation
    try:
        timeline = world.start_run(conversation, run)
    except BaseException:
        del world.conversations[conversation.id]
        raise
    place_conversation(world, conversation, sent)
    thread = conversation.thread
    return Reading(world, timeline, include=query.include, thread=thread) if body.stream else run


@operation("runs.retrieve", "GET /threads/{thread_id}/runs/{run_id}", polled=True)
def retrieve(world: World, thread_id: str, run_id: str) -> Run:
    """A run; looking at it counts as a poll, and moves it on."""
    conversation = world.conversation(thread_id)
    return poll(world, conversation, world.run(conversation, run_id))


@operation("runs.update", "POST /threads/{thread_id}/runs/{run_id}")
def update(world: World, thread_id: str, run_id: str, body: UpdateRun) -> Run:
    """Replace the metadata of a run. Refused where its status does not allow it."""
    conversation = world.conversation(thread_id)
    run = world.run(conversation, run_id)
    if run.status not in ACCEPTS["update"]:
        raise errors.cannot_update(run.status)
    return conversation.put_run(run.with_changes(**body.given("metadata")))


@operation("runs.list", "GET /threads/{thread_id}/runs")
def list(world: World, thread_id: str, query: ListQuery) -> Page[Run]:
    """A page of the runs of a thread; it moves nothing on."""
    conversation = world.conversation(thread_id)
    look(world, conversation, query)
    return paged(world, conversation.runs, query)


@operation("runs.cancel", "POST /threads/{thread_id}/runs/{run_id}/cancel")
def cancel(world: World, thread_id: str, run_id: str, body: Nothing) -> Run:
    """Cancel a run: it is `cancelling`, then `cancelled`. Refused where its status does not allow it."""
    conversation = world.conversation(thread_id)
    return world.cancel(conversation, world.run(conversation, run_id))


@operation("runs.submit_tool_outputs", "POST /threads/{thread_id}/runs/{run_id}/submit_tool_outputs")
def submit_tool_outputs(world: World, thread_id: str, run_id: str, body: SubmitToolOutputs) -> Run | Reading:
    """Give a run the outputs it waits for, or stream what follows. Refuses any but those outputs."""
    conversation = world.conversation(thread_id)
    run = world.run(conversation, run_id)
    if run.status not in ACCEPTS["submit"]:
        raise errors.no_outputs_accepted(run.status)
    outputs = _outputs(world, run, body.tool_outputs)
    seen = len(conversation.timelines[run_id].events)
    timeline = world.submit(conversation, run, outputs)
    return Reading(world, timeline, start=seen) if body.stream else conversation.runs[run_id]


def made_run(
    world: World,
    conversation: Conversation,
    assistant: Assistant,
    body: RunFields,
    instructions: str | None,
    resources: Resources,
    id: str | None = None,
) -> Run:
    """A run as a checked request describes it, on top of its assistant; not yet in its thread."""
    now = world.clock.timestamp
    fields = {
        **blank(Run),
        "id": id or world.ids.make("run"),
        "created_at": now,
        "expires_at": now + RUN_SECONDS,
        "assistant_id": assistant.id,
        "thread_id": conversation.thread.id,
        "instructions": instructions,
        "tools": assistant.tools if body.tools is None else shown(body.tools),
        "tool_resources": resources,
        "metadata": {},
        "model": assistant.model,
        "temperature": assistant.temperature,
        "top_p": assistant.top_p,
        "reasoning_effort": assistant.reasoning_effort,
        "response_format": assistant.response_format,
    }
    run = made_of(Run, fields)
    return run if body.__pydantic_fields_set__.isdisjoint(_SAID) else run.with_changes(**_said(body))


def _said(body: RunFields) -> dict[str, Any]:
    """What a request says of a run in the place of what its assistant does."""
    said = body.given(*_TAKEN)
    for name in ("temperature", "top_p"):
        if name in said:
            said[name] = float(said[name])
    if body.truncation_strategy is not None:
        said["truncation_strategy"] = Truncation.made(**given(body.truncation_strategy, "type", "last_messages"))
    return said


def own_instructions(assistant: Assistant, body: RunFields) -> str | None:
    """The run's own instructions, empty ones too, or the assistant's."""
    return assistant.instructions if body.instructions is None else body.instructions


def _instructions(assistant: Assistant, body: CreateRun) -> str | None:
    """The run's own instructions or the assistant's, with the additional ones after a line break (not recorded)."""
    own = own_instructions(assistant, body)
    return "\n".join(text for text in (own, body.additional_instructions) if text) or own


def _check_there_is_something(asked: object, instructions: str | None, assistant: Assistant) -> None:
    """Raise the 400 of a run with neither a user message (`asked`) nor instructions, its own or its assistant's."""
    if not (asked or instructions or assistant.instructions):
        raise errors.nothing_to_run_on()


def _asks(messages: Sequence[CreateMessage]) -> bool:
    return "user" in [message.role for message in messages]


def _outputs(world: World, run: Run, sent: Sequence[ToolOutput]) -> dict[str, str]:
    """Outputs by call id. Every call that waits must be answered, and no other, unless the fake is lenient."""
    calls = run.required_action.submit_tool_outputs.tool_calls if run.required_action else []
    expected = [call.id for call in calls]
    got = [(output.get("tool_call_id"), output.get("output") or "") for output in sent]
    if sorted(expected) == sorted(id or "" for id, _ in got):
        return {str(id): text for id, text in got}
    if world.settings.strict:
        raise errors.outputs_expected(expected, [id for id, _ in got])
    known = dict(got)
    spare = iter([text for id, text in got if id not in expected])
    return {id: known[id] if id in known else next(spare, "") for id in expected}
