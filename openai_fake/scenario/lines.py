"""The lines of a scenario: what kinds there are, which keys each has, in which order, and what is refused.

A line is a plain mapping. Nothing is coerced, no key is unknown, and every refusal names the place.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ..acts import Act
from ..acts_json import from_json, in_base64, to_json
from ..differing import short

Line = dict[str, Any]

VERSION = 1
"""Of the format. A file of a later one is refused."""

_ASSISTANT = ("model", "name", "description", "instructions", "tools", "temperature", "top_p", "reasoning_effort")
ASSISTANT_FIELDS = (*_ASSISTANT, "tool_resources", "metadata", "response_format")

THERE: dict[str, tuple[str, ...]] = {
    "assistant": ("id", *ASSISTANT_FIELDS),
    "thread": ("id", "metadata", "tool_resources"),
    "message": ("id", "thread", "role", "content", "attachments", "metadata"),
    "file": ("id", "filename", "purpose", "text", "base64"),
    "vector_store": ("id", "name", "file_ids", "metadata"),
}
"""What can have been there before, by the key that names its symbol; and what else can be said of it."""

ENDS = ("completed", "failed", "incomplete", "expired", "cancelled", "requires_action")

STEPS: dict[str, tuple[str, ...]] = {
    "run": ("at", "run", "thread", "assistant"),
    "user": ("at", "thread", "user", "attachments"),
    "as_assistant": ("at", "thread", "as_assistant", "attachments"),
    "deleted": ("at", "thread", "deleted"),
    "outputs": ("at", "run", "outputs"),
    "ends": ("at", "run", "ends"),
    "assistant": ("at", "assistant", *ASSISTANT_FIELDS),
    "file": ("at", "file", "filename", "purpose"),
}
"""The steps that are no acts, by their kind, and the keys of each."""

KINDS = "user, as_assistant, deleted, run, an act (reply, tool_call, …), outputs, ends, assistant or file"


class ScenarioError(ValueError):
    """A scenario that cannot be read or may not be written; the text names the file, the place and the fault."""


def kind_of(step: Mapping[str, Any]) -> str:
    """What a step is: one of those above, `run` for the start of a run, `act` for what the assistant does."""
    if "run" in step:
        return next((kind for kind in ("outputs", "ends") if kind in step), "run" if "thread" in step else "act")
    return next((kind for kind in ("user", "as_assistant", "deleted", "assistant", "file") if kind in step), "")


def act_of(step: Mapping[str, Any], place: str = "act") -> Act:
    """The act that a step stands for. Raises `ScenarioError`."""
    try:
        return from_json({key: value for key, value in step.items() if key not in ("at", "run")}, place)
    except ValueError as error:
        raise ScenarioError(str(error)) from None


def act_line(at: float, run: str, act: Act) -> Line:
    """The step of an act, without the ids that a fake makes anew for every call."""
    form = to_json(act)
    form.pop("id", None)
    for call in form.get("tool_calls", ()):
        call.pop("id", None)
    return {"at": at, "run": run, **form}


def content_of(content: bytes) -> Line:
    """What a line says of the content of a file."""
    try:
        return {"text": content.decode()} if content else {}
    except UnicodeDecodeError:
        return in_base64(content)


def checked_there(line: Any, place: str) -> Line:
    """A line of what was there, its keys in order. Raises `ScenarioError`."""
    kind = next((kind for kind in THERE if isinstance(line, dict) and kind in line), None)
    if kind == "thread" and "message" in line:
        kind = "message"
    if kind is None:
        raise ScenarioError(f"{place}: expected an object that names one of {', '.join(THERE)}, got {short(line)}.")
    ordered = _ordered(line, (kind, *THERE[kind]), place)
    _wants(ordered, kind, place)
    if kind == "message":
        _wants(ordered, "thread", place)
    return ordered


def check_names(there: Sequence[Line], where: str) -> None:
    """Raise `ScenarioError` where two things that were there have one name."""
    names: set[str] = set()
    for number, line in enumerate(there):
        name = next(iter(line.values()))
        if name in names:
            raise ScenarioError(f"{where}there[{number}]: {name!r} is the name of something above.")
        names.add(name)


def checked_step(line: Any, place: str) -> Line:
    """A step, its keys in order. Raises `ScenarioError`."""
    if not isinstance(line, dict):
        raise ScenarioError(f"{place}: expected an object, got {short(line)}.")
    kind = kind_of(line)
    if not kind:
        raise ScenarioError(f"{place}: this is no step: expected {KINDS}, got {short(line)}.")
    at = line.get("at")
    if isinstance(at, bool) or not isinstance(at, int | float) or at < 0:
        raise ScenarioError(f"{place}.at: expected seconds since the beginning, got {short(at)}.")
    if kind == "act":
        _wants(line, "run", place)
        return _plain_act(line) or act_line(at, line["run"], act_of(line, place))
    ordered = _ordered(line, STEPS[kind], place)
    for key in ("run", "thread", "assistant", "file", "deleted"):
        if (
            key in ordered
            or (kind == "run" and key in STEPS["run"])
            or (kind in ("user", "as_assistant", "deleted") and key == "thread")
        ):
            _wants(ordered, key, place)
    _check_value(kind, ordered, place)
    return ordered


def _plain_act(line: Line) -> Line | None:
    """A line of the acts that most lines are of, where nothing needs a closer look: forms take long to build."""
    text, arguments, usage = line.get("reply"), line.get("arguments"), line.get("usage")
    head = {"at": line["at"], "run": line["run"]}
    match sorted(line.keys() - {"at", "run"}):
        case ["reply"] if isinstance(text, str):
            return {**head, "reply": text}
        case ["arguments", "tool_call"] if isinstance(arguments, dict) and arguments and type(line["tool_call"]) is str:
            return {**head, "tool_call": line["tool_call"], "arguments": arguments}
        case ["usage"] if isinstance(usage, dict) and usage.keys() == {"prompt", "completion"}:
            if all(type(tokens) is int and tokens >= 0 for tokens in usage.values()):
                return {**head, "usage": {"prompt": usage["prompt"], "completion": usage["completion"]}}
    return None


def _check_value(kind: str, step: Line, place: str) -> None:
    value = step.get(kind)
    if kind == "outputs" and not (isinstance(value, list) and all(isinstance(output, str) for output in value)):
        raise ScenarioError(
            f"{place}.outputs: expected a list of texts, in the order of the calls, got {short(value)}."
        )
    if kind == "ends" and value not in ENDS:
        raise ScenarioError(f"{place}.ends: expected one of {', '.join(ENDS)}, got {short(value)}.")
    if kind in ("user", "as_assistant") and not isinstance(value, str | list):
        raise ScenarioError(f"{place}.{kind}: expected a text or a list of content parts, got {short(value)}.")


def check_deleted(there: Sequence[Line], steps: Sequence[Line], where: str) -> None:
    """Raise `ScenarioError` for a message that is deleted in a thread and was not there."""
    messages = {(line["thread"], line["message"]) for line in there if "message" in line}
    for number, step in enumerate(steps):
        if "deleted" in step and (step["thread"], step["deleted"]) not in messages:
            raise ScenarioError(
                f"{where}steps[{number}].deleted: expected a message that was there in {step['thread']}, "
                f"got {short(step['deleted'])}."
            )


def check_order(steps: Sequence[Line], where: str) -> None:
    """Refuse steps that cannot follow each other. Raises `ScenarioError`, with the place."""
    waiting: dict[str, int] = {}
    over: set[str] = set()
    for number, step in enumerate(steps):
        place, kind = f"{where}steps[{number}]", kind_of(step)
        run = step.get("run")
        if run is None:
            continue
        if kind == "run":
            if run in waiting:
                raise ScenarioError(f"{place}: {run} has been started already.")
            waiting[run] = 0
            continue
        if run not in waiting:
            known = f" (started are: {', '.join(waiting)})" if waiting else ""
            raise ScenarioError(
                f"{place}: {run} has not been started{known}: a line with thread and assistant does it."
            )
        if run in over:
            raise ScenarioError(f"{place}: {run} has ended before.")
        _follow(kind, step, run, waiting, place)
        if kind == "ends":
            _check_end(steps[:number], step, place)
            over.add(run)


def _check_end(before: Sequence[Line], step: Line, place: str) -> None:
    """Raise `ScenarioError` for a run that fails or stops short, and for no reason that stands there."""
    act = {"failed": "fail", "incomplete": "incomplete"}.get(step["ends"])
    if act is not None and not any(line.get("run") == step["run"] and act in line for line in before):
        raise ScenarioError(
            f"{place}.ends: {step['run']} ends {step['ends']!r}, but nothing makes it: expected a line with "
            f"{act!r} before."
        )


def _follow(kind: str, step: Line, run: str, waiting: dict[str, int], place: str) -> None:
    wanted = waiting[run]
    if kind == "outputs":
        if len(step["outputs"]) != wanted:
            raise ScenarioError(f"{place}.outputs: {run} waits for {wanted} output(s), got {len(step['outputs'])}.")
        waiting[run] = 0
    elif wanted and kind == "act" and "usage" not in step and "expire" not in step:
        raise ScenarioError(f"{place}: {run} waits for {wanted} output(s) first.")
    elif kind == "act":
        waiting[run] = wanted or int("tool_call" in step) or len(step.get("tool_calls", ()))


def _ordered(line: Mapping[str, Any], keys: tuple[str, ...], place: str) -> Line:
    for key in line:
        if key not in keys:
            raise ScenarioError(f"{place}: unknown key {key!r}; here are known {', '.join(keys)}.")
    return {key: line[key] for key in keys if key in line}


def _wants(line: Mapping[str, Any], key: str, place: str) -> None:
    value = line.get(key)
    if not isinstance(value, str) or not value:
        raise ScenarioError(f"{place}.{key}: expected a symbol such as {key}_1, got {short(value)}.")
