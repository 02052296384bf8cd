"""A stateful, in-memory fake of the OpenAI Assistants API, for tests: offline, in milliseconds, and exact."""

from typing import TYPE_CHECKING, Any

from .acts import (
    citation,
    code_interpreter,
    expire,
    fail,
    file_path,
    file_search,
    incomplete,
    refusal,
    reply,
    tool_call,
    tool_calls,
    usage,
    wait,
)
from .fake import OpenAIFake

if TYPE_CHECKING:
    from .scenario.scenario import Scenario

__all__ = [
    "OpenAIFake",
    "Scenario",
    "citation",
    "code_interpreter",
    "expire",
    "fail",
    "file_path",
    "file_search",
    "incomplete",
    "refusal",
    "reply",
    "tool_call",
    "tool_calls",
    "usage",
    "wait",
]


def __getattr__(name: str) -> Any:
    """`Scenario`, which most tests do without, is imported when it is asked for."""
    if name == "Scenario":
        from .scenario.scenario import Scenario

        return Scenario
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
