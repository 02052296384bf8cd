"""The way up: a `Reply`, or a `TransportFailure`, in the classes of the library that asked, httpx or httpx2.

Each library gets its own: the client above would not recognise a response or an exception of the other.
"""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

import httpx

from ..errors import TRANSPORT_ERRORS as TRANSPORT_ERRORS
from ..errors import TransportFailure
from ..routing import Reply


class Family:
    """One of the two libraries, and how to speak to its clients."""

    def __init__(self, library: ModuleType) -> None:
        self.library = library
        self._response = library.Response
        self._bytes = library.ByteStream
        self._extensions = cache(self._status_line)
        streams = (library.SyncByteStream, library.AsyncByteStream)
        self._lazy: Any = type("LazyStream", (LazyBody, *streams), {})
        self._relay: Any = type("RelayedStream", (_Relay, *streams), {})

    def response(self, reply: Reply, request: Any) -> Any:
        """The reply as an unread response. Its body, if lazy, is pulled only as the client reads."""
        body = reply.body
        stream = self._bytes(body) if isinstance(body, bytes) else self._lazy(body, self, request)
        status, extensions = reply.status, self._extensions(reply.status).copy()
        response = self._response(status, headers=reply.headers, stream=stream, request=request, extensions=extensions)
        # Else every response would look for the encoding of its headers.
        response.headers.encoding = "ascii"
        return response

    def _status_line(self, status: int) -> dict[str, bytes]:
        """What a transport that opens connections has read from the first line of an answer."""
        return {"http_version": b"HTTP/1.1", "reason_phrase": self.library.codes.get_reason_phrase(status).encode()}

    def copy(self, response: Any, request: Any) -> Any:
        """A response that a respx route gave, made anew in this family and unread again."""
        return self._response(
            response.status_code,
            headers=response.headers.raw,
            stream=self._relay(response.stream),
            request=request,
            extensions=response.extensions,
        )

    def error(self, class_name: str, message: str, request: Any) -> Exception:
        """The failure of that name. Raises `ValueError` for a name that no transport raises."""
        if class_name not in TRANSPORT_ERRORS:
            raise ValueError(
                f"TransportFailure names {class_name!r}, which is no transport error of {self.library.__name__}; "
                f"use one of {', '.join(TRANSPORT_ERRORS)}."
            )
        error: Exception = getattr(self.library, class_name)(message, request=request)
        return error


def installed_libraries() -> list[ModuleType]:
    """httpx, and httpx2 where it is installed; only one where `httpx2.alias_httpx()` made them the same."""
    second = _httpx2()
    return [httpx] if second is None or second is httpx else [httpx, second]


@cache
def _httpx2() -> ModuleType | None:
    try:
        return import_module("httpx2")
    except ImportError:
        return None


@cache
def family_of(library: ModuleType) -> Family:
    """The family of a library, one object each."""
    return Family(library)


async def give_way() -> None:
    """What every transport does that waits for an answer: let other tasks, limits and cancellations have a turn."""
    from anyio.lowlevel import checkpoint

    await checkpoint()


class LazyBody:
    """A response body that is produced as it is read: once, and no further than it is read.

    It is its own iterator, sync and async, so that nothing is left to finalise when a reader goes away early.
    """

    def __init__(self, source: Iterator[bytes], family: Family, request: Any) -> None:
        self._source: Iterator[bytes] | None = source
        self._family = family
        self._request = request

    def __iter__(self) -> "LazyBody":
        return self

    def __next__(self) -> bytes:
        if self._source is None:
            raise StopIteration
        try:
            return next(self._source)
        except TransportFailure as failure:
            self.close()
            raise self._family.error(failure.class_name, failure.message, self._request) from None
        except BaseException:
            self.close()
            raise

    def __aiter__(self) -> "LazyBody":
        return self

    async def __anext__(self) -> bytes:
        try:
            await give_way()
            return self.__next__()
        except StopIteration:
            raise StopAsyncIteration from None
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the source, at once and only once."""
        source, self._source = self._source, None
        close = getattr(source, "close", None)
        if close is not None:
            close()

    async def aclose(self) -> None:
        """The same for async clients; there is nothing to wait for."""
        self.close()

    def __del__(self) -> None:
        self.close()


class _Relay:
    """Another stream's bytes under this family's base classes."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._stream)

    def __aiter__(self) -> Any:
        return aiter(self._stream)

    def close(self) -> None:
        self._stream.close()

    async def aclose(self) -> None:
        await self._stream.aclose()
