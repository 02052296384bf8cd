"""The JSON Schema of a scenario, for editors: made of the same tables that reading goes by (see `schema.json`)."""

from typing import Any

from ..acts_forms import FORMS
from .lines import ENDS, STEPS, THERE, VERSION

Json = dict[str, Any]

_TEXT: Json = {"type": "string"}
_SYMBOL: Json = {"type": "string", "minLength": 1}
_CONTENT: Json = {"type": ["string", "array"]}
_FREE: dict[str, Json] = {
    "at": {"type": "number", "minimum": 0, "description": "Seconds since the beginning."},
    "outputs": {"type": "array", "items": _TEXT, "description": "Of the tool calls before, in their order."},
    "ends": {"enum": list(ENDS)},
    "user": _CONTENT,
    "as_assistant": _CONTENT,
    "content": _CONTENT,
    "tools": {"type": "array"},
    "attachments": {"type": "array"},
    "file_ids": {"type": "array", "items": _TEXT},
    "metadata": {"type": "object"},
    "tool_resources": {"type": "object"},
    "response_format": {"type": ["string", "object"]},
    "temperature": {"type": "number"},
    "top_p": {"type": "number"},
}


def schema() -> Json:
    """The whole schema."""
    definitions: Json = {}
    there = [
        _line(kind, (kind, *keys), (kind, *(["thread"] if kind == "message" else []))) for kind, keys in THERE.items()
    ]
    steps = [_line(kind, keys, _required(kind)) for kind, keys in STEPS.items()]
    steps += [_act(name, definitions) for name in FORMS]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A scenario of openai_fake",
        "type": "object",
        "additionalProperties": False,
        "required": ["scenario", "steps"],
        "properties": {
            "scenario": {"const": VERSION},
            "source": {"type": "string", "description": "Where it was taken from."},
            "there": {"type": "array", "items": {"oneOf": there}, "description": "What was there before."},
            "steps": {"type": "array", "items": {"oneOf": steps}, "description": "What happened, in order."},
        },
        "$defs": dict(sorted(definitions.items())),
    }


def _required(kind: str) -> tuple[str, ...]:
    if kind in ("user", "as_assistant"):
        return ("at", "thread", kind)
    return ("at", "run", "thread", "assistant") if kind == "run" else tuple(dict.fromkeys(("at", *_OWNER[kind], kind)))


_OWNER = {"deleted": ("thread",), "outputs": ("run",), "ends": ("run",), "assistant": (), "file": ()}


def _line(title: str, keys: tuple[str, ...], required: tuple[str, ...]) -> Json:
    properties = {key: _FREE.get(key, _SYMBOL if key in required else _TEXT) for key in keys}
    return {
        "title": title,
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": properties,
    }


def _act(name: str, definitions: Json) -> Json:
    form: Json = FORMS[name].model_json_schema(ref_template="#/$defs/{model}")
    definitions.update(form.pop("$defs", {}))
    return {
        "title": name,
        "description": form["description"],
        "type": "object",
        "additionalProperties": False,
        "required": ["at", "run", *form["required"]],
        "properties": {"at": _FREE["at"], "run": _SYMBOL, **form["properties"]},
    }
