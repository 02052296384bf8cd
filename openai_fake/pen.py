"""Opens and closes steps and messages on a run's timeline: every event goes to the log and the conversation at once.

A step stays open until the player closes it; so does its message, which is why a run can fail in mid-sentence.
"""

from collections.abc import Callable, Iterator
from typing import Any, Literal

from .clock import Clock
from .conversation import Conversation
from .ids import Ids
from .objects.messages import IncompleteMessage, Message, Part
from .objects.runs import LastError, Run, Usage
from .objects.steps import CreatedMessage, MessageCreation, RunStep, StepDetails, ToolCall, ToolCalls
from .timeline import Event, Timeline

Moment = Iterator[float]
"""A stretch of a life that takes no time: it yields 0 after each event, so that a reader can stop there."""

MESSAGE_TOKENS = 2
"""What a model spends around a message or a call, beyond one token a delta."""


class Pen:
    """What writes the events of one run."""

    def __init__(self, conversation: Conversation, timeline: Timeline, clock: Clock, ids: Ids) -> None:
        self.conversation = conversation
        self.timeline = timeline
        self.ids = ids
        self.tokens = 0
        self._clock = clock
        self._step_id: str | None = None
        self._message_id: str | None = None
        self._drafts: list[Callable[[], Part]] = []

    @property
    def run(self) -> Run:
        """The run as it now is."""
        return self.conversation.runs[self.timeline.id]

    @property
    def step(self) -> RunStep | None:
        """The open step as it now is, if there is one."""
        if self._step_id is None:
            return None
        return self.conversation.steps(self.timeline.id)[self._step_id]

    @property
    def message_is_open(self) -> bool:
        """Whether the open step is a message that is being written."""
        return self._message_id is not None

    def tell(self, name: str, data: Any) -> None:
        """Write an event on the log."""
        self.conversation.tell(self.timeline, Event(name, self._clock.now, data))

    def note(self, name: str, data: Any) -> None:
        """Note in the journal what no client is told: an act that is begun, outputs as they came."""
        self.conversation.journal.append(Event(name, self._clock.now, (self.timeline.id, data)))

    def change_run(self, status: str, **changes: Any) -> None:
        """Move the run to a status, and tell it."""
        run = self.conversation.put_run(self.run.with_changes(status=status, **changes))
        self.tell(f"thread.run.{status}", run)

    def open_step(self, details: StepDetails) -> Moment:
        """Begin a step."""
        run = self.run
        step = RunStep.made(
            id=self.ids.make("step"),
            created_at=self._clock.timestamp,
            run_id=run.id,
            assistant_id=run.assistant_id,
            thread_id=run.thread_id,
            type=details.type,
            expires_at=run.expires_at,
            step_details=details,
        )
        self._step_id, self.tokens = step.id, MESSAGE_TOKENS
        self.conversation.put_step(step)
        yield from self._tell_twice("thread.run.step", step)

    def open_message(self) -> Moment:
        """Begin a step that writes a message, and the message in it."""
        run = self.run
        message_id = self.ids.make("message")
        self._message_id, self._drafts = None, []
        yield from self.open_step(MessageCreation.made(message_creation=CreatedMessage.made(message_id=message_id)))
        message = Message.made(
            id=message_id,
            created_at=self._clock.timestamp,
            assistant_id=run.assistant_id,
            thread_id=run.thread_id,
            run_id=run.id,
            status="in_progress",
            role="assistant",
            content=[],
        )
        self._message_id = message_id
        self.conversation.put_message(message)
        yield from self._tell_twice("thread.message", message)

    def add_part(self, draft: Callable[[], Part]) -> int:
        """Begin a part of the open message; `draft` gives it as far as it has been told. Returns its index."""
        self._drafts.append(draft)
        return len(self._drafts) - 1

    def tell_part(self, index: int, part: dict[str, Any]) -> None:
        """Tell a delta of a part of the open message."""
        delta = {"content": [{"index": index, **part}]}
        self.tell("thread.message.delta", {"id": self._message_id, "object": "thread.message.delta", "delta": delta})
        self.tokens += 1

    def keep_parts(self) -> None:
        """Let the open message hold what has been told of it: scripts read it before it is completed."""
        message = self.conversation.messages.get(self._message_id or "")
        if message is not None:
            self.conversation.put_message(message.with_changes(content=[draft() for draft in self._drafts]))

    def add_call(self, call: ToolCall) -> None:
        """Put a call that has been told into the open step."""
        step = self.step
        assert step is not None and isinstance(step.step_details, ToolCalls)
        details = ToolCalls.made(tool_calls=[*step.step_details.tool_calls, call])
        self.conversation.put_step(step.with_changes(step_details=details))

    def tell_call(self, index: int, kind: str, fields: dict[str, Any], id: str | None = None) -> None:
        """Tell a delta of a call of the open step; the id stands in the first one only."""
        head: dict[str, Any] = {"index": index} if id is None else {"index": index, "id": id}
        delta = {"step_details": {"type": "tool_calls", "tool_calls": [{**head, "type": kind, kind: fields}]}}
        self.tell("thread.run.step.delta", {"id": self._step_id, "object": "thread.run.step.delta", "delta": delta})
        self.tokens += 1

    def close(
        self,
        status: Literal["completed", "failed", "cancelled", "expired"],
        usage: Usage,
        *,
        reason: str | None = None,
        error: LastError | None = None,
    ) -> None:
        """End the open step, and the message in it: completed, or incomplete for a `reason`."""
        if self._message_id is not None:
            self._close_message(self._message_id, reason)
        step = self.step
        if step is None:
            return
        ended = {"status": status, f"{status}_at": self._clock.timestamp}
        step = step.with_changes(**ended, last_error=error, usage=usage)
        self.tell(f"thread.run.step.{status}", step)
        if status != "failed":
            # Only the event still shows the run's deadline, what is read later shows none; but a failed step was
            # seen with it (recorded.md 3.5).
            step = step.with_changes(expires_at=None)
        self.conversation.put_step(step)
        self._step_id = None

    def _close_message(self, message_id: str, reason: str | None) -> None:
        self._message_id = None
        message = self.conversation.messages.get(message_id)
        if message is None:
            return
        now = self._clock.timestamp
        changes: dict[str, Any] = {"status": "completed", "completed_at": now}
        if reason is not None:
            details = IncompleteMessage.made(reason=reason)
            changes = {"status": "incomplete", "incomplete_details": details, "incomplete_at": now}
        content = [draft() for draft in self._drafts]
        message = self.conversation.put_message(message.with_changes(content=content, **changes))
        self.tell(f"thread.message.{message.status}", message)

    def _tell_twice(self, kind: str, item: Any) -> Moment:
        self.tell(f"{kind}.created", item)
        yield 0
        self.tell(f"{kind}.in_progress", item)
        yield 0
