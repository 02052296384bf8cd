"""Who wrote the messages that a recording shows: its requests, its runs, or somebody else.

The rule: where it is not certain, it is said which way it was taken.
"""

from collections.abc import Callable, Iterable
from typing import Any

from .evidence import Evidence, Json, RunEvidence, second_of
from .exchanges import Exchange
from .runs import plain_content

Tell = Callable[[str, str], None]
"""Takes what is not certain, in words, and the id of what it is about."""


class Authors:
    """The messages of a recording by those who wrote them.

    `given`: the ids of the messages that came inside of a request for a thread or a run, by its number, in order;
    `None` for one that was never shown.
    """

    def __init__(self, evidence: Evidence, exchanges: Iterable[Exchange]) -> None:
        self._evidence = evidence
        self._places = evidence.places("messages.list")
        self._known: set[str] = set()
        self._rows: dict[str, list[Json]] = {}
        self.given: dict[int, list[str | None]] = {}
        for exchange in exchanges:
            messages = given_messages(exchange)
            if messages:
                self.given[exchange.number] = self._found(exchange, messages)

    def others(self, thread_id: str) -> list[Json]:
        """The messages of a thread that no request has written and no run that will be played has said."""
        return [
            message
            for message in self._row(thread_id)
            if message["id"] not in self._evidence.made | self._known and not self._is_of_a_run(message)
        ]

    def comes_before(self, message: Json, run: RunEvidence, tell: Tell) -> bool:
        """Whether a message was written before a run of its thread; where nothing tells, it is taken so."""
        follows = self._follows(message, run)
        if follows is None:
            tell(f"{message['id']} may also have been written after {run.id}: it stands before.", message["id"])
        return not follows

    def is_before(self, message: Json, other_id: str) -> bool:
        """Whether a message stands before another of its thread."""
        order = [item["id"] for item in self._row(message["thread_id"])]
        return other_id in order and order.index(message["id"]) < order.index(other_id)

    def runs_on(self, thread_id: str) -> list[RunEvidence]:
        """The runs of a thread that will be played, oldest first."""
        runs = self._evidence.runs.values()
        played = [run for run in runs if run.thread_id == thread_id and self._is_played(run)]
        return sorted(played, key=lambda run: second_of(run.last))

    def _follows(self, message: Json, run: RunEvidence) -> bool | None:
        """Whether it was written after the run had begun, and so after its end: a run locks its thread."""
        begun, written = second_of(run.last), second_of(message)
        shown = self._evidence.seen[message["id"]][0][0]
        if run.made_by is not None and shown < run.made_by:
            return False
        if 0 in (begun, written) or begun == written:
            said = [self._places[id] for id in run.messages if id in self._places]
            place = self._places.get(message["id"])
            return None if place is None or not said else place > min(said)
        return written > begun

    def _row(self, thread_id: str) -> list[Json]:
        if thread_id not in self._rows:
            self._rows[thread_id] = self._evidence.messages_of(thread_id)
        return self._rows[thread_id]

    def _is_played(self, run: RunEvidence) -> bool:
        return bool(run.sightings or run.steps) and not self._evidence.is_old(run.id)

    def _is_of_a_run(self, message: Json) -> bool:
        run = self._evidence.runs.get(message.get("run_id") or "")
        return run is not None and self._is_played(run)

    def _found(self, exchange: Exchange, messages: list[Json]) -> list[str | None]:
        """The ids of what a request has said: by role and content, else, as what is shown may be put otherwise, by
        the role alone."""
        item = next(exchange.objects(), {})
        thread_id = item.get("thread_id") or item.get("id", "")
        left = [message for message in self.others(thread_id) if _is_of(item, message)]
        found: list[str | None] = [None] * len(messages)
        for key in (_as_said, _role):
            for number, message in enumerate(messages):
                same = next((one for one in left if key(one) == key(message)), None)
                if found[number] is None and same is not None:
                    found[number] = same["id"]
                    left.remove(same)
        self._known.update(id for id in found if id is not None)
        return found


def given_messages(exchange: Exchange) -> list[Json]:
    """The messages inside of a request that makes a thread or a run."""
    body = exchange.asked if exchange.went_well else {}
    if exchange.operation == "threads.create_and_run":
        body = body.get("thread") or {}
    name = "additional_messages" if exchange.operation == "runs.create" else "messages"
    if exchange.operation not in ("threads.create", "threads.create_and_run", "runs.create"):
        return []
    messages = body.get(name) if isinstance(body, dict) else None
    return [message for message in messages or () if isinstance(message, dict)]


def _is_of(made: Json, message: Json) -> bool:
    """Whether a message may have come with what a request has made: no run has said it, and it is as old."""
    return not message.get("run_id") and abs(second_of(message) - second_of(made)) <= 1


def _role(message: Json) -> Any:
    return message.get("role", "user")


def _as_said(message: Json) -> Any:
    content = message.get("content")
    return _role(message), plain_content(content) if isinstance(content, str | list) else content
