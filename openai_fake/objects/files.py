"""Files."""

from typing import Literal

from .base import Wire


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
