"""What tests of strategies share: the smallest example, found the same way every time, and everything that is drawn."""

from collections.abc import Callable
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

T = TypeVar("T")

_SEEK = settings(
    database=None,
    derandomize=True,
    max_examples=2000,
    suppress_health_check=list(HealthCheck),
    deadline=None,
    phases=[Phase.generate, Phase.shrink],
)


def smallest(strategy: st.SearchStrategy[T], wanted: Callable[[T], object]) -> T:
    """The smallest value of a strategy for which `wanted` holds. Fails if none is found."""
    return find(strategy, lambda drawn: bool(wanted(drawn)), settings=_SEEK)


def drawn(strategy: st.SearchStrategy[T], count: int) -> list[T]:
    """So many values of a strategy."""
    seen: list[T] = []

    @settings(_SEEK, max_examples=count, phases=[Phase.generate])
    @given(value=strategy)
    def look(value: Any) -> None:
        seen.append(value)

    look()
    return seen
