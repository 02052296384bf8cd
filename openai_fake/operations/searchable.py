"""Which files file search took."""

from pathlib import PurePath

from .. import file_errors
from ..world import World

SUPPORTED = frozenset(
    "c cpp cs css doc docx go html java js json md pdf php pptx py rb sh tex ts txt".split()  # noqa: SIM905
)
"""The extensions that file search took."""


def check_searchable(world: World, file_id: str) -> None:
    """Refuse a file that file search did not take, if it is there and the fake is strict."""
    file = world.files.get(file_id)
    extension = PurePath(file.filename).suffix if file is not None else None
    if extension is not None and world.settings.strict and extension[1:].lower() not in SUPPORTED:
        raise file_errors.unsupported_extension(extension)
