"""Values that fit a JSON schema, as far as function tools use one.

Written here because hypothesis-jsonschema (last release in February 2024) does not run on today's Hypothesis.
"""

import math
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

_FORMATS: dict[str, st.SearchStrategy[str]] = {
    "date": st.dates().map(lambda date: date.isoformat()),
    "date-time": st.datetimes().map(lambda instant: f"{instant.isoformat()}Z"),
    "time": st.times().map(lambda time: f"{time.isoformat()}Z"),
    "email": st.emails(),
    "uuid": st.uuids().map(str),
    "ipv4": st.ip_addresses(v=4).map(str),
    "ipv6": st.ip_addresses(v=6).map(str),
    "uri": st.from_regex(r"\Ahttps://[a-z]{1,10}\.example/[a-z0-9]{0,10}\Z"),
}

_NOT_UNDERSTOOD = {
    "not", "if", "then", "else", "contains", "minProperties", "maxProperties", "patternProperties", "propertyNames",
    "dependentRequired", "dependentSchemas", "unevaluatedItems", "unevaluatedProperties",
}  # fmt: skip

_MORE_ITEMS = 3
"""How many items more than it must a list has, at most, and how many keys an open object."""

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=3,
)


def from_schema(schema: Any) -> st.SearchStrategy[Any]:
    """Values that fit a schema.

    Understood: `type` (one or several), `enum`, `const`, `properties`, `required`, `additionalProperties`, `items`,
    `prefixItems`, `minItems`, `maxItems`, `uniqueItems`, the bounds of numbers and strings, `multipleOf`, `pattern`,
    the common `format`s (others say nothing), `anyOf`, `oneOf` (read as `anyOf`), `allOf` of objects, and `$ref` within
    the schema, to itself too. Raises `ValueError` for other words that ask something of a value.
    """
    return _Reader(schema).read(schema)


def type_of(schema: Any) -> str:
    """The one type of a schema, or an empty string."""
    found = schema.get("type", "") if isinstance(schema, Mapping) else ""
    return found if isinstance(found, str) else ""


class _Reader:
    """Reads a schema and the parts of it that it refers to."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self._known: dict[str, st.SearchStrategy[Any]] = {}

    def read(self, schema: Any) -> st.SearchStrategy[Any]:
        if schema is True:
            return _JSON
        if not isinstance(schema, Mapping):
            raise ValueError(f"{schema!r} is no JSON schema that can be drawn from.")
        word = next((word for word in schema if word in _NOT_UNDERSTOOD), None)
        if word is not None:
            raise ValueError(f"from_schema: {word!r} is not understood; draw such values with Hypothesis itself.")
        if "$ref" in schema:
            return self._referred(schema["$ref"])
        if "const" in schema:
            return st.just(schema["const"])
        if "enum" in schema:
            return st.sampled_from(list(schema["enum"]))
        for word in ("anyOf", "oneOf"):
            if word in schema:
                rest = {key: value for key, value in schema.items() if key != word}
                return st.one_of([self.read(_merged(rest, option)) for option in schema[word]])
        if "allOf" in schema:
            merged = {key: value for key, value in schema.items() if key != "allOf"}
            for part in schema["allOf"]:
                merged = _merged(merged, self._found(part["$ref"]) if "$ref" in part else part)
            return self.read(merged)
        return self._typed(schema)

    def _typed(self, schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
        kind = schema.get("type", "object" if "properties" in schema else None)
        if kind is None:
            return _JSON
        if not isinstance(kind, str):
            # Null comes last, so that a failure shrinks to a value that says something.
            kinds = sorted(kind, key=lambda name: name == "null")
            return st.one_of([self._typed({**schema, "type": name}) for name in kinds])
        draw = {
            "string": _string,
            "integer": _integer,
            "number": _number,
            "boolean": lambda schema: st.booleans(),
            "null": lambda schema: st.none(),
            "array": self._array,
            "object": self._object,
        }.get(kind)
        if draw is None:
            raise ValueError(f"JSON schema of type {kind!r}: expected string, integer, number, boolean, null, array …")
        drawn: st.SearchStrategy[Any] = draw(schema)
        return drawn

    def _object(self, schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
        properties = {name: self.read(value) for name, value in schema.get("properties", {}).items()}
        required = {name: properties.get(name, _JSON) for name in schema.get("required", ())}
        optional = {name: value for name, value in properties.items() if name not in required}
        known = st.fixed_dictionaries(required, optional=optional)
        more = schema.get("additionalProperties")
        if not isinstance(more, Mapping) or properties:
            return known
        return st.dictionaries(st.text(min_size=1, max_size=8), self.read(more), max_size=_MORE_ITEMS)

    def _array(self, schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
        if "prefixItems" in schema:
            return st.tuples(*[self.read(item) for item in schema["prefixItems"]]).map(list)
        least = schema.get("minItems", 0)
        most = schema.get("maxItems", least + _MORE_ITEMS)
        items = self.read(schema.get("items", True))
        unique = repr if schema.get("uniqueItems") else None
        return st.lists(items, min_size=least, max_size=min(most, least + _MORE_ITEMS), unique_by=unique)

    def _referred(self, name: str) -> st.SearchStrategy[Any]:
        if name not in self._known:
            # Deferred, because a schema may refer to itself.
            self._known[name] = st.deferred(lambda: self._known[f"{name}!"])
            self._known[f"{name}!"] = self.read(self._found(name))
        return self._known[name]

    def _found(self, name: str) -> Any:
        found = self._root
        for part in name.removeprefix("#").strip("/").split("/"):
            if part:
                found = found.get(part) if isinstance(found, Mapping) else None
        if found is None or not name.startswith("#"):
            raise ValueError(f"$ref {name!r} leads nowhere in this schema.")
        return found


def _string(schema: Mapping[str, Any]) -> st.SearchStrategy[str]:
    if schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]]
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    if "pattern" in schema:
        fits = st.from_regex(schema["pattern"])
        return fits.filter(lambda text: least <= len(text) <= (most if most is not None else len(text)))
    return st.text(min_size=least, max_size=most if most is not None else least + 20)


def _integer(schema: Mapping[str, Any]) -> st.SearchStrategy[int]:
    least, most = schema.get("minimum"), schema.get("maximum")
    if "exclusiveMinimum" in schema:
        least = math.floor(schema["exclusiveMinimum"]) + 1
    if "exclusiveMaximum" in schema:
        most = math.ceil(schema["exclusiveMaximum"]) - 1
    step = schema.get("multipleOf", 1)
    low = None if least is None else math.ceil(least / step)
    high = None if most is None else math.floor(most / step)
    return st.integers(low, high).map(lambda count: count * step)


def _number(schema: Mapping[str, Any]) -> st.SearchStrategy[float]:
    if "multipleOf" in schema:
        return _integer(schema)
    least, most = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    return st.floats(
        min_value=schema.get("minimum", least),
        max_value=schema.get("maximum", most),
        exclude_min=least is not None,
        exclude_max=most is not None,
        allow_nan=False,
        allow_infinity=False,
    )


def _merged(left: Mapping[str, Any], right: Mapping[str, Any]) -> dict[str, Any]:
    """Two schemas that both have to be fitted, as one. Their properties and required names are put together; of other
    words that both have, the right one's counts."""
    merged = {**left, **right}
    for word in ("properties", "$defs"):
        if word in left and word in right:
            merged[word] = {**left[word], **right[word]}
    if "required" in left and "required" in right:
        merged["required"] = [*left["required"], *(name for name in right["required"] if name not in left["required"])]
    return merged
