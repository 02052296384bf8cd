"""What the service refused beside bodies and files: ids, states, keys and headers; and how every refusal is told.

Raised where a fault is found, rendered once, at the door (`api.py`). A text that the wire notes hold stands here
as it was recorded; a text that nobody recorded is marked «not recorded» and follows the nearest template.
"""

from collections.abc import Iterable, Sequence
from threading import current_thread, main_thread

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


def retry_soon(status: int, names: Iterable[str]) -> list[tuple[str, str]]:
    """The header that lets a client try again after 1 ms, where a client would; none beside others that say when.

    `names`: those of the headers there are, in lower case.
    """
    told = any(name.startswith("retry") for name in names)
    return [("retry-after-ms", "1")] if (status == 429 or status >= 500) and not told else []


class Misuse(Exception):
    """The fake was used wrongly: answered with 501, remembered, and told again when the fake closes.

    What looks like a key or a token in its text is blacked out.
    """

    def __init__(self, message: str) -> None:
        super().__init__(redact(message))


def caused(what: str, error: BaseException) -> Misuse:
    """What has happened by an error, in words that end on it; the error is the cause."""
    told = Misuse(f"{what} {type(error).__name__}: {error}".rstrip(": "))
    told.__cause__ = error
    return told


def our_fault(error: Exception) -> Misuse:
    """What a fault of the fake itself is told as."""
    return caused("openai_fake failed itself, please report it:", error)


def may_be_lost(error: BaseException) -> bool:
    """Whether what a call raises may come to nobody: an interrupt, but one that ends the program from its main thread.

    Any `Exception` is answered instead.
    """
    if isinstance(error, KeyboardInterrupt | SystemExit):
        return current_thread() is not main_thread()
    return not isinstance(error, Exception)


TRANSPORT_ERRORS = (
    *("TransportError", "TimeoutException", "ConnectTimeout", "ReadTimeout", "WriteTimeout", "PoolTimeout"),
    *("NetworkError", "ConnectError", "ReadError", "WriteError", "CloseError", "ProxyError", "UnsupportedProtocol"),
    *("ProtocolError", "LocalProtocolError", "RemoteProtocolError"),
)
"""The classes that a `TransportFailure` may name: what both httpx and httpx2 can raise from a transport."""


class TransportFailure(Exception):
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


def not_found(noun: str, id: str) -> ServiceError:
    """The 404 for an id that there is not; `noun`: as the service called such things."""
    return ServiceError(404, f"No {noun} found with id '{id}'.")


def wrong_prefix(param: str, id: str, prefix: str) -> ServiceError:
    """The 400 for an id that cannot be one of its kind."""
    message = f"Invalid '{param}': '{id}'. Expected an ID that begins with '{prefix}'."
    return ServiceError(400, message, param=param, code="invalid_value")


def unknown_route(method: str, path: str) -> ServiceError:
    """The 404 for a method and path that nothing serves."""
    return ServiceError(404, f"Invalid URL ({method} {path})")


def bad_key(key: str) -> ServiceError:
    """The 401 for another key than the one that is asked for; the text shows ends of it alone."""
    message = (
        f"Incorrect API key provided: {_masked(key)}. "
        "You can find your API key at https://platform.openai.com/account/api-keys."
    )
    headers = [("www-authenticate", 'Bearer realm="OpenAI API"')]
    return ServiceError(401, message, code="invalid_api_key", headers=headers)


def no_key() -> ServiceError:
    """No key at all (not recorded here; the platform's text)."""
    return ServiceError(
        401,
        "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth "
        "(i.e. Authorization: Bearer YOUR_KEY). You can obtain an API key from "
        "https://platform.openai.com/account/api-keys.",
        headers=[("www-authenticate", 'Bearer realm="OpenAI API"')],
    )


def no_beta_header() -> ServiceError:
    """The 400 for a request without `OpenAI-Beta`."""
    return ServiceError(
        400,
        "You must provide the 'OpenAI-Beta' header to access the Assistants API. "
        "Please try again by setting the header 'OpenAI-Beta: assistants=v2'.",
        code="invalid_beta",
    )


def v1_deprecated() -> ServiceError:
    """The 400 for a request with `assistants=v1`."""
    return ServiceError(
        400,
        "The v1 Assistants API has been deprecated. "
        "Please try again by setting the header 'OpenAI-Beta: assistants=v2'.",
        code="invalid_beta",
    )


def nothing_to_run_on() -> ServiceError:
    """The 400 for a run without instructions on a thread without a user message."""
    message = "Run creation requires a Thread with a user message or an assistant with instructions."
    return ServiceError(400, message, code="invalid_thread")


def run_is_active(thread_id: str, run_id: str) -> ServiceError:
    """The 400 for a second run on a thread that another one locks."""
    return ServiceError(400, f"Thread {thread_id} already has an active run {run_id}.")


def thread_is_locked(thread_id: str, run_id: str) -> ServiceError:
    """The 400 for a message into a thread that a run locks."""
    return ServiceError(400, f"Can't add messages to {thread_id} while a run {run_id} is active.")


def cannot_cancel(status: str) -> ServiceError:
    """The 400 for cancelling a run in a status that does not allow it."""
    return ServiceError(400, f"Cannot cancel run with status '{status}'.")


def cannot_update(status: str) -> ServiceError:
    """The 400 for modifying a run in a status that does not allow it."""
    return ServiceError(400, f"Cannot update run with status '{status}'.")


def no_outputs_accepted(status: str) -> ServiceError:
    """The 400 for tool outputs to a run that does not wait for any."""
    return ServiceError(400, f'Runs in status "{status}" do not accept tool outputs.')


def outputs_expected(expected: list[str], got: list[str | None]) -> ServiceError:
    """The 400 for outputs that are not those of the calls that wait; both by call id."""
    return ServiceError(400, f"Expected tool outputs for call_ids {expected}, got {got}")


def _masked(key: str) -> str:
    return f"{key[:3]}{'*' * max(len(key) - 7, 4)}{key[-4:]}" if len(key) > 8 else "*" * len(key)
