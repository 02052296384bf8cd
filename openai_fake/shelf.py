"""What stands in one vector store: its files, its batches, and the index of what has been processed.

Files are cut into passages when the first search asks for them. A token is taken for four characters, and a passage
ends at the last white space within its size.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from heapq import nsmallest
from typing import Any, NamedTuple

from .collection import Collection
from .objects.vector_stores import FileBatch, FileCounts, StoreFile
from .ranking import Index
from .states import STORE_FILE, check
from .timeline import Timeline

CHARACTERS = 4
"""How many characters a token is taken for."""

Text = Callable[[str], str]
"""What gives the text of a file by its id."""


class Passage(NamedTuple):
    """A stretch of a file's text that was found, and how well it fits."""

    file: StoreFile
    text: str
    score: float


class Shelf:
    """The files of one store, oldest first. `pending`: the timelines of those that are being processed."""

    def __init__(self) -> None:
        self.files: Collection[StoreFile] = Collection("file")
        self.batches: Collection[FileBatch] = Collection("file batch")
        self.pending: dict[str, Timeline] = {}
        # By batch, the status of each of its files in it: what is put in once more is none of its business.
        self._members: dict[str, dict[str, str]] = {}
        # In the order of the batch: searches tell apart what fits equally by when it was processed.
        self._left: dict[str, dict[str, None]] = {}
        self._fresh: dict[str, None] = {}
        self._index = Index()
        self._spans: list[tuple[str, int, int]] = []
        self._first: dict[str, int] = {}

    def put(self, file: StoreFile) -> StoreFile:
        """Add a file, or replace it; its status moves only along the table."""
        known = self.files.get(file.id)
        if known is not None and known.status != file.status:
            check(STORE_FILE, known.status, file.status)
        self.files.put(file)
        if file.status == "completed" and (known is None or known.status != "completed"):
            self._fresh[file.id] = None
        if file.status != "in_progress":
            self.pending.pop(file.id, None)
            self._settle(file.id, file.status)
        return file

    def remove(self, file_id: str) -> StoreFile:
        """Take a file out, also of the batches it came in."""
        timeline = self.pending.pop(file_id, None)
        if timeline is not None:
            timeline.close()
        file = self.files.remove(file_id)
        self._fresh.pop(file_id, None)
        self._index.remove(self._numbers(file_id, self._first.pop(file_id, len(self._spans))))
        for members in self._members.values():
            members.pop(file_id, None)
        self._settle(file_id)
        return file

    def put_again(self, file: StoreFile) -> StoreFile:
        """Put a file in the place of the same one that has failed or was cancelled: its batches know it as it was."""
        self.files.remove(file.id)
        return self.put(file)

    def put_batch(self, batch: FileBatch, file_ids: Iterable[str]) -> FileBatch:
        """Add a batch of files that are here."""
        members: dict[str, str] = {id: self.files[id].status for id in file_ids}
        self._members[batch.id] = members
        self._left[batch.id] = dict.fromkeys(id for id, status in members.items() if status == "in_progress")
        self.batches.put(batch)
        self._close_batch(batch.id)
        return self.batch(batch.id)

    def batch(self, batch_id: str) -> FileBatch:
        """A batch with its counts as they now are. Raises `KeyError`."""
        return self.batches[batch_id].with_changes(file_counts=self._counts(batch_id))

    def batch_files(self, batch_id: str) -> Collection[StoreFile]:
        """The files of a batch."""
        files: Collection[StoreFile] = Collection("file")
        for id in self._members[batch_id]:
            files.put(self.files[id])
        return files

    def cancel_batch(self, batch_id: str) -> list[str]:
        """End a batch that is open. Returns the files of it that are to be cancelled."""
        left = list(self._left.pop(batch_id, ()))
        self._members[batch_id].update(dict.fromkeys(left, "cancelled"))
        if left:
            self.batches.put(self.batches[batch_id].with_changes(status="cancelled"))
        return left

    def pending_of(self, file_ids: Iterable[str]) -> Timeline | None:
        """A timeline of the files that are still being processed, `None` if none is."""
        return next((self.pending[id] for id in file_ids if id in self.pending), None)

    def open_in(self, batch_id: str) -> Timeline | None:
        """A timeline that a batch waits for."""
        return self.pending_of(self._left.get(batch_id, ()))

    def search(self, queries: Iterable[str], text: Text, where: Callable[[Any], bool], limit: int) -> list[Passage]:
        """The best passages for any of the queries, best first, in files whose attributes pass `where`."""
        self._index_fresh(text)
        best: dict[int, float] = {}
        for query in queries:
            for number, score in self._index.scores(query).items():
                best[number] = max(score, best.get(number, 0.0))
        hits = (item for item in best.items() if where(self.files[self._spans[item[0]][0]].attributes))
        return [self._passage(number, score, text) for number, score in nsmallest(limit, hits, key=_best_first)]

    def _passage(self, number: int, score: float, text: Text) -> Passage:
        id, start, end = self._spans[number]
        return Passage(self.files[id], text(id)[start:end].strip(), score)

    def _index_fresh(self, text: Text) -> None:
        if len(self._spans) > 2 * self._index.living + 100:
            # More than half of it is of files that have gone.
            self._index, self._spans = Index(), []
            self._fresh = dict.fromkeys([*self._first, *self._fresh])
        for id in self._fresh:
            whole, first = text(id), len(self._spans)
            for start, end in spans(whole, self.files[id].chunking_strategy):
                self._spans.append((id, start, end))
                self._index.add(whole[start:end])
            self._first[id] = first
        self._fresh = {}

    def _numbers(self, file_id: str, first: int) -> Iterator[int]:
        """The numbers of a file's passages, which stand one after another."""
        for number in range(first, len(self._spans)):
            if self._spans[number][0] != file_id:
                return
            yield number

    def _counts(self, batch_id: str) -> FileCounts:
        each = Counter(self._members[batch_id].values())
        return FileCounts(**each, total=each.total())

    def _settle(self, file_id: str, status: str | None = None) -> None:
        """Let the batches that wait for a file know what has become of it; `None` for one that has gone."""
        for batch_id in [id for id, left in self._left.items() if file_id in left]:
            del self._left[batch_id][file_id]
            if status is not None:
                self._members[batch_id][file_id] = status
            self._close_batch(batch_id)

    def _close_batch(self, batch_id: str) -> None:
        if self._left[batch_id]:
            return
        del self._left[batch_id]
        counts = self._counts(batch_id)
        status = "failed" if counts.total and counts.failed == counts.total else "completed"
        check(STORE_FILE, self.batches[batch_id].status, status)
        self.batches.put(self.batches[batch_id].with_changes(status=status))


def changed(file: StoreFile, **changes: Any) -> StoreFile:
    """The same file with some fields replaced."""
    return replace(file, **changes)


def spans(text: str, chunking: Mapping[str, Any]) -> Iterator[tuple[int, int]]:
    """Where the passages of a text begin and end; each goes back over the end of the one before by the overlap."""
    sizes = chunking["static"]
    size, overlap = sizes["max_chunk_size_tokens"] * CHARACTERS, sizes["chunk_overlap_tokens"] * CHARACTERS
    start = 0
    while start < len(text):
        end = min(start + size, len(text))
        if end < len(text):
            space = max(text.rfind(" ", start + overlap + 1, end), text.rfind("\n", start + overlap + 1, end))
            end = end if space < 0 else space + 1
        yield start, end
        if end == len(text):
            return
        start = end - overlap


def _best_first(hit: tuple[int, float]) -> tuple[float, int]:
    return -hit[1], hit[0]
