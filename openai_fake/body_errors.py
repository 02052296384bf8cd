"""What the service refused in bodies and queries: the templates of its validation, one fault each."""

from collections.abc import Iterable, Sequence

from .errors import ServiceError, quoted


def not_json() -> ServiceError:
    """A body that is no JSON in UTF-8."""
    return ServiceError(
        400,
        "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP "
        "library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON. If you have "
        "trouble figuring out how to fix this, please contact us through our help center at help.openai.com.)",
    )


def missing_parameter(path: str) -> ServiceError:
    """The 400 for what is required and not given."""
    return ServiceError(400, f"Missing required parameter: '{path}'.", param=path, code="missing_required_parameter")


def unknown_parameter(path: str, name: str, known: Iterable[str]) -> ServiceError:
    """An unknown key, with the known names within edit distance 2."""
    near = [other for other in known if abs(len(name) - len(other)) <= 2 and _distance(name, other) <= 2]
    hint = f" Did you mean {quoted(near, 'or')}?" if near else ""
    return ServiceError(400, f"Unknown parameter: '{path}'.{hint}", param=path, code="unknown_parameter")


def wrong_type(path: str | None, expected: str, got: object) -> ServiceError:
    """The 400 for a value of another JSON type; `path`: `None` for the body itself."""
    subject = f" for '{path}'" if path else ""
    message = f"Invalid type{subject}: expected {expected}, but got {_kind(got)} instead."
    return ServiceError(400, message, param=path, code="invalid_type")


def unsupported_value(path: str, got: object, supported: Sequence[str]) -> ServiceError:
    """The 400 for a text that is none of those that are supported."""
    if not isinstance(got, str):
        return wrong_type(path, f"one of {quoted(supported, 'or')}", got)
    message = f"Invalid value: '{got}'. Supported values are: {quoted(supported)}."
    return ServiceError(400, message, param=path, code="invalid_value")


def invalid_value(path: str, got: object) -> ServiceError:
    """The 400 for a value of which no more was said than that it is invalid."""
    return ServiceError(400, f"Invalid value for '{path}': '{got}'.", param=path, code="invalid_value")


def mutually_exclusive(path: str, names: Sequence[str]) -> ServiceError:
    """Two fields of which only one may be given (not recorded on these endpoints)."""
    message = (
        f"Mutually exclusive parameters: {quoted(names)}. Ensure you are only providing one of: {quoted(names, 'or')}."
    )
    return ServiceError(400, message, param=path or None, code="mutually_exclusive_parameters")


def number_out_of_range(path: str, got: object, bound: float, *, above: bool) -> ServiceError:
    """The 400 for a number beyond its bound."""
    kind = "decimal" if isinstance(bound, float) else "integer"
    side, sign = ("above maximum", "<=") if above else ("below minimum", ">=")
    # `g` drops the `.0` of a decimal, but would write a large integer as 2.592e+06.
    shown = f"{bound:g}" if isinstance(bound, float) else str(bound)
    message = f"Invalid '{path}': {kind} {side} value. Expected a value {sign} {shown}, but got {got} instead."
    return ServiceError(400, message, param=path, code=f"{kind}_{side.replace('imum', '').replace(' ', '_')}_value")


def string_too_long(path: str, length: int, limit: int) -> ServiceError:
    """The 400 for a text of too many characters."""
    message = (
        f"Invalid '{path}': string too long. Expected a string with maximum length {limit}, "
        f"but got a string with length {length} instead."
    )
    return ServiceError(400, message, param=path, code="string_above_max_length")


def pattern_mismatch(path: str, pattern: str) -> ServiceError:
    """The 400 for a text that does not match a pattern."""
    message = (
        f"Invalid '{path}': string does not match pattern. Expected a string that matches the pattern '{pattern}'."
    )
    return ServiceError(400, message, param=path, code="invalid_value")


def array_too_long(path: str, length: int, limit: int) -> ServiceError:
    """The 400 for an array of too many items."""
    return _array_length(path, length, "long", f"maximum length {limit}", "array_above_max_length")


def array_too_short(path: str, length: int, limit: int) -> ServiceError:
    """The 400 for an array of too few items."""
    return _array_length(path, length, "short", f"minimum length {limit}", "empty_array")


def too_many_properties(path: str, count: int, limit: int) -> ServiceError:
    """The 400 for an object with too many keys."""
    message = (
        f"Invalid '{path}': too many properties. Expected an object with at most {limit} properties, "
        f"but got an object with {count} properties instead."
    )
    return ServiceError(400, message, param=path, code="object_above_max_properties")


def property_name_too_long(holder: str, name: str, limit: int) -> ServiceError:
    """The 400 for a key of too many characters; `holder`: the path of the object."""
    message = (
        f"Invalid property name in '{holder}': '{name[:3]}...{name[-3:]}' is too long. "
        f"Expected a string with maximum length {limit}, but got a string with length {len(name)} instead."
    )
    return ServiceError(400, message, param=holder, code="property_name_above_max_length")


def _array_length(path: str, length: int, too: str, bound: str, code: str) -> ServiceError:
    message = (
        f"Invalid '{path}': array too {too}. Expected an array with {bound}, "
        f"but got an array with length {length} instead."
    )
    return ServiceError(400, message, param=path, code=code)


def _kind(value: object) -> str:
    if value is None:
        return "null"
    for types, name in (
        (bool, "a boolean"),
        (int, "an integer"),
        (float, "a decimal"),
        (str, "a string"),
        ((list, tuple), "an array"),
    ):
        if isinstance(value, types):
            return name
    return "an object"


def _distance(left: str, right: str) -> int:
    """Edit distance (Levenshtein)."""
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        diagonal, row[0] = row[0], i
        for j, b in enumerate(right, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (a != b))
    return row[-1]
