"""Events to bytes: two lines and a blank one an event, compact JSON, `[DONE]` at the end (recorded.md 5.1)."""

import json
from collections.abc import Iterator
from typing import Any

from pydantic_core import to_json

from .errors import TransportFailure, our_fault
from .profiles import show
from .reading import Reading
from .timeline import Event

DONE = b"event: done\ndata: [DONE]\n\n"


class EventStream(Iterator[bytes]):
    """The body of a streamed answer: one chunk an event, made when it is read. It is played once."""

    def __init__(self, reading: Reading, profile: str) -> None:
        self.reading = reading
        self._profile = profile
        self._over = False
        self._told: list[Event] = []

    def __next__(self) -> bytes:
        if self._over:
            raise StopIteration
        try:
            event = self.reading.next_event()
            if event is not None:
                self._told.append(event)
                return encode(event, self._profile)
        except TransportFailure:
            raise
        except Exception as error:
            self._over = True
            return self._own_error(error)
        self._over = True
        return DONE

    def _own_error(self, error: Exception) -> bytes:
        """A fault of the fake itself: told as an `error` event that the SDK raises from, and when the fake closes."""
        fault = our_fault(error)
        self.reading.world.remember(fault)
        told = {"message": str(fault), "type": "openai_fake_error", "param": None, "code": None}
        return b"event: error\ndata: %b\n\n" % to_json({"error": told})

    def close(self) -> None:
        """Stop reading. The run goes on in virtual time, as the service let it."""
        self._over = True

    def answer(self) -> list[list[Any]]:
        """What was told so far: `[event, data]` for each event."""
        return [[event.name, json.loads(to_json(show(event.data, self._profile, "event")))] for event in self._told]

    def last_at(self) -> float | None:
        """The virtual instant of the newest event that was told."""
        return self._told[-1].at if self._told else None

    @property
    def over(self) -> bool:
        """Whether nobody reads it any more."""
        return self._over


def encode(event: Event, profile: str) -> bytes:
    """One event as it stands on the wire."""
    return b"event: %b\ndata: %b\n\n" % (event.name.encode(), to_json(show(event.data, profile, "event")))
