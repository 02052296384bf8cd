"""Files and uploads, with their bytes. What is deleted or has expired is gone at once, wherever it was."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from . import file_errors
from .clock import Clock
from .collection import Collection
from .ids import Ids
from .objects.files import File
from .schedule import Schedule
from .states import UPLOAD, check
from .timeline import Timeline

if TYPE_CHECKING:
    from .objects.uploads import Upload

PROCESSING_SECONDS = 1.0
"""How long a file takes that is not processed at once."""


class Pending(NamedTuple):
    """What has come of an upload, and how long its file is to live."""

    parts: dict[str, bytes]
    file_seconds: int | None


class Library:
    """The files of a world. `contents`: their bytes. `processing`: those on the way.

    `on_delete`: who else is told of a file that goes.
    """

    def __init__(self, clock: Clock, ids: Ids, schedule: Schedule) -> None:
        self.files: Collection[File] = Collection("file")
        self.contents: dict[str, bytes] = {}
        self.uploads: Collection[Upload] = Collection("upload")
        self._pending: dict[str, Pending] = {}
        self.processing: dict[str, Timeline] = {}
        self.on_delete: list[Callable[[str], None]] = []
        self._clock = clock
        self._ids = ids
        self._schedule = schedule

    def file(self, id: str) -> File:
        """A file; else the 404 that files have of their own."""
        found = self.files.get(id)
        if found is None:
            raise file_errors.no_such_file(id)
        return found

    def add(self, filename: str, content: bytes, *, id: str | None = None, **fields: Any) -> File:
        """Put a file in place. One with `expires_at` is deleted at that instant, one `uploaded` becomes processed."""
        now = self._clock.timestamp
        given = {"created_at": now, "filename": filename, "bytes": len(content), **fields}
        file = self.files.put(File.made(id=id or self._ids.make("file"), **given))
        self.contents[file.id] = content
        if file.expires_at is not None:
            self._schedule.later(file.id, file.expires_at - self._clock.now, lambda: self._expire(file))
        if file.status == "uploaded":
            timeline = self._schedule.later(file.id, PROCESSING_SECONDS, lambda: self._process(file.id))
            self.processing[file.id] = timeline
        return file

    def delete(self, id: str) -> None:
        """Take a file out, here and wherever else it is."""
        self.files.remove(id)
        del self.contents[id]
        self.processing.pop(id, None)
        for forget in self.on_delete:
            forget(id)

    def text(self, id: str) -> str:
        """The text of a file: its bytes as UTF-8, whatever they are. Empty for a file that is not there."""
        return self.contents.get(id, b"").decode("utf-8", "replace")

    def filename(self, id: str) -> str:
        """The name of a file; its id and `.txt` for one that is not there."""
        return self.files[id].filename if id in self.files else f"{id}.txt"

    def add_upload(self, upload: "Upload", file_seconds: int | None) -> "Upload":
        """Put an upload in place; it expires where nobody ends it before. `file_seconds`: how long its file lives."""
        self._pending[upload.id] = Pending({}, file_seconds)
        self._schedule.later(upload.id, upload.expires_at - self._clock.now, lambda: self._expire_upload(upload.id))
        return self.uploads.put(upload)

    def parts(self, upload_id: str) -> dict[str, bytes]:
        """The parts of a pending upload, by their ids."""
        return self._pending[upload_id].parts

    def complete_upload(self, id: str, content: bytes) -> "Upload":
        """Make the file of a pending upload."""
        upload, seconds = self.uploads[id], self._pending[id].file_seconds
        expires_at = None if seconds is None else self._clock.timestamp + seconds
        file = self.add(upload.filename, content, purpose=upload.purpose, expires_at=expires_at)
        return self.end_upload(id, "completed", file)

    def end_upload(self, id: str, status: str, file: File | None = None) -> "Upload":
        """End a pending upload; its parts are not kept."""
        upload = self.uploads[id]
        check(UPLOAD, upload.status, status)
        del self._pending[id]
        return self.uploads.put(upload.with_changes(status=status, file=file))

    def _expire_upload(self, id: str) -> None:
        if id in self._pending:
            self.end_upload(id, "expired")

    def _expire(self, file: File) -> None:
        there = self.files.get(file.id)
        if there is not None and there.expires_at == file.expires_at:
            self.delete(file.id)

    def _process(self, id: str) -> None:
        if self.processing.pop(id, None) is not None:
            self.files.put(self.files[id].with_changes(status="processed"))
