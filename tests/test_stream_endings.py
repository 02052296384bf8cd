"""Endings in a stream that nobody has recorded: cancelled, expired, cut off by the test, by a script, by our fault."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from openai_fake import OpenAIFake, expire, reply, tool_call, wait
from tests.stream_kit import (
    ASSISTANT,
    BEFORE,
    MESSAGE,
    asked,
    connect,
    each,
    each_mode,
    entered,
    first,
    got,
    names,
    opened,
    streamed,
)

openai: Any = pytest.importorskip("openai", reason="the openai SDK is not installed")


CANCELLED = ["thread.run.cancelling", "thread.message.incomplete", "thread.run.step.cancelled", "thread.run.cancelled"]


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
@pytest.mark.parametrize("how", ["close", "reset", "delete"])
async def test_a_stream_of_a_world_that_is_gone_ends(mode: str, how: str) -> None:
    fake = opened(reply("One two"), assert_all_played=False)
    with fake:
        client = connect(fake, mode)
        stream = await streamed(client, await asked(client))
        events = [await first(stream, "thread.message.created")]
        if how == "reset":
            fake.reset()
            events += [event async for event in each(stream)]
        elif how == "delete":
            await got(client.beta.threads.delete(next(iter(fake.threads))))
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
