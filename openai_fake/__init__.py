"""A stateful, in-memory fake of the OpenAI Assistants API, for tests: offline, in milliseconds, and exact."""

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

__all__ = [
    "OpenAIFake",
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
