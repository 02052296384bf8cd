"""The part of the face that says what the assistant does."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypedDict, TypeVar, Unpack, overload

from .acts import Act, ToolCall, reply
from .book import Decorator
from .conditions import MessageTest
from .context import RunContext
from .house import House
from .script import Script, ScriptFunction, as_acts, called_from, check_is_script, defined_at

F = TypeVar("F", bound=ScriptFunction)


class Keywords(TypedDict, total=False):
    """For which runs a script is, how often it is played, and whether it may be left over."""

    assistant: str | None
    thread: str | None
    message: MessageTest
    when: Callable[[RunContext], object] | None
    times: int | None
    optional: bool


class Scripting(House):
    """Scripts, in the order they are to be played."""

    def reply(self, text: str, **when: Unpack[Keywords]) -> None:
        """Short for `fake.script(reply(text), **when)`: see there for the `when` keywords."""
        self._add_script((reply(text),), called_from(), when, "fake.reply")

    @overload
    def script(self, function: F, /) -> F: ...
    @overload
    def script(self, **when: Unpack[Keywords]) -> Callable[[F], F]: ...
    @overload
    def script(self, *acts: Act | ToolCall | Sequence[ToolCall] | ScriptFunction, **when: Unpack[Keywords]) -> Any: ...
    def script(self, *acts: Any, **when: Unpack[Keywords]) -> Any:
        """What the assistant does in one run: acts one after another, or, as a decorator, a generator function.

        `when` keywords: `assistant=`, `thread=` (ids), `message=` (substring, compiled regex or predicate on the newest
        user message), `when=` (predicate on the run context), `times=1` (`None`: for ever), `optional=False`.
        Scripts are played first in, first out, among those that fit. Raises `TypeError` for what is no act.
        """
        where = called_from()
        if not acts:
            return self._decorator(where, when)
        if len(acts) == 1 and callable(acts[0]):
            return self._add_function(acts[0], when)
        return self._add_script(as_acts(acts), where, when)

    @overload
    def default_script(self, function: F, /) -> F: ...
    @overload
    def default_script(self) -> Callable[[F], F]: ...
    @overload
    def default_script(self, *acts: Act | ToolCall | Sequence[ToolCall]) -> None: ...
    def default_script(self, *acts: Any) -> Any:
        """What an unscripted run does: acts, or, as a decorator (bare or called), a generator function."""
        if not acts:
            return self.default_script
        if len(acts) == 1 and callable(acts[0]):
            check_is_script("fake.default_script", acts[0])
            self._set_default(Script(acts[0], times=None, where=defined_at(acts[0])))
            return acts[0]
        self._set_default(Script(as_acts(acts), times=None))
        return None

    def _decorator(self, where: str, when: Mapping[str, Any]) -> Decorator:
        decorator = Decorator(Script.of((), where, when), lambda function: self._add_function(function, when))
        self._keep(lambda house: house._world.book.decorators.append(decorator))
        return decorator

    def _add_function(self, function: ScriptFunction, when: Mapping[str, Any]) -> ScriptFunction:
        check_is_script("fake.script", function)
        self._add_script(function, defined_at(function), when)
        return function

    def _add_script(self, acts: Any, where: str, when: Mapping[str, Any], by: str = "fake.script") -> None:
        script = Script.of(acts, where, when, by)
        self._keep(lambda house: house._world.book.add(script.fresh()))

    def _set_default(self, script: Script) -> None:
        self._keep(lambda house: setattr(house._world.book, "default", script.fresh()))
