"""Long threads, many threads, many callers: what a request costs when there is much around it."""

import asyncio
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from benchmarks.clients import async_sdk, sdk
from benchmarks.measure import Figure, always, in_turn
from openai_fake import OpenAIFake, reply
from openai_fake.routing import Call

HEADERS = {"openai-beta": "assistants=v2"}


def figures(quick: bool) -> Iterator[Figure]:
    """Ratios between a large world and a small one; calls a second of many callers."""
    yield from _long_threads(quick)
    yield from _many_threads(quick)
    yield from _many_callers(quick)


def ask(fake: OpenAIFake, method: str, path: str, body: object = None) -> bytes:
    """The answer to one request at the door: no client in between that would hide the difference."""
    sent = b"" if body is None else json.dumps(body).encode()
    answer = fake._gate.answer(Call(method, "api.openai.com", path, (), HEADERS, sent, path))
    assert answer.status == 200 and isinstance(answer.body, bytes), answer.body
    return answer.body


def _long_threads(quick: bool) -> Iterator[Figure]:
    rounds, calls = (1, 5) if quick else (15, 200)
    sizes = (100, 1_000, 2_000) if quick else (100, 10_000, 100_000)
    fakes = {size: _with_messages(size) for size in sizes}
    works = {
        "create a message": lambda fake: ask(
            fake, "POST", "/threads/thread_1/messages", {"role": "user", "content": "Hello"}
        ),
        "list a page": lambda fake: ask(fake, "GET", "/threads/thread_1/messages"),
        "start a run and end it": _run_once,
    }
    for name, work in works.items():
        subjects = {str(size): always(lambda fake=fake, work=work: work(fake)) for size, fake in fakes.items()}
        timings = in_turn(subjects, rounds, calls)
        for size in sizes:
            yield Figure("scale", f"{name}, {size:,} messages in the thread", timings[str(size)].median * 1e6, "µs")
        ratio = timings[str(sizes[-1])].over(timings[str(sizes[0])])
        yield Figure("scale", f"{name}: {sizes[-1]:,} messages over {sizes[0]:,}", ratio, "×", 1.3)


def _with_messages(count: int) -> OpenAIFake:
    fake = OpenAIFake(max_calls=100)
    fake.default_script(reply("Hello!"))
    fake.add_assistant("asst_1")
    fake.add_thread("thread_1")
    for number in range(count):
        ask(fake, "POST", "/threads/thread_1/messages", {"role": "user", "content": f"Message {number}"})
    return fake


def _run_once(fake: OpenAIFake) -> None:
    ask(fake, "POST", "/threads/thread_1/runs", {"assistant_id": "asst_1"})
    fake.clock.advance(5)


def _many_threads(quick: bool) -> Iterator[Figure]:
    """A conversation among thousands of others, each with a run that waits for tool outputs."""
    rounds, calls = (1, 5) if quick else (15, 200)
    count = 200 if quick else 10_000
    small, large = _with_threads(1), _with_threads(count)

    def work(fake: OpenAIFake) -> None:
        ask(fake, "POST", "/threads/thread_1/messages", {"role": "user", "content": "Hello"})
        run_id = json.loads(ask(fake, "POST", "/threads/thread_1/runs", {"assistant_id": "asst_1"}))["id"]
        for _ in range(2):
            ask(fake, "GET", f"/threads/thread_1/runs/{run_id}")

    timings = in_turn({"small": always(lambda: work(small)), "large": always(lambda: work(large))}, rounds, calls)
    name = f"a request among {count:,} idle conversations over one alone"
    yield Figure("scale", name, timings["large"].over(timings["small"]), "×", 1.10)


def _with_threads(count: int) -> OpenAIFake:
    fake = OpenAIFake(max_calls=100, start=0)
    fake.default_script(reply("Hello!"))
    fake.add_assistant("asst_1")
    fake.add_thread("thread_1")
    calls = [{"id": "call_1", "name": "get_weather", "arguments": "{}"}]
    for number in range(1, count):
        fake.add_thread(f"thread_idle{number}")
        fake.add_run(f"thread_idle{number}", status="requires_action", tool_calls=calls, expires_at=10**12)
    return fake


def _many_callers(quick: bool) -> Iterator[Figure]:
    calls = 2 if quick else 50
    with OpenAIFake() as fake:
        client = sdk()

        def talk(_: int) -> None:
            thread = client.beta.threads.create()
            for _ in range(calls):
                client.beta.threads.messages.create(thread.id, role="user", content="Hello")

        start = time.perf_counter()
        with ThreadPoolExecutor(32) as pool:
            list(pool.map(talk, range(32)))
        spent = time.perf_counter() - start
        yield Figure("scale", "calls a second of 32 threads on one fake", fake.calls.count / spent, "/s")
    with OpenAIFake() as fake:
        start = time.perf_counter()
        asyncio.run(_talk_at_once(50 if quick else 2_000))
        spent = time.perf_counter() - start
        yield Figure("scale", "calls a second of 2,000 asyncio tasks on one fake", fake.calls.count / spent, "/s")


async def _talk_at_once(tasks: int) -> None:
    async with async_sdk() as client:

        async def talk() -> None:
            thread = await client.beta.threads.create()
            await client.beta.threads.messages.create(thread.id, role="user", content="Hello")

        await asyncio.gather(*(talk() for _ in range(tasks)))
