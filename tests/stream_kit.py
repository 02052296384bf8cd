"""What the tests of streams share: clients of both kinds behind one face, raw bodies, and what their deltas join to."""

import inspect
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from itertools import groupby
from typing import Any

import pytest

from openai_fake import OpenAIFake

MODES = ["sync", "async"]
each_mode = pytest.mark.parametrize("mode", MODES)
ASSISTANT = "asst_1"
CONTENT = "step_details.tool_calls[*].file_search.results[*].content"
BEFORE = ["thread.run.created", "thread.run.queued", "thread.run.in_progress"]
STEP = ["thread.run.step.created", "thread.run.step.in_progress"]
MESSAGE = [*STEP, "thread.message.created", "thread.message.in_progress"]


def opened(*acts: Any, **options: Any) -> OpenAIFake:
    """A fake with an assistant and, if acts are given, one script."""
    fake = OpenAIFake(**options)
    fake.add_assistant(ASSISTANT)
    if acts:
        fake.script(*acts)
    return fake


def connect(fake: OpenAIFake, mode: str) -> Any:
    """A client of the SDK that leads to the fake alone."""
    openai = pytest.importorskip("openai", reason="the openai SDK is not installed")
    if mode == "sync":
        return openai.OpenAI(api_key="sk-test", max_retries=0, http_client=fake.http_client())
    return openai.AsyncOpenAI(api_key="sk-test", max_retries=0, http_client=fake.async_http_client())


async def got(value: Any) -> Any:
    """A value, awaited where an async client gave it."""
    return await value if inspect.isawaitable(value) else value


async def each(stream: Any) -> AsyncIterator[Any]:
    """The events of a stream of either kind."""
    if hasattr(stream, "__aiter__"):
        async for event in stream:
            yield event
    else:
        for event in stream:
            yield event


@asynccontextmanager
async def entered(manager: Any) -> AsyncIterator[Any]:
    """A `with` over a context manager of either kind."""
    if hasattr(manager, "__aenter__"):
        async with manager as value:
            yield value
    else:
        with manager as value:
            yield value


async def asked(client: Any, text: str = "Hello") -> str:
    """The id of a new thread with one question."""
    thread = await got(client.beta.threads.create(messages=[{"role": "user", "content": text}]))
    return str(thread.id)


async def streamed(client: Any, thread_id: str, **more: Any) -> Any:
    """The stream of a new run on a thread."""
    return await got(client.beta.threads.runs.create(thread_id=thread_id, assistant_id=ASSISTANT, stream=True, **more))


async def first(stream: Any, name: str) -> Any:
    """Read a stream as far as the first event of a name."""
    async for event in each(stream):
        if event.event == name:
            return event
    raise AssertionError(f"no {name}")


def raw(fake: OpenAIFake, path: str, body: Any, query: str = "") -> bytes:
    """The whole body of a streamed answer, as bytes."""
    client = fake.http_client()
    headers = {"OpenAI-Beta": "assistants=v2"}
    answer = client.post(f"https://api.openai.com/v1{path}{query}", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    content: bytes = answer.content
    return content


def told(body: bytes) -> list[tuple[str, Any]]:
    """The events of a body, which must have the recorded framing: two lines and a blank one, compact JSON, done."""
    *blocks, last, rest = body.decode().split("\n\n")
    assert (last, rest) == ("event: done\ndata: [DONE]", "")
    events = []
    for block in blocks:
        first, second = block.split("\n")
        name, data = first.removeprefix("event: "), second.removeprefix("data: ")
        assert (first, second) == (f"event: {name}", f"data: {data}")
        # Encoding what was decoded shows compactness, key order, plain non-ASCII and floats at once.
        assert json.dumps(json.loads(data), ensure_ascii=False, separators=(",", ":")) == data
        events.append((name, json.loads(data)))
    return events


def run_told(fake: OpenAIFake, query: str = "", **more: Any) -> list[tuple[str, Any]]:
    """The events of one run on a new thread, as they stood on the wire."""
    thread = fake.add_thread()
    fake.add_message(thread.id, content="Hello")
    return told(raw(fake, f"/threads/{thread.id}/runs", {"assistant_id": ASSISTANT, "stream": True, **more}, query))


def names(events: Iterable[Any]) -> list[str]:
    """The names of events, with a row of deltas told as one."""
    found = [event[0] if isinstance(event, tuple) else event.event for event in events]
    return [name for name, row in groupby(found) for _ in (row if not name.endswith(".delta") else [0])]


def joined_calls(events: Iterable[tuple[str, Any]]) -> dict[str, dict[str, Any]]:
    """The tool calls that the deltas of a stream told, by id, put together as a client would."""
    calls: dict[tuple[str, int], dict[str, Any]] = {}
    for name, data in events:
        if name != "thread.run.step.delta":
            continue
        (item,) = data["delta"]["step_details"]["tool_calls"]
        key = (data["id"], item["index"])
        kind = item["type"]
        if "id" in item:
            assert key not in calls
            calls[key] = {"id": item["id"], "type": kind, **item[kind]}
            continue
        for field, value in item[kind].items():
            if field == "outputs":
                known = calls[key]["outputs"]
                assert [output["index"] for output in value] == [len(known)]
                calls[key]["outputs"] = known + value
            else:
                calls[key][field] += value
    counted = Counter(call["id"] for call in calls.values())
    assert not counted or max(counted.values()) == 1
    return {call["id"]: call for call in calls.values()}


def joined_content(events: Iterable[tuple[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The content that the deltas of a stream told, by message id, put together as a client would."""
    contents: dict[str, list[dict[str, Any]]] = {}
    for name, data in events:
        if name == "thread.message.created":
            contents[data["id"]] = []
        if name != "thread.message.delta":
            continue
        content = contents[data["id"]]
        (item,) = data["delta"]["content"]
        index = item.pop("index")
        if index == len(content):
            content.append(item)
        elif item["type"] == "text":
            content[index]["text"]["value"] += item["text"]["value"]
            content[index]["text"]["annotations"] += item["text"].get("annotations", [])
        else:
            content[index]["refusal"] += item["refusal"]
    return contents
