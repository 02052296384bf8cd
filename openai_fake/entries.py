"""A conversation's journal as entries, one for each thing that was said or done: for the transcript and the page.

Each has its `kind` and what belongs to it: `message`, `status` (of a run), `asked` (the client, for a tool), `gave`
(the client), `used` (by the assistant itself).
"""

from collections.abc import Iterator
from typing import Any

from .conversation import Conversation
from .objects.messages import Message
from .objects.runs import Run
from .objects.steps import CodeInterpreterCall, FunctionCall, Logs, RunStep, ToolCall, ToolCalls
from .timeline import Event

Entry = dict[str, Any]


def entries(conversation: Conversation, start: float) -> list[Entry]:
    """All of them, in order; `at`: the virtual seconds since the start."""
    return [{**told, "at": event.at - start} for event in conversation.journal for told in _told(event)]


def why(run: Run) -> str:
    """Why a run ended otherwise than completed, if it says so."""
    if run.incomplete_details is not None:
        return run.incomplete_details.reason
    return run.last_error.message if run.last_error else ""


def _told(event: Event) -> Iterator[Entry]:
    data = event.data
    if isinstance(data, Message) and data.status != "in_progress" and event.name != "thread.message.deleted":
        others = [part.type for part in data.content if part.type not in ("text", "refusal")]
        broken = data.incomplete_details.reason if data.incomplete_details else ""
        yield {"kind": "message", "role": data.role, "text": data.text, "also": others, "broken": broken}
    elif isinstance(data, Run) and event.name != "thread.run.created":
        yield {"kind": "status", "run": data.id, "status": data.status, "why": why(data)}
        if data.required_action is not None:
            for wanted in data.required_action.submit_tool_outputs.tool_calls:
                yield {"kind": "asked", "name": wanted.function.name, "text": wanted.function.arguments}
    elif isinstance(data, RunStep) and data.status == "completed" and isinstance(data.step_details, ToolCalls):
        yield from map(_done, data.step_details.tool_calls)


def _done(call: ToolCall) -> Entry:
    """A tool that has done its work. `out`: what came of it."""
    if isinstance(call, FunctionCall):
        return {"kind": "gave", "name": call.function.name, "text": call.function.output or ""}
    if isinstance(call, CodeInterpreterCall):
        logs = [output.logs for output in call.code_interpreter.outputs if isinstance(output, Logs)]
        return {"kind": "used", "name": call.type, "text": call.code_interpreter.input, "out": logs}
    return {"kind": "used", "name": call.type, "text": "", "out": [hit.file_name for hit in call.file_search.results]}
