"""What happened in a fake as plain JSON values: what was said, every run against virtual time, every request.

For whoever wants to draw it. Times are virtual seconds since the fake's start; secrets are blacked out.
"""

from collections.abc import Sequence
from typing import Any

from .calls import CallLog
from .conversation import Conversation
from .entries import entries, why
from .logged import LoggedCall
from .objects.runs import Run
from .objects.steps import FunctionCall, MessageCreation, RunStep
from .secrets import redact_json
from .timeline import Event
from .world import World

Json = dict[str, Any]

CALLS_TOLD = 500
"""Of more calls than these only the newest are told."""


def story(world: World, calls: CallLog, start: float, since: int = 0) -> Json:
    """All of it; or, after the first `since` requests, only the later ones and the threads they were about."""
    asked = max(len(calls) + calls.dropped - since, 0)
    newest = calls[max(len(calls) - min(asked, CALLS_TOLD), 0) :]
    conversations = world.all_conversations()
    if since:
        named = {id for call in calls[max(len(calls) - asked, 0) :] for id in _threads_of(call)}
        conversations = [conversation for conversation in conversations if conversation.id in named]
    told = {
        "threads": [_thread(conversation, newest, start) for conversation in conversations],
        "calls": [_call(call, start) for call in newest],
        "left_out": asked - len(newest),
        "seconds": world.clock.now - start,
    }
    redacted: Json = redact_json(told)
    return redacted


def _threads_of(call: LoggedCall) -> Sequence[str]:
    """The ids that may be those of the threads that a request was about."""
    if call.operation not in ("threads.create", "threads.create_and_run"):
        return call.path.split("/")[2:3]
    if call.stream is not None:
        return [call.stream.reading.thread_id]
    answer = call.answer
    return [str(answer.get("thread_id", answer.get("id")))] if isinstance(answer, dict) else []


def _thread(conversation: Conversation, calls: list[LoggedCall], start: float) -> Json:
    runs = [_run(conversation, run, calls, start) for run in conversation.runs.values()]
    return {"id": conversation.id, "said": entries(conversation, start), "runs": runs}


def _run(conversation: Conversation, run: Run, calls: list[LoggedCall], start: float) -> Json:
    timeline = conversation.timelines.get(run.id)
    changes: list[Event] = []
    instants: dict[str, list[float]] = {}
    for event in timeline.events if timeline else ():
        if isinstance(event.data, Run) and event.name != "thread.run.created":
            changes.append(event)
        elif isinstance(event.data, RunStep):
            instants.setdefault(event.data.id, []).append(event.at)
    return {
        "id": run.id,
        "assistant": run.assistant_id,
        "status": run.status,
        "why": why(run),
        "usage": run.usage.total_tokens if run.usage else None,
        "changes": [{"status": change.data.status, "at": change.at - start} for change in changes]
        or [{"status": run.status, "at": run.created_at - start}],
        "steps": [_step(step, instants.get(step.id, ()), start) for step in conversation.steps(run.id).values()],
        "calls": [number for number, call in enumerate(calls) if _is_about(call, run)],
    }


def _step(step: RunStep, instants: Sequence[float], start: float) -> Json:
    details = step.step_details
    if isinstance(details, MessageCreation):
        names = ["message"]
    else:
        names = [call.function.name if isinstance(call, FunctionCall) else call.type for call in details.tool_calls]
    over = step.status != "in_progress"
    return {
        "names": names,
        "status": step.status,
        "from": min(instants, default=float(step.created_at)) - start,
        "to": max(instants, default=float(step.created_at)) - start if over else None,
    }


def _is_about(call: LoggedCall, run: Run) -> bool:
    if run.id in call.path:
        return True
    if call.operation not in ("runs.create", "threads.create_and_run"):
        return False
    if call.stream is not None:
        return bool(call.stream.reading.run_id == run.id)
    answer = call.answer
    return isinstance(answer, dict) and answer.get("id") == run.id


def _call(call: LoggedCall, start: float) -> Json:
    return {
        "name": call.operation,
        "method": call.method,
        "path": call.path,
        "query": call.query,
        "status": call.status,
        "failure": call.failure,
        "at": call.at - start,
        "seconds": call.duration,
        "sent": call.json if call.json is not None else f"({len(call.body)} bytes)" if call.body else None,
        "answer": _text(call.answer) if isinstance(call.answer, bytes) else call.answer,
    }


def _text(content: bytes) -> str:
    """What is no JSON, as a page can show it."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return f"({len(content)} bytes)"
