"""Acts as values: what is made of what a test writes, and what is refused in which words."""

import json
from math import nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import openai_fake
from openai_fake import (
    citation,
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
from openai_fake.acts import (
    CallTools,
    Expire,
    Fail,
    Interpret,
    Measure,
    Refuse,
    Say,
    Search,
    StopShort,
    ToolCall,
    Wait,
)
from tests.kit import api

MADE: list[Any] = [
    (reply("Hi"), Say("Hi")),
    (reply("Hi", chunks=2), Say("Hi", 2)),
    (reply("Hi", chunks=["H", "i"], images=["file-1", b"png"]), Say("Hi", ("H", "i"), (), ("file-1", b"png"))),
    (refusal("No."), Refuse("No.")),
    (tool_call("f"), ToolCall("f", "{}")),
    (tool_call("f", "not json"), ToolCall("f", "not json")),
    (tool_call("f", {"a": 1}, b="ü"), ToolCall("f", '{"a":1,"b":"ü"}')),
    (tool_call("f", name="x", arguments="y"), ToolCall("f", '{"name":"x","arguments":"y"}')),
    (tool_calls(tool_call("f"), tool_call("g")), CallTools((ToolCall("f", "{}"), ToolCall("g", "{}")))),
    (code_interpreter("1+1", logs="2", images=["file-1"]), Interpret("1+1", "2", ("file-1",))),
    (file_search(), Search(None)),
    (file_search({"file_id": "file-1", "score": 0.5}), Search(({"file_id": "file-1", "score": 0.5},))),
    (wait(1.5), Wait(1.5)),
    (fail("server_error", "Sorry."), Fail("server_error", "Sorry.")),
    (incomplete("max_completion_tokens", "Once"), StopShort("max_completion_tokens", "Once")),
    (expire(), Expire()),
    (usage(3, 4), Measure(3, 4)),
]


@pytest.mark.parametrize(("made", "expected"), MADE)
def test_an_act_is_a_value(made: object, expected: object) -> None:
    assert made == expected


REFUSED: list[Any] = [
    (lambda: reply(5), TypeError, "reply(text): expected a str, got 5."),  # type: ignore[arg-type]
    (lambda: refusal(None), TypeError, "refusal(text): expected a str, got None."),  # type: ignore[arg-type]
    (lambda: tool_call({"a": 1}), TypeError, "tool_call(name): expected a str, got {'a': 1}."),  # type: ignore[arg-type]
    (lambda: code_interpreter(b""), TypeError, "code_interpreter(input): expected a str, got b''."),  # type: ignore[arg-type]
    (
        lambda: reply("Hi", chunks=["H", "o"]),
        ValueError,
        "reply(chunks=…): the pieces join to 'Ho', expected the text 'Hi'.",
    ),
    (
        lambda: reply("Hi", annotations=[citation("file-1", "[1]")]),
        ValueError,
        "reply(annotations=…): the marker '[1]' is not in the text 'Hi' (any more).",
    ),
    (
        lambda: tool_call("f", "{}", a=1),
        ValueError,
        "tool_call(): give the arguments as a string or as keywords, not both.",
    ),
    (tool_calls, TypeError, "tool_calls(*calls): give one tool_call(…) or more, not ()."),
    (
        lambda: tool_calls(reply("Hi")),  # type: ignore[arg-type]
        TypeError,
        f"tool_calls(*calls): give one tool_call(…) or more, not ({reply('Hi')!r},).",
    ),
    (
        lambda: file_search({"score": 1}),
        ValueError,
        "file_search({'score': 1}): a result is a dict with at least a file_id.",
    ),
    (
        lambda: file_search({"file_id": "file-1", "score": "high"}),
        TypeError,
        "file_search({'score': 'high'}): expected a number.",
    ),
    (
        lambda: file_search({"file_id": "file-1", "filename": "a.txt"}),
        TypeError,
        "file_search({'filename': …}): a result has file_id, file_name, score, text, attributes.",
    ),
    (lambda: reply("Hi", images=[3]), TypeError, "reply(images=3): expected file ids or bytes."),  # type: ignore[list-item]
    (
        lambda: code_interpreter("1", images=[None]),  # type: ignore[list-item]
        TypeError,
        "code_interpreter(images=None): expected file ids or bytes.",
    ),
    (lambda: tool_call("f", x=nan), ValueError, "Out of range float values are not JSON compliant"),
    (lambda: wait(nan), ValueError, "wait(nan): no clock comes to that; give seconds that end."),
    (lambda: wait(-1), ValueError, "wait(-1): time only moves forward; give seconds >= 0."),
]


@pytest.mark.parametrize(("make", "kind", "message"), REFUSED)
def test_what_is_no_act_is_refused_at_once(make: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind) as caught:
        make()
    # Behind a colon, newer Pythons name the value that JSON cannot hold.
    assert str(caught.value) == message or (kind is ValueError and str(caught.value).startswith(f"{message}: "))


@given(st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.integers())))
def test_the_arguments_of_a_call_are_the_json_of_what_was_given(arguments: dict[str, Any]) -> None:
    assert json.loads(tool_call("f", arguments).arguments) == arguments


def test_every_act_is_a_name_of_the_package() -> None:
    acts = {
        "reply", "refusal", "tool_call", "tool_calls", "code_interpreter", "file_search", "wait", "fail", "incomplete",
        "expire", "usage", "citation", "file_path",
    }  # fmt: skip
    assert acts <= set(openai_fake.__all__)
    assert sorted(openai_fake.__all__) == openai_fake.__all__
    assert all(getattr(openai_fake, name).__doc__ for name in openai_fake.__all__)
    assert {*openai_fake.__all__, "faults", "strategies"} <= set(dir(openai_fake))


def test_a_name_that_is_not_there_is_an_error_for_python_and_for_type_checkers() -> None:
    # The comment itself is an error of mypy where it finds nothing to ignore.
    with pytest.raises(AttributeError, match="module 'openai_fake' has no attribute 'toolcall'"):
        _ = openai_fake.toolcall  # type: ignore[attr-defined]


def test_a_wait_may_have_no_end() -> None:
    it = api()
    it.fake.script(wait(float("inf")))
    assert it.settle(it.run())["status"] == "expired"
    with pytest.raises(ValueError):
        wait(float("nan"))
