"""The way down: a request of either library is turned into a `Call`, once, and handed to the door."""

from typing import Any, NamedTuple, Protocol
from urllib.parse import parse_qsl

from ..claims import Addresses
from ..routing import Call, Reply


class Door(Protocol):
    """What the hook needs of the engine."""

    def answer(self, call: Call) -> Reply:
        """Answer one call. Called from any thread; may raise `errors.Trouble`."""
        ...


class Claim(NamedTuple):
    """A request that is ours: the path to route on, and the parts of it that were looked at to find out."""

    path: str
    host: str
    url_path: str
    query: str
    headers: list[tuple[bytes, bytes]]


def claim(addresses: Addresses, request: Any) -> Claim | None:
    """The claim on a request, or `None` if it is not ours. The body is not looked at."""
    url = request.url
    host, headers = url.host, request.headers.raw
    url_path, _, query = url.raw_path.decode("ascii").partition("?")
    path = addresses.locate(host, url.port, url_path, query, headers)
    return None if path is None else Claim(path, host, url_path, query, headers)


def call_of(request: Any, claim: Claim, body: bytes) -> Call:
    """The request as a plain value."""
    path, host, url_path, query, headers = claim
    timeout = request.extensions.get("timeout")
    return Call(
        method=request.method,
        host=host,
        path=path,
        query=tuple(parse_qsl(query, keep_blank_values=True)) if query else (),
        headers=_plain(headers),
        body=body,
        url_path=url_path,
        read_timeout=timeout.get("read") if timeout else None,
    )


def _plain(raw: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Header names in lower case; the values of a repeated one joined with commas, as HTTP allows."""
    try:
        headers = {name.decode("latin-1").lower(): value.decode() for name, value in raw}
    except UnicodeDecodeError:
        headers = {}
    return headers if len(headers) == len(raw) else _plain_by_steps(raw)


def _plain_by_steps(raw: list[tuple[bytes, bytes]]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in raw:
        key, text = name.decode("latin-1").lower(), _text(value)
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
