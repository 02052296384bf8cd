"""A stateful, in-memory fake of the OpenAI Assistants API, for tests: offline, in milliseconds, and exact."""

import gc
from importlib import import_module
from typing import TYPE_CHECKING, Any

_collecting = gc.isenabled()
try:
    # Some hundred classes are made here, and none of them is garbage: to look for it would take a tenth of the time.
    gc.disable()
    from .acts import (
        Act,
        ToolCall,
        code_interpreter,
        expire,
        fail,
        file_search,
        incomplete,
        refusal,
        reply,
        tool_call,
        tool_calls,
        usage,
        wait,
    )
    from .annotations import citation, file_path
    from .context import RunContext
    from .fake import OpenAIFake
finally:
    if _collecting:
        if hasattr(gc, "freeze") and not gc.get_freeze_count():
            # Counted among the old objects, or the next small collection would go through all of them at once.
            gc.freeze()
            gc.unfreeze()
        gc.enable()

if TYPE_CHECKING:
    from . import faults as faults
    from . import strategies as strategies
    from .scenario.scenario import Scenario

__all__ = [
    "Act",
    "OpenAIFake",
    "RunContext",
    "Scenario",
    "ToolCall",
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


_LATER = ("Scenario", "faults", "strategies")
"""What most tests do without: it is imported when it is asked for."""

# A type checker would take it to say that every name is here.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if name == "Scenario":
            from .scenario.scenario import Scenario

            return Scenario
        if name in _LATER:
            return import_module(f".{name}", __name__)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER})
