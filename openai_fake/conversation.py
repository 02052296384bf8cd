"""A conversation: a thread with its messages, runs and steps, and the timelines that fill them.

Objects are values that are replaced, never changed; whoever else needs one holds its id.
"""

from .collection import Collection
from .objects.messages import Message, Thread
from .objects.runs import Run
from .objects.steps import RunStep
from .states import ACTIVE, MESSAGE, RUN, STEP, check
from .timeline import Event, Timeline


class Conversation:
    """One thread and all that belongs to it. `journal`: what happened in it, in order, deltas left out.

    `unfinished`: the ids of messages that are being written, or were deleted meanwhile; empty where none is.
    `looked_at`, `idle_looks`: how often clients have looked at it since anything happened (see `polling.look`).
    """

    def __init__(self, thread: Thread) -> None:
        self.thread = thread
        self.messages: Collection[Message] = Collection("message")
        self.runs: Collection[Run] = Collection("run")
        self.timelines: dict[str, Timeline] = {}
        self.journal: list[Event] = []
        self.unfinished: set[str] = set()
        self.looked_at = (0.0, 0)
        self.idle_looks = 0
        self._steps: dict[str, Collection[RunStep]] = {}
        self._last_user_message_id: str | None = None
        self._active: str | None = None

    @property
    def id(self) -> str:
        """The thread's id."""
        return self.thread.id

    @property
    def active_run(self) -> Run | None:
        """The run that locks the thread, if there is one."""
        return self.runs[self._active] if self._active is not None else None

    @property
    def last_user_message(self) -> Message | None:
        """The newest message of role `user`."""
        if self._last_user_message_id is None:
            return None
        return self.messages.get(self._last_user_message_id) or self._find_last_user_message()

    def steps(self, run_id: str) -> Collection[RunStep]:
        """The steps of a run, oldest first. Raises `KeyError` for a run that is not here."""
        steps = self._steps.get(run_id)
        if steps is None:
            steps = self._steps[self.runs[run_id].id] = Collection("run step")
        return steps

    def put_message(self, message: Message) -> Message:
        """Add a message, or replace it; its status moves only along the table."""
        id, status = message.id, message.status
        known = self.messages.objects.get(id)
        if known is None:
            if message.role == "user":
                newest = self.messages.objects.get(self._last_user_message_id or "")
                if newest is None or newest.created_at <= message.created_at:
                    self._last_user_message_id = id
            if status == "in_progress":
                self.unfinished.add(id)
            else:
                self.journal.append(Event("thread.message.created", message.created_at, message))
        elif known.status != status:
            check(MESSAGE, known.status, status)
            self.unfinished.discard(id)
        return self.messages.put(message)

    def remove_message(self, id: str, now: float) -> None:
        """Take a message out. Raises `KeyError` for one that is not here."""
        self.journal.append(Event("thread.message.deleted", now, self.messages[id]))
        self.messages.remove(id)

    def put_run(self, run: Run) -> Run:
        """Add a run, or replace it; its status moves only along the table, and locks or frees the thread."""
        id, status = run.id, run.status
        known = self.runs.objects.get(id)
        if known is None:
            # What is asked of the client is told by whoever plays the run from there.
            if status not in ("queued", "requires_action"):
                self.journal.append(Event(f"thread.run.{status}", run.created_at, run))
        elif known.status != status:
            check(RUN, known.status, status)
        if status in ACTIVE:
            self._active = id
        elif self._active == id:
            self._active = None
        return self.runs.put(run)

    def tell(self, timeline: Timeline, *events: Event) -> None:
        """Write events on the log of one of its runs; all but deltas, which come alone, are of the journal too."""
        timeline.events += events
        if not events[0].name.endswith(".delta"):
            self.journal += events

    def forget_run(self, run_id: str) -> None:
        """Take out a run that never began."""
        self.runs.remove(run_id)
        self._steps.pop(run_id, None)
        if self._active == run_id:
            self._active = None

    def put_step(self, step: RunStep) -> RunStep:
        """Add a step, or replace it; its status moves only along the table."""
        steps = self.steps(step.run_id)
        known = steps.get(step.id)
        if known is not None and known.status != step.status:
            check(STEP, known.status, step.status)
        return steps.put(step)

    def _find_last_user_message(self) -> Message | None:
        page = self.messages.page(1, where=lambda message: message.role == "user")
        found = page.data[0] if page.data else None
        self._last_user_message_id = found.id if found else None
        return found
