"""`tool_resources`: checked, made where they are to be made, and shown as the service showed them."""

from typing import Any

from ..objects.tools import (
    CodeInterpreterResources,
    FileSearchResources,
    FileSearchResourcesMade,
    Resources,
    ResourcesMade,
    ResourcesSent,
    StoreHelper,
    Tool,
)
from ..objects.vector_stores import VectorStore
from ..world import World


def check_resources(world: World, sent: ResourcesSent | ResourcesMade | None) -> None:
    """Refuse ids that are not there, where the fake was told to (`require_files=True`)."""
    if sent is None or not world.settings.require_files:
        return
    for file_id in _file_ids(sent):
        world.file(file_id)
    for store_id in (sent.file_search.vector_store_ids or ()) if sent.file_search else ():
        world.find(world.vector_stores, store_id)


def made(world: World, sent: ResourcesSent | ResourcesMade | None, before: Resources | None = None) -> Resources:
    """Resources as they are kept: what was sent, on top of what was there `before`; helpers make vector stores."""
    fields: dict[str, Any] = before.given() if before else {}
    if sent is not None and sent.code_interpreter is not None:
        fields["code_interpreter"] = CodeInterpreterResources(file_ids=sent.code_interpreter.file_ids or [])
    if sent is not None and sent.file_search is not None:
        ids = list(sent.file_search.vector_store_ids or ())
        if isinstance(sent.file_search, FileSearchResourcesMade):
            ids += [_make_store(world, helper) for helper in sent.file_search.vector_stores or ()]
        fields["file_search"] = FileSearchResources(vector_store_ids=ids)
    return Resources(**fields)


def with_interpreter(resources: Resources, tools: list[Tool]) -> Resources:
    """An assistant that has the code interpreter shows its (empty) list of files."""
    if resources.code_interpreter is None and any(tool.type == "code_interpreter" for tool in tools):
        return Resources(code_interpreter=CodeInterpreterResources(), **resources.given())
    return resources


def _file_ids(sent: ResourcesSent | ResourcesMade) -> list[str]:
    ids = list(sent.code_interpreter.file_ids or ()) if sent.code_interpreter else []
    if isinstance(sent.file_search, FileSearchResourcesMade):
        for helper in sent.file_search.vector_stores or ():
            ids += helper.file_ids or ()
    return ids


def _make_store(world: World, helper: StoreHelper) -> str:
    now = world.clock.timestamp
    store = VectorStore(
        id=world.ids.make("vector_store"), created_at=now, last_active_at=now, metadata=helper.metadata or {}
    )
    return world.vector_stores.put(store).id
