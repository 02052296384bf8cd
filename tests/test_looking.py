"""Looking at what there is and what has happened: views that change nothing, and the transcript, word for word."""

import threading
from typing import Any

import pytest

from openai_fake import code_interpreter, expire, fail, file_search, incomplete, reply, tool_call
from openai_fake.clock import DEFAULT_START as T0
from tests.kit import Api, api, dump

TRANSCRIPT = """\
thread_000000000000000000000001
   0:00:00  user: Weather?
   0:00:00  [run_000000000000000000000001] queued
   0:00:01  [run_000000000000000000000001] in_progress
   0:00:03  [run_000000000000000000000001] requires_action
   0:00:03    asks for get_weather({"city":"Paris"})
   0:00:03    asks for get_weather({"city":"Rome"})
   0:00:03    get_weather gave 'rain'
   0:00:03    get_weather gave 'sun'
   0:00:03  [run_000000000000000000000001] queued
   0:00:04  [run_000000000000000000000001] in_progress
   0:00:05    code_interpreter ran 'plot()' and printed 'done'
   0:00:06  assistant: Paris: rain. Rome: sun. [image_file]
   0:00:06  [run_000000000000000000000001] completed
   0:00:06  user: And now?
   0:00:06  [run_000000000000000000000002] queued
   0:00:07  [run_000000000000000000000002] in_progress
   0:00:08  assistant: Well [breaks off: run_failed]
   0:00:08  [run_000000000000000000000002] failed: Sorry.
   0:00:08  [run_000000000000000000000003] queued
   0:00:09  [run_000000000000000000000003] in_progress
   0:00:11  assistant: Once upon [breaks off: max_tokens]
   0:00:11  [run_000000000000000000000003] incomplete: max_completion_tokens
   0:00:11  [run_000000000000000000000004] queued
   0:00:11  [run_000000000000000000000004] cancelling
   0:00:12  [run_000000000000000000000004] cancelled
thread_000000000000000000000002 (empty)"""


def told() -> Api:
    """A fake in which much was said."""
    it = api()
    it.fake.script(
        (tool_call("get_weather", city="Paris"), tool_call("get_weather", city="Rome")),
        code_interpreter("plot()", logs="done"),
        reply("Paris: rain. Rome: sun.", images=["file-1"]),
    )
    it.fake.script(reply("Well"), fail("server_error", "Sorry."))
    it.fake.script(incomplete("max_completion_tokens", "Once upon"))
    it.fake.script(expire())
    thread, assistant = it.thread("Weather?"), it.assistant()
    run = it.settle(it.run(thread, assistant))
    it.settle(it.submit(run, "rain", "sun"))
    it.settle(it.run(thread, assistant, additional_messages=[{"role": "user", "content": "And now?"}]))
    it.settle(it.run(thread, assistant))
    run = it.run(thread, assistant)
    it.settle(it.ok("POST", f"/threads/{thread}/runs/{run['id']}/cancel"))
    it.thread()
    return it


def test_the_transcript_tells_all_that_was_said_and_done() -> None:
    assert told().fake.transcript() == TRANSCRIPT


def test_the_transcript_names_the_files_that_were_found_as_the_fake_has_them() -> None:
    it = api()
    it.fake.add_file("file-1", filename="report.pdf")
    it.fake.script(
        file_search({"file_id": "file-1"}, {"file_id": "file-2"}, {"file_id": "file-3", "file_name": "c.md"})
    )
    it.settle(it.run())
    assert "    file_search found report.pdf, file-2.txt, c.md\n" in it.fake.transcript()


def test_a_fake_in_which_nothing_happened_says_so() -> None:
    assert api().fake.transcript() == "Nothing was said."


def test_messages_put_in_place_are_told_too() -> None:
    it = api()
    it.fake.add_thread("t", messages=[{"role": "user", "content": "a"}])
    it.fake.add_message("t", role="assistant", content="b")
    it.fake.add_run("t", "r", status="completed")
    assert it.fake.transcript() == "t\n   0:00:00  user: a\n   0:00:00  assistant: b\n   0:00:00  [r] completed"


def test_the_transcript_tells_once_that_a_run_put_in_place_waits_for_its_outputs() -> None:
    it = api()
    it.fake.add_thread("t")
    it.fake.add_run("t", "r", status="requires_action", tool_calls=[{"id": "call_1", "name": "f"}])
    assert it.fake.transcript() == "t\n   0:00:00  [r] requires_action\n   0:00:00    asks for f({})"


def test_looking_changes_nothing() -> None:
    it = told()
    fake = it.fake
    before = dump(fake)
    thread = next(iter(fake.threads))
    view = fake.thread(thread)
    assert repr(view) == f"<{thread}: 5 messages, 4 runs, 5 steps>"
    assert (view.id, view.thread, dict(fake.threads)[thread]) == (thread, fake.threads[thread], view.thread)
    assert repr(fake.threads).startswith("{")
    fake.transcript()
    for run in view.runs:
        fake.events(run.id).clear()
    for list_of in (view.messages, view.runs, view.steps):
        things: list[Any] = list_of
        things.clear()
    assert dump(fake) == before


def test_a_thread_is_seen_oldest_first() -> None:
    it = told()
    view = it.fake.thread(next(iter(it.fake.threads)))
    assert [message.text for message in view.messages] == [
        "Weather?",
        "Paris: rain. Rome: sun.",
        "And now?",
        "Well",
        "Once upon",
    ]
    assert [run.status for run in view.runs] == ["completed", "failed", "incomplete", "cancelled"]
    assert [step.type for step in view.steps][:3] == ["tool_calls", "tool_calls", "message_creation"]


@pytest.mark.parametrize("name", ["assistants", "threads", "files", "vector_stores"])
def test_what_there_is_cannot_be_changed_by_looking_at_it(name: str) -> None:
    it = api()
    getattr(it.fake, f"add_{name[:-1]}")("x")
    view = getattr(it.fake, name)
    assert (list(view), len(view), view["x"].id, "y" in view, view.get("y")) == (["x"], 1, "x", False, None)
    with pytest.raises(TypeError):
        view["y"] = view["x"]
    with pytest.raises(KeyError):
        view["y"]


def test_an_object_is_read_by_attribute_or_by_wire_key_and_never_changed() -> None:
    it = api()
    assistant = it.fake.add_assistant("x", name="Helper")
    assert assistant.name == assistant["name"] == "Helper"
    with pytest.raises(KeyError):
        assistant["model_dump"]
    with pytest.raises(ValueError, match="frozen"):
        assistant.name = "Other"


def test_the_events_of_a_run_are_all_that_happened_to_it_in_order() -> None:
    it = api()
    it.fake.script(reply("Hi"))
    run = it.settle(it.run())
    events = it.fake.events(run["id"])
    assert [event.name for event in events] == [
        "thread.run.created",
        "thread.run.queued",
        "thread.run.in_progress",
        "thread.run.step.created",
        "thread.run.step.in_progress",
        "thread.message.created",
        "thread.message.in_progress",
        "thread.message.delta",
        "thread.message.completed",
        "thread.run.step.completed",
        "thread.run.completed",
    ]
    assert [event.at - T0 for event in events] == [0, 0, 1, 2, 2, 2, 2, 2, 3, 3, 3]
    assert events[-1].data.status == "completed"


@pytest.mark.parametrize("ask", ["events", "play_next"])
def test_a_run_that_is_not_there_is_told_in_words(ask: str) -> None:
    with pytest.raises(LookupError, match=r"There is no run 'run_x' in the fake: fake.add_run\(thread_id, id\)"):
        getattr(api().fake, ask)("run_x")


def test_a_run_put_in_place_finished_has_no_events() -> None:
    it = api()
    it.fake.add_thread("t")
    it.fake.add_run("t", "r")
    assert (it.fake.events("r"), it.fake.play_next("r")) == ([], [])


def test_what_was_said_in_a_thread_that_was_deleted_is_still_told() -> None:
    it = api()
    it.fake.reply("Hello!")
    run = it.settle(it.run(it.thread("Hi")))
    events = it.fake.events(run["id"])
    it.ok("DELETE", f"/threads/{run['thread_id']}")
    assert it.fake.events(run["id"]) == events
    transcript = it.fake.transcript()
    assert transcript.startswith(f"{run['thread_id']} (deleted)\n") and "assistant: Hello!" in transcript
    assert [thread["id"] for thread in it.fake.story()["threads"]] == [run["thread_id"]]
    with pytest.raises(LookupError):
        it.fake.thread(run["thread_id"])
    with pytest.raises(LookupError):
        it.fake.add_step(run["id"])


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("path", ["/threads/{}/runs", "/threads/runs"])
def test_the_story_of_a_run_holds_the_request_that_made_it(path: str, stream: bool) -> None:
    it = api()
    assistant, thread = it.assistant(), it.thread("Hi")
    for _ in range(2):
        answer = it.send("POST", path.format(thread), {"assistant_id": assistant, "stream": stream})
        assert answer.status == 200 and answer.raw
        it.fake.clock.advance(100)
    story = it.fake.story()
    runs = [run for told in story["threads"] for run in told["runs"]]
    made = [[story["calls"][number]["name"] for number in run["calls"]] for run in runs]
    assert made == [["runs.create" if "{" in path else "threads.create_and_run"]] * 2


@pytest.mark.parametrize("max_calls", [3, 100])
def test_a_story_can_be_told_from_a_request_on(max_calls: int) -> None:
    it = api(max_calls=max_calls)
    old, forgotten = it.thread(), it.thread()
    seen = len(it.fake.calls) + it.fake.calls.dropped
    assert it.fake.story(since=seen)["calls"] == it.fake.story(since=seen + 9)["threads"] == []
    it.ok("POST", f"/threads/{old}/messages", {"role": "user", "content": "Hi"})
    assistant = it.assistant()
    thread_id = it.ok("POST", "/threads/runs", {"assistant_id": assistant})["thread_id"]
    streamed = it.send("POST", "/threads/runs", {"assistant_id": assistant, "stream": True})
    new = it.thread()
    story = it.fake.story(since=seen)
    told = [thread["id"] for thread in story["threads"]]
    assert streamed.raw and len(told) == len(set(told)) == (3 if max_calls == 3 else 4)
    assert forgotten not in told and {thread_id, new} < {*told} and (old in told) == (max_calls > 3)
    assert (len(story["calls"]), story["left_out"]) == ((3, 2) if max_calls == 3 else (5, 0))
    assert {thread["id"] for thread in it.fake.story()["threads"]} == {*told, old, forgotten}


@pytest.mark.parametrize(("since", "error"), [(-1, ValueError), ("2", TypeError), (True, TypeError)])
def test_a_story_begins_at_a_whole_number(since: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"fake\.story\(since="):
        api().fake.story(since=since)


def test_looking_at_runs_while_other_threads_make_them_finds_them() -> None:
    it = api()
    run = it.run(it.thread("Hi"))
    wrong: list[BaseException] = []

    def look() -> None:
        try:
            for _ in range(300):
                it.fake.events(run["id"])
        except BaseException as error:
            wrong.append(error)

    looking = threading.Thread(target=look)
    looking.start()
    for _ in range(300):
        it.thread()
    looking.join()
    assert not wrong
