"""Who is due next: in the order of time, those of one instant in the order they began, and nobody else is looked at."""

from openai_fake.clock import Clock
from openai_fake.schedule import Schedule
from openai_fake.timeline import Expired, Life, Timeline


class Stage:
    def __init__(self) -> None:
        self.clock = Clock(0)
        self.schedule = Schedule(self.clock)
        self.happened: list[tuple[float, str]] = []

    def begin(self, name: str, *delays: float | None, deadline: float | None = None) -> Timeline:
        timeline = Timeline(next(self.schedule.numbers), name, deadline)
        timeline.begin(self._life(name, delays), self.clock.now)
        self.schedule.note(timeline)
        return timeline

    def _life(self, name: str, delays: tuple[float | None, ...]) -> Life:
        try:
            for delay in delays:
                yield delay
                self.happened.append((self.clock.now, name))
        except Expired:
            self.happened.append((self.clock.now, f"{name} expired"))


def test_time_plays_what_is_due_in_the_order_it_is_due() -> None:
    stage = Stage()
    stage.begin("slow", 3, 3)
    stage.begin("quick", 1, 1, 1)
    stage.clock.advance(4)
    assert (stage.happened, stage.clock.now) == ([(1, "quick"), (2, "quick"), (3, "slow"), (3, "quick")], 4)
    stage.clock.advance(4)
    assert (stage.happened[4:], stage.clock.now) == ([(6, "slow")], 8)


def test_of_one_instant_the_one_that_began_first_comes_first() -> None:
    stage = Stage()
    for name in ("a", "b", "c"):
        stage.begin(name, 2)
    stage.clock.advance(2)
    assert stage.happened == [(2, "a"), (2, "b"), (2, "c")]


def test_asking_for_the_next_of_one_plays_what_is_due_before_it() -> None:
    stage = Stage()
    late = stage.begin("late", 5)
    stage.begin("early", 1, 1)
    assert stage.schedule.play_next(late)
    assert stage.happened == [(1, "early"), (2, "early"), (5, "late")]
    assert stage.clock.now == 5


def test_one_that_is_over_has_no_next() -> None:
    stage = Stage()
    line = stage.begin("a", 1)
    stage.clock.advance(1)
    assert not stage.schedule.play_next(line)


def test_one_that_was_told_something_else_meanwhile_is_not_played_at_its_old_time() -> None:
    stage = Stage()
    line = stage.begin("a", None, 4)
    line.submit(None, 0)
    stage.schedule.note(line)
    stage.happened.clear()
    stage.clock.advance(3)
    assert stage.happened == []
    stage.clock.advance(1)
    assert stage.happened == [(4, "a")]


def test_closing_ends_every_life() -> None:
    stage = Stage()
    lines = [stage.begin(name, 1, 1) for name in "abc"]
    stage.schedule.close()
    assert all(line.over for line in lines)
    stage.clock.advance(10)
    assert stage.happened == []


def test_a_run_is_compared_with_as_many_others_however_many_rest() -> None:
    counts = []
    for others in (10, 5000):
        stage = Stage()
        for number in range(others):
            stage.begin(f"idle {number}", None, deadline=Deadline(600))
        Deadline.compared = 0
        line = stage.begin("a", 1, 1, 1)
        while stage.schedule.play_next(line):
            continue
        counts.append(Deadline.compared)
    assert counts[0] == counts[1] <= 20


def test_of_one_instant_a_deadline_waits_its_turn_among_the_others() -> None:
    stage = Stage()
    stage.begin("first", 5)
    stage.begin("second", None, deadline=5)
    stage.begin("third", 5)
    stage.begin("fourth", None, deadline=4)
    stage.clock.advance(5)
    assert stage.happened == [(4, "fourth expired"), (5, "first"), (5, "second expired"), (5, "third")]


class Deadline(float):
    """An instant that counts how often it is compared with another."""

    compared = 0

    def __eq__(self, other: object) -> bool:
        Deadline.compared += 1
        return super().__eq__(other)

    def __lt__(self, other: float) -> bool:
        Deadline.compared += 1
        return super().__lt__(other)

    def __gt__(self, other: float) -> bool:
        Deadline.compared += 1
        return super().__gt__(other)

    __hash__ = float.__hash__
