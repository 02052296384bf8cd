"""Files on their way into a vector store: checked as the service checked them, and all before the first one goes in."""

from collections.abc import Iterable
from pathlib import PurePath

from .. import file_errors
from ..objects.tools import Chunking
from ..objects.vector_stores import CreateStoreFile, shown_chunking
from ..stores import Member
from ..world import World

SUPPORTED = frozenset(
    "c cpp cs css doc docx go html java js json md pdf php pptx py rb sh tex ts txt".split()  # noqa: SIM905
)
"""The extensions that file search took."""


def members(world: World, file_ids: Iterable[str], chunking: Chunking | None = None) -> list[Member]:
    """Files of these ids, all cut in the same way. Raises the service's refusal for the first that cannot go in."""
    return [_member(world, CreateStoreFile(file_id=id, chunking_strategy=chunking)) for id in file_ids]


def sent_members(world: World, sent: Iterable[CreateStoreFile]) -> list[Member]:
    """Files as they were asked for one by one."""
    return [_member(world, one) for one in sent]


def check_searchable(world: World, file_id: str) -> None:
    """Refuse a file that file search did not take, if it is there and the fake is strict."""
    file = world.files.get(file_id)
    extension = PurePath(file.filename).suffix if file is not None else None
    if extension is not None and world.settings.strict and extension[1:].lower() not in SUPPORTED:
        raise file_errors.unsupported_extension(extension)


def _member(world: World, sent: CreateStoreFile) -> Member:
    if world.settings.strict:
        world.file(sent.file_id)
    check_searchable(world, sent.file_id)
    return Member(sent.file_id, shown_chunking(sent.chunking_strategy), sent.attributes)
