"""What was said in the threads of a recording while it went on, as steps: by its client, and by others."""

from collections.abc import Callable, Iterator
from typing import Any

from .authors import Authors, Tell
from .before import Before
from .evidence import FAULTS, Json, RunEvidence, fault
from .lines import Line
from .runs import sendable
from .symbols import Symbols


class Saying:
    """The messages of a recording, each where it was said. `tell`: takes what is not certain, and what it is about."""

    def __init__(self, authors: Authors, before: Before, symbols: Symbols, tell: Tell) -> None:
        self._authors = authors
        self._before = before
        self._symbols = symbols
        self._tell = tell
        self._left: dict[str, list[Json]] = {}

    def by_client(self, at: float, thread_id: str, messages: Any) -> Iterator[Line]:
        """What a request has said."""
        thread = self._symbols.of("thread", thread_id)
        for message in messages or ():
            key = "user" if message.get("role", "user") == "user" else "as_assistant"
            line = {"at": at, "thread": thread, key: sendable(message.get("content") or "")}
            attachments = {"attachments": message["attachments"]} if message.get("attachments") else {}
            yield self._before.named(line | attachments)

    def by_others_before_run(self, thread_id: str, run: RunEvidence, when: Callable[[Json], float]) -> Iterator[Line]:
        """What others have said before a run. `when`: the second of the recording that a message is of."""
        for message in self._taken(thread_id, lambda message: self._authors.comes_before(message, run, self._tell)):
            yield from self._by_other(message, when(message))

    def by_others_before(self, thread_id: str, id: str, when: Callable[[Json], float]) -> Iterator[Line]:
        """What others have said before a message."""
        for message in self._taken(thread_id, lambda message: self._authors.is_before(message, id)):
            yield from self._by_other(message, when(message))

    def by_others(self, when: Callable[[Json], float]) -> Iterator[Line]:
        """What others have said and nothing has come after."""
        for thread_id in list(self._left):
            for message in self._taken(thread_id, lambda _: True):
                yield from self._by_other(message, when(message))

    def _taken(self, thread_id: str, fits: Callable[[Json], bool]) -> list[Json]:
        if thread_id not in self._left:
            others = self._authors.others(thread_id)
            self._left[thread_id] = [message for message in others if message["id"] not in self._symbols]
        left = self._left[thread_id]
        found = [message for message in left if fits(message)]
        self._left[thread_id] = [message for message in left if message not in found]
        return found

    def _by_other(self, message: Json, at: float) -> Iterator[Line]:
        id, run_id = message["id"], message.get("run_id")
        if run_id:
            self._tell(f"{id} was said by {run_id}, which is not played, after a run that is: left out.", id)
            return
        try:
            said = list(self.by_client(at, message["thread_id"], [message]))
        except FAULTS as error:
            self._tell(f"{id} is left out, it cannot be understood: {fault(error)}.", id)
            return
        told = f"no request that is recorded has written {id}: it stands where it was said, and a replay expects it."
        self._tell(told, id)
        yield from said
