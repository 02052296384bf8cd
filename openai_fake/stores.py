"""The vector stores of a world: how files come in, are processed in virtual time, are searched, and expire."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from . import errors, file_errors
from .clock import Clock
from .collection import Collection
from .ids import Ids
from .library import PROCESSING_SECONDS, Library
from .objects.vector_stores import (
    AUTO,
    NO_ATTRIBUTES,
    FileBatch,
    FileCounts,
    StoreFile,
    VectorStore,
)
from .schedule import Schedule
from .shelf import Passage, Shelf, changed
from .states import STORE, check

DAY = 86_400


class Plan(NamedTuple):
    """What becomes of files when they are put into a store: of one id, or of names that fit a pattern."""

    file: str = "*"
    status: str = "completed"
    code: str = "server_error"
    message: str = "An internal error occurred."
    seconds: float = PROCESSING_SECONDS


class Member(NamedTuple):
    """A file that is to be put into a store."""

    file_id: str
    chunking: dict[str, Any] | None = None
    attributes: dict[str, Any] | None = None


class Stores:
    """Every vector store, by id, and what is in it."""

    def __init__(self, clock: Clock, ids: Ids, schedule: Schedule, library: Library) -> None:
        self.objects: Collection[VectorStore] = Collection("vector store")
        self.plans: list[Plan] = []
        self._shelves: dict[str, Shelf] = {}
        self._clock = clock
        self._ids = ids
        self._schedule = schedule
        self._library = library
        library.on_delete.append(self.forget_file)

    def store(self, id: str) -> VectorStore:
        """A vector store; else the 404."""
        if id not in self.objects:
            raise errors.not_found("vector store", id)
        return self.objects[id]

    def living(self, id: str) -> VectorStore:
        """A vector store that has not expired; else the 404, or the 400."""
        store = self.store(id)
        if store.status == "expired":
            raise file_errors.store_has_expired(id)
        return store

    def shelf(self, id: str) -> Shelf:
        """What is in a store that is there."""
        return self._shelves.setdefault(id, Shelf())

    def add(self, id: str | None, members: Iterable[Member], *, done: bool = False, **fields: Any) -> VectorStore:
        """Put a store in place, with its files: to be processed from now on, or `done` already."""
        now = self._clock.timestamp
        given = {"created_at": now, "last_active_at": now, **fields}
        store = self.objects.put(VectorStore(id=id or self._ids.make("vector_store"), **given))
        self.set_expiry(store.id, store.expires_after)
        for member in members:
            self.put_file(store.id, member, done=done)
        return self.objects[store.id]

    def delete(self, id: str) -> None:
        """Take a store out; the files themselves stay."""
        self.objects.remove(id)
        for timeline in self._shelves.pop(id, Shelf()).pending.values():
            timeline.close()

    def put_file(self, store_id: str, member: Member, *, done: bool = False) -> StoreFile:
        """Put a file into a store. One that is there and has not failed stays as it is, but for its attributes."""
        shelf, id = self.shelf(store_id), member.file_id
        known = shelf.files.get(id)
        if known is not None and known.status in ("in_progress", "completed"):
            return known if member.attributes is None else shelf.put(changed(known, attributes=member.attributes))
        file = StoreFile(
            id=id,
            usage_bytes=0,
            created_at=self._clock.timestamp,
            vector_store_id=store_id,
            chunking_strategy=member.chunking or AUTO,
            attributes=member.attributes or NO_ATTRIBUTES,
        )
        if known is None:
            shelf.put(file)
        else:
            shelf.put_again(file)
        self._count(store_id, known.status if known else None, "in_progress")
        plan = Plan() if done else self._plan(id)
        if done:
            self._finish(store_id, id, plan)
        else:
            shelf.pending[id] = self._schedule.later(id, plan.seconds, lambda: self._finish(store_id, id, plan))
        self.touch(store_id)
        return shelf.files[id]

    def remove_file(self, store_id: str, file_id: str) -> None:
        """Take a file out of a store."""
        file = self.shelf(store_id).remove(file_id)
        self._count(store_id, file.status, None, -file.usage_bytes)

    def forget_file(self, file_id: str) -> None:
        """Take a file out of every store."""
        for store_id, shelf in self._shelves.items():
            if file_id in shelf.files:
                self.remove_file(store_id, file_id)

    def add_batch(
        self, store_id: str, members: Sequence[Member], *, id: str | None = None, done: bool = False
    ) -> FileBatch:
        """Put files into a store together."""
        for member in members:
            self.put_file(store_id, member, done=done)
        batch = FileBatch(
            id=id or self._ids.make("file_batch"), created_at=self._clock.timestamp, vector_store_id=store_id
        )
        return self.shelf(store_id).put_batch(batch, [member.file_id for member in members])

    def cancel_batch(self, store_id: str, batch_id: str) -> FileBatch:
        """Cancel what of a batch is still being processed; one that is over stays as it is."""
        shelf = self.shelf(store_id)
        for file_id in shelf.cancel_batch(batch_id):
            timeline = shelf.pending[file_id]
            self._end(store_id, file_id, "cancelled")
            timeline.close()
        return shelf.batch(batch_id)

    def search(
        self, store_id: str, queries: Sequence[str], limit: int, where: Callable[[Any], bool] = lambda attributes: True
    ) -> list[Passage]:
        """The best passages of a store's files, best first."""
        self.touch(store_id)
        return self.shelf(store_id).search(queries, self._library.text, where, limit)

    def touch(self, store_id: str) -> None:
        """Note that a store was used, which puts its expiry off."""
        store, now = self.objects[store_id], self._clock.timestamp
        days = store.expires_after["days"] if store.expires_after else None
        expires_at = store.expires_at if days is None else now + days * DAY
        if (store.last_active_at, store.expires_at) != (now, expires_at):
            self.objects.put(store.with_changes(last_active_at=now, expires_at=expires_at))

    def set_expiry(self, store_id: str, expires_after: Mapping[str, Any] | None) -> None:
        """Let a store expire so many days after it was last used."""
        if expires_after is not None:
            active = self.objects[store_id].last_active_at or self._clock.timestamp
            expires_at = active + expires_after["days"] * DAY
            changes = {"expires_after": dict(expires_after), "expires_at": expires_at}
            self.objects.put(self.objects[store_id].with_changes(**changes))
        self._watch(store_id)

    def _watch(self, store_id: str) -> None:
        """Look again when the store would expire; by then it may have been used, or be gone."""
        store = self.objects.get(store_id)
        if store is None or store.expires_at is None or store.status == "expired":
            return
        left = store.expires_at - self._clock.now
        if left > 0:
            self._schedule.later(store_id, left, lambda: self._watch(store_id))
        else:
            self.objects.put(store.with_changes(status="expired"))

    def _plan(self, file_id: str) -> Plan:
        file = self._library.files.get(file_id)
        names = (file_id, file.filename if file else "")
        fitting = (plan for plan in reversed(self.plans) if any(fnmatchcase(name, plan.file) for name in names))
        return next(fitting, Plan())

    def _finish(self, store_id: str, file_id: str, plan: Plan) -> None:
        error = {"code": plan.code, "message": plan.message} if plan.status == "failed" else None
        self._end(store_id, file_id, plan.status, error)

    def _end(self, store_id: str, file_id: str, status: Any, error: dict[str, str] | None = None) -> None:
        shelf = self.shelf(store_id)
        size = len(self._library.contents.get(file_id, b"")) if status == "completed" else 0
        shelf.put(changed(shelf.files[file_id], status=status, last_error=error, usage_bytes=size))
        self._count(store_id, "in_progress", status, size)

    def _count(self, store_id: str, old: str | None, new: str | None, size: int = 0) -> None:
        store = self.objects[store_id]
        counts = store.file_counts.model_dump()
        for status, change in ((old, -1), (new, 1)):
            if status is not None:
                counts[status] += change
                counts["total"] += change
        status = "in_progress" if counts["in_progress"] else "completed"
        if store.status == "expired" or status == store.status:
            status = store.status
        else:
            check(STORE, store.status, status)
        changes = {"file_counts": FileCounts(**counts), "usage_bytes": store.usage_bytes + size, "status": status}
        self.objects.put(store.with_changes(**changes))
