"""`strict=False`: what a schema-driven mock server lets through is let through; nothing else changes."""

from typing import Any

import pytest

from openai_fake import reply, tool_call
from tests.kit import Api, api, path_of, said


def waiting(it: Api, *calls: str) -> Any:
    @it.fake.script
    def talk(run: Any) -> Any:
        outputs = yield [tool_call(name) for name in calls]
        yield reply(" ".join(outputs))

    return it.settle(it.run())


@pytest.mark.parametrize(("limit", "got"), [(0, 1), (-5, 1), (101, 100), (10_000, 100)])
def test_a_limit_out_of_range_is_clamped(limit: int, got: int) -> None:
    it = api(strict=False)
    thread = it.thread(*map(str, range(120)))
    assert len(it.ok("GET", f"/threads/{thread}/messages", query={"limit": limit})["data"]) == got


def test_numbers_out_of_range_in_a_body_are_clamped_wherever_they_stand() -> None:
    it = api(strict=False)
    search = {"max_num_results": 99, "ranking_options": {"score_threshold": 3.5}}
    tools = [{"type": "code_interpreter"}, {"type": "file_search", "file_search": search}]
    made = it.ok("POST", "/assistants", {"model": "m", "temperature": 7, "top_p": -1, "tools": tools})
    assert (made["temperature"], made["top_p"]) == (2, 0)
    shown = made["tools"][1]["file_search"]
    assert (shown["max_num_results"], shown["ranking_options"]["score_threshold"]) == (50, 1)


@pytest.mark.parametrize("cursor", ["after", "before"])
def test_an_unknown_cursor_is_passed_over(cursor: str) -> None:
    it = api(strict=False)
    thread = it.thread("a", "b")
    assert len(it.messages(thread, **{cursor: "msg_unknown"})) == 2


@pytest.mark.parametrize(
    ("outputs", "told"),
    [
        ([{"output": "1"}, {"output": "2"}], "1 2"),
        ([{"tool_call_id": "call_other", "output": "1"}], "1 "),
        ([], " "),
        ([{"tool_call_id": None}], " "),
    ],
)
def test_outputs_without_ids_or_for_other_calls_are_taken(outputs: Any, told: str) -> None:
    it = api(strict=False)
    run = waiting(it, "f", "g")
    it.settle(it.ok("POST", f"{path_of(run)}/submit_tool_outputs", {"tool_outputs": outputs}))
    assert said(it.messages(run["thread_id"])[-1]) == told


def test_outputs_with_known_ids_keep_them_and_the_others_fill_the_gaps() -> None:
    it = api(strict=False)
    run = waiting(it, "f", "g")
    second = run["required_action"]["submit_tool_outputs"]["tool_calls"][1]["id"]
    outputs = [{"output": "spare"}, {"tool_call_id": second, "output": "known"}]
    it.settle(it.ok("POST", f"{path_of(run)}/submit_tool_outputs", {"tool_outputs": outputs}))
    assert said(it.messages(run["thread_id"])[-1]) == "spare known"


def test_exclusive_fields_are_merged() -> None:
    it = api(strict=False)
    both = {"file_search": {"vector_store_ids": ["vs_mine"], "vector_stores": [{}]}}
    made = it.ok("POST", "/assistants", {"model": "m", "tool_resources": both})
    mine, other = made["tool_resources"]["file_search"]["vector_store_ids"]
    assert mine == "vs_mine"
    assert list(it.fake.vector_stores) == [other]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/threads/thread_unknown", None, 404),
        ("POST", "/assistants", {}, 400),
        ("POST", "/assistants", {"model": 4}, 400),
        ("POST", "/assistants", {"model": "m", "unknown": 1}, 400),
    ],
)
def test_everything_else_is_refused_all_the_same(method: str, path: str, body: Any, status: int) -> None:
    assert api(strict=False).send(method, path, body).status == status
