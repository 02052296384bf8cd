"""https://platform.openai.com/docs/api-reference/files (no beta header is asked for)"""

from typing import Any

from .. import file_errors
from ..body_errors import missing_parameter, wrong_type
from ..collection import Page
from ..forms import SentForm, parse_form
from ..objects.files import NOT_DOWNLOADED, PURPOSES, CreateFile, DeletedFile, File, FilesQuery
from ..parsing import parse_body
from ..polling import poll_processing
from ..routing import Call, Reply, operation
from ..world import World
from .paging import paged

_FIELDS = {"purpose": "purpose", "expires_after[anchor]": "anchor", "expires_after[seconds]": "seconds"}


@operation("files.create", "POST /files", beta=False)
def create(world: World, call: Call) -> File:
    """Take in a file (a multipart form). Refuses unknown purposes, and what is too large."""
    form = parse_form(call)
    body: CreateFile = parse_body(CreateFile, _body(form), lenient=not world.settings.strict)
    if body.purpose not in PURPOSES:
        raise file_errors.bad_purpose(body.purpose, PURPOSES)
    sent = form.files["file"]
    if len(sent.content) > world.settings.max_file_bytes:
        raise file_errors.too_large(len(sent.content), world.settings.max_file_bytes)
    expires_at = world.clock.timestamp + body.expires_after.seconds if body.expires_after else None
    return world.library.add(sent.filename, sent.content, purpose=body.purpose, expires_at=expires_at)


@operation("files.retrieve", "GET /files/{file_id}", beta=False)
def retrieve(world: World, file_id: str) -> File:
    """A file, or the 404."""
    # The SDK's `wait_for_processing` sleeps for seconds whatever it is told, so the first look sees the end.
    poll_processing(world, _file(world, file_id).id, lambda: world.library.processing.get(file_id), allowed=0)
    return _file(world, file_id)


@operation("files.list", "GET /files", beta=False)
def list(world: World, query: FilesQuery) -> Page[File]:
    """A page of the files, of one purpose where it is asked for."""
    if query.after is not None and world.settings.strict:
        _file(world, query.after)
    return paged(world, world.files, query, lambda file: query.purpose in (None, file.purpose))


@operation("files.delete", "DELETE /files/{file_id}", beta=False)
def delete(world: World, file_id: str) -> DeletedFile:
    """Take a file out, also of the stores that hold it. Raises the 404 for no such file."""
    _file(world, file_id)
    world.library.delete(file_id)
    return DeletedFile(id=file_id)


@operation("files.content", "GET /files/{file_id}/content", beta=False)
def content(world: World, file_id: str) -> Reply:
    """The bytes of a file. Refuses those of a purpose that keeps them inside."""
    file = _file(world, file_id)
    if file.purpose in NOT_DOWNLOADED:
        raise file_errors.not_downloadable(file.purpose)
    name = file.filename.encode("ascii", "replace").decode().replace('"', "'")
    headers = [
        ("content-type", "application/octet-stream"),
        ("content-disposition", f'attachment; filename="{name}"'),
    ]
    return Reply(200, headers, world.library.contents[file_id])


def _file(world: World, id: str) -> File:
    found = world.files.get(id)
    if found is None:
        raise file_errors.no_such_file(id, file_errors.FileError)
    return found


def _body(form: SentForm) -> dict[str, Any]:
    """The fields of a form as one object. What is missing is told in the words of a form, not of JSON."""
    if "file" not in form.files:
        raise file_errors.required_property("file")
    if "purpose" not in form.fields:
        raise file_errors.required_property("purpose")
    form.refuse_unknown([*_FIELDS, "file"])
    expiry: dict[str, Any] = {_FIELDS[name]: value for name, value in form.fields.items() if name != "purpose"}
    if "seconds" in expiry:
        expiry["seconds"] = _number("expires_after.seconds", expiry["seconds"])
    return {"purpose": form.fields["purpose"], **({"expires_after": expiry} if expiry else {})}


def _number(path: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise (wrong_type(path, "an integer", text) if text else missing_parameter(path)) from None
