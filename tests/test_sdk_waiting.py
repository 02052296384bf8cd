"""The SDK's polling helpers and retries: they come back without any real sleeping, and without anything patched."""

import importlib
import time
from typing import Any

import pytest

from openai_fake import OpenAIFake, reply, tool_call
from openai_fake.clock import DEFAULT_START
from tests.sdk_talk import Talk, converse, each_mode


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Every length that was slept, by `time.sleep` or `anyio.sleep`; nothing sleeps for real."""
    lengths: list[float] = []

    async def sleep(seconds: float) -> None:
        lengths.append(seconds)

    monkeypatch.setattr(time, "sleep", lengths.append)
    monkeypatch.setattr(importlib.import_module("anyio"), "sleep", sleep)
    return lengths


@each_mode
def test_the_polling_helpers_return_without_sleeping(mode: str, slept: list[float]) -> None:
    async def go(fake: OpenAIFake, talk: Talk) -> None:
        @fake.script(times=2)
        def weather(run: Any) -> Any:
            (output,) = yield tool_call("get_weather", city="Paris")
            yield reply(f"It is {output}.")

        fake.reply("Bye.")
        threads = talk.beta.threads
        assistant = await talk(talk.beta.assistants.create(model="gpt-4o", instructions="Help."))
        first = await talk(threads.create_and_run_poll(assistant_id=assistant.id))
        second = await talk(threads.runs.create_and_poll(thread_id=await new(talk), assistant_id=assistant.id))
        for run in (first, second):
            assert run.status == "requires_action"
            calls = run.required_action.submit_tool_outputs.tool_calls
            outputs: Any = [{"tool_call_id": call.id, "output": "sunny"} for call in calls]
            done = await talk(
                threads.runs.submit_tool_outputs_and_poll(run_id=run.id, thread_id=run.thread_id, tool_outputs=outputs)
            )
            assert done.status == "completed"
        third = await talk(threads.runs.create(thread_id=await new(talk), assistant_id=assistant.id))
        done = await talk(threads.runs.poll(run_id=third.id, thread_id=third.thread_id))
        assert done.status == "completed"
        assert fake.clock.now > DEFAULT_START

    converse(mode, go)
    assert set(slept) == {0}


async def new(talk: Talk) -> str:
    return str((await talk(talk.beta.threads.create())).id)


@each_mode
@pytest.mark.parametrize("skip", ["skip_sleep", "skip_sdk_sleeps"])
def test_polls_that_do_not_wait_are_not_among_the_sleeps(mode: str, skip: str) -> None:
    async def go(fake: OpenAIFake, talk: Talk) -> list[float]:
        fake.reply("Hi.", times=2)
        assistant = await talk(talk.beta.assistants.create(model="gpt-4o", instructions="Help."))
        with getattr(fake.clock, skip)():
            await talk(talk.beta.threads.create_and_run_poll(assistant_id=assistant.id))
            await talk(talk.beta.threads.create_and_run_poll(assistant_id=assistant.id, poll_interval_ms=500))
        return fake.clock.sleeps

    assert converse(mode, go) == [0.5]


@each_mode
def test_a_poll_says_when_to_ask_again_only_while_a_run_goes_on(mode: str) -> None:
    async def go(fake: OpenAIFake, talk: Talk) -> list[tuple[str, str | None]]:
        fake.reply("Hi.")
        assistant = await talk(talk.beta.assistants.create(model="gpt-4o", instructions="Help."))
        run = await talk(talk.beta.threads.create_and_run(assistant_id=assistant.id))
        seen = []
        while run.status in ("queued", "in_progress"):
            raw = talk.beta.threads.runs.with_raw_response
            response = await talk(raw.retrieve(run.id, thread_id=run.thread_id))
            run = await talk(response.parse())
            seen.append((run.status, response.headers.get("openai-poll-after-ms")))
        return seen

    assert converse(mode, go) == [("in_progress", "0"), ("completed", None)]
    assert converse(mode, go, options={"poll_after_ms": 250}) == [("in_progress", "250"), ("completed", None)]
    for options in ({"poll_after_ms": None}, {"profile": "recorded"}):
        assert converse(mode, go, options=options) == [("in_progress", None), ("completed", None)]
    recorded = {"profile": "recorded", "poll_after_ms": 0}
    assert converse(mode, go, options=recorded) == [("in_progress", "0"), ("completed", None)]


@each_mode
def test_misuse_reaches_the_caller_at_once_and_in_words(mode: str, slept: list[float]) -> None:
    openai = pytest.importorskip("openai", reason="the openai SDK is not installed")

    async def go(fake: OpenAIFake, talk: Talk) -> None:
        assistant = await talk(talk.beta.assistants.create(model="gpt-4o", instructions="Help."))
        with pytest.raises(openai.InternalServerError, match=r"Nothing was scripted.") as caught:
            await talk(talk.beta.threads.create_and_run(assistant_id=assistant.id))
        assert caught.value.status_code == 501
        assert fake.calls.named("threads.create_and_run").count == 1

    with pytest.raises(AssertionError, match=r"Nothing was scripted."):
        converse(mode, go, options={"unscripted": "error"})
    assert slept == []


REFUSED: list[Any] = [
    ("NotFoundError", 404, "No thread found with id 'thread_x'.", lambda beta: beta.threads.retrieve("thread_x")),
    (
        "BadRequestError",
        400,
        "Invalid 'thread_id': 'undefined'. Expected an ID that begins with 'thread'.",
        lambda beta: beta.threads.retrieve("undefined"),
    ),
    (
        "BadRequestError",
        400,
        "Invalid 'limit': integer above maximum value. Expected a value <= 100, but got 101 instead.",
        lambda beta: beta.assistants.list(limit=101),
    ),
]


@each_mode
@pytest.mark.parametrize(("error", "status", "message", "call"), REFUSED, ids=["404", "prefix", "limit"])
def test_a_refusal_is_the_error_of_the_sdk(mode: str, error: str, status: int, message: str, call: Any) -> None:
    openai = pytest.importorskip("openai", reason="the openai SDK is not installed")

    async def go(fake: OpenAIFake, talk: Talk) -> None:
        with pytest.raises(getattr(openai, error)) as caught:
            await talk(call(talk.beta))
        assert (caught.value.status_code, caught.value.body["message"]) == (status, message)
        assert caught.value.type == "invalid_request_error"
        assert caught.value.request_id.startswith("req_")

    converse(mode, go)


@each_mode
def test_a_wrong_key_is_refused_as_the_service_did(mode: str) -> None:
    openai = pytest.importorskip("openai", reason="the openai SDK is not installed")

    async def go(fake: OpenAIFake, talk: Talk) -> Any:
        with pytest.raises(openai.AuthenticationError) as caught:
            await talk(talk.beta.threads.create())
        return caught.value

    refused = converse(mode, go, options={"api_key": "sk-right-key-1234"}, api_key="sk-wrong-key-4321")
    assert refused.body["message"] == (
        "Incorrect API key provided: sk-**********4321. "
        "You can find your API key at https://platform.openai.com/account/api-keys."
    )
    assert (refused.code, refused.response.headers["www-authenticate"]) == (
        "invalid_api_key",
        'Bearer realm="OpenAI API"',
    )
    assert "openai-organization" not in refused.response.headers
