"""Streams in time: made as they are read, moving the clock as they are read, cut off without stopping the run."""

import asyncio
import gc
import inspect
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import GeneratorType
from typing import Any

import pytest

from openai_fake import OpenAIFake, expire, reply, tool_call, wait
from openai_fake.transport.families import installed_libraries
from tests.counts import count
from tests.stream_kit import (
    ASSISTANT,
    BEFORE,
    MESSAGE,
    asked,
    connect,
    each,
    each_mode,
    entered,
    got,
    names,
    opened,
    streamed,
)

openai: Any = pytest.importorskip("openai", reason="the openai SDK is not installed")

TIMEOUTS = (openai.APITimeoutError, *(library.ReadTimeout for library in installed_libraries()))
HUNDRED = count(10, 100)
CANCELLED = ["thread.run.cancelling", "thread.message.incomplete", "thread.run.step.cancelled", "thread.run.cancelled"]


async def first(stream: Any, name: str) -> Any:
    """Read a stream as far as the first event of a name."""
    async for event in each(stream):
        if event.event == name:
            return event
    raise AssertionError(f"no {name}")


async def close(stream: Any) -> None:
    await got(stream.close())


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


@each_mode
async def test_no_more_is_made_than_is_read(mode: str) -> None:
    acts_asked = []
    with opened() as fake:

        @fake.script
        def long(run: Any) -> Iterator[Any]:
            for number in range(1000):
                acts_asked.append(number)
                yield reply("One", chunks=1)

        client = connect(fake, mode)
        stream = await streamed(client, await asked(client))
        run_id = fake.thread(next(iter(fake.threads))).runs[0].id
        assert (len(fake.events(run_id)), acts_asked) == (2, [])
        read = 0
        async for _ in each(stream):
            read += 1
            assert read <= len(fake.events(run_id)) <= read + 3
            assert len(acts_asked) <= read // 7 + 2
            if read == 300:
                break
        await close(stream)
        made = len(fake.events(run_id))
        gc.collect()
        assert len(fake.events(run_id)) == made


@each_mode
async def test_after_two_of_a_thousand_deltas_a_handful_is_made(mode: str) -> None:
    with opened(reply("word " * 1000)) as fake:
        client = connect(fake, mode)
        stream = await streamed(client, await asked(client))
        read = 0
        async for event in each(stream):
            read += event.event == "thread.message.delta"
            if read == 2:
                break
        run_id = fake.thread(next(iter(fake.threads))).runs[0].id
        made = [event for event in fake.events(run_id) if event.name == "thread.message.delta"]
        assert 2 <= len(made) <= 5
        await close(stream)


@each_mode
async def test_the_clock_moves_to_an_event_when_it_is_read(mode: str) -> None:
    with opened(reply("Hello"), wait(40), reply("again")) as fake:
        client = connect(fake, mode)
        start = fake.clock.now
        stream = await streamed(client, await asked(client))
        at: list[tuple[str, float]] = []
        async for event in each(stream):
            happened = fake.events(fake.thread(next(iter(fake.threads))).runs[0].id)[len(at)]
            assert (happened.name, happened.at) == (event.event, fake.clock.now)
            at.append((event.event, fake.clock.now - start))
        seconds = dict(reversed(at))
        assert seconds["thread.run.created"] == seconds["thread.run.queued"] == 0
        assert (seconds["thread.run.in_progress"], seconds["thread.message.delta"]) == (1, 2)
        assert [moment for name, moment in at if name == "thread.message.delta"] == [2, 42]
        assert seconds["thread.run.completed"] == 43
        assert fake.clock.now == start + 43


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
            await close(stream)
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
        await close(stream)
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
                await close(stream)
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
    for number in range(100):
        thread = client.beta.threads.create(messages=[{"role": "user", "content": "Hi"}])
        stream = client.beta.threads.runs.create(thread_id=thread.id, assistant_id="asst_1", stream=True)
        for event in stream:
            if event.event == "thread.message.delta":
                break
        del stream, event
    gc.collect()

    async def leave():
        client = AsyncOpenAI(api_key="x", http_client=fake.async_http_client())
        for number in range(100):
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
    done = subprocess.run(
        [sys.executable, *flags, "-c", LEAVER],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[1],
        check=False,
    )
    assert (done.stderr, done.stdout, done.returncode) == ("", "200 {'completed'}\n", 0)


@each_mode
async def test_a_body_is_played_once(mode: str) -> None:
    with opened(reply("Hello")) as fake:
        client = connect(fake, mode)
        thread_id = await asked(client)
        stream = await streamed(client, thread_id)
        events = [event async for event in each(stream)]
        made = len(fake.events(fake.thread(thread_id).runs[0].id))
        assert len(events) == made
        assert [event async for event in each(stream)] == []
        body = stream.response.stream
        rest = [chunk async for chunk in each(body)]
        assert b"".join(rest) == b""
        assert len(fake.events(fake.thread(thread_id).runs[0].id)) == made
        assert len(fake.thread(thread_id).messages) == 2


@each_mode
async def test_a_run_is_cancelled_between_two_reads(mode: str) -> None:
    with opened(reply("One two three four five")) as fake:
        client = connect(fake, mode)
        thread_id = await asked(client)
        stream = await streamed(client, thread_id)
        events = []
        async for event in each(stream):
            events.append(event)
            if sum(event.event == "thread.message.delta" for event in events) == 3 and len(events) < 11:
                run = await got(client.beta.threads.runs.cancel(events[0].data.id, thread_id=thread_id))
                assert run.status == "cancelling"
        assert names(events) == [*BEFORE, *MESSAGE, "thread.message.delta", *CANCELLED]
        cancelling, message, step, cancelled = (event.data for event in events[-4:])
        assert message.content[0].text.value == "One two three"
        assert (message.status, message.incomplete_details.reason) == ("incomplete", "run_cancelled")
        assert (step.status, step.cancelled_at) == ("cancelled", cancelled.cancelled_at)
        assert (cancelling.cancelled_at, cancelling.expires_at is None) == (None, False)
        assert (cancelled.cancelled_at, cancelled.expires_at) == (int(fake.clock.now), None)
        assert fake.thread(thread_id).messages[-1].text == "One two three"
        await got(client.beta.threads.messages.create(thread_id, role="user", content="More"))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "thread.run.created",
            ["thread.run.created", "thread.run.queued", "thread.run.cancelling", "thread.run.cancelled"],
        ),
        ("thread.run.in_progress", [*BEFORE, "thread.run.cancelling", "thread.run.cancelled"]),
        (
            "thread.run.step.created",
            [
                *BEFORE,
                "thread.run.step.created",
                "thread.run.cancelling",
                "thread.run.step.cancelled",
                "thread.run.cancelled",
            ],
        ),
        ("thread.message.in_progress", [*BEFORE, *MESSAGE, *CANCELLED]),
    ],
)
@each_mode
async def test_a_run_is_cancelled_wherever_its_stream_stands(mode: str, name: str, expected: list[str]) -> None:
    with opened(reply("One two three four five")) as fake:
        client = connect(fake, mode)
        thread_id = await asked(client)
        manager = client.beta.threads.runs.stream(thread_id=thread_id, assistant_id=ASSISTANT)
        events = []
        async with entered(manager) as stream:
            async for event in each(stream):
                events.append(event)
                if event.event == name:
                    await got(client.beta.threads.runs.cancel(events[0].data.id, thread_id=thread_id))
            run = await got(stream.get_final_run())
        assert names(events) == expected
        assert run.status == "cancelled"


def test_a_run_is_cancelled_from_another_thread_while_its_stream_is_read() -> None:
    with opened(reply("word " * 500)) as fake:
        client = connect(fake, "sync")
        thread_id = asyncio.run(asked(client))
        deltas, cancelled = threading.Event(), threading.Event()

        def cancel() -> None:
            assert deltas.wait(60)
            other = connect(fake, "sync")
            other.beta.threads.runs.cancel(fake.thread(thread_id).runs[0].id, thread_id=thread_id)
            cancelled.set()

        canceller = threading.Thread(target=cancel)
        canceller.start()
        events = []
        for event in client.beta.threads.runs.create(thread_id=thread_id, assistant_id=ASSISTANT, stream=True):
            events.append(event)
            if len(events) == 50:
                deltas.set()
                assert cancelled.wait(60)
        canceller.join()
        assert names(events) == [*BEFORE, *MESSAGE, "thread.message.delta", *CANCELLED]
        assert 50 <= len(events) - 4 < 60


async def test_a_run_is_cancelled_from_another_task_while_its_stream_is_read() -> None:
    with opened(reply("word " * 500)) as fake:
        client = connect(fake, "async")
        thread_id = await asked(client)
        events: list[Any] = []

        async def read() -> None:
            async for event in await streamed(client, thread_id):
                events.append(event)

        async def cancel() -> None:
            while len(events) < 50:
                await asyncio.sleep(0)
            await client.beta.threads.runs.cancel(events[0].data.id, thread_id=thread_id)

        await asyncio.gather(read(), cancel())
        assert names(events) == [*BEFORE, *MESSAGE, "thread.message.delta", *CANCELLED]
        assert 50 < len(events) < 200


@each_mode
async def test_a_cancelled_run_that_waits_for_outputs_ends_without_a_stream(mode: str) -> None:
    with opened(tool_call("f")) as fake:
        client = connect(fake, mode)
        thread_id = await asked(client)
        events = [event async for event in each(await streamed(client, thread_id))]
        run = await got(client.beta.threads.runs.cancel(events[0].data.id, thread_id=thread_id))
        assert (events[-1].event, run.status) == ("thread.run.requires_action", "cancelling")
        run = await got(client.beta.threads.runs.poll(run_id=run.id, thread_id=thread_id))
        assert (run.status, run.required_action) == ("cancelled", None)
        assert fake.thread(thread_id).steps[0].status == "cancelled"


@each_mode
@pytest.mark.parametrize(("acts", "at"), [([expire()], 600), ([wait(700)], 600), ([wait(597), expire()], 600)])
async def test_a_resting_run_expires_in_its_stream(mode: str, acts: list[Any], at: float) -> None:
    with opened(reply("Wait."), *acts) as fake:
        client = connect(fake, mode)
        start = fake.clock.now
        events = [event async for event in each(await streamed(client, await asked(client)))]
        run = events[-1].data
        assert (events[-1].event, fake.clock.now - start) == ("thread.run.expired", at)
        assert (run.status, run.expires_at, run.completed_at) == ("expired", None, int(start + at))


@each_mode
async def test_time_that_the_test_lets_pass_is_told_at_the_next_read(mode: str) -> None:
    with opened(reply("Hello")) as fake:
        client = connect(fake, mode)
        stream = await streamed(client, await asked(client))
        events = []
        async for event in each(stream):
            events.append(event.event)
            if event.event == "thread.run.queued":
                fake.clock.advance(1000)
        start = fake.thread(next(iter(fake.threads))).runs[0].created_at
        assert events[-1] == "thread.run.completed"
        assert fake.thread(next(iter(fake.threads))).runs[0].completed_at == start + 3
        assert fake.clock.now == start + 1000


@each_mode
async def test_where_time_stands_still_a_stream_waits_to_be_given_some(mode: str) -> None:
    with opened(reply("One two"), autojump=False) as fake:
        client = connect(fake, mode)
        thread_id = await asked(client)
        stream = await streamed(client, thread_id)
        events: list[str] = []
        async for event in each(stream):
            events.append(event.event)
            run_id = fake.thread(thread_id).runs[0].id
            if len(events) == len(fake.events(run_id)):
                fake.play_next(run_id)
        assert events[-1] == "thread.run.completed"
        assert fake.clock.now == fake.thread(thread_id).runs[0].created_at + 3


@each_mode
@pytest.mark.parametrize("helper", [False, True])
async def test_where_time_stands_still_a_stream_times_out_and_says_why(mode: str, helper: bool) -> None:
    with opened(reply("One two"), autojump=False) as fake:
        client = connect(fake, mode)
        thread_id = await asked(client)
        events: list[str] = []
        log: list[str] = []
        with pytest.raises(TIMEOUTS) as raised:
            if helper:
                manager = client.beta.threads.runs.stream(
                    thread_id=thread_id, assistant_id=ASSISTANT, event_handler=timed_handler(mode, log)
                )
                async with entered(manager) as stream:
                    async for event in each(stream):
                        events.append(event.event)
            else:
                async for event in each(await streamed(client, thread_id)):
                    events.append(event.event)
        assert events == ["thread.run.created", "thread.run.queued"]
        found = raised.value
        # From 3.0 on the SDK wraps what a plain stream raises; its handlers raise the library's own class.
        cause = found if helper or int(openai.__version__.split(".")[0]) < 3 else found.__cause__
        assert isinstance(found, openai.APITimeoutError) is (cause is not found)
        assert type(cause).__name__ == "ReadTimeout"
        run_id = fake.thread(thread_id).runs[0].id
        assert f"The stream of run {run_id} has told all that has happened by now" in str(cause)
        assert "fake.clock.advance(seconds)" in str(cause)
        assert log == (["on_timeout", "on_exception", "on_end"] if helper else [])
        fake.clock.advance(10)
        assert fake.thread(thread_id).runs[0].status == "completed"


def timed_handler(mode: str, log: list[str]) -> Any:
    """A handler that writes down how it ends."""
    base = openai.AssistantEventHandler if mode == "sync" else openai.AsyncAssistantEventHandler

    def written(name: str) -> Any:
        async def note_async(self: Any, *values: Any) -> None:
            log.append(name)

        return note_async if mode == "async" else lambda self, *values: log.append(name)

    return type("Timed", (base,), {name: written(name) for name in ("on_timeout", "on_exception", "on_end")})()


@each_mode
@pytest.mark.parametrize("how", ["close", "reset"])
async def test_a_stream_of_a_world_that_is_gone_ends(mode: str, how: str) -> None:
    fake = opened(reply("One two"), assert_all_played=False)
    with fake:
        client = connect(fake, mode)
        stream = await streamed(client, await asked(client))
        events = [await first(stream, "thread.message.created")]
        if how == "reset":
            fake.reset()
            events += [event async for event in each(stream)]
    if how == "close":
        events += [event async for event in each(stream)]
    assert names(events) in (["thread.message.created"], ["thread.message.created", "thread.message.in_progress"])


@each_mode
async def test_a_script_that_raises_in_mid_stream_fails_the_run_and_is_told(mode: str) -> None:
    def burst(run: Any) -> Iterator[Any]:
        yield reply("One")
        raise KeyError("mine")

    with pytest.raises(AssertionError, match=r"burst\(run\).* raised KeyError: 'mine'"), opened() as fake:
        fake.script(burst)
        client = connect(fake, mode)
        events = [event async for event in each(await streamed(client, await asked(client)))]
        assert names(events)[-4:] == [
            "thread.message.delta",
            "thread.message.incomplete",
            "thread.run.step.failed",
            "thread.run.failed",
        ]
        assert "raised KeyError: 'mine'" in events[-1].data.last_error.message


@each_mode
async def test_a_fault_of_our_own_in_mid_stream_is_an_error_event_and_is_told(
    mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def burst(*values: Any) -> None:
        raise ZeroDivisionError("a bug")

    told = "openai_fake failed itself, please report it: ZeroDivisionError: a bug"
    with pytest.raises(AssertionError, match=told), opened(reply("One")) as fake:
        client = connect(fake, mode)
        stream = await streamed(client, await asked(client))
        await first(stream, "thread.message.created")
        monkeypatch.setattr("openai_fake.pen.Pen.tell_part", burst)
        with pytest.raises(openai.APIError, match=told):
            async for _ in each(stream):
                pass
        assert isinstance(fake, OpenAIFake)
