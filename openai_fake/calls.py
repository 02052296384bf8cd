"""Every request and its answer, in order, bounded; secrets never get in."""

import json
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, overload

REDACTED = "[redacted]"
_SECRET = ("authorization", "api-key", "cookie", "token", "secret", "openai-organization", "openai-project")


class LoggedCall:
    """One request and its answer.

    `operation`: the SDK's dotted name (`"runs.create"`), empty where no operation fits. `path`: after the base
    prefix. `at`, `duration`: virtual seconds. `status`: 0 while there is no answer. `failure`: the class of the
    transport error that took the place of the answer, or broke it off; empty where there was none.
    """

    __slots__ = (
        "_answer",
        "_headers",
        "_query",
        "at",
        "body",
        "duration",
        "failure",
        "host",
        "method",
        "operation",
        "path",
        "status",
    )

    def __init__(
        self,
        operation: str,
        method: str,
        host: str,
        path: str,
        query: Sequence[tuple[str, str]],
        headers: Mapping[str, str],
        body: bytes,
        at: float,
    ) -> None:
        self.operation = operation
        self.method = method
        self.host = host
        self.path = path
        self._query = tuple(query)
        self._headers = headers
        self.body = body
        self.at = at
        self.duration = 0.0
        self.status = 0
        self.failure = ""
        self._answer: bytes | None = None

    @property
    def query(self) -> dict[str, str]:
        """The query, the last value of a name counting."""
        return dict(self._query)

    @property
    def headers(self) -> dict[str, str]:
        """The request's headers, with keys, cookies and ids of accounts blacked out."""
        return {name: REDACTED if _is_secret(name) else value for name, value in self._headers.items()}

    @property
    def json(self) -> Any:
        """The body as JSON, `None` if it is none."""
        return _parsed(self.body)

    @property
    def answer(self) -> Any:
        """The answer as JSON; `None` for a stream, or where there was none."""
        return None if self._answer is None else _parsed(self._answer)

    def answered(self, status: int, answer: bytes | None, at: float) -> None:
        """Note the answer."""
        self.status, self._answer, self.duration = status, answer, at - self.at

    def failed(self, class_name: str, at: float) -> None:
        """Note a transport failure: there is no answer, or no more of it."""
        self.failure, self.duration = class_name, at - self.at

    def __repr__(self) -> str:
        came = " ".join(str(part) for part in (self.status, self.failure) if part) or "nothing yet"
        return f"<{self.operation or 'unknown'}: {self.method} {self.path} -> {came}>"


class CallLog(Sequence[LoggedCall]):
    """The calls of a fake, or those of them that were asked for."""

    def __init__(self, max_calls: int | None = 10_000, calls: Sequence[LoggedCall] = ()) -> None:
        self._calls: deque[LoggedCall] = deque(calls, maxlen=max_calls)
        self.dropped = 0

    def add(self, call: LoggedCall) -> None:
        """Log a call; the oldest is dropped where there are too many."""
        if self._calls.maxlen is not None and len(self._calls) == self._calls.maxlen:
            self.dropped += 1
        self._calls.append(call)

    def named(self, pattern: str) -> "CallLog":
        """The calls of an operation; `*` and `?` match as in a shell (`"runs.*"`)."""
        found = CallLog(None, [call for call in list(self._calls) if fnmatchcase(call.operation, pattern)])
        found.dropped = self.dropped
        return found

    @property
    def last(self) -> LoggedCall:
        """The newest call. Raises `IndexError` if there is none."""
        return self._calls[-1]

    @property
    def count(self) -> int:  # type: ignore[override]
        """How many calls there are."""
        return len(self._calls)

    def assert_called(self, name: str, times: int | None = None, json: Any = None) -> None:
        """Fail unless an operation was called (`times` times), with a body that has at least `json` in it."""
        calls = self.named(name)
        fitting = [call for call in calls if json is None or difference(json, call.json) is None]
        if (fitting if times is None else len(fitting) == times) and not self.dropped:
            return
        if fitting and times is None:
            return
        raise AssertionError(self._complaint(name, times, json, calls, len(fitting)))

    def _complaint(self, name: str, times: int | None, json: Any, calls: "CallLog", fitting: int) -> str:
        wanted = "at least once" if times is None else f"{times} time(s)"
        lines = [
            f"Expected {name} to be called {wanted}{' with this body' if json is not None else ''}: it was {fitting}."
        ]
        if json is not None and calls:
            nearest = min(calls, key=lambda call: len(difference(json, call.json) or ""))
            lines.append(f"The nearest call, {nearest!r}, differs: {difference(json, nearest.json)}.")
        elif not calls:
            called = sorted({call.operation for call in self._calls})
            lines.append(f"Called were: {', '.join(called) or 'nothing'}.")
        if self.dropped:
            lines.append(f"{self.dropped} older call(s) were dropped: open the fake with a larger max_calls.")
        return "\n".join(lines)

    @overload
    def __getitem__(self, index: int) -> LoggedCall: ...
    @overload
    def __getitem__(self, index: slice) -> list[LoggedCall]: ...
    def __getitem__(self, index: int | slice) -> LoggedCall | list[LoggedCall]:
        return list(self._calls)[index]

    def __iter__(self) -> Iterator[LoggedCall]:
        return iter(list(self._calls))

    def __len__(self) -> int:
        return len(self._calls)

    def __repr__(self) -> str:
        return f"<{len(self._calls)} calls>"


def difference(wanted: Any, got: Any, path: str = "") -> str | None:
    """Where a JSON value lacks something that is wanted of it, in words; `None` if it has it all."""
    if isinstance(wanted, Mapping) and isinstance(got, Mapping):
        for key, value in wanted.items():
            if key not in got:
                return f"{f'{path}.{key}'.lstrip('.')} is missing"
            if found := difference(value, got[key], f"{path}.{key}".lstrip(".")):
                return found
        return None
    if isinstance(wanted, list | tuple) and isinstance(got, list) and len(wanted) == len(got):
        places = enumerate(zip(wanted, got, strict=True))
        return next((found for n, (w, g) in places if (found := difference(w, g, f"{path}[{n}]"))), None)
    return None if wanted == got else f"{path or 'the body'} is {got!r}, expected {wanted!r}"


def _is_secret(name: str) -> bool:
    return any(word in name for word in _SECRET)


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None
