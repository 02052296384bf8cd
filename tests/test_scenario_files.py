"""Scenario files: one clear error for what is wrong with one, nothing written, the old file intact."""

import json
import os
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openai_fake import OpenAIFake, Scenario
from openai_fake.scenario.files import read
from openai_fake.scenario.keys import RECORDINGS
from openai_fake.scenario.lines import ScenarioError
from openai_fake.scenario.schema import schema
from tests.test_scenario import WEATHER, sessions

TEXT = WEATHER.dumps()
OLD_PYDANTIC = tuple(map(int, pydantic.VERSION.split(".")[:2])) < (2, 11)


def data() -> Any:
    return json.loads(TEXT)


def test_a_file_comes_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "weather.json"
    WEATHER.save(path)
    assert Scenario.load(path) == WEATHER
    assert path.read_text("utf-8") == TEXT == Scenario.load(path).dumps()
    assert [found.name for found in tmp_path.iterdir()] == ["weather.json"]


@given(sessions())
def test_any_session_comes_back_as_it_was(session: Scenario) -> None:
    assert Scenario.loads(session.dumps()).dumps() == session.dumps()


def test_keys_have_one_order_however_they_were_written() -> None:
    mixed = [dict(reversed(step.items())) for step in WEATHER.steps]
    assert Scenario(mixed).dumps() == TEXT


def edited(change: Any) -> str:
    made = data()
    change(made)
    return json.dumps(made)


STEPS: dict[str, tuple[Any, str]] = {
    "an unknown key of the file": (lambda d: d.update(color=1), "w.json: unknown key 'color'"),
    "an unknown key of a step": (lambda d: d["steps"][1].update(mood="x"), "w.json: steps[1]: unknown key 'mood'"),
    "an unknown key of an act": (
        lambda d: d["steps"][5].update(chunk=1),
        "w.json: steps[5].chunk: there is no such",
    ),
    "a mistyped act": (lambda d: d["steps"].insert(3, {"at": 1, "run": "run_1", "repl": "x"}), "w.json: steps[3]: "),
    "no step": (lambda d: d["steps"].insert(0, {"at": 1, "says": "x"}), "w.json: steps[0]: this is no step"),
    "no object": (lambda d: d["steps"].insert(0, 1), "w.json: steps[0]: expected an object"),
    "no time": (lambda d: d["steps"][0].pop("at"), "w.json: steps[0].at: expected seconds"),
    "a time before the beginning": (lambda d: d["steps"][0].update(at=-1), "w.json: steps[0].at: expected seconds"),
    "a run that was not started": (lambda d: d["steps"].pop(2), "w.json: steps[2]: run_1 has not been started"),
    "a run that is started twice": (
        lambda d: d["steps"].insert(3, d["steps"][2]),
        "w.json: steps[3]: run_1 has been started already",
    ),
    "outputs that are missing": (lambda d: d["steps"].pop(4), "w.json: steps[4]: run_1 waits for 1 output(s) first"),
    "outputs too many": (
        lambda d: d["steps"][4]["outputs"].append("x"),
        "w.json: steps[4].outputs: run_1 waits for 1 output(s), got 2",
    ),
    "outputs that are no texts": (lambda d: d["steps"][4].update(outputs=[1]), "w.json: steps[4].outputs: expected"),
    "an act after the end": (lambda d: d["steps"].insert(7, d["steps"][5]), "w.json: steps[7]: run_1 has ended"),
    "an unknown end": (lambda d: d["steps"][6].update(ends="done"), "w.json: steps[6].ends: expected one of"),
    "a failure of no reason": (
        lambda d: d["steps"][6].update(ends="failed"),
        "w.json: steps[6].ends: run_1 ends 'failed', but nothing makes it: expected a line with 'fail' before.",
    ),
    "no text": (lambda d: d["steps"][1].update(user=1), "w.json: steps[1].user: expected a text"),
    "no list": (lambda d: d.update(steps={}), "w.json: steps: expected a list"),
    "no steps": (lambda d: d.pop("steps"), "w.json: steps are missing"),
    "no symbol": (lambda d: d["steps"][1].update(thread=None), "w.json: steps[1].thread: expected a symbol"),
    "a later version": (lambda d: d.update(scenario=2), "w.json: scenario: this file is of version 2, and this"),
    "a version that is none": (lambda d: d.update(scenario=True), "w.json: scenario: this file is of version True"),
    "what was there": (lambda d: d.update(there=[{"robot": "x"}]), "w.json: there[0]: expected an object that names"),
    "a key of what was there": (
        lambda d: d.update(there=[{"thread": "thread_1", "colour": "red"}]),
        "w.json: there[0]: unknown key 'colour'",
    ),
    "a name that two things have": (
        lambda d: d.update(there=[{"thread": "thread_9"}, {"thread": "thread_9"}]),
        "w.json: there[1]: 'thread_9' is the name of something above.",
    ),
    "deleting what was not there": (
        lambda d: d["steps"].insert(2, {"at": 0, "thread": "thread_1", "deleted": "message_1"}),
        "w.json: steps[2].deleted: expected a message that was there in thread_1, got 'message_1'.",
    ),
    "no scenario at all": (lambda d: d.pop("scenario"), "w.json: this is no scenario"),
}


@pytest.mark.parametrize(("change", "told"), STEPS.values(), ids=STEPS)
def test_a_misedited_file_is_one_clear_error(change: Any, told: str, tmp_path: Path) -> None:
    path = tmp_path / "w.json"
    path.write_text(edited(change), "utf-8")
    with pytest.raises(ScenarioError) as refused:
        Scenario.load(path)
    assert str(refused.value).startswith(told)
    with pytest.raises(ScenarioError):
        OpenAIFake(scenario=path).open()


@pytest.mark.parametrize("cut", range(1, len(TEXT) - 1, 97))
def test_a_file_that_is_cut_is_one_clear_error(cut: int) -> None:
    with pytest.raises(ScenarioError, match=r"^w\.json: line \d+, column \d+: "):
        Scenario.loads(TEXT[:cut], "w.json")


def test_a_key_that_stands_twice_and_what_is_no_utf_8_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"the key 'at' stands twice"):
        Scenario.loads(TEXT.replace('{"at": 0, "thread"', '{"at": 0, "at": 1, "thread"', 1))
    with pytest.raises(ScenarioError, match="w.json: NaN is no JSON"):
        Scenario.loads(TEXT.replace('"Paris"', "NaN", 1), "w.json")
    (tmp_path / "w.json").write_bytes(b'{"scenario": "\xff"}')
    with pytest.raises(ScenarioError, match="no UTF-8"):
        Scenario.load(tmp_path / "w.json")


SECRETS = {
    "key": "use sk-proj-abcdefghijklmnopqrstuvwxyz0123456789",
    "token": "Authorization: Bearer abcdefghijklmnopqrstuvwxyz",
    "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    "cookie": "Cookie: __cf_bm=abcdefghijk",
    "organization": "org-abcdefghijklmnop",
    "project": "proj_abcdefghijklmnop",
    "known": "what-the-environment-holds",
}


@pytest.mark.parametrize("kind", SECRETS)
def test_a_scenario_with_a_secret_is_not_written(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "what-the-environment-holds")
    path = tmp_path / "weather.json"
    WEATHER.save(path)
    steps = [dict(step) for step in WEATHER.steps]
    steps[4]["outputs"] = [f"It is {SECRETS[kind]} today."]
    with pytest.raises(ScenarioError, match=rf"steps\[4\]\.outputs\[0\]: {kind}") as refused:
        Scenario(steps).save(path)
    assert SECRETS[kind].rpartition(" ")[2] not in str(refused.value)
    assert path.read_text("utf-8") == TEXT
    assert [found.name for found in tmp_path.iterdir()] == ["weather.json"]


def test_the_folder_of_a_scenario_is_made(tmp_path: Path) -> None:
    path = tmp_path / "cassettes" / "weather" / "one.json"
    WEATHER.save(path)
    assert Scenario.load(path) == WEATHER


def test_a_file_that_cannot_be_replaced_stays_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "weather.json"
    path.write_text("old", "utf-8")

    def refuse(*_: Any) -> None:
        raise OSError("no room")

    monkeypatch.setattr("os.replace", refuse)
    with pytest.raises(OSError, match="no room"):
        WEATHER.save(path)
    assert path.read_text("utf-8") == "old"
    assert [found.name for found in tmp_path.iterdir()] == ["weather.json"]


SCHEMA = json.loads(resources.files("openai_fake.scenario").joinpath("schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


@pytest.mark.skipif(OLD_PYDANTIC, reason="before 2.11 pydantic says the same in other words")
def test_the_schema_is_what_reading_goes_by() -> None:
    assert schema() == SCHEMA


def test_the_schema_is_one_and_fits_what_is_written() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    VALIDATOR.validate(data())


@given(st.data())
def test_any_session_fits_the_schema(draw: st.DataObject) -> None:
    VALIDATOR.validate(json.loads(draw.draw(sessions()).dumps()))


OF_ORDER = (
    *("a run that was", "a run that is", "outputs that are missing", "outputs too many", "an act after"),
    *("a name that two things have", "a failure of no reason", "deleting what was not there"),
)
"""What a schema cannot say: it holds between lines."""


@pytest.mark.parametrize("name", [name for name in STEPS if not name.startswith(OF_ORDER)])
def test_what_reading_refuses_the_schema_refuses(name: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate(json.loads(edited(STEPS[name][0])))


@pytest.mark.parametrize("name", ["talk.yaml", "talk.json"])
@pytest.mark.parametrize("key", RECORDINGS)
def test_a_recording_that_is_given_as_a_scenario_is_told_as_such(key: str, name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(json.dumps({key: [], "version": 1}), "utf-8")
    assert read(tmp_path / name).exchanges == ()
    with pytest.raises(ScenarioError, match=rf"{name}: this is no scenario.*openai_fake import FILE -o FOLDER"):
        Scenario.load(tmp_path / name)


def test_a_byte_order_mark_is_no_part_of_a_scenario(tmp_path: Path) -> None:
    (tmp_path / "w.json").write_text(TEXT, "utf-8-sig")
    assert Scenario.load(tmp_path / "w.json") == WEATHER


def test_a_missing_file_is_no_scenario(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"none\.json: there is no such scenario.*record=") as raised:
        OpenAIFake(scenario=tmp_path / "none.json").open()
    assert str(tmp_path) in str(raised.value)


def test_loading_builds_no_form_for_the_acts_that_most_lines_are_of(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("a plain line needs no form")

    monkeypatch.setattr("openai_fake.scenario.lines.from_json", refuse)
    assert Scenario.loads(TEXT) == WEATHER


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda d: d["steps"][1].update(thread=1), "w.json: steps[1].thread: expected a symbol"),
        (
            lambda d: d["steps"].insert(0, {"at": 0, "as_assistant": "Hi."}),
            "w.json: steps[0].thread: expected a symbol",
        ),
        (lambda d: d.update(source=1), "w.json: source: expected a text"),
    ],
    ids=["a symbol that is no text", "somebody who says it nowhere", "a source that is no text"],
)
def test_a_misedited_file_is_one_clear_error_too(change: Any, told: str) -> None:
    with pytest.raises(ScenarioError) as refused:
        Scenario.loads(edited(change), "w.json")
    assert str(refused.value).startswith(told)


@pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")
def test_a_new_file_is_as_readable_as_any_other_and_an_old_one_as_it_was(tmp_path: Path) -> None:
    other, path = tmp_path / "other", tmp_path / "weather.json"
    other.touch()
    WEATHER.save(path)
    assert path.stat().st_mode == other.stat().st_mode
    path.chmod(0o640)
    WEATHER.save(path)
    assert path.stat().st_mode & 0o777 == 0o640
