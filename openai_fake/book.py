"""The scripts of a fake: which of them a run takes, and which of them nobody has played.

They are played first in, first out, among those that fit; a run takes its script when it starts.
"""

from collections.abc import Callable

from .conditions import RunView
from .differing import cut, short
from .errors import Misuse
from .script import Script, ScriptFunction
from .secrets import redact


class Decorator:
    """What adds a function as a script, if it is ever `used`: where it is not, somebody has forgotten the acts."""

    def __init__(self, script: Script, add: Callable[[ScriptFunction], object]) -> None:
        self._script = script
        self._add = add
        self.used = False

    def __call__(self, function: ScriptFunction) -> ScriptFunction:
        """Add a function, and give it back. Raises `TypeError` for anything else."""
        if not callable(function):
            raise TypeError(f"fake.script(…) decorates a function, not {short(function)}: give it acts themselves.")
        self.used = True
        self._add(function)
        return function

    def __str__(self) -> str:
        """What is wrong where it was not used."""
        given = cut(redact(str(self._script.when)), 200)
        return (
            f"fake.script({given}) at {self._script.where} has no acts, and decorates no function: no run plays it. "
            "Give it what the assistant does, or put it above the generator function that says so."
        )


class ScriptBook:
    """The scripts of a fake, in their order, and the one that plays where none fits."""

    def __init__(self) -> None:
        self.scripts: list[Script] = []
        self.decorators: list[Decorator] = []
        self.default: Script | None = None
        self.unscripted: Script | None = None

    def add(self, script: Script) -> None:
        """Put a script at the end of the queue."""
        self.scripts.append(script)

    def take(self, run: RunView, *, never: Script | None = None) -> Script:
        """The first script that fits a run; `never` is the one it has just ended.

        Raises `Misuse`, with what was scripted and why it did not fit, if there is none and no default.
        """
        chosen = self.default or self.unscripted
        for script in self.scripts:
            if script is never or script.left <= 0:
                continue
            misfit = script.when.misfit(run, script.where)
            if misfit is None:
                chosen = script
                break
            script.passed_over, script.misfit = f"{run.id} (on {run.thread_id})", misfit
        if chosen is None:
            raise Misuse(self._why_none(run, never))
        chosen.played += 1
        return chosen

    def unplayed(self) -> list[Script]:
        """The scripts that should have been played and were not."""
        return [script for script in self.scripts if script.unplayed]

    def unused(self) -> list[Decorator]:
        """The decorators that have decorated nothing."""
        return [decorator for decorator in self.decorators if not decorator.used]

    def _why_none(self, run: RunView, never: Script | None) -> str:
        lines = [
            f"No script fits the run {run.id} on {run.thread_id} (assistant {run.assistant_id}, "
            f"newest user message {short(run.last_message)})."
        ]
        for script in self.scripts:
            lines.append(f"  - {script}: {self._why_not(script, never)}")
        if not self.scripts:
            lines.append("  Nothing was scripted.")
        lines.append(
            'Add one with fake.script(…) or fake.reply("…"), set fake.default_script(…), '
            'or open the fake with unscripted="reply".'
        )
        return "\n".join(lines)

    @staticmethod
    def _why_not(script: Script, never: Script | None) -> str:
        if script is never:
            return "it is the one that has just ended on tool calls"
        if script.left <= 0:
            return f"already played {script.played} of {script.times} times"
        return script.misfit
