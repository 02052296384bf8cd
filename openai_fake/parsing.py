"""Bodies and queries become typed requests, or the service's refusal: what is missing, unknown, mistyped, too long.

One fault is told at a time, in the order the service checked: missing, then unknown, then types and bounds (and last
what may not stand together, where nothing was recorded).
"""

import re
from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, from_json

from . import body_errors
from .errors import ServiceError
from .places import place_of

M = TypeVar("M", bound=BaseModel)

_RANK = {"missing": 0, "union_tag_not_found": 0, "extra_forbidden": 1, "exclusive": 3}
_EXPECTED = {
    "string_type": "a string",
    "string_sub_type": "a string",
    "int_type": "an integer",
    "int_parsing": "an integer",
    "int_from_float": "an integer",
    "float_type": "a decimal",
    "float_parsing": "a decimal",
    "bool_type": "a boolean",
    "bool_parsing": "a boolean",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "finite_number": "a decimal",
}


def parse_json(body: bytes) -> Any:
    """The JSON value of a body; the service's 400 if it is not JSON or not UTF-8."""
    try:
        return from_json(body, allow_inf_nan=False)
    except ValueError:
        raise body_errors.not_json() from None


def parse_body(model: type[M], value: Any, *, lenient: bool = False) -> M:
    """A request body as the model has it. Raises `ServiceError` for the first fault.

    `lenient`: numbers out of range are clamped and exclusive fields are let through, as a mock server would.
    """
    try:
        # What `model_validate` does, after some looking at arguments that are not given here.
        valid: M = model.__pydantic_validator__.validate_python(value, context={"lenient": True} if lenient else None)
        return valid
    except ValidationError as error:
        found = error.errors(include_url=False)
    if lenient and _clamp(value, found):
        return parse_body(model, value, lenient=True)
    first = min(found, key=lambda fault: _RANK.get(fault["type"], 2))
    raise _refusal(model, first)


def parse_query(model: type[M], pairs: Sequence[tuple[str, str]], *, lenient: bool = False) -> M:
    """A query as the model has it: `include[]` becomes a list, empty values count as not given."""
    values: dict[str, Any] = {}
    for name, value in pairs:
        if name.endswith("[]") or name == "include":
            values.setdefault(name.removesuffix("[]"), []).append(value)
        elif value != "":
            values[name] = value
    return parse_body(model, values, lenient=lenient)


def _clamp(values: Any, faults: Sequence[ErrorDetails]) -> bool:
    """Put numbers that are out of range on their bound. Says whether there were any."""
    clamped = False
    for fault in faults:
        bound = fault.get("ctx", {}).get("ge" if fault["type"] == "greater_than_equal" else "le")
        if fault["type"] in ("greater_than_equal", "less_than_equal"):
            holder = values
            *way, last = fault["loc"]
            for part in way:
                # Tags of unions stand in the location, not in the body.
                holder = holder[part] if isinstance(part, int) or part in holder else holder
            holder[last] = bound
            clamped = True
    return clamped


def _refusal(model: type[BaseModel], fault: ErrorDetails) -> ServiceError:
    kind, got, context = fault["type"], fault.get("input"), fault.get("ctx", {})
    place = place_of(model, fault["loc"])
    path = place.path
    if kind == "missing":
        return body_errors.missing_parameter(path)
    if kind == "union_tag_not_found":
        return body_errors.missing_parameter(f"{path}.type")
    if kind == "extra_forbidden":
        return body_errors.unknown_parameter(path, place.name, place.known)
    if kind == "union_tag_invalid":
        return _bad_tag(path, got, context)
    if kind == "literal_error":
        return body_errors.unsupported_value(path, got, _names(context["expected"]))
    if kind == "expected":
        return body_errors.wrong_type(path, fault["msg"], got)
    if kind == "exclusive":
        return body_errors.mutually_exclusive(path, context["names"])
    if kind == "list_type":
        return body_errors.wrong_type(path, f"an array of {place.holds}", got)
    if kind in _EXPECTED:
        return body_errors.wrong_type(path or None, _EXPECTED[kind], got)
    if kind == "string_too_long" and place.is_name:
        return body_errors.property_name_too_long(place.holder, place.name, context["max_length"])
    return _out_of_bounds(kind, path, got, context)


def _bad_tag(path: str, got: Any, context: dict[str, Any]) -> ServiceError:
    tag = got.get("type") if isinstance(got, dict) else None
    if not isinstance(tag, str):
        return body_errors.wrong_type(f"{path}.type", "a string", tag)
    return body_errors.unsupported_value(f"{path}.type", tag, _names(context["expected_tags"]))


def _out_of_bounds(kind: str, path: str, got: Any, context: dict[str, Any]) -> ServiceError:
    if kind in ("greater_than_equal", "less_than_equal"):
        above = kind == "less_than_equal"
        return body_errors.number_out_of_range(path, got, context["le" if above else "ge"], above=above)
    if kind == "string_too_long":
        return body_errors.string_too_long(path, len(got), context["max_length"])
    if kind == "string_pattern_mismatch":
        return body_errors.pattern_mismatch(path, context["pattern"])
    if kind == "too_long" and isinstance(got, dict):
        return body_errors.too_many_properties(path, len(got), context["max_length"])
    if kind == "too_long":
        return body_errors.array_too_long(path, len(got), context["max_length"])
    if kind == "too_short":
        return body_errors.array_too_short(path, len(got), context["min_length"])
    return body_errors.invalid_value(path, got)


def _names(expected: str) -> list[str]:
    return re.findall(r"'([^']*)'", expected)
