"""Bodies and queries that are wrong: which of the service's sentences each gets (recorded.md 6, semantics.md 7.3)."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openai_fake.errors import quoted
from openai_fake.objects.assistants import CreateAssistant
from openai_fake.parsing import parse_body
from tests.bad_bodies import BODIES, TYPE, VALUE
from tests.kit import api

PATHS = {
    "assistants.create": "/assistants",
    "threads.create": "/threads",
    "messages.create": "/threads/thread_1/messages",
    "runs.create": "/threads/thread_1/runs",
    "runs.cancel": "/threads/thread_1/runs/run_1/cancel",
    "runs.submit_tool_outputs": "/threads/thread_1/runs/run_1/submit_tool_outputs",
}


@pytest.mark.parametrize(("name", "body", "message", "param", "code"), BODIES)
def test_a_bad_body_gets_the_services_sentence(
    name: str, body: Any, message: str, param: str | None, code: str | None
) -> None:
    assert api().refused("POST", PATHS[name], body) == (400, message, param, code)


QUERIES: list[tuple[str, str, str, str]] = [
    (
        "limit",
        "101",
        "Invalid 'limit': integer above maximum value. Expected a value <= 100, but got 101 instead.",
        "integer_above_max_value",
    ),
    (
        "limit",
        "0",
        "Invalid 'limit': integer below minimum value. Expected a value >= 1, but got 0 instead.",
        "integer_below_min_value",
    ),
    ("limit", "ten", "Invalid type for 'limit': expected an integer, but got a string instead.", TYPE),
    ("order", "up", "Invalid value: 'up'. Supported values are: 'asc' and 'desc'.", VALUE),
]


@pytest.mark.parametrize(("name", "value", "message", "code"), QUERIES)
def test_a_bad_query_gets_the_services_sentence(name: str, value: str, message: str, code: str) -> None:
    assert api().refused("GET", "/assistants", query={name: value}) == (400, message, name, code)


@pytest.mark.parametrize("body", [b"{", b"\xff", b" ", b'{"a": Infinity}'])
def test_what_is_no_json_in_utf_8_gets_one_sentence(body: bytes) -> None:
    status, message, param, code = api().refused("POST", "/threads", body)
    assert (status, param, code) == (400, None, None)
    assert message.startswith("We could not parse the JSON body of your request.")


def test_no_body_at_all_is_an_empty_one() -> None:
    assert api().ok("POST", "/threads", b"")["object"] == "thread"


@pytest.mark.parametrize("text", ["A\xa0\u20ac", "\x85", "caf\xe9", "漢字", "👩‍🚀"])
@pytest.mark.parametrize("ensure_ascii", [True, False], ids=["escaped", "as it is"])
def test_a_text_is_read_right_escaped_and_as_it_is(text: str, ensure_ascii: bool) -> None:
    # httpx before 0.28 sent JSON escaped, which pydantic before 2.7.4 read wrong.
    it = api()
    body = json.dumps({"messages": [{"role": "user", "content": text}]}, ensure_ascii=ensure_ascii)
    thread = it.ok("POST", "/threads", body.encode())["id"]
    (message,) = it.fake.thread(thread).messages
    assert message.text == text


EVERYTHING_NULL = {
    "/assistants": {"model": "m"},
    "/threads": {},
    "/threads/thread_1/messages": {"role": "user", "content": "Hi"},
    "/threads/thread_1/runs": {"assistant_id": "asst_1"},
    "/threads/runs": {"assistant_id": "asst_1"},
}


@pytest.mark.parametrize("path", EVERYTHING_NULL)
def test_a_null_means_not_given(path: str) -> None:
    fields = {
        "/assistants": "name description instructions reasoning_effort tools metadata temperature top_p "
        "response_format tool_resources",
        "/threads": "messages tool_resources metadata",
        "/threads/thread_1/messages": "attachments metadata",
        "/threads/thread_1/runs": "model instructions additional_instructions additional_messages tools metadata "
        "temperature top_p reasoning_effort stream max_prompt_tokens max_completion_tokens truncation_strategy "
        "tool_choice parallel_tool_calls response_format",
        "/threads/runs": "model instructions tools metadata temperature top_p stream max_prompt_tokens thread "
        "max_completion_tokens truncation_strategy tool_choice parallel_tool_calls response_format tool_resources",
    }[path]

    def made(body: Any) -> Any:
        it = api()
        it.fake.add_assistant("asst_1", instructions="Help.")
        it.fake.add_thread("thread_1")
        return it.ok("POST", path, body)

    nulls: dict[str, None] = dict.fromkeys(fields.split())
    assert made({**EVERYTHING_NULL[path], **nulls}) == made(EVERYTHING_NULL[path])


@given(st.lists(st.text(st.characters(exclude_characters="'")), min_size=1, max_size=4))
def test_values_are_listed_as_the_service_lists_them(values: list[str]) -> None:
    told = quoted(values)
    assert told.count("'") == 2 * len(values)
    assert (" and " in told) >= (len(values) == 2)
    assert told.endswith(f"'{values[-1]}'")


@given(st.floats(0, 2), st.floats(0, 1))
def test_what_is_within_its_limits_is_taken(temperature: float, top_p: float) -> None:
    body = parse_body(CreateAssistant, {"model": "m", "temperature": temperature, "top_p": top_p})
    assert (body.temperature, body.top_p) == (temperature, top_p)


def test_a_kind_that_is_missing_is_told_before_a_name_that_is_unknown() -> None:
    body = {"model": "gpt-4o", "colour": "red", "tools": [{}]}
    assert api().refused("POST", "/assistants", body)[1] == "Missing required parameter: 'tools[0].type'."
