"""The measure itself: it finds every kind of difference, explains what the table explains, and nothing else."""

import copy
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openai_fake import code_interpreter, expire, fail, file_search, incomplete, reply, tool_call, usage
from openai_fake.__main__ import main
from openai_fake.fidelity.report import page, unexplained
from openai_fake.fidelity.restaging import restage
from openai_fake.scenario.exchanges import Exchange, Recording
from openai_fake.script import as_acts
from tests.recording_kit import Recorder, plain_form, with_response

Json = dict[str, Any]

ENDS: dict[str, list[Any]] = {
    "said": [reply("Hello there, you.")],
    "called a tool": [tool_call("look", city="Paris"), usage(20, 7), reply("Sunny.")],
    "called two tools at once": [(tool_call("look", city="Paris"), tool_call("look")), reply("Both.")],
    "called twice": [tool_call("look"), tool_call("look", n=2), reply("Twice.")],
    "ran code": [code_interpreter("print(1)", logs="1"), code_interpreter("2"), reply("Done.")],
    "searched": [file_search({"file_id": "file-abc", "score": 0.5, "text": "cake"}), reply("Cake.")],
    "drew a picture": [code_interpreter("plot()", images=["file-a"]), reply("Here.", images=["file-a"])],
    "showed the picture first": [reply("There it was.", images=["file-a", "file-b"], images_first=True)],
    "found nothing": [file_search(), reply("Nothing.")],
    "failed": [fail("server_error", "Sorry, something went wrong.")],
    "failed in mid-sentence": [reply("I was"), fail("rate_limit_exceeded", "Too much.")],
    "broke off": [incomplete("max_completion_tokens", "It is a")],
    "expired": [expire()],
    "said nothing": [],
}


def converse(recorder: Recorder, acts: Any, *, stream: bool, cancel: bool = False) -> None:
    """One conversation of one run, to its end."""
    ask = recorder.ask
    recorder.script(*acts)
    assistant = ask("POST", "/assistants", {"model": "gpt-4o", "tools": [{"type": "file_search"}]})["id"]
    thread = ask("POST", "/threads", {"messages": [{"role": "user", "content": "Hi."}]})["id"]
    runs = f"/threads/{thread}/runs"
    answer = ask("POST", runs, {"assistant_id": assistant, **({"stream": True} if stream else {})})
    run = last_run(answer)
    if cancel:
        ask("POST", f"{runs}/{run['id']}/cancel")
    for _ in range(20):
        run = ask("GET", f"{runs}/{run['id']}")
        if run["status"] == "requires_action":
            calls = run["required_action"]["submit_tool_outputs"]["tool_calls"]
            outputs = [{"tool_call_id": call["id"], "output": "sunny"} for call in calls]
            body = {"tool_outputs": outputs, **({"stream": True} if stream else {})}
            run = last_run(ask("POST", f"{runs}/{run['id']}/submit_tool_outputs", body))
        elif run["status"] not in ("queued", "in_progress", "cancelling"):
            break
    ask("GET", f"{runs}/{run['id']}/steps")
    ask("GET", f"/threads/{thread}/messages", order="asc")


def last_run(answer: Any) -> Json:
    if isinstance(answer, dict):
        return answer
    runs: list[Json] = [data for _, data in answer if isinstance(data, dict) and data["object"] == "thread.run"]
    return runs[-1]


@pytest.mark.parametrize("stream", [False, True], ids=["polled", "streamed"])
@pytest.mark.parametrize("acts", ENDS.values(), ids=ENDS)
def test_what_the_fake_has_answered_it_answers_again(acts: list[Any], stream: bool) -> None:
    recorder = Recorder()
    converse(recorder, acts, stream=stream)
    outcomes = restage(recorder.recording())
    assert [outcome.grade for outcome in outcomes] == ["exact"] * len(outcomes), unexplained(outcomes)


def test_a_cancelled_run_is_cancelled_again() -> None:
    recorder = Recorder()
    converse(recorder, [reply("Too late.")], stream=False, cancel=True)
    outcomes = restage(recorder.recording())
    assert recorder.exchanges[-3].response["status"] == "cancelled"
    assert {outcome.grade for outcome in outcomes} == {"exact"}, unexplained(outcomes)


def test_a_finished_message_may_be_listed_while_its_run_goes_on() -> None:
    recorder = Recorder()
    converse(recorder, ENDS["said"], stream=False)
    *begun, working, completed, steps, messages = recorder.exchanges
    assert (working.response["status"], completed.response["status"]) == ("in_progress", "completed")
    row = [*begun, working, messages, working, steps, completed]
    exchanges = tuple(replace(exchange, number=number) for number, exchange in enumerate(row))
    outcomes = restage(Recording("by the way", exchanges))
    assert {outcome.grade for outcome in outcomes} == {"exact"}, unexplained(outcomes)


@given(
    st.lists(st.tuples(st.sampled_from(sorted(ENDS)), st.booleans(), st.booleans()), min_size=1, max_size=3),
    st.integers(0, 3),
)
def test_any_row_of_conversations_is_exact(row: list[tuple[str, bool, bool]], polls: int) -> None:
    recorder = Recorder(polls=polls)
    for name, stream, cancel in row:
        converse(recorder, ENDS[name], stream=stream, cancel=cancel and not stream)
    outcomes = restage(recorder.recording())
    assert {outcome.grade for outcome in outcomes} == {"exact"}, unexplained(outcomes)


@pytest.fixture(scope="module")
def recorded() -> Recording:
    """A polled conversation with a tool call: the run's last poll is exchange 6, its steps 7, the messages 8."""
    recorder = Recorder()
    converse(recorder, ENDS["called a tool"], stream=False)
    return recorder.recording()


def change(key: str, value: Any) -> Callable[[Json], None]:
    return lambda answer: answer.update({key: value})


def move_first_key_last(answer: Json) -> None:
    key = next(iter(answer))
    answer[key] = answer.pop(key)


def swap_calls(answer: Json) -> None:
    answer["data"][0]["thread_id"] = "thread_of_somebody_else"


CHANGES: dict[str, tuple[int, Callable[[Json], Any], str]] = {
    "a key is gone": (-3, lambda answer: answer.pop("tool_choice"), ".tool_choice: extra"),
    "a key is new": (-3, change("colour", "red"), ".colour: missing"),
    "keys in another order": (-3, move_first_key_last, "key order"),
    "a null": (-3, change("completed_at", None), ".completed_at: type"),
    "another type": (-3, change("temperature", 1), ".temperature: type"),
    "another constant": (-3, change("object", "run"), ".object: text"),
    "another status": (-3, change("status", "failed"), ".status: text"),
    "another number": (-3, change("top_p", 0.5), ".top_p: value"),
    "another length": (-2, lambda answer: answer["data"].append(answer["data"][0]), ".data: length"),
    "another reference": (-2, swap_calls, ".data[].thread_id: id"),
    "another envelope": (-2, change("has_more", True), ".has_more: value"),
    "another end of a list": (-2, lambda a: a.update(first_id=a["last_id"]), ".first_id: id"),
    "another text": (-1, lambda a: a["data"][0]["content"][0]["text"].update(value="Hey."), ".value: text"),
}


@pytest.mark.parametrize(("number", "mutate", "told"), CHANGES.values(), ids=CHANGES)
def test_a_difference_is_found_and_named(
    recorded: Recording, number: int, mutate: Callable[[Json], Any], told: str
) -> None:
    response = copy.deepcopy(recorded.exchanges[number].response)
    mutate(response)
    outcomes = restage(with_response(recorded, number, response))
    assert outcomes[number].grade == "unexplained"
    assert told in unexplained(outcomes)


def test_another_http_status_and_content_type_are_found(recorded: Recording) -> None:
    exchanges = list(recorded.exchanges)
    exchanges[0] = replace(exchanges[0], status=201)
    exchanges[1] = replace(exchanges[1], content_type="text/plain")
    told = unexplained(restage(replace(recorded, exchanges=tuple(exchanges))))
    assert 'status: recorded 201, fake "200' in told
    assert "content type: recorded 'text/plain', fake 'application/json'" in told


STREAM_CHANGES: dict[str, tuple[Callable[[list[Any]], Any], str]] = {
    "an event is gone": (lambda events: events.pop(1), "events: order"),
    "two events have changed places": (lambda events: events.insert(1, events.pop(2)), "events: order"),
    "no end": (lambda events: events.pop(), "events: order"),
    "another delta": (
        lambda events: events[7][1]["delta"]["content"][0].update(role="assistant"),
        "thread.message.delta.delta.content[].role: missing",
    ),
    "a later delta of another form": (
        lambda events: events[8][1]["delta"]["content"][0]["text"].update(annotations=[]),
        "thread.message.delta[]: forms",
    ),
}


@pytest.mark.parametrize(("mutate", "told"), STREAM_CHANGES.values(), ids=STREAM_CHANGES)
def test_a_difference_in_a_stream_is_found(mutate: Callable[[list[Any]], Any], told: str) -> None:
    recorder = Recorder()
    converse(recorder, ENDS["said"], stream=True)
    recording = recorder.recording()
    events = copy.deepcopy(list(recording.exchanges[2].events or ()))
    mutate(events)
    exchanges = (*recording.exchanges[:2], replace(recording.exchanges[2], events=tuple(events)))
    assert told in unexplained(restage(replace(recording, exchanges=exchanges)))


OLDER = 1_714_000_000


@pytest.mark.parametrize(("created_at", "grade"), [(OLDER, "known difference"), (OLDER + 10**8, "unexplained")])
def test_an_older_shape_is_known_only_in_an_older_recording(created_at: int, grade: str) -> None:
    recorder = Recorder()
    shown = dict(recorder.ask("POST", "/assistants", {"model": "gpt-4o"}))
    del shown["reasoning_effort"]
    shown["created_at"] = created_at
    recording = with_response(recorder.recording(), 0, shown)
    exchanges = (replace(recording.exchanges[0], at=created_at),)
    (outcome,) = restage(replace(recording, exchanges=exchanges))
    assert outcome.grade == grade


def test_what_is_not_asked_of_version_2_is_out_of_scope(recorded: Recording) -> None:
    one = recorded.exchanges[0]
    others = (replace(one, beta="assistants=v1"), replace(one, path="/embeddings"), replace(one, status=503))
    outcomes = restage(replace(recorded, exchanges=others))
    assert [outcome.reason for outcome in outcomes] == [
        "of version 1 of the API, which the service ended before version 2",
        "nothing that the fake serves",
        "a failure of the service, no answer to the request",
    ]


def test_the_command_prints_the_page_and_fails_for_what_is_unexplained(
    recorded: Recording, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "good.json").write_text(json.dumps(plain_form(recorded)), "utf-8")
    assert main(["fidelity", str(tmp_path), "--write", str(tmp_path / "page.md")]) == 0
    printed = capsys.readouterr().out
    assert "| runs.submit_tool_outputs | 1 | 1 | 0 | 0 |" in printed
    assert (tmp_path / "page.md").read_text("utf-8") == printed == page(restage(recorded))

    changed = with_response(recorded, 0, {**recorded.exchanges[0].response, "model": "gpt-5"})
    (tmp_path / "good.json").write_text(json.dumps(plain_form(changed)), "utf-8")
    assert main(["fidelity", str(tmp_path / "good.json")]) == 1
    assert "## Unexplained" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["{", "[]", '{"exchanges": [{"method": "GET"}]}'])
def test_the_command_names_what_is_no_recording(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.json").write_text(text, "utf-8")
    assert main(["fidelity", str(tmp_path)]) == 2
    assert "bad.json" in capsys.readouterr().err


def test_the_acts_of_the_table_are_acts() -> None:
    assert all(len(as_acts(acts)) == len(acts) for acts in ENDS.values())


APRIL_2024 = 1_714_000_000


def test_the_end_of_an_incomplete_run_had_another_name_until_june_2024() -> None:
    recorder = Recorder()
    converse(recorder, ENDS["broke off"], stream=True)
    *before, stream, _, _, _ = recorder.exchanges
    events = tuple((name.replace("run.incomplete", "run.completed"), data) for name, data in stream.events or ())

    def grade(*changed: tuple[str, Any]) -> str:
        row = (*before, replace(stream, events=changed))
        text = re.sub(r"17672\d{5}", str(APRIL_2024), json.dumps([(e.response, e.events) for e in row]))
        older = [
            replace(exchange, at=APRIL_2024, response=response, events=shown and tuple(map(tuple, shown)))
            for exchange, (response, shown) in zip(row, json.loads(text), strict=True)
        ]
        return restage(Recording("older", tuple(older)))[-1].grade

    assert grade(*events) == "known difference"
    assert grade(*events[1:]) == "unexplained"


def test_a_downloaded_file_is_compared_by_its_bytes() -> None:
    shown = {"method": "GET", "path": "/files/file-abc/content", "status": 200}
    exchange = Exchange(0, **shown, content_type="application/octet-stream", response="what it says")  # type: ignore[arg-type]
    assert [outcome.grade for outcome in restage(Recording("one", (exchange,)))] == ["exact"]
