"""Ids as symbols: `assistant_1`, `thread_2`, numbered by first appearance; and symbols as ids again."""

from collections import Counter
from collections.abc import Callable
from typing import Any

_KEYS = ("file_id", "file_ids", "vector_store_ids", "images")


class Symbols:
    """The symbols of a scenario that is being made."""

    def __init__(self) -> None:
        self._symbols: dict[str, str] = {}
        self._counts: Counter[str] = Counter()

    def __contains__(self, id: str) -> bool:
        return id in self._symbols

    def of(self, kind: str, id: str) -> str:
        """The symbol of an id, made where it appears for the first time."""
        if id not in self._symbols:
            self._counts[kind] += 1
            self._symbols[id] = f"{kind}_{self._counts[kind]}"
        return self._symbols[id]

    def known(self, id: str) -> str:
        """The symbol of an id that has one; any other id as it is."""
        return self._symbols.get(id, id)


def resolved(value: Any, change: Callable[[str], str], key: str = "") -> Any:
    """A JSON value, each file and vector store that it refers to changed; `thread`, too, where a line names it."""
    if isinstance(value, dict):
        return {name: inner if name == "arguments" else resolved(inner, change, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [resolved(inner, change, key) for inner in value]
    if isinstance(value, str) and (key in _KEYS or key == "thread"):
        return change(value)
    return value
