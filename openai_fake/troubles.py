"""What trouble is arranged for a world. The faults themselves are imported with the first of it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from .errors import TransportFailure
from .routing import Reply

if TYPE_CHECKING:
    from .faults.base import Meeting
    from .faults.injection import Injection


class Troubles:
    """All the trouble that is arranged for one world: faults in their order, an outage, the end of the service."""

    def __init__(self) -> None:
        self.injections: list[Injection] = []
        self.is_down = False
        self.is_sunset = False

    @property
    def any(self) -> bool:
        """Whether a call can meet anything at all."""
        return bool(self.injections) or self.is_down or self.is_sunset

    def add(self, injection: "Injection") -> "Injection":
        """Arrange for a fault."""
        injection.begin()
        self.injections.append(injection)
        return injection

    def meet(self, operation: str, meeting: "Meeting", proceed: Callable[[], Reply]) -> Reply:
        """The reply to a call, through whatever it meets. Raises `TransportFailure` where it meets one."""
        if self.is_down:
            raise TransportFailure("ConnectError", "[Errno 111] Connection refused")
        if self.is_sunset and meeting.call.path.startswith(("/assistants", "/threads")):
            from .faults.refusals import sunset

            return meeting.refuse(sunset(meeting.call.method, meeting.call.url_path or meeting.call.path))
        from .faults.injection import meet

        return meet(self.injections, operation, meeting, proceed)
