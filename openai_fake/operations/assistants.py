"""https://platform.openai.com/docs/api-reference/assistants"""

from typing import Any

from ..collection import Page
from ..objects.assistants import Assistant, AssistantFields, CreateAssistant, UpdateAssistant
from ..objects.base import Deleted
from ..objects.lists import ListQuery
from ..objects.tools import shown
from ..routing import operation
from ..world import World
from .paging import paged
from .resources import check_resources, made, with_interpreter

_PLAIN = (
    *("model", "name", "description", "instructions", "reasoning_effort", "metadata", "temperature", "top_p"),
    "response_format",
)


@operation("assistants.create", "POST /assistants")
def create(world: World, body: CreateAssistant) -> Assistant:
    """Make an assistant. Refuses files that cannot be searched."""
    if body.tool_resources is not None:
        check_resources(world, body.tool_resources)
    return world.assistants.put(made_assistant(world, body))


@operation("assistants.retrieve", "GET /assistants/{assistant_id}")
def retrieve(world: World, assistant_id: str) -> Assistant:
    """An assistant, or the 404."""
    return world.assistant(assistant_id)


@operation("assistants.update", "POST /assistants/{assistant_id}")
def update(world: World, assistant_id: str, body: UpdateAssistant) -> Assistant:
    """Replace the fields that are given. Raises the 404 for no such assistant."""
    assistant = world.assistant(assistant_id)
    if body.tool_resources is not None:
        check_resources(world, body.tool_resources)
    fields = _fields(body)
    resources = made(world, body.tool_resources, assistant.tool_resources)
    resources = with_interpreter(resources, fields.get("tools", assistant.tools))
    return world.assistants.put(assistant.with_changes(tool_resources=resources, **fields))


@operation("assistants.list", "GET /assistants")
def list(world: World, query: ListQuery) -> Page[Assistant]:
    """A page of the assistants."""
    return paged(world, world.assistants, query)


@operation("assistants.delete", "DELETE /assistants/{assistant_id}")
def delete(world: World, assistant_id: str) -> Deleted:
    """Take an assistant out; its runs go on. Raises the 404 for no such assistant."""
    world.assistant(assistant_id)
    world.assistants.remove(assistant_id)
    return Deleted(id=assistant_id, object="assistant.deleted")


def made_assistant(world: World, body: CreateAssistant, id: str | None = None) -> Assistant:
    """An assistant as a checked request describes it, not yet in the world."""
    fields = _fields(body)
    resources = with_interpreter(made(world, body.tool_resources), fields.get("tools", []))
    return Assistant.made(
        id=id or world.ids.make("assistant"), created_at=world.clock.timestamp, tool_resources=resources, **fields
    )


def _fields(body: AssistantFields) -> dict[str, Any]:
    fields = body.given(*_PLAIN)
    for number in ("temperature", "top_p"):
        if number in fields:
            fields[number] = float(fields[number])
    if body.tools is not None:
        fields["tools"] = shown(body.tools)
    return fields
