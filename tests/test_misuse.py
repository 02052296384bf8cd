"""Misuse of the fake: answered with 501 and no retry, remembered, and told in a sentence when the fake closes."""

from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest

from conftest_plugin.telling import sections
from openai_fake import OpenAIFake, fail, incomplete, reply, tool_call
from openai_fake.errors import Misuse
from openai_fake.routing import nearest
from tests.kit import Answer, Api, api, dump, path_of


def script_raising(fake: OpenAIFake, error: BaseException, *before: Any) -> None:
    """A script that does so much, and then raises."""

    @fake.script
    def talk(run: Any) -> Any:
        for act in before:
            yield act
        raise error


def broken(it: Api) -> Any:
    script_raising(it.fake, KeyError("city"), tool_call("f"))
    return it.settle(it.run())


def answer_to_outputs(it: Api, run: Any) -> Answer:
    """What a run answers that is given the output of its only call."""
    (call,) = run["required_action"]["submit_tool_outputs"]["tool_calls"]
    outputs = {"tool_outputs": [{"tool_call_id": call["id"], "output": "1"}]}
    return it.send("POST", f"{path_of(run)}/submit_tool_outputs", outputs)


def test_a_run_that_nobody_scripted_is_answered_and_leaves_nothing_in_place() -> None:
    it = api(unscripted="error")
    thread, assistant = it.thread("Hi"), it.assistant()
    before = dump(it.fake)
    body = {"assistant_id": assistant, "additional_messages": [{"role": "user", "content": "more"}]}
    answer = it.send("POST", f"/threads/{thread}/runs", body)
    assert answer.status == 501
    assert answer.headers["x-should-retry"] == "false"
    assert answer.error["type"] == "openai_fake_error"
    assert answer.error["message"].startswith(f"No script fits the run run_000000000000000000000001 on {thread}")
    after = dump(it.fake)
    assert after.pop("misuses") == [answer.error["message"]]
    del before["misuses"], before["ids"], after["ids"]
    assert after == before
    assert it.fake.transcript().count("user:") == 1


def test_a_thread_and_run_that_nobody_scripted_leaves_nothing_in_place_either() -> None:
    it = api(unscripted="error")
    assistant = it.assistant()
    before = dump(it.fake)
    helper: Any = {"file_search": {"vector_stores": [{}]}}
    thread = {"messages": [{"role": "user", "content": "Hi"}], "tool_resources": helper}
    assert it.send("POST", "/threads/runs", {"assistant_id": assistant, "thread": thread}).status == 501
    after = dump(it.fake)
    for each in (before, after):
        del each["misuses"], each["ids"]
    assert after == before


def test_outputs_after_which_no_script_goes_on_are_answered_and_fail_the_run() -> None:
    it = api(unscripted="error")
    it.fake.script(tool_call("f"))
    run = it.settle(it.run())
    answer = answer_to_outputs(it, run)
    assert answer.status == 501
    assert "it is the one that has just ended on tool calls" in answer.error["message"]
    failed = it.ok("GET", path_of(run))
    assert (failed["status"], failed["last_error"]["message"]) == ("failed", answer.error["message"])
    assert it.fake.complaints() == [answer.error["message"]]


def test_a_script_that_raises_after_its_outputs_fails_the_run() -> None:
    it = api()
    run = broken(it)
    assert answer_to_outputs(it, run).status == 501
    assert it.ok("GET", path_of(run))["status"] == "failed"
    (step,) = it.steps(run)
    assert step["status"] == "completed"
    (complaint,) = it.fake.complaints()
    assert "raised KeyError: 'city'" in complaint


def test_what_a_script_raises_is_the_cause_of_what_is_told_at_the_end() -> None:
    fake = OpenAIFake().open()
    fake.script(lambda run: [reply(run.no_such_thing)])
    it = Api(fake)
    failed = it.settle(it.run())
    assert (failed["status"], failed["last_error"]["code"]) == ("failed", "server_error")
    with pytest.raises(AssertionError, match="raised AttributeError: .* no attribute 'no_such_thing'") as caught:
        fake.close()
    causes = [type(caught.value.__cause__), type(getattr(caught.value.__cause__, "__cause__", None))]
    assert causes == [Misuse, AttributeError]


def test_a_list_of_acts_that_cannot_be_given_outputs_is_told_as_such() -> None:
    it = api()

    @it.fake.script
    def talk(run: Any) -> Any:
        yield from [tool_call("f"), reply("Done.")]

    run = it.settle(it.run())
    message = answer_to_outputs(it, run).error["message"]
    assert "'list_iterator' object has no attribute 'send'" in message
    assert message.endswith("Behind `yield from`, a list cannot be given outputs: yield its acts one by one.")


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt, pytest.fail.Exception])
@pytest.mark.parametrize(("before", "step"), [([], None), ([reply("Hi")], "failed"), ([tool_call("f")], "completed")])
def test_a_script_that_is_interrupted_fails_the_run_and_frees_its_thread(
    before: list[Any], step: str | None, interrupt: type[BaseException]
) -> None:
    it = api()
    script_raising(it.fake, interrupt("not this one"), *before)
    run = it.run()
    with pytest.raises(interrupt, match="not this one"):
        it.submit(it.settle(run), "1")
    failed = it.poll(run)
    told = f"The run was interrupted by {interrupt.__name__}: not this one"
    assert (failed["status"], failed["last_error"]["message"]) == ("failed", told)
    assert [made["status"] for made in it.steps(run)] == ([step] if step else [])
    assert it.settle(it.run(run["thread_id"]))["status"] == "completed"
    assert [call.status for call in it.fake.calls].count(0) == 1
    (line,) = [line for _, text in sections(it.fake) for line in text.splitlines() if "-> no answer" in line]
    assert path_of(run) in line


def lost(call: Callable[[], object]) -> BaseException:
    """What a call has raised in a thread of its own, where nobody else sees it."""
    raised: list[BaseException] = []

    def work() -> None:
        try:
            call()
        except BaseException as error:
            raised.append(error)

    thread = Thread(target=work)
    thread.start()
    thread.join()
    (error,) = raised
    return error


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt, SystemExit, pytest.fail.Exception])
def test_what_interrupts_a_script_in_another_thread_fails_the_test(interrupt: type[BaseException]) -> None:
    fake = OpenAIFake().open()
    script_raising(fake, interrupt("not this one"), tool_call("f"))
    it = Api(fake)
    waiting = it.settle(it.run())
    error = lost(lambda: it.submit(waiting, "1"))
    assert isinstance(error, interrupt)
    told = rf"The script talk\(run\) \(.*test_misuse\.py:\d+\) was interrupted by {interrupt.__name__}: not this one$"
    with pytest.raises(AssertionError, match=told) as caught:
        fake.close()
    assert caught.value.__cause__ is not None and caught.value.__cause__.__cause__ is error


@pytest.mark.parametrize("keyword", ["when", "message"])
@pytest.mark.parametrize("after", [False, True], ids=["begin", "go_on"])
def test_so_does_what_interrupts_a_condition(keyword: str, after: bool) -> None:
    it = api()
    keywords: Any = {keyword: lambda asked: pytest.fail("not this one")}
    waiting: Any = None
    if after:
        it.fake.script(tool_call("f"))
        waiting = it.settle(it.run())
    it.fake.reply("Hi", **keywords)
    error = lost(lambda: it.submit(waiting, "1") if after else it.run())
    assert isinstance(error, pytest.fail.Exception)
    (complaint, *_) = it.fake.complaints()
    assert complaint.endswith("was interrupted by Failed: not this one")
    cause = it.fake.cause()
    assert cause is not None and cause.__cause__ is error


def test_a_failure_that_nobody_has_seen_on_the_way_fails_the_test_in_one_thread_too() -> None:
    it = api()
    it.fake.script(lambda run: pytest.fail("not this one"))
    with pytest.raises(pytest.fail.Exception):
        it.settle(it.run())
    assert len(it.fake.complaints()) == 1


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt, SystemExit])
def test_what_ends_the_whole_program_is_not_lost_in_its_main_thread(interrupt: type[BaseException]) -> None:
    it = api()

    @it.fake.script
    def talk(run: Any) -> Any:
        raise interrupt

    with pytest.raises(interrupt):
        it.settle(it.run())
    assert it.fake.complaints() == []


@pytest.mark.parametrize("before", [[], [reply("Hi")], [tool_call("f")]])
def test_a_script_that_raises_what_ends_generators_fails_its_run_too(before: list[Any]) -> None:
    it = api()
    script_raising(it.fake, GeneratorExit("not this one"), *before)
    run = it.settle(it.run())
    if run["status"] == "requires_action":
        assert answer_to_outputs(it, run).status == 501
    assert it.poll(run)["status"] == "failed"
    (complaint,) = it.fake.complaints()
    assert "raised GeneratorExit: not this one" in complaint
    assert it.settle(it.run(run["thread_id"]))["status"] == "completed"


@pytest.mark.parametrize("keyword", ["when", "message"])
def test_a_condition_that_raises_what_ends_generators_locks_no_thread(keyword: str) -> None:
    def leave(asked: Any) -> Any:
        raise GeneratorExit

    it = api()
    keywords: Any = {keyword: leave}
    it.fake.script(tool_call("f"))
    waiting = it.settle(it.run())
    it.fake.reply("Hi", **keywords)
    assert answer_to_outputs(it, waiting).status == 501
    assert it.poll(waiting)["status"] == "failed"
    assert "raised GeneratorExit" in it.fake.complaints()[0]


ODD: list[Any] = [
    (lambda run: None, "returned None: yield its acts, such as reply(…), or return them."),
    (lambda run: ["Hi"], "gave 'Hi': expected an act: reply, refusal,"),
    (lambda run: 5, "gave 5: expected an act: reply, refusal,"),
    (lambda run: [()], "gave (): expected an act: reply, refusal,"),
]


@pytest.mark.parametrize(("script", "told"), ODD)
def test_what_a_script_gives_instead_of_acts_is_told(script: Any, told: str) -> None:
    it = api()
    it.fake.script(script)
    run = it.settle(it.run())
    assert run["status"] == "failed"
    assert told in run["last_error"]["message"]
    assert "test_misuse.py:" in run["last_error"]["message"]
    assert it.fake.complaints() == [run["last_error"]["message"]]


@pytest.mark.parametrize("keyword", ["when", "message"])
def test_a_condition_that_raises_is_told_by_its_name(keyword: str) -> None:
    def picky(run: Any) -> Any:
        raise KeyError("mood")

    it = api()
    keywords: Any = {keyword: picky}
    it.fake.reply("Hi", **keywords)
    answer = it.send("POST", f"/threads/{it.thread('Hi')}/runs", {"assistant_id": it.assistant()})
    assert answer.status == 501
    assert f"{keyword}=picky" in answer.error["message"]
    assert "raised KeyError: 'mood'" in answer.error["message"]
    assert f") of the script at {__file__}:" in answer.error["message"]


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (
            fail("content_filter", "x"),
            "fail('content_filter', …): the documented codes are server_error, rate_limit_exceeded, invalid_prompt; "
            'open the fake with profile="recorded" to play reply(',
        ),
        (
            incomplete("content_filter"),
            "incomplete('content_filter'): the documented reasons are max_completion_tokens, max_prompt_tokens; "
            'open the fake with profile="recorded" to play reply(',
        ),
    ],
)
def test_what_the_types_do_not_know_is_for_the_recorded_profile(act: Any, told: str) -> None:
    it = api()
    it.fake.script(reply("Hi"), act)
    message = it.settle(it.run())["last_error"]["message"]
    assert message.startswith(told) and f"({__file__}:" in message and message.endswith(") as it was seen.")
    recorded = api(profile="recorded")
    recorded.fake.script(reply("Hi"), act)
    run = recorded.settle(recorded.run())
    assert run["status"] in ("failed", "incomplete")
    assert recorded.fake.complaints() == []


def test_an_error_of_our_own_is_answered_and_told_too(monkeypatch: pytest.MonkeyPatch) -> None:
    it = api()

    def bug(*_: Any) -> Any:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(it.fake._world, "assistant", bug)
    answer = it.send("GET", "/assistants/asst_1")
    assert answer.status == 500
    assert answer.headers["x-should-retry"] == "false"
    assert answer.error["message"] == "openai_fake failed itself, please report it: ZeroDivisionError: oops"
    assert it.fake.complaints() == [answer.error["message"]]


def test_a_warning_that_is_an_error_is_told_at_the_end_and_the_route_is_answered() -> None:
    it = api()
    status, message, *_ = it.refused("GET", "/assitants")
    assert (status, message) == (404, "Invalid URL (GET /v1/assitants)")
    assert it.fake.complaints() == [
        "openai_fake serves no GET /assitants. The nearest operation is assistants.list (GET /assistants)."
    ]


@pytest.mark.filterwarnings("default")
def test_an_unknown_route_warns_with_the_nearest_operation() -> None:
    it = api()
    with pytest.warns(
        RuntimeWarning, match=r"serves no POST /threads/thread_1/run. The nearest operation is runs.create"
    ):
        assert it.send("POST", "/threads/thread_1/run").status == 404
    assert it.fake.complaints() == []


@pytest.mark.parametrize(
    ("method", "path", "near"),
    [
        ("PATCH", "/assistants/x", "assistants.update (POST /assistants/{assistant_id})"),
        ("HEAD", "/threads/t", "threads.retrieve (GET /threads/{thread_id})"),
        ("PUT", "/threads/t/messages/m", "messages.update (POST /threads/{thread_id}/messages/{message_id})"),
        ("GET", "/threads/a/b/c", "threads.retrieve (GET /threads/{thread_id})"),
        ("POST", "/upload", "uploads.create (POST /uploads)"),
        ("DELETE", "/uploads/upload_1", "uploads.parts.create (POST /uploads/{upload_id}/parts)"),
        ("GET", "/uploads/runs/files", "uploads.complete (POST /uploads/{upload_id}/complete)"),
        ("POST", "/chat/completions", None),
    ],
)
def test_the_nearest_operation_has_the_same_path_or_nearly(method: str, path: str, near: str | None) -> None:
    assert nearest(method, path) == near


def test_the_report_says_how_to_put_an_assistant_there_that_is_not() -> None:
    it = api()
    it.refused("GET", "/assistants/asst_mine")
    told = dict(sections(it.fake))["openai_fake calls"]
    assert told.endswith(
        "-> 404: No assistant found with id 'asst_mine'. "
        "(fake.add_assistant(id) puts it in place, adopt_assistants=True takes any id)"
    )


def test_a_failures_calls_say_what_can_answer_what_the_fake_does_not_serve() -> None:
    it = api()
    with pytest.warns(RuntimeWarning, match="serves no POST /chat/completions"):
        it.send("POST", "/chat/completions", {})
    told = dict(sections(it.fake))["openai_fake calls"]
    assert told.endswith('alike one of respx.mock(using="openai_fake") inside the fake)')


def test_a_failures_calls_name_the_operation_that_is_nearest_to_what_there_is_not() -> None:
    it = api()
    with pytest.warns(RuntimeWarning, match="serves no GET /threads"):
        it.send("GET", "/threads")
    told = dict(sections(it.fake))["openai_fake calls"]
    assert told.endswith(
        "-> 404: Invalid URL (GET /v1/threads) (The nearest operation is threads.create (POST /threads))"
    )
