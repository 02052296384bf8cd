"""Acts as JSON, for scripts that come from a file or over a wire: `{"reply": "Hello."}`, `{"wait": 2}`.

An act is an object with the act's name among its keys, the others being its keywords. Anything else is refused with
the place where it stands. For every act that can be written so, `from_json(to_json(act)) == act`.
"""

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import ValidationError

from .acts import (
    Act,
    CallTools,
    Expire,
    Fail,
    Interpret,
    Measure,
    Refuse,
    Say,
    Search,
    StopShort,
    ToolCall,
    Wait,
    compact,
)
from .acts_forms import FORMS, Form, ScriptForm
from .annotations import Annotation
from .checking import in_our_words
from .differing import short

F = TypeVar("F", bound=Form)


def from_json(value: Any, where: str = "act") -> Act:
    """The act that a JSON value stands for.

    `where` names the place of the value, for the message. Raises `ValueError` for what is no act.
    """
    names = [name for name in FORMS if name in value] if isinstance(value, Mapping) else []
    if len(names) != 1:
        raise ValueError(
            f"{where}: expected an object with one of the keys {', '.join(FORMS)}, "
            f'such as {{"reply": "Hello."}}, but got {short(value)}.'
        )
    form = checked(FORMS[names[0]], value, where)
    try:
        act: Act = form.act()
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None
    return act


def acts_from_json(values: Any, where: str = "acts") -> tuple[Act, ...]:
    """A row of acts. Raises `ValueError`, with the place, for what is no list of acts."""
    if not isinstance(values, list | tuple) or not values:
        raise ValueError(f"{where}: expected a list of one act or more, but got {short(values)}.")
    return tuple(from_json(value, f"{where}[{number}]") for number, value in enumerate(values))


def script_from_json(value: Any, where: str = "script") -> tuple[tuple[Act, ...], dict[str, Any]]:
    """The acts of a script, and the `when` keywords of `fake.script(…)` that stand beside them.

    `{"acts": […], "assistant", "thread", "message", "times", "optional"}`, where a `message` is a substring or
    `{"regex": "…"}`. Raises `ValueError`, with the place, for what is no script.
    """
    form = checked(ScriptForm, value, where)
    when = form.given()
    acts = acts_from_json(when.pop("acts"), f"{where}.acts")
    if isinstance(when.get("message"), dict):
        try:
            when["message"] = re.compile(when["message"]["regex"])
        except re.error as error:
            raise ValueError(f"{where}.message.regex: {error}.") from None
    return acts, when


def checked(form: type[F], value: Any, where: str) -> F:
    """The value as a form. Raises `ValueError`, with the place of the first fault."""
    try:
        return form.model_validate(value)
    except ValidationError as error:
        raise ValueError(_told(error, where, form)) from None


def to_json(act: Act) -> dict[str, Any]:
    """An act as plain JSON values; keywords that have their default are left out."""
    return _WRITERS[type(act)](act)


def in_base64(content: bytes) -> dict[str, str]:
    """Bytes in the form that JSON has for them: `{"base64": "…"}`."""
    return {"base64": base64.b64encode(content).decode("ascii")}


def _say(act: Say) -> dict[str, Any]:
    chunks = act.chunks if act.chunks is None or isinstance(act.chunks, int) else list(act.chunks)
    annotations = [_annotation(annotation) for annotation in act.annotations]
    return {"reply": act.text} | _set(
        chunks=chunks,
        annotations=annotations or None,
        images=_images(act.images),
        images_first=act.images_first or None,
    )


def _call(call: ToolCall) -> dict[str, Any]:
    given = _object(call.arguments)
    arguments = call.arguments if given is None else given or None
    return {"tool_call": call.name} | _set(arguments=arguments, id=call.id)


def _calls(act: CallTools) -> dict[str, Any]:
    forms = [_call(call) for call in act.calls]
    return forms[0] if len(forms) == 1 else {"tool_calls": forms}


def _interpret(act: Interpret) -> dict[str, Any]:
    return {"code_interpreter": act.input} | _set(logs=act.logs, images=_images(act.images))


def _search(act: Search) -> dict[str, Any]:
    results = None if act.results is None else [dict(result) for result in act.results]
    return {"file_search": results} | _set(cite=act.cite)


_WRITERS: dict[type[Any], Callable[[Any], dict[str, Any]]] = {
    Say: _say,
    Refuse: lambda act: {"refusal": act.text},
    CallTools: _calls,
    Interpret: _interpret,
    Search: _search,
    Wait: lambda act: {"wait": act.seconds},
    Fail: lambda act: {"fail": act.code, "message": act.message},
    StopShort: lambda act: {"incomplete": act.reason} | _set(text=act.text or None),
    Expire: lambda act: {"expire": True},
    Measure: lambda act: {"usage": {"prompt": act.prompt, "completion": act.completion}},
}


def _set(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _annotation(annotation: Annotation) -> dict[str, Any]:
    wire = dict(annotation.wire)
    source = dict(wire[wire["type"]])
    if "file_id" in source:
        source["file_id"] = _image(source["file_id"])
    return {**wire, wire["type"]: source | _set(quote=annotation.quote or None)}


def _images(images: Sequence[str | bytes]) -> list[Any] | None:
    return [_image(image) for image in images] or None


def _image(image: str | bytes) -> Any:
    return image if isinstance(image, str) else in_base64(image)


def _object(arguments: str) -> dict[str, Any] | None:
    """The arguments as an object, if writing that object gives the very same text again."""
    try:
        value = json.loads(arguments)
        return value if isinstance(value, dict) and compact(value) == arguments else None
    except ValueError:
        return None


def _told(error: ValidationError, where: str, form: type[Form]) -> str:
    """The first fault that pydantic found, with its place and what the act takes."""
    first = error.errors(include_url=False)[0]
    steps = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"]]
    told = "there is no such key" if first["type"] == "extra_forbidden" else in_our_words(first["msg"])
    # What lies deeper takes other keys.
    takes = f" It takes {', '.join(form.model_fields)}." if len(steps) == 1 else ""
    return f"{where}{''.join(steps)}: {told}.{takes}"
