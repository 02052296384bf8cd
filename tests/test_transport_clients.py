"""Transports and clients for use without any patch."""

import asyncio
import sys
from contextlib import nullcontext
from importlib import import_module, metadata
from types import ModuleType
from typing import Any

import pytest

from openai_fake import OpenAIFake
from openai_fake.claims import Addresses
from openai_fake.transport import Library, async_http_client, clients, http_client, library_of_sdk, transport
from tests.transport_kit import (
    ELSEWHERE,
    HAS_HTTPX2,
    LIBRARIES,
    THREAD,
    URL,
    Source,
    StubDoor,
    belongings,
    each_library,
    each_mode,
    hook,
    no_network,
    send,
    streaming,
    troubled,
)


@pytest.fixture(autouse=True)
def network(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    return no_network(monkeypatch)


@each_library
@each_mode
def test_one_transport_serves_both_kinds_of_client_and_patches_nothing(library: Library, mode: str) -> None:
    before = belongings()
    door = StubDoor()
    inner = transport(door, Addresses(), library=library)
    assert send(library, mode, client={"transport": inner}).content == THREAD
    assert door.calls[0].path == "/threads/thread_1"
    assert belongings() == before


@each_library
@pytest.mark.parametrize("is_patched", [True, False], ids=["hook", "transport"])
def test_every_call_of_an_async_client_lets_other_tasks_have_a_turn_before_it_is_answered(
    library: Library, is_patched: bool
) -> None:
    door, turns = StubDoor(), list[int]()

    async def other() -> None:
        while True:
            turns.append(len(door.calls))
            await asyncio.sleep(0)

    async def go() -> None:
        options = {} if is_patched else {"transport": transport(door, Addresses(), library=library)}
        async with import_module(library).AsyncClient(**options) as client:
            beside = asyncio.create_task(other())
            for _ in range(3):
                await client.get(URL)
            beside.cancel()
            given_up = asyncio.create_task(client.get(URL))
            await asyncio.sleep(0)
            given_up.cancel()
            with pytest.raises(asyncio.CancelledError):
                await given_up

    with hook(door) if is_patched else nullcontext():
        asyncio.run(go())
    assert turns[:3] == [0, 1, 2]
    assert len(door.calls) == 3


@each_library
@each_mode
def test_a_client_that_changes_the_headers_of_a_reply_changes_no_other(library: Library, mode: str) -> None:
    with OpenAIFake() as fake:
        fake.add_thread("thread_1")
        one = send(library, mode, client={"transport": fake.transport(library)})
        seen = one.headers.multi_items()
        for name in list(one.headers):
            one.headers[name] = "changed"
        other = send(library, mode, client={"transport": fake.transport(library)})
    assert other.headers.multi_items()[:-1] == seen[:-1]
    assert [name for name, _ in seen].count("x-request-id") == 1
    assert seen[-1] != other.headers.multi_items()[-1] == ("x-request-id", "req_00000000000000000000000000000002")


@each_library
def test_the_clients_are_the_librarys_own_and_follow_redirects_and_ignore_the_environment(
    library: Library,
) -> None:
    module = import_module(library)
    with http_client(StubDoor(), Addresses(), library=library) as client:
        assert isinstance(client, module.Client)
        assert (client.follow_redirects, client.trust_env) == (True, False)
        assert client.get(URL).content == THREAD

    async def go() -> None:
        async with async_http_client(StubDoor(), Addresses(), library=library) as client:
            assert isinstance(client, module.AsyncClient)
            assert (client.follow_redirects, client.trust_env) == (True, False)
            assert (await client.get(URL)).content == THREAD

    asyncio.run(go())


@each_library
@each_mode
@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("http://fake/v1/threads", "/threads"),
        ("https://gateway.test/x/y/files/file%201?limit=1", "/files/file 1"),
        ("http://localhost:9/uploads", "/uploads"),
    ],
)
def test_it_takes_every_path_that_can_be_read_as_the_apis(library: Library, mode: str, url: str, path: str) -> None:
    door = StubDoor()
    assert send(library, mode, url, client={"transport": transport(door, Addresses(), library=library)}).content
    assert door.calls[0].path == path


@each_library
@pytest.mark.parametrize("path", ["/containers/c/files", "/organization/usage/vector_stores", "/chatkit/threads"])
@pytest.mark.parametrize("base", ["https://other.test", "https://other.test/v1", "https://other.test/a/b"])
def test_it_takes_no_neighbours_path_for_the_apis(base: str, path: str, library: Library) -> None:
    inner = transport(StubDoor(), Addresses(), library=library)
    with pytest.raises(import_module(library).ConnectError, match="no path of the Assistants API"):
        send(library, "sync", base + path, client={"transport": inner})


@each_library
@each_mode
def test_what_is_not_ours_is_refused_with_a_way_out(library: Library, mode: str, network: list[Any]) -> None:
    inner = transport(StubDoor(), Addresses(), library=library)
    with pytest.raises(import_module(library).ConnectError) as refused:
        send(library, mode, ELSEWHERE, client={"transport": inner})
    assert f"GET {ELSEWHERE}" in str(refused.value)
    assert "no path of the Assistants API" in str(refused.value)
    assert "Use another client for it." in str(refused.value)
    assert refused.value.request.url == ELSEWHERE
    assert network == []


@each_library
@each_mode
def test_trouble_and_streams_pass_through_it_as_through_the_hook(library: Library, mode: str) -> None:
    inner = transport(troubled("PoolTimeout"), Addresses(), library=library)
    with pytest.raises(import_module(library).PoolTimeout):
        send(library, mode, client={"transport": inner})
    source = Source(b"one", b"two")
    inner = transport(streaming(source), Addresses(), library=library)
    assert send(library, mode, client={"transport": inner}).content == b"onetwo"
    assert source.closes == 1


@pytest.mark.parametrize(
    ("version", "library"),
    [("1.109.1", "httpx"), ("2.54.0", "httpx"), ("3.0.0", "httpx2"), ("12.0.0b1", "httpx2")],
)
def test_the_library_is_the_one_that_the_loaded_sdk_speaks(
    version: str, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sdk: Any = ModuleType("openai")
    sdk.__version__ = version
    monkeypatch.setitem(sys.modules, "openai", sdk)
    assert library_of_sdk() == library
    if library == "httpx" or HAS_HTTPX2:
        client = http_client(StubDoor(), Addresses())
        assert type(client).__module__.partition(".")[0] == library
        client.close()


def test_the_installed_sdk_decides_when_none_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "openai", raising=False)
    monkeypatch.setattr(metadata, "version", lambda name: "3.1.4")
    clients._installed_version.cache_clear()
    assert library_of_sdk() == "httpx2"
    clients._installed_version.cache_clear()


def test_without_an_sdk_the_library_is_httpx(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.delitem(sys.modules, "openai", raising=False)
    monkeypatch.setattr(metadata, "version", missing)
    clients._installed_version.cache_clear()
    assert library_of_sdk() == "httpx"
    clients._installed_version.cache_clear()


def test_an_unknown_library_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="library='requests' is not known; use 'httpx', 'httpx2' or None"):
        transport(StubDoor(), Addresses(), library="requests")  # type: ignore[arg-type]


def test_httpx2_asked_for_where_it_is_missing_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "installed_libraries", lambda: [import_module("httpx")])
    with pytest.raises(ImportError, match="pip install httpx2"):
        http_client(StubDoor(), Addresses(), library="httpx2")


def test_the_libraries_under_test_are_those_that_are_installed() -> None:
    assert len(LIBRARIES) == 2
