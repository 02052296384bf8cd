"""What a fake stands on: its options, its world as it now is, and the template that each entry starts from."""

import os
from collections.abc import Callable
from copy import copy
from dataclasses import fields
from threading import RLock
from typing import Any, Self, TypeVar
from weakref import WeakSet

from .api import Door, DoorSettings
from .calls import CallLog
from .clock import Clock
from .objects.messages import Thread
from .options import Options
from .routing import Call, Reply
from .troubles import Troubles
from .world import Settings, World

T = TypeVar("T")


_houses: "WeakSet[House]" = WeakSet()


class Gate:
    """The way in that stays the same while worlds come and go. `answer`: of the door that it leads to."""

    answer: Callable[[Call], Reply]


class House:
    """One world after another, and what is kept between them."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self._gate = Gate()
        self._template: list[Callable[[Any], object]] = []
        self._is_open = False
        self._begin()

    def _begin(self) -> None:
        options = self.options
        clock = Clock(options.start, autojump=options.autojump)
        settings = Settings(**{part.name: getattr(options, part.name) for part in fields(Settings)})
        self._start = clock.now
        self._there: list[Any] = []
        self._world = World(settings, clock, self)
        _houses.add(self)
        self._calls = CallLog(options.max_calls)
        self._troubles = Troubles()
        door = DoorSettings(api_key=options.api_key, poll_after_ms=options.shown_poll_after_ms)
        self._gate.answer = Door(self._world, self._calls, door, self._troubles).answer
        for step in self._template:
            step(self)

    def _begin_anew(self) -> None:
        """A fresh world in the place of the last one: whoever skips sleeps by its clock goes on by the new one."""
        clock = self._world.clock
        self._begin()
        clock.followed_by(self._world.clock)

    def _twin(self) -> Self:
        """Another fake of the same options and template, not open yet; the two share nothing else."""
        twin = copy(self)
        twin._gate, twin._template, twin._is_open = Gate(), list(self._template), False
        twin._begin()
        return twin

    def _keep(self, step: Callable[[Self], T]) -> T:
        """Do something now, and, where the fake is not open yet, at every entry, also of its twins: `step` is told
        which house it is for. What raises is kept by nobody."""
        with self._world.lock:
            done = step(self)
        if not self._is_open:
            self._template.append(step)
        return done

    def _put(self, put: Callable[..., T], *args: Any) -> T:
        return self._keep(lambda house: house._note(put(house._world, *args)))

    def _note(self, item: T) -> T:
        """Remember what a test has put in place, and the messages that came with a thread."""
        self._there.append(item)
        if isinstance(item, Thread):
            self._there.extend(self._world.conversations[item.id].messages.values())
        return item


def _free_locks() -> None:
    """In a process that was just forked: free what another thread holds, which is not there to end its call."""
    for house in _houses:
        world = house._world
        if world.lock.acquire(blocking=False):
            world.lock.release()
        else:
            world.lock = world.clock.lock = RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_free_locks)
