"""Virtual time as a caller of the SDK meets it: polls, sleeps, deadlines, stepping by hand, and loops without end."""

import asyncio
import sys
import threading
import time
from typing import Any

import pytest

from openai_fake import OpenAIFake, expire, faults, reply, tool_call, wait
from openai_fake.timeline import Timeline
from tests.sdk_kit import no_real_sleep, openai, talk
from tests.transport_kit import each_mode

TOOL = [{"id": "call_1", "name": "f", "arguments": "{}"}]


def prepared(**options: Any) -> OpenAIFake:
    fake = OpenAIFake(**options)
    fake.add_assistant("asst_1")
    fake.add_thread("thread_1")
    fake.add_message("thread_1", content="Hello?")
    return fake


def create(client: Any) -> Any:
    return client.beta.threads.runs.create(thread_id="thread_1", assistant_id="asst_1")


def retrieve(client: Any, run: Any) -> Any:
    return client.beta.threads.runs.retrieve(run.id, thread_id="thread_1")


def polled(client: Any, run: Any, times: int) -> list[str]:
    return [retrieve(client, run).status for _ in range(times)]


@pytest.mark.parametrize("polls", range(5))
def test_so_many_polls_see_the_run_unfinished(polls: int) -> None:
    with prepared(polls=polls) as fake:
        fake.script(tool_call("f"), reply("Hi."))

        def say(client: Any) -> None:
            run = create(client)
            assert polled(client, run, polls + 1) == ["in_progress"] * polls + ["requires_action"]
            (call,) = retrieve(client, run).required_action.submit_tool_outputs.tool_calls
            outputs = [{"tool_call_id": call.id, "output": "1"}]
            run = client.beta.threads.runs.submit_tool_outputs(run.id, thread_id="thread_1", tool_outputs=outputs)
            assert run.status == "queued"
            assert polled(client, run, polls + 2) == ["in_progress"] * polls + ["completed"] * 2

        talk(fake, "sync", say)
        # However often it was asked, the run has taken as long as it takes: twice queued, twice in progress.
        assert fake.clock.now - fake._start == 6


def test_with_a_standing_clock_only_seconds_are_the_measure_of_progress() -> None:
    with prepared(autojump=False) as fake:
        fake.script(wait(10), reply("Hi."))

        def say(client: Any) -> None:
            run = create(client)
            assert polled(client, run, 3) == ["queued"] * 3
            for seconds, status in ((0.9, "queued"), (0.1, "in_progress"), (11.9, "in_progress"), (0.1, "completed")):
                fake.clock.advance(seconds)
                assert polled(client, run, 2) == [status] * 2

        talk(fake, "sync", say)


def test_the_clock_can_be_let_go_and_stopped_again_in_the_middle() -> None:
    with prepared(autojump=False, polls=6) as fake:
        fake.reply("Hi.")

        def say(client: Any) -> None:
            run = create(client)
            assert polled(client, run, 2) == ["queued"] * 2
            fake.clock.autojump = True
            assert polled(client, run, 1) == ["in_progress"]
            fake.clock.autojump = False
            assert polled(client, run, 2) == ["in_progress"] * 2
            fake.clock.autojump = True
            # Every poll counts, those with a standing clock too: the sixth is the last that sees it unfinished.
            assert polled(client, run, 3) == ["in_progress", "completed", "completed"]

        talk(fake, "sync", say)


def test_a_run_can_be_stepped_by_hand() -> None:
    with prepared(autojump=False) as fake:
        fake.script(reply("Hi there.", chunks=2))
        run = talk(fake, "sync", create)
        told = []
        while happened := fake.play_next(run.id):
            told.append([event.name.removeprefix("thread.") for event in happened])
        assert told[0] == ["run.in_progress"]
        assert told[-1][-1] == "run.completed"
        assert [name for names in told for name in names].count("message.delta") == 2
        assert fake.play_next(run.id) == []
        assert talk(fake, "sync", lambda client: retrieve(client, run)).status == "completed"


def test_advancing_finishes_one_run_and_expires_one_that_waits() -> None:
    with prepared(autojump=False) as fake:
        fake.reply("Hi.")
        fake.add_thread("thread_2")
        waiting = fake.add_run("thread_2", status="requires_action", tool_calls=TOOL)
        run = talk(fake, "sync", create)
        fake.clock.advance(700)
        (first,), (second,) = fake.thread("thread_1").runs, fake.thread("thread_2").runs
        assert (first.status, first.completed_at) == ("completed", first.created_at + 3)
        assert second.status == "expired"
        assert [fake.events(id)[-1].at - fake._start for id in (run.id, waiting.id)] == [3, 600]


@each_mode
def test_a_tool_that_is_too_slow_finds_the_run_expired(mode: str) -> None:
    with prepared() as fake:
        fake.script(tool_call("f"))
        ids = {"thread_id": "thread_1", "assistant_id": "asst_1"}
        run = talk(fake, mode, lambda client: client.beta.threads.runs.create_and_poll(**ids))
        (call,) = run.required_action.submit_tool_outputs.tool_calls
        fake.clock.advance(600)

        def submit(client: Any) -> Any:
            outputs = [{"tool_call_id": call.id, "output": "1"}]
            return client.beta.threads.runs.submit_tool_outputs(run.id, thread_id="thread_1", tool_outputs=outputs)

        with pytest.raises(openai.BadRequestError, match='Runs in status "expired" do not accept tool outputs'):
            talk(fake, mode, submit)


@each_mode
def test_an_explicit_poll_interval_moves_the_clock_instead(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with no_real_sleep(monkeypatch), prepared(autojump=False) as fake, fake.clock.skip_sdk_sleeps():
        fake.script(wait(5), reply("Hi."))
        run = talk(
            fake,
            mode,
            lambda client: client.beta.threads.runs.create_and_poll(
                thread_id="thread_1", assistant_id="asst_1", poll_interval_ms=2000
            ),
        )
        assert run.status == "completed"
        assert fake.clock.sleeps == [2.0] * 4
        assert fake.clock.now - fake._start == 8
        assert run.completed_at - run.created_at == 8


@each_mode
def test_the_sdks_back_off_can_be_asserted(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with no_real_sleep(monkeypatch), prepared() as fake, fake.clock.skip_sdk_sleeps():
        fake.inject(faults.connect_error, on="runs.list", times=2)
        fake.inject(faults.rate_limited(20), on="runs.list")
        runs = talk(fake, mode, lambda client: client.beta.threads.runs.list("thread_1"), max_retries=3)
        assert runs.data == []
        first, second, third = fake.clock.sleeps
        assert 0.375 <= first <= 0.5
        assert 0.75 <= second <= 1
        assert third == 20
        assert fake.clock.now - fake._start == pytest.approx(first + second + third)


@each_mode
def test_a_loop_that_sleeps_for_itself_costs_no_time(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def loop(client: Any) -> int:
        run, naps = create(client), 0
        while run.status not in ("completed", "failed", "expired"):
            time.sleep(30)
            run, naps = retrieve(client, run), naps + 1
        return naps

    async def loop_async(client: Any) -> int:
        run, naps = await create(client), 0
        while run.status not in ("completed", "failed", "expired"):
            await asyncio.sleep(30)
            run, naps = await retrieve(client, run), naps + 1
        return naps

    with no_real_sleep(monkeypatch), prepared(autojump=False) as fake, fake.clock.skip_sleep():
        fake.script(expire())
        assert talk(fake, mode, loop if mode == "sync" else loop_async) == 20
        assert fake.clock.sleeps == [30] * 20
        assert fake.thread("thread_1").runs[0].status == "expired"


@pytest.mark.parametrize(
    ("status", "autojump", "advice"),
    [
        ("requires_action", True, "call runs.submit_tool_outputs, or let it expire with fake.clock.advance(600)"),
        ("requires_action", False, "call runs.submit_tool_outputs, or let it expire with fake.clock.advance(600)"),
        ("in_progress", False, "let time pass with fake.clock.advance(seconds)"),
        ("queued", False, "let time pass with fake.clock.advance(seconds)"),
    ],
)
def test_polling_without_end_is_answered_with_what_to_do(status: str, autojump: bool, advice: str) -> None:
    fake = prepared(autojump=autojump)
    fake.open()
    run = fake.add_run("thread_1", status=status, tool_calls=TOOL if status == "requires_action" else ())

    def loop(client: Any) -> int:
        for count in range(1, 1000):
            try:
                retrieve(client, run)
            except openai.InternalServerError as error:
                assert error.status_code == 501
                assert advice in error.body["message"]
                return count
        raise AssertionError("it was answered for ever")

    assert talk(fake, "sync", loop) == 201
    assert fake.calls.count == 201
    fake.script(reply("Never played."), optional=True)
    with pytest.raises(AssertionError, match="was polled more than 200 times") as raised:
        fake.close()
    assert advice in str(raised.value)


def counted_steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    taken: list[str] = []
    step = Timeline.step

    def counted(timeline: Timeline, now: float) -> None:
        taken.append(timeline.id)
        step(timeline, now)

    monkeypatch.setattr(Timeline, "step", counted)
    return taken


def test_ten_minutes_cost_as_many_steps_as_things_happen(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = counted_steps(monkeypatch)
    with OpenAIFake(autojump=False) as fake:
        fake.add_assistant("asst_1")
        for number in range(100):
            fake.add_thread(f"thread_{number}")
            fake.add_run(f"thread_{number}", f"run_{number}", status="requires_action", tool_calls=TOOL)
        fake.clock.advance(599)
        assert taken == []
        fake.clock.advance(1)
        assert taken == [f"run_{number}" for number in range(100)]
        fake.clock.advance(100 * 365 * 86_400)
        assert len(taken) == 100


def test_time_may_be_moved_while_other_threads_call() -> None:
    # A switch at nearly every step finds in no time what would else be found once a month.
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        move_time_and_call()
    finally:
        sys.setswitchinterval(before)


def move_time_and_call() -> None:
    with prepared(autojump=False) as fake:
        problems: list[BaseException] = []
        begin = threading.Barrier(4)

        def guarded(work: Any) -> None:
            try:
                begin.wait()
                for number in range(400):
                    work(number)
            except BaseException as error:
                problems.append(error)

        def live(number: int) -> None:
            id = fake.add_thread().id
            fake.add_run(id, status="queued")
            assert fake.thread(id).runs[0].status in ("queued", "in_progress", "completed")

        works = [lambda number: fake.clock.advance(1), lambda number: fake.clock.advance(0.5), live, live]
        workers = [threading.Thread(target=guarded, args=(work,)) for work in works]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert problems == []
        assert fake.clock.now - fake._start == 600
        fake.clock.advance(5)
        assert {fake.thread(id).runs[0].status for id in fake.threads if fake.thread(id).runs} == {"completed"}
