"""What a client does wrong by sending a request again, byte for byte, after it was refused: too soon, or in vain."""

from collections.abc import Iterator, Sequence

from .findings import Finding, Findings
from .sightings import Sighting

SENT_AGAIN_IN_VAIN = frozenset({400, 401, 403, 404, 413, 422})
"""After these the same request will be refused again."""


def came_back_too_soon(seen: Sequence[Sighting]) -> Findings:
    """`retry-after` was passed over. The SDK's own retries are not the client's."""
    for first, again, _ in _repeats(seen):
        wait, waited = first.call.retry_after, again.call.at - first.call.at - first.call.duration
        if wait > 0.001 and waited < wait and not again.by_sdk:
            told = f"{first.call.operation} was refused with {first.call.status} and told to come back after {wait:g} s"
            told = f"{told}; it came back after {waited:g} s of virtual time."
            hint = " If the code does sleep, let fake.clock.skip_sleep() see it."
            yield Finding("ignored_retry_after", told + hint, first, again), again.number


def retried_in_vain(seen: Sequence[Sighting]) -> Findings:
    """The very same request was sent again after a refusal that will not change."""
    for first, again, changed in _repeats(seen):
        vain = first.call.status in SENT_AGAIN_IN_VAIN or first.code == "insufficient_quota"
        helped = again.call.status < 400 and not again.call.failure
        if vain and not helped and not changed and not again.by_sdk and not _passes(first.refusal):
            told = f"{first.call.operation} was refused with {first.call.status} ({first.refusal or first.code}) and"
            told = f"{told} sent again as it was: this cannot help."
            yield Finding("retried_in_vain", told, first, again), again.number


def _passes(refusal: str) -> bool:
    """Whether time alone may take a refusal away: a run ends, or comes to ask for outputs."""
    return any(text in refusal for text in ("active", "do not accept tool outputs", "Cannot update", "Cannot cancel"))


def _repeats(seen: Sequence[Sighting]) -> Iterator[tuple[Sighting, Sighting, bool]]:
    """Each request that was sent again, byte for byte, after it was refused; and whether anything has changed since.

    What names no thread may well be somebody else's, unless it comes right after.
    """
    refused: dict[tuple[object, ...], tuple[Sighting, int]] = {}
    changes = 0
    for sighting in seen:
        call = sighting.call
        request = (call.operation, call.path, tuple(call.query.items()), call.body)
        if request in refused:
            first, before = refused.pop(request)
            if sighting.thread or first.number == sighting.number - 1:
                yield first, sighting, changes > before
        if call.status >= 400:
            refused[request] = sighting, changes
        elif call.method != "GET" and call.status:
            changes += 1
