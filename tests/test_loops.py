"""The strategies on two agent loops: the right one survives, each sin of the wrong one is caught and made small."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings

from openai_fake import OpenAIFake, strategies
from openai_fake.strategies import Conversation
from tests.counts import FULL, count, examples
from tests.fuzz_kit import smallest
from tests.loops import NOW, SINS, TROUBLE, WEATHER, NoAnswer, answer, wrong
from tests.sdk_kit import openai

TOOLS = [WEATHER, NOW]
conversations = strategies.conversations(TOOLS, max_turns=1)
Loop = Callable[..., str]


class Played:
    """One conversation, played against a loop."""

    def __init__(self, loop: Loop, conversation: Conversation, client: Any, fake: OpenAIFake, **options: Any) -> None:
        self.called: list[str] = []
        self.raised: BaseException | None = None
        self.text: str | None = None
        self.fake = fake
        tools = {"get_weather": self._get_weather, "now": self._now}
        fake.reset()
        fake.add_assistant("asst_1", tools=TOOLS)
        fake.add_thread("thread_1")
        conversation.arrange(fake)
        try:
            for message in conversation.messages:
                self.text = None
                self.text = loop(client, "thread_1", "asst_1", tools, message, **options)
        except (NoAnswer, *TROUBLE) as error:
            self.raised = error

    def _get_weather(self, city: str) -> str:
        self.called.append("get_weather")
        return "sunny"

    def _now(self, **ignored: Any) -> str:
        self.called.append("now")
        return "nine"

    @property
    def wrong(self) -> str:
        """What the loop did wrong, in words; empty if nothing."""
        runs = self.fake.thread("thread_1").runs
        if self.text is not None and runs[-1].status != "completed":
            return f"it gave an answer where there was none: the run is {runs[-1].status}"
        asked = [call for step in self.fake.thread("thread_1").steps for call in _functions(step)]
        if len(self.called) > len(asked):
            return f"it called {self.called}, and was asked for {asked}"
        return "\n".join(self.fake.verdict())


def _functions(step: Any) -> list[str]:
    calls = getattr(step.step_details, "tool_calls", ())
    return [call.function.name for call in calls if call.type == "function"]


@pytest.fixture
def stage() -> Any:
    """One fake and one client for all examples: a fresh world each, and nothing else made again."""
    with OpenAIFake() as fake:
        yield fake, openai.OpenAI(api_key="k", http_client=fake.http_client(), max_retries=0)


def test_the_right_loop_survives_whatever_the_assistant_and_the_network_do(stage: Any) -> None:
    fake, client = stage
    ends: set[str] = set()

    @settings(max_examples=examples(60, 1000))
    @given(conversation=conversations)
    def survives(conversation: Conversation) -> None:
        played = Played(answer, conversation, client, fake)
        assert not played.wrong, f"{played.wrong}\n{fake.transcript()}"
        assert played.raised is None or isinstance(played.raised, NoAnswer)
        ends.add("an answer" if played.raised is None else "none")

    survives()
    assert ends == {"an answer", "none"}


EXPOSED = {
    "takes requires_action for an answer": ("took_requires_action", 2, 0),
    "ignores incomplete": ("took_incomplete", 1, 0),
    "submits blindly": ("submitted_twice", 2, 1),
    "starts again blindly": ("busy_thread", 1, 1),
}


DEAREST = "submits blindly"
of_each_sin = [
    pytest.param(
        sin, marks=pytest.mark.skipif(not FULL and sin == DEAREST, reason="a plain run finds it by the README")
    )
    for sin in SINS
]


@pytest.mark.parametrize("sin", of_each_sin)
def test_each_sin_is_caught_and_made_small(stage: Any, sin: str) -> None:
    fake, client = stage

    def caught(conversation: Conversation) -> bool:
        played = Played(wrong, conversation, client, fake, sins=[sin])
        return bool(played.wrong)

    kind, acts, strikes = EXPOSED[sin]
    found = smallest(conversations, caught)
    played = Played(wrong, found, client, fake, sins=[sin])
    assert [finding.kind for finding in fake.verdict()] == [kind], played.wrong
    assert (len(found.acts), len(found.trouble)) == (acts, strikes)
    assert len(found.acts) <= 3


def test_without_a_sin_the_wrong_loop_is_not_blamed(stage: Any) -> None:
    fake, client = stage

    @settings(max_examples=count(20, 300))
    @given(conversation=conversations)
    def survives(conversation: Conversation) -> None:
        played = Played(wrong, conversation, client, fake, sins=[])
        assert not played.wrong, f"{played.wrong}\n{fake.transcript()}"

    survives()
