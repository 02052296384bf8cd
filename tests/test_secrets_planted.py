"""Planted key, organization, project, cookie and JWT: a whole conversation carries them, and nothing shows them."""

import asyncio
import gc
import json
import logging
import traceback
import types
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from openai_fake import OpenAIFake
from openai_fake.api import DoorSettings
from openai_fake.control import Control
from openai_fake.routing import Call
from tests.conversation_kit import ANSWER, converse, each_way, prepare
from tests.test_secrets import COOKIE, JWT, KEY, ORGANIZATION, PROJECT
from tests.transport_kit import each_mode

openai = pytest.importorskip("openai", reason="the openai SDK is not installed")

PLANTED = {
    "key": KEY,
    "organization": ORGANIZATION,
    "project": PROJECT,
    "cookie": COOKIE,
    "jwt": JWT,
    "opaque": "planted-opaque-value",
}
OURS = ("openai_fake", "conftest_plugin", "root")


def hits(text: str) -> list[str]:
    """The names of the planted secrets in a text."""
    return [name for name, value in PLANTED.items() if value in text]


def client(mode: str, fake: OpenAIFake, **more: Any) -> Any:
    """A client that sends every one of them."""
    options: dict[str, Any] = {
        "api_key": KEY,
        "organization": ORGANIZATION,
        "project": PROJECT,
        "default_headers": {
            "Cookie": COOKIE,
            "X-Forwarded-Access-Token": PLANTED["opaque"],
            "Proxy-Authorization": f"Basic {PLANTED['opaque']}",
            "X-User": f"jwt {JWT}",
        },
        "default_query": {"code": PLANTED["opaque"], "api_key": KEY, "who": JWT},
        **more,
    }
    if mode == "sync":
        return openai.OpenAI(**options, http_client=fake.http_client())
    return openai.AsyncOpenAI(**options, http_client=fake.async_http_client())


def held(mode: str, streamed: bool, **options: Any) -> OpenAIFake:
    """A fake after a conversation, in which the user has said his key, too."""
    fake = OpenAIFake(**options)
    prepare(fake)
    assert asyncio.run(converse(client(mode, fake), streamed))[0] == ANSWER
    return fake


def texts_in(*roots: Any) -> Iterator[str]:
    """Every text and every bytes that can be reached from some objects, but not through classes and code."""
    passed_over = (type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.CodeType)
    seen: set[int] = set()
    waiting = list(roots)
    while waiting:
        item = waiting.pop()
        if id(item) in seen or isinstance(item, passed_over):
            continue
        seen.add(id(item))
        if isinstance(item, str | bytes):
            yield item if isinstance(item, str) else item.decode("latin-1")
        waiting += gc.get_referents(item)


@each_mode
@each_way
def test_nothing_that_can_be_reached_from_the_log_is_a_secret(mode: str, streamed: bool) -> None:
    calls = held(mode, streamed).calls
    assert calls.count >= 4
    reached = list(texts_in(*calls))
    assert "asst_weather" in "\n".join(reached)
    assert hits("\n".join(reached)) == []
    assert hits(json.dumps([[call.headers, call.query, call.answer] for call in calls])) == []
    assert calls[0].query == {"code": "[redacted]", "api_key": "[redacted]", "who": "[redacted]"}
    assert calls[0].headers["x-user"] == "jwt [redacted]"


@each_way
def test_no_secret_is_in_what_is_printed(streamed: bool) -> None:
    fake = held("sync", streamed, api_key=KEY)
    printed = [repr(it) for it in (fake, fake.options, fake.calls, *fake.calls, fake.clock, fake.asgi())]
    printed += [str(it) for it in fake.calls] + [fake.transcript(), repr(DoorSettings(api_key=KEY))]
    printed.append(repr(Call("GET", "h", "/threads", (), {"authorization": KEY})))
    assert hits("\n".join(printed)) == []


def test_a_key_in_a_message_stays_in_the_message_and_is_blacked_out_where_it_is_printed() -> None:
    fake = OpenAIFake(unscripted="error")
    fake.add_assistant("asst_1")
    fake.reply("Never said.", message=KEY + "2")
    threads = client("sync", fake).beta.threads
    thread = threads.create(messages=[{"role": "user", "content": f"My key is {KEY}, my token {JWT}."}])
    with pytest.raises(openai.APIStatusError) as refused:
        threads.runs.create(thread.id, assistant_id="asst_1")
        threads.runs.list(thread.id)
        threads.runs.create_and_poll(thread_id=thread.id, assistant_id="asst_1")
    assert threads.messages.list(thread.id).data[0].content[0].text.value.startswith(f"My key is {KEY},")
    assert fake.calls[0].json["messages"][0]["content"].startswith(f"My key is {KEY},")
    printed = [str(refused.value), fake.transcript(), *fake.complaints()]
    with pytest.raises(AssertionError) as failed:
        fake.calls.assert_called("threads.create", json={"messages": [{"content": "Hello."}]})
    printed.append(str(failed.value))
    assert "[redacted]" in printed[1]
    assert "My key is [redacted], my token [redacted]." in printed[-1]
    assert hits("\n".join(printed)) == []


def test_no_secret_is_in_a_refusal_or_a_failure() -> None:
    fake = OpenAIFake(api_key="another-key-than-that")
    told: list[str] = []
    one = client("sync", fake, max_retries=0)
    ways: list[Callable[[], Any]] = [
        lambda: one.beta.threads.create(),
        lambda: one.with_options(base_url="https://elsewhere.test/v9").models.list(),
        lambda: one.get("/nothing", cast_to=object),
    ]
    for say in ways:
        with pytest.raises(openai.APIError) as failed, warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            say()
        told += [str(failed.value), *(str(warning.message) for warning in warned)]
        told += traceback.format_exception(failed.value)
    assert "AuthenticationError" in "".join(told)
    assert "openai_fake's transport got GET https://elsewhere.test/v9/models?" in "".join(told)
    assert hits("".join(told)) == []


def test_a_host_that_is_blocked_is_told_without_its_secrets() -> None:
    with OpenAIFake(block_other_hosts=True), pytest.raises(openai.APIConnectionError) as failed:
        options = {"api_key": KEY, "base_url": f"https://user:{KEY}@elsewhere.test/v9", "max_retries": 0}
        openai.OpenAI(**options, default_query={"token": PLANTED["opaque"]}).models.list()
    told = "".join(traceback.format_exception(failed.value))
    assert "openai_fake refused GET https://[redacted]@elsewhere.test/v9/models?token=[redacted]" in told
    assert hits(told) == []


@each_way
def test_the_fake_logs_no_secret(streamed: bool, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        held("sync", streamed)
    ours = [record.getMessage() for record in caplog.records if record.name.partition(".")[0] in OURS]
    assert hits("\n".join(ours)) == []


def test_the_control_path_shows_no_secret() -> None:
    control = Control(held("sync", False))
    for path in ("/calls", "/transcript", "/complaints"):
        reply = control.answer(Call("GET", "127.0.0.1", path))
        assert reply.status == 200
        assert isinstance(reply.body, bytes)
        assert hits(reply.body.decode()) == []
