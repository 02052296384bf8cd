"""The `openai` SDK over the hook, sync and async, in every way a program can set it up."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from openai_fake.claims import Addresses
from openai_fake.errors import TransportFailure
from openai_fake.routing import Call, Reply
from openai_fake.transport import async_http_client, http_client, library_of_sdk
from tests.transport_kit import (
    HAS_HTTPX2,
    JSON,
    Source,
    StubDoor,
    each_mode,
    hook,
    no_network,
    run_python,
    streaming,
    troubled,
)

openai = pytest.importorskip("openai", reason="the openai SDK is not installed")
pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated.*:DeprecationWarning")

RUN = {"id": "run_1", "object": "thread.run", "thread_id": "thread_1", "status": "queued"}
EVENTS = [
    b"event: thread.run.created\ndata: " + json.dumps(RUN).encode() + b"\n\n",
    b"event: thread.run.queued\ndata: " + json.dumps(RUN).encode() + b"\n\n",
    b"event: done\ndata: [DONE]\n\n",
]


@pytest.fixture(autouse=True)
def network(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    return no_network(monkeypatch)


def use(mode: str, talk: Callable[[Any], Any], kind: str = "OpenAI", **options: Any) -> Any:
    """Run `talk` with a client; in async mode what it returns is awaited."""
    if mode == "sync":
        with getattr(openai, kind)(**options) as client:
            return talk(client)

    async def go() -> Any:
        async with getattr(openai, f"Async{kind}")(**options) as client:
            return await talk(client)

    return asyncio.run(go())


@each_mode
def test_a_json_answer_becomes_an_object_of_the_sdk(mode: str, network: list[Any]) -> None:
    door = StubDoor()
    with hook(door):
        thread = use(mode, lambda client: client.beta.threads.create(metadata={"a": "b"}))
    assert thread.id == "thread_1"
    assert thread._request_id == "req_1"
    (call,) = door.calls
    assert (call.method, call.path, json.loads(call.body)) == ("POST", "/threads", {"metadata": {"a": "b"}})
    assert call.headers["openai-beta"] == "assistants=v2"
    assert call.read_timeout == 600
    assert network == []


@each_mode
def test_brackets_in_a_query_arrive_decoded(mode: str) -> None:
    door = StubDoor(body=b'{"id":"step_1","object":"thread.run.step"}')
    wanted = "step_details.tool_calls[*].file_search.results[*].content"
    with hook(door):
        use(
            mode,
            lambda client: client.beta.threads.runs.steps.retrieve(
                "step_1", thread_id="thread_1", run_id="run_1", include=[wanted]
            ),
        )
    assert door.calls[0].query == (("include[]", wanted),)


@each_mode
def test_a_file_upload_arrives_as_multipart(mode: str) -> None:
    door = StubDoor(body=b'{"id":"file-1","object":"file"}')
    with hook(door):
        use(mode, lambda client: client.files.create(file=("a.txt", b"content"), purpose="assistants"))
    assert door.calls[0].path == "/files"
    assert b"content" in door.calls[0].body


@each_mode
def test_raw_responses_can_be_parsed(mode: str) -> None:
    with hook():
        raw = use(mode, lambda client: client.beta.threads.with_raw_response.retrieve("thread_1"))
    assert raw.headers["x-request-id"] == "req_1"
    assert raw.parse().id == "thread_1"


@each_mode
def test_streaming_responses_of_plain_json_can_be_read(mode: str) -> None:
    def talk(client: Any) -> Any:
        with client.beta.threads.with_streaming_response.retrieve("thread_1") as response:
            assert not response.is_closed
            return response.parse()

    async def async_talk(client: Any) -> Any:
        async with client.beta.threads.with_streaming_response.retrieve("thread_1") as response:
            assert not response.is_closed
            return await response.parse()

    with hook():
        assert use(mode, talk if mode == "sync" else async_talk).id == "thread_1"


@each_mode
def test_a_stream_of_events_is_read_as_it_comes(mode: str) -> None:
    source = Source(*EVENTS)

    def talk(client: Any) -> list[str]:
        stream = client.beta.threads.runs.create("thread_1", assistant_id="asst_1", stream=True)
        assert source.taken == 0
        return [event.event for event in stream]

    async def async_talk(client: Any) -> list[str]:
        stream = await client.beta.threads.runs.create("thread_1", assistant_id="asst_1", stream=True)
        assert source.taken == 0
        return [event.event async for event in stream]

    with hook(streaming(source)):
        names = use(mode, talk if mode == "sync" else async_talk)
    assert names == ["thread.run.created", "thread.run.queued"]
    assert source.closes == 1


@each_mode
def test_leaving_a_stream_early_closes_its_source(mode: str) -> None:
    source = Source(*EVENTS)

    def talk(client: Any) -> None:
        with client.beta.threads.runs.create("thread_1", assistant_id="asst_1", stream=True) as stream:
            for _ in stream:
                break

    async def async_talk(client: Any) -> None:
        async with await client.beta.threads.runs.create("thread_1", assistant_id="asst_1", stream=True) as stream:
            async for _ in stream:
                break
        assert source.closes == 1

    with hook(streaming(source)):
        use(mode, talk if mode == "sync" else async_talk)
    assert source.closes == 1
    assert source.taken < len(EVENTS) + 1


@each_mode
@pytest.mark.parametrize(
    ("class_name", "error"), [("ReadTimeout", "APITimeoutError"), ("ConnectError", "APIConnectionError")]
)
def test_trouble_becomes_the_sdks_own_error(mode: str, class_name: str, error: str) -> None:
    door = troubled(class_name)
    with hook(door), pytest.raises(getattr(openai, error)) as raised:
        use(mode, lambda client: client.beta.threads.create(), max_retries=0)
    assert type(raised.value) is getattr(openai, error)
    assert type(raised.value.__cause__).__module__ == library_of_sdk()
    assert len(door.calls) == 1


@each_mode
def test_trouble_is_retried_as_often_as_the_sdk_is_told(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    left = [TransportFailure("ReadError", "once")]

    def say(call: Call) -> Reply:
        if left:
            raise left.pop()
        return Reply(200, list(JSON), b'{"id":"thread_2"}')

    door = StubDoor(say)
    monkeypatch.setattr("openai._base_client.INITIAL_RETRY_DELAY", 0.001)
    with hook(door):
        assert use(mode, lambda client: client.beta.threads.create(), max_retries=1).id == "thread_2"
    assert [call.headers["x-stainless-retry-count"] for call in door.calls] == ["0", "1"]


@each_mode
def test_a_refusal_becomes_the_sdks_status_error(mode: str) -> None:
    body = b'{"error":{"message":"No thread found","type":"invalid_request_error","param":null,"code":null}}'
    with (
        hook(StubDoor(lambda call: Reply(404, list(JSON), body))),
        pytest.raises(openai.NotFoundError) as raised,
    ):
        use(mode, lambda client: client.beta.threads.retrieve("thread_9"))
    assert raised.value.body["message"] == "No thread found"
    assert raised.value.request_id == "req_1"


@each_mode
@pytest.mark.parametrize(
    "options",
    [
        {"azure_endpoint": "https://mine.openai.azure.com"},
        {"azure_endpoint": "https://mine.openai.azure.com", "azure_deployment": "gpt"},
        {"base_url": "https://gateway.test/prefix/openai"},
    ],
)
def test_azure_is_served_in_every_shape_of_its_urls(mode: str, options: dict[str, Any], network: list[Any]) -> None:
    door = StubDoor()
    azure = {"api_key": "k", "api_version": "2024-05-01-preview", **options}
    with hook(door):
        use(mode, lambda client: client.beta.threads.retrieve("thread_1"), "AzureOpenAI", **azure)
        use(mode, lambda client: client.files.list(), "AzureOpenAI", **azure)
    assert [call.path for call in door.calls] == ["/threads/thread_1", "/files"]
    assert door.calls[0].query == (("api-version", "2024-05-01-preview"),)
    assert network == []


@each_mode
@pytest.mark.parametrize(
    "base_url",
    ["https://mine.openai.azure.com/openai/v1/", "https://unknown.test/some/where", "http://localhost:8080"],
)
def test_any_base_url_is_served_where_the_beta_header_is_sent(mode: str, base_url: str) -> None:
    door = StubDoor()
    with hook(door):
        use(mode, lambda client: client.beta.threads.retrieve("thread_1"), base_url=base_url)
    assert door.calls[0].path == "/threads/thread_1"


@each_mode
def test_the_base_url_of_the_environment_is_served_without_the_header(
    mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = StubDoor()
    with hook(door):
        monkeypatch.setenv("OPENAI_BASE_URL", "https://proxy.test/llm")
        use(mode, lambda client: client.files.list())
    assert (door.calls[0].host, door.calls[0].path) == ("proxy.test", "/files")


@each_mode
def test_an_injected_client_reaches_the_door_without_any_hook(mode: str, network: list[Any]) -> None:
    door = StubDoor()
    make = http_client if mode == "sync" else async_http_client
    with_it = {"http_client": make(door, Addresses())}
    assert use(mode, lambda client: client.beta.threads.create(), **with_it).id == "thread_1"
    assert network == []


@each_mode
def test_an_injected_client_of_httpx_is_served_by_every_sdk(mode: str) -> None:
    if library_of_sdk() == "httpx" and HAS_HTTPX2:
        pytest.skip("this SDK takes only clients of its own library")
    door = StubDoor()
    make = http_client if mode == "sync" else async_http_client
    with_it = {"http_client": make(door, Addresses(), library="httpx")}
    assert use(mode, lambda client: client.beta.threads.create(), **with_it).id == "thread_1"


@each_mode
def test_the_sdks_default_http_clients_are_served(mode: str) -> None:
    make = openai.DefaultHttpxClient if mode == "sync" else openai.DefaultAsyncHttpxClient
    with hook():
        assert use(mode, lambda client: client.beta.threads.create(), http_client=make()).id == "thread_1"


def aiohttp_client() -> Any:
    pytest.importorskip("aiohttp", reason="aiohttp is not installed")
    if library_of_sdk() == "httpx":
        pytest.importorskip("httpx_aiohttp", reason="httpx-aiohttp is not installed")
    if not hasattr(openai, "DefaultAioHttpClient"):
        pytest.skip("this SDK is older than its aiohttp client")
    return openai.DefaultAioHttpClient()


def test_the_aiohttp_client_is_served_and_its_transport_restored() -> None:
    client = aiohttp_client()
    owner: Any = type(client._transport)
    before = vars(owner)["handle_async_request"]
    source = Source(*EVENTS)

    async def talk(sdk: Any) -> list[str]:
        stream = await sdk.beta.threads.runs.create("thread_1", assistant_id="asst_1", stream=True)
        return [event.event async for event in stream]

    with hook(streaming(source)):
        assert vars(owner)["handle_async_request"] is not before
        assert use("async", talk, http_client=client) == ["thread.run.created", "thread.run.queued"]
    assert vars(owner)["handle_async_request"] is before
    assert source.closes == 1


def test_an_aiohttp_client_first_imported_while_the_hook_is_open_is_served() -> None:
    aiohttp_client()
    program = (
        "import asyncio, sys\n"
        "from tests.transport_kit import hook\n"
        "async def go():\n"
        "    assert 'openai' not in sys.modules\n"
        "    import openai\n"
        "    http_client = openai.DefaultAioHttpClient()\n"
        "    async with openai.AsyncOpenAI(api_key='k', http_client=http_client) as client:\n"
        "        return (await client.beta.threads.create()).id\n"
        "with hook(): print(asyncio.run(go()))\n"
    )
    done = run_python(program, "-W", "ignore")
    assert (done.stdout, done.stderr) == ("thread_1\n", "")
