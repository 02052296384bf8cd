"""What of a request's headers and query goes into the log: secrets are blacked out on the way in, never later.

The row of names, the same in every request of a client, is kept once.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from .secrets import REDACTED, is_secret_name, is_secret_parameter, redact

_HARMLESS = frozenset(
    {"accept", "accept-encoding", "accept-language", "connection", "content-length", "content-type", "host"}
    | {"openai-beta", "traceparent", "transfer-encoding", "user-agent"}
    | {"after", "before", "filter", "include[]", "limit", "order", "purpose", "run_id", "api-version", "stage"}
)


KeptHeaders = tuple[tuple[str, ...], tuple[str, ...]]
"""The headers of a call: names that it shares with other calls, and a value for each."""

Shape = tuple[tuple[str, ...], tuple[int, ...], tuple[int, ...]]
"""A row of header names, the places of those that are secrets, and of those that may hold one."""


def kept_headers(headers: Mapping[str, str]) -> KeptHeaders:
    """The headers as the log holds them."""
    names, secret, doubtful = shape_of(tuple(headers))
    values = list(headers.values())
    for index in secret:
        values[index] = REDACTED
    for index in doubtful:
        values[index] = redact(values[index])
    return names, tuple(values)


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
    return names, secret, doubtful
