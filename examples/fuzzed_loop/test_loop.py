"""Hypothesis plays the assistant and the network; the loop has to come to an end, and to do nothing wrong on the way.

It found that the first version of this loop let the SDK repeat a `runs.create` whose answer was lost: a second run.
"""

from typing import Any

from hypothesis import given, settings
from openai import OpenAI

from examples.fuzzed_loop.loop import Outcome, converse
from openai_fake import OpenAIFake
from openai_fake.strategies import Conversation, conversations, scripts

FORECAST = {
    "type": "function",
    "function": {
        "name": "forecast",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 1, "maximum": 7}},
            "required": ["city"],
        },
    },
}


def forecast(city: str, days: int = 1) -> list[str]:
    return [f"sun in {city.title()}"] * days


def talk(fake: OpenAIFake) -> Outcome:
    """One message to an assistant that does as it is scripted."""
    fake.add_assistant("asst_1", tools=[FORECAST])
    fake.add_thread("thread_1", messages=[{"role": "user", "content": "Hello?"}])
    with fake.clock.skip_sdk_sleeps():
        client = OpenAI(http_client=fake.http_client())
        return converse(client, "thread_1", "asst_1", {"forecast": forecast})


@settings(max_examples=100, deadline=None)
@given(script=scripts([FORECAST]))
def test_whatever_the_assistant_does_the_outcome_is_what_the_run_came_to(script: Any) -> None:
    with OpenAIFake() as fake:
        fake.script(*script)
        outcome = talk(fake)
        thread = fake.thread("thread_1")
        (run,) = thread.runs
        assert (outcome.kind == "answered") == (run.status == "completed")
        if outcome.kind == "answered":
            assert outcome.text == "\n".join(message.text for message in thread.messages[1:])


@settings(max_examples=100, deadline=None)
@given(conversation=conversations([FORECAST], max_turns=1))
def test_whatever_the_network_does_the_loop_comes_to_an_end(conversation: Conversation) -> None:
    with OpenAIFake() as fake:
        conversation.arrange(fake)
        outcome = talk(fake)
        finished = [run.id for run in fake.thread("thread_1").runs if run.status == "completed"]
        assert outcome.kind == "gave up" or finished
        fake.assert_well_behaved()
