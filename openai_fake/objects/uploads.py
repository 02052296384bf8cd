"""Uploads: a file that comes in parts."""

from typing import Annotated, Literal

from .base import Body, Field, Wire
from .files import File, FileExpiry

UPLOAD_BYTES = 8 * 2**30
"""The most that an upload may hold."""

PART_BYTES = 64 * 2**20
"""The most that one part may hold."""


class CreateUpload(Body):
    """https://platform.openai.com/docs/api-reference/uploads/create"""

    filename: str
    purpose: Literal["assistants", "batch", "fine-tune", "vision"]
    bytes: Annotated[int, Field(ge=0, le=UPLOAD_BYTES)]
    mime_type: str
    expires_after: FileExpiry | None = None


class CompleteUpload(Body):
    """https://platform.openai.com/docs/api-reference/uploads/complete"""

    part_ids: list[str]
    md5: str | None = None


class Upload(Wire):
    """https://platform.openai.com/docs/api-reference/uploads/object"""

    id: str
    object: Literal["upload"] = "upload"
    bytes: int
    created_at: int
    filename: str
    purpose: str
    status: Literal["pending", "completed", "cancelled", "expired"] = "pending"
    expires_at: int
    file: File | None = None


class UploadPart(Wire):
    """https://platform.openai.com/docs/api-reference/uploads/part-object"""

    id: str
    object: Literal["upload.part"] = "upload.part"
    created_at: int
    upload_id: str
