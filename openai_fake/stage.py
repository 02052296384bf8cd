"""What a player needs of the world around its run."""

from typing import Protocol

from .acts import Act
from .clock import Clock
from .context import RunContext
from .errors import Misuse
from .ids import Ids
from .objects.steps import SearchResult
from .script import Script


class Stage(Protocol):
    """What a player needs of the world around its run."""

    clock: Clock
    ids: Ids

    def take_script(self, context: RunContext, never: Script | None) -> Script:
        """The script of a run that starts, or goes on after `never` has ended. Raises `Misuse` for none."""

    def remember(self, misuse: Misuse) -> None:
        """Keep a misuse until the fake closes."""

    def make_file(self, content: str | bytes, filename: str = ...) -> str:
        """The id of a file: given as it is, or made of bytes."""

    def file_name(self, id: str) -> str:
        """The name of a file, made up where there is no such file."""

    def search(self, context: RunContext) -> list[SearchResult]:
        """What a file search finds that was given no results."""

    def allows(self, act: Act) -> bool:
        """Whether an act can be told in the profile."""
