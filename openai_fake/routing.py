"""A request and an answer as plain values, and the table of operations that turns one into the other."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Call:
    """One request, free of any HTTP library. `path` is what follows the base prefix, with its leading `/`."""

    method: str
    host: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    url_path: str = ""
    read_timeout: float | None = None


@dataclass(slots=True)
class Reply:
    """One answer. A `body` that is no bytes is an iterator with `close()`: it is read lazily, and once."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes | Iterator[bytes]
