"""What each call was about, and what its answer told the client of a run: all that a verdict on the client rests on."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from .logged import LoggedCall
from .states import RUN, WAITING

_PATH = re.compile(r"^/threads/(?P<thread>[^/]+)(?:/runs/(?P<run>[^/]+))?")


class Sighting(NamedTuple):
    """One call. `number`: its place among the calls. `thread`, `run`: what it was about. `status`: of the run, as the
    client was told; empty if it was not.

    `cut`: whether it was a stream that ended for the client before the run had come to rest.
    """

    number: int
    call: LoggedCall
    thread: str
    run: str
    status: str
    cut: bool = False

    @property
    def refusal(self) -> str:
        """The message of a refusal; empty where there was none."""
        return str(self._error.get("message") or "")

    @property
    def code(self) -> str:
        """The code of a refusal."""
        return str(self._error.get("code") or "")

    @property
    def by_sdk(self) -> bool:
        """Whether it is a retry that the SDK has made of its own accord."""
        return self.call.headers.get("x-stainless-retry-count", "0") != "0"

    @property
    def outputs(self) -> frozenset[str]:
        """The ids of the tool calls whose outputs it submits."""
        sent = self.call.json
        given = sent.get("tool_outputs") if isinstance(sent, dict) else None
        return frozenset(str(item.get("tool_call_id")) for item in given or () if isinstance(item, dict))

    @property
    def came_too_late(self) -> bool:
        """Whether the run had expired by the time this answer arrived: nobody could have been in time."""
        runs = list(_runs(self.call.answer))
        expires_at = runs[0].get("expires_at") if runs else None
        return expires_at is not None and self.call.at + self.call.duration >= float(expires_at)

    @property
    def _error(self) -> dict[str, Any]:
        answer = self.call.answer if self.call.status >= 400 else None
        error = answer.get("error") if isinstance(answer, dict) else None
        return error if isinstance(error, dict) else {}


def sightings(calls: Iterable[LoggedCall]) -> list[Sighting]:
    """The calls, in order, with what they told."""
    return [_sighting(number, call) for number, call in enumerate(calls)]


def _sighting(number: int, call: LoggedCall) -> Sighting:
    found = _PATH.match(call.path) if call.operation != "threads.create_and_run" else None
    thread, run = (found["thread"], found["run"] or "") if found else ("", "")
    if call.stream is not None:
        reading, over = call.stream.reading, call.stream.over
        # A stream that has ended without a word has told that there is a run.
        told = reading.told or ("queued" if over else "")
        return Sighting(number, call, thread or reading.thread_id, reading.run_id, told, over and told in WAITING)
    if call.status == 200:
        runs = list(_runs(call.answer))
        if call.query.get("order") == "asc":
            runs.reverse()
        if runs:
            # Of a list the newest counts, whichever end it stands at.
            newest = max(runs, key=lambda run: int(run.get("created_at") or 0))
            return Sighting(number, call, newest["thread_id"], newest["id"], newest["status"])
    return Sighting(number, call, thread, run, "")


def _runs(answer: Any) -> Iterator[dict[str, Any]]:
    """The run of an answer, or all of a list of them."""
    if not isinstance(answer, dict):
        return
    told = answer.get("data") if answer.get("object") == "list" else [answer]
    for item in told or ():
        if isinstance(item, dict) and item.get("object") == "thread.run" and item.get("status") in RUN:
            yield item
