"""Bodies: laid out as the service laid them out, the same each time, and rendered once where they are listed again."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openai_fake import reply
from openai_fake.collection import Page
from openai_fake.objects.messages import Message, shown_content
from openai_fake.rendering import render
from tests.kit import api


def message(number: int, text: str, id: str = "") -> Message:
    id = id or f"msg_{number}"
    return Message.made(id=id, created_at=number, thread_id="thread_1", role="user", content=shown_content(text))


@given(texts=st.lists(st.text(), max_size=3), has_more=st.booleans())
@pytest.mark.parametrize("profile", ["documented", "recorded"])
def test_a_page_is_laid_out_as_json_dumps_does_it(profile: str, texts: list[str], has_more: bool) -> None:
    page = Page([message(number, text) for number, text in enumerate(texts)], has_more)
    body = render(page, profile, "messages.list")
    told = json.loads(body)
    assert body == json.dumps(told, indent=2, ensure_ascii=False).encode()
    assert list(told) == ["object", "data", "first_id", "last_id", "has_more"]
    assert [item["content"][0]["text"]["value"] for item in told["data"]] == texts
    assert [told["first_id"], told["last_id"]] == ([f"msg_{0}", f"msg_{len(texts) - 1}"] if texts else [None, None])
    assert render(page, profile, "messages.list") == body


@given(st.text(min_size=1), st.text(min_size=1), st.booleans())
def test_ids_of_any_text_stand_in_a_page_as_json_has_them(first: str, last: str, has_more: bool) -> None:
    body = render(Page([message(1, "", first), message(2, "", last)], has_more), "documented", "messages.list")
    told = json.loads(body)
    assert body == json.dumps(told, indent=2, ensure_ascii=False).encode()
    assert (told["first_id"], told["last_id"], told["has_more"]) == (first, last, has_more)


def test_an_object_that_is_listed_again_is_rendered_once() -> None:
    item = message(1, "Hello")
    one, other = (render(Page([item], more), "documented", "messages.list") for more in (True, False))
    kept: bytes = item.rendered  # type: ignore[attr-defined]
    assert kept in one
    assert kept in other
    changed = item.with_changes(metadata={"key": "value"})
    body = render(Page([changed], has_more=False), "documented", "messages.list")
    assert json.loads(body)["data"][0]["metadata"] == {"key": "value"}


def test_what_was_rendered_is_no_part_of_an_object() -> None:
    item = message(1, "Hello")
    fresh = item.with_changes()
    render(Page([item], has_more=False), "documented", "messages.list")
    assert item == fresh
    assert item.model_dump() == fresh.model_dump()


def test_the_log_gives_the_answers_as_they_were_though_the_objects_have_moved_on() -> None:
    it = api()
    it.fake.reply("Hi")
    run = it.run()
    answers: list[Any] = [it.poll(run) for _ in range(3)]
    it.ok("POST", f"/threads/{run['thread_id']}/runs/{run['id']}", {"metadata": {"key": "value"}})
    listed = it.ok("GET", f"/threads/{run['thread_id']}/messages")
    assert [call.answer for call in it.fake.calls.named("runs.retrieve")] == answers
    assert [answer["status"] for answer in answers] == ["in_progress", "completed", "completed"]
    assert it.fake.calls.last.answer == listed


def test_a_message_is_listed_as_it_now_is() -> None:
    it = api()
    it.fake.script(reply("Hi"))
    run = it.settle(it.run())
    path = f"/threads/{run['thread_id']}/messages"
    first = it.ok("GET", path)["data"]
    it.ok("POST", f"{path}/{first[0]['id']}", {"metadata": {"key": "value"}})
    second = it.ok("GET", path)["data"]
    assert second[0] == {**first[0], "metadata": {"key": "value"}}
    assert second[1:] == first[1:]
