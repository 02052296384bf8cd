"""Many threads on one fake: no id lost or given twice, no answer to the wrong caller."""

import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from openai_fake import OpenAIFake, reply, tool_call
from tests.counts import count
from tests.transport_kit import run_python

WORKERS = count(8, 32)
CALLS = count(60, 500)


FORKED = """
import os, signal, threading
from openai_fake import OpenAIFake, reply
from tests.kit import Api

fake, playing, go_on = OpenAIFake().open(), threading.Event(), threading.Event()
it = Api(fake)

@fake.script
def slow(run):
    playing.set()
    go_on.wait()
    yield reply("Hi")

run = it.run()
fake.reply("Hello!")
thread = threading.Thread(target=it.settle, args=(run,))
thread.start()
playing.wait()
pid = os.fork()
if not pid:
    signal.alarm(60)
    print(it.settle(it.run())["status"], it.poll(run)["status"], fake.clock.now > fake.clock.start)
    fake.close()
    print("closed", flush=True)
    os._exit(0)
print("child:", os.waitpid(pid, 0)[1], flush=True)
go_on.set()
thread.join()
print(it.poll(run)["status"], it.settle(it.run())["status"])
fake.close()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_process_that_is_forked_while_another_thread_is_in_a_call_goes_on_by_itself() -> None:
    done = run_python(FORKED, "-W", "ignore::DeprecationWarning")
    assert done.stderr == ""
    assert done.stdout.splitlines() == ["completed in_progress True", "closed", "child: 0", "completed completed"]


class Caller:
    """One thread's client: it knows what it has made, and checks that every answer is its own."""

    def __init__(self, fake: OpenAIFake, number: int) -> None:
        openai = pytest.importorskip("openai", reason="the openai SDK is not installed")
        self.client = openai.OpenAI(http_client=fake.http_client(), max_retries=0)
        self.name = f"caller {number}"
        self.calls = 0
        self.ids: list[str] = []
        self.beta = self.client.beta

    def talk(self) -> None:
        """Hold conversations until enough calls were made."""
        assistant = self.made(self.beta.assistants.create(model="gpt-4o", name=self.name, metadata={"by": self.name}))
        assert assistant.metadata == {"by": self.name}
        while self.calls < CALLS:
            self.converse(assistant.id)
        self.client.close()

    def made(self, thing: Any) -> Any:
        self.calls += 1
        self.ids.append(thing.id)
        return thing

    def read(self, thing: Any) -> Any:
        self.calls += 1
        return thing

    def converse(self, assistant: str) -> None:
        threads, word = self.beta.threads, f"{self.name}, call {self.calls}"
        thread = self.made(threads.create(metadata={"by": word}))
        message = self.made(threads.messages.create(thread.id, role="user", content=word))
        assert message.content[0].text.value == word
        run = self.made(threads.runs.create(thread_id=thread.id, assistant_id=assistant, metadata={"by": word}))
        while run.status != "completed":
            if run.required_action:
                (call,) = run.required_action.submit_tool_outputs.tool_calls
                assert call.function.arguments == f'{{"word":"{word}"}}'
                self.ids.append(call.id)
                outputs: Any = [{"tool_call_id": call.id, "output": word.upper()}]
                run = self.read(
                    threads.runs.submit_tool_outputs(run_id=run.id, thread_id=thread.id, tool_outputs=outputs)
                )
            else:
                run = self.read(threads.runs.retrieve(run.id, thread_id=thread.id))
            assert (run.thread_id, run.metadata) == (thread.id, {"by": word})
        answer, asked = self.read(threads.messages.list(thread.id)).data
        self.ids.append(answer.id)
        assert asked.id == message.id
        assert answer.content[0].text.value == f"You said {word.upper()}."
        assert self.read(threads.retrieve(thread.id)).metadata == {"by": word}
        for step in self.read(threads.runs.steps.list(run.id, thread_id=thread.id)).data:
            self.ids.append(step.id)


def test_many_threads_talk_to_one_fake_and_each_gets_its_own_answers() -> None:
    with OpenAIFake(max_calls=WORKERS * (CALLS + 20)) as fake:

        @fake.script(times=None)
        def repeat(run: Any) -> Any:
            (output,) = yield tool_call("shout", word=run.last_message)
            yield reply(f"You said {output}.")

        callers = [Caller(fake, number) for number in range(WORKERS)]
        start = Barrier(WORKERS)

        def go(caller: Caller) -> Caller:
            start.wait()
            caller.talk()
            return caller

        with ThreadPoolExecutor(WORKERS) as pool:
            done = list(pool.map(go, callers))
        calls = sum(caller.calls for caller in done)
        assert calls >= WORKERS * CALLS
        assert fake.calls.count == calls
        assert fake.calls.dropped == 0
        assert {call.status for call in fake.calls} == {200}
        ids = [id for caller in done for id in caller.ids]
        twice = [id for id, times in Counter(ids).items() if times > 1]
        assert twice == []
        there = {id for thread in fake.threads for id in everything(fake, thread)} | set(fake.assistants)
        calls_made = {id for id in ids if id.startswith("call_")}
        assert set(ids) - calls_made == there


def everything(fake: OpenAIFake, thread: str) -> list[str]:
    """Every id on a thread."""
    view = fake.thread(thread)
    things: list[Any] = [*view.messages, *view.runs, *view.steps]
    return [thread, *(thing.id for thing in things)]
