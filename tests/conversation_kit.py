"""One whole conversation with a tool call, as any client of the SDK holds it: polled or streamed, sync or async."""

import inspect
from collections.abc import AsyncIterator
from typing import Any

import pytest

from openai_fake import OpenAIFake, reply, tool_call

QUESTION = "What is the weather in Paris?"
ANSWER = "It is sunny in Paris."
each_way = pytest.mark.parametrize("streamed", [False, True], ids=["polled", "streamed"])

STREAMED = [
    "thread.run.created",
    "thread.run.queued",
    "thread.run.in_progress",
    "thread.run.step.created",
    "thread.run.step.in_progress",
    "thread.run.step.delta",
    "thread.run.requires_action",
    "thread.run.step.completed",
    "thread.run.queued",
    "thread.run.in_progress",
    "thread.run.step.created",
    "thread.run.step.in_progress",
    "thread.message.created",
    "thread.message.in_progress",
    "thread.message.delta",
    "thread.message.completed",
    "thread.run.step.completed",
    "thread.run.completed",
]
"""The events of the streamed conversation, repeated deltas told once."""


def prepare(fake: OpenAIFake) -> None:
    """Put the assistant and its script in place."""
    fake.add_assistant("asst_weather", instructions="You know the weather.")

    @fake.script(message="weather")
    def weather(run: Any) -> Any:
        (forecast,) = yield tool_call("get_weather", city="Paris")
        yield reply(f"It is {forecast} in Paris.")


async def converse(client: Any, streamed: bool) -> tuple[str, list[str]]:
    """The newest message at the end, and the statuses (polled) or events (streamed) on the way."""
    threads = client.beta.threads
    thread = await _got(threads.create(messages=[{"role": "user", "content": QUESTION}]))
    start = {"thread_id": thread.id, "assistant_id": "asst_weather"}
    if streamed:
        told = await _streamed(threads.runs, start)
    else:
        told = await _polled(threads.runs, start)
    messages = await _got(threads.messages.list(thread.id))
    return messages.data[0].content[0].text.value, told


async def _polled(runs: Any, start: Any) -> list[str]:
    run = await _got(runs.create_and_poll(**start))
    told = [run.status]
    outputs: Any = _outputs(run)
    run = await _got(runs.submit_tool_outputs_and_poll(run_id=run.id, thread_id=run.thread_id, tool_outputs=outputs))
    return [*told, run.status]


async def _streamed(runs: Any, start: Any) -> list[str]:
    told: list[str] = []
    stream = await _got(runs.create(**start, stream=True))
    while stream is not None:
        following = None
        async for event in _each(stream):
            if not told or told[-1] != event.event:
                told.append(event.event)
            if event.event == "thread.run.requires_action":
                run = event.data
                following = runs.submit_tool_outputs(
                    run.id, thread_id=run.thread_id, tool_outputs=_outputs(run), stream=True
                )
        stream = None if following is None else await _got(following)
    return told


def _outputs(run: Any) -> list[dict[str, str]]:
    calls = run.required_action.submit_tool_outputs.tool_calls
    return [{"tool_call_id": call.id, "output": "sunny"} for call in calls]


async def _got(result: Any) -> Any:
    return await result if inspect.isawaitable(result) else result


async def _each(stream: Any) -> AsyncIterator[Any]:
    if hasattr(stream, "__aiter__"):
        async for event in stream:
            yield event
    else:
        for event in stream:
            yield event
