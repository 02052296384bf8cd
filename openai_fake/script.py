"""Scripts: what the assistant does in one run, for which runs, and how often."""

import sys
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Iterable, Iterator, Mapping, Sequence
from inspect import signature, unwrap
from typing import Any, TypeGuard

from .acts import INCOMPLETE_REASONS, RUN_ERRORS, Act, CallTools, Fail, StopShort, ToolCall, reply, tool_calls
from .checking import check_type, check_whole
from .conditions import EVER, RunView, When
from .differing import cut
from .errors import Misuse

Acts = Generator[Any, Any, Any] | Iterable[Any] | Act | None
ScriptFunction = Callable[[Any], Acts]


class Script:
    """One script: its acts (a row of them, or a generator function), its conditions, and how often it is played.

    `passed_over`: the last run that it was looked at for and did not fit (as a text); `misfit`: why.
    """

    def __init__(
        self,
        acts: tuple[Act, ...] | ScriptFunction,
        when: When = EVER,
        times: int | None = 1,
        optional: bool = False,
        where: str = "",
    ) -> None:
        self.acts = acts
        self.when = when
        self.times = times
        self.optional = optional
        self.where = where
        self.played = 0
        self.passed_over = ""
        self.misfit = ""

    @classmethod
    def of(
        cls, acts: "tuple[Act, ...] | ScriptFunction", where: str, given: Mapping[str, Any], by: str = "fake.script"
    ) -> "Script":
        """A script of what `fake.script(…)` was given, or what else stands for it (`by`).

        Raises `TypeError` for a keyword that there is not.
        """
        keywords = dict(given)
        times, optional = keywords.pop("times", 1), keywords.pop("optional", False)
        unknown = set(keywords) - {"assistant", "thread", "message", "when"}
        if unknown:
            names = ", ".join(f"{name}=…" for name in sorted(unknown))
            hint = ""
            if by == "fake.reply" and unknown <= signature(reply).parameters.keys():
                hint = f" What the reply itself takes, it is given so: fake.script(reply(…, {names}))."
            raise TypeError(
                f"{by}({names}): a script takes assistant, thread, message, when, times and optional.{hint}"
            )
        if times is not None:
            check_whole(by, "times", times, least=1)
        check_type(by, "optional", optional, bool, "True or False")
        when = When(**keywords)
        when.check(by)
        return cls(acts, when, times, optional, where)

    @property
    def name(self) -> str:
        """The function's name, or the acts themselves as they are written, shortened."""
        if isinstance(self.acts, tuple):
            return cut(", ".join(map(_written, self.acts)), 80)
        return f"{getattr(self.acts, '__name__', repr(self.acts))}(run)"

    @property
    def left(self) -> float:
        """How often it may still be played."""
        return float("inf") if self.times is None else self.times - self.played

    @property
    def unplayed(self) -> bool:
        """Whether it still has to be played for the test to be complete."""
        return not self.optional and self.times is not None and self.played < self.times

    def fresh(self) -> "Script":
        """The same script, not yet played."""
        return Script(self.acts, self.when, self.times, self.optional, self.where)

    def __str__(self) -> str:
        return f"{self.name} ({self.where})" if self.where else self.name

    def __repr__(self) -> str:
        return f"<Script {self}, played {self.played} of {self.times or 'any'} times>"


class Playing:
    """A script that is being played: asked for one act after another."""

    def __init__(self, script: Script, run: RunView) -> None:
        self.script = script
        self._run = run
        self._source: Iterator[Any] | None = None

    def next_act(self, outputs: tuple[str, ...] | None) -> Act | None:
        """The next act, or `None` at the end. `outputs`: what the tool calls before it gave.

        Raises `Misuse` for what is no act, and whatever the script itself raises.
        """
        if self._source is None:
            self._source = self._begin()
        try:
            # A plain iterator has no `send`, so the two kinds are driven apart.
            if isinstance(self._source, Generator):
                told = self._source.send(outputs)
            else:
                told = next(self._source)
        except StopIteration:
            return None
        return self._act(told)

    def close(self) -> None:
        """Finish a generator that will not be asked again."""
        if isinstance(self._source, Generator):
            self._source.close()

    def _begin(self) -> Iterator[Any]:
        if isinstance(self.script.acts, tuple):
            return iter(self.script.acts)
        made: Any = self.script.acts(self._run)
        if isinstance(made, Generator):
            return made
        if isinstance(made, AsyncGenerator | Coroutine):
            if isinstance(made, Coroutine):
                made.close()
            raise Misuse(f"The script {self.script} is async: write it with plain `def`, and yield its acts.")
        if made is None:
            raise Misuse(f"The script {self.script} returned None: yield its acts, such as reply(…), or return them.")
        return iter(made if isinstance(made, tuple | list) else (made,))

    def _act(self, told: object) -> Act:
        if _are_calls(told):
            told = CallTools(tuple(told))
        try:
            return as_act(told)
        except TypeError as error:
            gave = "yielded" if isinstance(self._source, Generator) else "gave"
            raise Misuse(f"The script {self.script} {gave} {told!r}: {error}") from None


def as_act(told: object) -> Act:
    """An act as it is, or one made of a bare tool call. Raises `TypeError` for anything else."""
    if isinstance(told, ToolCall):
        return tool_calls(told)
    if isinstance(told, Act):
        return told
    hint = ""
    if isinstance(told, str):
        hint = f" To say it, write reply({told!r})."
    elif isinstance(told, list | tuple):
        hint = " Give acts one by one, not in a list."
    elif isinstance(told, Generator):
        hint = " Give the function itself, not what it returns."
    raise TypeError(
        "expected an act: reply, refusal, tool_call, tool_calls, code_interpreter, file_search, wait, fail, "
        f"incomplete, expire or usage; got {told!r}.{hint}"
    )


def as_acts(told: Iterable[object]) -> tuple[Act, ...]:
    """A row of acts; a tuple of tool calls among them becomes one step. Raises `TypeError` for anything else."""
    return tuple(tool_calls(*item) if _are_calls(item) else as_act(item) for item in told)


def _are_calls(told: object) -> TypeGuard[Sequence[ToolCall]]:
    return isinstance(told, tuple | list) and bool(told) and all(isinstance(call, ToolCall) for call in told)


def _written(act: Act) -> str:
    """As a script is given it: a call by itself, without the id that it has been given."""
    if not isinstance(act, CallTools):
        return repr(act)
    calls = tuple(ToolCall(call.name, call.arguments) for call in act.calls)
    return repr(calls[0] if len(calls) == 1 else CallTools(calls))


def beyond_the_types(act: Act) -> str | None:
    """What in an act the SDK's types do not know, if anything: such acts are for `profile="recorded"`."""
    if isinstance(act, Fail) and act.code not in RUN_ERRORS:
        return f"fail({act.code!r}, …): the documented codes are {', '.join(RUN_ERRORS)}"
    if isinstance(act, StopShort) and act.reason not in INCOMPLETE_REASONS:
        return f"incomplete({act.reason!r}): the documented reasons are {', '.join(INCOMPLETE_REASONS)}"
    return None


def check_is_script(by: str, function: Callable[..., Any]) -> None:
    """Raise `TypeError` for the function that makes an act: it was meant to be called."""
    if getattr(function, "__module__", "") == reply.__module__:
        name = getattr(function, "__name__", "")
        raise TypeError(f"{by}({name}): this is what makes an act, not a script; call it: {by}({name}(…)).")


def called_from() -> str:
    """Where the caller's caller stands, as `file:line`."""
    frame = sys._getframe(2)
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


def defined_at(function: ScriptFunction) -> str:
    """Where a script function stands, as `file:line`."""
    code = getattr(unwrap(function), "__code__", None)
    return f"{code.co_filename}:{code.co_firstlineno}" if code else ""


def remedy(error: BaseException) -> str:
    """The remedy, where what a script raised does not speak of it."""
    if isinstance(error, AttributeError) and error.name == "send":
        return ". Behind `yield from`, a list cannot be given outputs: yield its acts one by one."
    return ""
