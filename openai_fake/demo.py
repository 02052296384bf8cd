"""A conversation held through the real SDK, a tool call included, with no network and no key."""

import json
import warnings
from typing import Any

from openai import OpenAI

from . import reply, tool_call
from .fake import OpenAIFake


def demo() -> str:
    """Hold the conversation, and give its transcript and its calls as text."""
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    with OpenAIFake() as fake:

        @fake.script(message="weather")
        def weather(run: Any) -> Any:
            paris, rome = yield tool_call("get_weather", city="Paris"), tool_call("get_weather", city="Rome")
            yield reply(f"In Paris it is {paris}, in Rome it is {rome}.")

        _ask("What is the weather in Paris and Rome?", OpenAI(http_client=fake.http_client()))
        calls = "\n".join(f"  {call!r}" for call in fake.calls)
        return f"{fake.transcript()}\n\n{fake.calls.count} requests, none of which left this process:\n{calls}"


def _ask(question: str, client: OpenAI) -> None:
    """What an application does: start a run, answer its tool calls, wait for its end."""
    threads = client.beta.threads
    assistant = client.beta.assistants.create(model="gpt-4o", instructions="You know the weather.")
    thread = threads.create(messages=[{"role": "user", "content": question}])
    run = threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    while run.status == "requires_action" and run.required_action:
        calls = run.required_action.submit_tool_outputs.tool_calls
        outputs: Any = [{"tool_call_id": call.id, "output": _weather(call.function.arguments)} for call in calls]
        run = threads.runs.submit_tool_outputs_and_poll(run_id=run.id, thread_id=thread.id, tool_outputs=outputs)


def _weather(arguments: str) -> str:
    return {"Paris": "raining", "Rome": "sunny"}[json.loads(arguments)["city"]]
