"""One recorded request with its answer, as a plain value, whatever file it came from; and the plain form itself."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from .. import operations  # noqa: F401  (importing the operations registers them)
from ..routing import find
from .keys import PLAIN

KINDS = {
    "assistant": "assistant",
    "thread": "thread",
    "thread.message": "message",
    "thread.run": "run",
    "thread.run.step": "step",
    "file": "file",
    "vector_store": "vector_store",
    "vector_store.file": "store_file",
    "vector_store.file_batch": "file_batch",
    "vector_store.files_batch": "file_batch",
}
"""What an `object` key says, as the kind of thing it is."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer.

    `number`: its place in the recording, from 0. `path`: behind the base prefix. `request`: JSON, text for what is
    none, `None` for nothing. `response`: JSON or text; `events`: the pairs of a stream instead. `content`: of a file
    that was downloaded, where every byte is known. `at`: Unix seconds.
    """

    number: int
    method: str
    path: str
    status: int
    query: tuple[tuple[str, str], ...] = ()
    beta: str | None = None
    request: Any = None
    content_type: str = "application/json"
    response: Any = None
    events: tuple[tuple[str, Any], ...] | None = None
    content: bytes | None = None
    at: int | None = None
    origin: str = ""

    @property
    def operation(self) -> str:
        """The SDK's dotted name of what was called, empty where the fake serves no such thing."""
        found = find(self.method, self.path)
        return found[0].name if found else ""

    @property
    def ids(self) -> dict[str, str]:
        """The ids in the path, by their names in the route."""
        found = find(self.method, self.path)
        return found[1] if found else {}

    @property
    def asked(self) -> dict[str, Any]:
        """The JSON object that was sent; empty where none was."""
        return self.request if isinstance(self.request, dict) else {}

    @property
    def went_well(self) -> bool:
        """Whether the service did what it was asked."""
        return 200 <= self.status < 300

    @property
    def refusal(self) -> str | None:
        """The message of a refusal; `None` where the answer holds none."""
        error = self.response.get("error") if isinstance(self.response, dict) else None
        return str(error.get("message")) if isinstance(error, dict) else None

    def objects(self) -> Iterator[dict[str, Any]]:
        """Every object of the answer: the one it is, those it lists, those its events carry."""
        if self.events is not None:
            for _, data in self.events:
                yield from _objects(data)
        else:
            yield from _objects(self.response)

    def __str__(self) -> str:
        return f"{self.origin or 'exchange'} #{self.number}: {self.method} {self.path} -> {self.status}"


def is_download(method: str, path: str) -> bool:
    """Whether the answer to a request is a file, and no JSON even where it looks like it."""
    found = find(method, path)
    return found is not None and found[0].name == "files.content"


ASKED_ON = "asked by the recorder"
"""The `origin` of what no client has asked and seen."""


@dataclass(frozen=True, slots=True)
class Recording:
    """Exchanges in the order they were made. `parts`: the files they stand in."""

    name: str
    exchanges: tuple[Exchange, ...]
    parts: tuple[str, ...] = field(default=())


class NotARecording(ValueError):
    """A file that cannot be understood; the text says which, where and why."""


def plain(path: Path, data: Any) -> Recording:
    """The plain form: `{"source", "exchanges": [{"at", "method", "path", …}]}`. Raises `NotARecording`."""
    if not isinstance(data, Mapping) or not isinstance(data.get(PLAIN), list):
        raise NotARecording(f"{path}: expected an object with a list of exchanges.")
    made = []
    for number, entry in enumerate(data[PLAIN]):
        try:
            made.append(_exchange(number, entry, path.name))
        except (KeyError, TypeError, ValueError) as error:
            raise NotARecording(f"{path}: exchange {number} cannot be understood: {error!r}.") from None
    return Recording(path.stem, tuple(made), (path.name,))


def grouped(recordings: Iterable[Recording]) -> list[Recording]:
    """Recordings with their set-up: `x_thread_setup` holds requests that were made before those of `x`."""
    by_name = {recording.name: recording for recording in recordings}
    setups: dict[str, list[Recording]] = {}
    for name in by_name:
        if name.endswith("_setup"):
            mains = [main for main in by_name if name.startswith(f"{main}_") and not main.endswith("_setup")]
            if mains:
                setups.setdefault(max(mains, key=len), []).append(by_name[name])
    setups = {main: _related(by_name[main], named) for main, named in setups.items()}
    joined = {setup.name for several in setups.values() for setup in several}
    return [
        _joined(recording, setups.get(recording.name, ()))
        for recording in by_name.values()
        if recording.name not in joined
    ]


def _related(main: Recording, named: Sequence[Recording]) -> list[Recording]:
    """Those that are about the same things: one asks for what the other has made. A name alone does not say so."""
    group, left = [main], list(named)
    while found := next((one for one in left if any(_is_about(one, other) for other in group)), None):
        group.append(found)
        left.remove(found)
    return [one for one in named if one in group]


def _is_about(one: Recording, other: Recording) -> bool:
    made, asked = ({id for exchange in one.exchanges for id in ids(exchange)} for ids in (made_ids, _asked_ids))
    return any(
        made.intersection(_asked_ids(exchange)) or asked.intersection(made_ids(exchange))
        for exchange in other.exchanges
    )


def _joined(main: Recording, setups: Sequence[Recording]) -> Recording:
    if not setups:
        return main
    left = [exchange for part in (*setups, main) for exchange in part.exchanges]
    left.sort(key=lambda exchange: exchange.at or 0)
    ordered: list[Exchange] = []
    while left:
        later = {id for exchange in left for id in made_ids(exchange)}
        ready = (e for e in left if not (later - set(made_ids(e))) & set(_asked_ids(e)))
        ordered.append(next(ready, left[0]))
        left.remove(ordered[-1])
    exchanges = tuple(replace(exchange, number=number) for number, exchange in enumerate(ordered))
    return Recording(main.name, exchanges, (*(part.name for part in setups), *main.parts))


def made_ids(exchange: Exchange) -> list[str]:
    """The ids of what a request has made, as far as its answer tells them."""
    operation = exchange.operation
    makes = operation.endswith((".create", "create_and_run")) and operation != "vector_stores.files.create"
    if not exchange.went_well or not makes:
        return []
    first = next(exchange.objects(), {})
    made = [first.get("id"), first.get("thread_id") if operation == "threads.create_and_run" else None]
    if exchange.events is not None and operation == "threads.create_and_run":
        made += [item["id"] for item in exchange.objects() if item.get("object") == "thread.run"][:1]
    return [id for id in made if isinstance(id, str)]


def _asked_ids(exchange: Exchange) -> list[str]:
    return [*exchange.ids.values(), str(exchange.asked.get("assistant_id", ""))]


def _exchange(number: int, entry: Mapping[str, Any], origin: str) -> Exchange:
    query = entry.get("query") or {}
    events = entry.get("events")
    return Exchange(
        number=number,
        method=str(entry["method"]).upper(),
        path=str(entry["path"]),
        status=int(entry["status"]),
        query=tuple(pairs(query)),
        beta=entry.get("beta"),
        request=entry.get("request"),
        content_type=str(entry.get("content_type") or ""),
        response=entry.get("response"),
        events=None if events is None else tuple((name, data) for name, data in events),
        at=seconds(entry.get("at")),
        origin=origin,
    )


def pairs(query: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """A query as pairs; a list gives a pair for each of its values."""
    for name, value in query.items():
        for one in value if isinstance(value, list) else [value]:
            yield name, str(one)


def seconds(date: Any) -> int | None:
    """A date header as Unix seconds, `None` where it is none (or was sanitized)."""
    if isinstance(date, int | float):
        return int(date)
    try:
        return int(parsedate_to_datetime(str(date)).timestamp())
    except (TypeError, ValueError):
        return None


def as_json(text: Any) -> Any:
    """A body as JSON; text that is none stays text, nothing is `None`."""
    if not isinstance(text, str | bytes):
        return text
    if not text:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return text if isinstance(text, str) else text.decode("utf-8", "replace")


def _objects(data: Any) -> Iterator[dict[str, Any]]:
    if not isinstance(data, dict):
        return
    if isinstance(data.get("data"), list):
        for item in data["data"]:
            yield from _objects(item)
    elif data.get("object") in KINDS and isinstance(data.get("id"), str):
        yield data
