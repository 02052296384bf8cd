"""Putting objects in place: ids of the test's choosing, every other field filled in, and a life that goes on."""

from typing import Any

import pytest

from openai_fake import OpenAIFake, reply, tool_call
from openai_fake.clock import DEFAULT_START as T0
from openai_fake.states import ACTIVE, FINAL
from tests.kit import Api, api, path_of, said
from tests.transport_kit import run_python


def test_each_object_is_returned_and_served() -> None:
    it = api()
    fake = it.fake
    assistant = fake.add_assistant("helper", name="Helper", tools=[{"type": "code_interpreter"}])
    thread = fake.add_thread("t", messages=[{"role": "user", "content": "Hi"}], metadata={"a": "b"})
    message = fake.add_message("t", "m", content="More", metadata={"c": "d"})
    run = fake.add_run("t", "r", assistant_id="helper", model="gpt-5")
    step = fake.add_step("r", "s", message_id="m")
    assert it.ok("GET", "/assistants/helper") == assistant.model_dump()
    assert it.ok("GET", "/threads/t") == thread.model_dump()
    assert it.ok("GET", "/threads/t/messages/m") == message.model_dump()
    assert it.ok("GET", "/threads/t/runs/r") == {**run.model_dump(), "instructions": ""}
    assert it.ok("GET", "/threads/t/runs/r/steps/s") == step.model_dump()
    assert (assistant.model, run.model, run.assistant_id, step["step_details"]["message_creation"]["message_id"]) == (
        "gpt-4o",
        "gpt-5",
        "helper",
        "m",
    )
    assert (run["status"], run["completed_at"], run["usage"]["total_tokens"]) == ("completed", T0, 0)
    file = fake.add_file("f", filename="a.csv", content=b"a,b")
    assert (file.id, file.filename, file.bytes, file.status) == ("f", "a.csv", 3, "processed")
    store = fake.add_vector_store("v", file_ids=["f"], name="Things")
    assert (store.id, store.name, store.file_counts.total) == ("v", "Things", 1)


def test_an_id_is_made_where_none_is_chosen_and_a_chosen_one_is_never_made_again() -> None:
    it = api()
    chosen = it.fake.add_thread("thread_000000000000000000000001")
    made = it.fake.add_thread()
    assert made.id == "thread_000000000000000000000002"
    assert it.thread() == "thread_000000000000000000000003"
    assert list(it.fake.threads) == [chosen.id, made.id, "thread_000000000000000000000003"]


@pytest.mark.parametrize("what", ["assistant", "thread", "file", "vector_store"])
def test_an_id_that_is_there_already_is_refused(what: str) -> None:
    it = api()
    add = getattr(it.fake, f"add_{what}")
    add("x")
    with pytest.raises(ValueError, match="'x' is in the fake already: choose another id."):
        add("x")


@pytest.mark.parametrize("field", ["created_at", "run_id", "assistant_id"])
def test_fields_that_only_the_finished_object_has_can_be_given(field: str) -> None:
    it = api()
    it.fake.add_thread("t")
    value: Any = 5 if field == "created_at" else "some_id"
    assert it.fake.add_message("t", role="assistant", **{field: value})[field] == value


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"role": "system"}, "The service would refuse this: Invalid value: 'system'."),
        ({"content": []}, "The service would refuse this: Invalid 'content': array too short."),
        ({"colour": "red"}, "The service would refuse this: Unknown parameter: 'colour'."),
    ],
)
def test_what_the_service_would_refuse_is_refused_in_its_words(fields: Any, told: str) -> None:
    it = api()
    it.fake.add_thread("t")
    with pytest.raises(ValueError, match=told):
        it.fake.add_message("t", **fields)


def test_what_is_not_there_is_named_with_what_is() -> None:
    it = api()
    it.fake.add_thread("thread_1")
    with pytest.raises(LookupError) as caught:
        it.fake.add_message("thread_2")
    assert str(caught.value) == (
        "There is no thread 'thread_2' in the fake (there are: thread_1): fake.add_thread(id) makes one."
    )
    with pytest.raises(LookupError) as caught:
        it.fake.add_step("run_x")
    assert str(caught.value) == "There is no run 'run_x' in the fake: fake.add_run(thread_id, id) makes one."


def test_a_status_that_there_is_not_is_refused_with_those_there_are() -> None:
    it = api()
    it.fake.add_thread("t")
    with pytest.raises(ValueError, match=r"add_run\(status='done'\): expected one of 'queued', 'in_progress',"):
        it.fake.add_run("t", status="done")
    assert it.fake.thread("t").runs == []


@pytest.mark.parametrize("status", sorted(FINAL))
def test_a_finished_run_is_finished(status: str) -> None:
    it = api()
    it.fake.add_thread("t")
    run = it.fake.add_run("t", status=status)
    it.fake.clock.advance(1000)
    (shown,) = it.ok("GET", "/threads/t/runs")["data"]
    assert (shown["status"], shown["id"], shown["expires_at"]) == (status, run.id, None)
    assert it.ok("POST", "/threads/t/messages", {"role": "user", "content": "Hi"})


ERROR = {"code": "server_error", "message": "Sorry, something went wrong."}


@pytest.mark.parametrize("status", sorted(FINAL))
def test_a_finished_run_says_why_it_ended(status: str) -> None:
    it = api()
    it.fake.add_thread("t")
    it.fake.add_run("t", "r", status=status)
    shown = it.ok("GET", "/threads/t/runs/r")
    assert shown["last_error"] == (ERROR if status == "failed" else None)
    assert shown["incomplete_details"] == ({"reason": "max_completion_tokens"} if status == "incomplete" else None)
    own = it.fake.add_run("t", status="failed", last_error={"code": "rate_limit_exceeded", "message": "Slow."})
    assert own.last_error is not None and own.last_error.message == "Slow."


@pytest.mark.parametrize("status", sorted(ACTIVE - {"requires_action", "cancelling"}))
def test_an_active_run_lives_on_with_the_script_that_fits_it(status: str) -> None:
    it = api()
    it.fake.add_thread("t", messages=[{"role": "user", "content": "Hi"}])
    run = it.fake.add_run("t", status=status).model_dump()
    it.fake.reply("I was in the middle of it.")
    assert it.send("POST", "/threads/t/messages", {"role": "user", "content": "More"}).status == 400
    assert it.settle(run)["status"] == "completed"
    assert said(it.messages("t")[-1]) == "I was in the middle of it."


@pytest.mark.parametrize("expires_at", [None, 5])
def test_a_run_that_is_being_cancelled_becomes_cancelled(expires_at: int | None) -> None:
    it = api()
    it.fake.add_thread("t")
    fields: Any = {"expires_at": expires_at} if expires_at else {}
    run = it.fake.add_run("t", status="cancelling", **fields)
    assert it.settle(run.model_dump())["status"] == "cancelled"
    assert it.fake.complaints() == []


def test_a_run_that_waits_for_outputs_takes_them_and_goes_on() -> None:
    it = api()
    it.fake.add_thread("t", messages=[{"role": "user", "content": "Hi"}])
    calls = [{"id": "call_a", "name": "f", "arguments": '{"x":1}'}, {"id": "call_b", "name": "g"}]
    run = it.fake.add_run("t", "r", status="requires_action", tool_calls=calls)
    shown = it.ok("GET", "/threads/t/runs/r")
    assert shown == {**run.model_dump(), "instructions": ""}
    wanted = shown["required_action"]["submit_tool_outputs"]["tool_calls"]
    assert [(call["id"], call["function"]) for call in wanted] == [
        ("call_a", {"name": "f", "arguments": '{"x":1}'}),
        ("call_b", {"name": "g", "arguments": "{}"}),
    ]
    it.fake.script(lambda run: reply("Thanks."))
    done = it.settle(it.submit(shown, "1", "2"))
    assert (done["status"], said(it.messages("t")[-1])) == ("completed", "Thanks.")
    outputs = [call["function"]["output"] for call in it.steps(done)[0]["step_details"]["tool_calls"]]
    assert outputs == ["1", "2"]


def test_calls_may_be_those_of_a_script_and_their_arguments_a_dict() -> None:
    it = api()
    it.fake.add_thread("t")
    calls: list[Any] = [tool_call("f", x=1), {"id": "call_b", "name": "g", "arguments": {"y": "é"}}]
    run = it.fake.add_run("t", "r", status="requires_action", tool_calls=calls)
    assert run.required_action
    waiting = run.required_action.submit_tool_outputs.tool_calls
    assert [call.function.arguments for call in waiting] == ['{"x":1}', '{"y":"é"}']
    step = it.fake.add_step("r", tool_calls=calls)
    assert [call["function"]["arguments"] for call in step["step_details"]["tool_calls"]] == ['{"x":1}', '{"y":"é"}']


def test_fields_that_only_the_finished_object_has_become_what_they_are_on_it() -> None:
    it = api()
    it.fake.add_thread("t", created_at=7)
    tokens = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
    run = it.fake.add_run("t", "r", usage=tokens, last_error={"code": "server_error", "message": "Sorry."})
    assert run.usage and run.last_error
    assert (run.usage.total_tokens, run.last_error.code) == (3, "server_error")
    shown = it.ok("GET", "/threads/t/runs/r")
    assert tokens.items() <= shown["usage"].items()
    assert it.fake.threads["t"].created_at == 7


SHOWS_AN_ERROR = """
from openai_fake import OpenAIFake
from openai_fake.rendering import render

fake = OpenAIFake()
fake.add_thread("t")
run = fake.add_run("t", "r", last_error={"code": "server_error", "message": "Sorry."})
print(render(run, "documented", "runs.retrieve").count(b"Sorry."))
"""


def test_such_a_field_can_be_shown_by_a_process_that_has_shown_none_before() -> None:
    """Pydantic builds a model when it is first used; an old one does not where it is only shown."""
    done = run_python(SHOWS_AN_ERROR)
    assert (done.stderr, done.stdout) == ("", "1\n")


def test_a_run_that_waits_for_no_output_at_all_goes_on_with_none() -> None:
    it = api()
    it.fake.add_thread("t", messages=[{"role": "user", "content": "Hi"}])
    run = it.fake.add_run("t", status="requires_action").model_dump()
    assert run["required_action"]["submit_tool_outputs"]["tool_calls"] == []
    it.fake.reply("On I go.")
    it.ok("POST", f"{path_of(run)}/submit_tool_outputs", {"tool_outputs": []})
    assert it.settle({**run, "status": "queued"})["status"] == "completed"


def test_a_second_active_run_on_a_thread_is_refused() -> None:
    it = api()
    it.fake.add_thread("t")
    it.fake.add_run("t", "r", status="queued")
    with pytest.raises(ValueError, match=r"add_run\(status='in_progress'\): r is active on t already."):
        it.fake.add_run("t", status="in_progress")
    it.fake.add_run("t", status="completed")


def test_steps_of_every_kind_can_be_put_in_place() -> None:
    it = api()
    it.fake.add_thread("t")
    it.fake.add_run("t", "r")
    written = it.fake.add_step("r")
    called = it.fake.add_step("r", tool_calls=[{"id": "c", "name": "f", "arguments": "{}", "output": "1"}])
    details = {"type": "message_creation", "message_creation": {"message_id": "msg_1"}}
    assert it.fake.add_step("r", "described", step_details=details).step_details.model_dump() == details
    failed = it.fake.add_step("r", status="failed")
    working = it.fake.add_step("r", status="in_progress")
    assert [step.type for step in (written, called)] == ["message_creation", "tool_calls"]
    assert called["step_details"]["tool_calls"][0]["function"]["output"] == "1"
    assert (failed.failed_at, failed.completed_at, working.usage) == (T0, None, None)
    assert failed.last_error is not None and failed.last_error.model_dump() == ERROR
    shown = it.ok("GET", "/threads/t/runs/r/steps")["data"]
    assert [step["id"] for step in shown] == [working.id, failed.id, "described", called.id, written.id]


def test_a_step_names_the_newest_message_of_its_run() -> None:
    it = api()
    it.fake.add_thread("t")
    it.fake.add_run("t", "r")
    for name, run_id in (("first", "r"), ("newest", "r"), ("question", None)):
        it.fake.add_message("t", name, role="assistant" if run_id else "user", run_id=run_id)
    step = it.fake.add_step("r")
    assert step["step_details"]["message_creation"]["message_id"] == "newest"


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"type": "tool_calls"}, "expected tool_calls=[…] with it"),
        ({"type": "message_creation", "tool_calls": [tool_call("f")]}, "expected no tool_calls beside it"),
    ],
)
def test_a_step_of_two_kinds_at_once_is_refused(fields: dict[str, Any], told: str) -> None:
    it = api()
    it.fake.add_thread("t")
    it.fake.add_run("t", "r")
    with pytest.raises(ValueError, match=r"^fake\.add_step\(type=") as refused:
        it.fake.add_step("r", **fields)
    assert told in str(refused.value)
    assert it.fake.thread("t").steps == []


def test_what_is_given_before_entry_is_there_at_every_entry() -> None:
    fake = OpenAIFake(assert_all_played=False)
    fake.add_assistant("asst_1", instructions="Help.")
    fake.add_thread("thread_1")
    fake.reply("Hi")
    for _ in range(2):
        with fake:
            it = Api(fake)
            assert it.messages("thread_1") == []
            run = it.settle(it.run("thread_1", "asst_1"))
            assert said(it.messages("thread_1")[-1]) == "Hi"
            assert run["id"] == "run_000000000000000000000001"
            fake.add_assistant("only now")
    with fake:
        assert list(fake.assistants) == ["asst_1"]


def test_an_assistant_nobody_knows_is_made_on_the_spot_where_that_is_wanted() -> None:
    it = api(adopt_assistants=True)
    assert it.settle(it.run(None, "asst_from_the_dashboard"))["status"] == "completed"
    assert it.fake.assistants["asst_from_the_dashboard"].model == "gpt-4o"
    assert it.ok("GET", "/assistants/asst_another")["id"] == "asst_another"


@pytest.mark.parametrize(("unscripted", "text", "status"), [("reply", None, 400), ("error", "Hello", 501)])
def test_no_assistant_is_made_for_a_run_that_is_refused(unscripted: str, text: str | None, status: int) -> None:
    it = api(adopt_assistants=True, unscripted=unscripted)
    thread = it.thread(*([text] if text else []))
    assert it.send("POST", f"/threads/{thread}/runs", {"assistant_id": "asst_x"}).status == status
    assert it.ok("GET", "/assistants")["data"] == []


HELD: list[tuple[str, Any]] = [
    ("/assistants", {"model": "m", "tool_resources": {"code_interpreter": {"file_ids": ["file-x"]}}}),
    ("/assistants", {"model": "m", "tool_resources": {"file_search": {"vector_store_ids": ["vs_x"]}}}),
    ("/threads", {"tool_resources": {"file_search": {"vector_stores": [{"file_ids": ["file-x"]}]}}}),
    ("/threads", {"messages": [{"role": "user", "content": "Hi", "attachments": [{"file_id": "file-x"}]}]}),
    (
        "/threads/thread_1/messages",
        {"role": "user", "content": [{"type": "image_file", "image_file": {"file_id": "file-x"}}]},
    ),
]


@pytest.mark.parametrize(("path", "body"), HELD)
def test_files_and_stores_are_taken_as_they_come_unless_they_are_asked_for(path: str, body: Any) -> None:
    lenient, strict = api(), api(require_files=True)
    for it in (lenient, strict):
        it.fake.add_thread("thread_1")
    lenient.ok("POST", path, body)
    status, message, *_ = strict.refused("POST", path, body)
    known = ("No such File object: file-x", "No vector store found with id 'vs_x'.")
    assert (status, message in known) == (404, True)
    strict.fake.add_file("file-x")
    strict.fake.add_vector_store("vs_x")
    strict.ok("POST", path, body)


def test_an_assistant_that_is_made_on_the_spot_is_named_by_its_id() -> None:
    it = Api(OpenAIFake(adopt_assistants=True))
    assert it.ok("GET", "/assistants/asst_anybody")["name"] == "asst_anybody"


def test_a_list_of_files_that_is_changed_after_it_was_given_changes_nothing() -> None:
    fake = OpenAIFake()
    for id in ("file_1", "file_2"):
        fake.add_file(id)
    of_the_store, of_the_batch = ["file_1"], ["file_2"]
    fake.add_vector_store("vs_1", file_ids=of_the_store)
    fake.add_file_batch("vs_1", "vsfb_1", file_ids=of_the_batch)
    of_the_store.clear()
    of_the_batch.clear()
    for _ in range(2):
        with fake:
            assert Api(fake).ok("GET", "/vector_stores/vs_1")["file_counts"]["total"] == 2
