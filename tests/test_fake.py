"""Opening and closing: a fresh world at every entry, a template that stays, and what is told at the end."""

import asyncio
import importlib
import os
import time
from typing import Any

import httpx
import pytest

from openai_fake import OpenAIFake, fail, reply, wait
from openai_fake.transport import Library
from tests.kit import BETA, Api, said
from tests.plain_client import new_thread
from tests.transport_kit import each_library


def test_every_entry_is_a_fresh_world() -> None:
    fake = OpenAIFake()
    for _ in range(3):
        with fake:
            assert list(fake.threads) == []
            assert fake.calls.count == 0
            assert Api(fake).thread("Hi") == "thread_000000000000000000000001"
            fake.clock.advance(100)


def test_it_can_be_entered_asynchronously() -> None:
    async def go() -> str:
        async with OpenAIFake() as fake:
            return Api(fake).thread()

    assert asyncio.run(go()).startswith("thread_")


def test_opening_an_open_fake_is_refused_in_words() -> None:
    with (
        OpenAIFake() as fake,
        pytest.raises(RuntimeError, match="is open already: open another one, or use fake.reset"),
    ):
        fake.open()


def test_closing_a_closed_fake_takes_nothing_from_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with OpenAIFake() as other:
        fake = OpenAIFake().open()
        fake.close()
        fake.close()
        assert (fake.is_open, other.is_open) == (False, True)
        assert "OPENAI_API_KEY" in os.environ
        new_thread()
        assert (len(other.threads), len(fake.threads)) == (1, 0)
    assert "OPENAI_API_KEY" not in os.environ


def test_scripts_given_before_entry_start_unplayed_at_every_entry() -> None:
    fake = OpenAIFake()
    fake.reply("from the template")
    fake.default_script(reply("default"))
    for _ in range(2):
        with fake:
            it = Api(fake)
            fake.reply("given inside", optional=True)
            texts = []
            for _ in range(3):
                run = it.settle(it.run())
                texts.append(said(it.messages(run["thread_id"])[-1]))
            assert texts == ["from the template", "given inside", "default"]


def test_a_reset_is_a_fresh_world_inside_an_open_fake() -> None:
    fake = OpenAIFake()
    fake.add_assistant("asst_template", instructions="Help.")
    with fake:
        fake.reply("never played")
        it = Api(fake)
        client = fake.http_client("httpx")
        it.thread("Hi")
        fake.clock.advance(9)
        fake.reset()
        assert (list(fake.assistants), list(fake.threads), fake.calls.count) == (["asst_template"], [], 0)
        assert fake.clock.now == OpenAIFake().clock.now
        assert it.thread() == "thread_000000000000000000000001"
        answer = client.get(
            "https://api.openai.com/v1/assistants/asst_template", headers={"openai-beta": "assistants=v2"}
        )
        assert answer.status_code == 200
        client.close()


@pytest.mark.parametrize("skip", ["skip_sleep", "skip_sdk_sleeps"])
def test_sleeps_that_are_skipped_over_a_reset_move_the_time_of_the_fresh_world(skip: str) -> None:
    pytest.importorskip("openai")
    client = importlib.import_module("openai._base_client")

    def sleep(seconds: float) -> None:
        time.sleep(seconds) if skip == "skip_sleep" else client.time.sleep(seconds)

    with OpenAIFake() as fake, getattr(fake.clock, skip)():
        first = fake.clock
        sleep(60)
        for _ in range(2):
            fake.reset()
            assert (fake.clock.now - fake.clock.start, fake.clock.sleeps) == (0, [])
            sleep(30)
            sleep(5)
            assert (fake.clock.now - fake.clock.start, fake.clock.sleeps) == (35, [30, 5])
        assert first.sleeps == [60]


def test_sleeps_that_were_skipped_before_the_fake_opened_are_skipped_inside() -> None:
    fake = OpenAIFake(assert_all_played=False)
    fake.script(wait(60), reply("Hi"))
    with fake.clock.skip_sleep(), fake:
        it = Api(fake)
        run = it.run()
        time.sleep(100)
        assert it.poll(run)["status"] == "completed"
        assert fake.clock.sleeps == [100]


def test_a_decorated_call_moves_no_time_but_its_own() -> None:
    fake = OpenAIFake()

    @fake
    def call(fake: OpenAIFake) -> None:
        time.sleep(100)
        assert fake.clock.sleeps == []

    with fake.clock.skip_sleep():
        call(fake=fake)
    assert fake.clock.sleeps == [100]


def test_scripts_left_unplayed_fail_the_test_when_the_fake_closes() -> None:
    with pytest.raises(AssertionError, match=r"1 script\(s\) were not played:"), OpenAIFake() as fake:
        fake.reply("Hi")


def test_unless_that_is_not_wanted() -> None:
    with OpenAIFake(assert_all_played=False) as fake:
        fake.reply("Hi")


def test_all_that_went_wrong_is_told_together() -> None:
    fake = OpenAIFake(unscripted="error").open()
    it = Api(fake)
    thread, assistant = it.thread("Hi"), it.assistant()
    assert it.send("POST", f"/threads/{thread}/runs", {"assistant_id": assistant}).status == 501
    fake.reply("never")
    with pytest.raises(AssertionError) as caught:
        fake.close()
    first, second = str(caught.value).split("\n\n")
    assert first.startswith("No script fits the run")
    assert second.startswith("1 script(s) were not played:")


@pytest.mark.parametrize("error", [ValueError, AssertionError, KeyboardInterrupt, SystemExit, asyncio.CancelledError])
def test_nothing_is_added_where_the_test_has_failed_already(error: type[BaseException]) -> None:
    with pytest.raises(error, match="the test's own"), OpenAIFake() as fake:
        fake.reply("Hi")
        raise error("the test's own")


def test_nor_in_an_asynchronous_test() -> None:
    async def go() -> None:
        async with OpenAIFake() as fake:
            fake.reply("Hi")
            raise ValueError("the test's own")

    with pytest.raises(ValueError, match="the test's own"):
        asyncio.run(go())


@pytest.mark.parametrize("path", ["/openai/assistants", "/openai/files", "/openai/threads/t/runs"])
@pytest.mark.parametrize("outer", ["east", "west"])
def test_of_nested_fakes_the_one_that_names_the_address_answers(outer: str, path: str) -> None:
    inner = {"east": "west", "west": "east"}[outer]
    fakes = {name: OpenAIFake(base_urls=[f"https://{name}.openai.azure.com/openai"]) for name in ("east", "west")}
    with fakes[outer], fakes[inner], httpx.Client() as http:
        for name in ("east", "west", "north"):
            http.get(f"https://{name}.openai.azure.com{path}?api-version=1", headers=BETA)
    hosts = {name: [call.host.partition(".")[0] for call in fake.calls] for name, fake in fakes.items()}
    assert hosts == {outer: [outer], inner: sorted([inner, "north"], key=["east", "west", "north"].index)}


def test_of_nested_fakes_the_inner_one_answers() -> None:
    httpx = pytest.importorskip("httpx")

    def ask() -> Any:
        url = "https://api.openai.com/v1/assistants"
        return httpx.get(url, headers={"openai-beta": "assistants=v2"}).json()["data"]

    with OpenAIFake() as outer:
        outer.add_assistant("asst_outer")
        with OpenAIFake() as inner:
            inner.add_assistant("asst_inner")
            assert [assistant["id"] for assistant in ask()] == ["asst_inner"]
        assert [assistant["id"] for assistant in ask()] == ["asst_outer"]
    assert (outer.calls.count, inner.calls.count) == (1, 1)


@each_library
def test_the_clients_it_hands_out_serve_the_world_as_it_was_until_the_next_entry(library: Library) -> None:
    fake = OpenAIFake()
    url, headers = "https://api.openai.com/v1/threads/thread_1", {"openai-beta": "assistants=v2"}
    with fake, fake.http_client(library) as client:
        fake.add_thread("thread_1")
        assert client.get(url, headers=headers).status_code == 200
    with fake.http_client(library) as client:
        assert client.get(url, headers=headers).status_code == 200
        with fake:
            assert client.get(url, headers=headers).status_code == 404


def test_a_run_that_fails_on_purpose_is_no_misuse() -> None:
    with OpenAIFake() as fake:
        fake.script(fail("server_error", "Sorry."))
        it = Api(fake)
        assert it.settle(it.run())["status"] == "failed"


def test_closing_ends_every_script_that_is_still_being_played() -> None:
    ended = []
    with OpenAIFake() as fake:

        @fake.script
        def talk(run: Any) -> Any:
            try:
                yield reply("Hi")
                yield wait(5)
            finally:
                ended.append(run.id)

        it = Api(fake)
        it.poll(it.run())
        fake.clock.advance(1)
        assert ended == []
    assert ended == ["run_000000000000000000000001"]
