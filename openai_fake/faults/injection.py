"""Which call meets which fault of those that were injected.

A call meets the first fault that is due for it, and every harmless one (latency, the looks of a stream) around it.
"""

from collections.abc import Callable
from difflib import get_close_matches
from fnmatch import fnmatchcase
from json import loads

from ..checking import check_type, check_whole, is_a
from ..routing import Call, Reply, all_operations, is_known
from .base import Fault, Meeting, Proceed


class Injection:
    """A fault that was injected: `on` which operations, how many `times`, `after` how many calls that pass.

    `seen`: the calls so far that fit. `met`: how many of them met the fault.
    """

    def __init__(self, fault: Fault, on: str, times: int | None, after: int) -> None:
        self.fault = fault
        self.on = on
        self.times = times
        self.after = after
        self.begin()

    def begin(self) -> None:
        """Count from the beginning."""
        self.seen: int = 0
        self.met: int = 0

    @property
    def left(self) -> float:
        """How many calls it will still meet; infinity where `times` is `None`."""
        return float("inf") if self.times is None else self.times - self.met

    def sees(self, operation: str, call: Call) -> bool:
        """Whether it is due for this call, which is counted if it fits."""
        if not fnmatchcase(operation, self.on) or (self.fault.streams_only and not _wants_stream(call)):
            return False
        self.seen += 1
        return self.seen > self.after and self.left > 0

    def __repr__(self) -> str:
        return f"<{self.fault!r} on {self.on!r}: met {self.met} of {'any' if self.times is None else self.times}>"


def meet(injections: list[Injection], operation: str, meeting: Meeting, proceed: Proceed) -> Reply:
    """The reply to a call, through the faults that are due for it, in their order."""
    due = [injection for injection in injections if injection.sees(operation, meeting.call)]
    if not due:
        return proceed()
    harmless = sorted((one for one in due if one.fault.harmless), key=lambda one: -one.fault.layer)
    met = harmless + [injection for injection in due if not injection.fault.harmless][:1]
    for injection in met:
        injection.met += 1
    return _chain([injection.fault for injection in met], meeting, proceed)


def injection(fault: Fault | Callable[[], Fault], on: str, times: int | None, after: int) -> Injection:
    """A fault, or the bare function that makes it, checked. Raises `TypeError` and `ValueError`."""
    try:
        made = fault() if callable(fault) else fault
    except TypeError as error:
        raise TypeError(f"fake.inject({fault!r}): give a fault, such as faults.server_error(). ({error})") from None
    if not is_a(made, Fault):
        raise TypeError(f"fake.inject({fault!r}): give a fault, such as faults.server_error().")
    check_type("fake.inject", "on", on, str, "the name of an operation, or a pattern such as 'runs.*'")
    if not is_known(on):
        near = get_close_matches(on, all_operations(), n=3, cutoff=0.3) or list(all_operations())[:3]
        raise ValueError(f"fake.inject(on={on!r}): no operation is called so; there are {', '.join(near)} and others.")
    if times is not None:
        check_whole("fake.inject", "times", times, least=1)
    check_whole("fake.inject", "after", after)
    return Injection(made, on, times, after)


def _chain(faults: list[Fault], meeting: Meeting, proceed: Proceed) -> Reply:
    if not faults:
        return proceed()
    return faults[0].play(meeting, lambda: _chain(faults[1:], meeting, proceed))


def _wants_stream(call: Call) -> bool:
    try:
        sent = loads(call.body)
    except ValueError:
        return False
    return isinstance(sent, dict) and sent.get("stream") is True
