"""Virtual time: it starts at a fixed instant, and moves forward when it is told to."""

import gc
import time
import weakref
from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest

from openai_fake import clock as clock_module
from openai_fake.clock import DEFAULT_START, Clock
from tests.kit import api


def test_it_starts_at_a_fixed_instant() -> None:
    assert Clock().now == DEFAULT_START == datetime(2026, 1, 1, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("start", "now"),
    [
        (12, 12.0),
        (1.75, 1.75),
        (datetime(2026, 2, 1, tzinfo=UTC), 1_769_904_000.0),
        (datetime(2026, 2, 1, tzinfo=timezone(timedelta(hours=1))), 1_769_900_400.0),
    ],
)
def test_it_starts_where_a_test_says(start: float | datetime, now: float) -> None:
    assert Clock(start).now == now
    assert Clock(start).timestamp == int(now)


def test_an_instant_without_a_zone_is_the_same_on_every_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        assert Clock(datetime(2026, 2, 1)).now == 1_769_904_000.0
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("start", [None, True, date(2026, 2, 1), b"now"])
def test_what_is_no_instant_is_refused_with_what_is_taken(start: Any) -> None:
    with pytest.raises(TypeError, match='give Unix seconds, a datetime, or "now".'):
        Clock(start)


@pytest.mark.parametrize("start", [float("nan"), float("inf"), 1e300])
def test_an_instant_that_no_calendar_has_is_refused(start: float) -> None:
    with pytest.raises(ValueError, match="no datetime comes to that"):
        Clock(start)


@pytest.mark.parametrize("start", [Fraction(7, 2), 3.5])
def test_any_real_number_is_an_instant(start: Any) -> None:
    assert Clock(start).now == 3.5


def test_start_now_reads_the_wall_clock_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock_module, "time", SimpleNamespace(time=lambda: 1234.5))
    assert Clock("now").now == 1234.5


def test_another_word_is_refused_with_what_is_taken() -> None:
    with pytest.raises(ValueError, match="start='yesterday': give Unix seconds, a datetime, or \"now\"."):
        Clock("yesterday")


def test_time_does_not_run_backwards() -> None:
    clock = Clock(100)
    with pytest.raises(ValueError, match=r"clock.advance\(-1\): time only moves forward"):
        clock.advance(-1)
    clock.set(50)
    assert clock.now == 100


def test_advancing_plays_what_falls_due_and_ends_at_the_instant() -> None:
    clock, played = Clock(100), []

    def play_until(instant: float) -> None:
        played.append(instant)
        clock.set(instant)

    clock.on_advance(play_until)
    clock.advance(2.5)
    assert (clock.now, clock.timestamp, played) == (102.5, 102, [102.5])


def test_it_can_be_read_in_a_failure() -> None:
    assert repr(Clock(0)) == "Clock(1970-01-01T00:00:00+00:00, autojump=True)"


def test_two_fakes_keep_two_times() -> None:
    one, other = api(), api()
    one.fake.clock.advance(10)
    assert one.fake.clock.now - other.fake.clock.now == 10


def test_clocks_that_follow_each_other_do_not_keep_each_other() -> None:
    first = Clock()
    with first.skip_sleep():
        clock = first
        gone = []
        for _ in range(3):
            clock, before = Clock(), clock
            before.followed_by(clock)
            gone.append(weakref.ref(clock))
            del before
        gc.collect()
        assert [alive() is not None for alive in gone] == [False, False, True]
        time.sleep(7)
        assert (first.sleeps, clock.sleeps) == ([], [7])
