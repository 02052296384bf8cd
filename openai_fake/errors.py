"""Every refusal of the service, with its status and its words.

Raised where a fault is found, rendered once, at the door (`api.py`). A text that the wire notes hold stands here
as it was recorded; a text that nobody recorded is marked «not recorded» and follows the nearest template.
"""

from collections.abc import Iterable, Sequence

from .secrets import redact


class ServiceError(Exception):
    """A refusal as the service sends it: an HTTP status and the `error` object of the envelope."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        type: str | None = "invalid_request_error",
        param: str | None = None,
        code: str | None = None,
        headers: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.type = type
        self.param = param
        self.code = code
        self.headers = tuple(headers)

    def envelope(self) -> dict[str, object]:
        """The body: `{"error": {"message", "type", "param", "code"}}`, in the recorded order."""
        error = {"message": self.message, "type": self.type, "param": self.param, "code": self.code}
        return {"error": error}


class Misuse(Exception):
    """The fake was used wrongly: answered with 501, remembered, and told again when the fake closes.

    What looks like a key or a token in its text is blacked out.
    """

    def __init__(self, message: str) -> None:
        super().__init__(redact(message))


def our_fault(error: Exception) -> Misuse:
    """What a fault of the fake itself is told as, with the fault as its cause."""
    told = Misuse(f"openai_fake failed itself, please report it: {type(error).__name__}: {error}")
    told.__cause__ = error
    return told


TRANSPORT_ERRORS = (
    *("TransportError", "TimeoutException", "ConnectTimeout", "ReadTimeout", "WriteTimeout", "PoolTimeout"),
    *("NetworkError", "ConnectError", "ReadError", "WriteError", "CloseError", "ProxyError", "UnsupportedProtocol"),
    *("ProtocolError", "LocalProtocolError", "RemoteProtocolError"),
)
"""The classes that a `Trouble` may name: what both httpx and httpx2 can raise from a transport."""


class Trouble(Exception):
    """A transport failure to be raised as the caller's own HTTP library would raise it.

    `class_name` names the exception class that httpx and httpx2 share, such as `"ReadTimeout"`.
    """

    def __init__(self, class_name: str, message: str) -> None:
        super().__init__(message)
        self.class_name = class_name
        self.message = message


def quoted(values: Iterable[object], last: str = "and") -> str:
    """`'a'`, `'a' and 'b'`, `'a', 'b', and 'c'`: how the service lists values."""
    names = [f"'{value}'" for value in values]
    if len(names) < 3:
        return f" {last} ".join(names)
    return f"{', '.join(names[:-1])}, {last} {names[-1]}"


def not_json() -> ServiceError:
    """A body that is no JSON in UTF-8."""
    return ServiceError(
        400,
        "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP "
        "library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON. If you have "
        "trouble figuring out how to fix this, please contact us through our help center at help.openai.com.)",
    )


def missing_parameter(path: str) -> ServiceError:
    return ServiceError(400, f"Missing required parameter: '{path}'.", param=path, code="missing_required_parameter")


def unknown_parameter(path: str, known: Iterable[str]) -> ServiceError:
    """An unknown key, with the known names within edit distance 2."""
    name = path.rpartition(".")[2]
    near = [other for other in known if abs(len(name) - len(other)) <= 2 and _distance(name, other) <= 2]
    hint = f" Did you mean {quoted(near, 'or')}?" if near else ""
    return ServiceError(400, f"Unknown parameter: '{path}'.{hint}", param=path, code="unknown_parameter")


def wrong_type(path: str | None, expected: str, got: object) -> ServiceError:
    subject = f" for '{path}'" if path else ""
    message = f"Invalid type{subject}: expected {expected}, but got {_kind(got)} instead."
    return ServiceError(400, message, param=path, code="invalid_type")


def unsupported_value(path: str, got: object, supported: Sequence[str]) -> ServiceError:
    if not isinstance(got, str):
        return wrong_type(path, f"one of {quoted(supported, 'or')}", got)
    message = f"Invalid value: '{got}'. Supported values are: {quoted(supported)}."
    return ServiceError(400, message, param=path, code="invalid_value")


def invalid_value(path: str, got: object) -> ServiceError:
    return ServiceError(400, f"Invalid value for '{path}': '{got}'.", param=path, code="invalid_value")


def mutually_exclusive(path: str, names: Sequence[str]) -> ServiceError:
    """Two fields of which only one may be given (not recorded on these endpoints)."""
    message = (
        f"Mutually exclusive parameters: {quoted(names)}. Ensure you are only providing one of: {quoted(names, 'or')}."
    )
    return ServiceError(400, message, param=path or None, code="mutually_exclusive_parameters")


def number_out_of_range(path: str, got: object, bound: float, *, above: bool) -> ServiceError:
    kind = "decimal" if isinstance(bound, float) else "integer"
    side, sign = ("above maximum", "<=") if above else ("below minimum", ">=")
    # `g` drops the `.0` of a decimal, but would write a large integer as 2.592e+06.
    shown = f"{bound:g}" if isinstance(bound, float) else str(bound)
    message = f"Invalid '{path}': {kind} {side} value. Expected a value {sign} {shown}, but got {got} instead."
    return ServiceError(400, message, param=path, code=f"{kind}_{side.replace('imum', '').replace(' ', '_')}_value")


def string_too_long(path: str, length: int, limit: int) -> ServiceError:
    message = (
        f"Invalid '{path}': string too long. Expected a string with maximum length {limit}, "
        f"but got a string with length {length} instead."
    )
    return ServiceError(400, message, param=path, code="string_above_max_length")


def pattern_mismatch(path: str, pattern: str) -> ServiceError:
    message = (
        f"Invalid '{path}': string does not match pattern. Expected a string that matches the pattern '{pattern}'."
    )
    return ServiceError(400, message, param=path, code="invalid_value")


def array_too_long(path: str, length: int, limit: int) -> ServiceError:
    return _array_length(path, length, "long", f"maximum length {limit}", "array_above_max_length")


def array_too_short(path: str, length: int, limit: int) -> ServiceError:
    return _array_length(path, length, "short", f"minimum length {limit}", "empty_array")


def too_many_properties(path: str, count: int, limit: int) -> ServiceError:
    message = (
        f"Invalid '{path}': too many properties. Expected an object with at most {limit} properties, "
        f"but got an object with {count} properties instead."
    )
    return ServiceError(400, message, param=path, code="object_above_max_properties")


def property_name_too_long(path: str, name: str, limit: int) -> ServiceError:
    holder = path.rpartition(".")[0]
    message = (
        f"Invalid property name in '{holder}': '{name[:3]}...{name[-3:]}' is too long. "
        f"Expected a string with maximum length {limit}, but got a string with length {len(name)} instead."
    )
    return ServiceError(400, message, param=holder, code="property_name_above_max_length")


def not_found(noun: str, id: str) -> ServiceError:
    return ServiceError(404, f"No {noun} found with id '{id}'.")


def wrong_prefix(param: str, id: str, prefix: str) -> ServiceError:
    message = f"Invalid '{param}': '{id}'. Expected an ID that begins with '{prefix}'."
    return ServiceError(400, message, param=param, code="invalid_value")


def unknown_route(method: str, path: str) -> ServiceError:
    return ServiceError(404, f"Invalid URL ({method} {path})")


def bad_key(key: str) -> ServiceError:
    message = (
        f"Incorrect API key provided: {_masked(key)}. "
        "You can find your API key at https://platform.openai.com/account/api-keys."
    )
    headers = [("www-authenticate", 'Bearer realm="OpenAI API"')]
    return ServiceError(401, message, code="invalid_api_key", headers=headers)


def no_beta_header() -> ServiceError:
    return ServiceError(
        400,
        "You must provide the 'OpenAI-Beta' header to access the Assistants API. "
        "Please try again by setting the header 'OpenAI-Beta: assistants=v2'.",
        code="invalid_beta",
    )


def v1_deprecated() -> ServiceError:
    return ServiceError(
        400,
        "The v1 Assistants API has been deprecated. "
        "Please try again by setting the header 'OpenAI-Beta: assistants=v2'.",
        code="invalid_beta",
    )


def nothing_to_run_on() -> ServiceError:
    message = "Run creation requires a Thread with a user message or an assistant with instructions."
    return ServiceError(400, message, code="invalid_thread")


def run_is_active(thread_id: str, run_id: str) -> ServiceError:
    return ServiceError(400, f"Thread {thread_id} already has an active run {run_id}.")


def thread_is_locked(thread_id: str, run_id: str) -> ServiceError:
    return ServiceError(400, f"Can't add messages to {thread_id} while a run {run_id} is active.")


def cannot_cancel(status: str) -> ServiceError:
    return ServiceError(400, f"Cannot cancel run with status '{status}'.")


def cannot_update(status: str) -> ServiceError:
    return ServiceError(400, f"Cannot update run with status '{status}'.")


def no_outputs_accepted(status: str) -> ServiceError:
    return ServiceError(400, f'Runs in status "{status}" do not accept tool outputs.')


def outputs_expected(expected: list[str], got: list[str | None]) -> ServiceError:
    return ServiceError(400, f"Expected tool outputs for call_ids {expected}, got {got}")


def _array_length(path: str, length: int, too: str, bound: str, code: str) -> ServiceError:
    message = (
        f"Invalid '{path}': array too {too}. Expected an array with {bound}, "
        f"but got an array with length {length} instead."
    )
    return ServiceError(400, message, param=path, code=code)


def _masked(key: str) -> str:
    return f"{key[:3]}{'*' * max(len(key) - 7, 4)}{key[-4:]}" if len(key) > 8 else "*" * len(key)


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


def no_key() -> ServiceError:
    """No key at all (not recorded here; the platform's text)."""
    return ServiceError(
        401,
        "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth "
        "(i.e. Authorization: Bearer YOUR_KEY). You can obtain an API key from "
        "https://platform.openai.com/account/api-keys.",
        headers=[("www-authenticate", 'Bearer realm="OpenAI API"')],
    )
