"""Files on their way into a vector store: checked as the service checked them, and all before the first one goes in."""

from collections.abc import Iterable

from ..objects.tools import Chunking
from ..objects.vector_stores import CreateStoreFile, shown_chunking
from ..stores import Member
from ..world import World
from .searchable import check_searchable


def members(world: World, file_ids: Iterable[str], chunking: Chunking | None = None) -> list[Member]:
    """Files of these ids, all cut in the same way. Raises the service's refusal for the first that cannot go in."""
    return [_member(world, CreateStoreFile(file_id=id, chunking_strategy=chunking)) for id in file_ids]


def sent_members(world: World, sent: Iterable[CreateStoreFile]) -> list[Member]:
    """Files as they were asked for one by one."""
    return [_member(world, one) for one in sent]


def _member(world: World, sent: CreateStoreFile) -> Member:
    if world.settings.strict:
        world.file(sent.file_id)
    check_searchable(world, sent.file_id)
    return Member(sent.file_id, shown_chunking(sent.chunking_strategy), sent.attributes)
