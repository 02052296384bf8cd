"""A thread with what belongs to it: statuses move along the table only, one run locks, and the journal tells it."""

import pytest

from openai_fake.conversation import Conversation
from openai_fake.objects.messages import Message, Text, TextPart, Thread
from openai_fake.objects.runs import Run
from openai_fake.objects.steps import CreatedMessage, MessageCreation, RunStep


def conversation() -> Conversation:
    return Conversation(Thread(id="thread_1", created_at=1))


def message(id: str, role: str = "user", text: str = "Hi", status: str = "completed") -> Message:
    content = [TextPart(text=Text(value=text))]
    return Message.model_validate(
        {"id": id, "created_at": 1, "thread_id": "thread_1", "role": role, "content": content, "status": status}
    )


def run(status: str = "queued", id: str = "run_1") -> Run:
    return Run.model_validate(
        {"id": id, "created_at": 1, "assistant_id": "a", "thread_id": "thread_1", "model": "m", "status": status}
    )


def step(status: str = "in_progress") -> RunStep:
    details = MessageCreation(message_creation=CreatedMessage(message_id="msg_1"))
    return RunStep.model_validate(
        {
            "id": "step_1",
            "created_at": 1,
            "run_id": "run_1",
            "assistant_id": "a",
            "thread_id": "thread_1",
            "type": "message_creation",
            "status": status,
            "step_details": details,
        }
    )


def test_a_move_that_is_not_in_the_table_is_a_bug_of_ours() -> None:
    it = conversation()
    it.put_run(run("queued"))
    with pytest.raises(AssertionError, match="no way leads from 'queued' to 'completed'"):
        it.put_run(run("completed"))
    it.put_step(step("in_progress"))
    it.put_step(step("completed"))
    with pytest.raises(AssertionError, match="no way leads from 'completed' to 'failed'"):
        it.put_step(step("failed"))
    it.put_message(message("msg_1", status="in_progress"))
    it.put_message(message("msg_1", status="incomplete"))
    with pytest.raises(AssertionError, match="no way leads from 'incomplete' to 'completed'"):
        it.put_message(message("msg_1"))


def test_a_run_locks_the_thread_until_it_is_finished() -> None:
    it = conversation()
    assert it.active_run is None
    for status in ("queued", "in_progress", "requires_action", "cancelling"):
        it.put_run(run(status))
        assert it.active_run == run(status)
    it.put_run(run("cancelled"))
    assert it.active_run is None


def test_a_run_that_never_began_leaves_no_lock() -> None:
    it = conversation()
    it.put_run(run())
    it.forget_run("run_1")
    assert (it.active_run, list(it.runs)) == (None, [])
    with pytest.raises(KeyError):
        it.steps("run_1")


def test_the_newest_user_message_is_found_also_after_deletions() -> None:
    it = conversation()
    it.put_message(message("m1", text="one"))
    it.put_message(message("m2", text="two"))
    it.put_message(message("m3", role="assistant", text="three"))
    assert it.last_user_message == message("m2", text="two")
    it.messages.remove("m2")
    assert it.last_user_message == message("m1", text="one")
    it.messages.remove("m1")
    assert it.last_user_message is None


def test_the_journal_tells_a_message_once() -> None:
    it = conversation()
    it.put_message(message("m1"))
    it.put_message(message("m1", text="changed"))
    it.put_message(message("m2", status="in_progress"))
    assert [(event.name, event.data.id) for event in it.journal] == [("thread.message.created", "m1")]


def test_a_message_is_unfinished_while_it_is_being_written() -> None:
    it = conversation()
    it.put_message(message("m1"))
    it.put_message(message("m2", status="in_progress"))
    it.put_message(message("m2", status="in_progress", text="more"))
    assert it.unfinished == {"m2"}
    it.put_message(message("m2", text="more"))
    assert not it.unfinished
