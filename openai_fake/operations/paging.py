"""The one way every list is paged."""

from collections.abc import Callable
from typing import TypeVar

from .. import errors
from ..collection import Collection, Page, Stored
from ..objects.lists import PageQuery
from ..world import World

T = TypeVar("T", bound=Stored)


def paged(
    world: World, collection: Collection[T], query: PageQuery, where: Callable[[T], bool] | None = None
) -> Page[T]:
    """A page of a collection. An unknown cursor is the 404 of its kind (not recorded), or passed over if lenient."""
    cursors = {"after": query.after, "before": getattr(query, "before", None)}
    for name, cursor in cursors.items():
        if cursor is not None and cursor not in collection:
            if world.settings.strict:
                raise errors.not_found(collection.noun, cursor)
            cursors[name] = None
    return collection.page(query.limit, newest_first=query.order == "desc", where=where, **cursors)
