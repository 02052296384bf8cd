"""What the tests of the hook share: a door that says what it is told, a source that counts, no network."""

import asyncio
import importlib.util
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from openai_fake.claims import Addresses
from openai_fake.errors import TransportFailure
from openai_fake.routing import Call, Reply
from openai_fake.transport import Hook

HAS_HTTPX2 = importlib.util.find_spec("httpx2") is not None
NEEDS_HTTPX2 = pytest.mark.skipif(not HAS_HTTPX2, reason="httpx2 is not installed")
LIBRARIES = ["httpx", pytest.param("httpx2", marks=NEEDS_HTTPX2)]
MODES = ["sync", "async"]
URL = "https://api.openai.com/v1/threads/thread_1"
ELSEWHERE = "https://elsewhere.test/page"
JSON = [("content-type", "application/json"), ("x-request-id", "req_1")]
THREAD = b'{"id":"thread_1","object":"thread","created_at":1,"metadata":{},"tool_resources":{}}'

each_library = pytest.mark.parametrize("library", LIBRARIES)
each_mode = pytest.mark.parametrize("mode", MODES)


class StubDoor:
    """Answers every call with the same JSON, or with what `say` makes of the call; remembers the calls."""

    def __init__(self, say: Callable[[Call], Reply] | None = None, body: bytes = THREAD) -> None:
        self.calls: list[Call] = []
        self._say = say
        self._body = body

    def answer(self, call: Call) -> Reply:
        self.calls.append(call)
        return self._say(call) if self._say else Reply(200, list(JSON), self._body)


class Source:
    """A lazy body that counts what was taken and how often it was closed; a chunk may be an exception."""

    def __init__(self, *chunks: bytes | BaseException) -> None:
        self._chunks = iter(chunks)
        self.taken = 0
        self.closes = 0

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        chunk = next(self._chunks)
        self.taken += 1
        if isinstance(chunk, BaseException):
            raise chunk
        return chunk

    def close(self) -> None:
        self.closes += 1


def streaming(source: Source) -> StubDoor:
    """A door that answers with this source."""
    return StubDoor(lambda call: Reply(200, [("content-type", "text/event-stream")], source))


def troubled(class_name: str) -> StubDoor:
    """A door that fails before it answers."""

    def say(call: Call) -> Reply:
        raise TransportFailure(class_name, "arranged")

    return StubDoor(say)


def hook(door: StubDoor | None = None, *base_urls: str, block_other_hosts: bool = False) -> Hook:
    return Hook(door or StubDoor(), Addresses(base_urls), block_other_hosts=block_other_hosts)


def send(library: str, mode: str, url: str = URL, method: str = "GET", **options: Any) -> Any:
    """One request by a bare client of the library; the response has been read."""
    client_options = options.pop("client", {})
    module = import_module(library)
    if mode == "sync":
        with module.Client(**client_options) as client:
            return client.request(method, url, **options)

    async def go() -> Any:
        async with module.AsyncClient(**client_options) as client:
            return await client.request(method, url, **options)

    return asyncio.run(go())


def transports() -> list[type]:
    """The classes that the hook patches in every process, and the base that it watches."""
    modules = [import_module("httpx")] + ([import_module("httpx2")] if HAS_HTTPX2 else [])
    names = ("HTTPTransport", "AsyncHTTPTransport", "AsyncBaseTransport")
    return [getattr(module, name) for module in modules for name in names]


def run_python(program: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run a program in an interpreter of its own, from the root of the repository."""
    command = [sys.executable, *options, "-c", program]
    root = Path(__file__).parents[1]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=root)


def belongings() -> list[Mapping[str, Any]]:
    """Every attribute of those classes, to be compared before and after."""
    return [dict(vars(transport)) for transport in transports()]


def no_network(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Put a stub where the network would begin; the list holds the requests that got there, unread."""
    arrived: list[Any] = []

    def stub(module: Any, owner: type) -> None:
        def handle_request(transport: Any, request: Any) -> Any:
            arrived.append(request)
            return module.Response(299, text="the network")

        async def handle_async_request(transport: Any, request: Any) -> Any:
            return handle_request(transport, request)

        method, replacement = (
            ("handle_request", handle_request)
            if hasattr(owner, "handle_request")
            else ("handle_async_request", handle_async_request)
        )
        setattr(replacement, "__module__", owner.__module__)  # noqa: B010
        monkeypatch.setattr(owner, method, replacement)

    for owner in transports():
        if owner.__name__ != "AsyncBaseTransport":
            stub(import_module(owner.__module__.partition(".")[0]), owner)
    return arrived
