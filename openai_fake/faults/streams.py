"""Streams that go wrong. They wait for a call that asks for a stream; the run itself goes on, as the service let it.

`after_events`: how many events arrive whole before that; the closing `done` counts as one. What is no such number
raises `TypeError` or `ValueError`.
"""

import json
from collections.abc import Callable, Iterator

from ..checking import check_seconds, check_whole
from ..errors import TransportFailure
from ..routing import Reply
from .base import Fault, Meeting, Proceed, SpoiltBody, checked, named

Spoil = Callable[[Meeting, Iterator[bytes]], Iterator[bytes]]

_INCOMPLETE = "peer closed connection without sending complete message body (incomplete chunked read)"


def disconnect(after_events: int = 0, *, inside: bool = False, class_name: str = "RemoteProtocolError") -> Fault:
    """The connection breaks: a transport error while reading. `inside`: in the middle of the next event."""
    _check_events("disconnect", after_events)
    checked(class_name)

    def spoil(meeting: Meeting, body: Iterator[bytes]) -> Iterator[bytes]:
        yield from _cut(body, after_events, inside)
        raise TransportFailure(class_name, _INCOMPLETE)

    kind = None if class_name == "RemoteProtocolError" else class_name
    return _stream(named("disconnect", after_events=after_events, inside=inside or None, class_name=kind), spoil)


def truncate(after_events: int = 0, *, inside: bool = False) -> Fault:
    """The stream just ends, without `done` and without an error. `inside`: in the middle of the next event."""
    _check_events("truncate", after_events)

    def spoil(meeting: Meeting, body: Iterator[bytes]) -> Iterator[bytes]:
        yield from _cut(body, after_events, inside)

    return _stream(named("truncate", after_events=after_events, inside=inside or None), spoil)


def no_done() -> Fault:
    """Every event, but the closing `done` is missing."""

    def spoil(meeting: Meeting, body: Iterator[bytes]) -> Iterator[bytes]:
        return (chunk for chunk in body if not chunk.startswith(b"event: done"))

    return _stream("no_done()", spoil)


def corrupt(after_events: int = 0) -> Fault:
    """The next event's data is broken JSON; the stream goes on behind it."""
    _check_events("corrupt", after_events)

    def spoil(meeting: Meeting, body: Iterator[bytes]) -> Iterator[bytes]:
        yield from _some(body, after_events)
        for chunk in _some(body, 1):
            yield chunk.rstrip(b"\n")[:-1] + b"\n\n"
        yield from body

    return _stream(named("corrupt", after_events=after_events), spoil)


def stall(after_events: int = 0, seconds: float = float("inf")) -> Fault:
    """Nothing comes for so many virtual seconds (by default: for ever); then the stream goes on.

    A read timeout of the request that is no longer than that raises the library's `ReadTimeout` at its own virtual
    moment. A client without one, which would wait for ever, is told so by the same error.
    """
    _check_events("stall", after_events)
    check_seconds("stall", seconds, endless=True)

    def spoil(meeting: Meeting, body: Iterator[bytes]) -> Iterator[bytes]:
        yield from _some(body, after_events)
        meeting.pass_time(seconds)
        yield from body

    return _stream(
        named("stall", after_events=after_events, seconds=None if seconds == float("inf") else seconds), spoil
    )


def error_event(
    after_events: int = 0,
    message: str = "Sorry, something went wrong.",
    *,
    code: str | None = None,
    type: str = "server_error",
    nested: bool = True,
) -> Fault:
    """An `error` event, with which the stream ends. `nested`: `{"error": {…}}`, which the SDK raises as `APIError`;
    else the bare object of the specification, which it hands on as an event.
    """
    _check_events("error_event", after_events)
    error: dict[str, object] = {"message": message, "type": type, "param": None, "code": code}

    def spoil(meeting: Meeting, body: Iterator[bytes]) -> Iterator[bytes]:
        yield from _some(body, after_events)
        yield _event("error", {"error": error} if nested else error)

    return _stream(named("error_event", after_events=after_events, nested=None if nested else False), spoil)


def unknown_event(after_events: int = 0, name: str = "thread.run.dreaming") -> Fault:
    """An event that nobody has heard of, in between."""
    _check_events("unknown_event", after_events)

    def spoil(meeting: Meeting, body: Iterator[bytes]) -> Iterator[bytes]:
        yield from _some(body, after_events)
        yield _event(name, {"object": name, "id": "run_unknown"})
        yield from body

    return _stream(named("unknown_event", after_events=after_events, name=name), spoil, harmless=True)


def comments() -> Fault:
    """A comment line before every event, as proxies send to keep a connection alive."""
    return _styled("comments()", 1, lambda chunk: [b": ping\n\n", chunk])


def crlf() -> Fault:
    """Lines end with CR and LF."""
    return _styled("crlf()", 2, lambda chunk: [chunk.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")])


def byte_by_byte() -> Fault:
    """Every byte comes alone, those of one character too."""
    return _styled("byte_by_byte()", 3, lambda chunk: [chunk[n : n + 1] for n in range(len(chunk))])


def _styled(name: str, layer: int, style: Callable[[bytes], list[bytes]]) -> Fault:
    def spoil(meeting: Meeting, body: Iterator[bytes]) -> Iterator[bytes]:
        return (piece for chunk in body for piece in style(chunk))

    return _stream(name, spoil, harmless=True, layer=layer)


def _stream(name: str, spoil: Spoil, *, harmless: bool = False, layer: int = 0) -> Fault:
    def play(meeting: Meeting, proceed: Proceed) -> Reply:
        reply = proceed()
        if isinstance(reply.body, bytes):
            return reply
        body = SpoiltBody(meeting, reply.body, spoil(meeting, reply.body))
        return Reply(reply.status, reply.headers, body)

    return Fault(name, play, streams_only=True, harmless=harmless, layer=layer)


def _check_events(function: str, after_events: int) -> None:
    check_whole(function, "after_events", after_events)


def _some(body: Iterator[bytes], events: int) -> Iterator[bytes]:
    for _ in range(events):
        chunk = next(body, None)
        if chunk is None:
            return
        yield chunk


def _cut(body: Iterator[bytes], events: int, inside: bool) -> Iterator[bytes]:
    """So many events, and with `inside` the better part of the next."""
    yield from _some(body, events)
    if inside:
        chunk = next(body, b"")
        yield chunk[: len(chunk) * 2 // 3]


def _event(name: str, data: object) -> bytes:
    told = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"event: {name}\ndata: {told}\n\n".encode()
