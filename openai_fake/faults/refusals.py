"""HTTP errors, with the bodies and headers of the service or of what stood in front of it. Nothing is performed.

A 429 or 5xx carries `retry-after-ms: 1` unless it says otherwise. A text that nobody recorded is marked so.
"""

from collections.abc import Mapping

from ..checking import check_seconds, check_type, check_whole
from ..errors import ServiceError, bad_key, retry_soon, unknown_route
from ..routing import Reply
from .base import Fault, Meeting, Proceed, named, renamed

Headers = Mapping[str, str]

_TEXTS = {
    403: "You are not allowed to do this.",
    404: "Not found.",
    408: "Request timed out.",
    409: "The resource was changed by another request. Please try again.",
    413: "The request is too large.",
    422: "The request could not be processed.",
    429: "Too many requests.",
}
"""Not recorded on these endpoints: what stands in a body that a test has not written itself."""


def sunset(method: str, path: str) -> ServiceError:
    """What every Assistants route answers since 2026-08-26: a 404. Its body was not recorded; it has the form that
    unknown routes have long had. This is the one place that decides it.
    """
    return unknown_route(method, path)


def status(
    code: int,
    message: str | None = None,
    *,
    type: str | None = None,
    param: str | None = None,
    error_code: str | None = None,
    headers: Headers | None = None,
    body: str | bytes | None = None,
) -> Fault:
    """Any HTTP status, in the service's envelope, or with a `body` of the test's own.

    `code`: the HTTP status. `message`, `type`, `param`, `error_code`: what stands in the error object. `headers`: those
    beside the usual ones, or in their place (beside a `body` these are its content type and `retry-after-ms`). Raises
    `TypeError` and `ValueError` for what is no status.
    Example: `status(529, "Busy", headers={"retry-after": "20"})`.
    """
    check_whole("status", "code", code)
    if not 100 <= code <= 599:
        raise ValueError(f"status({code}): expected an HTTP status, 100 to 599.")
    for name, text in (("message", message), ("type", type), ("param", param), ("error_code", error_code)):
        check_type("status", name, text, str | None, "a text")
    check_type("status", "body", body, str | bytes | None, "a text or bytes")
    _check_headers(headers)
    shown = named(
        "status", code, message=message, type=type, param=param, error_code=error_code, headers=headers, body=body
    )
    more = tuple((name.lower(), value) for name, value in (headers or {}).items())
    if body is not None:
        return Fault(shown, lambda meeting, proceed: _bare(code, body, more))
    kind = type or ("server_error" if code >= 500 else "invalid_request_error")
    told = message or (_SERVER_ERROR if code >= 500 else _TEXTS.get(code, "The request could not be understood."))
    return _refusal(shown, ServiceError(code, told, type=kind, param=param, code=error_code, headers=more))


def _check_headers(headers: Headers | None) -> None:
    if headers is None:
        return
    if not isinstance(headers, Mapping) or not all(isinstance(text, str) for pair in headers.items() for text in pair):
        raise TypeError(f"status(headers={headers!r}): expected a dict of texts.")


def bad_request(message: str | None = None, *, param: str | None = None, error_code: str | None = None) -> Fault:
    """400 with a text of the test's own."""
    return renamed("bad_request", status(400, message, param=param, error_code=error_code), message=message)


def unauthorized(key: str = "sk-wrong-key-0000") -> Fault:
    """401 `invalid_api_key`, with the key masked as the service masked it."""
    return _refusal("unauthorized()", bad_key(key))


def forbidden(message: str | None = None) -> Fault:
    """403 (text not recorded)."""
    return renamed("forbidden", status(403, message), message=message)


def not_found(message: str | None = None) -> Fault:
    """404 (text not recorded; for the service's own 404s ask for what is not there)."""
    return renamed("not_found", status(404, message), message=message)


def request_timeout(message: str | None = None) -> Fault:
    """408 (text not recorded). The SDK tries again."""
    return renamed("request_timeout", status(408, message, headers=_SOON), message=message)


def conflict(message: str | None = None) -> Fault:
    """409 (text not recorded). The SDK tries again."""
    return renamed("conflict", status(409, message, headers=_SOON), message=message)


def too_large(message: str | None = None) -> Fault:
    """413 (text not recorded)."""
    return renamed("too_large", status(413, message), message=message)


def unprocessable(message: str | None = None) -> Fault:
    """422 (text not recorded)."""
    return renamed("unprocessable", status(422, message), message=message)


def rate_limited(
    retry_after: float | None = None,
    *,
    retry_after_ms: float | None = None,
    by: str = "tokens",
    model: str = "gpt-4o",
    limit: int = 30_000,
) -> Fault:
    """429 `rate_limit_exceeded`, with the `x-ratelimit-*` headers.

    `retry_after` (seconds), `retry_after_ms`: what the client is told to wait; by default 1 ms, so that nothing is
    slept. `by`: what there was too much of, `"tokens"` or `"requests"`.
    """
    if by not in _LIMITS:
        raise ValueError(f"rate_limited(by={by!r}): expected {' or '.join(map(repr, _LIMITS))}.")
    told = [
        *_told_to_wait("rate_limited", retry_after),
        *_told_to_wait("rate_limited", retry_after_ms, "retry_after_ms"),
    ]
    wait = f"{20 if retry_after is None else retry_after:g}s"
    asked = 1 if by == "requests" else 1_200
    message = (
        f"Rate limit reached for {model} in organization org-fake on {_LIMITS[by]}: Limit {limit}, Used {limit}, "
        f"Requested {asked}. Please try again in {wait}. "
        "Visit https://platform.openai.com/account/rate-limits to learn more."
    )
    for kind in ("requests", "tokens"):
        left = "0" if kind == by else "9999"
        told.append((f"x-ratelimit-limit-{kind}", str(limit if kind == by else 10_000)))
        told.append((f"x-ratelimit-remaining-{kind}", left))
        told.append((f"x-ratelimit-reset-{kind}", wait if kind == by else "6ms"))
    error = ServiceError(429, message, type=by, code="rate_limit_exceeded", headers=told)
    return _refusal(named("rate_limited", *() if retry_after is None else (retry_after,)), error)


def quota_exceeded() -> Fault:
    """429 `insufficient_quota`: no retry will help, though the SDK tries."""
    message = (
        "You exceeded your current quota, please check your plan and billing details. For more information on this "
        "error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors."
    )
    return _refusal(
        "quota_exceeded()", ServiceError(429, message, type="insufficient_quota", code="insufficient_quota")
    )


def slow_down() -> Fault:
    """429 `slow_down` (type and code as documented, text not recorded)."""
    return _refusal("slow_down()", ServiceError(429, "Slow down.", type="rate_limit_error", code="slow_down"))


def server_error(*, retry_after: float | None = None) -> Fault:
    """500, in the service's words. `retry_after`: the seconds that the client is told to wait."""
    headers = _told_to_wait("server_error", retry_after)
    error = ServiceError(500, _SERVER_ERROR, type="server_error", headers=headers)
    return _refusal(named("server_error", retry_after=retry_after), error)


def bad_gateway() -> Fault:
    """502 from the proxy in front of the service: an HTML page, and none of the service's headers."""
    return _page("bad_gateway()", 502, "Bad Gateway")


def overloaded(*, retry_after: float | None = None) -> Fault:
    """503 `server_is_overloaded`. `retry_after`: the seconds that the client is told to wait."""
    error = ServiceError(
        503,
        "Our servers are currently overloaded. Please try again later.",
        type="service_unavailable_error",
        code="server_is_overloaded",
        headers=_told_to_wait("overloaded", retry_after),
    )
    return _refusal(named("overloaded", retry_after=retry_after), error)


def gateway_timeout() -> Fault:
    """504 from the proxy in front of the service: an HTML page."""
    return _page("gateway_timeout()", 504, "Gateway Time-out")


_SOON = {"retry-after-ms": "1"}
_LIMITS = {"tokens": "tokens per min (TPM)", "requests": "requests per min (RPM)"}
_THIS_REQUEST = "{x-request-id}"
_SERVER_ERROR = (
    "The server had an error processing your request. Sorry about that! You can retry your request, or contact us "
    "through our help center at help.openai.com if you keep seeing this error. (Please include the request ID "
    f"{_THIS_REQUEST} in your email.)"
)
"""It names its request, by the id that stands in the headers."""


def _told_to_wait(function: str, given: float | None, name: str = "retry_after") -> list[tuple[str, str]]:
    """The header of that parameter, checked; none where it was not given."""
    if given is None:
        return []
    check_seconds(function, given, name)
    return [(name.replace("_", "-"), f"{given:g}")]


def _refusal(name: str, error: ServiceError) -> Fault:
    def play(meeting: Meeting, proceed: Proceed) -> Reply:
        reply = meeting.refuse(error)
        if _THIS_REQUEST not in error.message:
            return reply
        assert isinstance(reply.body, bytes)
        id = dict(reply.headers)["x-request-id"]
        return reply._replace(body=reply.body.replace(_THIS_REQUEST.encode(), id.encode()))

    return Fault(name, play)


def _page(name: str, code: int, title: str) -> Fault:
    html = (
        f"<html>\r\n<head><title>{code} {title}</title></head>\r\n<body>\r\n<center><h1>{code} {title}</h1></center>"
        "\r\n<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n"
    )

    def play(meeting: Meeting, proceed: Proceed) -> Reply:
        return _bare(code, html, (("content-type", "text/html"),))

    return Fault(name, play)


def _bare(code: int, body: str | bytes, headers: tuple[tuple[str, str], ...]) -> Reply:
    names = {name.lower() for name, _ in headers}
    more = list(headers)
    if "content-type" not in names:
        more.append(("content-type", "application/json"))
    more += retry_soon(code, names)
    return Reply(code, more, body if isinstance(body, bytes) else body.encode())
