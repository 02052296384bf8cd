"""What the calls of a client prove against it, and what they do not."""

import copy
import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from openai_fake import OpenAIFake, expire, fail, faults, incomplete, reply, tool_call, tool_calls
from openai_fake.errors import TransportFailure
from openai_fake.verdict import Finding, Verdict
from tests.kit import BETA, Api, path_of
from tests.sdk_kit import openai, talk

RETRY = {**BETA, "x-stainless-retry-count": "1"}


class Client(Api):
    """A bare client on one thread, for good and bad manners."""

    def __init__(self, **options: Any) -> None:
        super().__init__(OpenAIFake(**options))
        self.fake.add_assistant("asst_1")
        self.fake.add_thread("thread_1")
        self.fake.add_message("thread_1", content="Hello?")

    def begin(self, *acts: Any) -> Any:
        if acts:
            self.fake.script(*acts)
        return self.run("thread_1", "asst_1")

    def read(self) -> None:
        self.messages("thread_1")

    def fails(self, method: str, path: str, body: Any = None, **given: Any) -> None:
        """A request that ends in a transport failure."""
        with pytest.raises(TransportFailure):
            self.send(method, path, body, **given)

    def stream(self, *acts: Any, read: int | None = None) -> None:
        """A streamed run, of which so many events are read."""
        self.fake.script(*acts)
        if read is not None:
            self.fake.inject(faults.truncate(read))
        self.send("POST", "/threads/thread_1/runs", {"assistant_id": "asst_1", "stream": True})

    @property
    def kinds(self) -> list[str]:
        return [finding.kind for finding in self.fake.verdict()]


def outputs_of(run: Any, text: str = "1") -> dict[str, Any]:
    calls = run["required_action"]["submit_tool_outputs"]["tool_calls"]
    return {"tool_outputs": [{"tool_call_id": call["id"], "output": text} for call in calls]}


def submit(client: Client, run: Any, **given: Any) -> Any:
    return client.send("POST", f"{path_of(run)}/submit_tool_outputs", outputs_of(run), **given)


def takes_requires_action(client: Client) -> None:
    client.settle(client.begin(tool_call("f")))
    client.read()


def takes_incomplete(client: Client) -> None:
    client.settle(client.begin(incomplete("max_completion_tokens", "Well,")))
    client.read()


def takes_failed_and_tidies_up(client: Client) -> None:
    client.settle(client.begin(reply("Hi.")))
    client.settle(client.begin(fail("server_error", "Sorry.")))
    newest = client.messages("thread_1", order="desc")[0]
    client.ok("DELETE", f"/threads/thread_1/messages/{newest['id']}")


def takes_expired(client: Client) -> None:
    client.settle(client.begin(expire()))
    client.read()


def takes_failed(client: Client) -> None:
    client.settle(client.begin(fail("server_error", "Sorry.")))
    client.read()


def takes_a_cut_stream(client: Client) -> None:
    client.stream(reply("Hi there."), read=9)
    client.read()


def takes_a_stream_that_never_began(client: Client) -> None:
    client.stream(reply("Hi there."), read=0)
    client.read()


def leaves_a_run_waiting(client: Client) -> None:
    client.settle(client.begin(tool_call("f")))


def polls_a_finished_run(client: Client) -> None:
    run = client.settle(client.begin(expire()))
    for _ in range(20):
        client.poll(run)


def submits_late(client: Client) -> None:
    run = client.settle(client.begin(tool_call("f")))
    client.fake.clock.advance(600)
    submit(client, run)


def submits_twice(client: Client) -> None:
    run = client.settle(client.begin(tool_call("f"), reply("Done.")))
    client.fake.inject(faults.lost_answer(), on="runs.submit_tool_outputs")
    with pytest.raises(TransportFailure):
        submit(client, run)
    submit(client, run)


def submits_old_outputs_again(client: Client) -> None:
    run = client.settle(client.begin(tool_call("f"), tool_call("g"), reply("Done.")))
    submit(client, run)
    client.settle(client.poll(run))
    submit(client, run)
    client.ok("POST", f"{path_of(run)}/cancel")


def starts_a_second_run(client: Client) -> None:
    client.begin()
    client.send("POST", "/threads/thread_1/runs", {"assistant_id": "asst_1"})


def adds_a_message_under_the_lock(client: Client) -> None:
    client.begin()
    client.send("POST", "/threads/thread_1/messages", {"role": "user", "content": "And?"})


def ignores_retry_after(client: Client) -> None:
    client.fake.inject(faults.rate_limited(20), on="runs.list")
    for _ in range(2):
        client.send("GET", "/threads/thread_1/runs")


def retries_in_vain(client: Client) -> None:
    for _ in range(2):
        client.send("POST", "/threads/thread_1/runs", {"assistant_id": "asst_none"})


def retries_without_quota(client: Client) -> None:
    client.fake.inject(faults.quota_exceeded(), on="runs.list", times=2)
    for _ in range(2):
        client.send("GET", "/threads/thread_1/runs")


def submits_one_output_of_two(client: Client) -> None:
    run = client.settle(client.begin(tool_calls(tool_call("f"), tool_call("g"))))
    some = {"tool_outputs": outputs_of(run)["tool_outputs"][:1]}
    assert client.send("POST", f"{path_of(run)}/submit_tool_outputs", some).status == 400


def polls_what_waits_and_looks_at_its_steps(client: Client) -> None:
    run = client.settle(client.begin(tool_call("f")))
    for _ in range(19):
        client.poll(run)
        client.steps(run)
    client.ok("POST", f"{path_of(run)}/cancel")


def comes_back_too_soon_after_something_else(client: Client) -> None:
    client.fake.inject(faults.rate_limited(20), on="runs.list")
    client.send("GET", "/threads/thread_1/runs")
    client.ok("GET", "/threads/thread_1")
    client.send("GET", "/threads/thread_1/runs")


def retries_in_vain_after_something_else(client: Client) -> None:
    for _ in range(2):
        client.send("POST", "/threads/thread_1/runs", {"assistant_id": "asst_none"})
        client.ok("GET", "/threads/thread_1")


SINS: dict[Callable[[Client], None], tuple[str, str, int]] = {
    takes_requires_action: ("took_requires_action", "asked for tool outputs (requires_action), and the messages", 2),
    takes_incomplete: ("took_incomplete", "ended incomplete, and the messages were read", 2),
    takes_expired: ("took_expired", "expired, and the messages were read", 2),
    takes_failed_and_tidies_up: ("took_failed", "failed, and the messages were read", 2),
    takes_failed: ("took_failed", "failed, and the messages were read", 2),
    takes_a_cut_stream: ("took_cut_stream", "ended before the run did", 2),
    takes_a_stream_that_never_began: ("took_cut_stream", "ended before the run did", 2),
    leaves_a_run_waiting: ("left_waiting", "asked for tool outputs and got none", 1),
    polls_a_finished_run: ("polled_without_end", "was polled 20 times and more while it was 'expired'", 20),
    submits_late: ("submitted_late", "were submitted late: it had expired", 1),
    submits_twice: ("submitted_twice", "were submitted twice: the first had taken effect", 2),
    submits_old_outputs_again: ("submitted_twice", "were submitted twice", 2),
    starts_a_second_run: ("busy_thread", "A second run was started on thread_1 while one was active", 1),
    adds_a_message_under_the_lock: ("busy_thread", "A message was added to thread_1 while a run was active", 1),
    ignores_retry_after: ("ignored_retry_after", "told to come back after 20 s; it came back after 0 s", 2),
    retries_in_vain: ("retried_in_vain", "runs.create was refused with 404 (No assistant found with id", 2),
    submits_one_output_of_two: ("left_waiting", "got only some of them (Expected tool outputs for", 2),
    polls_what_waits_and_looks_at_its_steps: ("polled_without_end", "while it was 'requires_action'", 20),
    comes_back_too_soon_after_something_else: ("ignored_retry_after", "it came back after 0 s", 2),
    retries_in_vain_after_something_else: ("retried_in_vain", "runs.create was refused with 404", 2),
    retries_without_quota: ("retried_in_vain", "runs.list was refused with 429 (You exceeded your current quota", 2),
}


@pytest.mark.parametrize("sin", SINS, ids=lambda sin: sin.__name__)
def test_a_sin_is_named_with_its_calls(sin: Callable[[Client], None]) -> None:
    client = Client()
    sin(client)
    kind, words, calls = SINS[sin]
    (finding,) = client.fake.verdict()
    assert isinstance(finding, str)
    assert (finding.kind, len(finding.calls)) == (kind, calls)
    assert words in finding
    logged = list(client.fake.calls)
    places = [logged.index(call) for call in finding.calls]
    assert places == sorted(places)
    with pytest.raises(AssertionError) as raised:
        client.fake.assert_well_behaved()
    assert str(raised.value).startswith(f"The client did 1 thing(s) wrong:\n  - [{kind}] {finding}\n      at +")
    assert all(repr(call) in str(raised.value) for call in finding.calls)
    client.fake.assert_well_behaved(but_for=[kind])


def reads_and_then_submits(client: Client) -> None:
    run = client.settle(client.begin(tool_call("f"), reply("Done.")))
    client.read()
    client.settle(client.submit(run, "1"))
    client.read()


def cancels_what_waits(client: Client) -> None:
    run = client.settle(client.begin(tool_call("f")))
    client.settle(client.ok("POST", f"{path_of(run)}/cancel"))
    client.read()


def goes_on_after_an_incomplete_run(client: Client) -> None:
    client.settle(client.begin(incomplete("max_completion_tokens", "Well,")))
    client.read()
    client.settle(client.begin(reply("That is all.")))
    client.read()


def gives_up_on_an_expired_run(client: Client) -> None:
    client.settle(client.begin(expire()))


def asks_anew_after_an_expired_run(client: Client) -> None:
    client.settle(client.begin(expire()))
    client.ok("POST", "/threads/thread_1/messages", {"role": "user", "content": "Still there?"})
    client.settle(client.begin(reply("Yes.")))
    client.read()


def looks_after_a_cut_stream(client: Client) -> None:
    client.stream(reply("Hi there."), read=9)
    (run,) = client.ok("GET", "/threads/thread_1/runs")["data"]
    client.settle(run)
    client.read()


def reads_a_whole_stream(client: Client) -> None:
    client.stream(reply("Hi there."))
    client.read()


def submits_again_what_never_arrived(client: Client) -> None:
    run = client.settle(client.begin(tool_call("f"), reply("Done.")))
    for fault in (faults.connect_error(), faults.server_error()):
        client.fake.inject(fault, on="runs.submit_tool_outputs")
    with pytest.raises(TransportFailure):
        submit(client, run)
    submit(client, run)
    client.settle(submit(client, run).json)


def is_told_too_late(client: Client) -> None:
    run = client.settle(client.begin(tool_call("f")))
    client.fake.inject(faults.latency(600), on="runs.retrieve")
    run = client.poll(run)
    assert submit(client, run).status == 400


def waits_as_told(client: Client) -> None:
    client.fake.inject(faults.rate_limited(20), on="runs.list")
    client.send("GET", "/threads/thread_1/runs")
    client.fake.clock.advance(20)
    client.send("GET", "/threads/thread_1/runs")


def leaves_the_retries_to_the_sdk(client: Client) -> None:
    client.fake.inject(faults.rate_limited(20), on="runs.list")
    client.fake.inject(faults.quota_exceeded(), on="runs.list", times=2)
    client.send("GET", "/threads/thread_1/runs")
    for _ in range(3):
        client.send("GET", "/threads/thread_1/runs", headers=RETRY)


def retries_what_may_pass(client: Client) -> None:
    client.fake.inject(faults.server_error(), on="runs.list", times=2)
    for _ in range(3):
        client.send("GET", "/threads/thread_1/runs")


def polls_a_run_that_works(client: Client) -> None:
    client.settle(client.begin(reply("Hi.")))


def meets_an_outage(client: Client) -> None:
    run = client.begin(reply("Hi."))
    client.fake.down()
    client.fails("GET", path_of(run))
    client.fake.up()
    client.settle(run)
    client.read()


def reads_what_an_older_run_has_said(client: Client) -> None:
    old = client.settle(client.begin(reply("Hi.")))
    client.settle(client.begin(fail("server_error", "Sorry.")))
    client.messages("thread_1", run_id=old["id"])


def looks_at_the_runs_oldest_first(client: Client) -> None:
    client.settle(client.begin(fail("server_error", "Sorry.")))
    run = client.settle(client.begin(reply("Hi.")))
    assert client.ok("GET", "/threads/thread_1/runs", query={"order": "asc"})["data"][-1]["id"] == run["id"]
    client.read()


def takes_its_message_back(client: Client) -> None:
    client.settle(client.begin(fail("server_error", "Sorry.")))
    (message,) = client.messages("thread_1")
    client.ok("DELETE", f"/threads/thread_1/messages/{message['id']}")
    client.ok("POST", "/threads/thread_1/messages", {"role": "user", "content": "Anew."})


def submits_all_outputs_after_some_got_lost(client: Client) -> None:
    run = client.settle(client.begin(tool_calls(tool_call("f"), tool_call("g")), reply("Done.")))
    some = {"tool_outputs": outputs_of(run)["tool_outputs"][:1]}
    client.fake.inject(faults.connect_error(), on="runs.submit_tool_outputs")
    client.fails("POST", f"{path_of(run)}/submit_tool_outputs", some)
    assert client.send("POST", f"{path_of(run)}/submit_tool_outputs", some).status == 400
    client.settle(submit(client, run).json)


def comes_back_with_another_key(client: Client) -> None:
    client.fake.inject(faults.unauthorized(), on="runs.list")
    for _ in range(2):
        client.send("GET", "/threads/thread_1/runs")


def makes_what_was_not_there(client: Client) -> None:
    body = {"assistant_id": "asst_none", "thread": {}}
    client.fake.inject(faults.not_found(), on="threads.create_and_run", times=2)
    client.send("POST", "/threads/runs", body)
    client.assistant()
    client.send("POST", "/threads/runs", body)


def serves_two_users_who_ask_the_same(client: Client) -> None:
    client.fake.inject(faults.rate_limited(20), on="threads.create")
    for _ in range(2):
        client.send("GET", "/assistants/asst_none")
        client.send("POST", "/threads", {})
        client.ok("GET", "/threads/thread_1")


MANNERS = [
    serves_two_users_who_ask_the_same,
    reads_what_an_older_run_has_said,
    looks_at_the_runs_oldest_first,
    takes_its_message_back,
    submits_all_outputs_after_some_got_lost,
    comes_back_with_another_key,
    makes_what_was_not_there,
    reads_and_then_submits,
    cancels_what_waits,
    goes_on_after_an_incomplete_run,
    gives_up_on_an_expired_run,
    asks_anew_after_an_expired_run,
    looks_after_a_cut_stream,
    reads_a_whole_stream,
    submits_again_what_never_arrived,
    is_told_too_late,
    waits_as_told,
    leaves_the_retries_to_the_sdk,
    retries_what_may_pass,
    meets_an_outage,
]


@pytest.mark.parametrize("manner", MANNERS, ids=lambda manner: manner.__name__)
def test_who_does_nothing_wrong_is_not_blamed(manner: Callable[[Client], None]) -> None:
    client = Client()
    manner(client)
    assert list(client.fake.verdict()) == []
    assert str(client.fake.verdict()) == "The client did nothing wrong."
    client.fake.assert_well_behaved()


def test_a_verdict_on_calls_that_were_dropped_is_none() -> None:
    client = Client(max_calls=3)
    client.settle(client.begin(tool_call("f")))
    for _ in range(4):
        client.ok("GET", "/threads/thread_1")
    with pytest.raises(AssertionError, match=r"older call\(s\) were dropped and cannot be judged"):
        client.fake.assert_well_behaved()


def test_many_refused_submits_are_judged_in_one_go(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client()
    run = client.settle(client.begin(tool_calls(tool_call("f"), tool_call("g"))))
    some = {"tool_outputs": outputs_of(run)["tool_outputs"][:1]}
    for _ in range(30):
        client.send("POST", f"{path_of(run)}/submit_tool_outputs", some)
    read: list[bytes] = []
    loads = json.loads

    def counted(text: Any, **given: Any) -> Any:
        read.append(text)
        return loads(text, **given)

    monkeypatch.setattr(json, "loads", counted)
    assert "left_waiting" in client.kinds
    assert len(read) < 12 * len(client.fake.calls)


def test_a_patient_client_with_many_polls_is_not_blamed() -> None:
    client = Client(polls=100)
    polls_a_run_that_works(client)
    assert client.fake.calls.count > 100
    assert client.kinds == []


def test_several_findings_stand_in_the_order_they_came_about() -> None:
    client = Client()
    retries_in_vain(client)
    starts_a_second_run(client)
    client.fake.clock.advance(10)
    client.read()
    takes_incomplete(client)
    assert client.kinds == ["retried_in_vain", "busy_thread", "took_incomplete"]
    assert str(client.fake.verdict()).count("\n  - [") == 3


def test_the_sdks_own_second_submit_is_told_as_what_it_is() -> None:
    with OpenAIFake() as fake, fake.clock.skip_sdk_sleeps():
        fake.add_assistant("asst_1")
        fake.add_thread("thread_1")
        fake.add_message("thread_1")
        fake.script(tool_call("f"), reply("Done."))

        def say(client: Any) -> None:
            runs = client.beta.threads.runs
            run = runs.create_and_poll(thread_id="thread_1", assistant_id="asst_1")
            (call,) = run.required_action.submit_tool_outputs.tool_calls
            fake.inject(faults.lost_answer(), on="runs.submit_tool_outputs")
            outputs = [{"tool_call_id": call.id, "output": "1"}]
            with pytest.raises(openai.BadRequestError):
                runs.submit_tool_outputs(run.id, thread_id="thread_1", tool_outputs=outputs)
            assert runs.poll(run.id, thread_id="thread_1").status == "completed"

        talk(fake, "sync", say)
        (finding,) = fake.verdict()
        assert finding.kind == "submitted_twice"
        assert "it was the SDK's own retry: make this call with max_retries=0" in finding


def test_a_stream_that_is_still_read_is_not_cut() -> None:
    with OpenAIFake() as fake:
        fake.add_assistant("asst_1")
        fake.script(reply("Hi there."))
        body = {"assistant_id": "asst_1", "stream": True, "thread": {"messages": [{"role": "user", "content": "Hi?"}]}}

        def say(client: Any) -> None:
            stream = client.beta.threads.create_and_run(**body)
            created = next(iter(stream))
            client.beta.threads.messages.list(created.data.id)
            assert fake.verdict() == []
            next(iter(stream))
            stream.close()
            client.beta.threads.messages.list(created.data.id)
            assert [finding.kind for finding in fake.verdict()] == ["took_cut_stream"]

        talk(fake, "sync", say)


def test_a_verdict_is_a_list_of_sentences() -> None:
    finding = Finding("kind", "A sentence.")
    assert (finding, finding.kind, finding.calls) == ("A sentence.", "kind", ())
    assert Verdict([finding]) == ["A sentence."]


def test_a_finding_can_be_copied_and_pickled() -> None:
    client = Client()
    client.settle(client.begin(incomplete("max_prompt_tokens")))
    client.read()
    (finding,) = client.fake.verdict()
    for other in (copy.copy(finding), copy.deepcopy(finding), pickle.loads(pickle.dumps(finding))):
        assert (other, other.kind) == (finding, "took_incomplete")
        assert [call.path for call in other.calls] == [call.path for call in finding.calls]


def test_outputs_for_the_next_calls_are_not_the_first_ones_again() -> None:
    client = Client()
    run = client.settle(client.begin(tool_call("f"), tool_call("g")))
    client.ok("POST", f"{path_of(run)}/submit_tool_outputs", outputs_of(run))
    ahead = {"tool_outputs": [{"tool_call_id": "call_of_another_round", "output": "1"}]}
    assert client.send("POST", f"{path_of(run)}/submit_tool_outputs", ahead).status == 400
    assert "submitted_twice" not in client.kinds


def test_only_a_second_run_that_the_sdk_has_retried_is_told_as_its_own() -> None:
    for headers, is_told in (({}, False), ({"headers": RETRY}, True)):
        client = Client()
        client.begin(tool_call("f"))
        client.send("POST", "/threads/thread_1/runs", {"assistant_id": "asst_1"}, **headers)
        (told,) = [finding for finding in client.fake.verdict() if finding.kind == "busy_thread"]
        assert ("it was the SDK's own retry" in told) == is_told


def test_who_cancels_a_run_that_waits_has_minded_it_also_where_the_answer_is_lost() -> None:
    client = Client()
    run = client.settle(client.begin(tool_call("f")))
    client.fake.inject(faults.lost_answer(), on="runs.cancel")
    client.fails("POST", f"{path_of(run)}/cancel")
    assert client.kinds == []
