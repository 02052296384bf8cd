"""The door: a call comes in, a reply goes out. It answers, whatever comes; it does not raise.

The order of checks is the service's: key, beta header, route, body, existence, state.
"""

import warnings
from dataclasses import field
from functools import partial
from typing import Any

from . import errors, operations  # noqa: F401  (importing the operations registers them)
from .calls import CallLog
from .errors import Misuse, ServiceError, TransportFailure
from .logged import LoggedCall
from .objects.base import usual
from .parsing import parse_body, parse_json, parse_query
from .reading import Reading
from .rendering import render, rendered
from .routing import Call, Found, Operation, Reply, asks_for_beta, find, instead_of
from .sse import EventStream
from .states import WAITING
from .troubles import Troubles
from .values import value
from .world import World

JSON = ("content-type", "application/json")
EVENTS = ("content-type", "text/event-stream; charset=utf-8")


@value
class DoorSettings:
    """What the door asks for of a fake's options."""

    # Not shown: the key is the test's own.
    api_key: str | None = field(default=None, repr=False)
    poll_after_ms: int | None = 0
    organization: str = "openai-fake"


class Door:
    """Answers the calls of one world, from any thread."""

    def __init__(self, world: World, calls: CallLog, settings: DoorSettings, troubles: Troubles | None = None) -> None:
        self._world = world
        self._calls = calls
        self._settings = settings
        self._troubles = troubles or Troubles()
        self._usual_headers = (
            ("openai-version", "2020-10-01"),
            ("openai-organization", settings.organization),
            ("openai-processing-ms", "1"),
        )

    def answer(self, call: Call) -> Reply:
        """The reply to a call: found, logged, through whatever trouble it meets, parsed, performed, encoded.

        Raises `TransportFailure` for an injected transport failure, and for nothing else.
        """
        with self._world.lock:
            found = find(call.method, call.path)
            logged = LoggedCall(found[0].name if found else "", call, self._world.clock.now)
            self._calls.add(logged)
            reply = self._met(call, found, logged) if self._troubles.any else self._performed(call, found, logged)
            body = reply.again or (reply.body if isinstance(reply.body, bytes) else None)
            logged.answered(reply.status, body, self._world.clock.now, reply.headers)
            return reply

    def _met(self, call: Call, found: Found, logged: LoggedCall) -> Reply:
        """The reply to a call that may meet trouble on its way."""
        from .faults.base import Meeting

        meeting = Meeting(call, self._world.clock, self._refuse, logged.failed)
        try:
            return self._troubles.meet(logged.operation, meeting, lambda: self._performed(call, found, logged))
        except TransportFailure as failure:
            logged.failed(failure.class_name, self._world.clock.now)
            raise
        except Exception as error:
            return self._refused(error)

    def _performed(self, call: Call, found: Found, logged: LoggedCall) -> Reply:
        """The reply of the operation, or its refusal."""
        try:
            if self._settings.api_key is not None:
                _check_key(call, self._settings.api_key)
            beta = asks_for_beta(call.path) if found is None else found[0].beta
            if beta and "assistants=v2" not in call.headers.get("openai-beta", ""):
                _check_beta(call)
            if found is None:
                raise self._unknown_route(call)
            operation, ids = found
            given = self._given(operation, call)
            reply = self._encode(operation, operation.perform(self._world, *ids.values(), **given))
        except Exception as error:
            return self._refused(error)
        if reply.again is None and isinstance(reply.body, EventStream):
            logged.streamed(reply.body)
        return reply

    def _given(self, operation: Operation, call: Call) -> dict[str, Any]:
        lenient = not self._world.settings.strict
        given: dict[str, Any] = {}
        sent = parse_json(call.body) if call.body and operation.body is not None else {}
        if operation.takes_call:
            given["call"] = call
        if operation.query is not None:
            asked = parse_query(operation.query, call.query, lenient=lenient) if call.query else usual(operation.query)
            given["query"] = asked
        if operation.body is not None:
            given["body"] = parse_body(operation.body, sent, lenient=lenient)
        return given

    def _encode(self, operation: Operation, result: Any) -> Reply:
        profile = self._world.settings.profile
        if isinstance(result, Reply):
            return Reply(result.status, self._headers(*result.headers), result.body)
        if isinstance(result, Reading):
            return Reply(200, self._headers(EVENTS), EventStream(result, profile))
        headers = self._headers(JSON)
        if operation.polled and result.status in WAITING and self._settings.poll_after_ms is not None:
            headers.insert(1, ("openai-poll-after-ms", str(self._settings.poll_after_ms)))
        body = partial(render, result, profile, operation.name)
        return Reply(200, headers, body(), body)

    def _refused(self, error: Exception) -> Reply:
        """A refusal as it is answered. Misuse and our own faults are told again when the fake closes."""
        if isinstance(error, ServiceError):
            return self._refuse(error)
        if isinstance(error, Misuse):
            # A loop that goes on asking is told the same each time, and the test once.
            if str(error) not in map(str, self._world.misuses):
                self._world.remember(error)
            return self._refuse(_own_error(501, str(error)))
        fault = errors.our_fault(error)
        self._world.remember(fault)
        return self._refuse(_own_error(500, str(fault)))

    def _refuse(self, error: ServiceError) -> Reply:
        own = {name for name, _ in error.headers}
        headers = [*(header for header in self._headers(JSON) if header[0] not in own), *error.headers]
        if error.status == 401:
            # Nobody was recognised, so no organization was named (recorded.md 6).
            headers = [header for header in headers if header[0] != "openai-organization"]
        headers += errors.retry_soon(error.status, [name for name, _ in headers])
        return Reply(error.status, headers, rendered(error.envelope()))

    def _headers(self, *first: tuple[str, str]) -> list[tuple[str, str]]:
        return [*first, *self._usual_headers, ("x-request-id", self._world.ids.make("request"))]

    def _unknown_route(self, call: Call) -> ServiceError:
        told = f"openai_fake serves no {call.method} {call.path}. {instead_of(call.method, call.path)}."
        try:
            warnings.warn(told, RuntimeWarning, stacklevel=2)
        except RuntimeWarning:
            # Where warnings are errors, it still has to be answered; the fake tells it when it closes.
            self._world.remember(Misuse(told))
        return errors.unknown_route(call.method, call.url_path or call.path)


def _check_key(call: Call, wanted: str) -> None:
    given = call.headers.get("authorization", "").removeprefix("Bearer ") or call.headers.get("api-key", "")
    if not given:
        raise errors.no_key()
    if given != wanted:
        raise errors.bad_key(given)


def _check_beta(call: Call) -> None:
    # Azure and its kin version their API by a query parameter and never asked for the header.
    if any(name == "api-version" for name, _ in call.query):
        return
    older = "assistants=v1" in call.headers.get("openai-beta", "")
    raise errors.v1_deprecated() if older else errors.no_beta_header()


def _own_error(status: int, message: str) -> ServiceError:
    return ServiceError(status, message, type="openai_fake_error", headers=[("x-should-retry", "false")])
