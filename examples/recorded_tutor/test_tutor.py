"""A lesson is replayed: the assistant says what it said then, and the code is held to what it did then."""

from pathlib import Path

import pytest
from openai import AsyncOpenAI

from examples.recorded_tutor import tutor
from examples.recorded_tutor.tutor import calculate, lesson
from openai_fake import OpenAIFake, Scenario

LESSON = Path(__file__).with_name("lesson.json")
QUESTIONS = ("What is 12 * 12?", "Thank you!")
ANSWERS = ["It is 144: a dozen dozens.", "You are welcome."]


@pytest.mark.openai_fake(scenario=LESSON)
async def test_the_lesson_goes_as_it_went_then(openai_fake: OpenAIFake, openai_fake_async_client: AsyncOpenAI) -> None:
    assert await lesson(openai_fake_async_client, *QUESTIONS) == ANSWERS
    ends = [step["ends"] for step in openai_fake.scenario().steps if "ends" in step]
    assert ends == ["completed", "completed"]


async def test_a_calculator_that_has_gone_wrong_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tutor, "calculate", lambda expression: "145")
    with pytest.raises(AssertionError, match="145"):
        async with OpenAIFake(scenario=LESSON) as fake:
            await lesson(AsyncOpenAI(http_client=fake.async_http_client()), *QUESTIONS)


async def test_a_lesson_that_stops_early_is_told() -> None:
    with pytest.raises(AssertionError, match="run_2"):
        async with OpenAIFake(scenario=Scenario.load(LESSON)) as fake:
            client = AsyncOpenAI(http_client=fake.async_http_client())
            assert await lesson(client, QUESTIONS[0]) == ANSWERS[:1]


@pytest.mark.parametrize(("expression", "value"), [("12 * 12", "144"), ("1 + 2 * 3", "7"), ("7 / 2 - 1", "2.5")])
def test_the_calculator(expression: str, value: str) -> None:
    assert calculate(expression) == value
