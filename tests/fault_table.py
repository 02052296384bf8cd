"""What each fault looks like to a caller of the SDK: the class that is raised, its cause, the calls, the state after.

Where SDK 3.x differs from 1.x and 2.x, `error` and `cause` are pairs: (before 3, from 3 on). `lib.` stands for the
library that the SDK speaks.
"""

from dataclasses import dataclass

from openai_fake import faults
from openai_fake.errors import TRANSPORT_ERRORS
from openai_fake.faults import Fault

Either = str | None | tuple[str | None, str | None]


@dataclass(frozen=True)
class Row:
    """One request that meets a fault at every try, with the SDK's own two retries.

    `how`: `create` (JSON), `stream` (`create(stream=True)`, read to its end), `handler` (`runs.stream(…)`), `submit`.
    `events`: how many events arrived. `runs`: the statuses of the thread's runs afterwards.
    """

    fault: Fault
    how: str = "create"
    error: Either = None
    cause: Either = None
    calls: int = 1
    runs: tuple[str, ...] = ()
    events: int = 0
    times: int | None = None
    failure: str = ""

    def of(self, told: Either, major: int) -> str | None:
        """An expectation as it is for an SDK."""
        return told[major >= 3] if isinstance(told, tuple) else told

    @property
    def id(self) -> str:
        return f"{self.fault.name}-{self.how}{'' if self.times is None else f'-{self.times}'}"


def refused(fault: Fault, error: str, calls: int = 1, how: str = "create") -> Row:
    runs = ("requires_action",) if how == "submit" else ()
    return Row(fault, how, error, None, calls, runs)


def failed(class_name: str) -> Row:
    error = "APITimeoutError" if "Timeout" in class_name else "APIConnectionError"
    return Row(faults.transport_error(class_name), "create", error, f"lib.{class_name}", 3, failure=class_name)


def broken(fault: Fault, class_name: str, events: int, runs: str = "in_progress", how: str = "stream") -> Row:
    """A stream that fails while it is read: the bare error reaches the caller, but for `create` of SDK 3.x."""
    bare = f"lib.{class_name}"
    wrapped = "APITimeoutError" if "Timeout" in class_name else "APIConnectionError"
    error: Either = (bare, wrapped) if how == "stream" else bare
    cause: Either = (None, bare) if how == "stream" else None
    return Row(fault, how, error, cause, 1, (runs,), events, failure=class_name)


def fine(fault: Fault, events: int, runs: str = "completed", how: str = "stream") -> Row:
    return Row(fault, how, runs=(runs,), events=events)


REFUSALS = [
    refused(faults.bad_request(), "BadRequestError"),
    refused(faults.unauthorized(), "AuthenticationError"),
    refused(faults.forbidden(), "PermissionDeniedError"),
    refused(faults.not_found(), "NotFoundError"),
    refused(faults.request_timeout(), "APIStatusError", 3),
    refused(faults.conflict(), "ConflictError", 3),
    refused(faults.too_large(), "APIStatusError"),
    refused(faults.unprocessable(), "UnprocessableEntityError"),
    refused(faults.rate_limited(), "RateLimitError", 3),
    refused(faults.rate_limited(20), "RateLimitError", 3),
    refused(faults.rate_limited(by="requests"), "RateLimitError", 3, "submit"),
    refused(faults.quota_exceeded(), "RateLimitError", 3),
    refused(faults.slow_down(), "RateLimitError", 3),
    refused(faults.server_error(), "InternalServerError", 3),
    refused(faults.server_error(), "InternalServerError", 3, "stream"),
    refused(faults.server_error(), "InternalServerError", 3, "submit"),
    refused(faults.bad_gateway(), "InternalServerError", 3),
    refused(faults.overloaded(), "InternalServerError", 3),
    refused(faults.overloaded(), "InternalServerError", 3, "handler"),
    refused(faults.gateway_timeout(), "InternalServerError", 3),
    refused(faults.status(418, "short and stout"), "APIStatusError"),
    refused(faults.status(500, headers={"x-should-retry": "false"}), "InternalServerError"),
    refused(faults.status(400, headers={"x-should-retry": "true"}), "BadRequestError", 3),
    refused(faults.status(529, body="<html>"), "InternalServerError", 3),
    Row(faults.server_error(), times=2, calls=3, runs=("queued",)),
    Row(faults.rate_limited(), "submit", times=1, calls=2, runs=("queued",)),
]

FAILURES = [
    *[failed(class_name) for class_name in TRANSPORT_ERRORS if class_name != "TimeoutException"],
    Row(
        faults.transport_error("TimeoutException"),
        *("create", "APITimeoutError", "lib.TimeoutException", 3),
        failure="TimeoutException",
    ),
    Row(faults.connect_error(), times=1, calls=2, runs=("queued",)),
    Row(faults.lost_answer(), "create", "BadRequestError", None, 2, ("queued",), times=1),
    Row(
        faults.lost_answer(),
        *("create", "APIConnectionError", "lib.RemoteProtocolError", 3, ("in_progress",)),
        failure="RemoteProtocolError",
    ),
    Row(
        faults.lost_answer("ReadTimeout"),
        *("submit", "APITimeoutError", "lib.ReadTimeout", 3, ("in_progress",)),
        failure="ReadTimeout",
    ),
    Row(faults.lost_answer(), "submit", "BadRequestError", None, 2, ("queued",), times=1),
    Row(faults.performed(faults.server_error()), "create", "InternalServerError", None, 3, ("queued",)),
    Row(faults.performed(faults.server_error()), "create", "BadRequestError", None, 2, ("queued",), times=1),
    Row(faults.latency(30), runs=("completed",)),
    Row(
        faults.latency(600),
        *("create", "APITimeoutError", "lib.ReadTimeout", 3, ("completed",) * 3),
        failure="ReadTimeout",
    ),
    Row(faults.latency(30), "stream", runs=("completed",), events=13),
]

BODIES = [
    Row(faults.empty_body(), "create", "json.decoder.JSONDecodeError", None, 1, ("queued",)),
    Row(faults.cut_body(), "create", "json.decoder.JSONDecodeError", None, 1, ("queued",)),
    Row(faults.cut_body("ReadError"), "create", "APIConnectionError", "lib.ReadError", 3, ("in_progress",)),
    Row(faults.not_json(), "create", "json.decoder.JSONDecodeError", None, 1, ("queued",)),
    Row(faults.not_utf8(), "create", "UnicodeDecodeError", None, 1, ("queued",)),
    Row(faults.wrong_content_type(), "create", runs=("queued",)),
    Row(faults.bad_gzip(), "create", "APIConnectionError", "lib.DecodingError", 3, ("in_progress",)),
    Row(faults.empty_body(), "stream", runs=("completed",)),
    Row(faults.not_json(), "stream", runs=("completed",)),
    Row(faults.not_utf8(), "stream", "UnicodeDecodeError", None, 1, ("completed",)),
    Row(faults.wrong_content_type("application/json"), "stream", runs=("completed",), events=13),
    Row(
        faults.bad_gzip(),
        *("stream", ("lib.DecodingError", "APIConnectionError"), ("zlib.error", "lib.DecodingError"), 1),
        runs=("completed",),
    ),
]

STREAMS = [
    broken(faults.disconnect(4), "RemoteProtocolError", 4),
    broken(faults.disconnect(4), "RemoteProtocolError", 4, how="handler"),
    broken(faults.disconnect(7, class_name="ReadError"), "ReadError", 7),
    broken(faults.disconnect(7, class_name="ReadTimeout"), "ReadTimeout", 7),
    broken(faults.disconnect(9, inside=True), "RemoteProtocolError", 9),
    broken(faults.stall(4), "ReadTimeout", 4, "completed"),
    broken(faults.stall(4), "ReadTimeout", 4, "completed", how="handler"),
    fine(faults.stall(4, 10), 13),
    fine(faults.truncate(), 0, "queued"),
    fine(faults.truncate(9), 9, "in_progress"),
    fine(faults.truncate(9), 9, "in_progress", how="handler"),
    fine(faults.truncate(9, inside=True), 9, "in_progress"),
    fine(faults.no_done(), 13),
    Row(faults.corrupt(4), "stream", "json.decoder.JSONDecodeError", None, 1, ("in_progress",), 4),
    Row(faults.error_event(4), "stream", "APIError", None, 1, ("in_progress",), 4),
    Row(faults.error_event(4), "handler", "APIError", None, 1, ("in_progress",), 4),
    fine(faults.error_event(4, nested=False), 5, "in_progress"),
    fine(faults.unknown_event(4), 14),
    fine(faults.unknown_event(4, "mystery"), 14),
    fine(faults.comments(), 13),
    fine(faults.crlf(), 13),
    fine(faults.byte_by_byte(), 13),
    fine(faults.byte_by_byte(), 13, how="handler"),
]

TABLE = [*REFUSALS, *FAILURES, *BODIES, *STREAMS]
