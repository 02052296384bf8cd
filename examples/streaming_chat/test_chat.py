"""The pieces of an answer are the script's; a stream can be broken where one likes."""

import pytest
from openai import APIError, AsyncOpenAI, OpenAI

from examples.streaming_chat.chat import chat, chat_async
from openai_fake import OpenAIFake, fail, refusal, reply, wait
from openai_fake.faults import disconnect


@pytest.fixture(autouse=True)
def _conversation(openai_fake: OpenAIFake) -> None:
    openai_fake.add_assistant("asst_chat")
    openai_fake.add_thread("thread_1", messages=[{"role": "user", "content": "Sing!"}])


def test_an_answer_is_shown_as_it_comes(openai_fake: OpenAIFake, openai_fake_client: OpenAI) -> None:
    openai_fake.script(reply("La la la.", chunks=["La ", "la ", "la."]))
    shown: list[str] = []
    assert chat(openai_fake_client, "thread_1", "asst_chat", shown.append) == "La la la."
    assert shown == ["La ", "la ", "la."]


def test_where_the_connection_breaks_the_rest_is_polled_for(
    openai_fake: OpenAIFake, openai_fake_client: OpenAI
) -> None:
    openai_fake.script(reply("La la la.", chunks=["La ", "la ", "la."]), wait(20))
    openai_fake.inject(disconnect(after_events=8), on="runs.create")
    shown: list[str] = []
    with openai_fake.clock.skip_sleep():
        assert chat(openai_fake_client, "thread_1", "asst_chat", shown.append) == "La la la."
    assert shown == ["La ", "la la."]
    assert len(openai_fake.thread("thread_1").runs) == 1


async def test_the_same_with_bare_events(openai_fake: OpenAIFake, openai_fake_async_client: AsyncOpenAI) -> None:
    openai_fake.script(reply("La la.", chunks=2), refusal("No more."))
    shown: list[str] = []
    answer = await chat_async(openai_fake_async_client, "thread_1", "asst_chat", shown.append)
    assert answer == "La la.No more."
    assert "".join(shown) == answer and len(shown) > 3


async def test_a_run_that_fails_in_mid_answer(openai_fake: OpenAIFake, openai_fake_async_client: AsyncOpenAI) -> None:
    openai_fake.script(reply("La la"), fail("rate_limit_exceeded", "You have sung enough."))
    shown: list[str] = []
    with pytest.raises(APIError, match="sung enough"):
        await chat_async(openai_fake_async_client, "thread_1", "asst_chat", shown.append)
    assert "".join(shown) == "La la"
