"""Mistakes of a test's own are told where they are made, with what was given and what was expected."""

from collections.abc import Callable
from typing import Any

import pytest

from openai_fake import OpenAIFake, citation, code_interpreter, faults, reply, tool_call, usage, wait
from openai_fake.verdict import KINDS
from tests.kit import api

MISTAKES: dict[str, tuple[Callable[[], object], type[Exception], str]] = {
    "tokens as text": (lambda: usage("1", 2), TypeError, "usage(prompt='1'): expected a whole number."),  # type: ignore[arg-type]
    "tokens below nothing": (lambda: usage(1, -2), ValueError, "usage(completion=-2): expected 0 or more."),
    "seconds as text": (lambda: wait("3"), TypeError, "wait(seconds='3'): expected a number."),  # type: ignore[arg-type]
    "one image": (
        lambda: reply("abc", images="file-1"),
        TypeError,
        "reply(images='file-1'): expected a list of file ids or bytes.",
    ),
    "one drawing": (
        lambda: code_interpreter("plot()", images=b"png"),  # type: ignore[arg-type]
        TypeError,
        "code_interpreter(images=b'png'): expected a list of file ids or bytes.",
    ),
    "one annotation": (
        lambda: reply("abc", annotations={"type": "file_citation"}),  # type: ignore[arg-type]
        TypeError,
        "reply(annotations={'type': 'file_citation'}): expected a list of annotations.",
    ),
    "half a piece": (
        lambda: reply("abc", chunks=1.5),  # type: ignore[arg-type]
        TypeError,
        "reply(chunks=1.5): expected the pieces of the text, or their number.",
    ),
    "pieces below nothing": (lambda: reply("abc", chunks=-1), ValueError, "reply(chunks=-1): expected 0 or more."),
    "arguments in a list": (
        lambda: tool_call("x", [1]),  # type: ignore[arg-type]
        TypeError,
        "tool_call(arguments=[1]): expected a dict, or a string that is sent as it is.",
    ),
    "a late answer": (lambda: faults.latency("3"), TypeError, "latency(seconds='3'): expected a number."),  # type: ignore[arg-type]
    "a status as text": (
        lambda: faults.status("500"),  # type: ignore[arg-type]
        TypeError,
        "status(code='500'): expected a whole number.",
    ),
    "a status that is none": (
        lambda: faults.status(1000),
        ValueError,
        "status(1000): expected an HTTP status, 100 to 599.",
    ),
    "events as text": (
        lambda: faults.disconnect("3"),  # type: ignore[arg-type]
        TypeError,
        "disconnect(after_events='3'): expected a whole number.",
    ),
    "half an event": (
        lambda: faults.truncate(1.5),  # type: ignore[arg-type]
        TypeError,
        "truncate(after_events=1.5): expected a whole number.",
    ),
    "corrupt before the first event": (
        lambda: faults.corrupt(-1),
        ValueError,
        "corrupt(after_events=-1): expected 0 or more.",
    ),
    "an unknown event, as text": (
        lambda: faults.unknown_event("thread.run.dreaming"),  # type: ignore[arg-type]
        TypeError,
        "unknown_event(after_events='thread.run.dreaming'): expected a whole number.",
    ),
    "an error event, as text": (
        lambda: faults.error_event("Busy"),  # type: ignore[arg-type]
        TypeError,
        "error_event(after_events='Busy'): expected a whole number.",
    ),
    "a stall of a text": (
        lambda: faults.stall(0, "3"),  # type: ignore[arg-type]
        TypeError,
        "stall(seconds='3'): expected a number.",
    ),
    "a stall after a text": (
        lambda: faults.stall("3"),  # type: ignore[arg-type]
        TypeError,
        "stall(after_events='3'): expected a whole number.",
    ),
    "limited until soon": (
        lambda: faults.rate_limited("soon"),  # type: ignore[arg-type]
        TypeError,
        "rate_limited(retry_after='soon'): expected a number.",
    ),
    "limited for a negative time": (
        lambda: faults.rate_limited(retry_after_ms=-1),
        ValueError,
        "rate_limited(-1): time only moves forward; give retry_after_ms >= 0.",
    ),
    "failing until soon": (
        lambda: faults.server_error(retry_after="soon"),  # type: ignore[arg-type]
        TypeError,
        "server_error(retry_after='soon'): expected a number.",
    ),
    "overloaded until soon": (
        lambda: faults.overloaded(retry_after="soon"),  # type: ignore[arg-type]
        TypeError,
        "overloaded(retry_after='soon'): expected a number.",
    ),
    "a code that files do not fail with": (
        lambda: OpenAIFake().processing(status="failed", code="empty"),
        ValueError,
        "fake.processing(code='empty'): expected 'server_error', 'unsupported_file', or 'invalid_file'.",
    ),
    "a status that files in stores do not have": (
        lambda: OpenAIFake().processing(status="done"),
        ValueError,
        "fake.processing(status='done'): expected 'cancelled', 'completed', or 'failed'.",
    ),
    "processed in a text": (
        lambda: OpenAIFake().processing(seconds="3"),  # type: ignore[arg-type]
        TypeError,
        "fake.processing(seconds='3'): expected a number.",
    ),
    "never played": (
        lambda: OpenAIFake().reply("a", times=0),
        ValueError,
        "fake.reply(times=0): expected 1 or more.",
    ),
    "played twice, as text": (
        lambda: OpenAIFake().reply("a", times="2"),  # type: ignore[arg-type]
        TypeError,
        "fake.reply(times='2'): expected a whole number.",
    ),
    "a message that is a number": (
        lambda: OpenAIFake().reply("a", message=3),  # type: ignore[arg-type]
        TypeError,
        "fake.reply(message=3): expected a text to be found in the newest user message, a compiled regex, or a "
        "function of that message.",
    ),
    "a condition that is a text": (
        lambda: OpenAIFake().reply("a", when="x"),  # type: ignore[arg-type]
        TypeError,
        "fake.reply(when='x'): expected a function of the run context.",
    ),
    "an assistant that is a number": (
        lambda: OpenAIFake().reply("a", assistant=3),  # type: ignore[arg-type]
        TypeError,
        "fake.reply(assistant=3): expected the id of an assistant.",
    ),
    "a text as a script": (
        lambda: OpenAIFake().default_script("Hi"),  # type: ignore[arg-type]
        TypeError,
        "expected an act: reply, refusal, tool_call, tool_calls, code_interpreter, file_search, wait, fail, "
        "incomplete, expire or usage; got 'Hi'. To say it, write reply('Hi').",
    ),
    "acts in a list": (
        lambda: OpenAIFake().script([reply("Hi")]),  # type: ignore[list-item]
        TypeError,
        "expected an act: reply, refusal, tool_call, tool_calls, code_interpreter, file_search, wait, fail, "
        f"incomplete, expire or usage; got [{reply('Hi')!r}]. Give acts one by one, not in a list.",
    ),
    "a fault that needs something": (
        lambda: OpenAIFake().inject(faults.status),  # type: ignore[arg-type]
        TypeError,
        f"fake.inject({faults.status!r}): give a fault, such as faults.server_error(). "
        "(status() missing 1 required positional argument: 'code')",
    ),
    "a scenario that is a dict": (
        lambda: OpenAIFake(scenario={"scenario": 1}).open(),
        TypeError,
        "OpenAIFake(scenario={'scenario': 1}): expected a path, or a Scenario.",
    ),
    "operations in a list": (
        lambda: OpenAIFake().inject(faults.server_error, on=["runs.create"]),  # type: ignore[arg-type]
        TypeError,
        "fake.inject(on=['runs.create']): expected the name of an operation, or a pattern such as 'runs.*'.",
    ),
    "trouble twice, as text": (
        lambda: OpenAIFake().inject(faults.server_error, times="2"),  # type: ignore[arg-type]
        TypeError,
        "fake.inject(times='2'): expected a whole number.",
    ),
    "polls as text": (lambda: OpenAIFake(polls="two"), TypeError, "OpenAIFake(polls='two'): expected a whole number."),  # type: ignore[arg-type]
    "calls below nothing": (
        lambda: OpenAIFake(max_calls=-1),
        ValueError,
        "OpenAIFake(max_calls=-1): expected 0 or more.",
    ),
    "no as text": (lambda: OpenAIFake(autojump="no"), TypeError, "OpenAIFake(autojump='no'): expected True or False."),  # type: ignore[arg-type]
    "time as text": (
        lambda: OpenAIFake().clock.advance("10"),  # type: ignore[arg-type]
        TypeError,
        "clock.advance(seconds='10'): expected a number.",
    ),
    "a kind as text": (
        lambda: OpenAIFake().assert_well_behaved(but_for="took_incomplete"),
        TypeError,
        "fake.assert_well_behaved(but_for='took_incomplete'): expected a list of kinds of findings.",
    ),
    "a kind as a number": (
        lambda: OpenAIFake().assert_well_behaved(but_for=[3]),  # type: ignore[list-item]
        TypeError,
        "fake.assert_well_behaved(but_for=3): expected kinds of findings, which are texts.",
    ),
    "an act not called": (
        lambda: OpenAIFake().script(reply),
        TypeError,
        "fake.script(reply): this is what makes an act, not a script; call it: fake.script(reply(…)).",
    ),
    "an act not called, for every run": (
        lambda: OpenAIFake().default_script(tool_call),  # type: ignore[type-var]
        TypeError,
        "fake.default_script(tool_call): this is what makes an act, not a script; "
        "call it: fake.default_script(tool_call(…)).",
    ),
    "a kind misspelt": (
        lambda: OpenAIFake().assert_well_behaved(but_for=["took_incompleet"]),
        ValueError,
        "fake.assert_well_behaved(but_for=…): there is no kind 'took_incompleet'. Did you mean 'took_incomplete'?",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_where_it_is_made(name: str) -> None:
    make, kind, told = MISTAKES[name]
    with pytest.raises(kind) as caught:
        make()
    assert str(caught.value) == told


def furnished() -> OpenAIFake:
    fake = OpenAIFake()
    fake.add_thread("thread_1")
    fake.add_run("thread_1", "run_1")
    return fake


def there(fake: OpenAIFake) -> list[int]:
    """How many there are of everything."""
    seen = fake.thread("thread_1")
    return [*map(len, (fake.assistants, fake.threads, fake.files, seen.messages, seen.runs, seen.steps))]


AN_ID = "expected a text, or None to have an id made."
A_CALL = "expected {'name': …, 'arguments': …, 'id': …} or tool_call(…)."
PUTTING: dict[str, tuple[Callable[[Any], object], type[Exception], str]] = {
    "files in the place of the id": (
        lambda fake: fake.add_vector_store(["file-1"]),
        TypeError,
        f"fake.add_vector_store(id=['file-1']): {AN_ID}",
    ),
    "a number for an id": (lambda fake: fake.add_run("thread_1", 7), TypeError, f"fake.add_run(id=7): {AN_ID}"),
    "an assistant's id in a list": (
        lambda fake: fake.add_assistant(["asst_1"]),
        TypeError,
        f"fake.add_assistant(id=['asst_1']): {AN_ID}",
    ),
    "a thread's id in a list": (
        lambda fake: fake.add_message(["thread_1"]),
        LookupError,
        "There is no thread ['thread_1'] in the fake (there are: thread_1): fake.add_thread(id) makes one.",
    ),
    "a run's id in a list": (
        lambda fake: fake.add_step(["run_1"]),
        LookupError,
        "There is no run ['run_1'] in the fake: fake.add_run(thread_id, id) makes one.",
    ),
    "a store's id in a list": (
        lambda fake: fake.add_file_batch(["vs_1"]),
        LookupError,
        "There is no vector store ['vs_1'] in the fake (there are: none): fake.add_vector_store(id) makes one.",
    ),
    "one file where several are meant": (
        lambda fake: fake.add_vector_store(file_ids="file-1"),
        TypeError,
        "fake.add_vector_store(file_ids='file-1'): expected a list of file ids.",
    ),
    "one file in a batch": (
        lambda fake: (fake.add_vector_store("vs_1"), fake.add_file_batch("vs_1", file_ids="file-1")),
        TypeError,
        "fake.add_file_batch(file_ids='file-1'): expected a list of file ids.",
    ),
    "text in a file": (
        lambda fake: fake.add_file(content="text"),
        TypeError,
        "fake.add_file(content='text'): expected bytes, such as those of text.encode().",
    ),
    "a field that files do not have": (
        lambda fake: fake.add_file(file_name="a.txt"),
        ValueError,
        "fake.add_file(file_name='a.txt'): a file has no such field. Did you mean 'filename'?",
    ),
    "a status that files do not have": (
        lambda fake: fake.add_file(status="done"),
        ValueError,
        "fake.add_file(status='done'): expected 'uploaded', 'processed' or 'error'.",
    ),
    "a field that stores do not have": (
        lambda fake: fake.add_vector_store(title="Things"),
        ValueError,
        "fake.add_vector_store(title='Things'): a vector store has no such field.",
    ),
    "a field that steps do not have": (
        lambda fake: fake.add_step("run_1", messageid="msg_1"),
        ValueError,
        "fake.add_step(messageid='msg_1'): a run step has no such field.",
    ),
    "a time that is a text": (
        lambda fake: fake.add_step("run_1", created_at="noon"),
        ValueError,
        "fake.add_step(created_at='noon'): expected a valid integer, unable to parse string as an integer.",
    ),
    "a time of an assistant that is a text": (
        lambda fake: fake.add_assistant(created_at="noon"),
        ValueError,
        "fake.add_assistant(created_at='noon'): expected a valid integer, unable to parse string as an integer.",
    ),
    "a time of a thread that is a text": (
        lambda fake: fake.add_thread(created_at="noon"),
        ValueError,
        "fake.add_thread(created_at='noon'): expected a valid integer, unable to parse string as an integer.",
    ),
    "a status that messages do not have": (
        lambda fake: fake.add_message("thread_1", status="done"),
        ValueError,
        "fake.add_message(status='done'): expected 'in_progress', 'incomplete' or 'completed'.",
    ),
    "a usage that counts words": (
        lambda fake: fake.add_run("thread_1", usage={"total_tokens": "many"}),
        ValueError,
        "fake.add_run(usage={'total_tokens': 'many'}): usage.total_tokens: "
        "expected a valid integer, unable to parse string as an integer.",
    ),
    "a usage with a field that there is not": (
        lambda fake: fake.add_step("run_1", usage={"total": 3}),
        ValueError,
        "fake.add_step(usage={'total': 3}): usage.total: there is no such field.",
    ),
    "details of a step that are none": (
        lambda fake: fake.add_step("run_1", step_details="a message"),
        ValueError,
        "fake.add_step(step_details='a message'): expected a valid dictionary or object to extract fields from.",
    ),
    "a call without a name": (
        lambda fake: fake.add_run("thread_1", status="requires_action", tool_calls=[{"id": "call_1"}]),
        ValueError,
        f"fake.add_run(tool_calls=…): {{'id': 'call_1'}} is none; {A_CALL}",
    ),
    "a name in the place of a call": (
        lambda fake: fake.add_step("run_1", tool_calls=["get_weather"]),
        ValueError,
        f"fake.add_step(tool_calls=…): 'get_weather' is none; {A_CALL}",
    ),
    "one call in the place of several": (
        lambda fake: fake.add_run("thread_1", status="requires_action", tool_calls={"name": "get_weather"}),
        TypeError,
        "fake.add_run(tool_calls={'name': 'get_weather'}): expected a list of calls.",
    ),
    "a status that batches do not have": (
        lambda fake: (fake.add_vector_store("vs_1"), fake.add_file_batch("vs_1", status="failed")),
        ValueError,
        "fake.add_file_batch(status='failed'): expected 'completed' or 'in_progress'.",
    ),
}


@pytest.mark.parametrize("name", PUTTING)
def test_a_mistake_in_putting_something_in_place_is_told_and_leaves_nothing(name: str) -> None:
    put, kind, told = PUTTING[name]
    fake = furnished()
    before = there(fake)
    with pytest.raises(kind) as caught:
        put(fake)
    assert (type(caught.value), str(caught.value)) == (kind, told)
    assert there(fake) == before


def test_one_annotation_alone_is_told_too() -> None:
    with pytest.raises(TypeError, match=r"^reply\(annotations={'type': .*}\): expected a list of annotations\.$"):
        reply("abc", annotations=citation("file-1", "b"))  # type: ignore[arg-type]


def test_a_pattern_near_to_nothing_still_shows_what_operations_are_called() -> None:
    with pytest.raises(ValueError, match=r"no operation is called so; there are assistants\.\w+, .* and others\.$"):
        OpenAIFake().inject(faults.server_error, on="zzz.*")


def test_an_unknown_kind_near_to_nothing_shows_all() -> None:
    with pytest.raises(ValueError) as caught:
        OpenAIFake().assert_well_behaved(but_for={"zzz"})
    assert all(kind in str(caught.value) for kind in KINDS)


@pytest.mark.filterwarnings(r"ignore:fake\.calls\.named:RuntimeWarning")
def test_the_last_call_of_a_name_that_nobody_called_is_told_with_those_that_were() -> None:
    it = api()
    it.thread()
    with pytest.raises(IndexError) as caught:
        _ = it.fake.calls.named("thread.create").last
    assert str(caught.value).splitlines() == [
        "There is no last call: none is named 'thread.create'.",
        "Called were: threads.create (1).",
        "There is no operation 'thread.create'. Did you mean 'threads.create'?",
    ]


async def _coroutine(run: Any) -> None:
    """No script: nobody awaits it."""


async def _async_generator(run: Any) -> Any:
    yield reply("Hi")


@pytest.mark.parametrize("script", [_coroutine, _async_generator])
def test_a_script_that_is_async_is_told_to_be_a_plain_one(script: Any) -> None:
    it = api()
    it.fake.script(script)
    run = it.run()
    it.fake.clock.advance(60)
    assert it.fake.thread(run["thread_id"]).runs[0].status == "failed"
    (told,) = it.fake.complaints()
    assert f"The script {script.__name__}(run) (" in told
    assert "is async: write it with plain `def`, and yield its acts." in told


@pytest.mark.parametrize("path", ["/chat/completions", "/responses"])
def test_what_is_no_part_of_the_api_is_told_so(path: str) -> None:
    it = api()
    with pytest.warns(
        RuntimeWarning, match=f"serves no POST {path}. It is no part of the Assistants API: in Python, a respx route"
    ):
        it.send("POST", path, {})
