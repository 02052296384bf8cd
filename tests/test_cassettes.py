"""Every form of a recording gives the same scenario; what cannot be understood is named."""

import base64
import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from openai_fake import Scenario, incomplete, reply, tool_call
from openai_fake.__main__ import main
from openai_fake.scenario.exchanges import Exchange, NotARecording, Recording
from openai_fake.scenario.files import read, read_all
from openai_fake.scenario.importing import imported
from tests.recording_kit import Recorder, plain_form
from tests.scenario_kit import play
from tests.test_fidelity import converse

URL = "https://api.openai.com/v1"
DATE = "Thu, 01 Jan 2026 00:00:00 GMT"


@pytest.fixture(scope="module")
def recorded() -> Recording:
    """A conversation with a tool, then one that is streamed."""
    recorder = Recorder()
    converse(recorder, [tool_call("look", city="Köln"), reply("Sunny ☀.")], stream=False)
    converse(recorder, [reply("Hello there.")], stream=True)
    return recorder.recording()


def answer(exchange: Exchange) -> str:
    """The body as it came over the wire."""
    if exchange.events is None:
        return json.dumps(exchange.response, indent=2, ensure_ascii=False)
    rows = [
        f"event: {name}\ndata: {json.dumps(data) if name != 'done' else data}\n\n" for name, data in exchange.events
    ]
    return "".join(rows)


def sent(exchange: Exchange) -> str | None:
    return None if exchange.request is None else json.dumps(exchange.request)


def uri(exchange: Exchange) -> str:
    query = "&".join(f"{name}={value}" for name, value in exchange.query)
    return f"{URL}{exchange.path}{'?' + query if query else ''}"


def vcrpy(recording: Recording, body: Any = lambda text: {"string": text}) -> Any:
    entries = []
    for exchange in recording.exchanges:
        headers = {"OpenAI-Beta": ["assistants=v2"], "authorization": ["Bearer sk-very-secret-key-123456"]}
        request = {"method": exchange.method, "uri": uri(exchange), "body": sent(exchange), "headers": headers}
        shown = {"Content-Type": [exchange.content_type], "Date": [DATE], "Set-Cookie": ["__cf_bm=abc"]}
        status = {"code": exchange.status, "message": "OK"}
        entries.append(
            {"request": request, "response": {"status": status, "headers": shown, "body": body(answer(exchange))}}
        )
    return {"version": 1, "interactions": entries}


def ruby(recording: Recording) -> Any:
    entries = []
    for exchange in recording.exchanges:
        request = {
            "method": exchange.method.lower(),
            "uri": uri(exchange),
            "headers": {"Openai-Beta": ["assistants=v2"]},
        }
        request["body"] = {"encoding": "UTF-8", "string": sent(exchange) or ""}
        encoded = base64.b64encode(answer(exchange).encode()).decode()
        response = {"status": {"code": exchange.status}, "headers": {"Content-Type": [exchange.content_type]}}
        response["body"] = {"encoding": "ASCII-8BIT", "base64_string": encoded}
        entries.append({"request": request, "response": response, "recorded_at": DATE})
    return {"http_interactions": entries, "recorded_with": "VCR 6.2.0"}


def proxy(recording: Recording, *, pieces: bool = False) -> Any:
    entries = []
    for exchange in recording.exchanges:
        text = answer(exchange)
        body: Any = exchange.response if exchange.events is None else text
        if exchange.events is not None and pieces:
            body = text.splitlines(keepends=True)
        entries.append(
            {
                "RequestUri": uri(exchange),
                "RequestMethod": exchange.method,
                "RequestHeaders": {"OpenAI-Beta": "assistants=v2", "Authorization": "Sanitized"},
                "RequestBody": exchange.request,
                "StatusCode": exchange.status,
                "ResponseHeaders": {"Content-Type": exchange.content_type, "Date": DATE},
                "ResponseBody": body,
            }
        )
    return {"Entries": entries, "Variables": {}}


FORMS: dict[str, Any] = {
    "plain.json": lambda recording: json.dumps(plain_form(recording)),
    "vcrpy.yaml": lambda recording: yaml.safe_dump(vcrpy(recording), allow_unicode=True),
    "vcrpy.json": lambda recording: json.dumps(vcrpy(recording)),
    "vcrpy_text.json": lambda recording: json.dumps(vcrpy(recording, lambda text: text)),
    "vcrpy_gzip.yaml": lambda recording: yaml.safe_dump(
        vcrpy(recording, lambda text: {"string": gzip.compress(text.encode(), mtime=0)})
    ),
    "ruby.yml": lambda recording: yaml.safe_dump(ruby(recording)),
    "proxy.json": lambda recording: json.dumps(proxy(recording)),
    "proxy_pieces.json": lambda recording: json.dumps(proxy(recording, pieces=True)),
}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_holds_the_same_exchanges_and_gives_the_same_scenario(
    name: str, recorded: Recording, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text(FORMS[name](recorded), "utf-8")
    found = read(path)
    for one, other in zip(found.exchanges, recorded.exchanges, strict=True):
        assert (one.method, one.path, one.query, one.beta) == (other.method, other.path, other.query, other.beta)
        assert (one.request, one.status, one.content_type) == (other.request, other.status, other.content_type)
        assert (one.response, one.events) == (other.response, other.events)
    scenario = Scenario.from_recording(path)
    said = [(step.get("user"), step.get("reply"), step.get("outputs")) for step in scenario.steps]
    assert [row for row in said if any(row)] == [
        ("Hi.", None, None),
        (None, None, ["sunny"]),
        (None, "Sunny ☀.", None),
        ("Hi.", None, None),
        (None, "Hello there.", None),
    ]
    assert scenario.notes == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: [", "bad.yaml: while parsing"),
        ("!!python/object/apply:os.system ['true']", "could not determine a constructor"),
        ("a: 1", "this is no recording that is known"),
        ("interactions: [{request: {}}]", "entry 0 cannot be understood"),
        ("interactions: [{request: {method: GET, uri: x}, response: {status: {code: x}}}]", "entry 0 cannot be"),
    ],
)
def test_a_file_that_is_no_recording_is_named_with_the_place(text: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(NotARecording, match="bad.yaml") as refused:
        Scenario.from_recording(path)
    assert told in str(refused.value)


def test_without_pyyaml_the_message_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "yaml", None)
    (tmp_path / "x.yaml").write_text("a: 1", "utf-8")
    with pytest.raises(NotARecording, match=r"pip install 'openai-fake\[vcr\]'"):
        read(tmp_path / "x.yaml")


def test_what_an_import_leaves_out_is_named_exchange_by_exchange(
    recorded: Recording, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    form = plain_form(recorded)
    form["exchanges"].insert(1, {**form["exchanges"][0], "path": "/embeddings"})
    form["exchanges"].insert(2, {**form["exchanges"][1], "path": "/threads/x", "status": 404, "response": None})
    (tmp_path / "mixed.json").write_text(json.dumps(form), "utf-8")
    scenario = Scenario.from_recording(tmp_path / "mixed.json")
    assert scenario.notes == (
        "mixed.json #1: POST /embeddings -> 200: left out, it is nothing that a conversation is made of.",
        "mixed.json #2: POST /threads/x -> 404: left out, it was refused: status 404.",
    )
    assert all(note in caplog.text for note in scenario.notes)


def test_the_command_writes_a_scenario_for_every_conversation(
    recorded: Recording, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cassettes, out = tmp_path / "cassettes", tmp_path / "scenarios"
    cassettes.mkdir()
    (cassettes / "talk.yaml").write_text(FORMS["vcrpy.yaml"](recorded), "utf-8")
    (cassettes / "bad.json").write_text("{", "utf-8")
    assert main(["import", str(cassettes), "-o", str(out)]) == 1
    printed = capsys.readouterr()
    assert "bad.json" in printed.err and "talk.json" in printed.out
    assert Scenario.load(out / "talk.json") == Scenario.from_recording(cassettes / "talk.yaml")
    assert sorted(path.name for path in out.iterdir()) == ["talk.json"]
    assert main(["import", str(cassettes / "talk.yaml"), "-o", str(out)]) == 0


def conversation(*acts: Any) -> Recording:
    recorder = Recorder()
    converse(recorder, acts, stream=False)
    return recorder.recording()


@pytest.mark.parametrize("text", ["", "null", "- exchanges", "1"])
def test_a_file_of_nothing_is_no_recording(text: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(NotARecording, match=r"bad\.yaml"):
        read(path)


def test_a_file_whose_exchanges_are_no_list_and_one_that_is_no_json_say_so(tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    for text, told in (('{"exchanges": {}}', "expected an object with a list of exchanges"), ("{", "Expecting")):
        path.write_text(text, "utf-8")
        with pytest.raises(NotARecording, match=told):
            read(path)


@pytest.mark.parametrize("base", ["https://gateway.example/llm", "http://localhost:8000", "https://x.azure.com/openai"])
def test_whatever_stands_before_the_resource_is_the_base(base: str, tmp_path: Path) -> None:
    recording = conversation(reply("Sunny."))
    path = tmp_path / "vcr.json"
    path.write_text(json.dumps(vcrpy(recording)).replace(URL, base), "utf-8")
    assert [one.path for one in read(path).exchanges] == [one.path for one in recording.exchanges]
    assert "Sunny." in [step.get("reply") for step in Scenario.from_recording(path).steps]


def test_a_cassette_may_say_url_in_the_place_of_uri(tmp_path: Path) -> None:
    recording = conversation(reply("Sunny."))
    path = tmp_path / "vcr.json"
    path.write_text(json.dumps(vcrpy(recording)).replace('"uri"', '"url"'), "utf-8")
    assert [one.path for one in read(path).exchanges] == [one.path for one in recording.exchanges]


def test_what_happened_keeps_its_time() -> None:
    steps = imported(conversation(tool_call("look"), reply("Sunny."))).steps
    at = {
        next(key for key in ("user", "tool_call", "outputs", "reply", "ends") if key in step): step["at"]
        for step in steps
        if {"user", "tool_call", "outputs", "reply", "ends"} & step.keys()
    }
    assert at == {"user": 0, "tool_call": 2, "outputs": 2, "reply": 5, "ends": 6}


def test_why_a_run_was_incomplete_is_kept() -> None:
    for reason in ("max_prompt_tokens", "content_filter"):
        steps = imported(conversation(incomplete(reason, "It is a"))).steps
        assert [step["incomplete"] for step in steps if "incomplete" in step] == [reason]


def test_outputs_that_only_the_steps_show_are_known() -> None:
    recording = conversation(tool_call("look"), reply("Sunny."))
    kept = tuple(one for one in recording.exchanges if one.operation != "runs.submit_tool_outputs")
    steps = imported(replace(recording, exchanges=kept)).steps
    assert [step["outputs"] for step in steps if "outputs" in step] == [["sunny"]]


def test_what_was_there_before_does_not_make_the_beginning_earlier() -> None:
    recording = conversation(reply("Sunny."))
    made, *rest = recording.exchanges
    older = replace(made, method="GET", path=f"/assistants/{made.response['id']}", request=None)
    older = replace(older, response={**made.response, "created_at": made.response["created_at"] - 1000})
    steps = imported(replace(recording, exchanges=(older, *rest))).steps
    assert steps[0]["at"] == 0


def test_a_set_up_of_nothing_stands_by_itself_and_only_recordings_are_read(tmp_path: Path) -> None:
    text = json.dumps(plain_form(conversation(reply("Sunny."))))
    for name in ("lonely_thread_setup.json", "notes.txt", "said.yaml", "talk.yml"):
        (tmp_path / name).write_text(text, "utf-8")
    assert [one.name for one in read_all([tmp_path])] == ["lonely_thread_setup", "said", "talk"]


def test_what_is_said_later_keeps_its_time_too() -> None:
    recorder = Recorder()
    for text in ("Sunny.", "Still sunny."):
        converse(recorder, [reply(text)], stream=False)
    steps = imported(recorder.recording()).steps
    assert [step["at"] for step in steps if "user" in step] == [0, 3]


def test_what_clients_had_said_in_a_thread_before_the_recording_was_there() -> None:
    recorder = Recorder()
    converse(recorder, [reply("Sunny.")], stream=False)
    _, made, *rest = recorder.exchanges
    thread = made.response["id"]
    scenario = imported(Recording("own", tuple(rest)))
    message = next(one for one in rest if one.operation == "messages.list").response["data"][0]
    assert [line for line in scenario.there if "assistant" not in line] == [
        {"thread": "thread_1", "id": thread},
        {"message": "message_1", "id": message["id"], "thread": "thread_1", "role": "user", "content": "Hi."},
    ]
    assert not [step for step in scenario.steps if "user" in step]
    assert "Hi." in play(scenario, stream=False, sync=True)[0]
