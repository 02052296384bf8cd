"""Acts as a person writes them: what is shown can be typed in again."""

from typing import Any

import pytest

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
from openai_fake.acts import ToolCall
from openai_fake.script import as_act
from openai_fake.written import written

ACTS = [
    (reply("Hello!"), "reply('Hello!')"),
    (reply("abc", chunks=["a", "bc"], images=["file-1"]), "reply('abc', chunks=('a', 'bc'), images=('file-1',))"),
    (reply("see [0]", annotations=[citation("file-1", "[0]")]), None),
    (refusal("No."), "refusal('No.')"),
    (tool_call("get", city="Paris"), """tool_call('get', '{"city":"Paris"}')"""),
    (tool_calls(tool_call("a"), tool_call("b")), "tool_calls(tool_call('a', '{}'), tool_call('b', '{}'))"),
    (code_interpreter("1 + 1", logs="2"), "code_interpreter('1 + 1', logs='2')"),
    (file_search({"file_id": "file-1"}), "file_search({'file_id': 'file-1'})"),
    (file_search(), "file_search()"),
    (wait(2), "wait(2)"),
    (fail("server_error", "Sorry."), "fail('server_error', 'Sorry.')"),
    (incomplete("max_prompt_tokens"), "incomplete('max_prompt_tokens')"),
    (incomplete("max_completion_tokens", "So"), "incomplete('max_completion_tokens', 'So')"),
    (expire(), "expire()"),
    (usage(12, 3), "usage(12, 3)"),
]


@pytest.mark.parametrize(("act", "text"), ACTS, ids=[written(act) for act, _ in ACTS])
def test_what_is_shown_of_an_act_makes_it_again(act: Any, text: str | None) -> None:
    shown = written(as_act(act))
    assert text in (None, shown)
    assert as_act(eval(shown, vars(openai_fake))) == as_act(act)


def test_the_id_of_a_call_is_left_out_and_what_is_no_act_is_shown_as_it_is() -> None:
    assert written(ToolCall("get", "{}", "call_1")) == "tool_call('get', '{}')"
    assert written(7) == "7"


def test_the_images_of_code_are_shown() -> None:
    assert written(code_interpreter("plot()", images=["file-1"])) == "code_interpreter('plot()', images=('file-1',))"
