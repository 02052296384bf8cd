"""A client that follows a run's log, from one point to where the run rests. It plays no more than it is asked for."""

from collections.abc import Sequence

from .errors import TransportFailure
from .objects.messages import Thread
from .objects.steps import RunStep, without_content
from .states import RUN, WAITING
from .timeline import Event, Timeline
from .world import World

LAST_EVENTS = frozenset(f"thread.run.{status}" for status in RUN if status not in WAITING)
"""After one of these a stream is over, even if the run goes on: its outputs are answered by a stream of their own."""


class Reading:
    """Events one after another; with autojump, asking for the next moves virtual time to it.

    `thread`: the thread to be told first, where the request has made one. `include`: what of a step to show.
    `told`: the status of the run as the client was last told it.
    """

    def __init__(
        self,
        world: World,
        timeline: Timeline,
        *,
        start: int = 0,
        include: Sequence[str] = (),
        thread: Thread | None = None,
    ) -> None:
        self.world = world
        self._timeline = timeline
        self._position = start
        self._include = include
        self._thread = thread
        self._over = False
        self.run_id = timeline.id
        self.thread_id = thread.id if thread else ""
        self.told = ""

    def next_event(self) -> Event | None:
        """The next event, or `None` at the end. Raises `TransportFailure` where time stands still (autojump is off)."""
        with self.world.lock:
            if self._thread is not None:
                thread, self._thread = self._thread, None
                return Event("thread.created", float(thread.created_at), thread)
            event = None if self._over else self._read()
            if event is None or event.name in LAST_EVENTS:
                self._over = True
            return None if event is None else self._seen(event)

    def _read(self) -> Event | None:
        events = self._timeline.events
        while self._position >= len(events):
            if self._timeline.rests:
                if self._timeline.held:
                    raise TransportFailure("ReadTimeout", self._waits_for_cancel())
                return None
            if not self.world.clock.autojump:
                raise TransportFailure("ReadTimeout", self._stands_still())
            if self._timeline.plays:
                raise TransportFailure("ReadTimeout", self._reads_itself())
            self.world.schedule.play_next(self._timeline)
        event = events[self._position]
        self._position += 1
        return event

    def _seen(self, event: Event) -> Event:
        status = getattr(event.data, "status", None)
        if status is not None and event.name.count(".") == 2 and event.name.startswith("thread.run."):
            self._timeline.shown = self.told = status
        if not self._include and isinstance(event.data, RunStep):
            shown = without_content(event.data)
            return event if shown is event.data else Event(event.name, event.at, shown)
        return event

    def _waits_for_cancel(self) -> str:
        return (
            f"The stream of run {self._timeline.id} has told all that it will before the run is cancelled, as it was "
            "in the scenario that is replayed, and breaks off here, because no stream waits for what another thread "
            "may do: call runs.cancel before it is read so far, between two of its events."
        )

    def _reads_itself(self) -> str:
        return (
            f"The stream of run {self._timeline.id} is read by its own script, which has told all that it has yielded "
            "by now: let the script yield before it reads on, or read the stream in the test."
        )

    def _stands_still(self) -> str:
        return (
            f"The stream of run {self._timeline.id} has told all that has happened by now, and the clock stands still "
            "(autojump is off), so it breaks off here: let time pass before a stream is read so far, with "
            "fake.clock.advance(seconds) or fake.play_next(run_id), or switch fake.clock.autojump on."
        )
