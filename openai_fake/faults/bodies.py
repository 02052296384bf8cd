"""Answers whose body is spoilt. The operation is performed, the status is its own, and the client cannot read it."""

from collections.abc import Callable, Iterator

from ..errors import TransportFailure
from ..routing import Reply
from .base import Fault, Meeting, Proceed, SpoiltBody, checked, named
from .failures import message_of


def empty_body() -> Fault:
    """Not one byte."""
    return _spoilt("empty_body()", lambda body: b"")


def cut_body(class_name: str | None = None) -> Fault:
    """The first half of the body; then it just ends, or fails with a transport error of this class."""
    if class_name is None:
        return _spoilt("cut_body()", lambda body: body[: len(body) // 2])
    checked(class_name)

    def play(meeting: Meeting, proceed: Proceed) -> Reply:
        reply = proceed()
        body = _bytes(reply)

        def told() -> Iterator[bytes]:
            yield body[: len(body) // 2]
            raise TransportFailure(class_name, message_of(class_name))

        return Reply(reply.status, reply.headers, SpoiltBody(meeting, iter(()), told()))

    return Fault(named("cut_body", class_name), play)


def not_json() -> Fault:
    """Text that is no JSON, under the content type of JSON."""
    return _spoilt("not_json()", lambda body: b"upstream connect error or disconnect/reset before headers")


def not_utf8() -> Fault:
    """JSON with bytes in it that are no UTF-8."""
    return _spoilt("not_utf8()", lambda body: b'{"id": "\xff\xfe\xfa"}')


def wrong_content_type(content_type: str = "text/plain") -> Fault:
    """The right body under another content type."""
    shown = named("wrong_content_type", *() if content_type == "text/plain" else (content_type,))
    return _spoilt(shown, lambda body: body, ("content-type", content_type))


def bad_gzip() -> Fault:
    """A body that says it is gzip, and is not."""
    return _spoilt("bad_gzip()", lambda body: b"not gzip at all", ("content-encoding", "gzip"))


def _spoilt(name: str, spoil: Callable[[bytes], bytes], header: tuple[str, str] | None = None) -> Fault:
    def play(meeting: Meeting, proceed: Proceed) -> Reply:
        reply = proceed()
        headers = list(reply.headers)
        if header is not None:
            headers = [pair for pair in headers if pair[0].lower() != header[0]] + [header]
        return Reply(reply.status, headers, spoil(_bytes(reply)))

    return Fault(name, play)


def _bytes(reply: Reply) -> bytes:
    """The body; of a stream, all of it up to where it rests."""
    return reply.body if isinstance(reply.body, bytes) else b"".join(reply.body)
