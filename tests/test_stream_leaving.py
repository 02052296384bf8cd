"""Streams that are left early: the run goes on, and nothing is left open."""

import asyncio
import gc
import inspect
from collections.abc import Iterator
from types import GeneratorType
from typing import Any

import pytest

from openai_fake import reply, wait
from tests.counts import count
from tests.stream_kit import (
    asked,
    connect,
    each_mode,
    entered,
    first,
    got,
    opened,
    streamed,
)
from tests.transport_kit import run_python

openai: Any = pytest.importorskip("openai", reason="the openai SDK is not installed")


HUNDRED = count(10, 100)


def open_generators() -> list[Any]:
    """The generators of the package that have begun and not ended."""
    gc.collect()
    return [
        found
        for found in gc.get_objects()
        if isinstance(found, GeneratorType)
        and "openai_fake" in found.gi_code.co_filename
        and "tests" not in found.gi_code.co_filename
        and inspect.getgeneratorstate(found) != inspect.GEN_CLOSED
    ]


WAYS_TO_LEAVE = ["break", "close", "with", "nothing"]


@each_mode
@pytest.mark.parametrize("way", WAYS_TO_LEAVE)
@pytest.mark.parametrize("name", ["thread.run.created", "thread.message.delta", "thread.run.completed"])
async def test_leaving_early_does_not_stop_the_run(mode: str, way: str, name: str) -> None:
    with opened(reply("One two three")) as fake:
        client = connect(fake, mode)
        thread_id = await asked(client)
        stream = await streamed(client, thread_id)
        if way == "with":
            async with entered(stream):
                await first(stream, name)
        else:
            await first(stream, name)
        if way == "close":
            await got(stream.close())
        del stream
        gc.collect()
        await asyncio.sleep(0)
        over = name == "thread.run.completed"
        status = {"thread.run.created": "queued", "thread.message.delta": "in_progress"}.get(name, "completed")
        (run,) = fake.thread(thread_id).runs
        assert run.status == status
        if not over:
            with pytest.raises(openai.BadRequestError, match=f"while a run {run.id} is active"):
                await got(client.beta.threads.messages.create(thread_id, role="user", content="More"))
        fake.clock.advance(10)
        (run,) = fake.thread(thread_id).runs
        assert (run.status, fake.thread(thread_id).messages[-1].text) == ("completed", "One two three")
        await got(client.beta.threads.messages.create(thread_id, role="user", content="More"))


@each_mode
async def test_a_poll_takes_over_from_a_stream_that_was_left(mode: str) -> None:
    with opened(reply("One two three")) as fake:
        client = connect(fake, mode)
        thread_id = await asked(client)
        stream = await streamed(client, thread_id)
        event = await first(stream, "thread.message.delta")
        await got(stream.close())
        run_id = fake.thread(thread_id).runs[0].id
        run = await got(client.beta.threads.runs.poll(run_id=run_id, thread_id=thread_id))
        (message,) = (await got(client.beta.threads.messages.list(thread_id, run_id=run_id))).data
        assert (run.status, message.id, message.content[0].text.value) == ("completed", event.data.id, "One two three")


async def test_a_cancelled_task_leaves_the_run_to_itself() -> None:
    with opened(reply("word " * 1000)) as fake:
        client = connect(fake, "async")
        thread_id = await asked(client)
        read: list[Any] = []

        async def listen() -> None:
            stream = await streamed(client, thread_id)
            async for event in stream:
                read.append(event)

        task = asyncio.create_task(listen())
        while len(read) < 20:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        (run,) = fake.thread(thread_id).runs
        made = len(fake.events(run.id))
        assert (run.status, made < 50) == ("in_progress", True)
        await asyncio.sleep(0)
        assert len(fake.events(run.id)) == made
        fake.clock.advance(5)
        assert fake.thread(thread_id).runs[0].status == "completed"


@each_mode
@pytest.mark.parametrize("ending", ["time passes", "the fake closes", "the thread is deleted"])
async def test_a_hundred_streams_left_early_leave_a_hundred_finished_generators(mode: str, ending: str) -> None:
    scripts: list[Any] = []
    finished: list[int] = []
    before = open_generators()
    fake = opened(assert_all_played=False)
    with fake:

        def talk() -> Iterator[Any]:
            try:
                yield reply("One two three")
                yield wait(300)
                yield reply("Four five six")
            finally:
                finished.append(1)

        def script(run: Any) -> Any:
            scripts.append(talk())
            return scripts[-1]

        fake.script(script, times=HUNDRED)
        client = connect(fake, mode)
        threads = [await asked(client) for _ in range(HUNDRED)]
        for number, thread_id in enumerate(threads):
            stream = await streamed(client, thread_id)
            await first(stream, "thread.message.delta")
            if number % 3 == 1:
                await got(stream.close())
            elif number % 3 == 2:
                async with entered(stream):
                    pass
            del stream
        assert (len(scripts), finished) == (HUNDRED, [])
        if ending == "time passes":
            fake.clock.advance(310)
            assert {fake.thread(id).runs[0].status for id in threads} == {"completed"}
        elif ending == "the thread is deleted":
            for thread_id in threads:
                await got(client.beta.threads.delete(thread_id))
        if ending != "the fake closes":
            assert len(finished) == HUNDRED
    for _ in range(3):
        await asyncio.sleep(0)
    assert {inspect.getgeneratorstate(script) for script in scripts} == {inspect.GEN_CLOSED}
    assert len(finished) == HUNDRED
    assert [found for found in open_generators() if found not in before] == []


LEAVER = """
import asyncio, gc, sys
from openai import AsyncOpenAI, OpenAI
from openai_fake import OpenAIFake, reply

with OpenAIFake() as fake:
    fake.add_assistant("asst_1")
    fake.script(reply("One two three"), times=None)
    client = OpenAI(api_key="x", http_client=fake.http_client())
    for number in range(HUNDRED):
        thread = client.beta.threads.create(messages=[{"role": "user", "content": "Hi"}])
        stream = client.beta.threads.runs.create(thread_id=thread.id, assistant_id="asst_1", stream=True)
        for event in stream:
            if event.event == "thread.message.delta":
                break
        del stream, event
    gc.collect()

    async def leave():
        client = AsyncOpenAI(api_key="x", http_client=fake.async_http_client())
        for number in range(HUNDRED):
            thread = await client.beta.threads.create(messages=[{"role": "user", "content": "Hi"}])
            manager = client.beta.threads.runs.stream(thread_id=thread.id, assistant_id="asst_1")
            async with manager as stream:
                async for event in stream:
                    if event.event == "thread.message.delta":
                        break
            del stream, event, manager
        gc.collect()

    asyncio.run(leave())
    fake.clock.advance(10)
    runs = [run for thread_id in fake.threads for run in fake.thread(thread_id).runs]
    print(len(runs), {run.status for run in runs})
gc.collect()
"""


def test_streams_left_early_warn_of_nothing() -> None:
    """In a process of its own, where a warning is an error and an error nobody can raise is printed."""
    ignored = ["ignore:The Assistants API is deprecated in favor of the Responses API:DeprecationWarning"]
    flags = [flag for warning in ("error", *ignored) for flag in ("-W", warning)]
    done = run_python(f"HUNDRED = {HUNDRED}\n{LEAVER}", *flags)
    assert (done.stderr, done.stdout, done.returncode) == ("", f"{2 * HUNDRED} {{'completed'}}\n", 0)
