"""What of a request's headers and query goes into the log: secrets are blacked out on the way in, never later.

The row of names, the same in every request of a client, is kept once.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from .secrets import REDACTED, is_secret_name, is_secret_parameter, redact

_HARMLESS = frozenset(
    {"accept", "accept-encoding", "accept-language", "connection", "content-length", "content-type", "host"}
    | {"openai-beta", "traceparent", "transfer-encoding", "user-agent"}
    | {"after", "before", "filter", "include[]", "limit", "order", "purpose", "run_id", "api-version", "stage"}
)


class KeptHeaders(NamedTuple):
    """The headers of a call: names that it shares with other calls, and a value for each."""

    names: tuple[str, ...]
    values: tuple[str, ...]


class Shape(NamedTuple):
    """A row of header names: which of them are secrets, and which may hold one."""

    names: tuple[str, ...]
    secret: tuple[int, ...]
    doubtful: tuple[int, ...]


def kept_headers(headers: Mapping[str, str]) -> KeptHeaders:
    """The headers as the log holds them."""
    shape = shape_of(tuple(headers))
    values = list(headers.values())
    for index in shape.secret:
        values[index] = REDACTED
    for index in shape.doubtful:
        values[index] = redact(values[index])
    return KeptHeaders(shape.names, tuple(values))


def kept_query(query: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The query as the log holds it."""
    return tuple([(name, _kept_parameter(name, value)) for name, value in query])


def _kept_parameter(name: str, value: str) -> str:
    if name in _HARMLESS:
        return value
    return REDACTED if is_secret_parameter(name) else redact(value)


def is_harmless(name: str) -> bool:
    """Whether a header of that name holds no secret."""
    return name in _HARMLESS or name.startswith("x-stainless-")


@lru_cache(1_000)
def shape_of(names: tuple[str, ...]) -> Shape:
    """The shape of a row of names, which all rows of those names share."""
    secret = tuple(index for index, name in enumerate(names) if is_secret_name(name))
    doubtful = tuple(index for index, name in enumerate(names) if index not in secret and not is_harmless(name))
    return Shape(names, secret, doubtful)
