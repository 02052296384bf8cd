"""Trouble in the middle of a conversation: what the caller sees, and what has happened behind its back."""

from collections.abc import Callable
from typing import Any

import pytest

from openai_fake import OpenAIFake, code_interpreter, faults, file_search, reply, tool_call, tool_calls, usage
from tests.sdk_kit import no_real_sleep, openai, talk
from tests.transport_kit import each_mode


def prepared(**options: Any) -> OpenAIFake:
    fake = OpenAIFake(**options)
    fake.add_assistant("asst_1")
    fake.add_thread("thread_1")
    fake.add_message("thread_1", content="Hello?")
    return fake


def create(client: Any) -> Any:
    return client.beta.threads.runs.create(thread_id="thread_1", assistant_id="asst_1")


@each_mode
def test_a_run_whose_answer_was_lost_is_there_when_the_caller_looks(mode: str) -> None:
    with prepared() as fake:
        fake.reply("Hi.")
        fake.inject(faults.lost_answer(), on="runs.create")
        with pytest.raises(openai.APIConnectionError):
            talk(fake, mode, create, max_retries=0)
        (found,) = talk(fake, mode, lambda client: client.beta.threads.runs.list("thread_1")).data
        assert found.status == "queued"
        with pytest.raises(openai.BadRequestError) as raised:
            talk(fake, mode, create, max_retries=0)
        assert raised.value.body["message"] == f"Thread thread_1 already has an active run {found.id}."
        done = talk(fake, mode, lambda client: client.beta.threads.runs.poll(found.id, thread_id="thread_1"))
        assert done.status == "completed"


@each_mode
def test_the_sdks_own_retry_of_a_lost_answer_finds_the_thread_locked(
    mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with no_real_sleep(monkeypatch), prepared() as fake, fake.clock.skip_sdk_sleeps():
        fake.reply("Hi.")
        fake.inject(faults.lost_answer("ReadTimeout"), on="runs.create")
        with pytest.raises(openai.BadRequestError) as raised:
            talk(fake, mode, create)
        (run,) = fake.thread("thread_1").runs
        assert raised.value.body["message"] == f"Thread thread_1 already has an active run {run.id}."
        assert [(call.status, call.failure) for call in fake.calls] == [(0, "ReadTimeout"), (400, "")]
        assert [call.headers["x-stainless-retry-count"] for call in fake.calls] == ["0", "1"]
        fake.clock.advance(10)


@each_mode
def test_a_second_submit_after_a_lost_answer_is_refused(mode: str) -> None:
    with prepared() as fake:
        fake.script(tool_call("f"), reply("Done."))
        run = talk(fake, mode, lambda client: create_and_poll(client))
        (call,) = run.required_action.submit_tool_outputs.tool_calls
        fake.inject(faults.lost_answer(), on="runs.submit_tool_outputs")

        def submit(client: Any) -> Any:
            outputs = [{"tool_call_id": call.id, "output": "1"}]
            return client.beta.threads.runs.submit_tool_outputs(run.id, thread_id="thread_1", tool_outputs=outputs)

        with pytest.raises(openai.APIConnectionError):
            talk(fake, mode, submit, max_retries=0)
        with pytest.raises(openai.BadRequestError, match='Runs in status "queued" do not accept tool outputs'):
            talk(fake, mode, submit, max_retries=0)
        poll: Callable[[Any], Any] = lambda client: client.beta.threads.runs.poll(run.id, thread_id="thread_1")  # noqa: E731
        assert talk(fake, mode, poll).status == "completed"


def create_and_poll(client: Any) -> Any:
    return client.beta.threads.runs.create_and_poll(thread_id="thread_1", assistant_id="asst_1")


SCRIPTS: dict[str, tuple[Any, ...]] = {
    "text": (reply("Grüße aus Paris, und bis bald."),),
    "tools": (
        tool_calls(tool_call("weather", city="Paris"), tool_call("time", zone="CET")),
        usage(12, 7),
        reply("Sunny, at nine."),
    ),
    "search": (
        code_interpreter("1 + 1", logs="2"),
        file_search({"file_id": "file-1", "text": "Two."}),
        reply("It is two."),
    ),
}


def play(client: Any) -> None:
    """A client that reads streams, and polls when one of them breaks off; tool outputs are submitted once."""
    runs = client.beta.threads.runs
    read(runs, lambda: runs.create(thread_id="thread_1", assistant_id="asst_1", stream=True))
    (found,) = runs.list("thread_1").data
    run = runs.poll(found.id, thread_id="thread_1")
    if run.status == "requires_action":
        calls = run.required_action.submit_tool_outputs.tool_calls
        outputs = [{"tool_call_id": call.id, "output": f"{call.function.name}!"} for call in calls]
        read(runs, lambda: runs.submit_tool_outputs(run.id, thread_id="thread_1", tool_outputs=outputs, stream=True))
        run = runs.poll(run.id, thread_id="thread_1")
    assert run.status == "completed"


def read(runs: Any, begin: Callable[[], Any]) -> None:
    try:
        with begin() as stream:
            for _ in stream:
                continue
    except Exception as error:
        # 2.x and 1.x hand on the bare error of the library.
        assert type(error).__name__ in ("APIConnectionError", "RemoteProtocolError"), error


def left_behind(fake: OpenAIFake) -> list[Any]:
    view = fake.thread("thread_1")
    return [*view.messages, *view.runs, *view.steps]


def events_of(name: str) -> tuple[list[int], list[Any]]:
    """How many events each stream of a script has, and what it leaves behind when nothing goes wrong."""
    with prepared() as fake:
        fake.script(*SCRIPTS[name])
        counted: list[int] = []

        def counting(body: Any) -> Any:
            counted.append(0)
            for chunk in body:
                counted[-1] += 1
                yield chunk

        answer = fake._gate.answer

        def counted_answer(call: Any) -> Any:
            given = answer(call)
            return given if isinstance(given.body, bytes) else given._replace(body=counting(given.body))

        fake._gate.answer = counted_answer
        talk(fake, "sync", play)
        return counted, left_behind(fake)


@pytest.mark.parametrize("name", SCRIPTS)
@pytest.mark.parametrize("cut", [faults.truncate, faults.disconnect], ids=["truncated", "disconnected"])
def test_a_stream_cut_at_any_event_does_not_stop_the_run(name: str, cut: Callable[[int], faults.Fault]) -> None:
    lengths, whole = events_of(name)
    assert sum(lengths) > 10
    tried = 0
    for number, length in enumerate(lengths):
        for index in range(length + 1):
            with prepared() as fake:
                fake.script(*SCRIPTS[name])
                met = fake.inject(cut(index), after=number)
                talk(fake, "sync", play)
                assert met.met == 1
                assert left_behind(fake) == whole, f"cut stream {number} at {index}"
                tried += 1
    assert tried == sum(lengths) + len(lengths)


@each_mode
def test_an_outage_in_the_middle_of_a_run_does_not_stop_it(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with no_real_sleep(monkeypatch), prepared() as fake, fake.clock.skip_sdk_sleeps():
        fake.reply("Hi.")
        run = talk(fake, mode, create)
        fake.down()
        with pytest.raises(openai.APIConnectionError):
            talk(fake, mode, lambda client: client.beta.threads.runs.retrieve(run.id, thread_id="thread_1"))
        fake.clock.advance(60)
        fake.up()
        done = talk(fake, mode, lambda client: client.beta.threads.runs.retrieve(run.id, thread_id="thread_1"))
        assert done.status == "completed"


@each_mode
def test_the_sunset_reaches_the_caller_as_a_404(mode: str) -> None:
    with prepared() as fake:
        fake.sunset()
        with pytest.raises(openai.NotFoundError) as raised:
            talk(fake, mode, lambda client: client.beta.assistants.create(model="gpt-4o"))
        assert raised.value.body["message"] == "Invalid URL (POST /v1/assistants)"
