"""The part of the face that shows what there is, what has happened, and what time it is."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from .calls import CallLog
from .checking import check_row, check_type, check_whole, hint
from .clock import Clock
from .house import House
from .objects.assistants import Assistant
from .objects.messages import Thread
from .putting import conversation_of, conversation_of_run
from .secrets import redact
from .timeline import Event

if TYPE_CHECKING:
    from .objects.files import File
    from .objects.vector_stores import VectorStore
    from .verdict import Verdict
    from .views import ThreadView


class Looking(House):
    """Read-only views; nothing here moves time, but for `play_next` and the clock itself."""

    @property
    def assistants(self) -> Mapping[str, Assistant]:
        """The assistants, by id."""
        return MappingProxyType(self._world.assistants)

    @property
    def threads(self) -> Mapping[str, Thread]:
        """The threads, by id."""
        from .views import Threads

        return Threads(self._world)

    @property
    def files(self) -> "Mapping[str, File]":
        """The files, by id."""
        with self._world.lock:
            return MappingProxyType(self._world.files)

    @property
    def vector_stores(self) -> "Mapping[str, VectorStore]":
        """The vector stores, by id."""
        with self._world.lock:
            return MappingProxyType(self._world.vector_stores)

    def thread(self, id: str) -> "ThreadView":
        """A thread with its `.messages`, `.runs` and `.steps`, oldest first. Raises `LookupError`."""
        from .views import ThreadView

        with self._world.lock:
            return ThreadView(conversation_of(self._world, id))

    def events(self, run_id: str) -> list[Event]:
        """Everything that happened to a run, in order, also where its thread was deleted. Raises `LookupError`."""
        with self._world.lock:
            conversation = conversation_of_run(self._world, run_id, deleted=True)
            timeline = conversation.timelines.get(run_id)
            return list(timeline.events) if timeline else []

    def transcript(self) -> str:
        """All that was said and done, as text a person can read; what looks like a key or a token is blacked out."""
        from .views import transcript

        with self._world.lock:
            return redact(transcript(self._world, self._start))

    def story(self, *, since: int = 0) -> dict[str, Any]:
        """The same and more as plain JSON values: threads with what was said and their runs, and all requests.

        `since`: how many requests to pass over (those that the log has dropped count); then only the threads that the
        later ones were about are told. Raises `TypeError` and `ValueError` for what is no such number.
        """
        from .story import story

        check_whole("fake.story", "since", since)
        with self._world.lock:
            return story(self._world, self._calls, self.clock.start, since)

    @property
    def calls(self) -> CallLog:
        """Every request and its answer."""
        return self._calls

    def verdict(self) -> "Verdict":
        """What the code under test did wrong as a client: sentences, each with its `.kind` and its `.calls`.

        Judged are all calls there are, so a test that looks for itself had better use `fake.thread(id)`.
        """
        from .verdict import verdict

        with self._world.lock:
            return verdict(self._calls)

    def assert_well_behaved(self, *, but_for: Iterable[str] = ()) -> None:
        """Fail if the verdict holds anything, findings of the kinds in `but_for` excepted.

        Fails too where there is nothing to find, but calls were dropped that would have to be judged. Raises
        `TypeError` and `ValueError` for what are no kinds.
        """
        from .verdict import KINDS, Verdict

        check_row("fake.assert_well_behaved", "but_for", but_for, "a list of kinds of findings")
        excepted = list(but_for)
        for kind in excepted:
            check_type("fake.assert_well_behaved", "but_for", kind, str, "kinds of findings, which are texts")
            if kind not in KINDS:
                near = hint(kind, KINDS) or f" There are: {', '.join(sorted(KINDS))}."
                raise ValueError(f"fake.assert_well_behaved(but_for=…): there is no kind {kind!r}.{near}")
        found = Verdict(finding for finding in self.verdict() if finding.kind not in excepted)
        if found:
            raise AssertionError(str(found))
        if self._calls.dropped:
            raise AssertionError(
                f"{self._calls.dropped} older call(s) were dropped and cannot be judged; those that are kept show "
                "nothing wrong. Open the fake with a larger max_calls, or judge earlier."
            )

    @property
    def clock(self) -> Clock:
        """Virtual time."""
        return self._world.clock

    def play_next(self, run_id: str) -> list[Event]:
        """Let the next thing happen to one run, and give what happened (nothing, if it is over).

        To a run that waits for tool outputs the next thing is that it expires.
        """
        with self._world.lock:
            timeline = conversation_of_run(self._world, run_id).timelines.get(run_id)
            if timeline is None:
                return []
            seen = len(timeline.events)
            while len(timeline.events) == seen and self._world.schedule.play_next(timeline):
                continue
            return timeline.events[seen:]
