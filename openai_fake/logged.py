"""One request and its answer, as the log holds them. Secrets of headers and queries never get in."""

import json
from collections.abc import Sequence
from sys import intern
from typing import Any, Protocol

from .headers import Headers
from .keeping import kept_headers, kept_query
from .routing import Call, Rendered


class Told(Protocol):
    """A streamed answer, as far as it was read."""

    def answer(self) -> list[list[Any]]:
        """`[event, data]` for each event."""
        ...

    def last_at(self) -> float | None:
        """The virtual instant of the newest event."""
        ...


class LoggedCall:
    """One request and its answer.

    `operation`: the SDK's dotted name (`"runs.create"`), empty where no operation fits. `path`: after the base
    prefix. `body`: bytes as sent, and so is `json`: secrets in it are the test's own and stay. `at`: the virtual
    instant, in Unix seconds. `status`: 0 while there is no answer. `failure`: the class of the transport error that
    took the place of the answer, or broke it off; empty where there was none. `retry_after`: the
    seconds that a refusal asked the client to wait.
    """

    __slots__ = (
        "_answer",
        "_duration",
        "_headers",
        "_query",
        "_stream",
        "at",
        "body",
        "failure",
        "host",
        "method",
        "operation",
        "path",
        "retry_after",
        "status",
    )

    def __init__(self, operation: str, call: Call, at: float) -> None:
        self.operation: str = operation
        self.method: str = intern(call.method)
        self.host: str = intern(call.host)
        self.path: str = call.path
        self._query = kept_query(call.query) if call.query else ()
        headers = call.headers
        self._headers = headers.kept if isinstance(headers, Headers) else kept_headers(headers)
        self.body: bytes = call.body
        self.at: float = at
        self.status: int = 0
        self.failure: str = ""
        self._duration = 0.0
        self.retry_after: float = 0.0
        self._answer: bytes | Rendered | None = None
        self._stream: Told | None = None

    @property
    def query(self) -> dict[str, str]:
        """The query, the last value of a name counting; the values of secret names are blacked out."""
        return dict(self._query)

    @property
    def headers(self) -> dict[str, str]:
        """The request's headers, by names in any case; keys, cookies and ids of accounts are blacked out."""
        return _AnyCase(zip(*self._headers, strict=True))

    @property
    def json(self) -> Any:
        """The body as JSON, `None` if it is none."""
        return _parsed(self.body)

    @property
    def answer(self) -> Any:
        """The answer as JSON; of a stream, `[event, data]` for each event that was read so far.

        Bytes where it is no JSON; `None` where there was none.
        """
        if self._stream is not None:
            return self._stream.answer()
        if self._answer is None:
            return None
        if isinstance(self._answer, bytes):
            return _parsed(self._answer, self._answer or None)
        return json.loads(self._answer())

    @property
    def duration(self) -> float:
        """Virtual seconds until the answer was there; of a stream, until the newest event that was read."""
        last = None if self._stream is None else self._stream.last_at()
        return self._duration if last is None else max(self._duration, last - self.at)

    def answered(
        self, status: int, answer: bytes | Rendered | None, at: float, headers: Sequence[tuple[str, str]] = ()
    ) -> None:
        """Note the answer, or what it was rendered from; of a stream, its status."""
        self.status, self._answer, self._duration = status, answer, at - self.at
        if status >= 400:
            self.retry_after = _wait_asked_for(headers)

    def streamed(self, stream: Told) -> None:
        """Note that the answer is a stream."""
        self._stream = stream

    @property
    def stream(self) -> Any:
        """The events that were streamed, as the body of the answer; `None` for any other answer."""
        return self._stream

    def failed(self, class_name: str, at: float) -> None:
        """Note a transport failure: there is no answer, or no more of it."""
        self.failure, self._duration = class_name, at - self.at

    def __repr__(self) -> str:
        came = " ".join(str(part) for part in (self.status, self.failure) if part) or "nothing yet"
        return f"<{self.operation or 'unknown'}: {self.method} {self.path} -> {came}>"


class _AnyCase(dict[str, str]):
    """Headers by their names, in which upper and lower case are the same to whoever asks."""

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name.lower(), default)

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name.lower() if isinstance(name, str) else name)


def _parsed(body: bytes, otherwise: Any = None) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return otherwise


def _wait_asked_for(headers: Sequence[tuple[str, str]]) -> float:
    """The seconds of `retry-after-ms` or `retry-after`; 0 where neither is a number."""
    told = {name.lower(): value for name, value in headers}
    try:
        return float(told["retry-after-ms"]) / 1000 if "retry-after-ms" in told else float(told["retry-after"])
    except (KeyError, ValueError):
        return 0.0
