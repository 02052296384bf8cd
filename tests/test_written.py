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
from openai_fake.script import Script

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


QUOTED = citation("file-1", "[0]", "quoted")
MORE: list[Any] = [
    tool_calls(tool_call("a"), ToolCall("b", "{}", "call_7")),
    tool_calls(tool_call("a")),
    reply("see [0]", annotations=[QUOTED], images=[b"png"], images_first=True),
    reply("abc", chunks=2),
    file_search({"file_id": "file-1", "score": 0.5}, cite=True),
    file_search(cite=False),
    code_interpreter("1 + 1", logs="", images=["file-1"]),
]


@pytest.mark.parametrize(("act", "text"), [*ACTS, *((act, None) for act in MORE)], ids=repr)
def test_what_is_shown_of_an_act_makes_it_again(act: Any, text: str | None) -> None:
    assert text in (None, repr(act))
    assert eval(repr(act), vars(openai_fake).copy()) == act


def test_a_script_shows_its_acts_without_the_ids_of_calls_and_a_call_by_itself() -> None:
    calls = tool_calls(ToolCall("a", "{}", "call_1")), tool_calls(tool_call("b"), ToolCall("c", "{}", "call_2"))
    shown = "tool_call('a', '{}'), tool_calls(tool_call('b', '{}'), tool_call('c', '{}'))"
    assert Script(calls).name == shown
