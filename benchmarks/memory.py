"""What a message, a run and a logged call hold in memory, beyond what they say."""

import gc
import tracemalloc
from collections.abc import Callable, Iterator

from benchmarks.clients import sdk
from benchmarks.measure import Figure
from benchmarks.scale import ask
from openai_fake import OpenAIFake, reply

TEXT = "x" * 100


def figures(quick: bool) -> Iterator[Figure]:
    """Bytes of each, beyond the bytes of their text or their bodies."""
    count = 100 if quick else 5_000
    yield Figure("memory", "a message, beyond its text", _message(count), "bytes", 4_096)
    yield Figure("memory", "a finished run with its step, message and events", _run(count // 5), "bytes")
    yield Figure("memory", "a call in the log, beyond its bodies", _call(count // 5), "bytes", 1_024)
    yield Figure("memory", "a call in a full log", _full_log(count // 5), "bytes", 64)


def _message(count: int) -> float:
    fake = OpenAIFake(max_calls=1)
    fake.add_thread("thread_1")

    def create() -> None:
        ask(fake, "POST", "/threads/thread_1/messages", {"role": "user", "content": TEXT})

    return _held(create, count) - len(TEXT)


def _run(count: int) -> float:
    fake = OpenAIFake(max_calls=1)
    fake.default_script(reply("Hello!"))
    fake.add_assistant("asst_1", instructions="You are helpful.")
    fake.add_thread("thread_1")

    def run() -> None:
        ask(fake, "POST", "/threads/thread_1/runs", {"assistant_id": "asst_1"})
        fake.clock.advance(5)

    return _held(run, count)


def _call(count: int) -> float:
    fake = OpenAIFake()
    fake.add_thread("thread_1")
    client = sdk(fake.http_client())
    held = _held(lambda: client.beta.threads.update("thread_1", metadata={"key": "value"}), count)
    last = fake.calls.last
    return held - len(last.body) - len(client.beta.threads.with_raw_response.retrieve("thread_1").content)


def _full_log(count: int) -> float:
    fake = OpenAIFake(max_calls=10)
    fake.add_thread("thread_1")
    return _held(lambda: ask(fake, "GET", "/threads/thread_1"), count)


def _held(work: Callable[[], object], count: int) -> float:
    """Bytes that one piece of work leaves behind."""
    for _ in range(count // 10 + 10):
        work()
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(count):
        work()
    gc.collect()
    held = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return held / count
