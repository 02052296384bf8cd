"""A stateful, in-memory fake of the OpenAI Assistants API, for tests: offline, in milliseconds, and exact."""

import gc
from importlib import import_module
from typing import TYPE_CHECKING, Any

_collecting = gc.isenabled()
try:
    # Some hundred classes are made here, and none of them is garbage: to look for it would take a tenth of the time.
    gc.disable()
    from .acts import (
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
    """What most tests do without is imported when it is asked for."""
    if name == "Scenario":
        from .scenario.scenario import Scenario

        return Scenario
    if name in ("faults", "strategies"):
        return import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
