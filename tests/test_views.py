"""Equal views: the same script polled and streamed, sync and async, leaves the same world, field for field."""

import asyncio
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from openai_fake import OpenAIFake, expire, incomplete, reply, tool_call, tool_calls
from openai_fake.acts import Measure, Say
from tests.drawn import Drawn, called, interpreted, said, scripts
from tests.stream_kit import ASSISTANT, CONTENT, MODES, asked, connect, each, got, streamed

openai: Any = pytest.importorskip("openai", reason="the openai SDK is not installed")

DEFAULT = "Is there anything else?"
FINAL = {"completed", "failed", "incomplete", "expired", "cancelled"}


class Seen(openai.AssistantEventHandler):  # type: ignore[misc]
    """The SDK's accumulator, fed with events: what each message was put together to before its end was told."""

    def __init__(self) -> None:
        super().__init__()
        self.put_together: dict[str, Any] = {}
        self.ended: dict[str, Any] = {}
        self.steps: dict[str, Any] = {}

    def on_event(self, event: Any) -> None:
        if event.event in ("thread.message.completed", "thread.message.incomplete"):
            assert self.current_message_snapshot.id == event.data.id
            self.put_together[event.data.id] = bare(self.current_message_snapshot.to_dict()["content"])
            self.ended[event.data.id] = bare(event.data.to_dict()["content"])

    def on_run_step_delta(self, delta: Any, snapshot: Any) -> None:
        self.steps[snapshot.id] = snapshot.to_dict()

    def feed(self, event: Any) -> None:
        """Take one event, as the handler's own stream would hand it on."""
        self._emit_sse_event(event)


def bare(value: Any) -> Any:
    """Content without what only deltas have: the indexes of parts, and the quote of a citation."""
    if isinstance(value, list):
        return [bare(item) for item in value]
    if isinstance(value, dict):
        return {key: bare(item) for key, item in value.items() if key not in ("index", "quote")}
    return value


def outputs_for(run: Any) -> list[dict[str, str]]:
    """Outputs that depend on the calls, handed in in the opposite order."""
    wanted = run.required_action.submit_tool_outputs.tool_calls
    return [{"tool_call_id": call.id, "output": f"{call.function.arguments} → {call.id}"} for call in reversed(wanted)]


async def poll(client: Any, thread_id: str) -> Any:
    """Play a run to its end by asking for it again and again."""
    runs = client.beta.threads.runs
    run = await got(runs.create(thread_id=thread_id, assistant_id=ASSISTANT))
    while run.status not in FINAL:
        if run.status == "requires_action":
            outputs = outputs_for(run)
            run = await got(runs.submit_tool_outputs(run.id, thread_id=thread_id, tool_outputs=outputs))
        run = await got(runs.retrieve(run.id, thread_id=thread_id))
    return run


async def stream(client: Any, thread_id: str, events: list[Any]) -> Any:
    """Play a run to its end by reading its streams."""
    runs = client.beta.threads.runs
    reading = await streamed(client, thread_id)
    while True:
        part = [event async for event in each(reading)]
        events += part
        run = part[-1].data
        if run.status != "requires_action":
            return run
        outputs = outputs_for(run)
        reading = await got(runs.submit_tool_outputs(run.id, thread_id=thread_id, tool_outputs=outputs, stream=True))


async def world_after(drawn: Drawn, mode: str, way: str, events: list[Any], **options: Any) -> dict[str, Any]:
    """All that can be seen of a run after it has been played, through the API and from inside."""
    drawn.given.clear()
    with OpenAIFake(assert_all_played=False, **options) as fake:
        fake.add_assistant(ASSISTANT)
        fake.default_script(reply(DEFAULT))
        drawn.put(fake.script)
        client = connect(fake, mode)
        threads = client.beta.threads
        thread_id = await asked(client)
        run = await (poll(client, thread_id) if way == "polled" else stream(client, thread_id, events))
        steps = threads.runs.steps.list(run.id, thread_id=thread_id, order="asc", limit=100)
        full = threads.runs.steps.list(run.id, thread_id=thread_id, limit=100, include=[CONTENT])
        view = fake.thread(thread_id)
        return {
            "last": {**run.to_dict(), "tool_resources": None},
            "run": (await got(threads.runs.retrieve(run.id, thread_id=thread_id))).to_dict(),
            "messages": (await got(threads.messages.list(thread_id, order="asc", limit=100))).to_dict(),
            "steps": (await got(steps)).to_dict(),
            "steps in full": (await got(full)).to_dict(),
            "inside": [item.model_dump() for item in (*view.messages, *view.runs, *view.steps)],
            "events": [(event.name, event.at) for event in fake.events(run.id)],
            "files": dict(fake.files),
            "now": fake.clock.now,
            "given": list(drawn.given),
            "complaints": fake.complaints(),
        }


def check_accumulated(events: list[Any]) -> None:
    """What the SDK puts together of the deltas is what the messages and steps turned out to be."""
    seen = Seen()
    final: dict[str, Any] = {}
    for event in events:
        seen.feed(event)
        if event.event.startswith("thread.run.step.") and event.event != "thread.run.step.delta":
            final[event.data.id] = event.data.to_dict()
    assert seen.put_together == seen.ended
    assert len(seen.ended) == sum(event.event == "thread.message.created" for event in events)
    for id, step in seen.steps.items():
        if final[id]["status"] != "in_progress":
            told = bare(step["step_details"]["tool_calls"])
            assert [without_later(call) for call in told] == [
                without_later(call) for call in bare(final[id]["step_details"]["tool_calls"])
            ]


def without_later(call: dict[str, Any]) -> dict[str, Any]:
    """A tool call without what no delta tells: the output of a function, the results of a search."""
    kind = call["type"]
    return {**call, kind: {key: value for key, value in call[kind].items() if key not in ("output", "results")}}


def check_said(drawn: Drawn, world: dict[str, Any], events: list[Any]) -> None:
    """The pieces join to what the script said, as far as it was played."""
    texts: dict[str, str] = {}
    arguments: dict[str, str] = {}
    inputs: dict[str, str] = {}
    key = ""
    for event in events:
        if event.event == "thread.message.created":
            texts[event.data.id] = ""
        elif event.event == "thread.message.delta":
            (part,) = event.data.delta.content
            texts[event.data.id] += part.text.value if part.type == "text" else getattr(part, "refusal", "")
        elif event.event == "thread.run.step.delta":
            (call,) = event.data.delta.step_details.tool_calls
            key = call.id or key
            if call.type == "function":
                arguments[key] = arguments.get(key, "") + call.function.arguments
            elif call.type == "code_interpreter":
                inputs[key] = inputs.get(key, "") + (call.code_interpreter.input or "")
    acts = drawn.acts
    over = world["run"]["status"] != "expired"
    told = [act for act in acts if not isinstance(act, Measure)]
    ends = [DEFAULT] if over and called(told[-1:]) else []
    for found, expected in (
        (list(texts.values()), [*said(acts), *ends]),
        (list(arguments.values()), [call.arguments for call in called(acts)]),
        (list(inputs.values()), [act.input for act in interpreted(acts)]),
    ):
        assert found == (expected if over else expected[: len(found)])


@given(drawn=scripts, polls=st.integers(0, 3), profile=st.sampled_from(["documented", "recorded"]))
@example(drawn=Drawn([reply("")], False), polls=1, profile="documented")
@example(drawn=Drawn([reply("a"), incomplete("max_prompt_tokens")], False), polls=1, profile="documented")
@example(drawn=Drawn([tool_calls(tool_call("f")), expire()], True), polls=1, profile="recorded")
def test_a_script_leaves_the_same_however_it_is_watched(drawn: Drawn, polls: int, profile: str) -> None:
    async def go() -> None:
        worlds = {}
        events: dict[str, list[Any]] = {mode: [] for mode in MODES}
        for mode in MODES:
            for way in ("polled", "streamed"):
                worlds[mode, way] = await world_after(drawn, mode, way, events[mode], polls=polls, profile=profile)
        reference = worlds["sync", "polled"]
        assert reference["complaints"] == []
        for world in worlds.values():
            assert world == reference
        assert events["sync"] == events["async"]
        check_accumulated(events["sync"])
        check_said(drawn, reference, events["sync"])

    asyncio.run(go())


def test_the_check_of_the_views_sees_a_difference() -> None:
    async def go() -> None:
        drawn = Drawn([reply("One two three.", chunks=3)], False)
        events: list[Any] = []
        world = await world_after(drawn, "sync", "streamed", events)
        other = await world_after(Drawn([reply("One two four.")], False), "sync", "polled", [])
        assert world["messages"] != other["messages"]
        assert isinstance(drawn.acts[0], Say)
        del events[[event.event for event in events].index("thread.message.delta") + 1]
        with pytest.raises(AssertionError):
            check_accumulated(events)
        with pytest.raises(AssertionError):
            check_said(drawn, world, events)

    asyncio.run(go())


def test_the_views_can_be_read_in_a_failure() -> None:
    with OpenAIFake() as fake:
        assert repr(fake.assistants) == "mappingproxy({})"
        assistant = fake.add_assistant("asst_1")
        assert repr(fake.assistants) == f"mappingproxy({{'asst_1': {assistant!r}}})"
