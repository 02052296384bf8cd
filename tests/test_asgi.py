"""The ASGI application, in process: the SDK over it, and what a server may do to it."""

import asyncio
import json
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from openai_fake import OpenAIFake, faults
from openai_fake.asgi import DROP
from openai_fake.routing import Reply
from openai_fake.transport import library_of_sdk
from tests.conversation_kit import ANSWER, STREAMED, converse, each_way, prepare
from tests.transport_kit import each_library

BETA = (b"openai-beta", b"assistants=v2")


class Wire:
    """What a server is to an application: it hands out what has come, and keeps what is sent."""

    def __init__(self, *parts: bytes, stays: bool = True) -> None:
        self._parts = list(parts) or [b""]
        self._stays = stays
        self.sent: list[dict[str, Any]] = []
        self.gone_after: int | None = None

    async def receive(self) -> dict[str, Any]:
        if self._parts:
            part = self._parts.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(self._parts)}
        while self._stays and (self.gone_after is None or len(self.sent) < self.gone_after):
            await asyncio.sleep(0)
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        self.sent.append(dict(message))

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode(): value.decode() for name, value in self.sent[0]["headers"]}

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent[1:])

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(fake: OpenAIFake, method: str, path: str, body: Any = None, *, wire: Wire | None = None, **scope: Any) -> Wire:
    """One request to the application of a fake."""
    base_path = scope.pop("base_path", "/v1")
    wire = wire or Wire(b"" if body is None else json.dumps(body).encode())
    path, _, query = path.partition("?")
    given: dict[str, Any] = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(b"host", b"127.0.0.1:8080"), BETA],
        **scope,
    }
    asyncio.run(fake.asgi(base_path)(given, wire.receive, wire.send))
    return wire


@each_way
def test_the_sdk_holds_a_conversation_over_it(streamed: bool) -> None:
    openai = pytest.importorskip("openai", reason="the openai SDK is not installed")
    fake = OpenAIFake()
    prepare(fake)

    async def go() -> Any:
        module = import_module(library_of_sdk())
        transport = module.ASGITransport(app=fake.asgi())
        async with module.AsyncClient(transport=transport) as http_client:
            client = openai.AsyncOpenAI(api_key="k", base_url="http://fake.test/v1", http_client=http_client)
            return await converse(client, streamed)

    text, told = asyncio.run(go())
    assert (text, told) == (ANSWER, STREAMED if streamed else ["requires_action", "completed"])


@each_library
@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_it_needs_no_event_loop_of_its_own(library: str, backend: str) -> None:
    anyio = import_module("anyio")
    module = import_module(library)
    fake = OpenAIFake()
    prepare(fake)
    body = {
        "assistant_id": "asst_weather",
        "stream": True,
        "thread": {"messages": [{"role": "user", "content": "weather"}]},
    }

    async def go() -> Any:
        async with module.AsyncClient(transport=module.ASGITransport(app=fake.asgi())) as client:
            return await client.post(
                "http://fake.test/v1/threads/runs", json=body, headers={"openai-beta": "assistants=v2"}
            )

    response = anyio.run(go, backend=backend)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert [line for line in response.text.splitlines() if line.startswith("event: ")][-1] == "event: done"


def test_a_stream_is_sent_event_by_event_and_time_moves_as_it_is_read() -> None:
    fake = OpenAIFake()
    prepare(fake)
    instants: list[float] = []

    class Watching(Wire):
        async def send(self, message: Any) -> None:
            await super().send(message)
            instants.append(fake.clock.now - fake._start)

    body = {
        "assistant_id": "asst_weather",
        "stream": True,
        "thread": {"messages": [{"role": "user", "content": "weather"}]},
    }
    wire = ask(fake, "POST", "/v1/threads/runs", wire=Watching(json.dumps(body).encode()))
    assert [message["body"].partition(b"\n")[0] for message in wire.sent[1:5]] == [
        b"event: thread.created",
        b"event: thread.run.created",
        b"event: thread.run.queued",
        b"event: thread.run.in_progress",
    ]
    assert wire.sent[-1] == {"type": "http.response.body"}
    assert instants[0] == 0 < instants[-1]
    assert instants == sorted(instants)


def test_a_client_that_goes_away_closes_the_stream_and_the_run_goes_on() -> None:
    fake = OpenAIFake()
    fake.add_assistant("asst_1")
    fake.add_thread("thread_1", messages=[{"role": "user", "content": "Hi!"}])
    fake.reply("word " * 50)
    wire = Wire(json.dumps({"assistant_id": "asst_1", "stream": True}).encode())
    wire.gone_after = 6
    ask(fake, "POST", "/v1/threads/thread_1/runs", wire=wire)
    assert 6 <= len(wire.sent) < 20
    (run,) = fake.thread("thread_1").runs
    fake.clock.advance(60)
    assert fake.thread("thread_1").runs[0].status == "completed" != run.status


def test_a_client_that_goes_away_in_its_own_body_changes_nothing() -> None:
    fake = OpenAIFake()
    wire = Wire(stays=False)
    wire._parts = []
    assert ask(fake, "POST", "/v1/threads", wire=wire).sent == []
    assert (len(fake.threads), fake.calls.count) == (0, 0)


def test_a_large_body_in_many_pieces() -> None:
    fake = OpenAIFake()
    text = "x" * 200_000
    sent = json.dumps({"messages": [{"role": "user", "content": text}]}).encode()
    pieces = [sent[start : start + 1000] for start in range(0, len(sent), 1000)]
    wire = ask(fake, "POST", "/v1/threads", wire=Wire(*pieces))
    assert wire.status == 200
    assert fake.thread(wire.json["id"]).messages[0].text == text


def test_an_answer_has_its_length_and_head_has_no_body() -> None:
    fake = OpenAIFake()
    fake.add_thread("thread_1")
    got = ask(fake, "GET", "/v1/threads/thread_1")
    assert (got.status, int(got.headers["content-length"])) == (200, len(got.body))
    with pytest.warns(RuntimeWarning, match="serves no HEAD"):
        head = ask(fake, "HEAD", "/v1/threads/thread_1")
    assert (head.status, head.body, int(head.headers["content-length"]) > 0) == (404, b"", True)


@pytest.mark.parametrize(
    ("method", "path", "told"),
    [
        ("GET", "/v1/engines", "Invalid URL (GET /v1/engines)"),
        ("OPTIONS", "/v1/files", "Invalid URL (OPTIONS /v1/files)"),
        ("GET", "/", "Invalid URL (GET /)"),
        ("GET", "/files/file-1", "Invalid URL (GET /files/file-1)"),
        ("GET", "/v12/files", "Invalid URL (GET /v12/files)"),
    ],
)
def test_what_is_not_served_gets_the_404_of_the_service(method: str, path: str, told: str) -> None:
    with pytest.warns(RuntimeWarning, match=f"serves no {method}"):
        wire = ask(OpenAIFake(), method, path, headers=[(b"host", b"fake.test")])
    assert wire.status == 404
    assert wire.json == {"error": {"message": told, "type": "invalid_request_error", "param": None, "code": None}}


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("/v1/threads/thread%2F1", {}),
        ("/openai/threads/thread%2F1?api-version=2024-05-01-preview", {}),
        ("/openai/v1/threads/thread%2F1", {}),
        ("/v1/workspaces/w/dataAgents/d/aiassistant/openai/threads/thread%2F1?api-version=1", {"base_path": "/x"}),
        ("/gate/api/threads/thread%2F1", {"base_path": "gate/api/"}),
        ("/threads/thread%2F1", {"base_path": ""}),
        ("/mounted/v1/threads/thread%2F1", {"root_path": "/mounted"}),
        ("/v1/threads/thread/1", {"raw_path": b"/v1/threads/thread%2F1"}),
    ],
)
def test_every_address_leads_to_the_same_thread(path: str, scope: dict[str, Any]) -> None:
    fake = OpenAIFake()
    fake.add_thread("thread/1")
    wire = ask(fake, "GET", path, **scope)
    assert (wire.status, wire.json.get("id")) == (200, "thread/1")
    assert fake.calls.last.path.endswith("/threads/thread%2F1")


def test_a_server_that_gives_no_raw_path_is_served_too() -> None:
    fake = OpenAIFake()
    fake.add_thread("thread_ü")
    assert ask(fake, "GET", "/v1/threads/thread_ü", raw_path=None).json["id"] == "thread_ü"


def test_trouble_is_a_connection_that_breaks_off() -> None:
    fake = OpenAIFake()
    fake.inject(faults.connect_error, on="threads.create")
    wire = Wire()
    with pytest.raises(ConnectionResetError, match="ConnectError"):
        ask(fake, "POST", "/v1/threads", wire=wire)
    assert wire.headers["content-length"] == "1"
    assert wire.body == b""


def test_trouble_cuts_the_connection_where_the_server_can() -> None:
    fake = OpenAIFake()
    fake.inject(faults.connect_error, on="threads.create")
    cut: list[str] = []
    wire = Wire(b"", stays=False)
    ask(fake, "POST", "/v1/threads", wire=wire, extensions={DROP: lambda: cut.append("cut")})
    assert (cut, wire.sent) == (["cut"], [])


def test_trouble_in_the_middle_of_a_stream() -> None:
    fake = OpenAIFake()
    fake.add_assistant("asst_1")
    fake.add_thread("thread_1", messages=[{"role": "user", "content": "Hi!"}])
    fake.inject(faults.disconnect(after_events=3))
    wire = Wire(json.dumps({"assistant_id": "asst_1", "stream": True}).encode())
    with pytest.raises(ConnectionResetError):
        ask(fake, "POST", "/v1/threads/thread_1/runs", wire=wire)
    assert wire.body.count(b"event: ") == 3
    assert wire.sent[-1]["more_body"] is True


def test_a_server_that_stops_closes_the_stream() -> None:
    fake = OpenAIFake()
    closed: list[str] = []

    class Body(Iterator[bytes]):
        def __next__(self) -> bytes:
            return b"event"

        def close(self) -> None:
            closed.append("closed")

    class Endless:
        def answer(self, call: Any) -> Reply:
            return Reply(200, [], Body())

    app = fake.asgi()
    app._door = Endless()
    wire = Wire()
    scope = {"type": "http", "method": "GET", "path": "/v1/threads", "headers": []}

    async def go() -> None:
        task = asyncio.ensure_future(app(scope, wire.receive, wire.send))
        while len(wire.sent) < 5:
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(go())
    assert closed == ["closed"]


def test_a_server_starts_and_stops_it_and_a_web_socket_is_closed() -> None:
    app = OpenAIFake().asgi()
    sent: list[str] = []

    async def send(message: Any) -> None:
        sent.append(message["type"])

    async def live(kind: str, *messages: str) -> None:
        coming = iter(messages)

        async def receive() -> dict[str, str]:
            return {"type": next(coming)}

        await app({"type": kind}, receive, send)

    asyncio.run(live("lifespan", "lifespan.startup", "lifespan.shutdown"))
    asyncio.run(live("websocket", "websocket.connect"))
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete", "websocket.close"]
