"""Skipped sleeps move the clock and are written down; everybody else's stay real; nothing is left behind."""

import asyncio
import importlib
import subprocess
import sys
import threading
import time
import types
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractContextManager, ExitStack
from time import sleep as sleep_by_name

import anyio
import pytest

from openai_fake.sleeping import Advances, skip_sdk_sleeps, skip_sleep
from tests.counts import count

Skip = Callable[[Advances, list[float]], AbstractContextManager[None]]
Nap = Callable[[float], Coroutine[None, None, None]]
LONG = 3600.0


class Clock:
    """As much of a clock as a sleep needs."""

    def __init__(self) -> None:
        self.now = 0.0

    def advance(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def names_in_place() -> dict[str, object]:
    names: dict[str, object] = {
        f"{module.__name__}.sleep": module.sleep for module in (time, asyncio, anyio, asyncio.tasks)
    }
    names["by name"] = sleep_by_name
    for name in ("openai._base_client", "openai._resource"):
        module = importlib.import_module(name)
        names |= {f"{name}.{attribute}": vars(module)[attribute] for attribute in ("time", "anyio")}
    return names


BEFORE = names_in_place()


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    yield
    now = names_in_place()
    assert not [name for name in BEFORE if now[name] is not BEFORE[name]]


def sdk_sleep(seconds: float) -> None:
    resource = importlib.import_module("openai._resource")
    resource.SyncAPIResource._sleep(None, seconds)


async def sdk_sleep_async(seconds: float) -> None:
    resource = importlib.import_module("openai._resource")
    await resource.AsyncAPIResource._sleep(None, seconds)


def time_sleep(seconds: float) -> None:
    time.sleep(seconds)


def named_sleep(seconds: float) -> None:
    sleep_by_name(seconds)


async def asyncio_sleep(seconds: float) -> None:
    await asyncio.sleep(seconds)


async def anyio_sleep(seconds: float) -> None:
    await anyio.sleep(seconds)


BLOCKING = [
    pytest.param(skip_sleep, time_sleep, id="time.sleep"),
    pytest.param(skip_sleep, named_sleep, id="sleep imported by name"),
    pytest.param(skip_sdk_sleeps, sdk_sleep, id="the SDK's"),
]
AWAITABLE = [
    pytest.param(skip_sleep, asyncio_sleep, id="asyncio.sleep"),
    pytest.param(skip_sleep, anyio_sleep, id="anyio.sleep"),
    pytest.param(skip_sdk_sleeps, sdk_sleep_async, id="the SDK's"),
]
both = pytest.mark.parametrize("skip", [skip_sleep, skip_sdk_sleeps])


@pytest.mark.parametrize(("skip", "sleep"), BLOCKING)
def test_a_blocking_sleep_moves_the_clock(skip: Skip, sleep: Callable[[float], None], clock: Clock) -> None:
    sleeps: list[float] = []
    with skip(clock, sleeps):
        sleep(LONG)
        sleep(0)
        sleep(0.5)
    assert sleeps == [LONG, 0.5]
    assert clock.now == LONG + 0.5


@pytest.mark.parametrize(("skip", "sleep"), AWAITABLE)
async def test_an_awaited_sleep_moves_the_clock_and_lets_others_run(skip: Skip, sleep: Nap, clock: Clock) -> None:
    sleeps: list[float] = []
    seen: list[str] = []

    async def other() -> None:
        seen.append("other")

    with skip(clock, sleeps):
        task = asyncio.create_task(other())
        await sleep(LONG)
        seen.append("slept")
    await task
    assert (seen, sleeps, clock.now) == (["other", "slept"], [LONG], LONG)


@pytest.mark.parametrize(("skip", "sleep"), [AWAITABLE[1], AWAITABLE[2]])
def test_the_clock_moves_under_trio_too(skip: Skip, sleep: Nap, clock: Clock) -> None:
    with skip(clock, []):
        anyio.run(sleep, LONG, backend="trio")
    assert clock.now == LONG


async def test_a_skipped_asyncio_sleep_gives_its_result_and_may_be_a_task(clock: Clock) -> None:
    with skip_sleep(clock, []):
        assert await asyncio.sleep(LONG, "done") == "done"
        assert await asyncio.sleep(delay=LONG, result="done") == "done"
        together = await asyncio.gather(asyncio.sleep(LONG, 1), asyncio.create_task(asyncio.sleep(LONG, 2)))
        assert list(together) == [1, 2]
    assert clock.now == 4 * LONG


@pytest.mark.parametrize(("skip", "sleep"), BLOCKING)
def test_what_is_no_length_is_refused_as_ever(skip: Skip, sleep: Callable[[object], None], clock: Clock) -> None:
    sleeps: list[float] = []
    with skip(clock, sleeps):
        for wrong, error in [(-1, ValueError), (float("nan"), ValueError), (float("inf"), OverflowError)]:
            with pytest.raises(error):
                sleep(wrong)
        with pytest.raises(TypeError):
            sleep("1")
    assert (sleeps, clock.now) == ([], 0)


def test_a_negative_anyio_sleep_is_refused_under_trio(clock: Clock) -> None:
    with skip_sleep(clock, []), pytest.raises(ValueError, match=r"non-negative|past"):
        anyio.run(anyio_sleep, -1, backend="trio")


def test_a_sleep_before_and_after_is_real(clock: Clock) -> None:
    for skip in (skip_sleep, skip_sdk_sleeps):
        with skip(clock, []):
            pass
    started = time.monotonic()
    time_sleep(0.02)
    sdk_sleep(0.02)
    assert time.monotonic() - started >= 0.039
    assert clock.now == 0


def module_called(name: str) -> Callable[[float], None]:
    """A function that sleeps, as if it stood in a module of that name."""
    namespace: dict[str, object] = {"__name__": name, "time": time}
    exec("def nap(seconds):\n    time.sleep(seconds)", namespace)
    nap = namespace["nap"]
    assert callable(nap)
    return nap


@pytest.mark.parametrize("name", ["threading", "asyncio.base_events", "subprocess", "concurrent.futures.thread"])
def test_the_standard_library_sleeps_for_real(name: str, clock: Clock) -> None:
    nap = module_called(name)
    with skip_sleep(clock, []):
        started = time.monotonic()
        nap(0.02)
        assert time.monotonic() - started >= 0.019
    assert clock.now == 0


@pytest.mark.parametrize("name", ["app", "app.asyncio", "threading_tools", "__main__"])
def test_the_callers_code_does_not(name: str, clock: Clock) -> None:
    with skip_sleep(clock, []):
        module_called(name)(LONG)
    assert clock.now == LONG


def test_waiting_for_a_process_a_thread_or_a_task_still_waits(clock: Clock) -> None:
    async def first_of_two() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), timeout=0.02)

    with skip_sleep(clock, []):
        process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(0.1)"])
        assert process.wait(timeout=60) == 0
        assert not threading.Event().wait(timeout=0.02)
        thread = threading.Thread(target=time.sleep, args=(0.02,))
        thread.start()
        thread.join()
        asyncio.run(first_of_two())
    assert clock.now == 0


def test_the_sdk_patch_leaves_the_callers_sleep_alone(clock: Clock) -> None:
    with skip_sdk_sleeps(clock, []):
        time_sleep(0.001)
        asyncio.run(asyncio_sleep(0.001))
        assert importlib.import_module("openai._base_client").time.monotonic is time.monotonic
    assert clock.now == 0


def test_with_both_open_a_sleep_of_the_sdk_counts_once(clock: Clock) -> None:
    sleeps: list[float] = []
    with skip_sleep(clock, sleeps), skip_sdk_sleeps(clock, sleeps):
        sdk_sleep(LONG)
        asyncio.run(sdk_sleep_async(LONG))
    with skip_sdk_sleeps(clock, sleeps), skip_sleep(clock, sleeps):
        sdk_sleep(LONG)
        asyncio.run(sdk_sleep_async(LONG))
    assert sleeps == [LONG] * 4
    assert clock.now == 4 * LONG


@both
def test_nested_blocks_move_the_inner_clock(skip: Skip, clock: Clock) -> None:
    sleep = time_sleep if skip is skip_sleep else sdk_sleep
    inner = Clock()
    with skip(clock, []):
        sleep(1)
        with skip(inner, []):
            sleep(2)
        sleep(4)
    assert (clock.now, inner.now) == (5, 2)


@both
def test_blocks_may_close_in_any_order(skip: Skip, clock: Clock) -> None:
    sleep = time_sleep if skip is skip_sleep else sdk_sleep
    other = Clock()
    first, second = ExitStack(), ExitStack()
    first.enter_context(skip(clock, []))
    second.enter_context(skip(other, []))
    first.close()
    sleep(LONG)
    second.close()
    assert (clock.now, other.now) == (0, LONG)


@both
@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, asyncio.CancelledError, GeneratorExit])
def test_every_way_out_restores_the_names(skip: Skip, error: type[BaseException], clock: Clock) -> None:
    with pytest.raises(error), skip(clock, []):
        assert names_in_place() != BEFORE
        raise error
    assert names_in_place() == BEFORE


@both
def test_each_thread_moves_the_clock_it_has_opened(skip: Skip) -> None:
    sleep = time_sleep if skip is skip_sleep else sdk_sleep
    rounds, wrong = count(5, 120), list[object]()

    def work(step: int) -> None:
        for _ in range(rounds):
            clock, sleeps = Clock(), list[float]()
            with skip(clock, sleeps):
                sleep(LONG + step)
            if sleeps != [LONG + step] or clock.now != LONG + step:
                wrong.append(sleeps)

    threads = [threading.Thread(target=work, args=(step,)) for step in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_thread_that_opened_nothing_moves_the_innermost_clock(clock: Clock) -> None:
    with skip_sleep(Clock(), []), skip_sleep(clock, []):
        thread = threading.Thread(target=time_sleep, args=(LONG,))
        thread.start()
        thread.join()
    assert clock.now == LONG


def test_somebody_elses_patch_on_top_is_left_alone(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    naps: list[float] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "sleep", naps.append)
        with skip_sleep(clock, []):
            time_sleep(LONG)
        time_sleep(1)
        with skip_sleep(clock, []):
            patch.setattr(time, "sleep", naps.append)
        time_sleep(2)
    # It puts back what it found: our stand-in, which is passive now, and at work again in the next block.
    try:
        time_sleep(0.001)
        with skip_sleep(clock, []):
            time_sleep(LONG)
    finally:
        monkeypatch.undo()
    assert clock.now == 2 * LONG
    assert naps[:1] == [0] and naps[-2:] == [1, 2]


def test_a_module_imported_inside_the_block_keeps_no_stand_in(clock: Clock) -> None:
    late = types.ModuleType("openai_fake_test_late")
    sys.modules[late.__name__] = late
    try:
        with skip_sleep(clock, []):
            exec("from time import sleep\ndef nap(seconds): sleep(seconds)", vars(late))
            late.nap(LONG)
        assert vars(late)["sleep"] is time.sleep
    finally:
        del sys.modules[late.__name__]
    assert clock.now == LONG


def test_the_back_off_of_a_client_can_be_asserted(clock: Clock) -> None:
    openai = importlib.import_module("openai")
    http = importlib.import_module("httpx2" if int(openai.__version__.partition(".")[0]) >= 3 else "httpx")
    tried = list[object]()

    def refuse(request: object) -> object:
        tried.append(request)
        raise http.ConnectError("refused")

    async def ask() -> None:
        async with http.AsyncClient(transport=http.MockTransport(refuse)) as sender:
            await openai.AsyncOpenAI(api_key="none", http_client=sender, max_retries=2).models.list()

    sleeps: list[float] = []
    with skip_sdk_sleeps(clock, sleeps):
        with http.Client(transport=http.MockTransport(refuse)) as sender, pytest.raises(openai.APIConnectionError):
            openai.OpenAI(api_key="none", http_client=sender, max_retries=2).models.list()
        with pytest.raises(openai.APIConnectionError):
            asyncio.run(ask())
    assert len(tried) == 6
    assert len(sleeps) == 4 and all(0.3 < seconds <= 2 for seconds in sleeps)
    assert clock.now == pytest.approx(sum(sleeps))


def run_python(program: str) -> None:
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True, timeout=120)


PRELUDE = """
import sys, time
from openai_fake.sleeping import skip_sdk_sleeps, skip_sleep
class Clock:
    now = 0
    def advance(self, seconds): self.now += seconds
clock, sleeps = Clock(), []
assert "openai" not in sys.modules
"""


def test_the_sdk_may_be_imported_inside_the_block() -> None:
    run_python(
        PRELUDE
        + "with skip_sdk_sleeps(clock, sleeps):\n"
        + "    from openai._resource import SyncAPIResource\n"
        + "    SyncAPIResource._sleep(None, 3600)\n"
        + "assert sleeps == [3600] and clock.now == 3600"
    )


def test_without_an_sdk_nothing_is_patched() -> None:
    run_python(
        PRELUDE
        + "sys.modules['openai'] = sys.modules['anyio'] = None\n"
        + "with skip_sdk_sleeps(clock, sleeps): pass\n"
        + "with skip_sleep(clock, sleeps): time.sleep(3600)\n"
        + "assert sleeps == [3600]"
    )


def test_an_sdk_that_cannot_be_imported_says_so() -> None:
    program = PRELUDE + "sys.modules['pydantic'] = None\nwith skip_sdk_sleeps(clock, sleeps): pass"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert "ModuleNotFoundError: import of pydantic halted" in done.stderr
