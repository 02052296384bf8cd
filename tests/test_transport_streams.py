"""Streamed bodies: produced as they are read, read once, closed at once by whatever ends the reading."""

import asyncio
import gc
import warnings
from importlib import import_module
from typing import Any

import anyio
import pytest

from openai_fake.errors import TransportFailure
from openai_fake.routing import Reply
from openai_fake.transport import TRANSPORT_ERRORS
from tests.transport_kit import URL, Source, StubDoor, each_library, each_mode, hook, no_network, streaming


@pytest.fixture(autouse=True)
def network(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    return no_network(monkeypatch)


@each_library
def test_nothing_is_produced_before_it_is_read(library: str) -> None:
    source = Source(b"one", b"two", b"three")
    with (
        hook(streaming(source)),
        import_module(library).Client() as client,
        client.stream("GET", URL) as response,
    ):
        assert source.taken == 0
        chunks = response.iter_raw()
        assert (next(chunks), source.taken) == (b"one", 1)
        assert (next(chunks), source.taken) == (b"two", 2)
        assert source.closes == 0
    assert (source.taken, source.closes) == (2, 1)


@each_library
@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_nothing_is_produced_before_it_is_read_by_an_async_client(library: str, backend: str) -> None:
    source = Source(b"one", b"two", b"three")

    async def go() -> None:
        async with import_module(library).AsyncClient() as client, client.stream("GET", URL) as response:
            assert source.taken == 0
            chunks = response.aiter_raw()
            assert (await anext(chunks), source.taken) == (b"one", 1)
            assert (await anext(chunks), source.taken) == (b"two", 2)
            assert source.closes == 0
            assert [chunk async for chunk in chunks] == [b"three"]
        assert (source.taken, source.closes) == (3, 1)

    with hook(streaming(source)):
        anyio.run(go, backend=backend)


@each_library
@each_mode
def test_a_body_read_to_its_end_is_closed_once_and_is_not_played_again(library: str, mode: str) -> None:
    source = Source(b"one", b"two")
    module = import_module(library)

    async def go() -> None:
        async with module.AsyncClient() as client, client.stream("GET", URL) as response:
            assert b"".join([chunk async for chunk in response.stream]) == b"onetwo"
            assert [chunk async for chunk in response.stream] == []

    with hook(streaming(source)):
        if mode == "async":
            asyncio.run(go())
        else:
            with module.Client() as client, client.stream("GET", URL) as response:
                assert b"".join(response.stream) == b"onetwo"
                assert list(response.stream) == []
    assert (source.taken, source.closes) == (2, 1)


@each_library
@each_mode
@pytest.mark.parametrize("class_name", TRANSPORT_ERRORS)
def test_trouble_in_the_middle_is_raised_in_the_class_of_the_library(library: str, mode: str, class_name: str) -> None:
    module = import_module(library)
    source = Source(b"one", TransportFailure(class_name, "arranged"))
    read: list[bytes] = []

    async def go() -> None:
        async with module.AsyncClient() as client, client.stream("GET", URL) as response:
            async for chunk in response.aiter_bytes():
                read.append(chunk)

    def go_sync() -> None:
        with module.Client() as client, client.stream("GET", URL) as response:
            for chunk in response.iter_bytes():
                read.append(chunk)

    error_class = getattr(module, class_name)
    with hook(streaming(source)), pytest.raises(error_class, match=r"^arranged$") as raised:
        asyncio.run(go()) if mode == "async" else go_sync()
    assert type(raised.value) is error_class
    assert raised.value.request.url == URL
    assert (read, source.closes) == ([b"one"], 1)


@each_library
@each_mode
def test_any_other_failure_of_the_source_closes_it_and_is_passed_on(library: str, mode: str) -> None:
    module = import_module(library)
    source = Source(KeyError("a bug"))

    async def go() -> None:
        async with module.AsyncClient() as client:
            await client.get(URL)

    with hook(streaming(source)), pytest.raises(KeyError, match="a bug"), module.Client() as client:
        asyncio.run(go()) if mode == "async" else client.get(URL)
    assert source.closes == 1


@each_library
@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_cancelled_reader_closes_the_source_at_once(library: str, backend: str) -> None:
    source = Source(*[b"x"] * 1_000_000)

    async def read() -> None:
        async with import_module(library).AsyncClient() as client, client.stream("GET", URL) as response:
            async for _ in response.aiter_raw():
                pass

    async def go() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(read)
            while source.taken < 3:
                await anyio.lowlevel.checkpoint()
            group.cancel_scope.cancel()
        assert source.closes == 1
        assert source.taken < 100

    with hook(streaming(source)):
        anyio.run(go, backend=backend)


@each_library
def test_a_cancelled_reader_without_any_context_manager_closes_the_source_too(library: str) -> None:
    source = Source(*[b"x"] * 1_000_000)

    async def go() -> None:
        module = import_module(library)
        client = module.AsyncClient()
        response = await client.send(client.build_request("GET", URL), stream=True)

        async def read() -> None:
            async for _ in response.stream:
                pass

        task = asyncio.create_task(read())
        while source.taken < 3:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert source.closes == 1
        await client.aclose()

    with hook(streaming(source)):
        asyncio.run(go())


@each_library
def test_other_tasks_run_between_two_reads(library: str) -> None:
    source = Source(*[b"x"] * 10)
    seen: list[int] = []

    async def watch() -> None:
        while source.taken < 10:
            seen.append(source.taken)
            await asyncio.sleep(0)

    async def go() -> None:
        async with import_module(library).AsyncClient() as client:
            await asyncio.gather(client.get(URL), watch())

    with hook(streaming(source)):
        asyncio.run(go())
    assert len(set(seen)) > 5


@each_library
@each_mode
def test_a_response_that_is_dropped_unread_closes_its_source(library: str, mode: str) -> None:
    module = import_module(library)
    source = Source(b"one", b"two")

    async def drop() -> None:
        client = module.AsyncClient()
        response = await client.send(client.build_request("GET", URL), stream=True)
        async for _ in response.aiter_raw():
            break
        del response
        for _ in range(5):  # the generators that the library has put around the body are ended by the loop
            gc.collect()
            await asyncio.sleep(0)
        assert source.closes == 1
        await client.aclose()

    with hook(streaming(source)), warnings.catch_warnings():
        warnings.simplefilter("error")
        if mode == "async":
            asyncio.run(drop())
        else:
            with module.Client() as client:
                response = client.send(client.build_request("GET", URL), stream=True)
                for _ in response.iter_raw():
                    break
                del response
                gc.collect()
    assert source.closes == 1


@each_library
def test_a_generator_is_a_good_source_and_its_finally_runs_when_the_reader_goes(library: str) -> None:
    ended = []

    def events() -> Any:
        try:
            yield b"one"
            yield b"two"
        finally:
            ended.append(True)

    door: Any = streaming(events())
    with hook(door), import_module(library).Client() as client, client.stream("GET", URL) as response:
        chunks = response.iter_raw()
        assert next(chunks) == b"one"
        assert ended == []
        response.close()
        assert ended == [True]


@each_library
def test_a_stream_and_other_requests_of_the_same_thread_do_not_wait_for_each_other(library: str) -> None:
    sources = [Source(b"one", b"two"), Source(b"three")]
    pending = iter(sources)
    door = StubDoor(lambda call: Reply(200, [], next(pending)))
    with hook(door), import_module(library).Client() as client, client.stream("GET", URL) as response:
        chunks = response.iter_raw()
        assert next(chunks) == b"one"
        assert client.get(URL).content == b"three"
        assert next(chunks) == b"two"


@each_library
@each_mode
def test_plain_answers_are_unread_streams_as_well(library: str, mode: str) -> None:
    module = import_module(library)

    async def go() -> None:
        async with module.AsyncClient() as client, client.stream("GET", URL) as response:
            assert not response.is_closed
            assert not response.is_stream_consumed
            assert (await response.aread()).startswith(b'{"id"')
            assert response.is_closed

    with hook():
        if mode == "async":
            asyncio.run(go())
        else:
            with module.Client() as client, client.stream("GET", URL) as response:
                assert not response.is_closed
                assert not response.is_stream_consumed
                assert response.read().startswith(b'{"id"')
                assert response.is_closed
