"""Streams in time: made as they are read, and moving the clock as they are read."""

import gc
from collections.abc import Iterator
from typing import Any

import pytest

from openai_fake import reply, wait
from openai_fake.errors import TransportFailure
from openai_fake.reading import Reading
from openai_fake.transport.families import installed_libraries
from tests.kit import api
from tests.stream_kit import (
    ASSISTANT,
    asked,
    connect,
    each,
    each_mode,
    entered,
    got,
    opened,
    streamed,
)

openai: Any = pytest.importorskip("openai", reason="the openai SDK is not installed")


TIMEOUTS = (openai.APITimeoutError, *(library.ReadTimeout for library in installed_libraries()))


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
        await got(stream.close())
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
        await got(stream.close())


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
        assert "breaks off here: let time pass before a stream is read so far, with fake.clock.advance" in str(cause)
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


def test_a_script_that_reads_the_stream_of_its_own_run_is_told_why_there_is_no_more() -> None:
    it, read = api(), list[str]()

    @it.fake.script
    def script(run: Any) -> Iterator[Any]:
        world = it.fake._world
        reading = Reading(world, world.conversations[run.thread_id].timelines[run.id])
        with pytest.raises(TransportFailure, match=f"The stream of run {run.id} is read by its own script"):
            while (event := reading.next_event()) is not None:
                read.append(event.name)
        yield reply("Hi")

    assert it.settle(it.run())["status"] == "completed"
    assert read == ["thread.run.created", "thread.run.queued", "thread.run.in_progress"]
