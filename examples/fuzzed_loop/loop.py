"""A run loop that has to survive anything: whatever the assistant asks for, and however the run and the calls end."""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

import openai
from openai import OpenAI
from openai.resources.beta.threads.runs import Runs
from openai.types.beta.threads import MessageContent, Run

Tools = Mapping[str, Callable[..., object]]


@dataclass(frozen=True)
class Outcome:
    """How it went: `answered`, with the text, or `gave up`, with the reason."""

    kind: str
    text: str


def converse(client: OpenAI, thread_id: str, assistant_id: str, tools: Tools, most_rounds: int = 10) -> Outcome:
    """Run the assistant on a thread and answer its tool calls. Never raises."""
    threads = client.beta.threads
    # What starts or continues a run is never sent twice: the first one may have arrived.
    once = client.with_options(max_retries=0).beta.threads.runs
    try:
        run = threads.runs.poll(start(once, thread_id, assistant_id).id, thread_id=thread_id)
        for _ in range(most_rounds):
            if run.status != "requires_action" or not run.required_action:
                break
            calls = run.required_action.submit_tool_outputs.tool_calls
            # If they have not arrived, the poll tells, and they are asked for again.
            with suppress(openai.APIConnectionError, openai.InternalServerError, ValueError):
                once.submit_tool_outputs(
                    run_id=run.id,
                    thread_id=thread_id,
                    tool_outputs=[
                        {"tool_call_id": call.id, "output": output(tools, call.function.name, call.function.arguments)}
                        for call in calls
                    ],
                )
            run = threads.runs.poll(run.id, thread_id=thread_id)
        if run.status in ("queued", "in_progress", "requires_action"):
            threads.runs.cancel(run.id, thread_id=thread_id)
        if run.status != "completed":
            return Outcome("gave up", run.last_error.message if run.last_error else run.status)
        said = threads.messages.list(thread_id, run_id=run.id, order="asc")
        parts = [part for message in said for part in message.content]
    except (openai.OpenAIError, ValueError) as error:
        # ValueError: an answer that is no JSON.
        return Outcome("gave up", str(error))
    return Outcome("answered", "\n".join(text_of(part) for part in parts))


def start(once: Runs, thread_id: str, assistant_id: str) -> Run:
    """Start a run; where the answer is lost, find the run that it was about."""
    try:
        return once.create(thread_id=thread_id, assistant_id=assistant_id)
    except (openai.APIConnectionError, openai.InternalServerError, ValueError):
        for run in once.list(thread_id, limit=1).data:
            if run.status in ("queued", "in_progress", "requires_action"):
                return run
        raise


def text_of(part: MessageContent) -> str:
    """What a part of a message says; an image says nothing."""
    if part.type == "text":
        return part.text.value
    return part.refusal if part.type == "refusal" else ""


def output(tools: Tools, name: str, arguments: str) -> str:
    """What a tool gives, as JSON. Whatever is wrong with the call is told to the model."""
    try:
        given = json.loads(arguments)
        return json.dumps(tools[name](**given))
    except Exception as error:
        return json.dumps({"error": f"{type(error).__name__}: {error}"})
