"""Which requests are let in, in which order they are checked, and what an unknown id or cursor gets."""

import pytest

from openai_fake import reply
from tests.kit import api

UNKNOWN: list[tuple[str, str, str]] = [
    ("GET", "/assistants/asst_x", "No assistant found with id 'asst_x'."),
    ("POST", "/assistants/asst_x", "No assistant found with id 'asst_x'."),
    ("DELETE", "/assistants/asst_x", "No assistant found with id 'asst_x'."),
    ("GET", "/threads/thread_x", "No thread found with id 'thread_x'."),
    ("POST", "/threads/thread_x", "No thread found with id 'thread_x'."),
    ("DELETE", "/threads/thread_x", "No thread found with id 'thread_x'."),
    ("GET", "/threads/thread_x/messages", "No thread found with id 'thread_x'."),
    ("GET", "/threads/thread_1/messages/msg_x", "No message found with id 'msg_x'."),
    ("POST", "/threads/thread_1/messages/msg_x", "No message found with id 'msg_x'."),
    ("DELETE", "/threads/thread_1/messages/msg_x", "No message found with id 'msg_x'."),
    ("GET", "/threads/thread_1/runs/run_x", "No run found with id 'run_x'."),
    ("POST", "/threads/thread_1/runs/run_x", "No run found with id 'run_x'."),
    ("POST", "/threads/thread_1/runs/run_x/cancel", "No run found with id 'run_x'."),
    ("GET", "/threads/thread_1/runs/run_x/steps", "No run found with id 'run_x'."),
    ("GET", "/threads/thread_1/runs/run_1/steps/step_123", "No run step found with id 'step_123'."),
    ("GET", "/threads/thread_1/runs/run_2", "No run found with id 'run_2'."),
]


@pytest.mark.parametrize(("method", "path", "message"), UNKNOWN)
def test_an_unknown_id_is_the_404_of_its_kind(method: str, path: str, message: str) -> None:
    it = api()
    it.fake.add_thread("thread_1")
    it.fake.add_thread("thread_2")
    it.fake.add_run("thread_1", "run_1")
    it.fake.add_run("thread_2", "run_2")
    assert it.refused(method, path) == (404, message, None, None)


@pytest.mark.parametrize("id", ["undefined", "asst_1", "Thread_1", "None"])
def test_what_cannot_be_a_threads_id_is_a_400(id: str) -> None:
    message = f"Invalid 'thread_id': '{id}'. Expected an ID that begins with 'thread'."
    assert api().refused("GET", f"/threads/{id}/messages") == (400, message, "thread_id", "invalid_value")


def test_an_id_that_is_there_is_good_whatever_its_form() -> None:
    it = api()
    it.fake.add_thread("my conversation", messages=[{"role": "user", "content": "Hi"}])
    it.fake.add_assistant("helper")
    it.fake.reply("Hi")
    assert it.ok("GET", "/threads/my%20conversation")["id"] == "my conversation"
    assert it.settle(it.run("my%20conversation", "helper"))["status"] == "completed"


def test_what_was_deleted_is_gone() -> None:
    it = api()
    assistant, thread = it.assistant(), it.thread("Hi")
    message = it.messages(thread)[0]["id"]
    for path, kind in (
        (f"/assistants/{assistant}", "assistant.deleted"),
        (f"/threads/{thread}/messages/{message}", "thread.message.deleted"),
        (f"/threads/{thread}", "thread.deleted"),
    ):
        deleted = it.ok("DELETE", path)
        assert deleted == {"id": path.rpartition("/")[2], "object": kind, "deleted": True}
        assert it.send("GET", path).status == 404
        assert it.send("DELETE", path).status == 404


def test_runs_outlive_their_assistant() -> None:
    it = api()
    it.fake.script(reply("Hi"))
    run = it.run()
    it.ok("DELETE", f"/assistants/{run['assistant_id']}")
    assert it.settle(run)["status"] == "completed"
    again = {"assistant_id": run["assistant_id"]}
    message = f"No assistant found with id '{run['assistant_id']}'."
    assert it.refused("POST", f"/threads/{run['thread_id']}/runs", again) == (404, message, None, None)


@pytest.mark.parametrize(
    ("headers", "status", "message"),
    [
        ({}, 400, "You must provide the 'OpenAI-Beta' header to access the Assistants API."),
        ({"openai-beta": "assistants=v1"}, 400, "The v1 Assistants API has been deprecated."),
        ({"openai-beta": "assistants=v2"}, 200, ""),
        ({"openai-beta": "realtime=v1, assistants=v2"}, 200, ""),
    ],
)
def test_the_beta_header_is_asked_for(headers: dict[str, str], status: int, message: str) -> None:
    answer = api().send("GET", "/assistants", headers=headers)
    assert answer.status == status
    if status != 200:
        assert answer.error["message"].startswith(message)
        assert answer.error["code"] == "invalid_beta"


@pytest.mark.parametrize(("method", "path"), [("GET", "/threads"), ("PUT", "/assistants/asst_1")])
def test_the_beta_header_is_asked_for_before_the_route_is_looked_for(method: str, path: str) -> None:
    it = api()
    assert it.refused(method, path, headers={})[3] == "invalid_beta"
    with pytest.warns(RuntimeWarning, match="serves no"):
        assert it.refused(method, path)[:2] == (404, f"Invalid URL ({method} /v1{path})")
    with pytest.warns(RuntimeWarning, match="serves no"):
        assert it.refused("GET", "/files/file-1/nothing", headers={})[0] == 404


def test_azure_says_its_version_and_needs_no_beta_header() -> None:
    assert api().send("GET", "/assistants", headers={}, query={"api-version": "2024-05-01-preview"}).status == 200


def test_the_order_of_checks_is_key_header_route_body_existence_state() -> None:
    it = api(api_key="sk-right")
    it.fake.add_thread("thread_1")
    it.fake.add_run("thread_1", "run_1", status="queued")
    key = {"authorization": "Bearer sk-right"}
    beta = {**key, "openai-beta": "assistants=v2"}
    path, bad, good = "/threads/thread_1/runs", {"x": 1}, {"assistant_id": "asst_x"}
    known = {"assistant_id": next(iter(it.fake.assistants))}
    codes = [
        it.send("POST", path, bad, headers={}).error["message"][:30],
        it.send("POST", path, bad, headers={"authorization": "Bearer sk-other-key"}).error["code"],
        it.send("POST", path, bad, headers=key).error["code"],
        it.send("POST", path, bad, headers=beta).error["code"],
        it.send("POST", path, good, headers=beta).error["message"],
        it.send("POST", path, known, headers=beta).error["message"],
    ]
    assert codes == [
        "You didn't provide an API key.",
        "invalid_api_key",
        "invalid_beta",
        "missing_required_parameter",
        "No assistant found with id 'asst_x'.",
        "Thread thread_1 already has an active run run_1.",
    ]


def test_a_cursor_that_is_not_there_is_the_404_of_what_is_listed() -> None:
    it = api()
    thread = it.thread("a")
    for name in ("after", "before"):
        told = it.refused("GET", f"/threads/{thread}/messages", query={name: "msg_x"})
        assert told == (404, "No message found with id 'msg_x'.", None, None)


def test_a_list_says_where_it_begins_and_ends_and_whether_there_is_more() -> None:
    it = api()
    thread = it.thread(*"abc")
    ids = [message["id"] for message in it.messages(thread)]
    page = it.ok("GET", f"/threads/{thread}/messages", query={"limit": 2})
    assert list(page) == ["object", "data", "first_id", "last_id", "has_more"]
    assert (page["object"], page["first_id"], page["last_id"], page["has_more"]) == ("list", ids[2], ids[1], True)
    end = it.ok("GET", f"/threads/{thread}/messages", query={"after": ids[0]})
    assert end == {"object": "list", "data": [], "first_id": None, "last_id": None, "has_more": False}


def test_messages_can_be_listed_for_one_run() -> None:
    it = api()
    it.fake.reply("One.")
    it.fake.reply("Two.")
    first = it.settle(it.run())
    second = it.settle(it.run(first["thread_id"], first["assistant_id"]))
    for run in (first, second):
        (message,) = it.messages(run["thread_id"], run_id=run["id"])
        assert message["run_id"] == run["id"]
    assert it.messages(first["thread_id"], run_id="run_x") == []
