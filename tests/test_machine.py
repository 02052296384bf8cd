"""Whatever a client does, in whatever order: a state machine walks the whole API beside a plain reference model."""

import json
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from openai_fake import (
    code_interpreter,
    expire,
    fail,
    file_search,
    incomplete,
    refusal,
    reply,
    tool_call,
    usage,
    wait,
)
from openai_fake.routing import Call
from openai_fake.states import ACCEPTS, FINAL, WAITING
from tests.counts import examples
from tests.kit import BETA, api, path_of
from tests.machine_model import Model

NOTHING = "Run creation requires a Thread with a user message or an assistant with instructions."

texts = st.text(max_size=12)
acts = st.one_of(
    st.builds(reply, texts),
    st.builds(refusal, texts),
    st.builds(tool_call, st.sampled_from(["f", "g"]), st.just({"a": 1})),
    st.lists(st.builds(tool_call, st.sampled_from(["f", "g"])), min_size=1, max_size=3).map(tuple),
    st.builds(code_interpreter, texts, logs=st.none() | texts),
    st.builds(file_search),
    st.builds(wait, st.sampled_from([0, 0.5, 3, 250, 700])),
    st.builds(fail, st.sampled_from(["server_error", "rate_limit_exceeded"]), texts),
    st.builds(incomplete, st.just("max_completion_tokens"), texts),
    st.builds(expire),
    st.builds(usage, st.integers(0, 9), st.integers(0, 9)),
)


class Walk(RuleBasedStateMachine):
    """A client that does anything it can."""

    def __init__(self) -> None:
        super().__init__()
        self.it = api(assert_all_played=False)
        self.fake = self.it.fake
        self.model = Model(self.it)
        self.streams: list[Any] = []
        self.create_assistant("Help.")
        self.create_thread(1)

    def thread(self, number: int) -> str:
        return self.model.threads[number % len(self.model.threads)]

    def run_of(self, number: int) -> Any:
        runs = [run for run in self.model.runs.values() if run["thread_id"] in self.model.threads]
        return runs[number % len(runs)] if runs else None

    @rule(script=st.lists(acts, max_size=4), generator=st.booleans())
    def script_a_run(self, script: list[Any], generator: bool) -> None:
        if not generator:
            self.fake.script(*script) if script else self.fake.script(lambda run: [])
            return

        def play(run: Any) -> Any:
            for act in script:
                yield act

        self.fake.script(play)

    @rule(instructions=st.none() | st.just("Help."))
    def create_assistant(self, instructions: str | None) -> None:
        self.model.assistants[self.model.born(self.it.assistant(instructions=instructions))] = instructions

    @rule(count=st.integers(0, 3))
    def create_thread(self, count: int) -> None:
        thread = self.model.born(self.it.thread(*["Hello!"] * count))
        self.model.threads.append(thread)
        assert self.model.saw_messages(thread) == count

    @rule(number=st.integers(0, 9), role=st.sampled_from(["user", "assistant"]))
    def add_a_message(self, number: int, role: str) -> None:
        thread = self.thread(number)
        body = {"role": role, "content": "More."}
        lock = self.model.active(thread)
        if lock is None:
            self.it.ok("POST", f"/threads/{thread}/messages", body)
            assert self.model.saw_messages(thread) == 1
            return
        _, told, *_ = self.it.refused("POST", f"/threads/{thread}/messages", body)
        assert told == f"Can't add messages to {thread} while a run {lock} is active."

    @rule(number=st.integers(0, 9), which=st.integers(0, 9), delete=st.booleans())
    def change_a_message(self, number: int, which: int, delete: bool) -> None:
        thread = self.thread(number)
        if not self.model.messages[thread]:
            return
        id = list(self.model.messages[thread])[which % len(self.model.messages[thread])]
        if delete:
            self.it.ok("DELETE", f"/threads/{thread}/messages/{id}")
            del self.model.messages[thread][id]
        else:
            changed = self.it.ok("POST", f"/threads/{thread}/messages/{id}", {"metadata": {"k": "v"}})
            assert changed["metadata"] == {"k": "v"}

    @rule(number=st.integers(0, 9), more=st.integers(0, 2), stream=st.booleans())
    def create_run(self, number: int, more: int, stream: bool) -> None:
        thread = self.thread(number)
        additional = [{"role": "user", "content": "And?"}] * more
        assistant, instructions = next(iter(self.model.assistants.items()))
        body = {"assistant_id": assistant, "additional_messages": additional, "stream": stream}
        lock = self.model.active(thread)
        if lock is not None:
            _, told, *_ = self.it.refused("POST", f"/threads/{thread}/runs", body)
            assert told == f"Thread {thread} already has an active run {lock}."
            return
        if not (instructions or more or "user" in self.model.messages[thread].values()):
            _, told, *_ = self.it.refused("POST", f"/threads/{thread}/runs", body)
            assert told == NOTHING
            return
        if stream:
            self.streams.append(self.open_stream(f"/threads/{thread}/runs", body))
        else:
            self.model.was_shown(self.it.ok("POST", f"/threads/{thread}/runs", body))
        assert self.model.saw_messages(thread) == more

    @rule(asked=st.booleans())
    def create_thread_and_run(self, asked: bool) -> None:
        messages = [{"role": "user", "content": "Hello!"}] * asked
        assistant, instructions = next(iter(self.model.assistants.items()))
        body = {"assistant_id": assistant, "thread": {"messages": messages}}
        if not (asked or instructions):
            _, told, *_ = self.it.refused("POST", "/threads/runs", body)
            assert told == NOTHING
            return
        run = self.it.ok("POST", "/threads/runs", body)
        self.model.threads.append(self.model.born(run["thread_id"]))
        assert self.model.saw_messages(run["thread_id"]) == asked
        self.model.was_shown(run)

    @rule(number=st.integers(0, 9))
    def poll(self, number: int) -> None:
        run = self.run_of(number)
        if run is not None:
            shown = self.model.shown.get(run["id"])
            seen = self.it.poll(run)
            self.model.was_shown(seen)
            assert seen["status"] != shown or shown not in WAITING, "a poll waits for what it has not seen yet"

    @rule(number=st.integers(0, 9))
    def cancel(self, number: int) -> None:
        self.ask(number, "cancel", "cancel", "Cannot cancel run with status '{}'.")

    @rule(number=st.integers(0, 9))
    def update_run(self, number: int) -> None:
        self.ask(number, "update", "", "Cannot update run with status '{}'.", {"metadata": {"a": "b"}})

    @rule(number=st.integers(0, 9), stream=st.booleans(), wrong=st.booleans())
    def submit(self, number: int, stream: bool, wrong: bool) -> None:
        run = self.run_of(number)
        if run is None:
            return
        action = run["required_action"] or {"submit_tool_outputs": {"tool_calls": [{"id": "call_x"}]}}
        ids = [call["id"] for call in action["submit_tool_outputs"]["tool_calls"]]
        sent = ids[:-1] if wrong else ids
        body = {"tool_outputs": [{"tool_call_id": id, "output": "1"} for id in reversed(sent)], "stream": stream}
        path = f"{path_of(run)}/submit_tool_outputs"
        if wrong and run["status"] == "requires_action":
            _, told, *_ = self.it.refused("POST", path, body)
            assert told == f"Expected tool outputs for call_ids {ids}, got {sent[::-1]}"
        elif stream and run["status"] == "requires_action":
            self.streams.append(self.open_stream(path, body))
            self.model.shown.pop(run["id"], None)
        else:
            told = 'Runs in status "{}" do not accept tool outputs.'
            self.ask(number, "submit", "submit_tool_outputs", told, body)

    def ask(self, number: int, what: str, where: str, refusal: str, body: Any = None) -> None:
        """A request that a run accepts in some statuses only."""
        run = self.run_of(number)
        if run is None:
            return
        path = f"{path_of(run)}/{where}".rstrip("/")
        if run["status"] in ACCEPTS[what]:
            self.model.was_shown(self.it.ok("POST", path, body))
        else:
            status, told, *_ = self.it.refused("POST", path, body)
            assert (status, told) == (400, refusal.format(run["status"]))

    def open_stream(self, path: str, body: Any) -> Any:
        reply = self.fake._gate.answer(Call("POST", "api.openai.com", path, (), BETA, json.dumps(body).encode()))
        assert reply.status == 200
        return reply.body

    @precondition(lambda self: self.streams)
    @rule(number=st.integers(0, 9), events=st.integers(1, 9), close=st.booleans())
    def read_a_stream(self, number: int, events: int, close: bool) -> None:
        stream = self.streams[number % len(self.streams)]
        for _ in range(events):
            if next(stream, None) is None:
                self.streams.remove(stream)
                return
        if close:
            stream.close()
            self.streams.remove(stream)

    @rule(seconds=st.sampled_from([0, 0.5, 1, 10, 300, 601]))
    def let_time_pass(self, seconds: float) -> None:
        self.fake.clock.advance(seconds)

    @rule(number=st.integers(0, 9))
    def let_the_next_thing_happen(self, number: int) -> None:
        run = self.run_of(number)
        if run is not None:
            self.fake.play_next(run["id"])

    @precondition(lambda self: len(self.model.threads) > 2)
    @rule(number=st.integers(0, 9))
    def delete_a_thread(self, number: int) -> None:
        thread = self.thread(number)
        self.it.ok("DELETE", f"/threads/{thread}")
        self.model.threads.remove(thread)
        status, told, *_ = self.it.refused("GET", f"/threads/{thread}/messages")
        assert (status, told) == (404, f"No thread found with id '{thread}'.")

    @precondition(lambda self: len(self.model.assistants) > 1)
    @rule()
    def delete_an_assistant(self) -> None:
        id = next(iter(self.model.assistants))
        del self.model.assistants[id]
        self.it.ok("DELETE", f"/assistants/{id}")
        status, told, *_ = self.it.refused("GET", f"/assistants/{id}")
        assert (status, told) == (404, f"No assistant found with id '{id}'.")

    @invariant()
    def everything_keeps_to_the_laws(self) -> None:
        self.model.look_at_everything()
        assert self.fake._world.misuses == []

    def teardown(self) -> None:
        """However it was left, every run comes to an end, ten minutes after its creation at the latest."""
        self.fake.clock.advance(700)
        self.model.look_at_everything()
        assert all(run["status"] in FINAL for run in self.model.runs.values() if run["thread_id"] in self.model.threads)


def test_whatever_a_client_does_the_world_keeps_to_its_laws() -> None:
    run_state_machine_as_test(
        Walk,
        settings=settings(max_examples=examples(), stateful_step_count=30, suppress_health_check=list(HealthCheck)),
    )
