"""The fake beside what else patches HTTP, sockets, time and chance in the same session."""

import datetime
import importlib
import random
import socket
from pathlib import Path
from typing import Any

import pytest

from openai_fake import OpenAIFake
from tests.counts import FULL
from tests.plain_client import answer, new_thread
from tests.transport_kit import HAS_HTTPX2

ROOT = Path(__file__).parents[1]
ELSEWHERE = "https://elsewhere.test/page"
NEW_YEAR = datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)


def needed(module: str) -> Any:
    """A neighbour, or a skip where it is not installed."""
    return pytest.importorskip(module, reason=f"{module} is not installed")


def page(library: str = "httpx") -> str:
    """What the neighbour answers for another host."""
    return str(importlib.import_module(library).get(ELSEWHERE).text)


def ours_and_theirs(library: str = "httpx") -> None:
    """Both do their work, in turn and more than once."""
    for _ in range(2):
        assert answer("Hi")
        assert page(library) == "theirs"


@pytest.mark.parametrize("order", [("respx_mock", "openai_fake"), ("openai_fake", "respx_mock")], ids=" then ".join)
def test_respx_in_either_order(order: tuple[str, str], request: pytest.FixtureRequest) -> None:
    needed("respx")
    fixtures = {name: request.getfixturevalue(name) for name in order}
    fixtures["respx_mock"].get(ELSEWHERE).respond(text="theirs")
    ours_and_theirs()


def test_pytest_httpx_started_first(httpx_mock: Any, openai_fake: OpenAIFake) -> None:
    httpx_mock.add_response(url=ELSEWHERE, text="theirs", is_reusable=True)
    ours_and_theirs()
    assert len(httpx_mock.get_requests()) == 2 and openai_fake.calls.count == 10


@pytest.mark.httpx_mock(should_mock=lambda request: request.url.host != "api.openai.com")
def test_pytest_httpx_started_later_lets_through_what_it_is_told_to(openai_fake: OpenAIFake, httpx_mock: Any) -> None:
    httpx_mock.add_response(url=ELSEWHERE, text="theirs", is_reusable=True)
    ours_and_theirs()


def test_pytest_httpx_started_later_leaves_injected_transports_alone(openai_fake: OpenAIFake, httpx_mock: Any) -> None:
    httpx_mock.add_response(url=ELSEWHERE, text="theirs")
    assert answer("Hi", client=openai_fake.http_client("httpx")) and page() == "theirs"


@pytest.mark.skipif(not HAS_HTTPX2, reason="httpx2 is not installed")
@pytest.mark.parametrize("order", [("httpx2_mock", "openai_fake"), ("openai_fake", "httpx2_mock")], ids=" then ".join)
def test_pytest_httpx2_in_either_order(order: tuple[str, str], request: pytest.FixtureRequest) -> None:
    needed("pytest_httpx2")
    fixtures = {name: request.getfixturevalue(name) for name in order}
    fixtures["httpx2_mock"].get(ELSEWHERE).respond(text="theirs")
    ours_and_theirs("httpx2")
    with importlib.import_module("httpx2").Client() as client:
        assert new_thread(client) in fixtures["openai_fake"].threads


@pytest.mark.skipif(not HAS_HTTPX2, reason="httpx2 is not installed")
@pytest.mark.parametrize("order", [("httpx2_mock", "openai_fake"), ("openai_fake", "httpx2_mock")], ids=" then ".join)
async def test_pytest_httpx2_answers_for_the_rest_of_the_api(
    order: tuple[str, str], request: pytest.FixtureRequest
) -> None:
    needed("pytest_httpx2")
    fixtures = {name: request.getfixturevalue(name) for name in order}
    fixtures["httpx2_mock"].post("https://api.openai.com/v1/chat/completions").respond(json={"id": "chatcmpl-1"})
    httpx2 = importlib.import_module("httpx2")
    with httpx2.Client() as client:
        assert client.post("https://api.openai.com/v1/chat/completions", json={}).json() == {"id": "chatcmpl-1"}
        assert new_thread(client) in fixtures["openai_fake"].threads
    async with httpx2.AsyncClient() as client:
        answered = await client.post("https://api.openai.com/v1/chat/completions", json={})
        assert answered.json() == {"id": "chatcmpl-1"}


def test_vcrpy_opened_first(tmp_path: Path) -> None:
    vcr = needed("vcr")
    with vcr.use_cassette(str(tmp_path / "tape.yaml"), record_mode="none") as tape, OpenAIFake() as fake:
        assert answer("Hi") and fake.calls.count == 5
        with pytest.raises(vcr.errors.CannotOverwriteExistingCassetteException):
            page()
        assert tape.play_count == 0 and not tape.dirty


def test_vcrpy_opened_later_lies_on_top_of_us_but_not_of_injected_transports(
    openai_fake: OpenAIFake, tmp_path: Path
) -> None:
    vcr = needed("vcr")
    with vcr.use_cassette(str(tmp_path / "tape.yaml"), record_mode="none"):
        with pytest.raises(vcr.errors.CannotOverwriteExistingCassetteException):
            answer("Hi")
        assert answer("Hi", client=openai_fake.http_client("httpx")) and openai_fake.calls.count == 5


@pytest.mark.disable_socket
@pytest.mark.filterwarnings("ignore:A test tried to use socket")
def test_pytest_socket_has_nothing_to_forbid(openai_fake: OpenAIFake) -> None:
    blocked = needed("pytest_socket").SocketBlockedError
    assert answer("Hi")
    with pytest.raises(blocked):
        socket.socket()


@pytest.mark.parametrize("neighbour", ["freezegun", "time_machine"])
@pytest.mark.parametrize("order", ["frozen first", "fake first"])
def test_frozen_time_and_virtual_time_go_on_side_by_side(neighbour: str, order: str) -> None:
    module = needed(neighbour)

    def frozen() -> Any:
        if neighbour == "freezegun":
            return module.freeze_time(NEW_YEAR)
        return module.travel(NEW_YEAR, tick=False)

    def converse(fake: OpenAIFake) -> None:
        began = fake.clock.now
        assert answer("Hi") and fake.clock.now == began + 3
        assert datetime.datetime.now(datetime.UTC) == NEW_YEAR

    if order == "frozen first":
        with frozen(), OpenAIFake(start="now") as fake:
            assert fake.clock.start == NEW_YEAR.timestamp()
            converse(fake)
    else:
        with OpenAIFake() as fake, frozen():
            converse(fake)
            assert fake.clock.start != NEW_YEAR.timestamp()


async def test_an_event_loop_goes_on_while_time_is_frozen(openai_fake: OpenAIFake) -> None:
    with needed("freezegun").freeze_time(NEW_YEAR):
        async with openai_fake.async_http_client("httpx") as client:
            headers = {"OpenAI-Beta": "assistants=v2"}
            made = await client.post("https://api.openai.com/v1/threads", headers=headers)
    assert made.json()["id"] in openai_fake.threads


def test_chance_is_left_as_it_was(openai_fake: OpenAIFake) -> None:
    state = random.getstate()
    assert answer("Hi")
    assert random.getstate() == state


SUITE = """
import json, os, pytest
from pathlib import Path
from openai_fake import OpenAIFake, reply, tool_call
from tests.plain_client import answer, new_thread, send

def told(fake, number):
    found = {thread: [message.text for message in fake.thread(thread).messages] for thread in fake.threads}
    story = [found, list(fake.assistants), [repr(call) for call in fake.calls], fake.clock.now, fake.transcript()]
    (Path(os.environ["TOLD"]) / f"{number}.json").write_text(json.dumps(story))

@pytest.mark.parametrize("number", range(COUNT // 4))
def test_fixture(openai_fake, number):
    for turn in range(number % 5): openai_fake.reply(f"{turn} of {number}")
    for turn in range(number % 5 + 1): answer(f"Question {turn}")
    told(openai_fake, f"fixture {number}")

@pytest.mark.openai_fake(seed=7, polls=0)
@pytest.mark.parametrize("number", range(COUNT // 4))
def test_tools(openai_fake, number):
    openai_fake.script(tool_call("add", number=number), times=None)
    assistant = openai_fake.add_assistant(f"asst_{number}").id
    thread = new_thread()
    send("POST", f"/threads/{thread}/messages", {"role": "user", "content": "Hi"})
    run = send("POST", f"/threads/{thread}/runs", {"assistant_id": assistant})["id"]
    send("GET", f"/threads/{thread}/runs/{run}")
    openai_fake.clock.advance(number * 10)
    told(openai_fake, f"tools {number}")

@OpenAIFake()
@pytest.mark.parametrize("number", range(COUNT // 4))
def test_decorated(fake, number):
    answer(str(number))
    told(fake, f"decorated {number}")

@pytest.mark.parametrize("number", range(COUNT // 4))
def test_some_fail(openai_fake, number):
    if number % 3 == 0: openai_fake.reply("never")
    if number % 12 == 1: assert answer("Hi") == "something else"
    told(openai_fake, f"failing {number}")
"""
OUTCOMES = """
import json, os
from pathlib import Path

def pytest_runtest_logreport(report):
    if os.environ.get("PYTEST_XDIST_WORKER") is None and report.when == "call":
        with (Path(os.environ["TOLD"]) / "outcomes").open("a") as file:
            file.write(json.dumps([report.nodeid, report.outcome, report.sections]) + "\\n")
"""


def test_every_order_and_any_number_of_workers_give_the_same_results_and_ids(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    needed("pytest_randomly")
    # A plain run stays in this process, and so with one worker.
    tests, run = (200, pytester.runpytest_subprocess) if FULL else (24, pytester.runpytest_inprocess)
    orders = [("-p", "no:randomly"), *(("--randomly-seed", str(seed)) for seed in range(1, 6 if FULL else 3))]
    if FULL:
        orders.append(("-n", "4"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    pytester.makeconftest(OUTCOMES)
    pytester.makepyfile(test_suite=SUITE.replace("COUNT", str(tests)))
    results, sequences = [], set()
    for number, order in enumerate(orders):
        folder = pytester.mkdir(f"told{number}")
        monkeypatch.setenv("TOLD", str(folder))
        done = run("-p", "conftest_plugin", "-q", "-oasyncio_default_fixture_loop_scope=function", *order)
        done.stdout.fnmatch_lines(["*failed, *passed*"])
        lines = (folder / "outcomes").read_text("utf-8").splitlines()
        sequences.add(tuple(line.partition(",")[0] for line in lines))
        files = {path.name: path.read_text("utf-8") for path in folder.glob("*.json")}
        assert len(lines) == tests and len(files) > tests * 0.9
        results.append((sorted(lines), files))
    assert all(result == results[0] for result in results)
    assert len(sequences) == len(orders)
