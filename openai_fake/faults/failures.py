"""Failures of the transport, before or after the operation has taken effect, and slowness.

They are raised as the class of that name of the caller's own library, httpx or httpx2. None but `latency` moves time.
"""

from dataclasses import replace

from ..checking import check_seconds, check_type
from ..errors import TransportFailure
from ..routing import Reply
from .base import Fault, Meeting, Proceed, checked, named, renamed

_MESSAGES = {
    "ConnectTimeout": "timed out",
    "ReadTimeout": "The read operation timed out",
    "WriteTimeout": "The write operation timed out",
    "PoolTimeout": "",
    "ConnectError": "[Errno 111] Connection refused",
    "ReadError": "[Errno 104] Connection reset by peer",
    "WriteError": "[Errno 32] Broken pipe",
    "RemoteProtocolError": "Server disconnected without sending a response.",
}
"""As httpx words them; the others have the words of the fake."""


def transport_error(class_name: str, message: str | None = None) -> Fault:
    """The request fails in the transport and never reaches the service. Raises `ValueError` for an unknown class.

    `class_name`: `"ConnectError"`, `"ReadTimeout"`, `"RemoteProtocolError"`, … (`openai_fake.errors.TRANSPORT_ERRORS`).
    """
    told = message_of(checked(class_name)) if message is None else message

    def play(meeting: Meeting, proceed: Proceed) -> Reply:
        raise TransportFailure(class_name, told)

    return Fault(named("transport_error", class_name), play)


def connect_error() -> Fault:
    """Nobody listens: the request never reaches the service."""
    return renamed("connect_error", transport_error("ConnectError"))


def connect_timeout() -> Fault:
    """No connection comes about: the request never reaches the service."""
    return renamed("connect_timeout", transport_error("ConnectTimeout"))


def read_timeout() -> Fault:
    """The client gives up waiting, and the service has not done a thing. Virtual time stands still.

    For a service that did it and answered too late, see `latency` and `lost_answer("ReadTimeout")`.
    """
    return renamed("read_timeout", transport_error("ReadTimeout"))


def lost_answer(class_name: str = "RemoteProtocolError", message: str | None = None) -> Fault:
    """The operation is performed and the state has changed, but instead of the answer comes a transport failure."""
    shown = named("lost_answer", *() if class_name == "RemoteProtocolError" else (class_name,))
    return Fault(shown, performed(transport_error(class_name, message)).play)


def performed(fault: Fault) -> Fault:
    """Another fault, but only after the operation has taken effect: `performed(server_error())`."""

    check_type("performed", "fault", fault, Fault, "a fault, such as faults.server_error()")

    def play(meeting: Meeting, proceed: Proceed) -> Reply:
        reply = proceed()
        return fault.play(meeting, lambda: reply)

    return replace(fault, name=f"performed({fault!r})", play=play)


def latency(seconds: float) -> Fault:
    """The operation is performed at once, and the answer takes so many virtual seconds.

    All that falls due meanwhile happens. A read timeout of the request that is no longer than that raises the
    library's `ReadTimeout` at its own virtual moment; what the operation did stays done. A client without one, which
    would wait for ever where `seconds` are infinite, is told so by the same error. Raises `ValueError` for a negative
    number.
    """
    check_seconds("latency", seconds, endless=True)

    def play(meeting: Meeting, proceed: Proceed) -> Reply:
        try:
            return proceed()
        finally:
            meeting.pass_time(seconds)

    return Fault(named("latency", seconds), play, harmless=True)


def message_of(class_name: str) -> str:
    """What a transport error of this class says."""
    return _MESSAGES.get(class_name, f"{class_name} arranged by openai_fake")
