"""Every request and its answer, in order, bounded. No secret is in what an assertion says."""

import warnings
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, overload

from .checking import check_whole
from .differing import differences
from .logged import LoggedCall
from .routing import is_known, meant
from .secrets import redact


class CallLog(Sequence[LoggedCall]):
    """The calls of a fake, oldest first, or those of them that were asked for."""

    def __init__(self, max_calls: int | None = 10_000, calls: Iterable[LoggedCall] = ()) -> None:
        self._calls: deque[LoggedCall] = deque(calls, maxlen=max_calls)
        self._dropped: Counter[str] = Counter()
        self._among: tuple[CallLog, str] | None = None

    @property
    def dropped(self) -> int:
        """How many older calls are not kept any more."""
        return self._dropped.total()

    def add(self, call: LoggedCall) -> None:
        """Log a call; the oldest is dropped where there are too many."""
        if len(self._calls) == self._calls.maxlen:
            self._dropped[self._calls[0].operation if self._calls else call.operation] += 1
        self._calls.append(call)

    def named(self, pattern: str) -> "CallLog":
        """The calls of an operation; `*` and `?` match as in a shell (`"runs.*"`). Warns of an unknown name."""
        found = self._named(pattern)
        if not found and not is_known(pattern):
            # An assertion that there are none would hold for ever.
            told = f"fake.calls.named({pattern!r}): there is no operation {pattern!r}.{meant(pattern)}"
            warnings.warn(told, RuntimeWarning, stacklevel=2)
        return found

    def _named(self, pattern: str) -> "CallLog":
        found = CallLog(None, [call for call in list(self._calls) if fnmatchcase(call.operation, pattern)])
        found._among = self, pattern
        found._dropped.update({name: n for name, n in self._dropped.items() if fnmatchcase(name, pattern)})
        return found

    @property
    def last(self) -> LoggedCall:
        """The newest call. Raises `IndexError` if there is none."""
        if self._calls:
            return self._calls[-1]
        if self._among is None:
            raise IndexError("There is no last call: none was logged.")
        all_calls, pattern = self._among
        lines = [f"There is no last call: none is named {pattern!r}.", all_calls._called()]
        raise IndexError("\n".join(lines if is_known(pattern) else [*lines, _no_operation(pattern)]))

    @property
    def count(self) -> int:  # type: ignore[override]
        """How many calls there are (of those that are kept)."""
        return len(self._calls)

    def assert_called(
        self,
        name: str,
        times: int | None = None,
        json: Any = None,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        method: str | None = None,
        host: str | None = None,
        path: str | None = None,
        status: int | None = None,
    ) -> None:
        """Fail unless an operation was called: `times` times, or at least once.

        `name` may be a pattern. `json`, `query`, `headers`: what the call has at least (objects may have more keys, at
        any depth; header names in any case); `method`, `host`, `path`, `status`: what it has. Only calls that fit
        count. Raises `AssertionError`, which shows the nearest call and where it differs; also for a name that no
        operation has, and where calls were dropped that would have to be counted.
        """
        if times is not None:
            check_whole("assert_called", "times", times)
        given = {"json": json, "query": query, "headers": headers, "method": method, "host": host}
        given |= {"path": path, "status": status}
        wanted = {key: value for key, value in given.items() if value is not None}
        calls = self._named(name)
        far = [differences(wanted, {key: getattr(call, key) for key in wanted}) for call in calls]
        fitting = sum(not places for places in far)
        # What there is not is never called, so that would always hold.
        is_meant = bool(calls) or is_known(name)
        if is_meant and (fitting if times is None else fitting == times and not calls.dropped):
            return
        raise AssertionError(redact(self._complaint(name, times, wanted, calls, far)))

    def _complaint(
        self, name: str, times: int | None, wanted: Mapping[str, Any], calls: "CallLog", far: list[list[str]]
    ) -> str:
        often = "at least once" if times is None else _times(times)
        fitting = sum(not places for places in far)
        known = ", as far as is known" if calls.dropped else ""
        if not calls and not is_known(name):
            return f"{_no_operation(name)}\n{self._called()}"
        lines = [f"Expected {name} to be called {often}{_with(wanted)}, but it was called {_times(fitting)}{known}."]
        missed = [(places, call) for places, call in zip(far, calls, strict=True) if places]
        if missed and fitting < (1 if times is None else times):
            places, nearest = min(missed, key=lambda pair: len(pair[0]))
            lines.append(f"The nearest call, {nearest!r}, differs:")
            lines += [f"  {place}" for place in places[:5]]
        elif not calls:
            lines.append(self._called())
        if calls.dropped:
            lines.append(
                f"{calls.dropped} older call(s) of it were dropped and cannot be counted: the log keeps the last "
                f"{self._calls.maxlen or self.count}; open the fake with a larger max_calls."
            )
        return "\n".join(lines)

    def _called(self) -> str:
        called = Counter(call.operation or "(no operation)" for call in self._calls)
        return f"Called were: {', '.join(f'{name} ({n})' for name, n in called.items()) or 'nothing'}."

    @overload
    def __getitem__(self, index: int) -> LoggedCall: ...
    @overload
    def __getitem__(self, index: slice) -> list[LoggedCall]: ...
    def __getitem__(self, index: int | slice) -> LoggedCall | list[LoggedCall]:
        if isinstance(index, slice):
            return list(self._calls)[index]
        try:
            return self._calls[index]
        except IndexError:
            raise IndexError(f"There is no call {index}: the log has {len(self)}.") from None

    def __iter__(self) -> Iterator[LoggedCall]:
        return iter(list(self._calls))

    def __len__(self) -> int:
        return len(self._calls)

    def __repr__(self) -> str:
        return f"<{len(self._calls)} calls{f', {self.dropped} older ones dropped' if self.dropped else ''}>"


def _no_operation(name: str) -> str:
    return f"There is no operation {name!r}.{meant(name)}"


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def _with(wanted: Mapping[str, Any]) -> str:
    return f" with this {' and '.join(wanted)}" if wanted else ""
