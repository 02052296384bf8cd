"""Recording: calls are passed on to a server that speaks the protocol (here: another fake), and kept as a scenario."""

import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from openai_fake import OpenAIFake, Scenario, reply, tool_call
from openai_fake.routing import Call
from openai_fake.scenario.lines import ScenarioError
from tests.scenario_kit import play
from tests.test_scenario import Asking, played_by_hand

pytestmark = pytest.mark.loopback


@pytest.fixture
def upstream() -> Iterator[tuple[OpenAIFake, str]]:
    """A fake behind a socket, that was never patched in: the server to be recorded."""
    fake = OpenAIFake(assert_all_played=False, profile="recorded")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            url = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            path = url.path.removeprefix("/v1")
            reply = fake._gate.answer(
                Call(self.command, "upstream", path, tuple(parse_qsl(url.query)), headers, body, url.path)
            )
            sent = reply.body if isinstance(reply.body, bytes) else b"".join(reply.body)
            self.send_response(reply.status)
            for name, value in reply.headers:
                self.send_header(name, value)
            self.send_header("content-length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        do_GET = do_DELETE = do_POST

        def log_message(self, *_: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield fake, f"http://127.0.0.1:{server.server_address[1]}/v1"
        server.shutdown()
        thread.join()


def scripted(fake: OpenAIFake) -> None:
    @fake.script
    def weather(run: Any) -> Any:
        (forecast,) = yield tool_call("look", city="Paris")
        yield reply(f"It is {forecast} in Paris.")


@pytest.fixture
def weather_server(upstream: tuple[OpenAIFake, str]) -> str:
    """The address of that server, which knows one conversation."""
    server, url = upstream
    scripted(server)
    return url


def test_what_was_recorded_is_replayed_without_the_server(upstream: tuple[OpenAIFake, str], tmp_path: Path) -> None:
    server, url = upstream
    scripted(server)
    path = tmp_path / "weather.json"
    with OpenAIFake(record=path, upstream=url) as fake:
        played_by_hand(fake)
        assert fake.calls.named("runs.submit_tool_outputs").count == 1
        assert not path.exists()
    recorded = path.read_text("utf-8")
    asked = len(server.calls)
    assert asked > 5 and "It is sunny in Paris." in recorded and "Bearer" not in recorded

    with OpenAIFake(record=path, upstream=url) as fake:
        played_by_hand(fake)
    with OpenAIFake(record=path, record_mode="none") as fake:
        played_by_hand(fake)
    assert len(server.calls) == asked
    assert path.read_text("utf-8") == recorded
    fake = OpenAIFake(record=path).open()
    played_by_hand(fake, question="And in Rome?")
    with pytest.raises(AssertionError, match="something else should have been said"):
        fake.close()


def test_a_stream_is_passed_on_and_kept(upstream: tuple[OpenAIFake, str], tmp_path: Path) -> None:
    server, url = upstream
    server.reply("Hello there.")
    server.add_assistant("asst_there", model="gpt-4o")
    path = tmp_path / "hello.json"
    with OpenAIFake(record=path, upstream=url) as fake, fake.http_client() as http:
        thread = Asking(http)("/threads", messages=[{"role": "user", "content": "Hi."}])["id"]
        runs = f"https://api.openai.com/v1/threads/{thread}/runs"
        body = {"assistant_id": "asst_there", "stream": True}
        told = http.post(runs, json=body, headers={"OpenAI-Beta": "assistants=v2"}).text
    assert told.endswith("event: done\ndata: [DONE]\n\n")
    scenario = Scenario.load(path)
    assert [step["reply"] for step in scenario.steps if "reply" in step] == ["Hello there."]
    assert scenario.there == ({"assistant": "assistant_1", "id": "asst_there", "model": "gpt-4o"},)
    assert "Hello there." in play(scenario, stream=True, sync=True)[0]


@pytest.mark.parametrize("way", ["left early", "of many messages", "files last", "a query of its own"])
def test_what_the_client_has_not_seen_is_asked_for(upstream: tuple[OpenAIFake, str], tmp_path: Path, way: str) -> None:
    server, url = upstream
    server.reply("Hello there.")
    server.add_assistant("asst_there")
    before = [{"role": "user", "content": f"{number}"} for number in range(100 if way == "of many messages" else 1)]
    server.add_thread("thread_there", messages=before)
    path = tmp_path / "hello.json"
    base = "https://mine.openai.azure.com/openai" if way == "a query of its own" else "https://api.openai.com/v1"
    query = {"api-version": "2024-05-01-preview"} if way == "a query of its own" else {}
    with OpenAIFake(record=path, upstream=url) as fake, fake.http_client() as http:
        http.headers = {"OpenAI-Beta": "assistants=v2", "Authorization": "Bearer sent-by-the-client"}
        runs = f"{base}/threads/thread_there/runs"
        http.post(f"{base}/threads/thread_there/messages", json={"role": "user", "content": "Hi."}, params=query)
        body = {"assistant_id": "asst_there"}
        if way == "left early":
            with_stream = http.send(http.build_request("POST", runs, json={**body, "stream": True}), stream=True)
            next(with_stream.iter_bytes())
        else:
            run = http.post(runs, json=body, params=query).json()
            while run["status"] != "completed":
                run = http.get(f"{runs}/{run['id']}", params=query).json()
        if way == "files last":
            http.headers = {}
            http.get(f"{base}/files", params=query)
        asked = len(server.calls)
    told = [step for step in Scenario.load(path).steps if "reply" in step or "ends" in step]
    assert [step.get("reply", step.get("ends")) for step in told] == ["Hello there.", "completed"]
    assert len(server.calls) > asked
    assert {call.query.get("api-version") for call in server.calls[asked:]} == {query.get("api-version")}
    assert {call.status for call in server.calls[asked:]} == {200}


def asked(fake: OpenAIFake, server: OpenAIFake, says: str, *, key: str = "any", stream: bool = True) -> str:
    """The answer to a run that is started through a recording fake, and of which the server says so much."""
    server.reply(says)
    server.add_assistant("asst_there")
    body = {"assistant_id": "asst_there", "thread": {"messages": [{"role": "user", "content": "Hi."}]}}
    with fake.http_client() as http:
        headers = {"OpenAI-Beta": "assistants=v2", "Authorization": f"Bearer {key}"}
        url = "https://api.openai.com/v1/threads/runs"
        return str(http.post(url, json={**body, "stream": stream}, headers=headers).text)


def test_a_run_that_the_client_did_not_wait_for_need_not_come_to_its_end_in_the_replay(
    upstream: tuple[OpenAIFake, str], tmp_path: Path
) -> None:
    server, url = upstream
    with OpenAIFake(record=tmp_path / "left.json", upstream=url) as fake:
        assert '"queued"' in asked(fake, server, "Hello there.", stream=False)
        server.clock.advance(60)
    steps = Scenario.load(tmp_path / "left.json").steps
    assert [key for step in steps for key in ("reply", "ends") if key in step] == ["reply"]


def test_a_word_that_was_sent_in_the_place_of_a_key_is_no_secret(
    upstream: tuple[OpenAIFake, str], tmp_path: Path
) -> None:
    server, url = upstream
    with OpenAIFake(record=tmp_path / "x.json", upstream=url) as fake:
        assert asked(fake, server, "Is there anything else?", key="anything")
    assert "anything else" in (tmp_path / "x.json").read_text("utf-8")


def test_a_key_that_a_client_has_sent_is_a_secret_whatever_its_shape(
    upstream: tuple[OpenAIFake, str], tmp_path: Path
) -> None:
    server, url = upstream
    fake = OpenAIFake(record=tmp_path / "x.json", upstream=url).open()
    assert asked(fake, server, "You sent plain-words-as-a-key.", key="plain-words-as-a-key")
    with pytest.raises(ScenarioError, match=r"reply: known"):
        fake.close()


def test_the_mode_all_records_again(upstream: tuple[OpenAIFake, str], tmp_path: Path) -> None:
    server, url = upstream
    path = tmp_path / "weather.json"
    for question in ("And in Paris?", "And in Rome?"):
        scripted(server)
        with OpenAIFake(record=path, record_mode="all", upstream=url) as fake:
            played_by_hand(fake, question=question)
        assert question in path.read_text("utf-8")


def test_what_the_scenario_does_not_hold_is_misuse_and_is_not_recorded(
    upstream: tuple[OpenAIFake, str], tmp_path: Path
) -> None:
    server, url = upstream
    path = tmp_path / "none.json"
    Scenario([]).save(path)
    fake = OpenAIFake(record=path, upstream=url).open()
    with fake.http_client() as http:
        ask = Asking(http)
        thread = ask("/threads", messages=[{"role": "user", "content": "Hi."}])["id"]
        assistant = ask("/assistants", model="gpt-4o")["id"]
        assert "No script fits" in ask(f"/threads/{thread}/runs", assistant_id=assistant)["error"]["message"]
    with pytest.raises(AssertionError, match="No script fits"):
        fake.close()
    assert len(server.calls) == 0


def test_a_secret_in_what_was_said_is_refused_and_the_old_file_stays(weather_server: str, tmp_path: Path) -> None:
    path = tmp_path / "weather.json"
    path.write_text("old", "utf-8")
    fake = OpenAIFake(record=path, record_mode="all", upstream=weather_server).open()
    played_by_hand(fake, question="My key is sk-proj-abcdefghijklmnopqrstuvwx.")
    with pytest.raises(ScenarioError, match=r"steps\[\d\]\.user: key"):
        fake.close()
    assert path.read_text("utf-8") == "old"


def test_a_failed_test_records_nothing(weather_server: str, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), OpenAIFake(record=tmp_path / "x.json", upstream=weather_server) as fake:
        played_by_hand(fake)
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_what_a_failed_test_has_recorded_is_not_written_whoever_opened_the_fake(
    upstream: tuple[OpenAIFake, str], weather_server: str, tmp_path: Path
) -> None:
    path = tmp_path / "x.json"
    fake = OpenAIFake(record=path, upstream=weather_server).open()
    played_by_hand(fake)
    fake.excuse(failed=True)
    fake.close()
    assert not path.exists()
    scripted(upstream[0])
    with fake:
        played_by_hand(fake)
        fake.excuse()
    assert path.exists()


def test_calls_that_are_passed_on_have_the_instant_of_the_clock(weather_server: str, tmp_path: Path) -> None:
    with OpenAIFake(record=tmp_path / "x.json", upstream=weather_server) as fake:
        played_by_hand(fake)
        assert {call.at for call in fake.calls} == {fake.clock.now}
        assert {call["at"] for call in fake.story()["calls"]} == {0.0}


def test_a_server_that_is_not_there_is_a_connection_error(tmp_path: Path) -> None:
    from openai_fake.transport.clients import library_of_sdk

    library = __import__(library_of_sdk())
    fake = OpenAIFake(record=tmp_path / "x.json", upstream="http://127.0.0.1:9/v1").open()
    with fake.http_client() as http, pytest.raises(library.ConnectError, match="upstream"):
        http.post("https://api.openai.com/v1/threads", headers={"OpenAI-Beta": "assistants=v2"})
    assert (fake.calls.last.status, fake.calls.last.failure) == (0, "ConnectError")
    fake.close(failed=True)


def test_a_stream_that_the_server_breaks_off_is_a_read_error(tmp_path: Path) -> None:
    answer = (
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n5\r\nevent\r\n9\r\n"
    )

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65_536)
            connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=serve, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        fake = OpenAIFake(record=tmp_path / "x.json", upstream=url).open()
        with fake.http_client("httpx") as http, pytest.raises(httpx.ReadError, match="broke its stream off"):
            http.post("https://api.openai.com/v1/threads/runs", headers={"OpenAI-Beta": "assistants=v2"})
        thread.join()
    assert (fake.calls.last.status, fake.calls.last.failure) == (200, "ReadError")
    fake.close(failed=True)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"upstream": None}, "record='x.json' needs upstream="),
        ({"upstream": "server:80"}, "upstream='server:80': give an absolute http or https URL"),
        ({"record_mode": "none"}, "x.json is not there, and record_mode='none' records nothing"),
    ],
)
def test_what_cannot_be_recorded_is_said_at_once(options: Any, told: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    fake = OpenAIFake(record="x.json", **options)
    with pytest.raises(ValueError) as refused:
        fake.open()
    assert told in str(refused.value)
    assert not fake.is_open


def test_the_scenario_of_a_recording_fake_is_what_was_passed_on(weather_server: str, tmp_path: Path) -> None:
    path = tmp_path / "weather.json"
    with OpenAIFake(record=path, upstream=weather_server) as fake:
        played_by_hand(fake)
        shown = fake.scenario()
    written = Scenario.load(path)
    told = [
        [(step.get("user"), step.get("outputs"), step.get("ends")) for step in one.steps] for one in (shown, written)
    ]
    assert [[row for row in rows if any(row)] for rows in told] == [
        [("And in Paris?", None, None), (None, ["sunny"], None), (None, None, "completed")]
    ] * 2
    assert "reply" in written.dumps() and "reply" not in shown.dumps()


def test_a_query_is_passed_on_as_it_was_asked(upstream: tuple[OpenAIFake, str], tmp_path: Path) -> None:
    server, url = upstream
    fake = OpenAIFake(record=tmp_path / "x.json", upstream=url).open()
    with fake.http_client() as http:
        asked = {"limit": "1", "include[]": "a b&c"}
        http.get("https://api.openai.com/v1/assistants", params=asked, headers={"OpenAI-Beta": "assistants=v2"})
    fake.close(failed=True)
    assert dict(server.calls.last.query) == asked


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\xff", b'{"b":1,\r\n "a": [1.0]}\n'], ids=["picture", "json"])
def test_what_is_downloaded_while_recording_is_kept_byte_for_byte(
    upstream: tuple[OpenAIFake, str], content: bytes, tmp_path: Path
) -> None:
    server, url = upstream
    server.add_file("file-made", content=content, purpose="assistants_output")
    server.reply("Here.")
    path = tmp_path / "made.json"
    for _ in ("recorded", "replayed"):
        with OpenAIFake(record=path, upstream=url) as fake, fake.http_client() as http:
            ask = Asking(http)
            assistant = ask("/assistants", model="gpt-4o")["id"]
            thread = ask("/threads", messages=[{"role": "user", "content": "Hi."}])["id"]
            run = ask(f"/threads/{thread}/runs", assistant_id=assistant)["id"]
            while ask(f"/threads/{thread}/runs/{run}")["status"] != "completed":
                pass
            assert http.get("https://api.openai.com/v1/files/file-made/content").content == content
