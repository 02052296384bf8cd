"""The clients that are compared: the real SDK over canned bytes, over canned routes, and over the fake."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from io import BytesIO
from threading import Thread
from typing import Any
from unittest import mock

import httpx
import openai
import respx

LIBRARY: Any = import_module("httpx2" if int(openai.VERSION.partition(".")[0]) >= 3 else "httpx")
"""The HTTP library of the installed SDK."""

JSON = {"content-type": "application/json"}


def sdk(http_client: Any = None, **options: Any) -> openai.OpenAI:
    """A client of the SDK with a key of its own and no retries."""
    return openai.OpenAI(api_key="sk-benchmark", max_retries=0, http_client=http_client, **options)


def async_sdk(http_client: Any = None) -> openai.AsyncOpenAI:
    """The same, async."""
    return openai.AsyncOpenAI(api_key="sk-benchmark", max_retries=0, http_client=http_client)


def canned(body: bytes, headers: dict[str, str] = JSON, library: Any = LIBRARY) -> Any:
    """A transport that gives the same bytes to every request: the floor."""
    return library.MockTransport(lambda request: library.Response(200, headers=headers, content=body))


@contextmanager
def respx_route(body: bytes) -> Iterator[openai.OpenAI]:
    """The least that a respx route can be: canned bytes for a host. respx knows httpx alone, so the SDK gets that."""
    with respx.mock(assert_all_called=False) as router:
        router.route(host="api.openai.com").respond(200, headers=JSON, content=body)
        yield sdk(httpx.Client())


@contextmanager
def written_respx_route(method: str, path: str, body: bytes) -> Iterator[openai.OpenAI]:
    """A respx route as a test has it: canned bytes for one method and one path."""
    with respx.mock(base_url="https://api.openai.com/v1") as router:
        router.request(method, path).respond(200, headers=JSON, content=body)
        yield sdk(httpx.Client())


@contextmanager
def pytest_httpx_route(body: bytes) -> Iterator[openai.OpenAI]:
    """pytest-httpx with one canned response, as its fixture does it."""
    from pytest_httpx import HTTPXMock
    from pytest_httpx._options import _HTTPXMockOptions

    options = _HTTPXMockOptions(can_send_already_matched_responses=True)
    httpx_mock = HTTPXMock(options)
    httpx_mock.add_response(headers=JSON, content=body)

    def handle(transport: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        return httpx_mock._handle_request(transport, request)

    with mock.patch.object(httpx.HTTPTransport, "handle_request", handle):
        yield sdk(httpx.Client())


@contextmanager
def loopback_server(body: bytes) -> Iterator[openai.OpenAI]:
    """A small HTTP server on this machine that gives canned bytes."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            # One write: two small ones would wait for the receiver's delayed acknowledgement.
            self.wfile = BytesIO()
            self.send_response(200)
            for name, value in {**JSON, "content-length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.connection.sendall(self.wfile.getvalue() + body)

        do_GET = do_POST = do_DELETE = _answer

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield sdk(base_url=f"http://127.0.0.1:{server.server_port}/v1")
    finally:
        server.shutdown()
        server.server_close()


Call = Callable[[Any], object]

OPERATIONS: dict[str, Call] = {
    "assistants.retrieve": lambda c: c.beta.assistants.retrieve("asst_1"),
    "threads.create": lambda c: c.beta.threads.create(),
    "messages.create": lambda c: c.beta.threads.messages.create("thread_1", role="user", content="Hello there!"),
    "messages.list": lambda c: c.beta.threads.messages.list("thread_1"),
    "runs.retrieve": lambda c: c.beta.threads.runs.retrieve("run_1", thread_id="thread_1"),
    "threads.create_and_run": lambda c: c.beta.threads.create_and_run(
        assistant_id="asst_1", thread={"messages": [{"role": "user", "content": "Hello there!"}]}
    ),
}
"""One SDK call of each main operation, as it is written in an application."""
