"""What a fault is: something that stands between a call and its reply, and may spoil either."""

from collections.abc import Callable, Iterator
from dataclasses import field, replace
from math import inf
from typing import NamedTuple, NoReturn, Self

from ..clock import Clock
from ..errors import TRANSPORT_ERRORS, ServiceError, TransportFailure
from ..routing import Call, Reply
from ..values import value

Proceed = Callable[[], Reply]
"""Let the call go on: the operation is performed, and this is its reply."""


class Meeting(NamedTuple):
    """A call that meets a fault, and what the fault needs: virtual time, refusals in the service's form, the log."""

    call: Call
    clock: Clock
    refuse: Callable[[ServiceError], Reply]
    failed: Callable[[str, float], None]

    def pass_time(self, seconds: float) -> None:
        """Let virtual time pass, but no longer than the client waits for a byte: then raises `TransportFailure`."""
        timeout = self.call.read_timeout
        if timeout is None and seconds == inf:
            raise TransportFailure(
                "ReadTimeout", "Nothing comes any more, for ever, and this request has no read timeout."
            )
        if timeout is not None and seconds >= timeout:
            self.clock.advance(timeout)
            raise TransportFailure("ReadTimeout", "The read operation timed out")
        self.clock.advance(seconds)


Play = Callable[[Meeting, Proceed], Reply]


@value
class Fault:
    """One thing that goes wrong with a call. Made by the functions of `openai_fake.faults`, given to `fake.inject`.

    `name`: how it is written. `play`: what it does. `streams_only`: whether it waits for a call that asks for a stream.
    `harmless`: whether a call that has met it may still meet another. `layer`: what it looks at of a stream (0: whole
    events; more: what those below have made of them).
    """

    name: str
    play: Play = field(repr=False, compare=False)
    streams_only: bool = False
    harmless: bool = False
    layer: int = 0

    def __repr__(self) -> str:
        return f"faults.{self.name}"

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"{self!r} cannot be pickled: what it does is a function. Make it in the process that injects it."
        )


def named(function: str, /, *args: object, **kwargs: object) -> str:
    """A call of a fault's function as it would be written, leaving out what is `None`."""
    given = [repr(arg) for arg in args] + [f"{key}={value!r}" for key, value in kwargs.items() if value is not None]
    return f"{function}({', '.join(given)})"


def renamed(function: str, fault: Fault, /, **kwargs: object) -> Fault:
    """A fault under the name of the function that a test has called."""
    return replace(fault, name=named(function, **kwargs))


def checked(class_name: str) -> str:
    """The name of a transport error. Raises `ValueError` for any other."""
    if class_name not in TRANSPORT_ERRORS:
        raise ValueError(f"{class_name!r} is no transport error; use one of {', '.join(TRANSPORT_ERRORS)}.")
    return class_name


class SpoiltBody(Iterator[bytes]):
    """The body of a stream with a fault in it. A failure is noted in the log; at its end it closes its source."""

    def __init__(self, meeting: Meeting, source: Iterator[bytes], told: Iterator[bytes]) -> None:
        self._meeting = meeting
        self._source = source
        self._told = told

    def __next__(self) -> bytes:
        try:
            return next(self._told)
        except StopIteration:
            self.close()
            raise
        except TransportFailure as failure:
            self._meeting.failed(failure.class_name, self._meeting.clock.now)
            self.close()
            raise

    def close(self) -> None:
        """Stop reading."""
        for iterator in (self._told, self._source):
            close = getattr(iterator, "close", None)
            if close is not None:
                close()
