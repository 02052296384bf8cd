"""Scenarios: played, exported, replayed; the same in every way of playing them."""

import re
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openai_fake import (
    OpenAIFake,
    Scenario,
    code_interpreter,
    expire,
    fail,
    file_search,
    incomplete,
    polling,
    refusal,
    reply,
    tool_call,
    usage,
    wait,
)
from openai_fake.errors import TransportFailure
from openai_fake.scenario.lines import ScenarioError, act_line
from openai_fake.scenario.runs import BEGUN, DELETED, SAID, taken_back
from openai_fake.script import as_act
from tests.kit import Api, path_of
from tests.scenario_kit import play
from tests.test_recordings import FOLDER, needs_recordings

CONVERSATIONS = [
    path
    for path in sorted(FOLDER.glob("*.json"))
    if not path.stem.endswith("_setup") and Scenario.from_recording(path).steps
]
WAYS = [(stream, sync) for stream in (False, True) for sync in (False, True)]


@needs_recordings
@pytest.mark.parametrize("path", CONVERSATIONS, ids=[path.stem for path in CONVERSATIONS])
def test_a_recorded_conversation_gives_the_same_transcript_in_every_way(path: Any) -> None:
    scenario = Scenario.from_recording(path)
    assert Scenario.loads(scenario.dumps()) == scenario
    played = [play(scenario, stream=stream, sync=sync) for stream, sync in WAYS]
    assert len({transcript for transcript, _ in played}) == 1
    said = [step["user"] for step in scenario.steps if isinstance(step.get("user"), str)]
    said += [step["reply"] for step in scenario.steps if "reply" in step]
    assert all(text in played[0][0] for text in said)


def test_there_are_recorded_conversations_to_import() -> None:
    assert not FOLDER.is_dir() or len(CONVERSATIONS) > 5


WEATHER = Scenario(
    [
        {"at": 0, "assistant": "assistant_1", "model": "gpt-4o", "instructions": "You know the weather."},
        {"at": 0, "thread": "thread_1", "user": "And in Paris?"},
        {"at": 0, "run": "run_1", "thread": "thread_1", "assistant": "assistant_1"},
        {"at": 2, "run": "run_1", "tool_call": "look", "arguments": {"city": "Paris"}},
        {"at": 3, "run": "run_1", "outputs": ["sunny"]},
        {"at": 5, "run": "run_1", "reply": "It is sunny in Paris."},
        {"at": 6, "run": "run_1", "ends": "completed"},
        {"at": 6, "thread": "thread_1", "user": "Thank you."},
        {"at": 6, "run": "run_2", "thread": "thread_1", "assistant": "assistant_1"},
        {"at": 8, "run": "run_2", "reply": "You are welcome."},
        {"at": 9, "run": "run_2", "ends": "completed"},
    ]
)


def played_by_hand(fake: OpenAIFake, *, question: str = "And in Paris?", output: str = "sunny") -> str:
    """The first run of the weather; gives the thread's id."""
    with fake.http_client() as http:
        ask = Asking(http)
        assistant = ask("/assistants", model="gpt-4o", instructions="You know the weather.")["id"]
        thread = ask("/threads", messages=[{"role": "user", "content": question}])["id"]
        runs = f"/threads/{thread}/runs"
        run = ask(runs, assistant_id=assistant)
        while run["status"] in ("queued", "in_progress"):
            run = ask(f"{runs}/{run['id']}")
        (call,) = run["required_action"]["submit_tool_outputs"]["tool_calls"]
        outputs = [{"tool_call_id": call["id"], "output": output}]
        run = ask(f"{runs}/{run['id']}/submit_tool_outputs", tool_outputs=outputs)
        while run["status"] in ("queued", "in_progress"):
            run = ask(f"{runs}/{run['id']}")
        return str(thread)


class Asking:
    """Plain requests: a GET without a body, else a POST."""

    def __init__(self, http: Any) -> None:
        self._http = http

    def __call__(self, path: str, **body: Any) -> Any:
        method = "POST" if body else "GET"
        headers = {"OpenAI-Beta": "assistants=v2"}
        url = f"https://api.openai.com/v1{path}"
        return self._http.request(method, url, json=body or None, headers=headers).json()


def closing(fake: OpenAIFake) -> str:
    """What the fake says when it closes."""
    with pytest.raises(AssertionError) as failed:
        fake.close()
    return str(failed.value)


def test_a_scenario_is_replayed_through_the_engine() -> None:
    transcripts = {play(WEATHER, stream=stream, sync=sync)[0] for stream, sync in WAYS}
    (transcript,) = transcripts
    assert re.findall(r"user: .*|assistant: .*|look gave .*", transcript) == [
        "user: And in Paris?",
        "look gave 'sunny'",
        "assistant: It is sunny in Paris.",
        "user: Thank you.",
        "assistant: You are welcome.",
    ]


def test_a_run_that_was_not_begun_is_reported_like_an_unplayed_script() -> None:
    fake = OpenAIFake(scenario=WEATHER).open()
    played_by_hand(fake)
    told = closing(fake)
    assert told.startswith("1 script(s) were not played:\n  - run_2(run)")
    with OpenAIFake(scenario=WEATHER, assert_all_played=False) as fake:
        played_by_hand(fake)


def test_a_run_that_was_left_half_played_is_reported() -> None:
    fake = OpenAIFake(scenario=Scenario(WEATHER.steps[:7]), polls=0).open()
    with fake.http_client() as http:
        ask = Asking(http)
        assistant = ask("/assistants", model="gpt-4o")["id"]
        thread = ask("/threads", messages=[{"role": "user", "content": "And in Paris?"}])["id"]
        run = ask(f"/threads/{thread}/runs", assistant_id=assistant)
        ask(f"/threads/{thread}/runs/{run['id']}")
    assert "run_1 ended 'completed', and here it was left 'requires_action': it waits for the outputs of look." in (
        closing(fake)
    )


def test_something_else_said_fails_the_test_with_the_difference() -> None:
    first = Scenario(WEATHER.steps[:7])
    fake = OpenAIFake(scenario=first).open()
    played_by_hand(fake, question="And in Rome?")
    told = closing(fake)
    assert "before run_1, something else should have been said:" in told
    assert told.endswith("open the fake with check_expectations=False: then nothing is compared.")
    assert "-user: And in Paris?" in told and "+user: And in Rome?" in told
    with OpenAIFake(scenario=first, check_expectations=False) as fake:
        played_by_hand(fake, question="And in Rome?")


def test_another_tool_output_fails_the_test_with_the_difference() -> None:
    first = Scenario(WEATHER.steps[:7])
    fake = OpenAIFake(scenario=first).open()
    played_by_hand(fake, output="raining")
    told = closing(fake)
    assert "-look: sunny" in told and "+look: raining" in told
    with OpenAIFake(scenario=first, check_expectations=False) as fake:
        played_by_hand(fake, output="raining")


def test_runs_are_found_by_what_was_said_before_them_in_any_order() -> None:
    steps: list[Any] = []
    for number, word in enumerate(("one", "two"), 1):
        names = {"run": f"run_{number}", "thread": f"thread_{number}", "assistant": "assistant_1"}
        steps.append({"at": 0, "thread": f"thread_{number}", "user": f"Say {word}."})
        steps.append({"at": 0, **names})
        steps.append({"at": 1, "run": f"run_{number}", "reply": f"{word.title()}."})
    there = [{"assistant": "assistant_1", "id": "asst_counting", "model": "gpt-4o"}]
    with OpenAIFake(scenario=Scenario(steps, there)) as fake, fake.http_client() as http:
        ask = Asking(http)
        for word in ("two", "one"):
            thread = ask("/threads", messages=[{"role": "user", "content": f"Say {word}."}])["id"]
            run = ask(f"/threads/{thread}/runs", assistant_id="asst_counting")
            while run["status"] != "completed":
                run = ask(f"/threads/{thread}/runs/{run['id']}")
            assert ask(f"/threads/{thread}/messages")["data"][0]["content"][0]["text"]["value"] == f"{word.title()}."


def test_what_was_there_is_put_in_place() -> None:
    there = [
        {"assistant": "assistant_1", "id": "asst_hard_coded", "model": "gpt-4o", "name": "Guide"},
        {"thread": "thread_1", "id": "thread_old"},
        {"message": "message_1", "thread": "thread_1", "role": "user", "content": "Hello again."},
        {"file": "file_1", "id": "file-old", "filename": "notes.txt", "text": "notes"},
        {"vector_store": "vector_store_1", "name": "Shelf"},
    ]
    steps = [
        {"at": 0, "run": "run_1", "thread": "thread_1", "assistant": "assistant_1"},
        {
            "at": 1,
            "run": "run_1",
            "reply": "See [1].",
            "annotations": [{"type": "file_citation", "text": "[1]", "file_citation": {"file_id": "file_1"}}],
        },
        {"at": 2, "run": "run_1", "ends": "completed"},
    ]
    scenario = Scenario(steps, there)
    transcript, exported = play(scenario, stream=False, sync=True)
    assert "Hello again." in transcript
    assert exported.there[0] == there[0]
    with OpenAIFake(scenario=scenario, assert_all_played=False) as fake:
        assert fake.assistants["asst_hard_coded"].name == "Guide"
        assert fake.files["file-old"].bytes == 5
        assert list(fake.vector_stores) == ["vector_store_1"]
        with fake.http_client() as http:
            ask = Asking(http)
            run = ask("/threads/thread_old/runs", assistant_id="asst_hard_coded")
            while run["status"] != "completed":
                run = ask(f"/threads/thread_old/runs/{run['id']}")
            text = ask("/threads/thread_old/messages")["data"][0]["content"][0]["text"]
    assert text["annotations"][0]["file_citation"] == {"file_id": "file-old"}


def test_what_a_fake_has_played_is_a_golden_file() -> None:
    with OpenAIFake() as fake:

        @fake.script
        def weather(run: Any) -> Any:
            (forecast,) = yield tool_call("look", city="Paris")
            yield usage(12, 3)
            yield reply(f"It is {forecast} in Paris.")

        played_by_hand(fake)
        golden = fake.scenario()
    assert golden.dumps() == (
        "{\n"
        '  "scenario": 1,\n'
        '  "there": [],\n'
        '  "steps": [\n'
        '    {"at": 0, "thread": "thread_1", "user": "And in Paris?"},\n'
        '    {"at": 0, "assistant": "assistant_1", "model": "gpt-4o", "instructions": "You know the weather."},\n'
        '    {"at": 0, "run": "run_1", "thread": "thread_1", "assistant": "assistant_1"},\n'
        '    {"at": 2, "run": "run_1", "tool_call": "look", "arguments": {"city": "Paris"}},\n'
        '    {"at": 3, "run": "run_1", "outputs": ["sunny"]},\n'
        '    {"at": 3, "run": "run_1", "usage": {"prompt": 12, "completion": 3}},\n'
        '    {"at": 5, "run": "run_1", "reply": "It is sunny in Paris."},\n'
        '    {"at": 6, "run": "run_1", "ends": "completed"}\n'
        "  ]\n"
        "}\n"
    )


def test_what_was_said_before_is_told_once_however_often_it_is_exported() -> None:
    def ask(fake: OpenAIFake) -> str:
        it = Api(fake)
        it.settle(it.run("thread_1", "asst_1"))
        return fake.scenario().dumps()

    with OpenAIFake() as fake:
        fake.add_assistant("asst_1")
        fake.add_thread("thread_1", messages=[{"role": "user", "content": "One."}])
        fake.add_message("thread_1", content="Two.")
        fake.reply("Three.")
        first = ask(fake)
    with OpenAIFake(scenario=Scenario.loads(first)) as fake:
        assert ask(fake) == first
    assert first.count("One.") == first.count("Two.") == 1


def test_a_deleted_thread_is_in_the_scenario_all_the_same() -> None:
    with OpenAIFake(scenario=Scenario(WEATHER.steps[:7])) as fake:
        thread = played_by_hand(fake)
        before = fake.scenario()
        with fake.http_client() as http:
            http.delete(f"https://api.openai.com/v1/threads/{thread}", headers={"OpenAI-Beta": "assistants=v2"})
        assert fake.scenario() == before


ENDINGS: list[Any] = [
    (),
    (reply("Done."),),
    (reply("In pieces.", chunks=["In ", "pieces."]), usage(5, 2)),
    (refusal("No."),),
    (code_interpreter("1 + 1", logs="2"), reply("Two.")),
    (file_search({"file_id": "file-x", "score": 0.5, "text": "it"}), reply("It.")),
    (wait(2.5), reply("Late.")),
    (reply("I was"), fail("server_error", "Oh.")),
    (incomplete("max_completion_tokens", "So far"),),
    (expire(),),
]
texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)


@st.composite
def sessions(draw: st.DrawFn) -> Scenario:
    """A session of some runs on some threads, as the scenario of what its client does and its assistant plays."""
    steps: list[Any] = [{"at": 0, "assistant": "assistant_1", "model": "gpt-4o"}]
    for number in range(1, draw(st.integers(1, 3)) + 1):
        thread, run = f"thread_{draw(st.integers(1, 2))}", f"run_{number}"
        steps.append({"at": 0, "thread": thread, "user": draw(texts)})
        steps.append({"at": 0, "run": run, "thread": thread, "assistant": "assistant_1"})
        for _ in range(draw(st.integers(0, 2))):
            steps.append({"at": 0, "run": run, "tool_call": "look", "arguments": {"at": draw(texts)}})
            steps.append({"at": 0, "run": run, "outputs": [draw(texts)]})
        if draw(st.booleans()) and draw(st.booleans()):
            steps.append({"at": 0, "run": run, "ends": "cancelled"})
            continue
        acts = draw(st.sampled_from(ENDINGS))
        steps += [act_line(0, run, as_act(act)) for act in acts]
        last = acts[-1] if acts else None
        ended = {"Fail": "failed", "StopShort": "incomplete", "Expire": "expired"}.get(type(last).__name__, "completed")
        steps.append({"at": 0, "run": run, "ends": ended})
    return Scenario(steps)


@given(sessions(), st.sampled_from(WAYS), st.sampled_from(WAYS))
def test_export_and_replay_and_export_give_the_same_bytes(
    session: Scenario, first: tuple[bool, bool], second: tuple[bool, bool]
) -> None:
    _, exported = play(session, stream=first[0], sync=first[1], profile="recorded")
    _, again = play(exported, stream=second[0], sync=second[1], profile="recorded")
    assert again.dumps() == exported.dumps()


def test_a_scenario_of_another_fake_cannot_be_misread() -> None:
    with pytest.raises(ScenarioError, match="run_9 has not been started"):
        Scenario([{"at": 0, "run": "run_9", "reply": "Hello."}])


MARKED = """
import httpx, pytest

@pytest.mark.openai_fake(scenario="weather.json")
def test_it(openai_fake):
    from tests.test_scenario import played_by_hand
    played_by_hand(openai_fake, question={question!r})
"""


@pytest.mark.parametrize(("question", "outcome"), [("And in Paris?", {"passed": 1}), ("And in Rome?", {"failed": 1})])
def test_the_marker_replays_a_scenario_beside_the_test(
    question: str, outcome: dict[str, int], pytester: pytest.Pytester
) -> None:
    Scenario(WEATHER.steps[:7]).save(pytester.path / "weather.json")
    pytester.makepyfile(test_it=MARKED.format(question=question))
    options = ("-p", "no:randomly", "-p", "no:cacheprovider", "-o", "asyncio_default_fixture_loop_scope=function")
    done = pytester.runpytest_inprocess("-p", "conftest_plugin", *options)
    done.assert_outcomes(**outcome)
    assert ("+user: And in Rome?" in done.stdout.str()) == (question != "And in Paris?")


def test_two_scenarios_are_one_where_they_hold_the_same_and_only_then() -> None:
    same = Scenario(WEATHER.steps, WEATHER.there)
    assert same == WEATHER
    assert Scenario(WEATHER.steps[:-1]) != WEATHER
    assert WEATHER.dumps() != WEATHER


def test_what_was_left_half_played_is_no_complaint_where_that_is_said() -> None:
    with OpenAIFake(scenario=WEATHER, assert_all_played=False) as fake:
        it = Api(fake)
        run = it.settle(it.run(it.thread("And in Paris?")))
        assert run["status"] == "requires_action"


ARGUMENTS = {"file_id": "file_1", "thread": "thread_1", "images": ["file_1"]}


def test_what_stands_in_the_arguments_of_a_call_is_left_as_it_is() -> None:
    there = [{"file": "file_1", "id": "file-old", "text": "notes"}]
    steps = [
        {"at": 0, "thread": "thread_1", "user": "Hi."},
        {"at": 0, "run": "run_1", "thread": "thread_1", "assistant": "assistant_1"},
        {"at": 1, "run": "run_1", "tool_call": "look", "arguments": ARGUMENTS},
        {"at": 2, "run": "run_1", "ends": "requires_action"},
    ]
    with OpenAIFake(scenario=Scenario(steps, there), adopt_assistants=True, assert_all_played=False) as fake:
        it = Api(fake)
        run = it.settle(it.run(it.thread("Hi.")))
        (call,) = run["required_action"]["submit_tool_outputs"]["tool_calls"]
        assert call["function"]["arguments"] == '{"file_id":"file_1","thread":"thread_1","images":["file_1"]}'


def test_a_file_that_the_client_has_uploaded_since_is_known_by_its_own_name() -> None:
    note = {"type": "file_citation", "text": "[1]", "file_citation": {"file_id": "file_2"}}
    steps: list[Any] = [
        {"at": 0, "file": "file_1", "filename": "a.txt", "purpose": "assistants"},
        {"at": 0, "file": "file_2", "filename": "b.txt", "purpose": "assistants"},
        {"at": 0, "thread": "thread_1", "user": "Hi."},
        {"at": 0, "run": "run_1", "thread": "thread_1", "assistant": "assistant_1"},
        {"at": 1, "run": "run_1", "reply": "See [1].", "annotations": [note]},
        {"at": 2, "run": "run_1", "ends": "completed"},
    ]
    with OpenAIFake(scenario=Scenario(steps), adopt_assistants=True) as fake:
        it = Api(fake)
        for name in ("a.txt", "b.txt"):
            fake.add_file(f"file-{name[0]}", filename=name)
        run = it.settle(it.run(it.thread("Hi.")))
        (text,) = it.messages(run["thread_id"])[-1]["content"]
        assert text["text"]["annotations"][0]["file_citation"]["file_id"] == "file-b"


def test_a_file_that_was_there_is_in_the_scenario_with_what_it_held() -> None:
    with OpenAIFake() as fake:
        fake.add_file("file-1", filename="a.txt", content=b"text")
        fake.add_file("file-2", filename="b.bin", content=b"\xff\xfe")
        one, other = fake.scenario().there
    assert one == {"file": "file_1", "id": "file-1", "filename": "a.txt", "text": "text"}
    assert other == {"file": "file_2", "id": "file-2", "filename": "b.bin", "base64": "//4="}


def test_a_run_that_was_cancelled_goes_on_until_it_is_cancelled_again() -> None:
    steps = [
        {"at": 0, "thread": "thread_1", "user": "Hi."},
        {"at": 0, "run": "run_1", "thread": "thread_1", "assistant": "assistant_1"},
        {"at": 2, "run": "run_1", "reply": "Well,"},
        {"at": 9, "run": "run_1", "ends": "cancelled"},
    ]
    with OpenAIFake(scenario=Scenario(steps), adopt_assistants=True) as fake:
        it = Api(fake)
        run = it.run(it.thread("Hi."))
        fake.clock.advance(60)
        assert it.fake.thread(run["thread_id"]).runs[0].status == "in_progress"
        it.ok("POST", f"/threads/{run['thread_id']}/runs/{run['id']}/cancel")
        assert it.settle(it.poll(run))["status"] == "cancelled"


def cancelled_later(*, polls: int) -> Scenario:
    """What a fake played whose run was polled so often and then cancelled."""
    with OpenAIFake() as fake:
        _cancelled(fake, polls)
        return fake.scenario()


def _cancelled(fake: OpenAIFake, polls: int) -> list[str]:
    it = Api(fake)
    if fake.options.scenario is None:
        fake.script(reply("Well,"), wait(500), reply("so."))
    run = it.run(it.thread("Hi."))
    seen = [it.poll(run)["status"] for _ in range(polls)]
    it.ok("POST", f"{path_of(run)}/cancel")
    return seen


@pytest.mark.parametrize("polls", [1, 4, 30])
def test_a_run_that_was_cancelled_may_be_polled_more_often_and_need_not_be_polled_to_its_end(polls: int) -> None:
    scenario = cancelled_later(polls=1)
    assert scenario.steps[-1].get("ends") is None
    ended = Scenario([*scenario.steps, {"at": 600, "run": "run_1", "ends": "cancelled"}], scenario.there)
    with OpenAIFake(scenario=ended) as fake:
        assert _cancelled(fake, polls) == ["in_progress"] * polls
        assert not [step for step in fake.scenario().steps if "expire" in step]


def test_what_a_cancelled_run_was_saying_breaks_off_when_it_is_cancelled() -> None:
    with OpenAIFake(scenario=Scenario(CUT)) as fake:
        it = Api(fake)
        run = it.run(it.thread("Hi."))
        fake.clock.advance(30)
        it.ok("POST", f"{path_of(run)}/cancel")
        it.settle(it.poll(run))
        assert [message.status for message in fake.thread(run["thread_id"]).messages] == ["completed", "incomplete"]


CUT: list[Any] = [
    {"at": 0, "thread": "thread_1", "user": "Hi."},
    {"at": 0, "run": "run_1", "thread": "thread_1", "assistant": "assistant_1"},
    {"at": 2, "run": "run_1", "reply": "Well,"},
    {"at": 90, "run": "run_1", "ends": "cancelled"},
]


def test_one_that_is_not_cancelled_says_what_it_waits_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "EXPLAINED_AFTER_LOOKS", 240)
    ended = Scenario([*cancelled_later(polls=1).steps, {"at": 600, "run": "run_1", "ends": "cancelled"}])
    with OpenAIFake(scenario=ended, assert_all_played=False) as fake:
        it = Api(fake)
        thread = it.thread("Hi.")
        with pytest.raises(TransportFailure, match=r"before the run is cancelled.*call runs\.cancel before"):
            it.send("POST", f"/threads/{thread}/runs", {"assistant_id": it.assistant(), "stream": True})
        path = f"/threads/{thread}/runs/{fake.thread(thread).runs[0].id}"
        answers = [it.send("GET", path) for _ in range(250)]
        assert answers[-1].error["message"].endswith("it goes on until it is: call runs.cancel.")
        fake.excuse()


def test_the_same_question_to_another_assistant_is_answered_by_that_one() -> None:
    there = [{"assistant": f"assistant_{name}", "id": f"asst_{name}"} for name in "ab"]
    steps: list[Any] = []
    for name in "ab":
        steps += [
            {"at": 0, "thread": f"thread_{name}", "user": "Who are you?"},
            {"at": 0, "run": f"run_{name}", "thread": f"thread_{name}", "assistant": f"assistant_{name}"},
            {"at": 2, "run": f"run_{name}", "reply": f"I am {name}."},
            {"at": 3, "run": f"run_{name}", "ends": "completed"},
        ]
    with OpenAIFake(scenario=Scenario(steps, there)) as fake:
        it = Api(fake)
        for name in "ba":
            run = it.settle(it.run(it.thread("Who are you?"), f"asst_{name}"))
            assert fake.thread(run["thread_id"]).messages[-1].text == f"I am {name}."
    made = [{"at": 0, "assistant": f"assistant_{name}", "model": "gpt-4o", "name": name} for name in "ab"]
    with OpenAIFake(scenario=Scenario([*made, *steps])) as fake:
        it = Api(fake)
        for name in "ba":
            run = it.settle(it.run(it.thread("Who are you?"), it.assistant(name=name, instructions=None)))
            assert fake.thread(run["thread_id"]).messages[-1].text == f"I am {name}."
    fake = OpenAIFake(scenario=Scenario(steps, there)).open()
    it = Api(fake)
    for _ in "bb":
        it.settle(it.run(it.thread("Who are you?"), "asst_b"))
    assert closing(fake).startswith("the scenario: run_a was a run of asst_a, and here it is one of asst_b. Let the ")


def test_images_that_a_client_has_sent_are_the_same_in_the_replay_and_in_what_was_there() -> None:
    def talk(fake: OpenAIFake, thread: str) -> None:
        it = Api(fake)
        text = {"type": "text", "text": "Look:"}
        address = {"type": "image_url", "image_url": {"url": "https://example.org/a.png", "detail": "low"}}
        file = {"type": "image_file", "image_file": {"file_id": "file-1"}}
        it.ok("POST", f"/threads/{thread}/messages", {"role": "user", "content": [text, address, file]})
        it.settle(it.run(thread))

    with OpenAIFake() as fake:
        fake.add_file("file-1", filename="a.png", content=b"\xff")
        fake.add_thread("thread_old", messages=[{"role": "user", "content": SEEN}])
        fake.reply("Nice.")
        talk(fake, "thread_old")
        scenario = fake.scenario()
    assert [line["content"] for line in scenario.there if "message" in line] == [SEEN]
    with OpenAIFake(scenario=Scenario.loads(scenario.dumps())) as fake:
        talk(fake, "thread_old")
        again = fake.scenario()
    assert [step["user"] for step in again.steps if "user" in step] == [
        step["user"] for step in scenario.steps if "user" in step
    ]
    old = scenario.dumps().replace(
        '{"type": "image_url", "image_url": {"url": "https://example.org/a.png", "detail": "low"}}',
        '{"image_url": "https://example.org/a.png"}',
    )
    assert old != scenario.dumps()
    with OpenAIFake(scenario=Scenario.loads(old)) as fake:
        talk(fake, "thread_old")


SEEN = [{"type": "image_url", "image_url": {"url": "https://example.org/before.png"}}]


def test_a_message_that_was_deleted_before_any_run_is_not_in_the_scenario() -> None:
    def talk(fake: OpenAIFake) -> None:
        it = Api(fake)
        thread = it.thread()
        oops = it.ok("POST", f"/threads/{thread}/messages", {"role": "user", "content": "oops"})
        it.ok("DELETE", f"/threads/{thread}/messages/{oops['id']}")
        it.ok("POST", f"/threads/{thread}/messages", {"role": "user", "content": "Hi."})
        it.settle(it.run(thread))

    with OpenAIFake() as fake:
        fake.reply("Hello.")
        talk(fake)
        assert "user: oops" in fake.transcript()
        scenario = fake.scenario()
    assert [step["user"] for step in scenario.steps if "user" in step] == ["Hi."]
    with OpenAIFake(scenario=scenario) as fake:
        talk(fake)


def test_what_is_taken_back_is_deleted_before_a_run_of_its_own_thread() -> None:
    happened = [("a", SAID, "one"), ("b", BEGUN, ""), ("a", DELETED, "one"), ("a", SAID, "two"), ("a", BEGUN, "")]
    assert taken_back([*happened, ("a", DELETED, "two"), ("b", DELETED, "three")]) == {"one"}


@pytest.mark.parametrize("with_thread", [False, True])
def test_a_message_that_was_there_and_is_deleted_before_its_run_is_deleted_in_the_replay(with_thread: bool) -> None:
    def talk(fake: OpenAIFake, *, delete: bool = True) -> None:
        it = Api(fake)
        (oops, *_) = it.messages("thread_there")
        if delete:
            it.ok("DELETE", f"/threads/thread_there/messages/{oops['id']}")
        it.ok("POST", "/threads/thread_there/messages", {"role": "user", "content": "Hi."})
        it.settle(it.run("thread_there"))

    with OpenAIFake() as fake:
        fake.reply("Hello.")
        if with_thread:
            fake.add_thread("thread_there", messages=[{"role": "user", "content": "oops"}])
        else:
            fake.add_thread("thread_there")
            fake.add_message("thread_there", content="oops")
        talk(fake)
        scenario = fake.scenario()
    assert [line["content"] for line in scenario.there if "message" in line] == ["oops"]
    assert [step["deleted"] for step in scenario.steps if "deleted" in step] == ["message_1"]
    assert Scenario.loads(scenario.dumps()) == scenario
    with OpenAIFake(scenario=scenario) as fake:
        talk(fake)
        assert fake.scenario() == scenario
    fake = OpenAIFake(scenario=scenario).open()
    talk(fake, delete=False)
    assert "before run_1, something else should have been said" in closing(fake)
    assert "user: Hi." in play(scenario, stream=True, sync=True)[0]


def test_a_message_that_was_deleted_between_two_runs_was_said_to_the_first() -> None:
    def talk(fake: OpenAIFake) -> None:
        it = Api(fake)
        thread = it.thread("Hi.")
        it.settle(it.run(thread))
        (first, *_) = it.messages(thread)
        it.ok("DELETE", f"/threads/{thread}/messages/{first['id']}")
        it.ok("POST", f"/threads/{thread}/messages", {"role": "user", "content": "Again."})
        it.settle(it.run(thread))

    with OpenAIFake() as fake:
        fake.reply("Hello.", times=2)
        talk(fake)
        scenario = fake.scenario()
    with OpenAIFake(scenario=scenario) as fake:
        talk(fake)
        assert fake.scenario() == scenario


def test_a_client_that_waits_for_a_time_of_its_own_before_it_cancels_is_not_stopped() -> None:
    ended = Scenario([*cancelled_later(polls=1).steps, {"at": 600, "run": "run_1", "ends": "cancelled"}])
    with OpenAIFake(scenario=ended) as fake:
        it = Api(fake)
        run = it.run(it.thread("Hi."))
        for _ in range(700):
            assert it.poll(run)["status"] == "in_progress"
            fake.clock.advance(1)
        it.ok("POST", f"{path_of(run)}/cancel")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            {"message": "message_1", "thread": "thread_9", "role": "user"},
            "there[0]: message_1 cannot be put in place. ",
        ),
        ({"file": "file_1", "base64": "***"}, "there[0]: file_1 cannot be put in place. "),
        ({"assistant": "assistant_1", "id": "asst_1", "temperature": 9}, "there[0]: assistant_1 cannot be put"),
    ],
)
def test_what_cannot_be_put_in_place_is_told_with_the_place(line: Any, told: str) -> None:
    scenario = Scenario([], [line], source="talk.json")
    with pytest.raises(ScenarioError, match=re.escape(f"talk.json: {told}")):
        OpenAIFake(scenario=scenario).open()


SHELF: list[Any] = [
    {"file": "file_1", "id": "file-old", "filename": "cake.txt", "text": "Filip bakes cake."},
    {"vector_store": "vector_store_1", "id": "vs_old", "name": "Shelf", "file_ids": ["file_1"]},
    {
        "assistant": "assistant_1",
        "id": "asst_old",
        "model": "gpt-4o",
        "tools": [{"type": "file_search"}],
        "tool_resources": {"file_search": {"vector_store_ids": ["vector_store_1"]}},
    },
]


@pytest.mark.parametrize(
    "there", list(permutations(SHELF)), ids=lambda lines: " ".join(next(iter(line)) for line in lines)
)
def test_what_was_there_may_name_the_rest_in_any_order(there: tuple[Any, ...]) -> None:
    with OpenAIFake(scenario=Scenario([], there), require_files=True) as fake:
        assert fake.assistants["asst_old"].tool_resources["file_search"]["vector_store_ids"] == ["vs_old"]
        assert fake.vector_stores["vs_old"].file_counts.completed == 1
        assert [next(iter(line)) for line in fake.scenario().there] == [next(iter(line)) for line in there]


def searched(fake: OpenAIFake, thread_id: str) -> str:
    """What a run says that searches for what is asked in the thread."""
    it = Api(fake)
    it.ok("POST", f"/threads/{thread_id}/messages", {"role": "user", "content": "What does Filip bake?"})
    it.settle(it.run(thread_id, "asst_old"))
    return fake.thread(thread_id).messages[-1].text


BY_ID: Any = {"file_search": {"vector_store_ids": ["vs_old"]}}
MADE_WITH_IT: Any = {"file_search": {"vector_stores": [{"file_ids": ["file-old"]}]}}
ATTACHED: Any = [{"file_id": "file-old", "tools": [{"type": "file_search"}]}]


@pytest.mark.parametrize(
    ("assistant", "thread"),
    [
        ({"tool_resources": BY_ID}, {}),
        ({}, {"tool_resources": BY_ID}),
        ({}, {"tool_resources": MADE_WITH_IT}),
        ({}, {"messages": [{"role": "user", "content": "See.", "attachments": ATTACHED}]}),
        ({"tool_resources": MADE_WITH_IT}, {}),
    ],
    ids=[
        *("the assistant's, by its id", "the thread's, by its id", "made with the thread"),
        *("made for an attachment", "made with the assistant"),
    ],
)
def test_a_search_in_a_store_that_was_there_finds_the_same_in_the_replay(assistant: Any, thread: Any) -> None:
    with OpenAIFake() as fake:
        fake.add_file("file-old", filename="cake.txt", content=b"Filip bakes cake.")
        fake.add_vector_store("vs_old", name="Shelf", file_ids=["file-old"])
        fake.add_assistant("asst_old", tools=[{"type": "file_search"}], **assistant)
        fake.add_thread("thread_old", **thread)
        fake.script(file_search(), reply("Cake."))
        first, exported = searched(fake, "thread_old"), fake.scenario()
    assert re.fullmatch("Cake【4:[01]†cake.txt】.", first)
    assert {"vector_store": "vector_store_1", "id": "vs_old", "name": "Shelf", "file_ids": ["file_1"]} in exported.there
    with OpenAIFake(scenario=exported) as fake:
        assert searched(fake, "thread_old") == first
        assert fake.scenario().dumps() == exported.dumps()
