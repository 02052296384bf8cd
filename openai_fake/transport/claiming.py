"""The way down: a request of either library is turned into a `Call`, once, and handed to the door."""

from typing import Any
from urllib.parse import parse_qsl

from ..claims import Addresses, path_anywhere
from ..headers import plain_headers
from ..routing import Call


class Claim:
    """A request that is ours: the path to route on, and what was looked at to find out."""

    __slots__ = ("headers", "host", "path", "query", "url_path")

    def __init__(self, path: str, host: str, url_path: str, query: str, headers: list[tuple[bytes, bytes]]) -> None:
        self.path = path
        self.host = host
        self.url_path = url_path
        self.query = query
        self.headers = headers


def claim(addresses: Addresses, request: Any, *, anywhere: bool = False) -> Claim | None:
    """The claim on a request, or `None` if it is not ours. The body is not looked at.

    `anywhere`: also one of a host that nobody has named, where its path can be read as the API's.
    """
    url = request.url
    host, headers = url.host, request.headers.raw
    url_path, _, query = url.raw_path.decode("ascii").partition("?")
    path = addresses.locate(host, url.port, url_path, query, headers)
    if path is None and anywhere:
        path = path_anywhere(url_path)
    return None if path is None else Claim(path, host, url_path, query, headers)


def call_of(request: Any, claim: Claim, body: bytes) -> Call:
    """The request as a plain value."""
    timeout = request.extensions.get("timeout")
    return Call(
        request.method,
        claim.host,
        claim.path,
        tuple(parse_qsl(claim.query, keep_blank_values=True)) if claim.query else (),
        plain_headers(claim.headers),
        body,
        claim.url_path,
        timeout.get("read") if timeout else None,
    )
