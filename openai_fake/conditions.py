"""Which runs a script is for: conditions on the assistant, the thread, the newest user message, and the run itself."""

import re
from collections.abc import Callable
from types import NoneType
from typing import Any, Protocol

from .checking import check_type
from .differing import short
from .errors import Misuse
from .values import value

MessageTest = str | re.Pattern[str] | Callable[[str], object] | None


class RunView(Protocol):
    """What a script and its conditions can see of a run (`context.RunContext` is the real one)."""

    @property
    def id(self) -> str:
        """The run's id."""

    @property
    def thread_id(self) -> str:
        """The thread's id."""

    @property
    def assistant_id(self) -> str:
        """The assistant's id."""

    @property
    def last_message(self) -> str:
        """The text of the newest user message."""


@value
class When:
    """Which runs a script is for."""

    assistant: str | None = None
    thread: str | None = None
    message: MessageTest = None
    when: Callable[[Any], object] | None = None

    def check(self, by: str) -> None:
        """Raise `TypeError` for what can be no condition; `by`: what it was given to."""
        check_type(by, "assistant", self.assistant, str | None, "the id of an assistant")
        check_type(by, "thread", self.thread, str | None, "the id of a thread")
        if not callable(self.message):
            expected = "a text to be found in the newest user message, a compiled regex, or a function of that message"
            check_type(by, "message", self.message, str | re.Pattern | None, expected)
        if not callable(self.when):
            check_type(by, "when", self.when, NoneType, "a function of the run context")

    def misfit(self, run: RunView, where: str = "") -> str | None:
        """Why the script does not fit a run, or `None` if it does. Raises `Misuse` for a condition that fails, with
        the place `where` the script stands.
        """
        try:
            return self._misfit(run)
        except (Exception, GeneratorExit) as error:
            at = f" at {where}" if where else ""
            raise Misuse(f"The condition ({self}) of the script{at} raised {type(error).__name__}: {error}") from error

    def _misfit(self, run: RunView) -> str | None:
        if self.assistant is not None and self.assistant != run.assistant_id:
            return f"it is for assistant={self.assistant!r}, the run is of {run.assistant_id!r}"
        if self.thread is not None and self.thread != run.thread_id:
            return f"it is for thread={self.thread!r}, the run is on {run.thread_id!r}"
        if self.message is not None and not _says(self.message, run.last_message):
            return f"message={_shown(self.message)} does not match the newest user message {short(run.last_message)}"
        if self.when is not None and not self.when(run):
            return f"when={_shown(self.when)} said no"
        return None

    def __str__(self) -> str:
        conditions = {"assistant": self.assistant, "thread": self.thread, "message": self.message, "when": self.when}
        return ", ".join(f"{name}={_shown(given)}" for name, given in conditions.items() if given is not None)


EVER = When()


def _says(test: MessageTest, text: str) -> bool:
    if isinstance(test, str):
        return test in text
    if isinstance(test, re.Pattern):
        return test.search(text) is not None
    return bool(test is not None and test(text))


def _shown(test: object) -> str:
    return repr(test) if isinstance(test, str | re.Pattern) else getattr(test, "__name__", repr(test))
