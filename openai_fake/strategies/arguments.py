"""Arguments of tool calls, drawn from a tool's JSON schema: right ones, and ones that are broken on purpose."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from hypothesis import strategies as st

from ..acts import compact
from .schema import from_schema, type_of

Schema = Mapping[str, Any]

_STRANGERS: dict[str, object] = {
    "string": 7,
    "integer": "seven",
    "number": "seven",
    "boolean": "maybe",
    "array": {},
    "object": [],
    "null": 0,
}
"""For each type, a value that is not of it."""


def arguments(schema: Schema) -> st.SearchStrategy[str]:
    """The text of arguments that fit a JSON schema. Raises `ValueError` for a schema that is not understood."""
    return from_schema(schema).map(compact)


def broken_arguments(schema: Schema) -> st.SearchStrategy[str]:
    """The text of arguments that do not fit a schema of an object, as models now and then send them.

    No JSON at all, JSON cut short, no object, a required property missing, a property of another type.
    """
    whole = from_schema(schema)
    # Where the schema does not say that it wants an object, any other JSON would do as well.
    strangers = ["null", "[]", '"text"'] if type_of(schema) == "object" else []
    ways = [
        st.sampled_from(["", "{", *strangers, "not json"]),
        whole.map(lambda value: compact(value)[:-1]),
    ]
    properties = schema.get("properties", {})
    for name in schema.get("required", ()):
        ways.append(whole.map(partial(_without, name)))
    for name, wanted in properties.items():
        stranger = _STRANGERS.get(type_of(wanted))
        if stranger is not None:
            ways.append(whole.map(partial(_with, {name: stranger})))
    return st.one_of(ways)


def _without(name: str, value: Mapping[str, Any]) -> str:
    return compact({key: kept for key, kept in value.items() if key != name})


def _with(bad: Mapping[str, Any], value: Mapping[str, Any]) -> str:
    return compact({**value, **bad})
