"""The life of one run: an ordered log of events, and when the next one is due.

A life is a generator that yields **time** and writes events on the log. It is woken when its time has come, told of
outputs by `send`, and of cancelling and expiry by exceptions. Nothing else moves a run.
"""

from collections.abc import Callable, Generator
from itertools import count
from typing import Any

from .errors import Misuse

Life = Generator[float | None, Any, None]
"""Yields the seconds until it wants to be woken; `None` rests it until it is told something."""

_numbers = count()


class Expired(Exception):
    """Thrown into a life when its deadline has come."""


class Cancelled(Exception):
    """Thrown into a life when a client cancels the run."""


class Event:
    """One thing that happened: its name on the wire, the virtual second it happened at, and what it carries.

    A value: nobody changes it. `number` grows from one event to the next, whichever conversation they are of.
    """

    __slots__ = ("at", "data", "name", "number")
    __match_args__ = ("name", "at", "data")

    def __init__(self, name: str, at: float, data: Any) -> None:
        self.name = name
        self.at = at
        self.data = data
        self.number = next(_numbers)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Event):
            return NotImplemented
        return (self.name, self.at, self.data) == (other.name, other.at, other.data)

    def __repr__(self) -> str:
        return f"Event(name={self.name!r}, at={self.at!r}, data={self.data!r})"


class Timeline:
    """The log of one run (or of anything else that takes time), and the life that writes it.

    `id`: of the object that lives. `number`: its place among the fake's timelines, which breaks ties.
    `wakes`, `deadline`: instants in virtual seconds. `polls`, `shown`: what clients have seen of it; `idle_polls`,
    `idle_since`, `idle_before`: how often and from when on they have seen that nothing changes, and how often before
    that, while time went on.
    `plays`: whether its life is at work at this moment, which only the script that it plays can find out.
    """

    __slots__ = (
        "_born",
        "_life",
        "deadline",
        "events",
        "id",
        "idle_before",
        "idle_polls",
        "idle_since",
        "number",
        "over",
        "plays",
        "polls",
        "scheduled",
        "shown",
        "wakes",
    )

    def __init__(self, number: int, id: str, deadline: float | None) -> None:
        self.number = number
        self.id = id
        self.events: list[Event] = []
        self.wakes: float | None = None
        self.deadline = deadline
        self.scheduled: float | None = None
        self.polls = 0
        self.idle_polls = 0
        self.idle_before = 0
        self.idle_since = 0.0
        self.shown = ""
        self.over = False
        self.plays = False
        self._life: Life | None = None
        self._born: Callable[[], Life] | None = None

    @property
    def due(self) -> float | None:
        """When the next thing happens: its time or its deadline, whichever is first. `None` when all is over.

        `None` also while it plays: nothing else can happen to it before its life has said when to go on.
        """
        if self.plays:
            return None
        if self.wakes is None or self.deadline is None:
            return self.deadline if self.wakes is None else self.wakes
        return self.wakes if self.wakes < self.deadline else self.deadline

    @property
    def rests(self) -> bool:
        """Whether it waits to be told something, or is over: a stream ends here."""
        return self.wakes is None

    @property
    def held(self) -> bool:
        """Whether it goes on until it is cancelled, whatever the time."""
        return self.due is None and not (self.over or self.plays)

    def begin(self, life: Life, now: float) -> None:
        """Start the life: it writes its first events and says when it wants to be woken."""
        self._life = life
        self._drive(life.send, None, now)

    def begin_later(self, born: Callable[[], Life], wakes: float) -> None:
        """The same for a life that begins with nothing but a rest until `wakes`: until then there need be none."""
        self._born = born
        self.wakes = wakes

    def step(self, now: float) -> None:
        """Let the one thing happen that is due. `now` is the instant it is due at."""
        if self.deadline is not None and (self.wakes is None or self.deadline <= self.wakes):
            self.deadline = None
            self._drive(self._awake().throw, Expired(), now)
        else:
            self._drive(self._awake().send, None, now)

    def submit(self, outputs: object, now: float) -> None:
        """Tell the life of the outputs it rests for."""
        self.refuse_own_script("was given its outputs")
        assert self.rests
        self.polls = 0
        self._drive(self._awake().send, outputs, now)

    def cancel(self, now: float) -> None:
        """Tell the life that it is cancelled; from here no deadline counts."""
        self.refuse_own_script("was cancelled")
        self.deadline = None
        self.polls = 0
        self._drive(self._awake().throw, Cancelled(), now)

    def close(self) -> None:
        """End the life without another event: its fake is closing."""
        self._finish()
        if not self.plays:
            self._end_life()

    def refuse_own_script(self, what: str) -> None:
        """Raise `Misuse` where it is the script of this very run that asks for `what`."""
        if self.plays:
            raise Misuse(
                f"{self.id} {what} by its own script, in the midst of being played. End it from inside the script "
                "with fail(…), incomplete(…), expire() or a return, or do this from the test or from the tools."
            )

    def _awake(self) -> Life:
        """The life, at the rest that it has reached. Raises `Misuse` where nothing plays it any more."""
        if self.over:
            raise Misuse(
                f"{self.id} cannot go on: its fake was closed, or its script was interrupted. "
                "Keep the fake open as long as its runs live."
            )
        if self._life is None:
            assert self._born is not None
            self._life, self._born = self._born(), None
            self._life.send(None)
        return self._life

    def _drive(self, tell: Callable[[Any], float | None], what: object, now: float) -> None:
        self.idle_polls = self.idle_before = 0
        self.plays = True
        try:
            delay = tell(what)
        except StopIteration:
            self._finish()
        except BaseException:
            self._finish()
            raise
        else:
            if self.over:
                # Its fake was closed meanwhile, by another thread.
                self._end_life()
            else:
                self.wakes = None if delay is None else now + delay
        finally:
            self.plays = False

    def _end_life(self) -> None:
        if self._life is not None:
            self._life.close()

    def _finish(self) -> None:
        self.over, self.wakes, self.deadline, self._born = True, None, None, None
