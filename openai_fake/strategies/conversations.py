"""Conversations: what a user says, what the assistant does each time, and the trouble on the way."""

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from ..acts import Act
from .scripts import Tools, scripts
from .trouble import Trouble, trouble


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of the user, and the script of the run that answers it."""

    message: str
    script: tuple[Act, ...]


@dataclass(frozen=True, slots=True)
class Conversation:
    """Turns, one after another, and the trouble that strikes them.

    `arrange` scripts and injects all of it on a fake; then the code under test is asked one message after another.
    """

    turns: tuple[Turn, ...]
    trouble: tuple[Trouble, ...] = ()

    @property
    def messages(self) -> list[str]:
        """What the user says."""
        return [turn.message for turn in self.turns]

    @property
    def acts(self) -> tuple[Act, ...]:
        """Everything the assistant does."""
        return tuple(act for turn in self.turns for act in turn.script)

    def arrange(self, fake: Any) -> None:
        """Script every turn, and inject the trouble. The scripts are optional: a loop may have to give up earlier."""
        for turn in self.turns:
            fake.script(*turn.script, optional=True)
        for strike in self.trouble:
            strike.arrange(fake)


def conversations(
    tools: Tools = (), *, max_turns: int = 2, faults: bool = True, streams: bool = False, broken: bool = True
) -> st.SearchStrategy[Conversation]:
    """Conversations with an assistant of these tools (see `scripts`).

    `faults`: whether trouble strikes. `streams`: that of streams, too. Shrinks to one turn, one reply, and no trouble.
    """
    messages = st.one_of(st.just("Hello?"), st.text(min_size=1, max_size=20))
    turns = st.lists(st.builds(Turn, messages, scripts(tools, broken=broken)), min_size=1, max_size=max_turns)
    strikes = trouble(streams=streams) if faults else st.just(())
    return st.builds(Conversation, turns.map(tuple), strikes)
