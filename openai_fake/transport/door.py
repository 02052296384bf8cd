"""The way down: a request of either library is turned into a `Call`, once, and handed to the door."""

from typing import Any, Protocol
from urllib.parse import parse_qsl

from ..claims import Addresses
from ..routing import Call, Reply


class Door(Protocol):
    """What the hook needs of the engine."""

    def answer(self, call: Call) -> Reply:
        """Answer one call. Called from any thread; may raise `errors.Trouble`."""
        ...


def claimed_path(addresses: Addresses, request: Any) -> str | None:
    """The API path of a request that is ours, else `None`. The body is not looked at."""
    url = request.url
    path, _, query = url.raw_path.decode("ascii").partition("?")
    return addresses.locate(url.host, url.port, path, query, request.headers.raw)


def call_of(request: Any, path: str, body: bytes) -> Call:
    """The request as a plain value."""
    url = request.url
    url_path, _, query = url.raw_path.decode("ascii").partition("?")
    timeout = request.extensions.get("timeout")
    return Call(
        method=request.method,
        host=url.host,
        path=path,
        query=tuple(parse_qsl(query, keep_blank_values=True)) if query else (),
        headers=_plain(request.headers.raw),
        body=body,
        url_path=url_path,
        read_timeout=timeout.get("read") if timeout else None,
    )


def _plain(raw: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Header names in lower case; those given twice are joined with a comma, as HTTP allows."""
    headers = {name.decode("latin-1").lower(): _text(value) for name, value in raw}
    if len(headers) < len(raw):
        headers = {}
        for name, value in raw:
            key = name.decode("latin-1").lower()
            headers[key] = f"{headers[key]}, {_text(value)}" if key in headers else _text(value)
    return headers


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
