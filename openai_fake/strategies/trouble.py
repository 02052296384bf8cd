"""What the service and the network can do: faults, and where they strike. The simplest trouble is none."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from .. import faults as make
from ..faults import Fault

_Makers = tuple[Callable[[], Fault], ...]

_REFUSALS: _Makers = (
    *(make.server_error, make.rate_limited, make.overloaded, make.bad_gateway, make.request_timeout, make.conflict),
    *(make.quota_exceeded, make.unauthorized),
)
# What was done and cannot be seen to be done is what loops are worst at, so it is drawn as often as all refusals.
_LOST: _Makers = (
    make.lost_answer,
    lambda: make.lost_answer("ReadTimeout"),
    lambda: make.performed(make.server_error()),
)
_UNREACHED: _Makers = (make.connect_error, make.connect_timeout, make.read_timeout)
_BODIES: _Makers = (make.empty_body, make.cut_body, make.not_json, make.not_utf8, make.bad_gzip)
_OF_STREAMS = (make.disconnect, make.truncate, make.corrupt, make.stall, make.error_event)

OPERATIONS = ("runs.submit_tool_outputs", "runs.create", "runs.retrieve", "messages.list", "messages.create")
"""Where trouble strikes by default: what a run loop calls."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One fault and where it strikes: what `fake.inject` is given."""

    fault: Fault
    on: str
    times: int = 1
    after: int = 0

    def arrange(self, fake: Any) -> Any:
        """Inject it."""
        return fake.inject(self.fault, on=self.on, times=self.times, after=self.after)


def faults(*, streams: bool = False) -> st.SearchStrategy[Fault]:
    """One fault. `streams`: those that only a streamed answer can have, too. Shrinks to `server_error()`."""
    simple = [st.sampled_from(some).map(lambda maker: maker()) for some in (_REFUSALS, _LOST, _UNREACHED, _BODIES)]
    slow = st.integers(1, 900).map(make.latency)
    if not streams:
        return st.one_of(*simple, slow)
    cut = st.builds(lambda maker, after: maker(after), st.sampled_from(_OF_STREAMS), st.integers(0, 20))
    looks = st.sampled_from((make.no_done, make.comments, make.crlf, make.byte_by_byte)).map(lambda maker: maker())
    return st.one_of(*simple, slow, cut, looks)


def trouble(
    *, on: Sequence[str] = OPERATIONS, streams: bool = False, most: int = 2
) -> st.SearchStrategy[tuple[Trouble, ...]]:
    """Up to `most` faults on these operations, each for one or two calls, some calls later or at once."""
    after = st.one_of(st.just(0), st.integers(0, 3))
    one = st.builds(Trouble, faults(streams=streams), st.sampled_from(on), st.integers(1, 2), after)
    return st.lists(one, max_size=most).map(tuple)
