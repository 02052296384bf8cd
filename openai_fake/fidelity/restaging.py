"""Asks the fake what a recording asked the service, request by request, and says how the answers compare."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..api import Door, DoorSettings
from ..calls import CallLog
from ..clock import Clock
from ..scenario.acting import acts_of
from ..scenario.evidence import Evidence
from ..scenario.exchanges import Exchange, Recording
from ..script import Script
from ..world import Settings, World
from .asking import KEY, answer_of, call_of
from .compare import Difference, broken_rules, differences
from .driving import drive
from .known import Known, known, out_of_scope
from .names import Names
from .staging import Staging
from .streams import broken_rules_of_stream, stream_differences


@dataclass(frozen=True)
class Outcome:
    """One exchange and what became of it. `reason`: why it is out of scope. `unexplained`: what fails the measure."""

    exchange: Exchange
    reason: str | None = None
    explained: tuple[tuple[Difference, Known], ...] = ()
    unexplained: tuple[Difference, ...] = ()

    @property
    def grade(self) -> str:
        """`exact`, `known difference`, `out of scope` or `unexplained`."""
        if self.reason is not None:
            return "out of scope"
        if self.unexplained:
            return "unexplained"
        return "known difference" if self.explained else "exact"


def restage(recording: Recording) -> list[Outcome]:
    """Every exchange of a recording, asked of a fresh fake in its recorded profile."""
    return list(_Restaging(recording).outcomes())


class _Restaging:
    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        in_scope = [exchange for exchange in recording.exchanges if out_of_scope(exchange) is None]
        self._evidence = Evidence.of(in_scope)
        self._clock = Clock(_start(in_scope), autojump=False)
        self._world = World(Settings(profile="recorded"), self._clock)
        self._door = Door(self._world, CallLog(), DoorSettings(api_key=KEY, poll_after_ms=None))
        self._names = Names()
        self._staging = Staging(self._world, self._evidence, self._names)

    def outcomes(self) -> Iterator[Outcome]:
        self._staging.begin()
        for exchange in self._recording.exchanges:
            reason = out_of_scope(exchange)
            if reason is not None:
                yield Outcome(exchange, reason)
                continue
            told = [(found, known(found, exchange)) for found in self._differences(exchange)]
            yield Outcome(
                exchange,
                explained=tuple((found, line) for found, line in told if line is not None),
                unexplained=tuple(found for found, line in told if line is None),
            )
        self._world.close()

    def _differences(self, exchange: Exchange) -> list[Difference]:
        try:
            return list(self._compare(exchange, self._ask(exchange)))
        except Exception as error:
            # One exchange that cannot be staged is one difference; the rest of the recording still counts.
            return [Difference("", "staging", "an answer", repr(error))]

    def _ask(self, exchange: Exchange) -> Exchange:
        self._let_pass(exchange)
        self._staging.prepare(exchange)
        drive(self._world, exchange, self._names)
        if exchange.went_well and exchange.operation in ("runs.create", "threads.create_and_run"):
            made = next(evidence for evidence in self._evidence.runs.values() if evidence.made_by == exchange.number)
            self._world.book.add(Script(tuple(self._names.translated(acts_of(made))), optional=True))
        reply = self._door.answer(call_of(exchange, self._names))
        # A stream waits for what it tells; nothing else here moves time.
        self._clock.autojump = True
        try:
            return answer_of(reply)
        finally:
            self._clock.autojump = False

    def _let_pass(self, exchange: Exchange) -> None:
        """Put the clock where the recording's was, without letting anything happen by it."""
        first = next(exchange.objects(), {})
        stamp = first.get("created_at") if first.get("id") in self._evidence.made else None
        for at in (stamp, exchange.at):
            if isinstance(at, int) and exchange.went_well:
                self._clock.set(at)
                return

    def _compare(self, recorded: Exchange, fake: Exchange) -> Iterable[Difference]:
        if recorded.status != fake.status:
            yield Difference("", "status", recorded.status, f"{fake.status} {fake.response}")
            return
        if recorded.content_type and recorded.content_type != fake.content_type:
            yield Difference("", "content type", recorded.content_type, fake.content_type)
        if recorded.events is not None:
            yield from stream_differences(recorded.events, fake.events or (), self._names)
            yield from _newly_broken(broken_rules_of_stream(recorded.events), broken_rules_of_stream(fake.events or ()))
        else:
            yield from differences(recorded.response, fake.response, self._names)
        sides = [[e.response] if e.events is None else [data for _, data in e.events] for e in (recorded, fake)]
        broken = [(rule for item in side for rule in broken_rules(item)) for side in sides]
        yield from _newly_broken(*broken)


def _newly_broken(recorded: Iterable[str], fake: Iterable[str]) -> Iterator[Difference]:
    """A difference for each rule that the fake breaks and the recording keeps."""
    broken_before = set(recorded)
    for rule in dict.fromkeys(fake):
        if rule not in broken_before:
            yield Difference("", "rule", "kept", f"broken: {rule}")


def _start(exchanges: Iterable[Exchange]) -> int:
    """The first instant that a recording knows of."""
    stamps = [item.get("created_at") for exchange in exchanges for item in exchange.objects()]
    dates = [exchange.at for exchange in exchanges]
    return min((date for date in (*stamps, *dates) if isinstance(date, int)), default=0)
