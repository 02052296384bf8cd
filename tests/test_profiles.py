"""The two ways to show an object, and that nothing else lies between them (recorded.md 9)."""

from typing import Any

import pytest

from openai_fake import code_interpreter, file_search, reply, tool_call
from tests.kit import Api, api, path_of

MESSAGE = {"role": "user", "content": "Hi", "attachments": [{"file_id": "file-1", "tools": []}]}


def both(ask: Any) -> tuple[Any, Any]:
    """What the two profiles show of the same."""
    return ask(api()), ask(api(profile="recorded"))


@pytest.mark.parametrize("where", ["create", "retrieve", "list"])
def test_a_message_had_no_status_in_json(where: str) -> None:
    def ask(it: Api) -> Any:
        thread = it.thread()
        made = it.ok("POST", f"/threads/{thread}/messages", MESSAGE)
        path = f"/threads/{thread}/messages"
        return {"create": made, "retrieve": it.ok("GET", f"{path}/{made['id']}"), "list": it.messages(thread)[0]}[where]

    documented, recorded = both(ask)
    absent = {"status", "incomplete_details", "incomplete_at", "completed_at"}
    assert recorded == {name: value for name, value in documented.items() if name not in absent}
    keys = ["id", "object", "created_at", "assistant_id", "thread_id", "run_id", "role", "content", "attachments"]
    assert list(recorded) == [*keys, "metadata"]


def test_the_answer_of_an_update_had_file_ids_where_the_others_have_attachments() -> None:
    def ask(it: Api) -> Any:
        thread = it.thread()
        id = it.ok("POST", f"/threads/{thread}/messages", MESSAGE)["id"]
        updated = it.ok("POST", f"/threads/{thread}/messages/{id}", {"metadata": {"a": "b"}})
        return updated, it.ok("GET", f"/threads/{thread}/messages/{id}")

    (documented, _), (recorded, after) = both(ask)
    assert documented["attachments"] == MESSAGE["attachments"]
    assert "attachments" not in recorded
    assert recorded["file_ids"] == []
    assert list(recorded).index("file_ids") == 8
    assert after["attachments"] == MESSAGE["attachments"]


def test_a_step_had_neither_metadata_nor_expired_at_and_a_pending_call_no_output() -> None:
    def ask(it: Api) -> Any:
        it.fake.script(tool_call("f"), reply("Done."))
        run = it.settle(it.run())
        return it.steps(run)[0]

    documented, recorded = both(ask)
    assert set(documented) - set(recorded) == {"metadata", "expired_at"}
    assert documented["step_details"]["tool_calls"][0]["function"]["output"] is None
    assert "output" not in recorded["step_details"]["tool_calls"][0]["function"]


def test_a_step_with_its_output_in_shows_it_in_both() -> None:
    def ask(it: Api) -> Any:
        it.fake.script(tool_call("f"), reply("Done."))
        run = it.settle(it.run())
        it.settle(it.submit(run, "1"))
        return it.steps(run)[0]["step_details"]

    documented, recorded = both(ask)
    assert documented == recorded


def test_a_thread_that_was_read_again_showed_an_empty_list_of_files() -> None:
    def ask(it: Api) -> Any:
        thread = it.ok("POST", "/threads")
        read, changed = it.ok("GET", f"/threads/{thread['id']}"), it.ok("POST", f"/threads/{thread['id']}")
        return [shown["tool_resources"] for shown in (thread, read, changed)]

    documented, recorded = both(ask)
    assert documented == [{}, {}, {}]
    assert recorded == [{}, {"code_interpreter": {"file_ids": []}}, {}]


def test_instructions_that_nobody_gave_were_null_and_are_documented_as_a_string() -> None:
    def ask(it: Api) -> Any:
        assistant = it.ok("POST", "/assistants", {"model": "m"})
        it.fake.reply("Hi")
        run = it.run(None, assistant["id"])
        shown = [run, it.poll(run), it.ok("GET", f"/threads/{run['thread_id']}/runs")["data"][0], it.settle(run)]
        return assistant["instructions"], [run["instructions"] for run in shown]

    documented, recorded = both(ask)
    assert documented == (None, [""] * 4)
    assert recorded == (None, [None] * 4)


def test_everything_else_is_the_same_in_both() -> None:
    def ask(it: Api) -> Any:
        it.fake.script(code_interpreter("1+1", logs="2"), file_search({"file_id": "file-1"}), reply("Two."))
        run = it.settle(it.run())
        run = it.settle(it.ok("POST", path_of(run), {"metadata": {"a": "b"}}))
        steps = [{k: v for k, v in step.items() if k not in ("metadata", "expired_at")} for step in it.steps(run)]
        texts = [message["content"] for message in it.messages(run["thread_id"])]
        return run, steps, texts, it.ok("GET", "/assistants"), it.refused("GET", "/threads/thread_x")

    documented, recorded = both(ask)
    assert documented == recorded
