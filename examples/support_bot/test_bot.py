"""Scripts say what the assistant does; the bot is tested by what it says and by what it does in the shop."""

from collections.abc import Generator
from typing import Any

import pytest
from openai import OpenAI

from examples.support_bot.bot import Shop, SupportBot
from openai_fake import Act, OpenAIFake, RunContext, ToolCall, expire, fail, reply, tool_call, tool_calls
from openai_fake.faults import rate_limited

Script = Generator[Act | ToolCall, tuple[str, ...], None]


@pytest.fixture
def bot(openai_fake: OpenAIFake, openai_fake_client: OpenAI) -> SupportBot:
    openai_fake.add_assistant("asst_support", instructions="You are the support of a shop.")
    return SupportBot(openai_fake_client, "asst_support", Shop({"A1": "shipped", "A2": "lost"}))


def test_it_looks_up_an_order(openai_fake: OpenAIFake, bot: SupportBot) -> None:
    @openai_fake.script
    def look_up(run: RunContext) -> Script:
        (status,) = yield tool_call("order_status", order_id="A1")
        yield reply(f"Your order is {status}.")

    assert bot.ask("Where is A1?") == "Your order is shipped."


def test_two_lookups_at_once_and_then_a_ticket(openai_fake: OpenAIFake, bot: SupportBot) -> None:
    @openai_fake.script
    def look_up(run: RunContext) -> Script:
        first, second = yield tool_calls(
            tool_call("order_status", order_id="A1"), tool_call("order_status", order_id="A2")
        )
        (ticket,) = yield tool_call("open_ticket", summary=f"A2 is {second}")
        yield reply(f"A1 is {first}; see {ticket} for A2.")

    assert bot.ask("Where are A1 and A2?") == "A1 is shipped; see T-1 for A2."
    assert bot.shop.tickets == ["A2 is lost"]
    assert openai_fake.calls.named("runs.submit_tool_outputs").count == 2


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (tool_call("order_status", '{"order_id": '), "JSONDecodeError"),
        (tool_call("order_status", order="A1"), "TypeError"),
        (tool_call("refund_everything"), "KeyError"),
    ],
    ids=["arguments that are no JSON", "a parameter that there is not", "a tool that there is not"],
)
def test_mistakes_of_the_model_are_told_to_it(openai_fake: OpenAIFake, bot: SupportBot, call: Any, told: str) -> None:
    @openai_fake.script
    def mistake(run: RunContext) -> Script:
        (output,) = yield call
        assert told in output
        yield reply("Let me see.")

    assert bot.ask("Where is A1?") == "Let me see."


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [(fail("server_error", "Sorry, something went wrong."), "Sorry, something went wrong."), (expire(), "expired")],
    ids=["failed", "expired"],
)
def test_a_run_that_ends_badly_becomes_a_ticket(
    openai_fake: OpenAIFake, bot: SupportBot, trouble: Any, reason: str
) -> None:
    openai_fake.script(trouble)
    assert bot.ask("Where is A1?") == "Sorry, I cannot answer just now. I have opened ticket T-1 for you."
    assert bot.shop.tickets == [f"Where is A1? ({reason})"]


def test_a_busy_service_is_asked_again(openai_fake: OpenAIFake, bot: SupportBot) -> None:
    openai_fake.inject(rate_limited(), on="runs.create", times=2)
    openai_fake.reply("It is on its way.")
    assert bot.ask("Where is A1?") == "It is on its way."
    assert openai_fake.calls.named("runs.create").count == 3


def test_a_second_question_on_the_same_thread_is_asked_with_all_that_was_said(
    openai_fake: OpenAIFake, bot: SupportBot
) -> None:
    openai_fake.add_thread("thread_1")
    openai_fake.reply("Hello!", message="Hi")

    @openai_fake.script(message="again")
    def remember(run: RunContext) -> Script:
        yield reply(" / ".join(message.text for message in run.messages))

    bot.ask("Hi", "thread_1")
    assert bot.ask("Say it again.", "thread_1") == "Hi / Hello! / Say it again."
