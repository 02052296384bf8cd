"""`tool_resources`: checked, made where they are to be made, and shown as the service showed them."""

from collections.abc import Iterable, Mapping
from typing import Any

from ..objects.base import given, usual
from ..objects.tools import (
    CodeInterpreterResources,
    FileSearchResources,
    Resources,
    ResourcesMade,
    ResourcesSent,
    StoreHelper,
    Tool,
)
from ..world import World
from .searchable import check_searchable

THREAD_EXPIRY = {"anchor": "last_active_at", "days": 7}
"""How long a store lasts that a thread or a message has made by the way (the service's guide says so)."""


def check_resources(world: World, sent: ResourcesSent | ResourcesMade) -> None:
    """Refuse files that cannot be searched, and where the fake was told to (`require_files=True`) ids of nothing."""
    for file_id in _searched_ids(sent):
        check_searchable(world, file_id)
    if not world.settings.require_files:
        return
    for file_id in _file_ids(sent):
        world.file(file_id)
    for store_id in sent_store_ids(sent):
        world.find(world.vector_stores, store_id)


def check_living(world: World, stores: Iterable[str]) -> None:
    """Refuse to put anything into those vector stores (ids) that have expired."""
    for store_id in stores:
        if store_id in world.vector_stores:
            world.stores.living(store_id)


def made(
    world: World,
    sent: ResourcesSent | ResourcesMade | None,
    before: Resources | None = None,
    *,
    expiry: Mapping[str, Any] | None = None,
) -> Resources:
    """Resources as they are kept: what was sent, on top of what was there `before`; helpers make vector stores.

    `expiry`: the `expires_after` of those stores.
    """
    if sent is None:
        return before or usual(Resources)
    fields: dict[str, Any] = before.given() if before else {}
    if (interpreter := sent.get("code_interpreter")) is not None:
        fields["code_interpreter"] = CodeInterpreterResources(file_ids=interpreter.get("file_ids") or [])
    if sent.get("file_search") is not None:
        new = [_make_store(world, helper, expiry) for helper in _helpers(sent)]
        fields["file_search"] = FileSearchResources(vector_store_ids=sent_store_ids(sent) + new)
    return Resources(**fields)


def with_interpreter(resources: Resources, tools: list[Tool]) -> Resources:
    """An assistant that has the code interpreter shows its (empty) list of files."""
    if resources.code_interpreter is None and any(tool.type == "code_interpreter" for tool in tools):
        return Resources(code_interpreter=CodeInterpreterResources(), **resources.given())
    return resources


def store_ids(held: Resources) -> list[str]:
    """The vector stores that are searched."""
    return held.file_search.vector_store_ids if held.file_search else []


def sent_store_ids(sent: ResourcesSent | ResourcesMade | None) -> list[str]:
    """The vector stores that a request names."""
    return [*(((sent or {}).get("file_search") or {}).get("vector_store_ids") or ())]


def _helpers(sent: ResourcesSent | ResourcesMade) -> list[StoreHelper]:
    search: Mapping[str, Any] = sent.get("file_search") or {}
    return search.get("vector_stores") or []


def _file_ids(sent: ResourcesSent | ResourcesMade) -> list[str]:
    return [*((sent.get("code_interpreter") or {}).get("file_ids") or ()), *_searched_ids(sent)]


def _searched_ids(sent: ResourcesSent | ResourcesMade) -> list[str]:
    return [file_id for helper in _helpers(sent) for file_id in helper.get("file_ids") or ()]


def _make_store(world: World, helper: StoreHelper, expiry: Mapping[str, Any] | None) -> str:
    from ..objects.vector_stores import shown_chunking
    from ..stores import Member

    files = [Member(id, shown_chunking(helper.get("chunking_strategy"))) for id in helper.get("file_ids") or ()]
    lasting: dict[str, Any] = {"expires_after": dict(expiry)} if expiry else {}
    return world.stores.add(None, files, **given(helper, "metadata"), **lasting).id
