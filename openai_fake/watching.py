"""Who wants to know of every fake that opens: the pytest plugin, so that it can tell what happened in a test."""

from collections.abc import Callable
from typing import Any

watchers: list[Callable[[Any], object]] = []
"""Called with a fake when it has opened, on the thread that opened it."""


def opened(fake: Any) -> None:
    """Tell them."""
    for watcher in tuple(watchers):
        watcher(fake)
