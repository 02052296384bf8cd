"""A streamed run of 1,000 deltas through the SDK: events a second, and the time to the first event."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.clients import LIBRARY, canned, sdk
from benchmarks.measure import Figure, Subject, always, in_turn
from openai_fake import OpenAIFake, reply

DELTAS = 1_000
EVENTS = {"content-type": "text/event-stream; charset=utf-8"}


def figures(quick: bool) -> Iterator[Figure]:
    """Events a second beside canned bytes; microseconds to the first event."""
    rounds, calls = (1, 1) if quick else (15, 3)
    body = _recorded_body()
    floor = sdk(LIBRARY.Client(transport=canned(body, EVENTS)))
    timings = in_turn({"floor": always(lambda: _drain(floor)), "fake": _streams(DELTAS, _drain)}, rounds, calls)
    events = body.count(b"\n\n")
    yield Figure(
        "streaming", "events a second: canned bytes over MockTransport", events / timings["floor"].median, "/s"
    )
    yield Figure("streaming", "events a second: the fake", events / timings["fake"].median, "/s")
    ratio = timings["floor"].over(timings["fake"])
    yield Figure("streaming", "events a second: the fake over canned bytes", ratio, "×", 0.7, at_least=True)
    calls = 5 if quick else 30
    lengths = (10, 1_000, 100_000)
    first = in_turn({str(length): _streams(length, _first) for length in lengths}, rounds, calls)
    for length in lengths:
        yield Figure("streaming", f"to the first event of {length:,} deltas", first[str(length)].median * 1e6, "µs")
    longest = first[str(lengths[-1])].over(first[str(lengths[0])])
    yield Figure("streaming", "to the first event: 100,000 deltas over 10", longest, "×", 1.15)


def _script(deltas: int) -> Any:
    return reply("word " * deltas, chunks=["word "] * deltas)


def _recorded_body() -> bytes:
    """What the fake itself sends for the script, as canned bytes."""
    fake = OpenAIFake()
    fake.add_assistant("asst_1")
    fake.script(_script(DELTAS))
    thread = {"messages": [{"role": "user", "content": "Go on."}]}
    with fake.http_client() as client:
        answer = client.post(
            "https://api.openai.com/v1/threads/runs",
            json={"assistant_id": "asst_1", "thread": thread, "stream": True},
            headers={"OpenAI-Beta": "assistants=v2"},
        )
    body: bytes = answer.content
    return body


def _streams(deltas: int, read: Callable[[Any], object]) -> Subject:
    act = _script(deltas)

    @contextmanager
    def opened() -> Iterator[Callable[[], object]]:
        fake = OpenAIFake()
        fake.add_assistant("asst_1")
        fake.default_script(act)
        client = sdk(fake.http_client())
        yield lambda: read(client)

    return opened


def _start(client: Any) -> Any:
    thread: Any = {"messages": [{"role": "user", "content": "Go on."}]}
    return client.beta.threads.create_and_run(assistant_id="asst_1", thread=thread, stream=True)


def _drain(client: Any) -> None:
    for _ in _start(client):
        pass


def _first(client: Any) -> None:
    stream = _start(client)
    next(iter(stream))
    stream.close()
