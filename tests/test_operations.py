"""The operations on assistants, threads and messages: what they show, fill in, keep and refuse."""

from typing import Any

import pytest

from openai_fake import refusal
from openai_fake.clock import DEFAULT_START as T0
from openai_fake.routing import all_operations
from tests.kit import Api, api, path_of

SDK_OPERATIONS = {
    "assistants.create", "assistants.retrieve", "assistants.update", "assistants.list", "assistants.delete",
    "threads.create", "threads.retrieve", "threads.update", "threads.delete", "threads.create_and_run",
    "messages.create", "messages.retrieve", "messages.update", "messages.list", "messages.delete",
    "runs.create", "runs.retrieve", "runs.update", "runs.list", "runs.cancel", "runs.submit_tool_outputs",
    "steps.retrieve", "steps.list",
}  # fmt: skip


def test_the_23_operations_are_served() -> None:
    assert len(SDK_OPERATIONS) == 23
    assert set(all_operations()) >= SDK_OPERATIONS


def test_an_assistant_is_shown_with_every_field_in_its_order() -> None:
    shown = api().ok("POST", "/assistants", {"model": "gpt-4o"})
    assert list(shown.items()) == [
        ("id", "asst_000000000000000000000001"),
        ("object", "assistant"),
        ("created_at", T0),
        ("name", None),
        ("description", None),
        ("model", "gpt-4o"),
        ("instructions", None),
        ("tools", []),
        ("top_p", 1.0),
        ("temperature", 1.0),
        ("reasoning_effort", None),
        ("tool_resources", {}),
        ("metadata", {}),
        ("response_format", "auto"),
    ]


def test_an_answer_is_indented_json_byte_for_byte() -> None:
    it = api()
    raw = it.send("POST", "/assistants", {"model": "m", "name": "Grüße", "top_p": 1}).raw
    assert raw.startswith(b'{\n  "id": "asst_000000000000000000000001",\n  "object": "assistant",')
    assert '"name": "Grüße"'.encode() in raw
    assert b'"top_p": 1.0,\n  "temperature": 1.0,' in raw
    assert b'"tools": [],' in raw
    assert b'"metadata": {},' in raw
    assert raw.endswith(b"}")
    refused = it.send("GET", "/assistants/asst_x").raw
    assert refused == (
        b'{\n  "error": {\n    "message": "No assistant found with id \'asst_x\'.",\n'
        b'    "type": "invalid_request_error",\n    "param": null,\n    "code": null\n  }\n}'
    )


def test_every_answer_has_the_services_headers() -> None:
    it = api()
    for answer in (it.send("POST", "/threads"), it.send("GET", "/threads/thread_x")):
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["openai-version"] == "2020-10-01"
        assert answer.headers["openai-processing-ms"].isdigit()
        assert answer.headers["openai-organization"]
        assert answer.headers["x-request-id"].startswith("req_")


FUNCTION = {"name": "f", "description": None, "parameters": {"type": "object", "properties": {}}, "strict": False}
RANKING = {"ranker": "default_2024_08_21", "score_threshold": 0.0, "hybrid_search": None}
TOOLS: list[Any] = [
    ({"type": "code_interpreter"}, {"type": "code_interpreter"}),
    (
        {"type": "function", "function": {"strict": True, "parameters": {"a": 1}, "description": "It.", "name": "f"}},
        {
            "type": "function",
            "function": {"name": "f", "description": "It.", "parameters": {"a": 1}, "strict": True},
        },
    ),
    ({"type": "function", "function": {"name": "f"}}, {"type": "function", "function": FUNCTION}),
    ({"type": "file_search"}, {"type": "file_search", "file_search": {"ranking_options": RANKING}}),
    (
        {"type": "file_search", "file_search": {"max_num_results": 5, "ranking_options": {"score_threshold": 0.5}}},
        {
            "type": "file_search",
            "file_search": {"max_num_results": 5, "ranking_options": {**RANKING, "score_threshold": 0.5}},
        },
    ),
]


@pytest.mark.parametrize(("sent", "shown"), TOOLS)
def test_a_tool_is_shown_filled_in_and_in_the_services_order(sent: Any, shown: Any) -> None:
    (tool,) = api().ok("POST", "/assistants", {"model": "m", "tools": [sent]})["tools"]
    assert tool == shown
    inner = tool["type"] if tool["type"] in tool else None
    if inner:
        assert list(tool[inner]) == list(shown[inner])


def test_an_assistant_with_the_code_interpreter_shows_its_list_of_files() -> None:
    it = api()
    made = it.ok("POST", "/assistants", {"model": "m", "tools": [{"type": "code_interpreter"}]})
    assert made["tool_resources"] == {"code_interpreter": {"file_ids": []}}


def test_a_helper_makes_a_vector_store_and_is_shown_by_its_id() -> None:
    it = api()
    helper: Any = {"file_search": {"vector_stores": [{"metadata": {"a": "b"}}]}}
    made = it.ok("POST", "/assistants", {"model": "m", "tool_resources": helper})
    (store,) = it.fake.vector_stores.values()
    assert made["tool_resources"] == {"file_search": {"vector_store_ids": [store.id]}}
    assert store.metadata == {"a": "b"}


def test_an_update_keeps_what_it_does_not_name_and_replaces_metadata() -> None:
    it = api()
    made = it.ok("POST", "/assistants", {"model": "m", "name": "N", "metadata": {"a": "1", "b": "2"}})
    it.fake.clock.advance(5)
    changed = it.ok("POST", f"/assistants/{made['id']}", {"metadata": {"c": "3"}, "name": None, "temperature": 0})
    assert changed == {**made, "metadata": {"c": "3"}, "temperature": 0.0}
    format = {"type": "json_object"}
    assert it.ok("POST", f"/assistants/{made['id']}", {"response_format": format})["response_format"] == format


def test_a_thread_is_shown_with_every_field_and_needs_no_body() -> None:
    it = api()
    bodies: list[Any] = [None, {}, {"messages": []}, {"messages": None}]
    for body in bodies:
        thread = it.ok("POST", "/threads", body)
        assert list(thread) == ["id", "object", "created_at", "metadata", "tool_resources"]
        assert (thread["metadata"], thread["tool_resources"]) == ({}, {})
        assert it.ok("GET", f"/threads/{thread['id']}") == thread


def test_the_first_messages_keep_their_order_and_share_a_second() -> None:
    it = api()
    sent = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, {"role": "user", "content": "c"}]
    thread = it.ok("POST", "/threads", {"messages": sent})["id"]
    messages = it.messages(thread)
    assert [(message["role"], message["content"][0]["text"]["value"]) for message in messages] == [
        ("user", "a"),
        ("assistant", "b"),
        ("user", "c"),
    ]
    assert {message["created_at"] for message in messages} == {T0}
    assert it.messages(thread, order="desc") == messages[::-1]


def test_a_message_is_shown_with_every_field_in_its_order() -> None:
    it = api()
    thread = it.thread()
    shown = it.ok("POST", f"/threads/{thread}/messages", {"role": "assistant", "content": "Hi", "metadata": {"a": "b"}})
    assert list(shown.items()) == [
        ("id", "msg_000000000000000000000001"),
        ("object", "thread.message"),
        ("created_at", T0),
        ("assistant_id", None),
        ("thread_id", thread),
        ("run_id", None),
        ("status", "completed"),
        ("incomplete_details", None),
        ("incomplete_at", None),
        ("completed_at", T0),
        ("role", "assistant"),
        ("content", [{"type": "text", "text": {"value": "Hi", "annotations": []}}]),
        ("attachments", []),
        ("metadata", {"a": "b"}),
    ]


def test_parts_and_attachments_are_echoed_with_detail_filled_in() -> None:
    it = api()
    parts = [
        {"type": "text", "text": "What?"},
        {"type": "image_url", "image_url": {"url": "https://e.test/i.png"}},
        {"type": "image_file", "image_file": {"file_id": "file-1", "detail": "high"}},
    ]
    attachments: list[Any] = [
        {"file_id": "file-1", "tools": [{"type": "file_search"}]},
        {"file_id": "file-1", "tools": []},
    ]
    body: Any = {"role": "user", "content": parts, "attachments": attachments}
    shown = it.ok("POST", f"/threads/{it.thread()}/messages", body)
    assert shown["content"] == [
        {"type": "text", "text": {"value": "What?", "annotations": []}},
        {"type": "image_url", "image_url": {"url": "https://e.test/i.png", "detail": "auto"}},
        {"type": "image_file", "image_file": {"file_id": "file-1", "detail": "high"}},
    ]
    assert shown["attachments"] == attachments


def test_what_the_service_has_shown_is_taken_back() -> None:
    it = api()
    it.fake.reply("Hi")
    run = it.settle(it.run())
    for message in it.messages(run["thread_id"]):
        again = {name: message[name] for name in ("role", "content", "attachments", "metadata")}
        assert it.ok("POST", f"/threads/{it.thread()}/messages", again)["content"] == message["content"]
    assistant = it.ok("GET", "/assistants")["data"][0]
    again = {name: value for name, value in assistant.items() if name not in ("id", "object", "created_at")}
    assert it.ok("POST", f"/assistants/{assistant['id']}", again) == assistant


def locked(it: Api) -> Any:
    it.fake.reply("Hi")
    return it.run()


def test_under_a_lock_messages_and_the_thread_can_be_changed_and_deleted_but_not_added() -> None:
    it = api()
    run = locked(it)
    thread = run["thread_id"]
    told = f"Can't add messages to {thread} while a run {run['id']} is active."
    body = {"role": "user", "content": "More."}
    assert it.refused("POST", f"/threads/{thread}/messages", body) == (400, told, None, None)
    assert told[: len("Can't add messages to thread_")] == "Can't add messages to thread_"
    message = it.messages(thread)[0]["id"]
    assert it.ok("POST", f"/threads/{thread}/messages/{message}", {"metadata": {"a": "b"}})["metadata"] == {"a": "b"}
    assert it.ok("POST", f"/threads/{thread}", {"metadata": {"a": "b"}})["metadata"] == {"a": "b"}
    it.ok("DELETE", f"/threads/{thread}/messages/{message}")
    deleted = it.ok("DELETE", f"/threads/{thread}")
    assert deleted == {"id": thread, "object": "thread.deleted", "deleted": True}
    assert it.refused("GET", path_of(run)) == (404, f"No thread found with id '{thread}'.", None, None)


def test_a_message_that_is_being_written_is_not_listed_and_the_others_are() -> None:
    it = api()
    it.fake.add_thread("thread_1")
    for number, status in enumerate(["completed", "in_progress", "completed"]):
        it.fake.add_message("thread_1", f"msg_{number}", status=status, run_id=f"run_{number % 2}")
    path = "/threads/thread_1/messages"
    assert [message["id"] for message in it.ok("GET", path)["data"]] == ["msg_2", "msg_0"]
    assert [message["id"] for message in it.ok("GET", path, query={"limit": 1})["data"]] == ["msg_2"]
    assert it.ok("GET", path, query={"run_id": "run_1"})["data"] == []
    it.ok("DELETE", f"{path}/msg_1")
    assert it.ok("GET", path)["last_id"] == "msg_0"
    it.fake.add_message("thread_1", "msg_1")
    assert it.ok("GET", path)["first_id"] == "msg_1"


NOWHERE = {"file_search": {"vector_store_ids": ["vs_unknown"]}}


def test_an_update_of_a_thread_may_name_only_stores_that_are_there_where_that_is_asked_for() -> None:
    it = api(require_files=True)
    thread = it.thread()
    answer = it.send("POST", f"/threads/{thread}", {"tool_resources": NOWHERE})
    assert answer.status == 404 and "vs_unknown" in answer.error["message"]
    assert it.ok("GET", f"/threads/{thread}")["tool_resources"] == {}


def test_the_text_of_a_refusal_is_what_it_says() -> None:
    it: Api = api()
    it.fake.script(refusal("I would rather not."))
    run = it.settle(it.run())
    assert [message.text for message in it.fake.thread(run["thread_id"]).messages] == ["Hello!", "I would rather not."]
