"""Looking at what there is and what has happened: read-only views, and the transcript."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from .conversation import Conversation
from .entries import Entry, entries
from .objects.messages import Message, Thread
from .objects.runs import Run
from .objects.steps import RunStep
from .script import Script
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
        told = entries(conversation, start)
        lines = "".join(f"\n  {elapsed(entry['at']):>8}  {_line(entry)}" for entry in told)
        blocks.append(f"{conversation.id}{deleted}{lines or ' (empty)'}")
    return "\n".join(blocks) or "Nothing was said."


def elapsed(seconds: float) -> str:
    """Virtual time since the start, in whole seconds: `0:10:03`."""
    return str(timedelta(seconds=int(seconds)))


def _line(entry: Entry) -> str:
    match entry:
        case {"kind": "message", "role": role, "text": said, "also": others, "broken": broken}:
            said = " ".join([said, *(f"[{kind}]" for kind in others)]).strip()
            return f"{role}: {said}{f' [breaks off: {broken}]' if broken else ''}"
        case {"kind": "status", "run": run, "status": status, "why": why}:
            return f"[{run}] {status}{f': {why}' if why else ''}"
        case {"kind": "asked", "name": name, "text": arguments}:
            return f"  asks for {name}({arguments})"
        case {"kind": "gave", "name": name, "text": output}:
            return f"  {name} gave {output!r}"
        case {"name": "code_interpreter", "text": code, "out": logs}:
            printed = "".join(logs)
            return f"  code_interpreter ran {code!r}{f' and printed {printed!r}' if printed else ''}"
        case _:
            return f"  {entry['name']} found {', '.join(entry['out']) or 'nothing'}"
