"""What a verdict is made of: findings, each with the calls that prove it."""

from collections.abc import Iterator

from .logged import LoggedCall
from .sightings import Sighting


class Finding(str):
    """One thing that the client did wrong, as a sentence. `kind`: its name. `calls`: what it rests on."""

    kind: str
    calls: tuple[LoggedCall, ...]

    def __new__(cls, kind: str, sentence: str, *seen: Sighting) -> "Finding":
        """A finding that rests on these sightings."""
        made = super().__new__(cls, sentence)
        made.kind, made.calls = kind, tuple(sighting.call for sighting in seen)
        return made

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override]
        return self.kind, str(self)


class Verdict(list[Finding]):
    """The findings, in the order in which they came about; as a string, all of them with their calls."""

    def __str__(self) -> str:
        if not self:
            return "The client did nothing wrong."
        told = [f"The client did {len(self)} thing(s) wrong:"]
        for finding in self:
            told.append(f"  - [{finding.kind}] {finding}")
            told += [f"      at +{call.at - self[0].calls[0].at:g} s  {call!r}" for call in finding.calls]
        return "\n".join(told)


Findings = Iterator[tuple[Finding, int]]
"""Findings, each with the number of the call that shows it."""
