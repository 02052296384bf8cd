"""Who is due next. Only timelines that are due are looked at, so a request costs the same for any number of runs."""

import heapq
from collections.abc import Callable
from itertools import count

from .clock import Clock
from .timeline import Life, Timeline

Entry = tuple[float, int, Timeline]
"""When a timeline is due, its number, and itself."""


class Schedule:
    """Plays timelines in the order they are due; those due at the same instant in the order they began.

    `numbers`: gives each new timeline its own.
    """

    # Two heaps: many may rest for long, with nothing ahead but their deadline, and what moves does not pass by them.

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._moving: list[Entry] = []
        self._resting: list[Entry] = []
        self.numbers = count(1)
        clock.on_advance(self.play_until)

    def later(self, id: str, seconds: float, act: Callable[[], None]) -> Timeline:
        """Let one thing happen to an object after so many virtual seconds. Closing the timeline takes it back."""

        def life() -> Life:
            yield seconds
            act()

        timeline = Timeline(next(self.numbers), id, None)
        timeline.begin(life(), self._clock.now)
        self.note(timeline)
        return timeline

    def note(self, timeline: Timeline) -> None:
        """Take note of when a timeline is due, after anything has happened to it."""
        due = timeline.due
        if due is not None and due != timeline.scheduled:
            timeline.scheduled = due
            heapq.heappush(self._resting if timeline.wakes is None else self._moving, (due, timeline.number, timeline))

    def play_next(self, timeline: Timeline) -> bool:
        """Let the next thing happen to one timeline, after all that is due before it. False if nothing will."""
        due = timeline.due
        if due is None:
            return False
        while (heap := self._first()) and heap[0][0] < due:
            self._play_first(heap)
        self._play(timeline, due)
        return True

    def play_until(self, instant: float) -> None:
        """Let everything happen that is due up to an instant, and put the clock there."""
        while (heap := self._first()) and heap[0][0] <= instant:
            self._play_first(heap)
        self._clock.set(instant)

    def close(self) -> None:
        """End every life that still goes on, without another event."""
        for heap in (self._moving, self._resting):
            for *_, timeline in heap:
                timeline.close()
            heap.clear()

    def _first(self) -> list[Entry]:
        """The heap in which the next one stands first; an empty one where there is none."""
        moving, resting = self._moving, self._resting
        return moving if not resting or (moving and moving[0] < resting[0]) else resting

    def _play_first(self, heap: list[Entry]) -> None:
        due, _, timeline = heapq.heappop(heap)
        if timeline.scheduled == due:
            timeline.scheduled = None
        if timeline.due == due:
            self._play(timeline, due)

    def _play(self, timeline: Timeline, due: float) -> None:
        self._clock.set(due)
        try:
            timeline.step(self._clock.now)
        finally:
            self.note(timeline)
