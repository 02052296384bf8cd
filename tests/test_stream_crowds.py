"""Many streams at once, of tasks and of threads: each in its own order, none mixed with another."""

import asyncio
import threading
from itertools import groupby
from typing import Any

import pytest

from openai_fake import OpenAIFake, reply, tool_call
from tests.counts import count
from tests.stream_kit import ASSISTANT, BEFORE, MESSAGE, asked, connect, each, names, opened, streamed

pytest.importorskip("openai", reason="the openai SDK is not installed")

TASKS = count(50, 200)
THREADS = count(8, 32)
WORDS = 12


def crowd() -> OpenAIFake:
    """A fake whose assistant asks for a tool and then says a text of its own in every thread."""
    fake = opened()

    @fake.script(times=None)
    def talk(run: Any) -> Any:
        yield reply(f"{run.last_message} first")
        (output,) = yield tool_call("look", for_whom=run.last_message)
        yield reply("".join(f" {run.last_message}-{output}-{number}" for number in range(WORDS)), chunks=WORDS)

    return fake


def check(number: int, events: list[Any], fake: OpenAIFake, thread_id: str) -> None:
    """One reader's events: those of its own run, whole, and in the order in which they happened."""
    (run,) = fake.thread(thread_id).runs
    happened = fake.events(run.id)
    assert [event.event for event in events] == [event.name for event in happened]
    for event, kept in zip(events, happened, strict=True):
        told = event.data
        assert told.id == (kept.data["id"] if isinstance(kept.data, dict) else kept.data.id)
        assert getattr(told, "thread_id", thread_id) == thread_id
        assert getattr(told, "run_id", run.id) == run.id
    text = "".join(event.data.delta.content[0].text.value for event in events if event.event == "thread.message.delta")
    expected = "".join(f" {number:03d}-out {number:03d}-{word}" for word in range(WORDS))
    assert text == f"{number:03d} first{expected}"
    assert names(events) == [
        *[*BEFORE, *MESSAGE, "thread.message.delta", "thread.message.completed", "thread.run.step.completed"],
        *["thread.run.step.created", "thread.run.step.in_progress", "thread.run.step.delta"],
        *["thread.run.requires_action", "thread.run.step.completed", "thread.run.queued", "thread.run.in_progress"],
        *[*MESSAGE, "thread.message.delta", "thread.message.completed", "thread.run.step.completed"],
        "thread.run.completed",
    ]


def outputs(run: Any, number: int) -> dict[str, Any]:
    call = run.required_action.submit_tool_outputs.tool_calls[0]
    assert call.function.arguments == f'{{"for_whom":"{number:03d}"}}'
    given = [{"tool_call_id": call.id, "output": f"out {number:03d}"}]
    return {"run_id": run.id, "thread_id": run.thread_id, "tool_outputs": given}


async def test_streams_of_many_tasks_are_not_mixed() -> None:
    order: list[int] = []
    with crowd() as fake:
        client = connect(fake, "async")

        async def read(number: int) -> tuple[list[Any], str]:
            thread_id = await asked(client, f"{number:03d}")
            events = []
            async for event in await streamed(client, thread_id):
                events.append(event)
                order.append(number)
            run = events[-1].data
            more = await client.beta.threads.runs.submit_tool_outputs(**outputs(run, number), stream=True)
            async for event in more:
                events.append(event)
                order.append(number)
            return events, thread_id

        found = await asyncio.gather(*(read(number) for number in range(TASKS)))
        for number, (events, thread_id) in enumerate(found):
            check(number, events, fake, thread_id)
        assert len({thread_id for _, thread_id in found}) == TASKS
    # The tasks took turns: hardly ever did one read two events in a row.
    assert len(list(groupby(order))) > len(order) * 0.9


def test_streams_of_many_threads_are_not_mixed() -> None:
    turns = threading.Barrier(THREADS)
    found: dict[int, tuple[list[Any], str]] = {}
    failures: list[BaseException] = []
    with crowd() as fake:

        def read(number: int) -> None:
            client = connect(fake, "sync")
            thread = client.beta.threads.create(messages=[{"role": "user", "content": f"{number:03d}"}])
            runs = client.beta.threads.runs
            events = []
            for event in runs.create(thread_id=thread.id, assistant_id=ASSISTANT, stream=True):
                turns.wait(60)
                events.append(event)
            more = runs.submit_tool_outputs(**outputs(events[-1].data, number), stream=True)
            for event in more:
                turns.wait(60)
                events.append(event)
            found[number] = events, thread.id

        def guarded(number: int) -> None:
            try:
                read(number)
            except BaseException as error:
                turns.abort()
                failures.append(error)

        threads = [threading.Thread(target=guarded, args=(number,)) for number in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        for number, (events, thread_id) in found.items():
            check(number, events, fake, thread_id)
        assert len(found) == THREADS


@pytest.mark.parametrize("readers", [2, 5])
async def test_a_stream_can_be_read_by_turns_from_several_tasks(readers: int) -> None:
    with opened(reply("word " * 100)) as fake:
        client = connect(fake, "async")
        thread_id = await asked(client)
        events = each(await streamed(client, thread_id))
        lock, read = asyncio.Lock(), list[Any]()

        async def take() -> None:
            while True:
                async with lock:
                    event = await anext(events, None)
                if event is None:
                    return
                read.append(event)
                await asyncio.sleep(0)

        await asyncio.gather(*(take() for _ in range(readers)))
        happened = fake.events(fake.thread(thread_id).runs[0].id)
        assert [event.event for event in read] == [event.name for event in happened]
