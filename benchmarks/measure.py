"""Measuring: everything that is compared runs in turn, round by round, because machines drift. Medians are told."""

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Figure:
    """One measured thing. `value` in `unit`; `bar`: what it may be at most (or, with `at_least`, must be at least)."""

    group: str
    name: str
    value: float
    unit: str
    bar: float | None = None
    at_least: bool = False

    @property
    def holds(self) -> bool | None:
        """Whether the bar is kept; `None` where there is none."""
        if self.bar is None:
            return None
        return self.value >= self.bar if self.at_least else self.value <= self.bar


@dataclass
class Timing:
    """Seconds a call, one for each round."""

    rounds: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.rounds)

    def over(self, other: "Timing") -> float:
        """The median of the ratios, round by round."""
        return statistics.median(mine / theirs for mine, theirs in zip(self.rounds, other.rounds, strict=True))


Subject = Callable[[], AbstractContextManager[Callable[[], object]]]
"""What is measured: opened for a round, it gives the call that is timed. Opening and closing are not."""


def in_turn(subjects: Mapping[str, Subject], rounds: int, calls: int) -> dict[str, Timing]:
    """Time each subject `calls` times a round, one subject after another, each after a short warm-up."""
    timings = {name: Timing() for name in subjects}
    for number in range(rounds + 1):
        gc.collect()
        names = list(subjects)
        for name in names if number % 2 else reversed(names):
            with subjects[name]() as call:
                _time(call, max(1, calls // 10))
                seconds = _time(call, calls)
            if number:
                timings[name].rounds.append(seconds)
    return timings


def always(call: Callable[[], object]) -> Subject:
    """A subject that needs no opening."""
    return lambda: nullcontext(call)


def seconds_of(call: Callable[[], object]) -> float:
    """Seconds of one call."""
    return _time(call, 1)


def _time(subject: Callable[[], object], calls: int) -> float:
    gc.disable()
    try:
        start = time.perf_counter()
        for _ in range(calls):
            subject()
        return (time.perf_counter() - start) / calls
    finally:
        gc.enable()
