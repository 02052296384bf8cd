"""The steps and messages of a run: when they appear, how they end, and what they cost (semantics.md 3.7)."""

from typing import Any

import pytest

from openai_fake import code_interpreter, expire, fail, file_search, incomplete, refusal, reply, tool_call, usage, wait
from openai_fake.clock import DEFAULT_START as T0
from tests.kit import Api, api, path_of, said
from tests.test_player import scripted

KEYS = [
    "id",
    "object",
    "created_at",
    "run_id",
    "assistant_id",
    "thread_id",
    "type",
    "status",
    "cancelled_at",
    "completed_at",
    "expires_at",
    "failed_at",
    "last_error",
    "step_details",
    "usage",
    "metadata",
    "expired_at",
]


def test_a_text_run_has_one_step_that_names_its_message() -> None:
    it, run = scripted(reply("Hi"), usage(20, 5))
    done = it.settle(run)
    (step,) = it.steps(run)
    _, message = it.messages(run["thread_id"])
    assert list(step) == KEYS
    assert step["step_details"] == {"type": "message_creation", "message_creation": {"message_id": message["id"]}}
    assert (step["type"], step["status"], step["completed_at"]) == ("message_creation", "completed", T0 + 3)
    assert (step["expires_at"], step["usage"]) == (None, done["usage"])
    assert (step["run_id"], step["thread_id"], step["assistant_id"]) == (
        run["id"],
        run["thread_id"],
        run["assistant_id"],
    )
    assert (message["role"], said(message), message["run_id"], message["assistant_id"]) == (
        "assistant",
        "Hi",
        run["id"],
        run["assistant_id"],
    )
    assert (message["status"], message["completed_at"], message["created_at"]) == ("completed", T0 + 3, T0 + 2)


def test_while_a_run_is_queued_there_is_only_what_the_user_said() -> None:
    it, run = scripted(reply("Hi"))
    assert it.steps(run) == []
    assert [said(message) for message in it.messages(run["thread_id"])] == ["Hello!"]


def test_a_step_in_progress_is_listed_and_its_unfinished_message_is_not() -> None:
    it, run = scripted(reply("Hi"), polls=5)
    it.fake.clock.advance(2)
    (step,) = it.steps(run)
    assert (step["status"], step["completed_at"], step["usage"], step["expires_at"]) == (
        "in_progress",
        None,
        None,
        T0 + 600,
    )
    assert len(it.messages(run["thread_id"])) == 1
    id = step["step_details"]["message_creation"]["message_id"]
    message = it.ok("GET", f"/threads/{run['thread_id']}/messages/{id}")
    assert (message["status"], message["completed_at"]) == ("in_progress", None)
    it.settle(run)
    assert len(it.messages(run["thread_id"])) == 2


def test_a_tool_step_waits_in_progress_and_is_completed_by_its_outputs() -> None:
    it, run = scripted((tool_call("f", a=1), tool_call("g")), usage(10, 2), reply("Done"), usage(20, 3))
    waiting = it.settle(run)
    (step,) = it.steps(run)
    calls = step["step_details"]["tool_calls"]
    assert [call["function"] for call in calls] == [
        {"name": "f", "arguments": '{"a":1}', "output": None},
        {"name": "g", "arguments": "{}", "output": None},
    ]
    assert (step["status"], step["usage"], step["expires_at"]) == ("in_progress", None, T0 + 600)

    it.submit(waiting, "one", "")
    (step,) = it.steps(run)
    assert [call["function"]["output"] for call in step["step_details"]["tool_calls"]] == ["one", ""]
    assert (step["status"], step["completed_at"], step["usage"]["total_tokens"]) == ("completed", T0 + 3, 12)
    assert [call["id"] for call in step["step_details"]["tool_calls"]] == [call["id"] for call in calls]
    done = it.settle(waiting | {"status": "queued"})
    assert [step["usage"]["total_tokens"] for step in it.steps(run)] == [12, 23]
    assert done["usage"]["total_tokens"] == 35


def test_outputs_may_be_submitted_in_any_order() -> None:
    it, run = scripted((tool_call("f"), tool_call("g")), reply("Done"))
    waiting = it.settle(run)
    first, second = (call["id"] for call in waiting["required_action"]["submit_tool_outputs"]["tool_calls"])
    outputs = [{"tool_call_id": second, "output": "2"}, {"tool_call_id": first, "output": "1"}]
    it.ok("POST", f"{path_of(run)}/submit_tool_outputs", {"tool_outputs": outputs})
    (step,) = it.steps(run)
    assert [call["function"]["output"] for call in step["step_details"]["tool_calls"]] == ["1", "2"]


def test_a_run_alternates_steps_as_its_script_does() -> None:
    acts = (reply("Let me see."), code_interpreter("1+1", logs="2"), reply("Two."), file_search(), reply("Found."))
    it, run = scripted(*acts)
    done = it.settle(run)
    steps = it.steps(run)
    kinds = [step["step_details"].get("tool_calls", [{"type": "message"}])[0]["type"] for step in steps]
    assert kinds == ["message", "code_interpreter", "message", "file_search", "message"]
    assert {step["status"] for step in steps} == {"completed"}
    assert done["usage"]["total_tokens"] == sum(step["usage"]["total_tokens"] for step in steps)
    assert [said(m) for m in it.messages(run["thread_id"])] == ["Hello!", "Let me see.", "Two.", "Found."]


ENDINGS: list[Any] = [
    pytest.param([fail("server_error", "Sorry.")], "failed", "run_failed", id="failed"),
    pytest.param([fail("invalid_prompt", "Bad.")], "failed", "run_failed", id="failed otherwise"),
    pytest.param([expire()], "expired", "run_expired", id="expired"),
    pytest.param([incomplete("max_completion_tokens")], "completed", "max_tokens", id="incomplete"),
]


@pytest.mark.parametrize(("acts", "step_status", "reason"), ENDINGS)
def test_an_end_breaks_off_the_message_that_is_being_written(acts: list[Any], step_status: str, reason: str) -> None:
    it, run = scripted(reply("Once upon a time"), *acts)
    ended = it.settle(run)
    end = ended["failed_at"] or ended["completed_at"]
    (step,) = it.steps(run)
    _, message = it.messages(run["thread_id"])
    assert (message["status"], message["incomplete_details"]) == ("incomplete", {"reason": reason})
    assert (message["incomplete_at"], message["completed_at"], said(message)) == (end, None, "Once upon a time")
    assert (step["status"], step[f"{step_status}_at"]) == (step_status, end)
    codes = {"Sorry.": "server_error", "Bad.": "server_error"}
    error = ended["last_error"] and {
        "code": codes[ended["last_error"]["message"]],
        "message": ended["last_error"]["message"],
    }
    assert step["last_error"] == error
    assert step["usage"] == ended["usage"]


def test_cancelling_breaks_off_the_message_too() -> None:
    it, run = scripted(reply("Once upon a time"), expire())
    it.fake.clock.advance(5)
    it.ok("POST", f"{path_of(run)}/cancel")
    it.settle({**run, "status": "cancelling"})
    (step,) = it.steps(run)
    _, message = it.messages(run["thread_id"])
    assert message["incomplete_details"] == {"reason": "run_cancelled"}
    assert (step["status"], step["cancelled_at"]) == ("cancelled", T0 + 6)


def test_an_act_in_between_completes_the_message_before_it() -> None:
    it, run = scripted(reply("All said."), wait(3), fail("server_error", "Sorry."))
    it.settle(run)
    _, message = it.messages(run["thread_id"])
    (step,) = it.steps(run)
    assert (message["status"], message["completed_at"], step["status"]) == ("completed", T0 + 2, "completed")


def test_a_failed_step_still_shows_the_deadline_as_it_was_seen() -> None:
    it, run = scripted(reply("x"), fail("server_error", "Sorry."))
    it.settle(run)
    (step,) = it.steps(run)
    assert (step["status"], step["expires_at"]) == ("failed", T0 + 600)


def test_usage_before_any_act_goes_to_the_first_step() -> None:
    it, run = scripted(usage(3, 4), reply("Hi"), reply("there"), usage(5, 6))
    it.settle(run)
    assert [step["usage"]["total_tokens"] for step in it.steps(run)] == [7, 11]


def test_usage_at_the_start_of_a_script_that_goes_on_is_for_its_own_first_step() -> None:
    it, run = scripted(tool_call("f"), usage(1, 1))
    it.fake.script(usage(3, 4), reply("Done."))
    it.settle(it.submit(it.settle(run), "1"))
    assert [step["usage"]["total_tokens"] for step in it.steps(run)] == [2, 7]


def test_a_step_that_nobody_measured_costs_about_what_was_said() -> None:
    it, run = scripted(reply("It is sunny in Paris."))
    done = it.settle(run)
    assert done["usage"]["prompt_tokens"] == 3  # "Help." and "Hello!"
    assert done["usage"]["completion_tokens"] == 8


def test_a_refusal_is_a_part_of_its_own() -> None:
    it, run = scripted(refusal("I can't do that."))
    it.settle(run)
    assert it.messages(run["thread_id"])[-1]["content"] == [{"type": "refusal", "refusal": "I can't do that."}]


def test_a_run_without_acts_completes_without_a_word() -> None:
    it = Quiet()
    done = it.settle()
    assert (done["status"], done["usage"]["total_tokens"]) == ("completed", 0)


class Quiet:
    """A run whose script does nothing."""

    def __init__(self) -> None:
        self.api, self.run = scripted(lambda run: [])

    def settle(self) -> Any:
        return self.api.settle(self.run)


def test_a_message_deleted_while_it_is_written_stays_deleted() -> None:
    it, run = scripted(reply("Hi"))
    it.fake.clock.advance(2)
    (step,) = it.steps(run)
    id = step["step_details"]["message_creation"]["message_id"]
    it.ok("DELETE", f"/threads/{run['thread_id']}/messages/{id}")
    assert it.settle(run)["status"] == "completed"
    assert [said(message) for message in it.messages(run["thread_id"])] == ["Hello!"]
    assert it.steps(run)[0]["step_details"]["message_creation"]["message_id"] == id


def placed(status: str, **fields: Any) -> tuple[Api, Any]:
    it = api(autojump=False)
    it.fake.add_assistant("asst_1")
    it.fake.add_thread("thread_1", messages=[{"role": "user", "content": "Hi"}])
    run = it.fake.add_run("thread_1", "run_1", "asst_1", status, **fields)
    return it, run.model_dump()


@pytest.mark.parametrize("status", ["queued", "in_progress"])
def test_a_run_that_was_put_in_place_without_calls_has_done_nothing_yet(status: str) -> None:
    it, run = placed(status)
    assert it.steps(run) == []


def test_a_run_put_in_place_while_it_works_says_its_first_word_after_a_second() -> None:
    it, run = placed("in_progress")
    it.fake.reply("Done.")
    it.fake.clock.advance(0.5)
    assert it.steps(run) == []
    it.fake.clock.advance(0.5)
    assert len(it.steps(run)) == 1
    it.fake.clock.advance(1)
    assert it.poll(run)["completed_at"] == T0 + 2


def test_usage_at_the_start_of_the_script_of_a_placed_run_is_for_its_own_first_step() -> None:
    it, run = placed("requires_action", tool_calls=[tool_call("f")])
    it.fake.script(usage(20, 5), reply("Done."))
    it.submit(it.poll(run), "1")
    it.fake.clock.advance(10)
    called, wrote = it.steps(run)
    assert called["usage"]["total_tokens"] != 25
    assert wrote["usage"]["total_tokens"] == 25


def test_images_that_come_first_stand_before_the_text() -> None:
    it = api()
    it.fake.script(reply("It is this.", images=["file-1"], images_first=True))
    run = it.settle(it.run())
    message = it.messages(run["thread_id"])[-1]
    assert [part["type"] for part in message["content"]] == ["image_file", "text"]
    assert said(message) == "It is this."
