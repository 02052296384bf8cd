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

    def take_script(self, context: RunContext, never: Script | None) -> Script: ...
    def remember(self, misuse: Misuse) -> None: ...
    def make_file(self, content: str | bytes, filename: str = ...) -> str: ...
    def file_name(self, id: str) -> str: ...
    def search(self, context: RunContext) -> list[SearchResult]: ...
    def allows(self, act: Act) -> bool: ...
