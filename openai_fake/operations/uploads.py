"""https://platform.openai.com/docs/api-reference/uploads (no beta header is asked for)"""

from hashlib import md5

from .. import file_errors
from ..forms import parse_form
from ..objects.base import Nothing
from ..objects.uploads import PART_BYTES, CompleteUpload, CreateUpload, Upload, UploadPart
from ..routing import Call, operation
from ..world import World

UPLOAD_SECONDS = 3600
"""An upload that is not completed expires an hour after it was created."""


@operation("uploads.create", "POST /uploads", beta=False)
def create(world: World, body: CreateUpload) -> Upload:
    """Begin an upload of so many bytes; it lasts an hour."""
    now = world.clock.timestamp
    upload = Upload(
        id=world.ids.make("upload"),
        bytes=body.bytes,
        created_at=now,
        filename=body.filename,
        purpose=body.purpose,
        expires_at=now + UPLOAD_SECONDS,
    )
    file_seconds = body.expires_after.seconds if body.expires_after else None
    return world.library.add_upload(upload, file_seconds)


@operation("uploads.parts.create", "POST /uploads/{upload_id}/parts", beta=False)
def add_part(world: World, upload_id: str, call: Call) -> UploadPart:
    """Take in a part (a multipart form, at most 64 MB). Refused where the upload is over."""
    form = parse_form(call)
    if "data" not in form.files:
        raise file_errors.required_property("data")
    form.refuse_unknown(["data"])
    data = form.files["data"].content
    if len(data) > PART_BYTES:
        raise file_errors.too_large(len(data), PART_BYTES)
    _pending(world, upload_id)
    part = UploadPart(id=world.ids.make("part"), created_at=world.clock.timestamp, upload_id=upload_id)
    world.library.parts(upload_id)[part.id] = data
    return part


@operation("uploads.complete", "POST /uploads/{upload_id}/complete", beta=False)
def complete(world: World, upload_id: str, body: CompleteUpload) -> Upload:
    """Make a file of the parts, in the order given. Refuses another size or checksum than was announced."""
    upload = _pending(world, upload_id)
    parts = world.library.parts(upload_id)
    for part_id in body.part_ids:
        if part_id not in parts:
            raise file_errors.no_such_part(part_id, upload_id)
    content = b"".join(parts[part_id] for part_id in body.part_ids)
    if len(content) != upload.bytes:
        raise file_errors.wrong_upload_size(upload.bytes, len(content))
    checksum = md5(content, usedforsecurity=False).hexdigest()
    if body.md5 is not None and body.md5.lower() != checksum:
        raise file_errors.wrong_checksum(body.md5, checksum)
    return world.library.complete_upload(upload_id, content)


@operation("uploads.cancel", "POST /uploads/{upload_id}/cancel", beta=False)
def cancel(world: World, upload_id: str, body: Nothing) -> Upload:
    """End an upload. Refused where it is over already."""
    _pending(world, upload_id)
    return world.library.end_upload(upload_id, "cancelled")


def _pending(world: World, upload_id: str) -> Upload:
    upload = world.find(world.library.uploads, upload_id)
    if upload.status != "pending":
        raise file_errors.upload_not_pending(upload_id, upload.status)
    return upload
