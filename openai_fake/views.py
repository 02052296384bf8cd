"""Looking at what there is and what has happened: read-only views, and the transcript."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from .conversation import Conversation
from .objects.messages import Message, Thread
from .objects.runs import Run
from .objects.steps import CodeInterpreterCall, FunctionCall, Logs, RunStep, ToolCall, ToolCalls
from .script import Script
from .timeline import Event
from .world import World


class ThreadView:
    """A thread as a test looks at it: what is in it, oldest first."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation

    @property
    def thread(self) -> Thread:
        """The thread object itself."""
        return self._conversation.thread

    @property
    def id(self) -> str:
        """The thread's id."""
        return self._conversation.id

    @property
    def messages(self) -> list[Message]:
        """All messages."""
        return list(self._conversation.messages.values())

    @property
    def runs(self) -> list[Run]:
        """All runs."""
        return list(self._conversation.runs.values())

    @property
    def steps(self) -> list[RunStep]:
        """The steps of all runs."""
        return [step for run_id in self._conversation.runs for step in self._conversation.steps(run_id).values()]

    def __repr__(self) -> str:
        return f"<{self.id}: {len(self.messages)} messages, {len(self.runs)} runs, {len(self.steps)} steps>"


class Threads(Mapping[str, Thread]):
    """The threads of a world, by id."""

    def __init__(self, world: World) -> None:
        self._world = world

    def __getitem__(self, id: str) -> Thread:
        return self._world.conversations[id].thread

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._world.conversations))

    def __len__(self) -> int:
        return len(self._world.conversations)

    def __repr__(self) -> str:
        return repr(dict(self))


def unplayed(scripts: Sequence[Script]) -> str:
    """The sentence about scripts that nobody has played."""
    lines = [f"{len(scripts)} script(s) were not played:"]
    for script in scripts:
        times = f" (played {script.played} of {script.times} times)" if script.times != 1 else ""
        conditions = f" for {script.when}" if str(script.when) else ""
        lines.append(f"  - {script}{conditions}{times}")
        if script.passed_over:
            lines.append(f"    It did not fit {script.passed_over}: {script.misfit}.")
    lines.append(
        "Start the runs they are for, mark them optional=True or times=None, "
        "or open the fake with assert_all_played=False."
    )
    return "\n".join(lines)


def transcript(world: World, start: float) -> str:
    """All that was said and done, thread by thread, with the virtual time since the start."""
    blocks = []
    for conversation in world.all_conversations():
        deleted = "" if conversation.id in world.conversations else " (deleted)"
        told = [line for event in conversation.journal for line in _told(event)]
        lines = "".join(f"\n  {timedelta(seconds=int(at - start))!s:>8}  {text}" for at, text in told)
        blocks.append(f"{conversation.id}{deleted}{lines or ' (empty)'}")
    return "\n".join(blocks) or "Nothing was said."


def _told(event: Event) -> Iterator[tuple[float, str]]:
    data = event.data
    if isinstance(data, Run) and event.name != "thread.run.created":
        why = data.last_error.message if data.last_error else ""
        why = data.incomplete_details.reason if data.incomplete_details else why
        yield event.at, f"[{data.id}] {event.name.removeprefix('thread.run.')}{f': {why}' if why else ''}"
        if data.required_action is not None:
            for wanted in data.required_action.submit_tool_outputs.tool_calls:
                yield event.at, f"  asks for {wanted.function.name}({wanted.function.arguments})"
    elif isinstance(data, Message) and data.status != "in_progress":
        broken = "" if data.incomplete_details is None else f" [breaks off: {data.incomplete_details.reason}]"
        yield event.at, f"{data.role}: {_said(data)}{broken}"
    elif isinstance(data, RunStep) and data.status == "completed" and isinstance(data.step_details, ToolCalls):
        for call in data.step_details.tool_calls:
            yield event.at, f"  {_done(call)}"


def _done(call: ToolCall) -> str:
    """What a tool has done."""
    if isinstance(call, FunctionCall):
        return f"{call.function.name} gave {call.function.output!r}"
    if isinstance(call, CodeInterpreterCall):
        logs = "".join(output.logs for output in call.code_interpreter.outputs if isinstance(output, Logs))
        return f"code_interpreter ran {call.code_interpreter.input!r}{f' and printed {logs!r}' if logs else ''}"
    found = ", ".join(hit.file_name for hit in call.file_search.results)
    return f"file_search found {found or 'nothing'}"


def _said(message: Message) -> str:
    others = [part.type for part in message.content if part.type not in ("text", "refusal")]
    return " ".join([message.text, *(f"[{kind}]" for kind in others)]).strip()
