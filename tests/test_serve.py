"""The fake behind a real socket: clients of other processes and languages, and how the server begins and ends."""

import asyncio
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from openai_fake import OpenAIFake
from openai_fake.__main__ import main
from openai_fake.control import Control
from tests.conversation_kit import ANSWER, STREAMED, converse, each_way, prepare
from tests.counts import thorough

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
SCRIPT = {
    "message": "weather",
    "acts": [{"tool_call": "get_weather", "arguments": {"city": "Paris"}}, {"reply": ANSWER}],
}


class Server:
    """`python -m openai_fake serve` in a process of its own."""

    def __init__(self, process: "subprocess.Popen[str]", url: str) -> None:
        self.process = process
        self.url = url
        self.origin = url.removesuffix("/v1")

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """The answer of the control path."""
        data = None if body is None else json.dumps(body).encode()
        with urlopen(Request(f"{self.origin}/openai_fake/{path}", data, method=method), timeout=30) as answer:
            return json.loads(answer.read())

    def end(self, number: int) -> tuple[int, str]:
        """The exit status and what stands on stderr, after a signal."""
        self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=30)
        return self.process.returncode, errors


@contextmanager
def serving(*arguments: str) -> Iterator[Server]:
    command = [sys.executable, "-m", "openai_fake", "serve", "--port", "0", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout
    try:
        line = process.stdout.readline()
        found = re.fullmatch(r"openai_fake serves (http://\S+)\n", line)
        assert found, (line, process.stderr.read() if process.stderr else "")
        yield Server(process, found[1])
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


@pytest.fixture(scope="session")
def node_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the Node SDK in it."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        pytest.skip("node and npm are not on PATH, so the Node SDK cannot be run")
    folder = tmp_path_factory.mktemp("node")
    (folder / "package.json").write_text('{"private": true, "type": "module"}')
    install = [npm, "install", "--no-audit", "--no-fund", "--loglevel=error", "openai"]
    done = subprocess.run(install, cwd=folder, capture_output=True, text=True, timeout=120)
    if done.returncode:
        pytest.skip(f"npm cannot install the Node SDK here: {done.stderr.strip()[-300:]}")
    shutil.copy(ROOT / "tests" / "node_client.mjs", folder / "client.mjs")
    return folder


def by_node(folder: Path, server: Server, way: str) -> Any:
    """What the Node client heard."""
    command = ["node", "client.mjs", server.origin, way]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    heard = json.loads(done.stdout)
    print(f"openai {heard['version']} of npm, {way}")
    return heard


@pytest.mark.loopback
@each_way
def test_the_node_sdk_holds_a_conversation(node_folder: Path, server: Server, streamed: bool) -> None:
    heard = by_node(node_folder, server, "streamed" if streamed else "polled")
    assert heard["told"] == (STREAMED if streamed else ["requires_action", "completed"])
    assert heard["text"] == ANSWER
    assert heard["operations"][:2] == ["threads.create", "runs.create"]
    assert heard["operations"].count("runs.submit_tool_outputs") == 1
    assert (heard["language"], heard["authorization"]) == ("js", "[redacted]")
    assert "assistant: It is sunny in Paris." in heard["transcript"]
    assert 'get_weather gave \'{"city":"Paris"}\'' in heard["transcript"]
    assert heard["complaints"] == []


@pytest.mark.loopback
def test_the_node_sdk_meets_trouble(node_folder: Path, server: Server) -> None:
    heard = by_node(node_folder, server, "troubled")
    assert heard["told"] == [True, "thread.run.created", "thread.run.queued", "thread.run.in_progress", True]
    assert heard["operations"].count("threads.retrieve") == 2


@pytest.mark.loopback
def test_the_javascript_of_the_readme_does_what_it_says(node_folder: Path, server: Server) -> None:
    (code,) = re.findall(r"```js\n(.*?)```", README, re.DOTALL)
    assert code.count("http://127.0.0.1:8080") == 1
    (node_folder / "readme.mjs").write_text(code.replace("http://127.0.0.1:8080", server.origin), "utf-8")
    done = subprocess.run(["node", "readme.mjs"], cwd=node_folder, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("completed []\n", "")


def test_the_readme_tells_the_command_and_every_way_of_the_control_path() -> None:
    assert "\npython -m openai_fake serve --port 8080\n" in README
    (table,) = re.findall(r"\| the control path, .*?\n\n", README, re.DOTALL)
    for way in Control(OpenAIFake())._ways:
        assert way.rpartition("/")[2] in table, way


@pytest.mark.loopback
@each_way
def test_the_aiohttp_client_of_the_sdk_holds_a_conversation_over_the_socket(server: Server, streamed: bool) -> None:
    client_class = aiohttp_client()
    openai = pytest.importorskip("openai")
    server.control("POST", "reset")
    server.control("POST", "add/assistant", {"id": "asst_weather", "instructions": "You know the weather."})
    server.control("POST", "scripts", SCRIPT)

    async def go() -> Any:
        async with openai.AsyncOpenAI(api_key="k", base_url=server.url, http_client=client_class()) as client:
            return await converse(client, streamed)

    text, told = asyncio.run(go())
    assert (text, told) == (ANSWER, STREAMED if streamed else ["requires_action", "completed"])
    calls = server.control("GET", "calls?operation=threads.create")["calls"]
    assert [call["headers"]["x-stainless-async"] for call in calls] == ["async:asyncio"]


@each_way
def test_the_aiohttp_client_of_the_sdk_holds_a_conversation_through_the_hook(streamed: bool) -> None:
    client_class = aiohttp_client()
    openai = pytest.importorskip("openai")

    async def go(fake: OpenAIFake) -> Any:
        prepare(fake)
        async with openai.AsyncOpenAI(api_key="k", http_client=client_class()) as client:
            return await converse(client, streamed)

    with OpenAIFake() as fake:
        text, told = asyncio.run(go(fake))
    assert (text, told) == (ANSWER, STREAMED if streamed else ["requires_action", "completed"])


def aiohttp_client() -> Any:
    """`DefaultAioHttpClient`, where this SDK has one and its extra is installed."""
    openai = pytest.importorskip("openai", reason="the openai SDK is not installed")
    pytest.importorskip("aiohttp", reason="openai[aiohttp] is not installed")
    if not hasattr(openai, "DefaultAioHttpClient"):
        pytest.skip(f"openai {openai.__version__} has no DefaultAioHttpClient")
    return openai.DefaultAioHttpClient


@pytest.mark.loopback
def test_a_scenario_is_replayed_over_the_socket_and_what_is_missing_is_told_at_the_end() -> None:
    openai = pytest.importorskip("openai", reason="the openai SDK is not installed")
    with serving("--scenario", str(ROOT / "examples" / "recorded_tutor" / "lesson.json")) as running:
        with openai.OpenAI(api_key="k", base_url=running.url, max_retries=0) as client:
            threads = client.beta.threads
            thread = threads.create(messages=[{"role": "user", "content": "What is 12 * 12?"}])
            run = threads.runs.create(thread_id=thread.id, assistant_id="asst_tutor")
            while run.status in ("queued", "in_progress"):
                run = threads.runs.retrieve(run.id, thread_id=thread.id)
            (call,) = run.required_action.submit_tool_outputs.tool_calls
            assert json.loads(call.function.arguments) == {"expression": "12 * 12"}
            outputs = [{"tool_call_id": call.id, "output": "144"}]
            run = threads.runs.submit_tool_outputs(run.id, thread_id=thread.id, tool_outputs=outputs)
            while run.status in ("queued", "in_progress"):
                run = threads.runs.retrieve(run.id, thread_id=thread.id)
            assert threads.messages.list(thread.id).data[0].content[0].text.value == "It is 144: a dozen dozens."
        status, errors = running.end(signal.SIGTERM)
    assert status == 0
    assert "run_2" in errors
    assert "Traceback" not in errors, errors


@pytest.mark.loopback
@pytest.mark.parametrize("number", [pytest.param(signal.SIGINT, marks=thorough), signal.SIGTERM])
def test_a_signal_ends_it_cleanly_and_what_is_left_unplayed_is_told(number: int) -> None:
    with serving() as running:
        running.control("POST", "scripts", {"acts": [{"reply": "Hello."}]})
        status, errors = running.end(number)
    assert status == 0
    assert errors.startswith("1 script(s) were not played:\n  - reply('Hello.'")
    assert "Traceback" not in errors, errors


@pytest.mark.loopback
def test_a_signal_ends_a_stream_that_nobody_reads() -> None:
    with serving() as running:
        running.control("POST", "add/assistant", {"id": "asst_1"})
        running.control("POST", "add/thread", {"id": "thread_1", "messages": [{"role": "user", "content": "Hi!"}]})
        running.control("POST", "scripts", {"acts": [{"reply": "x " * 200_000, "chunks": 20_000}]})
        host, _, port = running.origin.removeprefix("http://").rpartition(":")
        body = b'{"assistant_id":"asst_1","stream":true}'
        with socket.socket() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect((host, int(port)))
            head = (
                f"POST /v1/threads/thread_1/runs HTTP/1.1\r\nhost: {host}\r\nopenai-beta: assistants=v2\r\n"
                f"content-length: {len(body)}\r\n\r\n"
            )
            client.sendall(head.encode() + body)
            assert client.recv(1000).startswith(
                b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n"
            )
            status, errors = running.end(signal.SIGTERM)
    assert (status, errors) == (0, "")


@pytest.mark.loopback
def test_signals_that_go_on_coming_end_it_too() -> None:
    with serving() as running:
        for _ in range(1_000):
            running.process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                running.process.wait(0.01)
                break
        status, errors = running.process.returncode, running.process.communicate()[1]
    # Its last moments are the interpreter's, in which a signal has its usual effect.
    assert status in (0, -signal.SIGINT) and errors == ""


@pytest.mark.loopback
def test_small_answers_are_sent_at_once() -> None:
    """Without `TCP_NODELAY` each answer but the first of a connection waits 40 ms for the client's acknowledgement."""
    pytest.importorskip("uvicorn", reason="uvicorn is not installed")
    from openai_fake import serve

    async def accepted() -> int:
        server = await asyncio.start_server(lambda reader, writer: seen.set_result(writer), sock=listener)
        seen: asyncio.Future[asyncio.StreamWriter] = asyncio.get_running_loop().create_future()
        async with server:
            _, ours = await asyncio.open_connection(*listener.getsockname()[:2])
            theirs = await seen
            answer: int = theirs.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            for writer in (ours, theirs):
                writer.close()
        return answer

    with serve._listening("127.0.0.1", 0) as listener:
        assert asyncio.run(accepted()) == 1


@pytest.mark.loopback
def test_what_it_says_of_requests_is_in_plain_words() -> None:
    with serving() as running:
        refused(f"{running.url}/models")
        bad = Request(f"{running.url}/files", b"--b\r\nX", {"content-type": "multipart/form-data; boundary=b"})
        refused(bad)
        status, errors = running.end(signal.SIGTERM)
    assert status == 0
    (line,) = errors.splitlines()
    assert line.startswith("openai_fake serves no GET /models. It is no part of the Assistants API: in Python, ")


def refused(request: Request | str) -> None:
    with pytest.raises(HTTPError) as error:
        urlopen(request, timeout=30)
    error.value.close()


@pytest.mark.loopback
def test_the_base_path_is_a_choice() -> None:
    with serving("--base-path", "") as running:
        assert running.url == running.origin
        request = Request(f"{running.url}/threads", b"{}", {"OpenAI-Beta": "assistants=v2"}, method="POST")
        with urlopen(request, timeout=30) as answer:
            assert json.loads(answer.read())["object"] == "thread"


@pytest.mark.loopback
def test_a_port_that_is_taken_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["serve", "--port", str(port)]) == 1
    told = capsys.readouterr().err
    assert told.startswith(f"Cannot serve on 127.0.0.1:{port}: [Errno ") and told.endswith("in use.\n")


@pytest.mark.parametrize("port", ["-1", "65536", "99999", "abc"])
def test_what_is_no_port_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["serve", f"--port={port}"])
    assert ended.value.code == 2
    assert f"argument --port: {port!r} is no port: expected 0 to 65535\n" in capsys.readouterr().err


@pytest.mark.loopback
def test_a_scenario_that_is_none_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_text("{}", "utf-8")
    assert main(["serve", "--port", "0", "--scenario", str(path)]) == 1
    told = capsys.readouterr().err
    assert f"Cannot serve {path} on 127.0.0.1:0: " in told and not told.endswith("..\n")


def test_without_uvicorn_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    monkeypatch.delitem(sys.modules, "openai_fake.serve", raising=False)
    assert main(["serve"]) == 1
    assert "pip install 'openai-fake[server]'" in capsys.readouterr().err
