"""One life on one line: woken, told, cancelled, expired; the deadline lies on the same line as the waking."""

import weakref
from functools import partial
from typing import Any

import pytest

from openai_fake.errors import Misuse
from openai_fake.timeline import Cancelled, Event, Expired, Life, Timeline


def begun(life: Life, deadline: float | None = 600.0, now: float = 0.0) -> Timeline:
    timeline = Timeline(1, "run_1", deadline)
    timeline.begin(life, now)
    return timeline


def shown(timeline: Timeline) -> tuple[float | None, bool, bool]:
    return timeline.due, timeline.rests, timeline.over


def test_a_life_is_due_when_it_wants_to_be_woken() -> None:
    timeline = begun(iter_life([1.5, 2]), now=10)
    assert shown(timeline) == (11.5, False, False)
    timeline.step(11.5)
    assert timeline.due == 13.5
    timeline.step(13.5)
    assert shown(timeline) == (None, True, True)


@pytest.mark.parametrize(
    ("tell", "heard"),
    [
        (lambda timeline: timeline.step(11), ["born", "woken"]),
        (lambda timeline: timeline.cancel(10), ["born", "Cancelled"]),
        (lambda timeline: timeline.close(), []),
    ],
    ids=["woken", "cancelled", "closed"],
)
def test_a_life_that_begins_with_a_rest_is_born_when_it_is_told_something(tell: Any, heard: list[str]) -> None:
    happened = []

    def life() -> Life:
        happened.append("born")
        try:
            yield 1
            happened.append("woken")
        except Cancelled:
            happened.append("Cancelled")

    timeline = Timeline(1, "run_1", 600)
    timeline.begin_later(life, 11)
    assert (shown(timeline), happened) == ((11, False, False), [])
    tell(timeline)
    assert (shown(timeline), happened) == ((None, True, True), heard)


def test_a_run_of_a_closed_fake_is_told_so_whether_it_was_born_or_not() -> None:
    late, early = Timeline(1, "run_1", 600), begun(iter_life([1]))
    late.begin_later(lambda: iter_life([1]), 1)
    for timeline in (late, early):
        timeline.close()
        with pytest.raises(
            Misuse,
            match=r"^run_1 cannot go on: its fake was closed, or its script was interrupted\. Keep the fake open",
        ):
            timeline.cancel(0)
        assert shown(timeline) == (None, True, True)


def test_a_life_that_is_over_keeps_nothing_alive() -> None:
    class Held:
        """What the life needs."""

    held = Held()
    gone = weakref.ref(held)

    def life(held: Held) -> Life:
        yield 1

    timeline = Timeline(1, "run_1", 600)
    timeline.begin_later(partial(life, held), 1)
    del held
    assert gone() is not None
    timeline.step(1)
    assert gone() is None


def test_events_are_equal_by_what_they_tell() -> None:
    event = Event("began", 0, {"id": "run_1"})
    assert event == Event("began", 0, {"id": "run_1"})
    assert event != Event("began", 1, {"id": "run_1"})
    assert event != "began"
    assert repr(event) == "Event(name='began', at=0, data={'id': 'run_1'})"


def test_a_life_whose_deadline_comes_before_it_is_born_expires() -> None:
    happened = []

    def life() -> Life:
        try:
            yield 1
        except Expired:
            happened.append("expired")

    timeline = Timeline(1, "run_1", 10.5)
    timeline.begin_later(life, 11)
    timeline.step(10.5)
    assert (happened, timeline.over) == (["expired"], True)


def iter_life(delays: list[float | None]) -> Life:
    for delay in delays:
        yield delay


@pytest.mark.parametrize(("wait", "due", "told"), [(599, 599, "woken"), (600, 600, "expired"), (650, 600, "expired")])
def test_the_deadline_and_the_waking_lie_on_one_line(wait: float, due: float, told: str) -> None:
    happened = []

    def life() -> Life:
        try:
            yield wait
            happened.append("woken")
        except Expired:
            happened.append("expired")

    timeline = begun(life())
    assert timeline.due == due
    timeline.step(due)
    assert (happened, timeline.over) == ([told], True)


def test_a_life_that_rests_is_due_at_its_deadline_only() -> None:
    timeline = begun(iter_life([None]))
    assert (timeline.rests, timeline.due) == (True, 600)


def test_outputs_are_sent_to_the_life_that_waits_for_them() -> None:
    given: list[Any] = []

    def life() -> Any:
        given.append((yield None))
        yield 5

    timeline = begun(life())
    timeline.polls = 3
    timeline.submit({"call_1": "sunny"}, 20)
    assert (given, timeline.due, timeline.polls) == ([{"call_1": "sunny"}], 25, 0)


def test_a_cancelled_life_has_no_deadline_any_more() -> None:
    def life() -> Life:
        try:
            yield 5
        except Cancelled:
            yield 1000

    timeline = begun(life())
    timeline.cancel(2)
    assert timeline.due == 1002


def test_closing_ends_a_life_without_another_event() -> None:
    closed = []

    def life() -> Life:
        try:
            timeline_events.append(Event("began", 0, None))
            yield 5
            timeline_events.append(Event("ended", 5, None))
        finally:
            closed.append(True)

    timeline_events: list[Event] = []
    timeline = begun(life())
    timeline.close()
    assert (timeline.over, timeline.due, closed, len(timeline_events)) == (True, None, [True], 1)


def test_a_life_that_fails_is_over_and_its_failure_is_seen() -> None:
    def life() -> Life:
        yield 1
        raise RuntimeError("broken")

    timeline = begun(life())
    with pytest.raises(RuntimeError, match="broken"):
        timeline.step(1)
    assert (timeline.over, timeline.due) == (True, None)


def test_anything_that_happens_starts_the_count_of_idle_polls_again() -> None:
    timeline = begun(iter_life([1, 1]))
    timeline.idle_polls = 7
    timeline.step(1)
    assert timeline.idle_polls == 0


def test_a_life_that_is_closed_while_it_plays_never_wakes_again() -> None:
    left: list[str] = []

    def life() -> Any:
        try:
            timeline.close()
            yield 5
        finally:
            left.append("ended")

    timeline = Timeline(1, "run_1", 600)
    timeline.begin(life(), 0)
    assert (timeline.due, timeline.over, left) == (None, True, ["ended"])
