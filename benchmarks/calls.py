"""One SDK call of each main operation: through the hook, without it, and through what else people use."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import httpx

from benchmarks.clients import (
    LIBRARY,
    OPERATIONS,
    Call,
    async_sdk,
    canned,
    loopback_server,
    pytest_httpx_route,
    respx_route,
    sdk,
    written_respx_route,
)
from benchmarks.measure import Figure, Subject, Timing, always, in_turn
from openai_fake import OpenAIFake, reply


def world() -> OpenAIFake:
    """A fake with something of everything in it; every run of it answers the same."""
    fake = OpenAIFake()
    fake.default_script(reply("Hello!"))
    fake.add_assistant("asst_1")
    fake.add_thread("thread_1")
    fake.add_run("thread_1", "run_1")
    for number in range(20):
        fake.add_message("thread_1", content=f"This is message number {number}.")
    return fake


def figures(quick: bool) -> Iterator[Figure]:
    """Ratios to the floor, an operation each."""
    rounds, calls = (1, 5) if quick else (41, 20)
    for name, call in OPERATIONS.items():
        with world() as fake:
            call(sdk())
            body = json.dumps(fake.calls.last.answer, indent=2).encode()
            route = fake.calls.last.method, fake.calls.last.path
        yield from _own_library(name, call, body, rounds, calls)
        yield from _on_httpx(name, call, body, route, rounds, calls)
        yield from _async(name, call, body, rounds, calls)


def _own_library(name: str, call: Call, body: bytes, rounds: int, calls: int) -> Iterator[Figure]:
    floor = sdk(LIBRARY.Client(transport=canned(body)))
    patched = sdk()
    fake = world()
    injected = sdk(fake.http_client())
    timings = in_turn(
        {
            "floor": always(lambda: call(floor)),
            "hook": _hooked(call, patched),
            "direct": _injected(call, fake, injected),
            "server": _opened(lambda: loopback_server(body), call),
        },
        rounds,
        calls,
    )
    yield Figure("call", f"{name}: the floor, canned bytes over MockTransport", timings["floor"].median * 1e6, "µs")
    yield _ratio(f"{name}: through the hook", timings, "hook", 1.35)
    yield _ratio(f"{name}: fake.http_client(), no hook", timings, "direct", 1.20)
    yield _ratio(f"{name}: a small HTTP server on loopback", timings, "server")


def _on_httpx(name: str, call: Call, body: bytes, route: tuple[str, str], rounds: int, calls: int) -> Iterator[Figure]:
    """respx and pytest-httpx know httpx alone, so here everybody is given an `httpx.Client`."""
    floor = sdk(httpx.Client(transport=canned(body, library=httpx)))
    patched = sdk(httpx.Client())
    timings = in_turn(
        {
            "floor": always(lambda: call(floor)),
            "hook": _hooked(call, patched),
            "respx": _opened(lambda: respx_route(body), call),
            "written": _opened(lambda: written_respx_route(*route, body), call),
            "pytest-httpx": _opened(lambda: pytest_httpx_route(body), call),
        },
        rounds,
        calls,
    )
    yield _ratio(f"{name}, on httpx: a canned respx route", timings, "respx")
    yield _ratio(f"{name}, on httpx: a canned respx route for its method and path", timings, "written")
    yield _ratio(f"{name}, on httpx: pytest-httpx", timings, "pytest-httpx")
    yield _ratio(f"{name}, on httpx: through the hook", timings, "hook")
    against = timings["hook"].over(timings["respx"])
    yield Figure("call", f"{name}, on httpx: the hook over a canned respx route", against, "×", 1.0)


def _async(name: str, call: Call, body: bytes, rounds: int, calls: int) -> Iterator[Figure]:
    with asyncio.Runner() as runner:
        floor = async_sdk(LIBRARY.AsyncClient(transport=canned(body)))
        patched = async_sdk()

        def run(client: Any) -> object:
            return runner.run(_awaited(call, client))

        timings = in_turn(
            {"floor": always(lambda: run(floor)), "hook": _hooked(lambda client: run(client), patched)}, rounds, calls
        )
        runner.run(floor.close())
        runner.run(patched.close())
    yield _ratio(f"{name}, async: through the hook", timings, "hook", 1.35)


async def _awaited(call: Call, client: Any) -> object:
    answer: Any = call(client)
    return await answer


def _hooked(call: Call, client: Any) -> Subject:
    """A client made before the fake was opened, patched for a round."""

    @contextmanager
    def opened() -> Iterator[Callable[[], object]]:
        with world():
            yield lambda: call(client)

    return opened


def _injected(call: Call, fake: OpenAIFake, client: Any) -> Subject:
    """A client over a fake whose world is as new as that of the one that is hooked."""

    @contextmanager
    def opened() -> Iterator[Callable[[], object]]:
        fake.reset()
        yield lambda: call(client)

    return opened


def _opened(rival: Callable[[], AbstractContextManager[Any]], call: Call) -> Subject:
    @contextmanager
    def opened() -> Iterator[Callable[[], object]]:
        with rival() as client:
            yield lambda: call(client)

    return opened


def _ratio(name: str, timings: dict[str, Timing], subject: str, bar: float | None = None) -> Figure:
    return Figure("call", name, timings[subject].over(timings["floor"]), "× floor", bar)
