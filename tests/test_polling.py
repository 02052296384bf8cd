"""What a poll sees, and when: `polls=n`, a clock that stands still, and the loop that would never end."""

from typing import Any

import pytest

from openai_fake import OpenAIFake, expire, polling, reply, tool_call, wait
from openai_fake.clock import DEFAULT_START as T0
from openai_fake.polling import EXPLAINED_AFTER_LOOKS, EXPLAINED_AFTER_POLLS
from tests.kit import Api, api, path_of


def statuses(it: Api, run: Any, polls: int) -> list[str]:
    return [it.poll(run)["status"] for _ in range(polls)]


@pytest.mark.parametrize(
    ("polls", "seen"),
    [
        (0, ["completed"]),
        (1, ["in_progress", "completed"]),
        (2, ["in_progress", "in_progress", "completed"]),
        (4, ["in_progress"] * 4 + ["completed"]),
    ],
)
def test_so_many_polls_see_a_run_unfinished(polls: int, seen: list[str]) -> None:
    it = api(polls=polls)
    it.fake.reply("Hi")
    run = it.run()
    assert run["status"] == "queued"
    assert statuses(it, run, polls + 3) == [*seen, "completed", "completed"]


@pytest.mark.parametrize(("polls", "seen"), [(0, []), (1, ["in_progress"]), (3, ["in_progress"] * 3)])
def test_after_its_outputs_a_run_is_seen_unfinished_as_often_again(polls: int, seen: list[str]) -> None:
    it = api(polls=polls)
    it.fake.script(tool_call("f"), reply("Done."))
    run = it.run()
    assert statuses(it, run, polls + 1) == [*seen, "requires_action"]
    it.submit(it.poll(run), "1")
    assert statuses(it, run, polls + 1) == [*seen, "completed"]


def test_a_poll_moves_the_clock_to_the_change_it_waits_for_and_no_further() -> None:
    it = api()
    it.fake.script(wait(100), reply("Hi"))
    run = it.run()
    moments = [it.fake.clock.now - T0]
    for _ in range(3):
        it.poll(run)
        moments.append(it.fake.clock.now - T0)
    assert moments == [0, 1, 103, 103]


def test_a_poll_shows_what_has_changed_before_it_waits_for_more() -> None:
    it = api()
    it.fake.reply("Hi")
    run = it.run()
    it.fake.clock.advance(1.5)
    assert statuses(it, run, 2) == ["in_progress", "completed"]


def test_lists_and_objects_beside_the_run_move_no_time() -> None:
    it = api()
    it.fake.reply("Hi")
    run = it.run()
    for path in ("/messages", "/runs", f"/runs/{run['id']}/steps", ""):
        it.ok("GET", f"/threads/{run['thread_id']}{path}")
    assert it.fake.clock.now == T0


def test_a_poll_of_one_run_plays_what_is_due_before_in_all_others() -> None:
    it = api()
    it.fake.script(wait(50), reply("slow"), message="slow")
    it.fake.script(reply("quick"), message="quick")
    slow, quick = it.run(it.thread("slow")), it.run(it.thread("quick"))
    it.settle(slow)
    assert it.ok("GET", f"/threads/{quick['thread_id']}/runs")["data"][0]["status"] == "completed"


def test_with_autojump_off_only_the_test_moves_time() -> None:
    it = api(autojump=False)
    it.fake.reply("Hi")
    run = it.run()
    assert statuses(it, run, 3) == ["queued"] * 3
    it.fake.clock.advance(1)
    assert statuses(it, run, 2) == ["in_progress"] * 2
    it.fake.clock.advance(2)
    assert statuses(it, run, 2) == ["completed"] * 2


def test_the_next_thing_can_be_let_happen_to_one_run() -> None:
    it = api(autojump=False)
    it.fake.script(reply("Hi there"))
    run, other = it.run(), it.run()
    happened = []
    while events := it.fake.play_next(run["id"]):
        happened += [event.name for event in events]
    assert happened == [event.name for event in it.fake.events(run["id"])][2:]
    assert happened[0] == "thread.run.in_progress"
    assert happened[-1] == "thread.run.completed"
    assert it.poll(run)["status"] == "completed"
    assert it.fake.play_next(run["id"]) == []
    assert it.poll(other)["status"] in ("queued", "in_progress")


def test_the_next_thing_of_a_run_that_rests_is_its_deadline() -> None:
    it = api(autojump=False)
    it.fake.script(tool_call("f"))
    run = it.run()
    it.fake.clock.advance(10)
    assert [event.name for event in it.fake.play_next(run["id"])][-1] in (
        "thread.run.expired",
        "thread.run.step.expired",
    )
    while it.fake.play_next(run["id"]):
        pass
    assert it.poll(run)["status"] == "expired"


def test_a_loop_that_waits_for_outputs_it_never_gives_is_told_so() -> None:
    it = api()
    it.fake.script(tool_call("f"), reply("never"))
    run = it.settle(it.run())
    for _ in range(EXPLAINED_AFTER_POLLS):
        assert it.poll(run)["status"] == "requires_action"
    answer = it.send("GET", path_of(run))
    assert (answer.status, answer.headers["x-should-retry"]) == (501, "false")
    assert answer.error["message"] == (
        f"The run {run['id']} was polled more than 200 times in status 'requires_action'. It waits for tool outputs "
        "(f) and will not change before they come: call runs.submit_tool_outputs, or let it expire with "
        "fake.clock.advance(600)."
    )
    assert it.send("GET", path_of(run)).error == answer.error
    assert it.fake.complaints() == [answer.error["message"]]


def test_a_loop_over_a_clock_that_stands_still_is_told_so() -> None:
    it = api(autojump=False)
    it.fake.reply("Hi")
    run = it.run()
    for _ in range(EXPLAINED_AFTER_POLLS):
        assert it.poll(run)["status"] == "queued"
    told = it.send("GET", path_of(run)).error["message"]
    assert told == (
        f"The run {run['id']} was polled more than 200 times in status 'queued'. The clock stands still (autojump is "
        "off): let time pass with fake.clock.advance(seconds), or let the next thing happen with "
        "fake.play_next(run_id)."
    )


def test_a_loop_that_does_not_end_with_its_run_is_told_so() -> None:
    it = api()
    it.fake.reply("Hi")
    run = it.settle(it.run())
    conversation = it.fake._world.conversations[run["thread_id"]]
    conversation.timelines[run["id"]].idle_polls = EXPLAINED_AFTER_LOOKS
    told = it.send("GET", path_of(run)).error["message"]
    assert told.endswith("It is over and will not change: let the loop end on this status, too.")


LOOKS: dict[str, tuple[str, str, Any]] = {
    "its runs": ("GET", "runs", None),
    "its messages": ("GET", "messages", None),
    "one of its messages": ("GET", "messages/msg_1", None),
    "the steps of its run": ("GET", "runs/{run}/steps", None),
    "a message that is refused": ("POST", "messages", {"role": "user", "content": "And?"}),
    "a run that is refused": ("POST", "runs", {"assistant_id": "asst_1"}),
}


@pytest.mark.parametrize(("method", "what", "body"), LOOKS.values(), ids=LOOKS)
def test_a_loop_over_what_moves_no_time_is_told_so(
    method: str, what: str, body: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "EXPLAINED_AFTER_LOOKS", 30)
    it = api()
    it.fake.default_script(reply("Hi"))
    it.fake.add_assistant("asst_1")
    it.fake.add_thread("thread_1")
    it.fake.add_message("thread_1", "msg_1")
    run = it.run("thread_1", "asst_1")
    path = f"/threads/{run['thread_id']}/{what.format(run=run['id'])}"
    assert {it.send(method, path, body).status for _ in range(30)} == {200 if body is None else 400}
    refused = it.send(method, path, body)
    assert refused.status == 501
    told = f"{run['thread_id']} was looked at more than 30 times while its run {run['id']} was 'queued', and nothing"
    assert refused.error["message"].startswith(told) and "To look moves no time" in refused.error["message"]
    assert told in it.fake.complaints()[0]
    it.settle(run)
    assert it.send(method, path, body).status == 200


def test_a_loop_over_one_step_of_a_run_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "EXPLAINED_AFTER_LOOKS", 30)
    it = api()
    it.fake.add_thread("thread_1")
    it.fake.add_run("thread_1", "run_1", status="in_progress")
    it.fake.add_step("run_1", "step_1", tool_calls=[{"name": "f", "arguments": "{}"}])
    path = "/threads/thread_1/runs/run_1/steps/step_1"
    assert {it.send("GET", path).status for _ in range(30)} == {200}
    refused = it.send("GET", path)
    assert (refused.status, "looked at more than 30 times" in refused.error["message"]) == (501, True)


def test_looks_that_get_on_or_between_which_something_happens_are_no_misuse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "EXPLAINED_AFTER_LOOKS", 5)
    it = api()
    it.fake.script(wait(100), reply("Hi"))
    thread = it.run()["thread_id"]
    (first,) = it.messages(thread)
    for _ in range(20):
        it.messages(thread)
        it.fake.clock.advance(1)
    for cursor in ("after", "before"):
        for _ in range(20):
            it.messages(thread, **{cursor: first["id"]})


def test_progress_starts_the_count_again() -> None:
    it = api(autojump=False)
    it.fake.script(wait(1000))
    run = it.run()
    for _ in range(4):
        assert set(statuses(it, run, EXPLAINED_AFTER_POLLS - 1)) <= {"queued", "in_progress", "expired"}
        it.fake.clock.advance(1)
        it.fake.play_next(run["id"])
    assert it.fake.complaints() == []


def test_a_loop_that_moves_time_is_not_told_that_it_stands_still() -> None:
    it = api(autojump=False)
    it.fake.script(wait(300), reply("Done."))
    run = it.run()
    for _ in range(320):
        it.fake.clock.advance(1)
        status = it.poll(run)["status"]
    assert (status, it.fake.complaints()) == ("completed", [])


def test_a_loop_that_moves_time_and_cannot_end_is_told_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "EXPLAINED_AFTER_LOOKS", 30)
    it = api()
    run = it.settle(it.run())
    answers = []
    for _ in range(40):
        it.fake.clock.advance(1)
        answers.append(it.send("GET", path_of(run)).status)
    assert answers[-1] == 501


def test_a_loop_that_backs_off_whenever_it_is_told_comes_to_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "EXPLAINED_AFTER_LOOKS", 300)
    it = api()
    it.fake.script(tool_call("f"))
    run = it.settle(it.run())
    for _ in range(1_100):
        answer = it.send("GET", path_of(run))
        if answer.status == 501:
            it.fake.clock.advance(1)
        elif answer.json["status"] == "expired":
            break
    else:
        pytest.fail("the loop goes on and on")


def test_a_world_that_was_closed_answers_polls_and_lets_no_loop_hang() -> None:
    with OpenAIFake() as fake:
        fake.script(expire())
        it = Api(fake)
        run = it.run()
    for _ in range(EXPLAINED_AFTER_POLLS):
        it.poll(run)
    told = it.send("GET", path_of(run)).error["message"]
    assert told.endswith("Nothing plays it any more: its fake has closed, or its script was interrupted.")


def test_many_polls_of_a_long_run_are_no_misuse() -> None:
    it = api(polls=1000)
    it.fake.reply("Hi")
    run = it.run()
    assert statuses(it, run, 1001)[-2:] == ["in_progress", "completed"]


def test_a_script_that_polls_its_own_run_sees_it_as_it_is() -> None:
    it = api()
    seen = []

    @it.fake.script
    def script(run: Any) -> Any:
        seen.append(it.ok("GET", f"/threads/{run.thread_id}/runs/{run.id}")["status"])
        yield tool_call("f")
        seen.append(it.ok("GET", f"/threads/{run.thread_id}/runs/{run.id}")["status"])
        yield reply("Hi")

    run = it.settle(it.run())
    assert it.settle(it.submit(run, "1"))["status"] == "completed"
    assert seen == ["in_progress", "requires_action"]


def test_a_script_that_waits_for_its_own_run_is_told_why_it_never_ends() -> None:
    it = api()
    told = []

    @it.fake.script
    def script(run: Any) -> Any:
        while it.send("GET", f"/threads/{run.thread_id}/runs/{run.id}").status != 501:
            continue
        told.append(str(it.fake.complaints(scripts=False)[0]))
        yield reply("Hi")

    assert it.settle(it.run())["status"] == "completed"
    assert "Its own script polls it" in told[0]


@pytest.mark.parametrize(
    ("method", "path", "what"),
    [
        ("POST", "/runs/{run}/cancel", "was cancelled by its own script"),
        ("DELETE", "", "was deleted with its thread by its own script"),
    ],
)
def test_a_script_cannot_pull_its_run_from_under_itself(method: str, path: str, what: str) -> None:
    it = api()
    answers = []

    @it.fake.script
    def script(run: Any) -> Any:
        answers.append(it.send(method, f"/threads/{run.thread_id}{path.format(run=run.id)}"))
        yield reply("Hi")

    assert it.settle(it.run())["status"] == "completed"
    assert answers[0].status == 501
    assert what in answers[0].error["message"]
    assert what in it.fake.complaints()[0]


_OUTPUTS = {"tool_outputs": [{"tool_call_id": "call_000000000000000000000001", "output": "1"}]}


def test_a_script_cannot_give_outputs_to_its_own_run_while_it_takes_those_it_was_given() -> None:
    it = api()
    answers = []

    @it.fake.script
    def script(run: Any) -> Any:
        yield tool_call("f")
        answers.append(it.send("POST", f"/threads/{run.thread_id}/runs/{run.id}/submit_tool_outputs", _OUTPUTS))
        yield reply("Hi")

    run = it.settle(it.run())
    assert it.send("POST", f"{path_of(run)}/submit_tool_outputs", _OUTPUTS).status == 501
    assert it.settle(it.poll(run))["status"] == "completed"
    assert answers[0].status == 501
    assert "was given its outputs by its own script" in answers[0].error["message"]


def test_time_that_a_script_lets_pass_moves_others_and_not_its_own_run() -> None:
    it = api()
    it.fake.script(wait(5), reply("other"), message="other")

    @it.fake.script
    def script(run: Any) -> Any:
        it.fake.clock.advance(60)
        yield reply("Hi")

    other, run = it.run(it.thread("other")), it.run(it.thread("mine"))
    assert it.settle(run)["completed_at"] == T0 + 63
    assert it.ok("GET", f"/threads/{other['thread_id']}/runs")["data"][0]["status"] == "completed"
