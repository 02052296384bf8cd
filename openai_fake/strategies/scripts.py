"""Scripts: whatever an assistant with certain tools can do in one run.

The rule: every script comes to an end of its own, and the simplest is a single reply.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from hypothesis import strategies as st

from ..acts import (
    INCOMPLETE_REASONS,
    RUN_ERRORS,
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
    wait,
)
from .arguments import arguments, broken_arguments

Tools = Iterable[Any]
"""Tools as an assistant has them (wire-form dicts, or the objects of the SDK or the fake), or bare function names."""

_ANY_OBJECT: dict[str, Any] = {"type": "object", "properties": {}}

texts = st.one_of(st.just("Done."), st.text(min_size=1, max_size=40))
"""What an assistant says."""


def scripts(tools: Tools = (), *, broken: bool = True, max_acts: int = 5) -> st.SearchStrategy[tuple[Act, ...]]:
    """The acts of one run, for `fake.script(*acts)`: up to `max_acts`, the last of which ends the run.

    `tools`: what the assistant has; calls are drawn from the function tools' JSON schemas. `broken`: whether arguments
    may be broken on purpose. Shrinks to `(reply("Done."),)`.
    """
    middles = st.lists(_middle(tuple(tools), broken), max_size=max_acts - 1)
    return st.builds(lambda acts, last: (*acts, last), middles, endings())


def acts(tools: Tools = (), *, broken: bool = True) -> st.SearchStrategy[Act]:
    """Any one act. See `scripts`."""
    return st.one_of(endings(), _middle(tuple(tools), broken))


def endings() -> st.SearchStrategy[Act]:
    """An act that can be the last: a reply or a refusal, a failure, an answer cut short, or the expiry of the run."""
    reasons = st.sampled_from(INCOMPLETE_REASONS)
    return st.one_of(
        texts.map(reply),
        st.builds(incomplete, reasons, st.one_of(st.just(""), texts)),
        st.builds(fail, st.sampled_from(RUN_ERRORS), st.just("Sorry, something went wrong.")),
        st.just(expire()),
        texts.map(refusal),
    )


def _middle(tools: tuple[Any, ...], broken: bool) -> st.SearchStrategy[Act]:
    functions = [found for tool in tools if (found := _function(tool)) is not None]
    kinds = {_field(tool, "type") for tool in tools}
    ways: list[st.SearchStrategy[Any]] = [texts.map(reply)]
    if functions:
        call = st.one_of([_call(name, schema, broken) for name, schema in functions])
        ways.append(st.lists(call, min_size=1, max_size=3).map(lambda calls: tool_calls(*calls)))
    if "code_interpreter" in kinds:
        ways.append(st.builds(code_interpreter, st.just("print(1)"), logs=st.one_of(st.none(), texts)))
    if "file_search" in kinds:
        result = st.builds(lambda text: {"file_id": "file-1", "text": text}, texts)
        ways.append(st.lists(result, min_size=1, max_size=2).map(lambda results: file_search(*results)))
    ways.append(st.integers(1, 700).map(wait))
    return st.one_of(ways)


def _call(name: str, schema: Mapping[str, Any], broken: bool) -> st.SearchStrategy[ToolCall]:
    right = arguments(schema)
    drawn = st.one_of(right, broken_arguments(schema)) if broken else right
    return drawn.map(lambda told: tool_call(name, told))


def _function(tool: Any) -> tuple[str, Mapping[str, Any]] | None:
    """The name and the schema of a function tool."""
    if isinstance(tool, str):
        return tool, _ANY_OBJECT
    function = _field(tool, "function")
    if function is None:
        return None
    return str(_field(function, "name")), _field(function, "parameters") or _ANY_OBJECT


def _field(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)
