"""Virtual time: it starts at a fixed instant and moves only when it is told to.

Nothing below the face asks the wall clock. What is due when time moves is played by the world, which hooks itself in.
"""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from numbers import Real
from threading import RLock
from typing import Any

from .checking import check_seconds

DEFAULT_START = 1_767_225_600
"""2026-01-01T00:00:00Z, in Unix seconds."""

_LATEST = 253_402_300_799
"""The last second of the year 9999."""


class Clock:
    """The time of one fake, in Unix seconds.

    `autojump`: whether waiting moves time (a poll to the next change of status, a stream to its next event).
    `start`: where it began. `sleeps`: the seconds of every sleep that was skipped, oldest first, without those of
    no length (a poll that need not wait, `asyncio.sleep(0)`). `lock`: held by whoever moves time; the world that lives
    by this clock holds the same one. Raises `TypeError` and `ValueError` for what is no instant.
    """

    def __init__(self, start: float | datetime | str = DEFAULT_START, *, autojump: bool = True) -> None:
        self.start: float = _instant(start)
        self._now = self.start
        self.autojump = autojump
        self.sleeps: list[float] = []
        self._newest = _Newest(self)
        self.lock = RLock()
        self._play_until: Callable[[float], None] = self.set

    @property
    def now(self) -> float:
        """The current virtual time, in Unix seconds."""
        return self._now

    @property
    def timestamp(self) -> int:
        """The current virtual time as objects on the wire carry it: whole Unix seconds."""
        return int(self._now)

    def advance(self, seconds: float) -> None:
        """Move time forward and play everything that falls due, run by run, in the order it is due.

        Raises `ValueError` for a negative number: virtual time does not run backwards.
        """
        check_seconds("clock.advance", seconds)
        with self.lock:
            self._play_until(self._now + seconds)

    def skip_sleep(self) -> AbstractContextManager[None]:
        """Skip the caller's own sleeps (of `time`, asyncio, anyio) inside a `with`: virtual time moves instead."""
        from openai_fake import sleeping

        return sleeping.skip_sleep(self._newest, self._newest)

    def skip_sdk_sleeps(self) -> AbstractContextManager[None]:
        """Skip what the `openai` SDK sleeps (polling, back-off) inside a `with`: virtual time moves instead."""
        from openai_fake import sleeping

        return sleeping.skip_sdk_sleeps(self._newest, self._newest)

    def set(self, now: float) -> None:
        """Put the clock at an instant without playing anything; an earlier one is passed over."""
        self._now = max(self._now, now)

    def on_advance(self, play_until: Callable[[float], None]) -> None:
        """Let `play_until(instant)` be what moves this clock: it plays what is due and then sets the time."""
        self._play_until = play_until

    def followed_by(self, clock: "Clock") -> None:
        """Let sleeps that are skipped by this clock move another from now on: that of the fresh world of its fake."""
        clock._newest = self._newest
        self._newest.clock = clock

    def __repr__(self) -> str:
        return f"Clock({datetime.fromtimestamp(self._now, UTC).isoformat()}, autojump={self.autojump})"


class _Newest:
    """The clock that a fake has by now, for sleeps that are skipped while it begins fresh worlds."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    def advance(self, seconds: float, /) -> None:
        self.clock.advance(seconds)

    def append(self, seconds: float, /) -> None:
        self.clock.sleeps.append(seconds)


def _instant(start: Any) -> float:
    if start == "now":
        return time.time()
    if isinstance(start, datetime):
        # The same instant on every machine, wherever that stands.
        return (start if start.tzinfo else start.replace(tzinfo=UTC)).timestamp()
    if isinstance(start, str):
        raise ValueError(f'start={start!r}: give Unix seconds, a datetime, or "now".')
    if isinstance(start, bool) or not isinstance(start, Real):
        raise TypeError(f'start={start!r}: give Unix seconds, a datetime, or "now".')
    instant = float(start)
    if not abs(instant) <= _LATEST:
        raise ValueError(f"start={start!r}: no datetime comes to that.")
    return instant
