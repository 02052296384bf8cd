"""Files: what uploading one takes, and what the service keeps."""

from typing import Annotated, Literal

from .base import Body, Field, Wire
from .lists import PageQuery

PURPOSES = ("fine-tune", "assistants", "batch", "user_data", "vision", "evals")
"""What a client may upload files for, in the order in which the service named them."""

NOT_DOWNLOADED = frozenset({"assistants", "user_data"})
"""Files of these purposes cannot be read back: reported for `assistants`, and `user_data` is the likeliest other.

Those of `vision` can: there is application code (marvin 2) that downloads what it has uploaded so.
"""


class FileExpiry(Body):
    """`expires_after` of a file: so many seconds after it was made."""

    anchor: Literal["created_at"]
    seconds: Annotated[int, Field(ge=3600, le=2_592_000)]


class CreateFile(Body):
    """The form of an upload, but for the file itself."""

    purpose: str
    expires_after: FileExpiry | None = None


class FilesQuery(PageQuery):
    """A page of files: up to 10,000 of them, and none up to a cursor."""

    purpose: str | None = None
    limit: Annotated[int, Field(ge=1, le=10_000)] = 10_000


class File(Wire):
    """https://platform.openai.com/docs/api-reference/files/object (`object` comes before `id`, as recorded)."""

    object: Literal["file"] = "file"
    id: str
    purpose: str = "assistants"
    filename: str
    bytes: int
    created_at: int
    expires_at: int | None = None
    status: Literal["uploaded", "processed", "error"] = "processed"
    status_details: str | None = None


class DeletedFile(Wire):
    """The answer to deleting a file: its `object` is `file`, and comes first (recorded)."""

    object: Literal["file"] = "file"
    deleted: bool = True
    id: str
