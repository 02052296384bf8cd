"""An act as a person writes it: the call that makes it, without what was left at its default."""

from functools import singledispatch
from typing import Any

from .acts import CallTools, Expire, Fail, Hold, Interpret, Measure, Refuse, Say, Search, StopShort, ToolCall, Wait
from .annotations import Annotation


@singledispatch
def written(act: object) -> str:
    """`reply('Hello!')` for what `reply("Hello!")` gave. An id that a call was given is left out.

    Anything that is no act is shown by its `repr`.
    """
    return repr(act)


def code_of(act: object) -> str:
    """The same, but so that it makes an equal act: with the ids of calls, and one call alone as a row of one."""
    if isinstance(act, CallTools):
        return f"tool_calls({', '.join(map(code_of, act.calls))})"
    if isinstance(act, ToolCall) and act.id is not None:
        return f"ToolCall({act.name!r}, {act.arguments!r}, {act.id!r})"
    if isinstance(act, Hold):
        return "Hold()"
    return written(act)


@written.register
def _(act: Say) -> str:
    notes = [_note(note) for note in act.annotations]
    return _call(
        "reply", act.text, chunks=act.chunks, annotations=notes, images=act.images, images_first=act.images_first
    )


@written.register
def _(act: Refuse) -> str:
    return _call("refusal", act.text)


@written.register
def _(act: ToolCall) -> str:
    return _call("tool_call", act.name, act.arguments)


@written.register
def _(act: CallTools) -> str:
    calls = ", ".join(map(written, act.calls))
    return calls if len(act.calls) == 1 else f"tool_calls({calls})"


@written.register
def _(act: Interpret) -> str:
    return _call("code_interpreter", act.input, logs=act.logs, images=act.images)


@written.register
def _(act: Search) -> str:
    results = [*map(repr, map(dict, act.results or ())), *([] if act.cite is None else [f"cite={act.cite}"])]
    return f"file_search({', '.join(results)})"


@written.register
def _(act: Wait) -> str:
    return _call("wait", act.seconds)


@written.register
def _(act: Fail) -> str:
    return _call("fail", act.code, act.message)


@written.register
def _(act: StopShort) -> str:
    return _call("incomplete", act.reason, *([act.text] if act.text else []))


@written.register
def _(act: Expire) -> str:
    return "expire()"


@written.register
def _(act: Measure) -> str:
    return _call("usage", act.prompt, act.completion)


def _note(note: Annotation) -> dict[str, Any]:
    kind = note.wire["type"]
    quoted = {"quote": note.quote} if note.quote else {}
    return {**note.wire, kind: {**note.wire[kind], **quoted}}


def _call(name: str, *given: Any, **named: Any) -> str:
    arguments = [*map(repr, given), *(f"{key}={value!r}" for key, value in named.items() if value or value == "")]
    return f"{name}({', '.join(arguments)})"
