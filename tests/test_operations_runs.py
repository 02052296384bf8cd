"""What starting a run takes from its assistant and its request, and what a run refuses in which status."""

from typing import Any

import pytest

from openai_fake import expire, file_search, reply, tool_call
from openai_fake.states import ACCEPTS, RUN
from tests.kit import Api, api, dump, path_of, said

FUNCTION = {"type": "function", "function": {"name": "f"}}
SHOWN_FUNCTION = {
    "type": "function",
    "function": {"name": "f", "description": None, "parameters": {"type": "object", "properties": {}}, "strict": False},
}
SCHEMA = {"type": "json_schema", "json_schema": {"name": "s", "schema": {"type": "object"}, "strict": True}}
ASSISTANT: dict[str, Any] = {
    "model": "gpt-4o",
    "instructions": "Be kind.",
    "tools": [{"type": "code_interpreter"}],
    "temperature": 0.25,
    "top_p": 0.75,
    "reasoning_effort": "low",
    "response_format": {"type": "text"},
    "metadata": {"whose": "assistant"},
}
INHERITED = ("model", "instructions", "tools", "temperature", "top_p", "reasoning_effort", "response_format")
OVERRIDES: list[tuple[str, Any, Any]] = [
    ("model", "gpt-5", "gpt-5"),
    ("instructions", "Be brief.", "Be brief."),
    ("tools", [FUNCTION], [SHOWN_FUNCTION]),
    ("tools", [], []),
    ("metadata", {"a": "b"}, {"a": "b"}),
    ("temperature", 2, 2.0),
    ("top_p", 0, 0.0),
    ("max_prompt_tokens", 256, 256),
    ("max_completion_tokens", 16, 16),
    ("truncation_strategy", {"type": "auto"}, {"type": "auto", "last_messages": None}),
    (
        "truncation_strategy",
        {"type": "last_messages", "last_messages": 3},
        {"type": "last_messages", "last_messages": 3},
    ),
    ("tool_choice", "required", "required"),
    (
        "tool_choice",
        {"type": "function", "function": {"name": "f"}},
        {"type": "function", "function": {"name": "f"}},
    ),
    ("parallel_tool_calls", False, False),
    ("response_format", {"type": "json_object"}, {"type": "json_object"}),
    ("response_format", SCHEMA, SCHEMA),
]
ways = pytest.mark.parametrize("alone", [True, False], ids=["runs.create", "create_and_run"])


def start(it: Api, alone: bool, **fields: Any) -> Any:
    """A run, by either of the two ways."""
    assistant = it.ok("POST", "/assistants", ASSISTANT)["id"]
    if alone:
        return it.run(None, assistant, **fields)
    return it.ok("POST", "/threads/runs", {"assistant_id": assistant, **fields})


@ways
def test_a_run_takes_its_fields_from_its_assistant(alone: bool) -> None:
    run = start(api(), alone)
    assert {name: run[name] for name in INHERITED} == {name: ASSISTANT[name] for name in INHERITED}
    assert (run["metadata"], run["tool_resources"]) == ({}, {})


@ways
@pytest.mark.parametrize(("name", "sent", "shown"), OVERRIDES)
def test_what_the_request_says_counts_for_the_run_and_for_nothing_else(
    alone: bool, name: str, sent: Any, shown: Any
) -> None:
    it = api()
    run = start(it, alone, **{name: sent})
    assert run[name] == shown
    assert type(run[name]) is type(shown)
    (assistant,) = it.ok("GET", "/assistants")["data"]
    assert {name: assistant[name] for name in INHERITED} == {name: ASSISTANT[name] for name in INHERITED}


@pytest.mark.parametrize(
    ("own", "additional", "shown"),
    [
        (None, None, "Be kind."),
        ("Be brief.", None, "Be brief."),
        (None, "In French.", "Be kind.\nIn French."),
        ("Be brief.", "In French.", "Be brief.\nIn French."),
        ("", None, ""),
        ("", "", ""),
        ("", "In French.", "In French."),
    ],
)
def test_additional_instructions_stand_behind_the_others(own: str | None, additional: str | None, shown: str) -> None:
    run = start(api(), True, instructions=own, additional_instructions=additional)
    assert run["instructions"] == shown


@ways
@pytest.mark.parametrize(
    ("assistants", "own", "shown"),
    [(None, None, None), ("", None, ""), (None, "", ""), ("Be kind.", "", ""), ("", "Be brief.", "Be brief.")],
)
def test_empty_instructions_are_given_and_a_null_is_not(alone: bool, assistants: Any, own: Any, shown: Any) -> None:
    it = api()
    assistant = it.ok("POST", "/assistants", {"model": "m", "instructions": assistants})["id"]
    messages = [{"role": "user", "content": "Hi"}]
    body = {"assistant_id": assistant, "instructions": own}
    if alone:
        thread = it.ok("POST", "/threads", {"messages": messages})["id"]
        run = it.ok("POST", f"/threads/{thread}/runs", body)
    else:
        run = it.ok("POST", "/threads/runs", {**body, "thread": {"messages": messages}})
    # The documented type is a string; the recorded one knows null.
    told = "" if shown is None else shown
    (kept,) = it.fake.thread(run["thread_id"]).runs
    assert (run["instructions"], kept.instructions) == (told, shown)


def test_reasoning_effort_is_a_field_of_runs_in_a_thread_alone() -> None:
    it = api()
    assistant = it.ok("POST", "/assistants", ASSISTANT)["id"]
    assert it.run(None, assistant, reasoning_effort="high")["reasoning_effort"] == "high"
    assert it.ok("GET", f"/assistants/{assistant}")["reasoning_effort"] == "low"
    error = it.send("POST", "/threads/runs", {"assistant_id": assistant, "reasoning_effort": "high"}).error
    assert (error["message"], error["param"], error["code"]) == (
        "Unknown parameter: 'reasoning_effort'.",
        "reasoning_effort",
        "unknown_parameter",
    )


def test_what_a_run_has_taken_stays_when_its_assistant_changes() -> None:
    it = api()
    run = start(it, True)
    it.ok("POST", f"/assistants/{run['assistant_id']}", {"instructions": "Be rude.", "model": "other"})
    done = it.settle(run)
    assert (done["instructions"], done["model"]) == ("Be kind.", "gpt-4o")


def test_additional_messages_are_put_behind_the_others_before_the_run_begins() -> None:
    it = api()
    seen: list[str] = []
    it.fake.script(lambda run: [reply(" ".join(seen.append(m.text) or m.text for m in run.messages))])  # type: ignore[func-returns-value]
    additional: list[Any] = [
        {"role": "assistant", "content": "b", "metadata": {"n": "1"}},
        {"role": "user", "content": "c", "attachments": [{"file_id": "file-1", "tools": [{"type": "file_search"}]}]},
    ]
    run = it.run(it.thread("a"), additional_messages=additional)
    messages = it.messages(run["thread_id"])
    assert [(said(m), m["role"], m["run_id"]) for m in messages] == [
        ("a", "user", None),
        ("b", "assistant", None),
        ("c", "user", None),
    ]
    assert (messages[1]["metadata"], messages[2]["attachments"]) == ({"n": "1"}, additional[1]["attachments"])
    it.settle(run)
    assert seen == ["a", "b", "c"]


def test_a_thread_and_run_takes_a_whole_thread_and_resources_of_its_own() -> None:
    it = api()
    thread = {
        "messages": [{"role": "user", "content": "Hi"}],
        "metadata": {"whose": "thread"},
        "tool_resources": {"file_search": {"vector_stores": [{}]}},
    }
    resources = {"code_interpreter": {"file_ids": ["file-1"]}}
    run = start(it, False, thread=thread, tool_resources=resources)
    assert run["tool_resources"] == resources
    shown = it.ok("GET", f"/threads/{run['thread_id']}")
    assert shown["metadata"] == {"whose": "thread"}
    assert shown["tool_resources"] == {"file_search": {"vector_store_ids": list(it.fake.vector_stores)}}
    assert [said(message) for message in it.messages(run["thread_id"])] == ["Hi"]


NOTHING = "Run creation requires a Thread with a user message or an assistant with instructions."


@pytest.mark.parametrize(
    ("messages", "instructions", "fields", "runs"),
    [
        ([], None, {}, False),
        ([], "", {}, False),
        ([{"role": "assistant", "content": "Hi"}], None, {}, False),
        ([], "Help.", {}, True),
        ([], None, {"instructions": "Help."}, True),
        ([], "Help.", {"instructions": ""}, True),
        ([], "", {"instructions": ""}, False),
        ([{"role": "user", "content": "Hi"}], None, {}, True),
    ],
)
def test_a_run_needs_a_user_message_or_instructions(messages: Any, instructions: Any, fields: Any, runs: bool) -> None:
    it = api()
    assistant = it.ok("POST", "/assistants", {"model": "m", "instructions": instructions})["id"]
    thread = it.ok("POST", "/threads", {"messages": messages})["id"]
    body = {"assistant_id": assistant, **fields}
    before = dump(it.fake)
    for path, more in ((f"/threads/{thread}/runs", {}), ("/threads/runs", {"thread": {"messages": messages}})):
        for stream in (False, True):
            if runs:
                it.settle(it.ok("POST", path, {**body, **more}))
                break
            answer = it.send("POST", path, {**body, **more, "stream": stream})
            assert answer.headers["content-type"] == "application/json"
            error = answer.error
            assert (answer.status, error["message"], error["code"]) == (400, NOTHING, "invalid_thread")
            assert dump(it.fake) == before


def test_the_instructions_of_a_run_have_no_limit() -> None:
    it = api()
    body = {"assistant_id": it.assistant(), "instructions": "x" * 256_001}
    for path in (f"/threads/{it.thread()}/runs", "/threads/runs"):
        assert it.ok("POST", path, body)["instructions"] == body["instructions"]


@pytest.mark.parametrize("field", ["additional_messages", "additional_instructions"])
def test_an_additional_user_message_or_instruction_is_something_to_run_on(field: str) -> None:
    it = api()
    assistant = it.ok("POST", "/assistants", {"model": "m"})["id"]
    value: Any = "Help." if field == "additional_instructions" else [{"role": "user", "content": "Hi"}]
    assert it.run(it.thread(), assistant, **{field: value})["status"] == "queued"


def test_a_second_run_is_refused_while_one_is_active_and_nothing_of_it_stays() -> None:
    it = api()
    it.fake.script(tool_call("f"), reply("Done."))
    run = it.settle(it.run())
    body = {"assistant_id": run["assistant_id"], "additional_messages": [{"role": "user", "content": "More."}]}
    before = dump(it.fake)
    told = f"Thread {run['thread_id']} already has an active run {run['id']}."
    assert it.refused("POST", f"/threads/{run['thread_id']}/runs", body) == (400, told, None, None)
    assert dump(it.fake) == before
    it.settle(it.submit(run, "1"))
    assert it.ok("POST", f"/threads/{run['thread_id']}/runs", body)["status"] == "queued"


def in_status(it: Api, status: str) -> Any:
    """A run in a status, whatever that takes."""
    thread = it.thread("Hi")
    calls = [{"id": "call_1", "name": "f", "arguments": "{}"}] if status == "requires_action" else []
    it.fake.add_run(thread, "run_x", status=status, tool_calls=calls)
    return it.ok("GET", f"/threads/{thread}/runs")["data"][0]


REFUSALS: dict[str, tuple[str, Any, str]] = {
    "cancel": ("/cancel", None, "Cannot cancel run with status '{}'."),
    "update": ("", {"metadata": {"a": "b"}}, "Cannot update run with status '{}'."),
    "submit": (
        "/submit_tool_outputs",
        {"tool_outputs": [{"tool_call_id": "call_1", "output": "1"}]},
        'Runs in status "{}" do not accept tool outputs.',
    ),
}


@pytest.mark.parametrize("status", RUN)
@pytest.mark.parametrize("what", REFUSALS)
def test_each_request_is_accepted_in_its_statuses_and_refused_in_all_others(what: str, status: str) -> None:
    it = api()
    it.fake.script(expire(), times=None)
    run = in_status(it, status)
    assert run["status"] == status
    where, body, told = REFUSALS[what]
    if status in ACCEPTS[what]:
        it.ok("POST", f"{path_of(run)}{where}", body)
        return
    before = dump(it.fake)
    assert it.refused("POST", f"{path_of(run)}{where}", body) == (400, told.format(status), None, None)
    assert dump(it.fake) == before


def test_the_wrong_status_counts_before_the_wrong_call() -> None:
    it = api()
    it.fake.reply("Hi")
    run = it.poll(it.run())
    body = {"tool_outputs": [{"tool_call_id": "call_invented", "output": "1"}]}
    told = 'Runs in status "in_progress" do not accept tool outputs.'
    assert it.refused("POST", f"{path_of(run)}/submit_tool_outputs", body) == (400, told, None, None)


@pytest.mark.parametrize(
    ("sent", "got"),
    [
        (["a"], "['a']"),
        (["b", "a", "c"], "['b', 'a', 'c']"),
        (["a", "a"], "['a', 'a']"),
        ([], "[]"),
        ([None, "a"], "[None, 'a']"),
    ],
)
def test_outputs_for_other_calls_than_those_that_wait_are_refused(sent: Any, got: str) -> None:
    it = api()
    thread = it.thread("Hi")
    it.fake.add_run(thread, "run_x", status="requires_action", tool_calls=[{"id": id, "name": "f"} for id in "ab"])
    outputs = [{"tool_call_id": id, "output": "1"} for id in sent]
    before = dump(it.fake)
    told = it.refused("POST", f"/threads/{thread}/runs/run_x/submit_tool_outputs", {"tool_outputs": outputs})
    assert told == (400, f"Expected tool outputs for call_ids ['a', 'b'], got {got}", None, None)
    assert dump(it.fake) == before


def test_an_output_may_be_empty_or_left_out() -> None:
    it = api()
    it.fake.script(tool_call("f"), reply("Done."))
    run = it.settle(it.run())
    call = run["required_action"]["submit_tool_outputs"]["tool_calls"][0]["id"]
    it.ok("POST", f"{path_of(run)}/submit_tool_outputs", {"tool_outputs": [{"tool_call_id": call}]})
    assert it.steps(run)[0]["step_details"]["tool_calls"][0]["function"]["output"] == ""


def test_what_a_search_has_found_is_shown_in_full_only_to_a_request_that_includes_it() -> None:
    it = api()
    it.fake.script(file_search({"file_id": "file-1", "score": 0.5, "text": "So it is."}))
    run = it.settle(it.run())
    content = "step_details.tool_calls[*].file_search.results[*].content"
    (step,) = it.steps(run)
    path = f"{path_of(run)}/steps/{step['id']}"
    bare = step["step_details"]["tool_calls"][0]["file_search"]["results"][0]
    assert bare == {"file_id": "file-1", "file_name": "file-1.txt", "score": 0.5, "attributes": {}}
    assert it.ok("GET", path) == step
    for name in ("include[]", "include"):
        for shown in (it.ok("GET", path, query={name: content}), it.steps(run, **{name: content})[0]):
            found = shown["step_details"]["tool_calls"][0]["file_search"]["results"][0]
            assert found["content"] == [{"type": "text", "text": "So it is."}]
