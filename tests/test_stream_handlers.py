"""The SDK's event handlers on our streams: which callback fires in which order, and handlers that answer tool calls."""

from collections.abc import Callable
from typing import Any

import pytest

from openai_fake import (
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
)
from tests.stream_kit import ASSISTANT, asked, connect, each_mode, entered, got, opened

openai: Any = pytest.importorskip("openai", reason="the openai SDK is not installed")

CALLBACKS = sorted(name for name in dir(openai.AssistantEventHandler) if name.startswith("on_"))
BY_EVENT = {
    "thread.run.step.created": "on_run_step_created",
    "thread.run.step.delta": "on_run_step_delta",
    "thread.run.step.completed": "on_run_step_done",
    "thread.message.created": "on_message_created",
    "thread.message.delta": "on_message_delta",
    "thread.message.completed": "on_message_done",
}
"""Callbacks that are fired once for each event of a name."""


def handler(mode: str, **callbacks: Callable[..., Any]) -> Any:
    """A handler of the SDK with these callbacks; in an async one they may be coroutine functions."""

    def bound(callback: Callable[..., Any]) -> Callable[..., Any]:
        async def fire(self: Any, *values: Any) -> None:
            await got(callback(self, *values))

        return callback if mode == "sync" else fire

    base = openai.AssistantEventHandler if mode == "sync" else openai.AsyncAssistantEventHandler
    return type("Handler", (base,), {name: bound(callback) for name, callback in callbacks.items()})()


def recorder(mode: str, log: list[Any]) -> Any:
    """A handler that writes down every callback and what it was given."""
    return handler(
        mode,
        **{name: lambda self, *values, name=name: log.append((name, values)) for name in CALLBACKS},
    )


async def fired(mode: str, *acts: Any) -> list[Any]:
    """Every callback of the stream of a run, in order, with what it was given."""
    log: list[Any] = []
    with opened(*acts) as fake:
        client = connect(fake, mode)
        thread_id = await asked(client)
        runs = client.beta.threads.runs
        manager = runs.stream(thread_id=thread_id, assistant_id=ASSISTANT, event_handler=recorder(mode, log))
        async with entered(manager) as stream:
            await got(stream.until_done())
    return log


TEXT_PIECE = "text_delta message_delta "
CALL_PIECE = "tool_call_delta run_step_delta "
TEXT = "run_step_created message_created text_created text_delta message_delta text_done message_done "
CALL = "run_step_created tool_call_created run_step_delta "
GOLDEN: dict[str, tuple[list[Any], str]] = {
    "text": (
        [reply("Hi there", chunks=2)],
        f"run_step_created message_created text_created {TEXT_PIECE * 2} text_done message_done run_step_done end",
    ),
    "refusal": (
        [refusal("No, never")],
        "run_step_created message_created message_delta message_delta message_delta message_done run_step_done end",
    ),
    "text and images": (
        [reply("See", images=["file-1", "file-2"])],
        f"run_step_created message_created text_created {TEXT_PIECE} text_done message_delta image_file_done "
        "message_delta image_file_done message_done run_step_done end",
    ),
    "an image alone": (
        [reply("", images=["file-1"])],
        "run_step_created message_created message_delta image_file_done message_done run_step_done end",
    ),
    "two messages": ([reply("A"), reply("B")], f"{TEXT} run_step_done {TEXT} run_step_done end"),
    "a function": ([tool_call("f")], f"{CALL} {CALL_PIECE} tool_call_done end"),
    "parallel functions": (
        [tool_calls(tool_call("f"), tool_call("g", "[1]"))],
        f"{CALL} {CALL_PIECE} tool_call_done tool_call_created run_step_delta {CALL_PIECE * 3} tool_call_done end",
    ),
    "code interpreter": (
        [code_interpreter("x", logs="2", images=["file-1"]), reply("2")],
        # The handler never forgets the last call: it is done again with every step and run after it.
        f"{CALL} {CALL_PIECE * 3} tool_call_done run_step_done {TEXT} tool_call_done run_step_done tool_call_done end",
    ),
    "file search": (
        [file_search({"file_id": "file-1"}), reply("Found")],
        f"{CALL} tool_call_done run_step_done {TEXT} tool_call_done run_step_done tool_call_done end",
    ),
    "two tool steps": (
        [file_search({"file_id": "file-1"}), file_search({"file_id": "file-1"})],
        # Nor does it forget the index: the first call of the second step is taken for a delta of the last one.
        f"{CALL} tool_call_done run_step_done run_step_created {CALL_PIECE} "
        "tool_call_done run_step_done tool_call_done end",
    ),
    "incomplete": ([incomplete("max_completion_tokens", "Half")], f"{TEXT} run_step_done end"),
    "failed in a message": ([reply("Half"), fail("server_error", "Sorry.")], f"{TEXT} run_step_done end"),
    "failed in a tool step": (
        [code_interpreter("x"), fail("server_error", "Sorry.")],
        f"{CALL} {CALL_PIECE} tool_call_done run_step_done tool_call_done end",
    ),
    "failed before any step": ([fail("server_error", "Sorry.")], "end"),
    "expired in a message": ([reply("Half"), expire()], f"{TEXT} run_step_done end"),
}


@each_mode
@pytest.mark.parametrize("case", GOLDEN)
async def test_every_callback_fires_when_it_did(mode: str, case: str) -> None:
    acts, expected = GOLDEN[case]
    log = await fired(mode, *acts)
    assert [name.removeprefix("on_") for name, _ in log if name != "on_event"] == expected.split()


@each_mode
async def test_every_event_reaches_on_event_and_the_callback_of_its_name(mode: str) -> None:
    log = await fired(mode, reply("See", images=["file-1"]), code_interpreter("1+1", logs="2"), reply("2."))
    events = [values[0] for name, values in log if name == "on_event"]
    assert [event.event for event in events][:3] == [
        "thread.run.created",
        "thread.run.queued",
        "thread.run.in_progress",
    ]
    for event_name, callback in BY_EVENT.items():
        given = [values[0] for name, values in log if name == callback]
        sent = [event.data for event in events if event.event == event_name]
        assert len(given) == len(sent) > 0
        if not event_name.endswith(".delta"):
            assert given == sent
    assert log[-1] == ("on_end", ())


@each_mode
async def test_callbacks_are_given_what_has_been_told_so_far(mode: str) -> None:
    log = await fired(mode, reply("One two three", images=["file-7"]))
    texts = [values for name, values in log if name == "on_text_delta"]
    assert [(delta.value, snapshot.value) for delta, snapshot in texts] == [
        ("One", "One"),
        (" two", "One two"),
        (" three", "One two three"),
    ]
    (text,) = [values[0] for name, values in log if name == "on_text_done"]
    (image,) = [values[0] for name, values in log if name == "on_image_file_done"]
    (message,) = [values[0] for name, values in log if name == "on_message_done"]
    assert (text.value, text.annotations, image.file_id) == ("One two three", [], "file-7")
    assert (message.content[0].text, message.content[1].image_file) == (text, image)
    assert (message.status, message.role) == ("completed", "assistant")


@each_mode
async def test_a_tool_call_is_put_together_from_its_pieces(mode: str) -> None:
    log = await fired(mode, tool_calls(tool_call("f", city="Paris"), tool_call("g")))
    created = [values[0].function.name for name, values in log if name == "on_tool_call_created"]
    done = [values[0].function for name, values in log if name == "on_tool_call_done"]
    assert created == ["f", "g"]
    assert [(call.name, call.arguments, call.output) for call in done] == [
        ("f", '{"city":"Paris"}', None),
        ("g", "{}", None),
    ]


@each_mode
async def test_the_getters_wait_for_the_end(mode: str) -> None:
    with opened(code_interpreter("1+1", logs="2"), usage(7, 3), reply("Two."), reply("Three.")) as fake:
        client = connect(fake, mode)
        thread_id = await asked(client)
        async with entered(client.beta.threads.runs.stream(thread_id=thread_id, assistant_id=ASSISTANT)) as stream:
            run = await got(stream.get_final_run())
            messages = await got(stream.get_final_messages())
            steps = await got(stream.get_final_run_steps())
        (kept,) = fake.thread(thread_id).runs
        assert (run.status, run.usage.to_dict()) == ("completed", kept["usage"].model_dump())
        assert [message.content[0].text.value for message in messages] == ["Two.", "Three."]
        assert [step.id for step in steps] == [step.id for step in fake.thread(thread_id).steps]
        # The SDK never takes over the end of a step: it shows what the deltas have told.
        assert [step.status for step in steps] == ["in_progress"] * 3
        interpreter = steps[0].step_details.tool_calls[0].code_interpreter
        assert (interpreter.input, interpreter.outputs[0].logs) == ("1+1", "2")


@each_mode
async def test_the_getters_say_what_a_stream_has_not_told(mode: str) -> None:
    with opened(tool_call("f")) as fake:
        client = connect(fake, mode)
        thread_id = await asked(client)
        async with entered(client.beta.threads.runs.stream(thread_id=thread_id, assistant_id=ASSISTANT)) as stream:
            with pytest.raises(RuntimeError, match="No messages found"):
                await got(stream.get_final_messages())
            assert (await got(stream.get_final_run())).status == "requires_action"
            (step,) = await got(stream.get_final_run_steps())
            assert step.step_details.tool_calls[0].function.name == "f"


@each_mode
async def test_the_text_deltas_are_the_text(mode: str) -> None:
    text = "Ça va ? 你好, 👩‍👩‍👧 — fine."
    with opened(tool_call("f"), reply(text), refusal("No.")) as fake:
        client = connect(fake, mode)
        thread_id = await asked(client)
        runs = client.beta.threads.runs
        async with entered(runs.stream(thread_id=thread_id, assistant_id=ASSISTANT)) as stream:
            run = await got(stream.get_final_run())
        outputs = [{"tool_call_id": run.required_action.submit_tool_outputs.tool_calls[0].id, "output": "x"}]
        manager = runs.submit_tool_outputs_stream(run_id=run.id, thread_id=thread_id, tool_outputs=outputs)
        async with entered(manager) as stream:
            if mode == "sync":
                pieces = list(stream.text_deltas)
            else:
                pieces = [piece async for piece in stream.text_deltas]
        assert "".join(pieces) == text
        assert len(pieces) > 5


def answers(run: Any) -> list[dict[str, str]]:
    wanted = run.required_action.submit_tool_outputs.tool_calls
    return [{"tool_call_id": call.id, "output": f"{call.function.name} says so"} for call in wanted]


@each_mode
@pytest.mark.parametrize("rounds", [1, 3])
@pytest.mark.parametrize("callback", ["on_event", "on_tool_call_done"])
async def test_a_handler_submits_outputs_from_inside_a_callback(mode: str, rounds: int, callback: str) -> None:
    """As the users of the SDK write it: a stream in a callback of a stream, each with a handler of its own."""
    text: list[str] = []
    ends: list[str] = []

    def new_handler() -> Any:
        return handler(mode, on_text_delta=say, on_end=end, **{callback: act})

    def end(self: Any) -> None:
        ends.append(self.current_run.status)

    def say(self: Any, delta: Any, snapshot: Any) -> None:
        text.append(delta.value)

    def act(self: Any, value: Any) -> Any:
        if callback == "on_event":
            return submit(value.data) if value.event == "thread.run.requires_action" else None
        return submit(self.current_run) if self.current_run.status == "requires_action" else None

    def submit(run: Any) -> Any:
        manager = client.beta.threads.runs.submit_tool_outputs_stream(
            run_id=run.id, thread_id=run.thread_id, tool_outputs=answers(run), event_handler=new_handler()
        )
        if mode == "sync":
            with manager as stream:
                return stream.until_done()
        return until_done(manager)

    async def until_done(manager: Any) -> None:
        async with manager as stream:
            await stream.until_done()

    given: list[tuple[str, ...]] = []
    with opened() as fake:

        @fake.script
        def asks(run: Any) -> Any:
            for number in range(rounds):
                yield reply(f"Round {number}. ")
                given.append((yield tool_calls(tool_call("f", n=number), tool_call("g"))))
            yield reply("Done.")

        client = connect(fake, mode)
        thread_id = await asked(client)
        manager = client.beta.threads.runs.stream(
            thread_id=thread_id, assistant_id=ASSISTANT, event_handler=new_handler()
        )
        async with entered(manager) as stream:
            await got(stream.until_done())
        assert "".join(text) == "".join(f"Round {number}. " for number in range(rounds)) + "Done."
        assert given == [("f says so", "g says so")] * rounds
        # The innermost stream ends first; the outer ones have ended on requires_action.
        assert ends == ["completed", *["requires_action"] * rounds]
        assert fake.thread(thread_id).runs[0].status == "completed"


@each_mode
async def test_a_handler_may_ask_for_the_run_before_its_stream_has_told_it(mode: str) -> None:
    """The first of two parallel calls is done before the run requires action: a callback that polls is there first."""
    seen: list[str] = []

    def done(self: Any, call: Any) -> Any:
        return look(self.current_run.id) if len(seen) < 2 else None

    def look(run_id: str) -> Any:
        if mode == "async":
            return look_async(run_id)
        run = client.beta.threads.runs.poll(run_id=run_id, thread_id=thread_id)
        seen.append(run.status)
        submitted = client.beta.threads.runs.submit_tool_outputs_and_poll(
            run_id=run_id, thread_id=thread_id, tool_outputs=answers(run)
        )
        return seen.append(submitted.status)

    async def look_async(run_id: str) -> None:
        run = await client.beta.threads.runs.poll(run_id=run_id, thread_id=thread_id)
        seen.append(run.status)
        submitted = await client.beta.threads.runs.submit_tool_outputs_and_poll(
            run_id=run_id, thread_id=thread_id, tool_outputs=answers(run)
        )
        seen.append(submitted.status)

    with opened(tool_calls(tool_call("f"), tool_call("g")), reply("Done.")) as fake:
        client = connect(fake, mode)
        thread_id = await asked(client)
        log: list[str] = []
        watcher = handler(mode, on_tool_call_done=done, on_event=lambda self, event: log.append(event.event))
        manager = client.beta.threads.runs.stream(thread_id=thread_id, assistant_id=ASSISTANT, event_handler=watcher)
        async with entered(manager) as stream:
            await got(stream.until_done())
        assert seen == ["requires_action", "completed"]
        assert log[-1] == "thread.run.requires_action"
        assert log.count("thread.run.requires_action") == 1


@each_mode
async def test_an_exception_of_a_callback_is_told_and_the_stream_is_closed(mode: str) -> None:
    log: list[Any] = []

    def burst(self: Any, *values: Any) -> None:
        raise KeyError("mine")

    watcher = handler(
        mode,
        on_text_delta=burst,
        on_exception=lambda self, error: log.append(error),
        on_end=lambda self: log.append("end"),
    )
    with opened(reply("One two")) as fake:
        client = connect(fake, mode)
        thread_id = await asked(client)
        manager = client.beta.threads.runs.stream(thread_id=thread_id, assistant_id=ASSISTANT, event_handler=watcher)
        with pytest.raises(KeyError, match="mine") as raised:
            async with entered(manager) as stream:
                await got(stream.until_done())
        assert log == [raised.value, "end"]
        assert fake.thread(thread_id).runs[0].status == "in_progress"
        fake.clock.advance(10)
        assert fake.thread(thread_id).messages[-1].text == "One two"


@each_mode
async def test_a_handler_serves_one_stream(mode: str) -> None:
    with opened(reply("One"), reply("Two")) as fake:
        client = connect(fake, mode)
        watcher = handler(mode)
        for attempt in range(2):
            manager = client.beta.threads.runs.stream(
                thread_id=await asked(client), assistant_id=ASSISTANT, event_handler=watcher
            )
            if attempt:
                with pytest.raises(RuntimeError, match="cannot be shared between multiple streams"):
                    async with entered(manager) as stream:
                        pass
            else:
                async with entered(manager) as stream:
                    await got(stream.until_done())


def test_the_golden_table_fires_every_callback() -> None:
    fired_somewhere = {f"on_{name}" for _, expected in GOLDEN.values() for name in expected.split()}
    assert set(CALLBACKS) - fired_somewhere == {"on_event", "on_exception", "on_timeout"}
