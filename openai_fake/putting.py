"""Putting objects in place: what a test wants to be there before the code under test runs.

Ids may be any string; every field that is not given is filled in as the service would have.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError, create_model

from . import endings
from .acts import ToolCall, tool_call
from .checking import check_type, hint, in_our_words
from .conversation import Conversation
from .errors import ServiceError, quoted
from .objects.assistants import Assistant, CreateAssistant
from .objects.base import Wire, build_models
from .objects.messages import CreateMessage, CreateThread, Message, Thread
from .objects.runs import CreateRun, Run, Usage
from .objects.tools import Resources
from .operations.assistants import made_assistant
from .operations.attaching import attach
from .operations.messages import made_message
from .operations.runs import made_run, own_instructions
from .operations.threads import check_thread, new_conversation, place_conversation
from .parsing import parse_body
from .states import ACTIVE, RUN
from .world import World

M = TypeVar("M", bound=BaseModel)


@cache
def usual_endings() -> dict[str, endings.Ending]:
    """How runs have ended that a test puts in place as ended, by their status."""
    # Not made at import: it would build the first models.
    failed = endings.failed("server_error", "Sorry, something went wrong.")
    ended = (failed, endings.stopped_short("max_completion_tokens"), endings.cancelled(), endings.expired())
    return {ending.status: ending for ending in ended}


def put_assistant(world: World, id: str | None, fields: Mapping[str, Any]) -> Assistant:
    """An assistant; `fields` as `assistants.create` takes them, `model` filled in."""
    own, sent = _split("add_assistant", fields, Assistant, CreateAssistant)
    body = _checked(CreateAssistant, {"model": "gpt-4o", **sent})
    assistant = made_assistant(world, body, chosen_id(world, "add_assistant", id, world.assistants))
    return world.assistants.put(assistant.with_changes(**own))


def put_thread(world: World, id: str | None, fields: Mapping[str, Any]) -> Thread:
    """A thread; `fields` as `threads.create` takes them, messages among them."""
    own, sent = _split("add_thread", fields, Thread, CreateThread)
    body = _checked(CreateThread, sent)
    check_thread(world, body)
    conversation = new_conversation(world, body, chosen_id(world, "add_thread", id, world.conversations))
    place_conversation(world, conversation, body)
    conversation.thread = conversation.thread.with_changes(**own)
    return conversation.thread


def put_message(world: World, thread_id: str, id: str | None, fields: Mapping[str, Any]) -> Message:
    """A message; locked threads take it, too."""
    conversation = conversation_of(world, thread_id)
    own, sent = _split("add_message", fields, Message, CreateMessage)
    message = made_message(
        world, conversation, _checked(CreateMessage, sent), chosen_id(world, "add_message", id, conversation.messages)
    )
    message = conversation.put_message(message.with_changes(**own))
    attach(world, conversation, message)
    return message


def put_run(
    world: World,
    thread_id: str,
    id: str | None,
    assistant_id: str | None,
    status: str,
    tool_calls: Iterable[ToolCall | Mapping[str, Any]],
    fields: Mapping[str, Any],
) -> Run:
    """A run in any status. An active one lives on from there, and takes its script when it first needs it."""
    conversation = conversation_of(world, thread_id)
    if status not in RUN:
        raise ValueError(f"add_run(status={status!r}): expected one of {quoted(RUN, 'or')}.")
    if status in ACTIVE and conversation.active_run is not None:
        raise ValueError(f"add_run(status={status!r}): {conversation.active_run.id} is active on {thread_id} already.")
    calls = tuple(call_of("add_run", call) for call in tool_calls)
    own, sent = _split("add_run", fields, Run, CreateRun)
    assistant = _assistant(world, assistant_id)
    body = _checked(CreateRun, {"assistant_id": assistant.id, **sent})
    instructions = own_instructions(assistant, body)
    chosen = chosen_id(world, "add_run", id, conversation.runs)
    run = made_run(world, conversation, assistant, body, instructions, Resources.usual(), chosen)
    run = run.with_changes(status=status, **{**_stamps(status, world.clock.timestamp), **own})
    return world.place_run(conversation, run, calls if status == "requires_action" else ())


def described(function: str, noun: str, model: type[M], fields: Mapping[str, Any]) -> M:
    """An object as a test describes it. Raises `ValueError`, in words, for the first field that does not fit."""
    try:
        return model(**fields)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
    name, *within = map(str, fault["loc"])
    where = f"{'.'.join([name, *within])}: " if within else ""
    told = f"{where}{in_our_words(fault['msg'])}."
    if fault["type"] == "extra_forbidden":
        near = hint(name, model.model_fields)
        told = f"{where}there is no such field." if within else f"{noun} has no such field.{near}"
    raise ValueError(f"fake.{function}({name}={fields[name]!r}): {told}")


def valid(function: str, model: type[Wire], name: str, value: object) -> Any:
    """The value of one field, as it is on an object. Raises `ValueError`, in words, for what does not fit."""
    return getattr(described(function, "an object", _of_one_field(model, name), {name: value}), name)


def chosen_id(world: World, function: str, id: str | None, there: Mapping[str, Any]) -> str | None:
    """An id that a test has chosen, kept from being made. Raises `ValueError` where it is taken."""
    if id is None:
        return None
    check_type(f"fake.{function}", "id", id, str, "a text, or None to have an id made")
    if id in there:
        raise ValueError(f"{id!r} is in the fake already: choose another id.")
    return world.ids.reserve(id)


def check_there(noun: str, id: object, there: Collection[str], maker: str) -> None:
    """Raise `LookupError` for an id that the fake does not hold; `maker`: the call that puts such a thing in place."""
    if not isinstance(id, str) or id not in there:
        known = ", ".join(there) or "none"
        raise LookupError(f"There is no {noun} {id!r} in the fake (there are: {known}): {maker} makes one.")


def call_of(function: str, given: ToolCall | Mapping[str, Any]) -> ToolCall:
    """A call as a test describes it, or as `tool_call` has made it. Raises `ValueError` for what is none."""
    if isinstance(given, ToolCall):
        return given
    if not isinstance(given, Mapping) or "name" not in given:
        expected = "{'name': …, 'arguments': …, 'id': …} or tool_call(…)"
        raise ValueError(f"fake.{function}(tool_calls=…): {given!r} is none; expected {expected}.")
    return replace(tool_call(given["name"], given.get("arguments")), id=given.get("id"))


def conversation_of(world: World, thread_id: str) -> Conversation:
    """The conversation of a thread. Raises `LookupError` with a sentence where there is none."""
    check_there("thread", thread_id, world.conversations, "fake.add_thread(id)")
    return world.conversations[thread_id]


def conversation_of_run(world: World, run_id: str, *, deleted: bool = False) -> Conversation:
    """The conversation a run belongs to, one that was `deleted` too if that will do. Raises `LookupError` with a
    sentence where there is none."""
    for conversation in world.all_conversations() if deleted else list(world.conversations.values()):
        if isinstance(run_id, str) and run_id in conversation.runs:
            return conversation
    raise LookupError(f"There is no run {run_id!r} in the fake: fake.add_run(thread_id, id) makes one.")


def _assistant(world: World, assistant_id: str | None) -> Assistant:
    if assistant_id is None:
        return world.assistants.newest() or put_assistant(world, None, {})
    return world.assistants.get(assistant_id) or put_assistant(world, assistant_id, {})


def _stamps(status: str, now: int) -> dict[str, Any]:
    """What a run of that status says besides."""
    stamps: dict[str, Any] = {} if status == "queued" else {"started_at": now}
    if status == "completed":
        return {**stamps, "completed_at": now, "expires_at": None, "usage": Usage()}
    ending = usual_endings().get(status)
    return stamps if ending is None else {**stamps, **ending.of_run(now, Usage())}


def _split(function: str, fields: Mapping[str, Any], shown: Any, sent: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Fields that only the finished object has (`created_at`, `run_id`), and those that a request takes."""
    own = {
        name: valid(function, shown, name, value)
        for name, value in fields.items()
        if name in shown.model_fields and name not in sent.model_fields
    }
    return own, {name: value for name, value in fields.items() if name not in own}


@cache
def _of_one_field(model: type[Wire], name: str) -> type[BaseModel]:
    field = model.model_fields[name]
    build_models(field.annotation)
    fields: Any = {name: (field.annotation, field)}
    return create_model(name, **fields)


def _checked(model: Any, values: dict[str, Any]) -> Any:
    try:
        return parse_body(model, values)
    except ServiceError as error:
        raise ValueError(f"The service would refuse this: {error.message}") from None
