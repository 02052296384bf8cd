"""Streams on the wire: the order, the framing and the payloads of events, as the service sent them."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from openai_fake import (
    OpenAIFake,
    code_interpreter,
    expire,
    fail,
    file_search,
    incomplete,
    refusal,
    reply,
    tool_call,
    tool_calls,
    usage,
    wait,
)
from tests.stream_kit import (
    ASSISTANT,
    BEFORE,
    MESSAGE,
    STEP,
    asked,
    connect,
    each,
    each_mode,
    entered,
    got,
    joined_calls,
    names,
    opened,
    raw,
    run_told,
    streamed,
    told,
)

RECORDINGS = Path(os.environ.get("OPENAI_FAKE_RECORDINGS") or Path(__file__).parents[2] / "shared" / "recordings")
TEXT = [*MESSAGE, "thread.message.delta", "thread.message.completed", "thread.run.step.completed"]
TOOL = [*STEP, "thread.run.step.delta"]
DONE_TOOL = [*TOOL, "thread.run.step.completed"]


@pytest.mark.parametrize(
    ("acts", "expected"),
    [
        pytest.param([reply("Hello!")], [*TEXT, "thread.run.completed"], id="text"),
        pytest.param([refusal("No.")], [*TEXT, "thread.run.completed"], id="refusal"),
        pytest.param([reply("One."), reply("Two.")], [*TEXT, *TEXT, "thread.run.completed"], id="two messages"),
        pytest.param([tool_call("f", x=1)], [*TOOL, "thread.run.requires_action"], id="function"),
        pytest.param(
            [tool_calls(tool_call("f"), tool_call("g"))], [*TOOL, "thread.run.requires_action"], id="parallel functions"
        ),
        pytest.param(
            [reply("I compute."), code_interpreter("1+1"), reply("2")],
            [*TEXT, *DONE_TOOL, *TEXT, "thread.run.completed"],
            id="code interpreter",
        ),
        pytest.param(
            [file_search({"file_id": "file-1"}), reply("Found.")],
            [*DONE_TOOL, *TEXT, "thread.run.completed"],
            id="file search",
        ),
        pytest.param(
            [incomplete("max_completion_tokens", "Half a sen")],
            [
                *MESSAGE,
                "thread.message.delta",
                "thread.message.incomplete",
                "thread.run.step.completed",
                "thread.run.incomplete",
            ],
            id="incomplete",
        ),
        pytest.param([incomplete("max_prompt_tokens")], ["thread.run.incomplete"], id="incomplete before any word"),
        pytest.param(
            [reply("I was about"), fail("server_error", "Sorry.")],
            [
                *MESSAGE,
                "thread.message.delta",
                "thread.message.incomplete",
                "thread.run.step.failed",
                "thread.run.failed",
            ],
            id="failed in a message",
        ),
        pytest.param([fail("server_error", "Sorry.")], ["thread.run.failed"], id="failed before any step"),
        pytest.param(
            [code_interpreter("1/0"), fail("server_error", "Sorry.")],
            [*TOOL, "thread.run.step.failed", "thread.run.failed"],
            id="failed in a tool step",
        ),
        pytest.param([expire()], ["thread.run.expired"], id="expired at rest"),
        pytest.param(
            [reply("Wait"), expire()],
            [
                *MESSAGE,
                "thread.message.delta",
                "thread.message.incomplete",
                "thread.run.step.expired",
                "thread.run.expired",
            ],
            id="expired in a message",
        ),
        pytest.param(
            [code_interpreter("while True: pass"), expire()],
            [*TOOL, "thread.run.step.expired", "thread.run.expired"],
            id="expired in a tool step",
        ),
        pytest.param(
            [reply("One."), wait(700), reply("never")], [*TEXT, "thread.run.expired"], id="expired between two steps"
        ),
    ],
)
@pytest.mark.parametrize("profile", ["documented", "recorded"])
def test_events_come_in_the_order_of_the_service(acts: list[Any], expected: list[str], profile: str) -> None:
    with opened(*acts, profile=profile) as fake:
        assert names(run_told(fake)) == [*BEFORE, *expected]


def test_a_stream_that_makes_its_thread_tells_the_thread_first() -> None:
    with opened(reply("Hello!"), profile="recorded") as fake:
        thread = {"messages": [{"role": "user", "content": "Hello"}], "metadata": {"a": "b"}}
        events = told(raw(fake, "/threads/runs", {"assistant_id": ASSISTANT, "stream": True, "thread": thread}))
        assert names(events) == ["thread.created", *BEFORE, *TEXT, "thread.run.completed"]
        (_, made), *_ = events
        assert made == {
            "id": fake.threads[made["id"]].id,
            "object": "thread",
            "created_at": int(fake.thread(made["id"]).runs[0].created_at),
            "metadata": {"a": "b"},
            "tool_resources": {"code_interpreter": {"file_ids": []}},
        }


def test_the_stream_of_submitted_outputs_begins_with_the_completed_step() -> None:
    with opened(tool_call("f", x=1), usage(10, 5), reply("Done."), profile="recorded") as fake:
        events = run_told(fake)
        waiting = events[-1][1]
        (call,) = waiting["required_action"]["submit_tool_outputs"]["tool_calls"]
        path = f"/threads/{waiting['thread_id']}/runs/{waiting['id']}/submit_tool_outputs"
        outputs = [{"tool_call_id": call["id"], "output": "42"}]
        more = told(raw(fake, path, {"tool_outputs": outputs, "stream": True}))
        assert names(more) == [
            "thread.run.step.completed",
            "thread.run.queued",
            "thread.run.in_progress",
            *TEXT,
            "thread.run.completed",
        ]
        step, queued, started = (data for _, data in more[:3])
        assert step["id"] == events[3][1]["id"]
        assert step["step_details"]["tool_calls"][0]["function"] == {
            "name": "f",
            "arguments": '{"x":1}',
            "output": "42",
        }
        assert (step["usage"]["prompt_tokens"], step["usage"]["completion_tokens"]) == (10, 5)
        assert (queued["status"], queued["required_action"], queued["started_at"]) == (
            "queued",
            None,
            waiting["started_at"],
        )
        assert started["started_at"] > waiting["started_at"]
        assert (waiting["usage"], waiting["expires_at"]) == (None, waiting["created_at"] + 600)


def test_events_that_say_the_same_carry_the_same() -> None:
    with opened(reply("Hello!"), profile="recorded") as fake:
        events = run_told(fake)
        by_name = {name: data for name, data in events if not name.endswith(".delta")}
        for kind in ("thread.run.step", "thread.message"):
            assert by_name[f"{kind}.created"] == by_name[f"{kind}.in_progress"]
        assert by_name["thread.run.created"] == by_name["thread.run.queued"]
        message, step = by_name["thread.message.created"], by_name["thread.run.step.created"]
        assert (message["content"], message["created_at"]) == ([], step["created_at"])
        assert step["step_details"] == {
            "type": "message_creation",
            "message_creation": {"message_id": message["id"]},
        }
        done, run = by_name["thread.run.step.completed"], by_name["thread.run.completed"]
        assert (done["expires_at"], run["expires_at"]) == (run["created_at"] + 600, None)
        assert done["usage"] == run["usage"]


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (tool_call("f"), ["{}"]),
        (tool_call("f", '{"city":"Paris"}'), ['{"', "city", '":"', "Paris", '"}']),
        (tool_call("f", ""), []),
    ],
    ids=["none", "some", "an empty text"],
)
def test_a_call_is_told_as_a_header_and_the_pieces_of_its_arguments(call: Any, expected: list[str]) -> None:
    with opened(call, profile="recorded") as fake:
        deltas = [data for name, data in run_told(fake) if name == "thread.run.step.delta"]
    head, *pieces = [delta["delta"]["step_details"]["tool_calls"] for delta in deltas]
    function = {"name": "f", "arguments": "", "output": None}
    assert head == [{"index": 0, "id": head[0]["id"], "type": "function", "function": function}]
    assert pieces == [[{"index": 0, "type": "function", "function": {"arguments": piece}}] for piece in expected]
    assert [list(delta) for delta in deltas] == [["id", "object", "delta"]] * len(deltas)


def test_parallel_calls_are_told_one_after_another_in_one_step() -> None:
    with opened(tool_calls(tool_call("f", a=1), tool_call("g"), tool_call("h", b=2))) as fake:
        events = run_told(fake)
    deltas = [data for name, data in events if name == "thread.run.step.delta"]
    indexes = [delta["delta"]["step_details"]["tool_calls"][0]["index"] for delta in deltas]
    assert indexes == sorted(indexes) and set(indexes) == {0, 1, 2}
    assert len({delta["id"] for delta in deltas}) == 1
    required = events[-1][1]["required_action"]["submit_tool_outputs"]["tool_calls"]
    assert [(call["id"], call["function"]) for call in required] == [
        (id, {"name": call["name"], "arguments": call["arguments"]}) for id, call in joined_calls(events).items()
    ]


@each_mode
@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"assistant_id": "asst_none"}, 404, None),
        ({"instructions": 1}, 400, "invalid_type"),
        ({"additional_messages": [{"role": "human", "content": "x"}]}, 400, "invalid_value"),
        ({"strea": True}, 400, "unknown_parameter"),
    ],
)
async def test_a_refused_stream_gets_the_plain_error(
    mode: str, change: dict[str, Any], status: int, code: str | None
) -> None:
    openai = pytest.importorskip("openai", reason="the openai SDK is not installed")
    with opened() as fake:
        client = connect(fake, mode)
        thread_id = await asked(client)
        with pytest.raises(openai.APIStatusError) as raised:
            await streamed(client, thread_id, extra_body=change)
        assert (raised.value.status_code, raised.value.code) == (status, code)
        assert raised.value.response.headers["content-type"] == "application/json"
        assert fake.calls.last.json["stream"] is True
        assert fake.thread(thread_id).runs == []


@each_mode
async def test_what_is_refused_for_its_state_gets_the_plain_error_too(mode: str) -> None:
    openai = pytest.importorskip("openai", reason="the openai SDK is not installed")
    with opened(reply("Hello!")) as fake:
        client = connect(fake, mode)
        thread_id = await asked(client)
        stream = await streamed(client, thread_id)
        run = await anext(each(stream))
        with pytest.raises(openai.BadRequestError, match="already has an active run"):
            await streamed(client, thread_id)
        with pytest.raises(openai.BadRequestError, match="do not accept tool outputs"):
            await got(
                client.beta.threads.runs.submit_tool_outputs(
                    run.data.id, thread_id=thread_id, tool_outputs=[], stream=True
                )
            )
        assert len(fake.thread(thread_id).runs) == 1


def test_a_thread_with_nothing_to_run_on_gets_the_recorded_json() -> None:
    with opened() as fake:
        thread = fake.add_thread()
        http = fake.http_client()
        answer = http.post(
            f"https://api.openai.com/v1/threads/{thread.id}/runs",
            json={"assistant_id": ASSISTANT, "stream": True},
            headers={"OpenAI-Beta": "assistants=v2"},
        )
    text = "Run creation requires a Thread with a user message or an assistant with instructions."
    error = {"message": text, "type": "invalid_request_error", "param": None, "code": "invalid_thread"}
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/json")
    assert answer.text == json.dumps({"error": error}, indent=2)


WAYS = ["create", "stream", "create_and_stream", "create_and_run", "create_and_run_stream"]


@each_mode
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.filterwarnings("ignore:use `stream` instead:DeprecationWarning")
async def test_every_way_to_start_a_stream_tells_the_same(mode: str, way: str) -> None:
    with opened(reply("Hello!")) as fake:
        client = connect(fake, mode)
        threads = client.beta.threads
        if way.startswith("create_and_run"):
            given: Any = {"thread": {"messages": [{"role": "user", "content": "Hello"}]}, "assistant_id": ASSISTANT}
            owner, first = threads, ["thread.created"]
        else:
            given = {"thread_id": await asked(client), "assistant_id": ASSISTANT}
            owner, first = threads.runs, []
        if way in ("create", "create_and_run"):
            stream = await got(getattr(owner, way)(**given, stream=True))
            events = [event async for event in each(stream)]
        else:
            async with entered(getattr(owner, way)(**given)) as stream:
                events = [event async for event in each(stream)]
        assert names(events) == [*first, *BEFORE, *TEXT, "thread.run.completed"]
        assert {call.operation for call in fake.calls} - {"threads.create"} == {
            "threads.create_and_run" if first else "runs.create"
        }


@each_mode
@pytest.mark.parametrize("way", ["create", "stream"])
async def test_every_way_to_stream_submitted_outputs_tells_the_same(mode: str, way: str) -> None:
    with opened(tool_call("f"), reply("Done.")) as fake:
        client = connect(fake, mode)
        thread_id = await asked(client)
        runs = client.beta.threads.runs
        events = [event async for event in each(await streamed(client, thread_id))]
        run = events[-1].data
        outputs = [{"tool_call_id": run.required_action.submit_tool_outputs.tool_calls[0].id, "output": "1"}]
        given = {"run_id": run.id, "thread_id": thread_id, "tool_outputs": outputs}
        if way == "create":
            more = [event async for event in each(await got(runs.submit_tool_outputs(**given, stream=True)))]
        else:
            async with entered(runs.submit_tool_outputs_stream(**given)) as stream:
                more = [event async for event in each(stream)]
        assert names(more)[:3] == ["thread.run.step.completed", "thread.run.queued", "thread.run.in_progress"]
        assert names(more)[-1] == "thread.run.completed"
        assert more[-1].data == fake_run(fake, thread_id, type(more[-1].data))


def fake_run(fake: OpenAIFake, thread_id: str, kind: Any) -> Any:
    """The last run of a thread as the SDK's own object."""
    run = fake.thread(thread_id).runs[-1].model_dump()
    return kind.construct(**{**run, "instructions": run["instructions"] or ""})


def recording(name: str) -> list[dict[str, Any]]:
    path = RECORDINGS / f"{name}.json"
    if not path.exists():
        pytest.skip(f"the recordings are not here: {path} is missing (set OPENAI_FAKE_RECORDINGS)")
    exchanges: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["exchanges"]
    return exchanges


def normal(events: list[Any]) -> list[tuple[str, Any]]:
    """Events with ids numbered by their first appearance and instants as offsets that are only there or not."""
    known: dict[str, str] = {}

    def plain(key: str, value: Any) -> Any:
        if isinstance(value, dict):
            return [(name, plain(name, item)) for name, item in value.items()]
        if isinstance(value, list):
            return [plain(key, item) for item in value]
        if key.endswith("_at") and value is not None:
            return type(value).__name__
        if isinstance(value, str) and (key == "id" or key.endswith("_id")):
            return known.setdefault(value, f"{value.partition('_')[0]} {len(known)}")
        return value

    return [(name, plain("", data)) for name, data in events if name != "done"]


def joined_input(events: list[Any]) -> list[Any]:
    """Events with the pieces of a code interpreter's input put together: nobody knows where a model will cut."""
    found: list[Any] = []
    before: Any = None
    for name, data in events:
        (call,) = data["delta"]["step_details"]["tool_calls"] if name == "thread.run.step.delta" else [{}]
        piece = call.get("code_interpreter") if "id" not in call else None
        if piece and before:
            before["input"] += piece["input"]
        else:
            found.append((name, data))
            before = piece
    return found


def text_chunks(events: list[Any], message_id: str) -> list[str]:
    return [
        data["delta"]["content"][0]["text"]["value"]
        for name, data in events
        if name == "thread.message.delta" and data["id"] == message_id
    ]


def acts_of(events: list[Any]) -> list[Any]:
    """The script that a recorded stream must have followed."""
    acts: list[Any] = []
    for name, data in events:
        if name == "thread.message.completed":
            text = data["content"][0]["text"]["value"]
            acts.append(reply(text, chunks=text_chunks(events, data["id"])))
        elif name == "thread.run.step.completed":
            for call in data["step_details"].get("tool_calls", ()):
                assert call["code_interpreter"]["outputs"] == []
                acts.append(code_interpreter(call["code_interpreter"]["input"]))
            acts.append(usage(data["usage"]["prompt_tokens"], data["usage"]["completion_tokens"]))
    return acts


@pytest.mark.parametrize(
    "name",
    [
        "openai-dotnet-StreamingRunWorks",
        "openai-dotnet-StreamingRunWorksAsync",
        "openllmetry-test_streaming_new_assistant",
    ],
)
def test_a_recorded_stream_is_told_again_event_by_event(name: str) -> None:
    exchanges = recording(name)
    (asked_for,) = [exchange for exchange in exchanges if "events" in exchange]
    assistants = {e["response"]["id"]: e["request"] for e in exchanges if e["path"] == "/assistants"}
    said = [e["request"] for e in exchanges if e["path"].startswith("/threads")]
    messages = [message for sent in said for message in sent.get("messages", ())]
    messages += [sent for sent in said if "content" in sent]
    with OpenAIFake(profile="recorded") as fake:
        for id, fields in assistants.items():
            fake.add_assistant(id, **fields)
        fake.script(*acts_of(asked_for["events"]))
        thread = fake.add_thread()
        for message in messages:
            fake.add_message(thread.id, **message)
        query = "".join(f"?{key}={value}" for key, value in asked_for["query"].items())
        events = told(raw(fake, f"/threads/{thread.id}/runs", asked_for["request"], query))
    assert normal(joined_input(list(map(tuple, events)))) == normal(
        joined_input(list(map(tuple, asked_for["events"][:-1])))
    )
