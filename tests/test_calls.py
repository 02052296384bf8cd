"""The call log: what it holds of every request, how it is asked, and what an assertion says when it fails."""

import gc
import tracemalloc
from typing import Any

import pytest

from openai_fake import OpenAIFake, faults, reply, wait
from openai_fake.calls import CallLog
from openai_fake.differing import differences
from openai_fake.headers import plain_headers
from openai_fake.logged import LoggedCall
from openai_fake.routing import Call
from tests.counts import count
from tests.kit import BETA, Api, api

START = 1_767_225_600


def test_a_call_is_told_in_full() -> None:
    it = api()
    thread = it.thread("Hi!")
    it.fake.clock.advance(5)
    it.send(
        "GET", f"/threads/{thread}/messages", query={"limit": "1", "order": "asc"}, headers={**BETA, "x-mine": "yes"}
    )
    call = it.fake.calls.last
    assert (call.operation, call.method, call.host) == ("messages.list", "GET", "api.openai.com")
    assert (call.path, call.query) == (f"/threads/{thread}/messages", {"limit": "1", "order": "asc"})
    assert (call.body, call.json, call.status, call.at, call.duration) == (b"", None, 200, START + 5, 0)
    assert call.headers == {"openai-beta": "assistants=v2", "x-mine": "yes"}
    assert (call.headers["OpenAI-Beta"], call.headers.get("X-Mine"), "X-Other" in call.headers) == (
        BETA["openai-beta"],
        "yes",
        False,
    )
    assert call.answer["data"][0]["content"][0]["text"]["value"] == "Hi!"
    assert repr(call) == f"<messages.list: GET /threads/{thread}/messages -> 200>"


def test_bodies_are_told_as_they_were_sent() -> None:
    it = api()
    it.send("POST", "/threads", b"{not json")
    assert (it.fake.calls.last.body, it.fake.calls.last.json, it.fake.calls.last.status) == (b"{not json", None, 400)
    assert it.fake.calls.last.answer["error"]["type"] == "invalid_request_error"


def test_an_answer_that_is_no_json_is_told_as_bytes() -> None:
    it = api()
    it.fake.inject(faults.status(502, body=b"<html>"), on="*")
    it.send("POST", "/threads")
    assert (it.fake.calls.last.status, it.fake.calls.last.answer) == (502, b"<html>")


def test_a_stream_is_told_as_far_as_it_was_read() -> None:
    fake = OpenAIFake()
    fake.script(reply("Hello there.", chunks=2))
    it = Api(fake)
    assistant, thread = it.assistant(), it.thread("Hi!")
    body = b'{"assistant_id": "%b", "stream": true}' % assistant.encode()
    streamed = fake._gate.answer(Call("POST", "api.openai.com", f"/threads/{thread}/runs", (), BETA, body))
    call = fake.calls.last
    assert (call.status, call.answer, call.duration) == (200, [], 0)
    assert not isinstance(streamed.body, bytes)
    next(streamed.body), next(streamed.body), next(streamed.body)
    assert [event for event, _ in call.answer] == ["thread.run.created", "thread.run.queued", "thread.run.in_progress"]
    assert call.answer[2][1]["status"] == "in_progress"
    assert call.duration == 1
    list(streamed.body)
    assert call.answer[-1][0] == "thread.run.completed"
    assert call.duration == 3
    assert "".join(
        d["delta"]["content"][0]["text"]["value"] for e, d in call.answer if e == "thread.message.delta"
    ) == ("Hello there.")


def test_durations_are_virtual() -> None:
    it = api()
    it.fake.script(wait(100))
    it.fake.inject(faults.latency(7), on="threads.create")
    it.thread()
    assert [call.duration for call in it.fake.calls] == [7]


def test_calls_are_found_by_name_by_pattern_by_place_and_one_by_one() -> None:
    it = api()
    run = it.settle(it.run())
    calls = it.fake.calls
    names = ["assistants.create", "threads.create", "runs.create", "runs.retrieve", "runs.retrieve"]
    assert [call.operation for call in calls] == names
    assert (calls.count, len(calls), calls[0].operation, calls[-1] is calls.last) == (5, 5, names[0], True)
    assert [call.operation for call in calls[1:3]] == names[1:3]
    assert calls.named("runs.*").count == 3
    assert calls.named("runs.retrieve").last.answer["status"] == run["status"] == "completed"
    assert calls.named("*.create").named("threads.*").count == 1
    assert repr(calls) == "<5 calls>"
    with pytest.raises(IndexError, match="no last call"):
        calls.named("files.*").last


def test_a_call_that_fits_satisfies() -> None:
    it = api()
    it.run(metadata={"a": "1", "b": "2"}, tools=[{"type": "code_interpreter"}])
    calls = it.fake.calls
    calls.assert_called("runs.create")
    calls.assert_called("runs.create", 1, {"metadata": {"a": "1"}})
    calls.assert_called("runs.create", times=1, json={"tools": [{"type": "code_interpreter"}]}, status=200)
    calls.assert_called("*.create", times=3)
    calls.assert_called("runs.cancel", times=0)
    calls.assert_called("runs.create", times=0, json={"metadata": {"a": "2"}})
    calls.assert_called("runs.create", headers=BETA, query={}, path=calls.last.path)
    calls.assert_called("runs.create", headers={"OpenAI-Beta": "assistants=v2"})
    calls.assert_called("runs.create", method="POST", host="api.openai.com")
    assert "  method is 'POST', expected 'GET'" in failure(calls, "runs.create", method="GET")


def failure(calls: CallLog, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(AssertionError) as failed:
        calls.assert_called(*args, **kwargs)
    return str(failed.value)


def test_a_failure_shows_the_nearest_call_and_the_field_that_differs() -> None:
    it = api()
    assistant, thread = it.assistant(), it.thread("Hi!")
    it.settle(it.run(thread, assistant, model="gpt-4o", metadata={"step": "one"}))
    it.settle(it.run(thread, assistant, model="gpt-4o-mini", metadata={"step": "two"}))
    wanted = {"model": "gpt-4o-mini", "metadata": {"step": "one", "user": "7"}, "stream": False}
    assert failure(it.fake.calls, "runs.create", times=1, json=wanted) == (
        "Expected runs.create to be called once with this json, but it was called 0 times.\n"
        f"The nearest call, <runs.create: POST /threads/{thread}/runs -> 200>, differs:\n"
        "  json.model is 'gpt-4o', expected 'gpt-4o-mini'\n"
        "  json.metadata.user is missing, expected '7'\n"
        "  json.stream is missing, expected False"
    )
    assert failure(it.fake.calls, "runs.create", times=3, json={"model": "gpt-4o"}) == (
        "Expected runs.create to be called 3 times with this json, but it was called once.\n"
        f"The nearest call, <runs.create: POST /threads/{thread}/runs -> 200>, differs:\n"
        "  json.model is 'gpt-4o-mini', expected 'gpt-4o'"
    )
    assert failure(it.fake.calls, "runs.create", times=1) == (
        "Expected runs.create to be called once, but it was called 2 times."
    )


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("run.create", "runs.create"),
        ("beta.threads.runs.create", "runs.create"),
        ("threads.runs.cancel", "runs.cancel"),
        ("beta.threads.create_and_runs", "threads.create_and_run"),
        ("runs.steps.list", "steps.list"),
    ],
)
def test_a_name_that_there_is_not_is_warned_of_with_the_one_that_was_meant(name: str, meant: str) -> None:
    calls = api().fake.calls
    with pytest.warns(RuntimeWarning, match=f"there is no operation {name!r}. Did you mean {meant!r}?") as told:
        assert calls.named(name).count == 0
    assert told[0].filename == __file__
    assert calls.named("threads.*").count == calls.named("files.create").count == 0


def test_a_call_that_there_is_not_is_told_with_how_many_there_are() -> None:
    with pytest.raises(IndexError, match="There is no call 0: the log has 0."):
        api().fake.calls[0]


def test_a_body_in_the_place_of_the_times_is_refused() -> None:
    with pytest.raises(TypeError, match=r"assert_called\(times=\{'model': 'm'\}\): expected a whole number."):
        api().fake.calls.assert_called("assistants.create", {"model": "m"})  # type: ignore[arg-type]


def test_a_name_that_there_is_not_is_not_never_called() -> None:
    it = api()
    it.fake.calls.assert_called("runs.create", times=0)
    with pytest.raises(AssertionError, match=r"There is no operation 'runs\.craete'\. Did you mean 'runs\.create'\?"):
        it.fake.calls.assert_called("runs.craete", times=0)


def test_a_failure_says_what_was_called_instead_and_which_name_was_meant() -> None:
    it = api()
    assert failure(it.fake.calls, "runs.cancel") == (
        "Expected runs.cancel to be called at least once, but it was called 0 times.\nCalled were: nothing."
    )
    it.thread()
    it.thread()
    it.assistant()
    assert failure(it.fake.calls, "thread.create") == (
        "There is no operation 'thread.create'. Did you mean 'threads.create'?\n"
        "Called were: threads.create (2), assistants.create (1)."
    )


def test_the_log_is_bounded_and_an_assertion_that_would_need_dropped_calls_says_so() -> None:
    it = api(max_calls=3)
    it.assistant()
    threads = [it.thread() for _ in range(4)]
    calls = it.fake.calls
    assert (calls.count, calls.dropped, calls[0].answer["id"]) == (3, 2, threads[1])
    assert repr(calls) == "<3 calls, 2 older ones dropped>"
    calls.assert_called("threads.create")
    calls.assert_called("runs.create", times=0)
    told = (
        "1 older call(s) of it were dropped and cannot be counted: the log keeps the last 3; "
        "open the fake with a larger max_calls."
    )
    for times in (3, 4):
        assert failure(calls, "threads.create", times=times) == (
            f"Expected threads.create to be called {times} times, but it was called 3 times, as far as is known.\n"
            + told
        )
    assert told in failure(calls, "assistants.create")
    assert told.replace("1 older", "2 older") in failure(calls, "*", times=5)
    (assistants, all_) = calls.named("assistants.*").dropped, calls.named("*").dropped
    assert (assistants, all_) == (1, 2)


def test_a_log_of_no_calls_at_all() -> None:
    it = api(max_calls=0)
    it.thread()
    assert (it.fake.calls.count, it.fake.calls.dropped) == (0, 1)


@pytest.mark.parametrize(
    ("wanted", "got", "places"),
    [
        ({}, {"a": 1}, []),
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}, "d": 3}, []),
        ({"a": [{"b": 1}]}, {"a": [{"b": 1, "c": 2}]}, []),
        ({"a": (1, 2)}, {"a": [1, 2]}, []),
        ({"a": None}, {"a": None}, []),
        ({"a": None}, {}, ["a is missing, expected None"]),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, ["a.b is 2, expected 1"]),
        ({"a": [1]}, {"a": [1, 2]}, ["a is [1, 2], expected [1]"]),
        ({"a": [1, {"b": 2}]}, {"a": [0, {"b": 3}]}, ["a[0] is 0, expected 1", "a[1].b is 3, expected 2"]),
        ({"a": True}, {"a": 1}, ["a is 1, expected True"]),
        ({"a": 1}, None, [" is None, expected {'a': 1}"]),
        ({"a": "x"}, {"a": "y" * 500}, [f"a is '{'y' * 196}..., expected 'x'"]),
    ],
)
def test_differences(wanted: Any, got: Any, places: list[str]) -> None:
    assert differences(wanted, got) == places


def test_the_texts_of_headers_are_shared_between_calls_and_none_of_them_is_a_secret() -> None:
    raw = [(b"X-Trace", b"7"), (b"Authorization", b"Bearer 0123456789"), (b"x-two", b"a"), (b"X-Two", b"\xff")]
    calls = [LoggedCall("x", Call("GET", "h", "/", (), plain_headers(raw)), 0) for _ in range(2)]
    assert calls[0].headers == {"x-trace": "7", "authorization": "[redacted]", "x-two": "a, ÿ"}
    first, second = (call._headers for call in calls)
    (names, values), (same_names, same_values) = first, second
    assert names is same_names
    assert all(one is other for one, other in zip(values[:2], same_values[:2], strict=True))


def test_a_call_of_the_real_sdk_costs_at_most_a_kilobyte_beside_its_bodies() -> None:
    openai = pytest.importorskip("openai", reason="the openai SDK is not installed")
    fake = OpenAIFake()
    fake.add_assistant("asst_1")
    client = openai.OpenAI(api_key="sk-planted-0123456789", organization="org-planted", http_client=fake.http_client())

    def say(number: int) -> None:
        for _ in range(number):
            client.beta.assistants.retrieve("asst_1", extra_headers={"x-mine": "yes"})

    say(200)
    many = count(300, 3_000)
    gc.collect()
    tracemalloc.start()
    say(many)
    gc.collect()
    by_calls = sum(trace.size for trace in tracemalloc.take_snapshot().traces)
    tracemalloc.stop()
    bodies = sum(len(call.body) for call in fake.calls[-many:])
    assert fake.calls.count == 200 + many
    assert len(fake.calls.last.headers) >= 15
    each = (by_calls - bodies) / many
    assert each <= 1024


def test_a_call_is_told_apart_by_its_path() -> None:
    it = api()
    it.fake.add_thread("thread_1")
    it.ok("GET", "/threads/thread_1")
    it.fake.calls.assert_called("threads.retrieve", path="/threads/thread_1")
    with pytest.raises(AssertionError, match="path"):
        it.fake.calls.assert_called("threads.retrieve", path="/threads/thread_2")
