"""Answers that are here as a whole: in whatever way they are read, they are what the library's own response is."""

import asyncio
import copy
import gzip
import pickle
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any

import pytest

from openai_fake.routing import Reply
from tests.transport_kit import URL, StubDoor, each_library, each_mode, hook

BODY = '{"text": "größer"}\n{"text": "zwei"}'.encode()
HEADERS = [("content-type", "application/json")]
PACKED = [*HEADERS, ("content-encoding", "gzip")]

Reading = Callable[[Any], Awaitable[object]]


async def _gathered(source: Any) -> list[Any]:
    if hasattr(source, "__aiter__"):
        return [item async for item in source]
    return list(source)


def _way(response: Any, name: str) -> Any:
    """`iter_bytes` of a sync response, `aiter_bytes` of an async one."""
    return getattr(response, name if hasattr(response.stream, "__iter__") else f"a{name}")


async def _done(result: Any) -> Any:
    return await result if hasattr(result, "__await__") else result


async def _read(response: Any) -> object:
    return await _done(_way(response, "read")())


async def _read_twice(response: Any) -> object:
    return await _read(response), await _read(response), response.content, response.text


async def _iterated(response: Any) -> object:
    return await _gathered(_way(response, "iter_bytes")())


async def _in_small_pieces(response: Any) -> object:
    return await _gathered(_way(response, "iter_bytes")(7))


async def _raw(response: Any) -> object:
    return await _gathered(_way(response, "iter_raw")())


async def _texts(response: Any) -> object:
    return await _gathered(_way(response, "iter_text")())


async def _lines(response: Any) -> object:
    return await _gathered(_way(response, "iter_lines")())


async def _iterated_twice(response: Any) -> object:
    return await _iterated(response), await _iterated(response)


async def _raw_then_read(response: Any) -> object:
    return await _raw(response), await _read(response)


async def _read_then_in_pieces(response: Any) -> object:
    return await _read(response), await _in_small_pieces(response), await _iterated(response)


async def _closed_then_read(response: Any) -> object:
    await _done(_way(response, "close")())
    return await _read(response)


async def _begun(response: Any) -> object:
    source = _way(response, "iter_bytes")()
    return await anext(source) if hasattr(source, "__aiter__") else next(source)


async def _the_other_way(response: Any) -> object:
    """A sync read of an async response, and the other way round."""
    wrong = response.aread if _way(response, "read") == response.read else response.read
    return await _done(wrong())


WAYS: list[Reading] = [
    _read,
    _read_twice,
    _iterated,
    _in_small_pieces,
    _raw,
    _texts,
    _lines,
    _iterated_twice,
    _raw_then_read,
    _read_then_in_pieces,
    _closed_then_read,
    _begun,
    _the_other_way,
]


async def _seen(response: Any, read: Reading) -> dict[str, object]:
    """What a reader gets, and what the response says of itself afterwards."""
    try:
        got: object = await read(response)
    except Exception as error:
        got = type(error).__name__, str(error)
    return {
        "got": got,
        "closed": response.is_closed,
        "consumed": response.is_stream_consumed,
        "downloaded": response.num_bytes_downloaded,
        "timed": hasattr(response, "_elapsed"),
        "shown": repr(response),
    }


async def _through(library: Any, mode: str, read: Reading, **transport: Any) -> dict[str, object]:
    if mode == "async":
        async with library.AsyncClient(**transport) as client, client.stream("GET", URL) as response:
            return await _seen(response, read)
    with library.Client(**transport) as client, client.stream("GET", URL) as response:
        return await _seen(response, read)


def _plain_transport(library: Any, mode: str, headers: list[tuple[str, str]], body: bytes) -> Any:
    """A transport that gives the library's own response, unread, as one with a connection does."""

    class Sync(library.BaseTransport):  # type: ignore[misc]
        def handle_request(self, request: Any) -> Any:
            return library.Response(200, headers=headers, stream=library.ByteStream(body))

    class Async(library.AsyncBaseTransport):  # type: ignore[misc]
        async def handle_async_request(self, request: Any) -> Any:
            return library.Response(200, headers=headers, stream=library.ByteStream(body))

    return Async() if mode == "async" else Sync()


@each_library
@each_mode
@pytest.mark.parametrize("read", WAYS)
@pytest.mark.parametrize(
    ("headers", "body"),
    [(HEADERS, BODY), (HEADERS, b""), (PACKED, gzip.compress(BODY))],
    ids=["plain", "empty", "gzip"],
)
def test_it_reads_as_the_librarys_own_response(
    library: str, mode: str, read: Reading, headers: list[tuple[str, str]], body: bytes
) -> None:
    module = import_module(library)
    own = asyncio.run(_through(module, mode, read, transport=_plain_transport(module, mode, headers, body)))
    with hook(StubDoor(lambda call: Reply(200, headers, body))):
        assert asyncio.run(_through(module, mode, read)) == own


@each_library
@pytest.mark.parametrize("again", [copy.copy, lambda response: pickle.loads(pickle.dumps(response))])
def test_a_copy_is_the_librarys_own_response(library: str, again: Callable[[Any], Any]) -> None:
    module = import_module(library)
    with hook(StubDoor(body=BODY)), module.Client() as client:
        response = client.get(URL)
    second = again(response)
    assert type(second) is module.Response
    assert (second.content, second.status_code, second.headers) == (BODY, 200, response.headers)
    assert "whole" not in vars(second)


@each_library
def test_a_whole_answer_is_read_without_the_librarys_decoders(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module = import_module(library)
    monkeypatch.delattr(module.Response, "_get_content_decoder")
    with hook(StubDoor(body=BODY)), module.Client() as client:
        assert client.get(URL).content == BODY
