"""The life of a run, status by status: what is set, kept and cleared (recorded.md 3.4, semantics.md 3.3)."""

from typing import Any

import pytest

from openai_fake import expire, fail, incomplete, reply, tool_call, usage, wait
from openai_fake.clock import DEFAULT_START as T0
from tests.kit import Api, api, path_of

FRESH = {
    "status": "queued",
    "started_at": None,
    "expires_at": T0 + 600,
    "cancelled_at": None,
    "failed_at": None,
    "completed_at": None,
    "required_action": None,
    "last_error": None,
    "incomplete_details": None,
    "usage": None,
}
MOVING = tuple(FRESH)
KEYS = [
    "id",
    "object",
    "created_at",
    "assistant_id",
    "thread_id",
    "status",
    "started_at",
    "expires_at",
    "cancelled_at",
    "failed_at",
    "completed_at",
    "required_action",
    "last_error",
    "model",
    "instructions",
    "tools",
    "tool_resources",
    "metadata",
    "temperature",
    "top_p",
    "reasoning_effort",
    "max_completion_tokens",
    "max_prompt_tokens",
    "truncation_strategy",
    "incomplete_details",
    "usage",
    "response_format",
    "tool_choice",
    "parallel_tool_calls",
]


def moving(run: Any) -> dict[str, Any]:
    """The fields that a run changes in its life."""
    return {name: run[name] for name in MOVING}


def spent(prompt: int, completion: int) -> dict[str, Any]:
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_token_details": {"cached_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0},
    }


def scripted(*acts: Any, **options: Any) -> tuple[Api, Any]:
    """A run of these acts, just created."""
    it = api(**options)
    it.fake.script(*acts)
    return it, it.run()


def test_a_fresh_run_has_every_field_in_its_order() -> None:
    _, run = scripted(reply("Hi"))
    assert list(run) == KEYS
    assert moving(run) == FRESH
    assert run["created_at"] == T0
    assert {name: run[name] for name in KEYS[13:24] if name not in MOVING} == {
        "model": "gpt-4o",
        "instructions": "Help.",
        "tools": [],
        "tool_resources": {},
        "metadata": {},
        "temperature": 1.0,
        "top_p": 1.0,
        "reasoning_effort": None,
        "max_completion_tokens": None,
        "max_prompt_tokens": None,
        "truncation_strategy": {"type": "auto", "last_messages": None},
    }
    assert (run["response_format"], run["tool_choice"], run["parallel_tool_calls"]) == ("auto", "auto", True)


def test_a_text_run_from_queued_to_completed() -> None:
    it, run = scripted(reply("Hi"), usage(20, 5))
    working = it.poll(run)
    assert moving(working) == {**FRESH, "status": "in_progress", "started_at": T0 + 1}
    done = it.poll(run)
    assert moving(done) == {
        **FRESH,
        "status": "completed",
        "started_at": T0 + 1,
        "completed_at": T0 + 3,
        "expires_at": None,
        "usage": spent(20, 5),
    }
    assert it.poll(run) == done


def test_a_function_run_waits_and_goes_back_through_queued() -> None:
    it, run = scripted(tool_call("f", a=1), usage(260, 10), reply("Done"), usage(284, 20))
    it.poll(run)
    waiting = it.poll(run)
    (call,) = waiting["required_action"]["submit_tool_outputs"]["tool_calls"]
    assert call == {"id": call["id"], "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}}
    assert waiting["required_action"]["type"] == "submit_tool_outputs"
    kept = {**FRESH, "started_at": T0 + 1}
    assert moving(waiting) == {**kept, "status": "requires_action", "required_action": waiting["required_action"]}

    submitted = it.submit(waiting, "1")
    assert moving(submitted) == {**kept, "status": "queued"}
    again = it.poll(run)
    assert moving(again) == {**kept, "status": "in_progress", "started_at": T0 + 4}
    done = it.poll(run)
    assert moving(done) == {
        **kept,
        "status": "completed",
        "started_at": T0 + 4,
        "completed_at": T0 + 6,
        "expires_at": None,
        "usage": spent(544, 30),
    }


def test_a_failed_run() -> None:
    it, run = scripted(reply("Hi"), usage(7, 3), fail("rate_limit_exceeded", "Too much."))
    failed = it.settle(run)
    assert moving(failed) == {
        **FRESH,
        "status": "failed",
        "started_at": T0 + 1,
        "failed_at": T0 + 2,
        "expires_at": None,
        "last_error": {"code": "rate_limit_exceeded", "message": "Too much."},
        "usage": spent(7, 3),
    }


@pytest.mark.parametrize("reason", ["max_completion_tokens", "max_prompt_tokens"])
def test_an_incomplete_run(reason: str) -> None:
    it, run = scripted(incomplete(reason, "Once upon"), usage(1, 1))
    ended = it.settle(run)
    assert moving(ended) == {
        **FRESH,
        "status": "incomplete",
        "started_at": T0 + 1,
        "completed_at": T0 + 3,
        "expires_at": None,
        "incomplete_details": {"reason": reason},
        "usage": ended["usage"],
    }


def test_an_expired_run_has_its_end_in_completed_at() -> None:
    it, run = scripted(expire())
    it.fake.clock.advance(600)
    assert moving(it.poll(run)) == {
        **FRESH,
        "status": "expired",
        "started_at": T0 + 1,
        "completed_at": T0 + 600,
        "expires_at": None,
        "usage": spent(0, 0),
    }


def test_ten_minutes_after_its_creation_a_run_that_waits_for_outputs_expires() -> None:
    it, run = scripted(tool_call("f"), reply("never"))
    waiting = it.settle(run)
    it.fake.clock.advance(596)
    assert it.poll(run)["status"] == "requires_action"
    it.fake.clock.advance(1)
    expired = it.poll(run)
    assert (expired["status"], expired["completed_at"], expired["required_action"]) == ("expired", T0 + 600, None)
    outputs = [{"tool_call_id": waiting["required_action"]["submit_tool_outputs"]["tool_calls"][0]["id"], "output": ""}]
    status, message, *_ = it.refused("POST", f"{path_of(run)}/submit_tool_outputs", {"tool_outputs": outputs})
    assert (status, message) == (400, 'Runs in status "expired" do not accept tool outputs.')


def test_submitting_does_not_put_the_deadline_off() -> None:
    it, run = scripted(tool_call("f"), wait(300), reply("late"))
    waiting = it.settle(run)
    it.fake.clock.advance(400)
    it.submit(waiting, "1")
    expired = it.settle(run)
    assert (expired["status"], expired["completed_at"]) == ("expired", T0 + 600)


@pytest.mark.parametrize(("seconds", "status"), [(590, "completed"), (597, "expired"), (650, "expired")])
def test_nothing_completes_past_the_deadline(seconds: float, status: str) -> None:
    it, run = scripted(wait(seconds), reply("late"))
    ended = it.settle(run)
    assert ended["status"] == status
    assert ended["completed_at"] <= T0 + 600


def test_usage_behind_an_ending_without_a_text_measures_the_message_it_breaks_off() -> None:
    it, run = scripted(reply("It is"), incomplete("max_completion_tokens"), usage(80, 16))
    assert it.settle(run)["usage"] == spent(80, 16)


@pytest.mark.parametrize("acts", [(usage(7, 0), fail("rate_limit_exceeded", "Too much.")), (usage(7, 0),)])
def test_a_run_without_steps_has_spent_nothing_whatever_was_measured(acts: Any) -> None:
    it, run = scripted(*acts)
    ended = it.settle(run)
    assert (ended["usage"], it.steps(run)) == (spent(0, 0), [])


@pytest.mark.parametrize("before", [(), (reply("Well,"), usage(1, 2))])
def test_usage_behind_an_incomplete_message_measures_it(before: Any) -> None:
    it, run = scripted(*before, incomplete("max_completion_tokens", "It is"), usage(80, 16), reply("never"))
    run = it.settle(run)
    steps = it.ok("GET", f"{path_of(run)}/steps")["data"]
    assert (run["status"], steps[0]["usage"]) == ("incomplete", spent(80, 16))
    assert run["usage"] == (spent(81, 18) if before else spent(80, 16))
    assert len(steps) == 1 + len(before[:1])


@pytest.mark.parametrize("polls", [0, 1])
def test_cancelling_takes_a_second_and_leaves_zeros_for_usage(polls: int) -> None:
    it, run = scripted(reply("Hi"))
    for _ in range(polls):
        run = it.poll(run)
    cancelling = it.ok("POST", f"{path_of(run)}/cancel")
    assert moving(cancelling) == {**moving(run), "status": "cancelling"}
    cancelled = it.poll(run)
    assert moving(cancelled) == {
        **moving(run),
        "status": "cancelled",
        "cancelled_at": T0 + polls + 1,
        "expires_at": None,
        "usage": spent(0, 0),
    }


def test_a_run_that_waits_for_outputs_can_be_cancelled() -> None:
    it, run = scripted(tool_call("f"), reply("never"))
    it.settle(run)
    cancelling = it.ok("POST", f"{path_of(run)}/cancel")
    assert (cancelling["status"], cancelling["required_action"], cancelling["cancelled_at"]) == (
        "cancelling",
        None,
        None,
    )
    assert it.settle(cancelling)["status"] == "cancelled"
    (step,) = it.steps(run)
    assert (step["status"], step["cancelled_at"], step["completed_at"]) == ("cancelled", T0 + 4, None)


def test_a_cancel_counts_before_the_deadline_does() -> None:
    it, run = scripted(expire())
    it.fake.clock.advance(599.5)
    it.ok("POST", f"{path_of(run)}/cancel")
    it.fake.clock.advance(10)
    assert it.poll(run)["status"] == "cancelled"


def test_a_finished_run_never_changes() -> None:
    it, run = scripted(reply("Hi"))
    done = it.settle(run)
    it.fake.clock.advance(10_000)
    assert it.poll(run) == done


def test_only_the_metadata_of_a_finished_run_is_changed_by_an_update() -> None:
    it, run = scripted(reply("Hi"))
    done = it.settle(run)
    updated = it.ok("POST", path_of(run), {"metadata": {"a": "b"}})
    assert updated == {**done, "metadata": {"a": "b"}}
    assert it.ok("POST", path_of(run), {"metadata": None}) == updated
