"""Requests on their way to the door and replies on their way back, by bare clients of both libraries."""

from collections.abc import AsyncIterator, Iterator
from importlib import import_module
from typing import Any

import httpx
import pytest
import respx

from openai_fake.routing import Call, Reply
from openai_fake.transport import TRANSPORT_ERRORS
from tests.transport_kit import (
    ELSEWHERE,
    THREAD,
    URL,
    StubDoor,
    each_library,
    each_mode,
    hook,
    no_network,
    send,
    troubled,
)


@pytest.fixture(autouse=True)
def network(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    return no_network(monkeypatch)


@each_library
@each_mode
def test_a_request_that_is_ours_is_answered_by_the_door(library: str, mode: str, network: list[Any]) -> None:
    with hook():
        response = send(library, mode)
    assert (response.status_code, response.content) == (200, THREAD)
    assert response.headers["x-request-id"] == "req_1"
    assert type(response) is import_module(library).Response
    assert str(response.request.url) == URL
    assert network == []


@each_library
@each_mode
def test_the_door_gets_the_request_as_plain_values(library: str, mode: str) -> None:
    door = StubDoor()
    with hook(door):
        send(
            library,
            mode,
            "https://api.openai.com/v1/threads/a%20b?include%5B%5D=x&include%5B%5D=y&after=&n=%C3%A9",
            "POST",
            content=b"body",
            headers=[("X-Twice", "1"), ("X-Twice", "2")],
            timeout=7.5,
        )
    (call,) = door.calls
    assert call.method == "POST"
    assert call.host == "api.openai.com"
    assert call.path == "/threads/a b"
    assert call.url_path == "/v1/threads/a%20b"
    assert call.query == (("include[]", "x"), ("include[]", "y"), ("after", ""), ("n", "é"))
    assert call.body == b"body"
    assert call.headers["x-twice"] == "1, 2"
    assert call.headers["content-length"] == "4"
    assert call.read_timeout == 7.5


@each_library
def test_headers_that_are_not_utf8_arrive_as_latin_1(library: str) -> None:
    door = StubDoor()
    with hook(door):
        send(library, "sync", headers=[(b"X-Odd", b"\xff\xe9"), (b"X-Fine", "é".encode())])
    assert door.calls[0].headers["x-odd"] == "ÿé"
    assert door.calls[0].headers["x-fine"] == "é"


@each_library
@each_mode
def test_no_timeout_is_no_read_timeout(library: str, mode: str) -> None:
    door = StubDoor()
    with hook(door):
        send(library, mode, timeout=None)
    assert door.calls[0].read_timeout is None


@each_library
def test_a_request_without_extensions_has_no_read_timeout(library: str) -> None:
    module = import_module(library)
    door = StubDoor()
    with hook(door), module.HTTPTransport() as transport:
        response = transport.handle_request(module.Request("GET", URL))
    assert response.request.url == URL
    assert door.calls[0].read_timeout is None


@each_library
@each_mode
def test_a_body_that_can_be_iterated_only_once_arrives_whole(library: str, mode: str) -> None:
    def parts() -> Iterator[bytes]:
        yield b"one "
        yield b"two"

    async def async_parts() -> AsyncIterator[bytes]:
        yield b"one "
        yield b"two"

    door = StubDoor()
    with hook(door):
        send(library, mode, method="POST", content=parts() if mode == "sync" else async_parts())
    assert door.calls[0].body == b"one two"


@each_library
@each_mode
def test_a_multipart_body_arrives_whole(library: str, mode: str) -> None:
    door = StubDoor()
    with hook(door):
        send(
            library,
            mode,
            "https://api.openai.com/v1/files",
            "POST",
            data={"purpose": "assistants"},
            files={"file": ("notes.txt", b"content of the file")},
        )
    (call,) = door.calls
    assert call.path == "/files"
    assert b"content of the file" in call.body
    assert b'name="purpose"' in call.body
    assert call.headers["content-type"].startswith("multipart/form-data; boundary=")


@each_library
@each_mode
def test_other_hosts_are_left_alone_with_their_body_untouched(library: str, mode: str, network: list[Any]) -> None:
    taken = []

    def parts() -> Iterator[bytes]:
        taken.append("taken")
        yield b"x"

    async def async_parts() -> AsyncIterator[bytes]:
        taken.append("taken")
        yield b"x"

    door = StubDoor()
    with hook(door):
        content = parts() if mode == "sync" else async_parts()
        response = send(library, mode, ELSEWHERE, "POST", content=content)
    assert response.text == "the network"
    assert [str(request.url) for request in network] == [ELSEWHERE]
    assert (taken, door.calls) == ([], [])


@each_library
@each_mode
def test_other_hosts_are_refused_on_demand_with_the_reason(library: str, mode: str, network: list[Any]) -> None:
    with (
        hook(block_other_hosts=True),
        hook(),
        pytest.raises(import_module(library).ConnectError) as refused,
    ):
        send(library, mode, ELSEWHERE)
    assert str(refused.value).startswith(f"openai_fake refused GET {ELSEWHERE}: it is none of the fake's addresses")
    assert "base_urls=" in str(refused.value)
    assert refused.value.request.url == ELSEWHERE
    assert network == []


@each_mode
def test_a_blocking_hook_lets_respx_answer_other_hosts_but_not_pass_them_on(mode: str, network: list[Any]) -> None:
    with hook(block_other_hosts=True), respx.mock(assert_all_called=False) as router:
        router.get(ELSEWHERE).respond(202)
        router.get("https://real.test/").pass_through()
        assert send("httpx", mode, ELSEWHERE).status_code == 202
        with pytest.raises(httpx.ConnectError, match="refused GET https://real"):
            send("httpx", mode, "https://real.test/")
    assert network == []


@each_library
@each_mode
@pytest.mark.parametrize("class_name", TRANSPORT_ERRORS)
def test_trouble_is_raised_in_the_class_of_the_library_that_asked(library: str, mode: str, class_name: str) -> None:
    error_class = getattr(import_module(library), class_name)
    with hook(troubled(class_name)), pytest.raises(error_class, match=r"^arranged$") as raised:
        send(library, mode)
    assert type(raised.value) is error_class
    assert raised.value.request.url == URL
    assert raised.value.__cause__ is None


@each_library
def test_trouble_that_no_transport_raises_is_a_programming_error(library: str) -> None:
    with (
        hook(troubled("InvalidURL")),
        pytest.raises(ValueError, match=r"'InvalidURL'.*no transport error.*use one of"),
    ):
        send(library, "sync")


def test_every_transport_error_of_the_libraries_can_be_named() -> None:
    defined = {
        name
        for name, value in vars(httpx).items()
        if isinstance(value, type) and issubclass(value, httpx.TransportError)
    }
    assert set(TRANSPORT_ERRORS) == defined


@each_library
@each_mode
def test_a_status_and_an_empty_body_are_passed_on(library: str, mode: str) -> None:
    door = StubDoor(lambda call: Reply(404, [("a", "1"), ("a", "2")], b""))
    with hook(door):
        response = send(library, mode)
    assert (response.status_code, response.content) == (404, b"")
    assert response.headers.get_list("a") == ["1", "2"]


@each_library
@each_mode
@pytest.mark.parametrize(("status", "reason"), [(200, b"OK"), (404, b"Not Found"), (529, b"")])
def test_a_response_has_the_status_line_of_one_that_came_over_a_connection(
    library: str, mode: str, status: int, reason: bytes
) -> None:
    with hook(StubDoor(lambda call: Reply(status, [("x-request-id", "req_1")], b""))):
        first, second = send(library, mode), send(library, mode)
    assert first.extensions == second.extensions == {"http_version": b"HTTP/1.1", "reason_phrase": reason}
    assert (first.http_version, first.reason_phrase) == ("HTTP/1.1", reason.decode())
    assert first.extensions is not second.extensions


@each_library
@each_mode
def test_a_given_base_url_is_served_without_the_beta_header(library: str, mode: str) -> None:
    door = StubDoor()
    with hook(door, "http://localhost:9/api"):
        send(library, mode, "http://localhost:9/api/files")
    assert (door.calls[0].host, door.calls[0].path) == ("localhost", "/files")


@each_library
@each_mode
def test_redirect_following_cookies_and_hooks_of_the_client_go_on_working(library: str, mode: str) -> None:
    def say(call: Call) -> Reply:
        if call.path == "/threads/old":
            return Reply(307, [("location", "/v1/threads/new"), ("set-cookie", "c=1")], b"")
        return Reply(200, [], call.headers.get("cookie", "").encode())

    with hook(StubDoor(say)):
        response = send(library, mode, "https://api.openai.com/v1/threads/old", client={"follow_redirects": True})
    assert (response.url.path, response.text) == ("/v1/threads/new", "c=1")
