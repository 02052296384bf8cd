"""Every fault as the SDK shows it: what is raised, from what, after how many calls, and what is left behind."""

from typing import Any

import pytest

from openai_fake import OpenAIFake, faults, tool_call
from openai_fake.transport import library_of_sdk
from tests.counts import FULL
from tests.fault_table import TABLE, Row
from tests.sdk_kit import MAJOR, no_real_sleep, openai, talk

MODES = ("sync", "async")
CASES = [
    pytest.param(row, mode, id=f"{row.id}-{mode}")
    for number, row in enumerate(TABLE)
    for mode in (MODES if FULL else (MODES[number % 2],))
]


def test_the_table_holds_fifty_faults_and_every_public_one() -> None:
    assert len({row.fault.name for row in TABLE}) >= 50
    functions = {row.fault.name.partition("(")[0] for row in TABLE}
    # These are short for a `transport_error(…)` of the table.
    assert {*functions, "connect_timeout", "read_timeout"} == set(faults.__all__) - {"Fault"}


def name_of(error: BaseException | None) -> str | None:
    if error is None:
        return None
    kind = type(error)
    home = kind.__module__
    if home == library_of_sdk() or home.startswith(f"{library_of_sdk()}."):
        home = "lib"
    return kind.__qualname__ if home in ("openai", "builtins") else f"{home}.{kind.__qualname__}"


def ask(client: Any, row: Row, seen: list[Any]) -> Any:
    runs = client.beta.threads.runs
    where: dict[str, Any] = {"thread_id": "thread_1"}
    if row.how == "submit":
        return runs.submit_tool_outputs("run_1", **where, tool_outputs=[{"tool_call_id": "call_1", "output": "1"}])
    where["assistant_id"] = "asst_1"
    if row.how == "create":
        return runs.create(**where)
    stream = runs.create(**where, stream=True) if row.how == "stream" else runs.stream(**where)
    return read_async(stream, seen) if isinstance(client, openai.AsyncOpenAI) else read(stream, seen)


def read(stream: Any, seen: list[Any]) -> None:
    with stream as events:
        for event in events:
            seen.append(event)


async def read_async(stream: Any, seen: list[Any]) -> None:
    async with stream if hasattr(stream, "__aenter__") else await stream as events:
        async for event in events:
            seen.append(event)


@pytest.mark.parametrize(("row", "mode"), CASES)
def test_a_fault_reaches_the_caller_as_the_real_thing_did(row: Row, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    raised: BaseException | None = None
    with no_real_sleep(monkeypatch), OpenAIFake(assert_all_played=False) as fake, fake.clock.skip_sdk_sleeps():
        fake.add_assistant("asst_1")
        fake.add_thread("thread_1")
        fake.add_message("thread_1")
        fake.reply("Grüße aus Paris")
        if row.how == "submit":
            fake.script(tool_call("f"))
            fake.add_run("thread_1", "run_1", status="requires_action", tool_calls=[{"id": "call_1", "name": "f"}])
        met = fake.inject(row.fault, on="runs.*", times=row.times)
        try:
            talk(fake, mode, lambda client: ask(client, row, seen))
        except Exception as error:
            raised = error
        after = tuple(run.status for run in fake.thread("thread_1").runs)
        calls, failure = fake.calls.count, fake.calls.last.failure
    assert name_of(raised) == row.of(row.error, MAJOR)
    assert name_of(raised.__cause__ if raised else None) == row.of(row.cause, MAJOR)
    assert (calls, after, len(seen)) == (row.calls, row.runs, row.events)
    assert met.met == (calls if row.times is None else row.times)
    if row.failure:
        assert failure == row.failure
