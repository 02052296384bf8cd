"""Plays a script: the life of a run, from `queued` to its end. It holds ids; the conversation holds the objects."""

from collections.abc import Generator
from contextlib import suppress
from functools import partial
from typing import Any, NoReturn

from . import endings, writer
from .acts import Act, CallTools, Expire, Fail, Hold, Interpret, Measure, Refuse, Say, Search, StopShort, ToolCall, Wait
from .chunks import token_count
from .citing import Citations
from .context import RunContext
from .conversation import Conversation
from .endings import Ending
from .errors import Misuse, caused, our_fault
from .objects.runs import Run, Usage
from .pen import Moment, Pen
from .prompter import Prompter
from .script import Script
from .stage import Stage
from .timeline import Cancelled, Event, Expired, Life, Timeline

QUEUED_SECONDS = 1.0
"""How long a run waits in `queued`, at its start and after outputs were submitted."""

WORKING_SECONDS = 2.0
"""How long it is `in_progress` each time: half before its first act, half after its last."""

CANCELLING_SECONDS = 1.0
"""How long a cancelled run is `cancelling`."""


def begin(
    stage: Stage, conversation: Conversation, run: Run, timeline: Timeline, context: RunContext, script: Script
) -> None:
    """Begin the life of a run that was just created: its first events are told by now, its player comes in its turn."""
    now = stage.clock.now
    conversation.tell(timeline, Event("thread.run.created", now, run), Event("thread.run.queued", now, run))
    timeline.begin_later(partial(_life, stage, conversation, timeline, context, script), now + QUEUED_SECONDS)


def _life(stage: Stage, conversation: Conversation, timeline: Timeline, context: RunContext, script: Script) -> Life:
    return Player(stage, conversation, timeline, context, script).life()


class Player:
    """Plays one run."""

    def __init__(
        self,
        stage: Stage,
        conversation: Conversation,
        timeline: Timeline,
        context: RunContext,
        script: Script | None = None,
    ) -> None:
        self._stage = stage
        self._context = context
        self._pen = Pen(conversation, timeline, stage.clock, stage.ids)
        self._prompter = Prompter(stage, context, script)
        self._measured: Usage | None = None
        self._citations = Citations(stage, context)
        self._spent = Usage.usual()

    def life(self) -> Life:
        """The life of a run that was just created and told, as its timeline drives it."""
        return self._live("queued")

    def life_from(self, calls: tuple[ToolCall, ...] = ()) -> Life:
        """The life of a run that a test put in place in the middle: it goes on from its status.

        `calls`: what a run in `requires_action` has asked for; its script is taken when it is first needed.
        """
        if calls:
            for _ in writer.call_tools(self._pen, CallTools(calls)):
                continue
        status = self._pen.run.status
        if status == "requires_action":
            self._require_outputs()
        yield from self._live(status)

    def _live(self, status: str) -> Life:
        try:
            if status == "cancelling":
                yield from self._cancel()
            else:
                yield from self._play(status)
        except Ending as ending:
            self._end(ending)
        except Expired:
            self._end(endings.expired())
        except Cancelled:
            self._pen.change_run("cancelling", required_action=None)
            yield from self._cancel()
        except GeneratorExit:
            raise
        except BaseException as error:
            # Told by whoever asked; but a run without a life would never end, and its thread never be free.
            self._break_off(error)
            raise
        finally:
            self._prompter.close()

    def _break_off(self, error: BaseException) -> None:
        """Fail a run whose life has met a fault of ours, or an interrupt: of the keyboard, or `pytest.fail()`."""
        told = str(our_fault(error) if isinstance(error, Exception) else caused("The run was interrupted by", error))
        self._prompter.interrupted(error)
        # In the midst of a change there may be no way to an end.
        with suppress(Exception):
            self._pen.note("act", Fail("server_error", told))
            if self._pen.run.status == "requires_action":
                self._go_on()
            self._end(endings.failed("server_error", told))

    def _cancel(self) -> Life:
        yield CANCELLING_SECONDS
        self._end(endings.cancelled())

    def _play(self, status: str) -> Life:
        outputs: tuple[str, ...] | None = None
        if status == "requires_action":
            outputs = yield from self._take_outputs()
        elif status == "queued":
            yield from self._get_going()
        else:
            yield WORKING_SECONDS / 2
        while True:
            act = self._ask(outputs)
            if outputs is not None:
                self._go_on()
                yield from self._get_going()
            elif act is not None and not isinstance(act, Fail | StopShort | Expire | Hold):
                self._close_step()
            if act is None:
                break
            outputs = yield from self._perform(act)
        yield WORKING_SECONDS / 2
        self._close_step()
        # The service could list a finished message while its run was still in progress (recorded.md 7).
        yield 0
        self._pen.change_run("completed", expires_at=None, completed_at=self._now, usage=self._spent)

    def _get_going(self) -> Life:
        yield QUEUED_SECONDS
        self._pen.change_run("in_progress", started_at=self._now)
        yield WORKING_SECONDS / 2

    def _go_on(self) -> None:
        """Take up a run whose outputs have come."""
        self._close_step()
        self._pen.change_run("queued", required_action=None)

    def _ask(self, outputs: tuple[str, ...] | None) -> Act | None:
        """The next act; usage is noted by the way. A script that ended on tool calls is followed by the next."""
        try:
            return self._next_act(outputs)
        except Misuse as misuse:
            self._fail_for(misuse)

    def _next_act(self, outputs: tuple[str, ...] | None) -> Act | None:
        if self._prompter.script is not None:
            act = self._prompter.next_act(outputs)
            while isinstance(act, Measure):
                self._pen.note("act", act)
                self._measured = Usage.of(act.prompt, act.completion)
                act = self._prompter.next_act(None)
            if act is not None or outputs is None:
                return act
        if outputs is not None:
            # What the next script measures first is not what this one has asked for.
            self._close_step()
        self._prompter.take_next()
        return self._next_act(None)

    def _fail_for(self, misuse: Misuse) -> NoReturn:
        self._stage.remember(misuse)
        if self._pen.run.status == "requires_action":
            self._go_on()
        self._pen.note("act", Fail("server_error", str(misuse)))
        raise endings.failed("server_error", str(misuse))

    def _perform(self, act: Act) -> Generator[float | None, Any, tuple[str, ...] | None]:
        if isinstance(act, Hold):
            self._pen.timeline.deadline = None
            yield None
            return None
        self._pen.note("act", act)
        match act:
            case Say():
                act = self._citations.cited_in(act)
                yield from writer.say(self._pen, act, [self._stage.make_file(image) for image in act.images])
            case Refuse():
                yield from writer.refuse(self._pen, act)
            case CallTools():
                yield from writer.call_tools(self._pen, act)
                yield WORKING_SECONDS / 2
                self._require_outputs()
                return (yield from self._take_outputs())
            case Interpret():
                yield from writer.interpret(self._pen, act, [self._stage.make_file(image) for image in act.images])
            case Search():
                yield from writer.search(self._pen, self._citations.found(act))
            case Wait(seconds):
                yield seconds
            case Fail(code, message):
                raise endings.failed(code, message)
            case StopShort():
                yield from self._stop_short(act)
            case Expire():
                yield float("inf")
        return None

    def _stop_short(self, act: StopShort) -> Moment:
        if act.text:
            self._close_step()
            yield from writer.say(self._pen, Say(act.text), ())
        # For the usage that may stand behind it; what else does is not played any more.
        self._ask(None)
        yield WORKING_SECONDS / 2
        raise endings.stopped_short(act.reason)

    def _require_outputs(self) -> None:
        self._pen.change_run("requires_action", required_action=writer.required_action(self._pen.step))

    def _take_outputs(self) -> Generator[float | None, Any, tuple[str, ...]]:
        outputs: dict[str, str] = yield None
        writer.put_outputs(self._pen, outputs)
        given = tuple(outputs.get(call.id, "") for call in writer.function_calls(self._pen.step))
        self._pen.note("outputs", given)
        return given

    def _close_step(self) -> None:
        if self._pen.step is not None:
            self._pen.close("completed", self._usage())

    def _usage(self) -> Usage:
        """What the open step has cost: as the script measured it, or about four characters a token."""
        usage, self._measured = self._measured, None
        if usage is None:
            asked = (self._pen.run.instructions or "") + self._context.last_message
            usage = Usage.of(token_count(asked), self._pen.tokens)
        self._spent = self._spent + usage
        return usage

    def _end(self, ending: Ending) -> None:
        if self._pen.step is not None:
            reason = ending.reason if self._pen.message_is_open else None
            self._pen.close(ending.step, self._usage(), reason=reason, error=ending.step_error)
        self._pen.change_run(ending.status, **ending.of_run(self._now, self._spent))

    @property
    def _now(self) -> int:
        return self._stage.clock.timestamp
