"""Every form of a recording gives the same scenario; what cannot be understood is named."""

import base64
import gzip
import json
import re
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from openai import OpenAI

from openai_fake import OpenAIFake, Scenario, incomplete, reply, tool_call
from openai_fake.__main__ import main
from openai_fake.scenario.exchanges import Exchange, NotARecording, Recording, grouped
from openai_fake.scenario.files import read, read_all
from openai_fake.scenario.importing import imported
from tests.recording_kit import Recorder, plain_form, with_response
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


def test_the_command_takes_the_place_of_no_recording_and_of_no_other_scenario(
    recorded: Recording, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = FORMS["vcrpy.json"](recorded)
    for name in ("one/talk.json", "two/talk.json", "two/talk.yaml"):
        (tmp_path / "cassettes" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "cassettes" / name).write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path / "cassettes" / "one")
    assert main(["import", "talk.json"]) == 1
    assert "would take the place of the recording talk.json: give -o a folder." in capsys.readouterr().err
    assert (tmp_path / "cassettes/one/talk.json").read_text("utf-8") == text
    out = tmp_path / "out"
    (tmp_path / "cassettes/one/talk.yaml").write_text(FORMS["vcrpy.yaml"](recorded), "utf-8")
    assert main(["import", "talk.yaml"]) == 1
    assert (tmp_path / "cassettes/one/talk.json").read_text("utf-8") == text
    (tmp_path / "cassettes/one/talk.yaml").unlink()
    capsys.readouterr()
    for _ in range(2):
        assert main(["import", "..", "-o", str(out)]) == 1
        assert "would take the place of that of ../two/talk.json" in capsys.readouterr().err
        assert sorted(str(path.relative_to(out)) for path in out.rglob("*.json")) == ["one/talk.json", "two/talk.json"]


def test_where_there_is_no_recording_the_command_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "notes").write_text("no recording", "utf-8")
    assert main(["import", str(tmp_path), "-o", str(tmp_path / "out")]) == 2
    assert f"There is no recording in {tmp_path}." in capsys.readouterr().err
    assert main(["import", str(tmp_path / "gone.json"), "-o", str(tmp_path)]) == 1


@pytest.mark.parametrize("form", ["vcrpy.yaml", "vcrpy.json"])
def test_a_cassette_may_have_no_suffix_and_a_byte_order_mark(recorded: Recording, form: str, tmp_path: Path) -> None:
    path = tmp_path / "test_talk[v1.0]"
    path.write_text(FORMS[form](recorded), "utf-8-sig")
    (tmp_path / "README.md").write_text("Nothing of ours: interactions.", "utf-8")
    imported(recorded).save(tmp_path / "a_scenario.json")
    assert [one.exchanges for one in read_all([tmp_path])] == [read(path).exchanges]
    assert len(read(path).exchanges) == len(recorded.exchanges)
    assert main(["import", str(tmp_path), "-o", str(tmp_path / "out")]) == 0
    assert [made.name for made in (tmp_path / "out").iterdir()] == ["test_talk[v1.0].json"]


@pytest.mark.parametrize(
    ("encoding", "packed", "note"),
    [
        ("gzip", gzip.compress, None),
        ("gzip", lambda plain: gzip.compress(plain[:20]) + gzip.compress(plain[20:]), None),
        ("deflate", zlib.compress, None),
        ("deflate", lambda plain: plain, None),
        ("br", lambda plain: b"\xff" + plain, "left out, its answer is no JSON: it was cut, or is packed in a way"),
        (
            "gzip",
            lambda plain: b"\x1f\x8b" + plain,
            "left out, its answer is no JSON: it was cut, or is packed in a way",
        ),
        ("gzip", lambda plain: gzip.compress(plain)[: len(gzip.compress(plain)) // 2], "left out, its answer "),
    ],
)
def test_bodies_that_are_still_packed_are_unpacked_as_far_as_they_go(
    encoding: str, packed: Any, note: str | None, tmp_path: Path
) -> None:
    data = vcrpy(conversation(reply("Sunny.")), lambda text: {"string": packed(text.encode())})
    for entry in data["interactions"]:
        entry["response"]["headers"]["Content-Encoding"] = [encoding]
    (tmp_path / "packed.yaml").write_text(yaml.safe_dump(data), "utf-8")
    scenario = Scenario.from_recording(tmp_path / "packed.yaml")
    assert ("Sunny." in [step.get("reply") for step in scenario.steps]) == (note is None)
    assert all(note is not None and note in told for told in scenario.notes[:-1])
    assert (scenario.notes == ()) == (note is None)


def test_a_body_that_could_not_be_written_is_no_body(recorded: Recording, tmp_path: Path) -> None:
    text = FORMS["vcrpy.yaml"](recorded)
    odd = "!!python/object/new:_io.BytesIO\n      state: !!python/tuple [a, 0, null]\n    headers"
    path = tmp_path / "talk.yaml"
    path.write_text(re.sub(r"body: null\n    headers", f"body: {odd}", text, count=1), "utf-8")
    assert "BytesIO" in path.read_text("utf-8")
    assert Scenario.from_recording(path).steps == Scenario.from_recording(_written(tmp_path, text)).steps


def _written(folder: Path, text: str) -> Path:
    (folder / "same.yaml").write_text(text, "utf-8")
    return folder / "same.yaml"


def test_a_name_alone_makes_no_set_up(tmp_path: Path) -> None:
    one, other = conversation(reply("Sunny.")), conversation(reply("Rainy."))
    changed = json.dumps(plain_form(other)).replace("0000000", "1111111")
    (tmp_path / "test_chat.json").write_text(json.dumps(plain_form(one)), "utf-8")
    (tmp_path / "test_chat_after_setup.json").write_text(changed, "utf-8")
    said = [step["reply"] for step in Scenario.from_recording(tmp_path / "test_chat.json").steps if "reply" in step]
    assert said == ["Sunny."]
    assert len(read_all([tmp_path])) == 2


def test_set_ups_are_joined_that_only_another_one_speaks_of_and_an_empty_request_is_no_doubt() -> None:
    recorder = Recorder()
    converse(recorder, [reply("Sunny.")], stream=False)
    assistant, thread, *rest = recorder.exchanges
    parts = {"x_assistant_setup": [assistant], "x_run_setup": [thread, *rest[:-1]], "x": rest[-1:]}
    (joined,) = grouped(Recording(name, tuple(part)) for name, part in parts.items())
    assert joined.parts == ("x_assistant_setup", "x_run_setup") and len(joined.exchanges) == len(recorder.exchanges)
    assert any("model" in step for step in imported(joined).steps)
    empty = replace(thread, request=None)
    assert imported(replace(joined, exchanges=(empty,))).notes == ("there is no conversation in it.",)


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


def without(recording: Recording, *numbers: int, **changes: Any) -> Recording:
    """The same recording with something changed in some of its exchanges."""
    changed = (replace(one, **changes) if one.number in numbers else one for one in recording.exchanges)
    return replace(recording, exchanges=tuple(changed))


def test_what_was_there_keeps_its_order_its_metadata_and_what_assistants_had_said() -> None:
    recorder = Recorder()
    assistant = recorder.ask("POST", "/assistants", {"model": "gpt-4o"})
    thread = recorder.ask("POST", "/threads", {"metadata": {"who": "Ann"}})["id"]
    for text in ("one", "two"):
        recorder.ask("POST", f"/threads/{thread}/messages", {"role": "user", "content": text})
    recorder.script(reply("three"))
    run = recorder.ask("POST", f"/threads/{thread}/runs", {"assistant_id": assistant["id"]})
    while run["status"] != "completed":
        run = recorder.ask("GET", f"/threads/{thread}/runs/{run['id']}")
    begun = len(recorder.exchanges)
    recorder.ask("GET", f"/threads/{thread}")
    recorder.ask("GET", f"/threads/{thread}/messages")
    recorder.ask("GET", f"/threads/{thread}/runs")
    recorder.script(reply("five"))
    recorder.ask("POST", f"/threads/{thread}/messages", {"role": "user", "content": "four"})
    recorder.ask("POST", f"/threads/{thread}/runs", {"assistant_id": assistant["id"], "stream": True})
    scenario = imported(Recording("own", tuple(recorder.exchanges[begun:])))
    lines = [line for line in scenario.there if line.get("thread")]
    assert lines[0] == {"thread": "thread_1", "id": thread, "metadata": {"who": "Ann"}}
    (note,) = scenario.notes
    assert f"{run['id']} was over before; what it had said is there" in note
    assert [(line["role"], line["content"]) for line in lines[1:]] == [
        ("user", "one"),
        ("user", "two"),
        ("assistant", "three"),
    ]
    transcript, _ = play(scenario, stream=False, sync=True)
    said = [line.split("  ")[-1] for line in transcript.splitlines() if "user:" in line or "assistant:" in line]
    assert said == ["user: one", "user: two", "assistant: three", "user: four", "assistant: five"]


def test_messages_of_one_second_stand_in_the_order_of_all_pages() -> None:
    recorder = Recorder()
    converse(recorder, [reply("one"), reply("two")], stream=False)
    *rest, listed = (one for one in recorder.exchanges if not one.operation.startswith("steps."))
    assert listed.operation == "messages.list"
    pages = []
    data = sorted(listed.response["data"], key=lambda item: item["id"], reverse=True)
    for number, item in enumerate(data):
        query = (("limit", "1"), *((("after", data[number - 1]["id"]),) if number else ()))
        pages.append(replace(listed, query=query, response={**listed.response, "data": [item]}))
    exchanges = tuple(replace(one, number=number) for number, one in enumerate([*rest, *pages]))
    replies = [step["reply"] for step in imported(Recording("own", exchanges)).steps if "reply" in step]
    assert replies == ["one", "two"]


def test_files_that_a_recording_speaks_of_were_there_with_what_is_known_of_them() -> None:
    recorder = Recorder()
    note = {"type": "file_citation", "text": "[1]", "start_index": 5, "end_index": 8}
    note |= {"file_citation": {"file_id": "file-abc123"}}
    converse(recorder, [reply("Noon [1]", annotations=[note], images=["file-picture"])], stream=False)
    file = {"id": "file-abc123", "object": "file", "filename": "day.md", "purpose": "assistants", "created_at": 1}
    asked = Exchange(90, "GET", "/files/file-abc123", 200, response=file)
    held = Exchange(91, "GET", "/files/file-abc123/content", 200, content_type="text/markdown", response="At noon.")
    scenario = imported(Recording("own", (*recorder.exchanges, asked, held)))
    files = [line for line in scenario.there if "file" in line]
    named = {"filename": "day.md", "purpose": "assistants", "text": "At noon."}
    assert {"file": "file_1", "id": "file-abc123", **named} in files
    assert {"file": "file_2", "id": "file-picture"} in files
    unseen = imported(Recording("own", (*recorder.exchanges, held))).there
    assert {"file": "file_1", "id": "file-abc123", "purpose": "assistants_output", "text": "At noon."} in unseen
    more = Exchange(92, "GET", "/files/file-other", 200, response={**file, "id": "file-other"})
    assert {"file": "file_3", "id": "file-other", "filename": "day.md", "purpose": "assistants"} in imported(
        Recording("own", (*recorder.exchanges, asked, held, more))
    ).there
    with OpenAIFake(scenario=scenario, assert_all_played=False) as fake:
        assert fake.files["file-abc123"].filename == "day.md" and "file-picture" in fake.files


@pytest.mark.parametrize("path", ["/threads", "/threads/runs", "/threads/{}/messages", "/files"])
@pytest.mark.parametrize("answer", [{}, {"object": "list"}, {"id": 1}, {"object": "thread.run", "id": "run_9"}, "{", 5])
def test_an_answer_that_is_not_as_it_was_sent_is_named_and_left_out(path: str, answer: Any) -> None:
    recording = conversation(reply("Sunny."))
    odd = Exchange(99, "POST", path.format("thread_9"), 200, request={"x": 1}, response=answer, origin="odd.json")
    scenario = imported(replace(recording, exchanges=(*recording.exchanges, odd)))
    assert scenario.steps == imported(recording).steps
    (note,) = scenario.notes
    assert note.startswith(f"odd.json #99: POST {odd.path} -> 200: left out, it")


def test_outputs_that_were_not_recorded_are_named_and_empty() -> None:
    recording = conversation(tool_call("look"), reply("Sunny."))
    (submit,) = (one.number for one in recording.exchanges if one.operation == "runs.submit_tool_outputs")
    kept = [one for one in without(recording, submit, request=None).exchanges if not one.operation.startswith("steps")]
    scenario = imported(replace(recording, exchanges=tuple(kept)))
    assert [step["outputs"] for step in scenario.steps if "outputs" in step] == [[""]]
    assert any("what look gave was not recorded" in note for note in scenario.notes)
    assert any("its request was not recorded" in note for note in scenario.notes)
    assert scenario.steps == imported(without(replace(recording, exchanges=tuple(kept)), submit, request="{")).steps


def test_what_was_said_is_taken_from_the_answer_where_the_request_was_not_recorded() -> None:
    recording = conversation(reply("Sunny."))
    said: dict[str, Any] = {
        "id": "msg_1",
        "object": "thread.message",
        "role": "user",
        "content": [{"type": "text", "text": TOLD}],
    }
    said |= {"thread_id": "thread_9", "created_at": 1}
    more = Exchange(99, "POST", "/threads/thread_9/messages", 200, response=said)
    scenario = imported(replace(recording, exchanges=(*recording.exchanges, more)))
    assert scenario.steps[-1]["user"] == "Told."


TOLD = {"value": "Told.", "annotations": []}


def test_a_message_that_was_deleted_before_any_run_was_never_said() -> None:
    recorder = Recorder()
    assistant, thread = (recorder.ask("POST", path, {"model": "m"} if body else {}) for path, body in KINDS)
    path = f"/threads/{thread['id']}/messages"
    oops = recorder.ask("POST", path, {"role": "user", "content": "oops"})
    other = {"assistant_id": assistant["id"], "thread": {"messages": [{"role": "user", "content": "Aside."}]}}
    recorder.script(reply("Well."))
    recorder.ask("POST", "/threads/runs", {**other, "stream": True})
    recorder.ask("DELETE", f"{path}/{oops['id']}")
    recorder.ask("POST", path, {"role": "user", "content": "Hi."})
    recorder.script(reply("Hello."))
    recorder.ask("POST", f"/threads/{thread['id']}/runs", {"assistant_id": assistant["id"], "stream": True})
    assert [step["user"] for step in imported(recorder.recording()).steps if "user" in step] == ["Aside.", "Hi."]


KINDS = (("/assistants", True), ("/threads", False))


@pytest.mark.parametrize(
    ("kept", "said", "notes"),
    [
        ("thread.message.delta", "Hello ", ["its stream was cut short", "run_1 was last seen 'in_progress'"]),
        ("thread.message.completed", "Hello there.", ["its stream was cut short", "run_1 was last seen 'in_progress'"]),
        ("error", "Hello there.", ["its stream told of an error: Overloaded", "its stream was cut short", "run_1"]),
    ],
)
def test_a_stream_that_was_cut_gives_what_it_had_told(kept: str, said: str, notes: list[str]) -> None:
    recorder = Recorder()
    converse(recorder, [reply("Hello there.", chunks=["Hello ", "there."])], stream=True)
    (streamed,) = (one for one in recorder.exchanges if one.events)
    exchanges = recorder.exchanges[: streamed.number + 1]
    names = [name for name, _ in streamed.events or ()]
    last = names.index("thread.message.completed" if kept == "error" else kept)
    events = [*(streamed.events or ())[: last + 1], ("thread.run.step.delta", '{"id": "st')]
    if kept == "error":
        events.append(("error", {"error": {"message": "Overloaded"}}))
    cut = without(Recording("own", tuple(exchanges)), streamed.number, events=tuple(events))
    scenario = imported(cut)
    assert [step["reply"] for step in scenario.steps if "reply" in step] == [said]
    told = [note.partition("-> 200: ")[2] for note in scenario.notes]
    assert all(one.startswith(other) for one, other in zip(told, notes, strict=True))


def test_a_stream_that_was_left_early_is_no_doubt_where_the_rest_was_seen() -> None:
    recorder = Recorder()
    converse(recorder, [reply("Hello there.")], stream=True)
    (streamed,) = (one for one in recorder.exchanges if one.events)
    thread = streamed.ids["thread_id"]
    run = next(item["id"] for item in streamed.objects() if item["object"] == "thread.run")
    recorder.ask("GET", f"/threads/{thread}/runs/{run}")
    recorder.ask("GET", f"/threads/{thread}/messages")
    cut = without(recorder.recording(), streamed.number, events=(streamed.events or ())[:8])
    scenario = imported(cut)
    assert scenario.notes == () and scenario.steps == imported(recorder.recording()).steps


def test_a_key_in_a_refusal_is_not_in_the_notes() -> None:
    told = {"error": {"message": "Incorrect API key provided: sk-proj-abcdefghij0123456789."}}
    refused = Exchange(0, "POST", "/threads", 401, request={}, response=told)
    (note, _) = imported(Recording("own", (refused,))).notes
    assert "Incorrect API key provided: [redacted]" in note


def talked(recorder: Recorder, *said: tuple[str, str], thread: str = "") -> str:
    """A thread in which each was said, and after what is of a client a run has answered."""
    assistant = recorder.ask("POST", "/assistants", {"model": "gpt-4o"})["id"]
    thread = thread or recorder.ask("POST", "/threads", {})["id"]
    for asked, answered in said:
        recorder.script(reply(answered))
        recorder.ask("POST", f"/threads/{thread}/messages", {"role": "user", "content": asked})
        recorder.ask("POST", f"/threads/{thread}/runs", {"assistant_id": assistant, "stream": True})
    return thread


def overheard(*first: tuple[str, str], wait: float = 0, begun: int = 0) -> Recording:
    """A thread in which somebody else says `other` before the last run: that request was not recorded, and neither
    were those before `begun`."""
    recorder = Recorder()
    thread = talked(recorder, *first)
    recorder.world.clock.advance(wait)
    recorder.ask("POST", f"/threads/{thread}/messages", {"role": "user", "content": "other"})
    talked(recorder, ("three", "four"), thread=thread)
    recorder.ask("GET", f"/threads/{thread}/messages", order="asc")
    kept = [made for made in recorder.exchanges[begun:] if (made.request or {}).get("content") != "other"]
    return Recording("own", tuple(kept))


@pytest.mark.parametrize("wait", [0, 5])
@pytest.mark.parametrize("was_there", [False, True])
def test_what_others_wrote_after_a_run_was_not_there_before_it(was_there: bool, wait: int) -> None:
    scenario = imported(overheard(("one", "two"), wait=wait, begun=2 if was_there else 0))
    assert not [line for line in scenario.there if "message" in line]
    said = [step.get("user") or step.get("reply") for step in scenario.steps if step.keys() & {"user", "reply"}]
    assert said == ["one", "two", "other", "three", "four"]
    assert any("no request that is recorded has written msg_" in note for note in scenario.notes)


def test_where_the_order_of_a_message_and_a_run_cannot_be_known_a_note_says_so() -> None:
    recording = overheard(begun=2)
    listed = recording.exchanges[-1].response
    of_clients = [message for message in listed["data"] if not message["run_id"]]
    scenario = imported(with_response(recording, -1, {**listed, "data": of_clients}))
    assert [line["content"] for line in scenario.there if "message" in line] == ["other"]
    told = f"{of_clients[0]['id']} may also have been written after run_"
    assert [told in note for note in scenario.notes].count(True) == 1


@pytest.mark.parametrize("content", [5, [5]])
def test_what_others_wrote_and_cannot_be_understood_is_named(content: Any) -> None:
    recording = overheard(("one", "two"))
    listed = recording.exchanges[-1].response
    data = [{**item, "content": content} if "other" in str(item["content"]) else item for item in listed["data"]]
    scenario = imported(with_response(recording, -1, {**listed, "data": data}))
    assert "three" in [step.get("user") for step in scenario.steps]
    assert scenario.notes


def test_what_an_unknown_run_said_after_one_that_is_played_is_left_out_with_a_note() -> None:
    recorder = Recorder()
    thread = talked(recorder)
    begun = len(recorder.exchanges)
    talked(recorder, ("one", "two"), thread=thread)
    ended = len(recorder.exchanges)
    talked(recorder, ("three", "four"), thread=thread)
    recorder.ask("GET", f"/threads/{thread}/messages")
    kept = [*recorder.exchanges[begun:ended], recorder.exchanges[-1]]
    scenario = imported(Recording("own", tuple(kept)))
    assert not [line for line in scenario.there if "message" in line]
    assert [step["user"] for step in scenario.steps if "user" in step] == ["one", "three"]
    told = "which is not played, after a run that is: left out."
    assert [note.endswith(told) for note in scenario.notes].count(True) == 1


def inline(*, shown: bool) -> Recording:
    """A thread that is made with three messages, of which one is deleted before its run."""
    recorder = Recorder()
    said = [{"role": "user", "content": content} for content in ("Hi.", "oops", "Hi.")]
    thread = recorder.ask("POST", "/threads", {"messages": said})["id"]
    path = f"/threads/{thread}/messages"
    oops = recorder.ask("GET", path, order="asc")["data"][1]["id"]
    if not shown:
        recorder.exchanges.pop()
    recorder.ask("DELETE", f"{path}/{oops}")
    talked(recorder, ("two", "three"), thread=thread)
    return Recording("own", tuple(recorder.exchanges))


def test_a_message_that_came_with_its_thread_and_was_deleted_before_any_run_was_never_said() -> None:
    scenario = imported(inline(shown=True))
    assert [step["user"] for step in scenario.steps if "user" in step] == ["Hi.", "Hi.", "two"]
    assert scenario.notes == ()


def test_where_it_was_never_shown_what_a_deleted_message_had_said_a_note_tells() -> None:
    scenario = imported(inline(shown=False))
    assert [step["user"] for step in scenario.steps if "user" in step] == ["Hi.", "oops", "Hi.", "two"]
    (note,) = scenario.notes
    assert "DELETE /threads/" in note and "what it had said was never shown: it is still said, if it was." in note


def there(recorder: Recorder, *shown: tuple[str, dict[str, str]]) -> Scenario:
    """A thread with a store, and a message with an attachment, all made before; then what is asked for, and a run."""
    make = recorder.ask
    for number in range(3):
        recorder.world.library.add(f"{number}.txt", b"text", id=f"file-{number}")
    store = make("POST", "/vector_stores", {"name": "Days", "file_ids": ["file-0", "file-1"]})["id"]
    resources = {"file_search": {"vector_store_ids": [store]}, "code_interpreter": {"file_ids": ["file-2"]}}
    thread = make("POST", "/threads", {"metadata": {"who": "Ann"}, "tool_resources": resources})["id"]
    attached = [{"file_id": "file-1", "tools": [{"type": "file_search"}]}]
    said = {"role": "user", "content": "Look.", "attachments": attached, "metadata": {"n": "1"}}
    make("POST", f"/threads/{thread}/messages", said)
    recorder.world.clock.advance(60)
    begun = len(recorder.exchanges)
    for path, query in shown:
        make("GET", path.format(thread=thread, store=store), **query)
    talked(recorder, ("one", "two"), thread=thread)
    return imported(Recording("own", tuple(recorder.exchanges[begun:])))


SHOWN: tuple[tuple[str, dict[str, str]], ...] = (
    ("/threads/{thread}", {}),
    ("/threads/{thread}/messages", {}),
    ("/vector_stores/{store}", {}),
    ("/vector_stores/{store}/files", {}),
    ("/files/file-0", {}),
)


def test_what_was_there_is_there_with_its_attachments_its_metadata_and_its_resources() -> None:
    scenario = there(Recorder(), *SHOWN)
    lines = {next(iter(line.values())): line for line in scenario.there}
    thread, message, store = lines["thread_1"], lines["message_1"], lines["vector_store_1"]
    named = {next(iter(line.values())): line["id"] for line in scenario.there if "file" in line}
    resources = thread["tool_resources"]
    assert thread["metadata"] == {"who": "Ann"}
    assert resources["file_search"] == {"vector_store_ids": ["vector_store_1"]}
    assert [named[symbol] for symbol in resources["code_interpreter"]["file_ids"]] == ["file-2"]
    (attached,) = message["attachments"]
    assert named[attached["file_id"]] == "file-1" and attached["tools"] == [{"type": "file_search"}]
    assert message["metadata"] == {"n": "1"}
    assert [named[symbol] for symbol in store["file_ids"]] == ["file-0", "file-1"] and store["name"] == "Days"
    assert next(line for line in lines.values() if line.get("id") == "file-0")["filename"] == "0.txt"
    assert scenario.notes == ()
    with OpenAIFake(scenario=scenario, assert_all_played=False) as fake:
        assert fake.threads[thread["id"]].metadata == {"who": "Ann"}
        assert fake.vector_stores[store["id"]].file_counts.total == 2


@pytest.mark.parametrize(
    ("left_out", "told"),
    [
        (0, "was there before: its metadata and tool_resources were never shown."),
        (1, "was there before: all that had been said in it was never shown."),
        (3, "was there before: the files in it were never shown."),
    ],
)
def test_what_is_not_shown_of_what_was_there_is_told_in_a_note(left_out: int, told: str) -> None:
    (note,) = there(Recorder(), *SHOWN[:left_out], *SHOWN[left_out + 1 :]).notes
    assert note.endswith(told)


def test_a_file_that_was_there_is_there_also_where_the_recording_puts_it_into_a_store() -> None:
    recorder = Recorder()
    recorder.world.library.add("day.txt", b"text", id="file-day")
    store = recorder.ask("POST", "/vector_stores", {"name": "Days"})["id"]
    recorder.ask("POST", f"/vector_stores/{store}/files", {"file_id": "file-day"})
    recorder.ask("GET", f"/vector_stores/{store}/files/file-day")
    recorder.ask("GET", "/files/file-day")
    (line,) = imported(recorder.recording()).there
    assert line == {"file": "file_1", "id": "file-day", "filename": "day.txt", "purpose": "assistants"}


def test_a_store_that_an_assistant_asked_for_was_not_there_before_and_so_nothing_of_it_is_missing() -> None:
    recorder = Recorder()
    recorder.world.library.add("day.txt", b"text", id="file-day")
    resources = {"file_search": {"vector_stores": [{"file_ids": ["file-day"]}]}}
    given = {"model": "gpt-4o", "tools": [{"type": "file_search"}], "tool_resources": resources}
    assistant = recorder.ask("POST", "/assistants", given)["id"]
    thread = talked(recorder, ("one", "two"))
    recorder.script(reply("Noon."))
    recorder.ask("POST", f"/threads/{thread}/runs", {"assistant_id": assistant, "stream": True})
    assert imported(recorder.recording()).notes == ()


JSON_TEXT = b'{"b": 1,\r\n   "a": [1.0, 2]}\n'
PICTURE = b"\x89PNG\r\n\x1a\n\x00\xff\xfe"


def downloaded(form: str, content: bytes, folder: Path) -> Scenario:
    """The scenario of a cassette of some form in which a file is downloaded."""
    recording = conversation(reply("Here.", images=["file-made"]))
    more = Exchange(99, "GET", "/files/file-made/content", 200, content_type="application/octet-stream", response="")
    data = {"vcrpy": vcrpy, "ruby": ruby, "proxy": proxy}[form](replace(recording, exchanges=(more,)))
    encoded = base64.b64encode(content).decode()
    if form == "vcrpy":
        data["interactions"][0]["response"]["body"] = {"string": _text_or_bytes(content)}
    elif form == "ruby":
        data["http_interactions"][0]["response"]["body"] = {"encoding": "ASCII-8BIT", "base64_string": encoded}
    else:
        data["Entries"][0]["ResponseBody"] = encoded
    whole = {"vcrpy": vcrpy, "ruby": ruby, "proxy": proxy}[form](recording)
    (key,) = (key for key in whole if isinstance(whole[key], list))
    whole[key] += data[key]
    (folder / "talk.yaml").write_text(yaml.safe_dump(whole), "utf-8")
    return Scenario.from_recording(folder / "talk.yaml")


def _text_or_bytes(content: bytes) -> str | bytes:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content


@pytest.mark.parametrize("content", [JSON_TEXT, PICTURE, "Köln\r\n".encode()], ids=["json", "picture", "text"])
@pytest.mark.parametrize("form", ["vcrpy", "ruby", "proxy"])
def test_what_was_downloaded_is_there_byte_for_byte(form: str, content: bytes, tmp_path: Path) -> None:
    scenario = downloaded(form, content, tmp_path)
    assert scenario.notes == ()
    with OpenAIFake(scenario=scenario, assert_all_played=False) as fake:
        client = OpenAI(api_key="fake", http_client=fake.http_client())
        assert client.files.content("file-made").read() == content


@pytest.mark.parametrize(
    ("response", "told", "kept"),
    [
        ({"a": 1}, "what file-made held was kept as JSON: it may have been written otherwise.", {"text": '{"a": 1}'}),
        ("\ufffdPNG", "what file-made held are bytes that were not kept: it is empty.", {}),
    ],
)
def test_what_is_not_known_of_a_download_is_told(response: Any, told: str, kept: Any) -> None:
    recording = conversation(reply("Here.", images=["file-made"]))
    more = Exchange(99, "GET", "/files/file-made/content", 200, response=response)
    scenario = imported(replace(recording, exchanges=(*recording.exchanges, more)))
    (note,) = scenario.notes
    assert note.endswith(told)
    (line,) = (line for line in scenario.there if "file" in line)
    assert line == {"file": "file_1", "id": "file-made"} | ({"purpose": "assistants_output"} if kept else {}) | kept


def test_the_binary_of_a_ruby_cassette_is_read(tmp_path: Path) -> None:
    text = yaml.safe_dump(ruby(conversation(reply("Sunny."))))
    (tmp_path / "talk.yml").write_text(text.replace("string: ''", "string: !binary |-\n          aGk=", 1), "utf-8")
    assert "!binary" in (tmp_path / "talk.yml").read_text("utf-8")
    assert "Sunny." in [step.get("reply") for step in Scenario.from_recording(tmp_path / "talk.yml").steps]


def test_a_message_that_was_there_and_was_deleted_before_any_run_is_deleted_in_the_scenario() -> None:
    recorder = Recorder()
    thread = talked(recorder)
    path = f"/threads/{thread}/messages"
    oops = recorder.ask("POST", path, {"role": "user", "content": "oops"})["id"]
    begun = len(recorder.exchanges)
    recorder.ask("GET", path)
    recorder.ask("DELETE", f"{path}/{oops}")
    talked(recorder, ("one", "two"), thread=thread)
    scenario = imported(Recording("own", tuple(recorder.exchanges[begun:])))
    assert [line["id"] for line in scenario.there if "message" in line] == [oops]
    assert scenario.steps[0] == {"at": 0, "thread": "thread_1", "deleted": "message_1"}
    assert "user: one" in play(scenario, stream=False, sync=True)[0]


def scrubbed(recording: Recording, pattern: str, put: str) -> Recording:
    """The recording with other ids, as a filter of a cassette leaves them."""
    text = re.sub(pattern, put, json.dumps(plain_form(recording)))
    exchanges = [replace(one, **changed) for one, changed in zip(recording.exchanges, _parts(text), strict=True)]
    return replace(recording, exchanges=tuple(exchanges))


def _parts(text: str) -> list[dict[str, Any]]:
    names = ("path", "request", "response")
    return [{name: entry.get(name) for name in names} for entry in json.loads(text)["exchanges"]]


IDS = r"(asst|thread|run|msg|step|call)_[0-9a-zA-Z]{8,}"


def test_ids_that_were_all_made_one_are_told() -> None:
    recording = conversation(tool_call("look"), reply("Sunny."))
    note, *_ = imported(scrubbed(recording, IDS, "REDACTED")).notes
    told = "'REDACTED' is the id of several things (assistant, message, run, step, thread): its ids were taken out"
    assert note.startswith(told) and "record it again" in note


def test_ids_that_were_made_one_for_each_kind_are_told_where_there_are_several_of_it() -> None:
    recorder = Recorder()
    talked(recorder, ("one", "two"))
    assert not [note for note in imported(recorder.recording()).notes if "several" in note]
    talked(recorder, ("three", "four"))
    streamless = tuple(one for one in recorder.exchanges if one.events is None)
    scenario = imported(scrubbed(Recording("own", streamless), IDS, r"\1_REDACTED"))
    ids = ("asst_REDACTED", "msg_REDACTED", "thread_REDACTED")
    assert [note for note in scenario.notes if "several" in note] == [
        note for id in ids for note in scenario.notes if note.startswith(f"'{id}' is the id of several things (")
    ]
    assert len([note for note in scenario.notes if "several" in note]) == len(ids)


def test_one_id_that_stands_twice_in_a_list_is_told() -> None:
    recording = conversation(reply("Sunny."))
    listed = [one for one in recording.exchanges if one.operation == "messages.list"]
    scenario = imported(scrubbed(replace(recording, exchanges=tuple(listed)), IDS, r"\1_REDACTED"))
    assert [note.partition(":")[0] for note in scenario.notes if "several" in note] == [
        "'msg_REDACTED' is the id of several things (message)"
    ]
