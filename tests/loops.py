"""Two small agent loops: one that is right, and one that is wrong in four ways, each of which can be chosen alone."""

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any

from tests.sdk_kit import openai

Tools = Mapping[str, Callable[..., str]]

WEATHER: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
            "additionalProperties": False,
        },
    },
}
NOW: dict[str, Any] = {"type": "function", "function": {"name": "now"}}

# What a request can end in that is no answer: an error of the SDK, or a body that it cannot read.
TROUBLE = (openai.APIError, ValueError)
TRIES = 4
WORKING = ("queued", "in_progress", "cancelling")


class NoAnswer(Exception):
    """The loop gives up, and says why."""


def answer(client: Any, thread_id: str, assistant_id: str, tools: Tools, question: str) -> str:
    """The right one. It looks before it repeats what changes something, and knows every way a run can end."""
    runs, messages = client.beta.threads.runs, client.beta.threads.messages
    said = {message.id for message in _again(lambda: messages.list(thread_id)).data}
    ran = {run.id for run in _again(lambda: runs.list(thread_id)).data}

    def ask() -> None:
        # A message whose answer was lost is there: a second one would be a second question.
        if not [message for message in messages.list(thread_id).data if message.id not in said]:
            messages.create(thread_id, role="user", content=question)

    def begin() -> Any:
        new = [run for run in runs.list(thread_id).data if run.id not in ran]
        return new[0] if new else runs.create(thread_id=thread_id, assistant_id=assistant_id)

    _again(ask)
    return _settle(client, _again(begin), tools)


def _settle(client: Any, run: Any, tools: Tools) -> str:
    runs, ids = client.beta.threads.runs, {"run_id": run.id, "thread_id": run.thread_id}
    messages, of_run = client.beta.threads.messages, (run.thread_id, run.id)
    outputs: dict[str, str] = {}
    for _ in range(100):
        if run.status == "completed":
            said = _again(lambda: messages.list(of_run[0], run_id=of_run[1])).data
            return "".join(part.text.value for part in said[0].content if part.type == "text") if said else ""
        if run.status == "requires_action":
            run = _submit(client, run, tools, outputs)
        elif run.status in WORKING:
            run = _again(lambda: runs.retrieve(**ids))
        else:
            raise NoAnswer(f"the run is {run.status}")
    runs.cancel(**ids)
    raise NoAnswer("the assistant goes on and on")


def _submit(client: Any, run: Any, tools: Tools, outputs: dict[str, str]) -> Any:
    """The run after its outputs were submitted, or as it is where that went wrong. A tool is called once."""
    runs, ids = client.beta.threads.runs, {"run_id": run.id, "thread_id": run.thread_id}
    calls = run.required_action.submit_tool_outputs.tool_calls
    for call in calls:
        if call.id not in outputs:
            outputs[call.id] = _call(tools, call.function)
    given = [{"tool_call_id": call.id, "output": outputs[call.id]} for call in calls]
    try:
        return runs.submit_tool_outputs(**ids, tool_outputs=given)
    except TROUBLE:
        return _again(lambda: runs.retrieve(**ids))


def _again(ask: Callable[[], Any]) -> Any:
    """Ask again, unless asking again cannot help."""
    for _ in range(TRIES):
        try:
            return ask()
        except (openai.AuthenticationError, openai.NotFoundError, openai.BadRequestError) as error:
            raise NoAnswer(str(error)) from error
        except TROUBLE as error:
            if getattr(error, "code", None) == "insufficient_quota":
                raise NoAnswer(str(error)) from error
            last = error
    raise NoAnswer(str(last))


def _call(tools: Tools, function: Any) -> str:
    """What a tool gives; what the model did wrong, it is told."""
    if function.name not in tools:
        return f"There is no tool {function.name}."
    try:
        given = json.loads(function.arguments)
        return tools[function.name](**given)
    except (TypeError, ValueError) as error:
        return f"These arguments cannot be used: {error}"


SINS = ("takes requires_action for an answer", "ignores incomplete", "submits blindly", "starts again blindly")


def wrong(
    client: Any, thread_id: str, assistant_id: str, tools: Tools, question: str, sins: Collection[str] = SINS
) -> str:
    """The wrong one. Without a sin it does, in that place, what the right one does."""
    runs = client.beta.threads.runs
    client.beta.threads.messages.create(thread_id, role="user", content=question)
    run = _started(runs, thread_id, assistant_id, blindly="starts again blindly" in sins)
    done: dict[str, str] = {}
    while True:
        run = runs.poll(run.id, thread_id=thread_id)
        if run.status != "requires_action" or "takes requires_action for an answer" in sins:
            break
        calls = run.required_action.submit_tool_outputs.tool_calls
        done |= {call.id: _call(tools, call.function) for call in calls if call.id not in done}
        outputs = [{"tool_call_id": call.id, "output": done[call.id]} for call in calls]
        run = _submitted(runs, run, outputs, blindly="submits blindly" in sins)
    fine = ["completed"]
    fine += ["incomplete"] if "ignores incomplete" in sins else []
    fine += ["requires_action"] if "takes requires_action for an answer" in sins else []
    if run.status not in fine:
        raise NoAnswer(f"the run is {run.status}")
    said = client.beta.threads.messages.list(thread_id).data
    return "".join(part.text.value for part in said[0].content if part.type == "text")


def _started(runs: Any, thread_id: str, assistant_id: str, *, blindly: bool) -> Any:
    try:
        return runs.create(thread_id=thread_id, assistant_id=assistant_id)
    except openai.APIConnectionError:
        if not blindly:
            raise
        return runs.create(thread_id=thread_id, assistant_id=assistant_id)


def _submitted(runs: Any, run: Any, outputs: list[Any], *, blindly: bool) -> Any:
    ids = {"run_id": run.id, "thread_id": run.thread_id}
    try:
        return runs.submit_tool_outputs(**ids, tool_outputs=outputs)
    except openai.APIError:
        if not blindly:
            return runs.retrieve(**ids)
        return runs.submit_tool_outputs(**ids, tool_outputs=outputs)
