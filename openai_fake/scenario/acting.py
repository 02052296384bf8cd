"""From what is known of a run to the acts that would make it happen again, in their order."""

from collections.abc import Sequence
from typing import Any

from ..acts import Act, CallTools, Expire, Fail, Interpret, Measure, Refuse, Say, Search, StopShort, ToolCall, reply
from .evidence import Json, Phase, RunEvidence

Item = tuple[float, int, Act, Json | None]
"""When an act was begun (recorded seconds), its place among others of that second, the act, its step's usage."""


def acts_of(evidence: RunEvidence, *, chunks: bool = True) -> list[Act]:
    """The acts of a run, each followed by its usage where that was shown, and its end.

    `chunks`: whether texts are cut as they were when they were streamed.
    """
    return [act for _, act in timed_acts_of(evidence, chunks=chunks)]


def timed_acts_of(evidence: RunEvidence, *, chunks: bool = True) -> list[tuple[float | None, Act]]:
    """The same, each act with the second it was begun at; `None` for what takes no time."""
    items = sorted(_items(evidence, chunks), key=lambda item: item[:2])
    acts = _measured(items, evidence.last.get("usage"))
    return [*acts, *((None, act) for act in _ending(evidence))]


def calls_of(phase: Phase) -> CallTools:
    """The tool calls a phase ended on."""
    return CallTools(tuple(_call(call) for call in phase.calls))


def _items(evidence: RunEvidence, chunks: bool) -> list[Item]:
    items: list[Item] = []
    told: set[str] = set()
    for step in evidence.steps.values():
        details = step["step_details"]
        for act in _acts_of_step(evidence, details, chunks):
            items.append((step["created_at"], evidence.place[step["id"]], act, step.get("usage")))
        told.add(details.get("message_creation", {}).get("message_id", ""))
        told |= {call["id"] for call in details.get("tool_calls") or ()}
    for message in evidence.messages.values():
        if message["id"] not in told:
            items.append((message["created_at"], evidence.place[message["id"]], _said(evidence, message, chunks), None))
    for number, phase in enumerate(evidence.phases):
        if not told & {call["id"] for call in phase.calls}:
            items.append((_end_of(evidence, phase), number, calls_of(phase), None))
    return items


def _acts_of_step(evidence: RunEvidence, details: Json, chunks: bool) -> list[Act]:
    if details["type"] == "message_creation":
        id = details["message_creation"]["message_id"]
        return [_said(evidence, evidence.messages[id], chunks)] if id in evidence.messages else [Say("")]
    calls = details.get("tool_calls") or []
    functions = [call for call in calls if call["type"] == "function"]
    acts: list[Act] = [CallTools(tuple(_call(call) for call in functions))] if functions else []
    acts += [_interpreted(call["code_interpreter"]) for call in calls if call["type"] == "code_interpreter"]
    return acts + [_searched(call["file_search"]) for call in calls if call["type"] == "file_search"]


def _end_of(evidence: RunEvidence, phase: Phase) -> float:
    """Just before the run went on after a phase; just after it had begun, if it never did."""
    later = [start for start in evidence.starts if phase.started_at is not None and start > phase.started_at]
    return later[0] - 0.5 if later else (phase.started_at or 0) + 0.5


def _said(evidence: RunEvidence, message: Json, chunks: bool) -> Act:
    content = message.get("content") or []
    refused = [part["refusal"] for part in content if part["type"] == "refusal"]
    if refused:
        return Refuse("".join(refused))
    texts = [part["text"] for part in content if part["type"] == "text"]
    images = [part["image_file"]["file_id"] for part in content if part["type"] == "image_file"]
    pieces = evidence.pieces.get(message["id"], [])
    # Of a message whose stream was cut only the pieces are known.
    text = "".join(item["value"] for item in texts) if content else "".join(pieces)
    notes: list[Any] = [note for item in texts for note in item.get("annotations") or ()]
    quoted = evidence.notes.get(message["id"], [])
    if len(quoted) == len(notes):
        notes = [{name: value for name, value in note.items() if name != "index"} for note in quoted]
    cut = pieces if chunks and pieces and "".join(pieces) == text else None
    first = bool(images) and content[0]["type"] == "image_file"
    return reply(text, chunks=cut, annotations=notes, images=images, images_first=first)


def _call(call: Json) -> ToolCall:
    return ToolCall(call["function"]["name"], call["function"]["arguments"], call["id"])


def _interpreted(call: Json) -> Interpret:
    outputs = call.get("outputs") or []
    logs = [output["logs"] for output in outputs if output["type"] == "logs"]
    images = [output["image"]["file_id"] for output in outputs if output["type"] == "image"]
    return Interpret(call.get("input") or "", "".join(logs) if logs else None, tuple(images))


def _searched(call: Json) -> Search:
    results = []
    for result in call.get("results") or ():
        given = {key: result[key] for key in ("file_id", "file_name", "score", "attributes") if key in result}
        content = result.get("content") or []
        results.append(given | ({"text": content[0]["text"]} if content else {}))
    return Search(tuple(results))


def _measured(items: list[Item], total: Json | None) -> list[tuple[float | None, Act]]:
    """The acts, each with its usage; what is left of the run's goes with the last whose own was not shown."""
    unknown = [number for number, item in enumerate(items) if not item[3]]
    known = [item[3] for item in items if item[3]]
    acts: list[tuple[float | None, Act]] = []
    for number, (at, _, act, usage) in enumerate(items):
        acts.append((at, act))
        if usage:
            acts.append((None, _usage(usage)))
        elif total:
            left = _usage(total, known) if number == unknown[-1] else Measure(0, 0)
            acts.append((None, left))
    return acts


def _usage(usage: Json, less: Sequence[Json] = ()) -> Measure:
    def tokens(name: str) -> int:
        return max(0, int(usage.get(name, 0) - sum(spent.get(name, 0) for spent in less)))

    return Measure(tokens("prompt_tokens"), tokens("completion_tokens"))


def _ending(evidence: RunEvidence) -> list[Act]:
    """How the run ended, where that is not simply: completed. One that was cancelled went on until then."""
    run = evidence.last
    match run.get("status"):
        case "failed":
            error = run.get("last_error") or {}
            return [Fail(error.get("code", "server_error"), error.get("message", ""))]
        case "incomplete":
            return [StopShort((run.get("incomplete_details") or {}).get("reason", "max_completion_tokens"))]
        case "expired" | "cancelling" | "cancelled":
            return [] if _waits_for_outputs(evidence) else [Expire()]
    return []


def _waits_for_outputs(evidence: RunEvidence) -> bool:
    return bool(evidence.phases) and any(call["id"] not in evidence.outputs for call in evidence.phases[-1].calls)
