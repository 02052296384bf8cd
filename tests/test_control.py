"""The control path: everything that a test in another language can say to a fake, and ask of it."""

import json
from typing import Any

import pytest

from openai_fake import OpenAIFake
from openai_fake.control import KINDS, Control
from openai_fake.routing import Call
from openai_fake.secrets import REDACTED
from tests.kit import Api, said
from tests.test_secrets import JWT, KEY


def control(fake: OpenAIFake, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """Status and answer of a request to the control path."""
    path, _, query = path.partition("?")
    pairs = tuple(tuple(pair.split("=")) for pair in query.split("&")) if query else ()
    sent = b"" if body is None else json.dumps(body).encode()
    reply = Control(fake).answer(Call(method, "127.0.0.1", path, pairs, {}, sent))  # type: ignore[arg-type]
    assert isinstance(reply.body, bytes)
    kind = dict(reply.headers)["content-type"]
    return reply.status, json.loads(reply.body) if kind == "application/json" else reply.body.decode()


def told(fake: OpenAIFake, method: str, path: str, body: Any = None) -> str:
    """The message of a request that has to be refused."""
    status, answer = control(fake, method, path, body)
    assert status in (400, 404), answer
    return str(answer["error"]["message"])


def test_a_script_is_queued_and_played() -> None:
    fake = OpenAIFake()
    acts = [{"tool_call": "get_weather", "arguments": {"city": "Paris"}}, {"reply": "Sunny."}]
    assert control(fake, "POST", "/scripts", {"acts": acts, "message": "weather"}) == (200, {"queued": 1})
    api = Api(fake)
    run = api.settle(api.run(api.thread("The weather?")))
    assert run["required_action"]["submit_tool_outputs"]["tool_calls"][0]["function"]["arguments"] == '{"city":"Paris"}'
    run = api.settle(api.submit(run, "sun"))
    assert (run["status"], said(api.messages(run["thread_id"])[-1])) == ("completed", "Sunny.")
    assert control(fake, "GET", "/complaints") == (200, {"complaints": []})


def test_several_scripts_with_conditions_are_queued_at_once() -> None:
    fake = OpenAIFake()
    forms = [
        {"acts": [{"reply": "about cats"}], "message": {"regex": "(?i)CAT"}, "times": None},
        {"acts": [{"reply": "about dogs"}], "assistant": "asst_dog", "optional": True},
        {"acts": [{"reply": "the rest"}], "times": 2},
    ]
    assert control(fake, "POST", "/scripts", forms) == (200, {"queued": 3})
    api = Api(fake)
    heard = []
    for text in ("my cat", "hello", "the cat again"):
        run = api.settle(api.run(api.thread(text)))
        heard.append(said(api.messages(run["thread_id"])[-1]))
    assert heard == ["about cats", "the rest", "about cats"]
    (complaint,) = control(fake, "GET", "/complaints")[1]["complaints"]
    assert "reply('the rest'" in complaint
    assert "(script 3 of the control path) (played 1 of 2 times)" in complaint


def test_a_faulty_script_is_refused_with_its_place_and_none_of_its_batch_is_queued() -> None:
    fake = OpenAIFake()
    good = {"acts": [{"reply": "a"}]}
    assert told(fake, "POST", "/scripts", [good, {"acts": [{"say": "b"}]}]).startswith(
        "POST /scripts: scripts[1].acts[0]: expected an object with one of the keys reply,"
    )
    assert told(fake, "POST", "/scripts", {**good, "time": 2}) == (
        "POST /scripts: scripts[0].time: there is no such key. "
        "It takes acts, assistant, thread, message, times, optional."
    )
    assert "scripts[0].times: " in told(fake, "POST", "/scripts", {**good, "times": 0})
    assert "scripts[0].message.regex: " in told(fake, "POST", "/scripts", {**good, "message": {"regex": "("}})
    assert "scripts[0].acts: expected a list" in told(fake, "POST", "/scripts", {"acts": []})
    assert fake.complaints() == []


def test_what_an_unscripted_run_does() -> None:
    fake = OpenAIFake(unscripted="error")
    assert control(fake, "POST", "/default_script", {"acts": [{"reply": "As always."}]}) == (200, {})
    api = Api(fake)
    run = api.settle(api.run())
    assert said(api.messages(run["thread_id"])[-1]) == "As always."


@pytest.mark.parametrize("kind", KINDS)
def test_objects_are_put_in_place(kind: str) -> None:
    fake = OpenAIFake()
    fake.add_thread("thread_1")
    fake.add_run("thread_1", "run_1")
    keywords = {"message": {"thread_id": "thread_1"}, "run": {"thread_id": "thread_1"}, "step": {"run_id": "run_1"}}
    status, made = control(fake, "POST", f"/add/{kind}", {"id": "chosen", **keywords.get(kind, {})})
    assert (status, made["id"]) == (200, "chosen")


def test_what_cannot_be_put_in_place_is_refused() -> None:
    fake = OpenAIFake()
    assert "nosuch" in told(fake, "POST", "/add/message", {"thread_id": "nosuch"})
    assert "colour" in told(fake, "POST", "/add/assistant", {"colour": "red"})
    assert told(fake, "POST", "/add/assistant", ["asst_1"]) == (
        "POST /add/assistant: expected an object with the keywords of fake.add_assistant(…), but got ['asst_1']."
    )


def test_the_clock_is_moved_and_told() -> None:
    fake = OpenAIFake(start=1000)
    assert control(fake, "GET", "/clock") == (200, {"now": 1000, "autojump": True})
    assert control(fake, "POST", "/clock/advance", {"seconds": 600}) == (200, {"now": 1600, "autojump": True})
    assert "only moves forward" in told(fake, "POST", "/clock/advance", {"seconds": -1})
    assert "advance.seconds: Field required." in told(fake, "POST", "/clock/advance", {})


def test_reset_begins_a_fresh_world() -> None:
    with OpenAIFake() as fake:
        control(fake, "POST", "/scripts", {"acts": [{"reply": "a"}]})
        control(fake, "POST", "/add/assistant", {"id": "asst_1"})
        assert control(fake, "POST", "/reset") == (200, {})
        assert (len(fake.assistants), fake.complaints()) == (0, [])


def test_calls_and_transcript_are_shown_without_secrets() -> None:
    fake = OpenAIFake()
    api = Api(fake)
    headers = {"openai-beta": "assistants=v2", "authorization": f"Bearer {KEY}", "x-trace": "7", "cookie": "a=b"}
    thread = api.send("POST", "/threads", {"messages": [{"role": "user", "content": f"I am {JWT}"}]}, headers=headers)
    api.settle(api.run(thread.json["id"]))
    _, shown = control(fake, "GET", "/calls?operation=threads.*")
    (call,) = shown["calls"]
    assert (call["operation"], call["method"], call["path"], call["status"]) == (
        "threads.create",
        "POST",
        "/threads",
        200,
    )
    assert call["json"] == {"messages": [{"role": "user", "content": f"I am {REDACTED}"}]}
    assert call["headers"]["x-trace"] == "7"
    assert call["headers"]["authorization"] == call["headers"]["cookie"] == REDACTED
    assert call["answer"]["object"] == "thread"
    status, transcript = control(fake, "GET", "/transcript")
    assert (status, f"user: I am {REDACTED}" in transcript) == (200, True)
    everything = json.dumps(control(fake, "GET", "/calls")[1]) + transcript
    assert KEY not in everything
    assert JWT not in everything


def test_faults_an_outage_and_the_sunset_are_arranged() -> None:
    fake = OpenAIFake()
    api = Api(fake)
    assert control(fake, "POST", "/faults", {"fault": "status", "with": {"code": 418}, "on": "threads.*"}) == (200, {})
    assert [api.send("POST", "/threads").status for _ in range(2)] == [418, 200]
    control(fake, "POST", "/down")
    control(fake, "POST", "/up")
    assert api.send("POST", "/threads").status == 200
    control(fake, "POST", "/sunset")
    assert api.send("POST", "/threads").status == 404
    assert told(fake, "POST", "/faults", {"fault": "Fault"}).startswith(
        "POST /faults: faults.fault: there is no 'Fault'."
    )
    assert "no operation" in told(fake, "POST", "/faults", {"fault": "server_error", "on": "nosuch"})
    assert "tea" in told(fake, "POST", "/faults", {"fault": "server_error", "with": {"tea": 1}})


def test_a_fault_may_hold_another() -> None:
    fake = OpenAIFake()
    within = {"fault": "status", "with": {"code": 418}}
    body = {"fault": "performed", "with": {"fault": within}, "on": "threads.create"}
    assert control(fake, "POST", "/faults", body) == (200, {})
    api = Api(fake)
    assert api.send("POST", "/threads", {}).status == 418 and len(fake.threads) == 1
    body["with"] = {"fault": {"fault": "teapot"}}
    assert told(fake, "POST", "/faults", body).startswith(
        "POST /faults: faults.with.fault.fault: there is no 'teapot'."
    )
    body["with"] = {"fault": "server_error"}
    assert told(fake, "POST", "/faults", body).startswith("POST /faults: faults.with.fault: ")


@pytest.mark.parametrize(
    ("content", "shown"), [(b"caf\xc3\xa9", "café"), (b"", None), (b"\x89PNG", {"base64": "iVBORw=="})]
)
def test_answers_that_are_no_json_are_shown_among_the_calls(content: bytes, shown: Any) -> None:
    fake = OpenAIFake()
    fake.add_file("file-1", purpose="batch", content=content)
    assert Api(fake).send("GET", "/files/file-1/content").raw == content
    status, answer = control(fake, "GET", "/calls")
    assert (status, answer["calls"][0]["answer"]) == (200, shown)


def test_an_unknown_way_lists_the_known_ones() -> None:
    assert told(OpenAIFake(), "GET", "/script").startswith(
        "There is no GET /script on the control path. There are, under /openai_fake: POST /scripts, POST /default_"
    )


def test_a_body_that_is_no_json_is_refused() -> None:
    reply = Control(OpenAIFake()).answer(Call("POST", "127.0.0.1", "/scripts", (), {}, b"{"))
    assert (reply.status, b"the body is no JSON" in reply.body) == (400, True)


def test_every_way_stands_in_the_manual_of_the_module() -> None:
    import openai_fake.control as module

    text = str(module.__doc__)
    for way in Control(OpenAIFake())._ways:
        _, _, path = way.partition(" ")
        assert path.rpartition("/")[2] in text, way


def test_a_body_may_be_left_out_where_nothing_has_to_be_said() -> None:
    status, thread = control(OpenAIFake(), "POST", "/add/thread")
    assert (status, thread["object"]) == (200, "thread")


def test_a_refusal_has_the_keys_of_the_services_envelope() -> None:
    status, answer = control(OpenAIFake(), "POST", "/nonsense")
    assert status == 404 and list(answer["error"]) == ["message", "type", "param", "code"]
