"""The life of the patches: nested, in any order, under threads, beside other mocks, after every exit."""

import asyncio
import functools
import gc
import sys
import threading
from collections.abc import Callable
from importlib import import_module
from typing import Any
from unittest import mock

import httpx
import pytest
import respx

from openai_fake.claims import Addresses
from openai_fake.transport import Hook, Library, transport
from tests.transport_kit import (
    ELSEWHERE,
    THREAD,
    URL,
    StubDoor,
    belongings,
    each_library,
    each_mode,
    hook,
    no_network,
    run_python,
    send,
)

CHAT = "https://api.openai.com/v1/chat/completions"
GENUINE = (httpx.HTTPTransport.handle_request, httpx.AsyncHTTPTransport.handle_async_request)


@pytest.fixture(autouse=True)
def network(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    return no_network(monkeypatch)


def named(name: bytes) -> Hook:
    return hook(StubDoor(body=name))


@pytest.mark.parametrize("leave", [ValueError, KeyboardInterrupt, SystemExit, asyncio.CancelledError])
def test_every_exit_leaves_the_very_same_objects(leave: type[BaseException]) -> None:
    before = belongings()

    def leave_early() -> None:
        with hook():
            assert belongings() != before
            send("httpx", "sync")
            raise leave

    with pytest.raises(leave):
        leave_early()
    assert belongings() == before


def test_starting_and_stopping_twice_is_the_same_as_once() -> None:
    before = belongings()
    once = hook()
    once.stop()
    once.start()
    once.start()
    once.stop()
    assert belongings() == before
    once.stop()
    with once:
        assert send("httpx", "sync").content == THREAD
    assert belongings() == before


def test_a_start_that_fails_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    before = belongings()
    broken = hook()
    mocker = respx.mocks.Mocker.registry["openai_fake"]
    with monkeypatch.context() as patch:
        patch.setattr(mocker, "_watch", mock.Mock(side_effect=KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            broken.start()
    assert belongings() == before
    assert mocker.routers == []


@each_library
@each_mode
def test_the_inner_of_two_answers(library: str, mode: str) -> None:
    with named(b"outer"):
        with named(b"inner"):
            assert send(library, mode).content == b"inner"
        assert send(library, mode).content == b"outer"


@each_library
def test_what_the_inner_does_not_claim_goes_to_the_outer(library: str, network: list[Any]) -> None:
    outer, inner = StubDoor(body=b"outer"), StubDoor(body=b"inner")
    with hook(outer, "https://gw.test/v1"), hook(inner):
        assert send(library, "sync", "https://gw.test/v1/files").content == b"outer"
        assert send(library, "sync", ELSEWHERE).text == "the network"


@each_library
def test_two_left_in_the_wrong_order_restore_everything(library: str) -> None:
    before = belongings()
    first, second = named(b"first"), named(b"second")
    first.start()
    second.start()
    first.stop()
    assert send(library, "sync").content == b"second"
    second.stop()
    assert belongings() == before
    assert send(library, "sync").text == "the network"


@each_library
@each_mode
def test_a_client_made_before_the_hook_is_served(library: str, mode: str) -> None:
    module = import_module(library)
    client = module.Client() if mode == "sync" else module.AsyncClient()

    async def go() -> Any:
        async with client:
            return await client.get(URL)

    with hook():
        if mode == "async":
            assert asyncio.run(go()).content == THREAD
        else:
            with client:
                assert client.get(URL).content == THREAD


@pytest.mark.parametrize("how", ["proxy", "mounts", "environment", "retries"])
@each_library
@each_mode
def test_proxies_mounts_and_transports_of_ones_own_making_are_served(
    library: str, mode: str, how: str, monkeypatch: pytest.MonkeyPatch, network: list[Any]
) -> None:
    module = import_module(library)
    own = module.HTTPTransport if mode == "sync" else module.AsyncHTTPTransport
    options: dict[str, dict[str, Any]] = {
        "proxy": {"proxy": "http://127.0.0.1:9"},
        "mounts": {"mounts": {"https://": own(proxy="http://127.0.0.1:9")}},
        "environment": {},
        "retries": {"transport": own(retries=2)},
    }
    if how == "environment":
        monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with hook():
        assert send(library, mode, client=options[how]).content == THREAD
    assert network == []


@each_library
@each_mode
def test_a_transport_wrapped_around_a_real_one_still_runs(library: str, mode: str) -> None:
    module = import_module(library)
    seen = []

    class Logging(module.BaseTransport, module.AsyncBaseTransport):  # type: ignore[misc, name-defined]
        def handle_request(self, request: Any) -> Any:
            seen.append(request.url)
            return module.HTTPTransport().handle_request(request)

        async def handle_async_request(self, request: Any) -> Any:
            seen.append(request.url)
            return await module.AsyncHTTPTransport().handle_async_request(request)

    with hook():
        assert send(library, mode, client={"transport": Logging()}).content == THREAD
    assert seen == [URL]


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    start_response("200 OK", [("content-type", "text/plain")])
    return [b"the application"]


async def async_application(scope: Any, receive: Any, respond: Any) -> None:
    await respond({"type": "http.response.start", "status": 200, "headers": []})
    await respond({"type": "http.response.body", "body": b"the application"})


@each_library
@each_mode
def test_transports_injected_on_purpose_are_left_alone(library: Library, mode: str) -> None:
    module = import_module(library)
    door = StubDoor()
    stand_in = module.MockTransport(lambda request: module.Response(200, text="the application"))
    server = module.WSGITransport(app=application) if mode == "sync" else module.ASGITransport(app=async_application)
    other = transport(StubDoor(body=b"the application"), Addresses(), library=library)
    with hook(door):
        for injected in (stand_in, server, other):
            assert send(library, mode, client={"transport": injected}).text == "the application"
    assert door.calls == []


@pytest.mark.parametrize("using", ["httpcore", "httpx"])
@pytest.mark.parametrize("order", ["inside", "outside"])
@each_mode
def test_respx_and_the_hook_work_side_by_side_in_either_order(
    mode: str, order: str, using: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = hook()
    theirs = respx.mock(using=using, assert_all_called=False)
    theirs.get(ELSEWHERE).respond(202)
    theirs.get("https://api.openai.com/v1/chat/completions").respond(203)
    theirs.route(host="api.openai.com").pass_through()
    outer, inner = (ours, theirs) if order == "inside" else (theirs, ours)
    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", GENUINE[0])
    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", GENUINE[1])
    before = belongings()
    with outer, inner:
        assert send("httpx", mode).content == THREAD
        assert send("httpx", mode, ELSEWHERE).status_code == 202
        assert send("httpx", mode, CHAT).status_code == 203
    assert belongings() == before


@each_mode
def test_a_respx_route_that_passes_through_cannot_let_out_what_is_ours(mode: str, network: list[Any]) -> None:
    def dither(request: httpx.Request) -> httpx.Request:
        return request

    with hook(StubDoor(body=b"door")), respx.mock(assert_all_called=False) as router:
        router.get(CHAT).mock(side_effect=dither)
        assert send("httpx", mode, CHAT).content == b"door"
        router.get(CHAT).pass_through()
        assert send("httpx", mode, CHAT).content == b"door"
    assert network == []


@pytest.mark.parametrize("using", ["httpcore", "httpx", "openai_fake"])
@pytest.mark.parametrize("order", ["inside", "outside"])
@pytest.mark.parametrize("url", [URL, CHAT])
@each_mode
def test_a_respx_route_that_passes_on_to_the_hook_has_been_called(mode: str, order: str, url: str, using: str) -> None:
    if using == "openai_fake" and order == "inside":
        pytest.skip("what is opened first under the fake's name is asked behind the hook")
    ours, theirs = hook(StubDoor(body=b"door")), respx.mock(using=using, assert_all_called=True)
    route = theirs.route(host="api.openai.com").pass_through()
    ours.stop()
    outer, inner = (theirs, ours) if order == "inside" else (ours, theirs)
    with outer, inner:
        for number in (1, 2):
            assert send("httpx", mode, url).content == b"door"
            assert route.call_count == theirs.calls.call_count == number


@each_mode
def test_a_respx_route_that_would_answer_what_the_api_serves_has_not_been_called(mode: str) -> None:
    with hook(), respx.mock(assert_all_called=False) as router:
        route = router.route().respond(500)
        assert send("httpx", mode).content == THREAD
        assert not route.called


@each_mode
def test_a_respx_route_does_not_take_what_the_api_serves(mode: str) -> None:
    with hook(), respx.mock(assert_all_called=False) as router:
        router.route().respond(500)
        assert send("httpx", mode).content == THREAD


@pytest.mark.parametrize("order", ["inside", "outside"])
@each_mode
def test_pytest_httpx_and_the_hook_work_side_by_side(mode: str, order: str, request: pytest.FixtureRequest) -> None:
    pytest.importorskip("pytest_httpx", reason="pytest-httpx is not installed")
    if order == "outside":
        other = request.getfixturevalue("httpx_mock")
        with hook():
            other.add_response(url=ELSEWHERE, status_code=202)
            assert send("httpx", mode).content == THREAD
            assert send("httpx", mode, ELSEWHERE).status_code == 202
        return
    with hook():
        other = request.getfixturevalue("httpx_mock")
        other.add_response(url=ELSEWHERE, status_code=202)
        assert send("httpx", mode, ELSEWHERE).status_code == 202
        with hook():
            assert send("httpx", mode).content == THREAD


def test_a_blocking_hook_leaves_the_decision_to_a_mock_beneath_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def mocked(transport: Any, request: httpx.Request) -> httpx.Response:
        return httpx.Response(202)

    async def async_mocked(transport: Any, request: httpx.Request) -> httpx.Response:
        return httpx.Response(202)

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", mocked)
    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", async_mocked)
    with hook(block_other_hosts=True):
        assert send("httpx", "sync", ELSEWHERE).status_code == 202
        assert send("httpx", "async", ELSEWHERE).status_code == 202


def test_a_patch_that_outlives_ours_keeps_working_and_ours_lets_everything_pass(network: list[Any]) -> None:
    before = belongings()
    ours = hook(StubDoor(body=b"door"))
    ours.start()
    beneath = httpx.HTTPTransport.handle_request

    def on_top(transport: Any, request: httpx.Request) -> Any:
        return beneath(transport, request)

    later = mock.patch.object(httpx.HTTPTransport, "handle_request", functools.wraps(beneath)(on_top))
    later.start()
    assert send("httpx", "sync").content == b"door"
    ours.stop()
    assert send("httpx", "sync").text == "the network"
    with named(b"again"):
        assert send("httpx", "sync").content == b"again"
    later.stop()
    assert send("httpx", "sync").text == "the network"
    with named(b"again"):
        assert send("httpx", "sync").content == b"again"
    assert belongings() == before


def test_a_mock_object_in_place_of_the_method_is_called_as_it_expects() -> None:
    with mock.patch.object(httpx.HTTPTransport, "handle_request") as replaced:
        replaced.return_value = httpx.Response(202)
        with hook():
            assert send("httpx", "sync", ELSEWHERE).status_code == 202
    (request,) = replaced.call_args.args
    assert request.url == ELSEWHERE


@each_library
@each_mode
def test_routes_added_for_this_mocker_serve_both_libraries(library: str, mode: str) -> None:
    with hook(), respx.mock(using="openai_fake") as router:
        added = router.get(CHAT).respond(203, json={"a": 1})
        slow = router.get(ELSEWHERE).mock(side_effect=httpx.ReadTimeout)
        response = send(library, mode, CHAT)
        assert (response.status_code, response.json()) == (203, {"a": 1})
        assert added.call_count == 1
        assert send(library, mode).content == THREAD
        with pytest.raises(import_module(library).ReadTimeout) as raised:
            send(library, mode, ELSEWHERE)
        assert raised.value.request.url == ELSEWHERE
        assert slow.called


@each_library
@each_mode
def test_routes_added_to_the_hook_come_before_its_door_and_go_when_it_stops(library: str, mode: str) -> None:
    ours = hook()
    with ours:
        ours.get(URL).respond(418)
        assert send(library, mode).status_code == 418
        ours.clear()
        ours.get(URL).pass_through()
        assert send(library, mode).content == THREAD
    assert list(ours.routes) == []


def test_routes_added_for_this_mocker_serve_before_any_hook_was_open() -> None:
    program = (
        "import httpx, respx, openai_fake\n"
        "with respx.mock(using='openai_fake') as router:\n"
        f"    router.get('{ELSEWHERE}').respond(203)\n"
        f"    print(httpx.get('{ELSEWHERE}').status_code)\n"
    )
    done = run_python(program)
    assert (done.stdout, done.stderr) == ("203\n", "")


@each_mode
def test_a_streamed_answer_of_a_route_is_read_and_closed_like_any_other(mode: str) -> None:
    class Stream(httpx.SyncByteStream, httpx.AsyncByteStream):
        closed = 0

        def __iter__(self) -> Any:
            yield b"one"

        async def __aiter__(self) -> Any:
            yield b"one"

        def close(self) -> None:
            Stream.closed += 1

        async def aclose(self) -> None:
            Stream.closed += 1

    with respx.mock(using="openai_fake") as router:
        router.get(ELSEWHERE).mock(return_value=httpx.Response(200, stream=Stream()))
        assert send("httpx", mode, ELSEWHERE).content == b"one"
    assert Stream.closed == 1


def test_eight_threads_opening_and_closing_lose_nothing(network: list[Any]) -> None:
    before = belongings()
    wrong: list[Any] = []
    client = httpx.Client()

    def work(number: int) -> None:
        body = f"answer {number}".encode()
        url = f"https://gw{number}.test/v1/files"
        for _ in range(120):
            try:
                with hook(StubDoor(body=body), f"https://gw{number}.test/v1"):
                    if client.get(url).content != body:
                        wrong.append(number)
            except BaseException as error:
                wrong.append(error)
                raise

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    client.close()
    assert (wrong, network) == ([], [])
    assert belongings() == before


@each_library
def test_an_aiohttp_transport_born_while_the_hook_is_open_is_served_until_it_closes(library: str) -> None:
    module = import_module(library)

    def born() -> Any:
        class LateAiohttpTransport(module.AsyncBaseTransport):  # type: ignore[misc, name-defined]
            async def handle_async_request(self, request: Any) -> Any:
                return module.Response(299, text="the network")

        return LateAiohttpTransport

    early = born()
    with hook():
        late = born()
        for owner in (early, late):
            assert send(library, "async", client={"transport": owner()}).content == THREAD
            assert send(library, "async", ELSEWHERE, client={"transport": owner()}).text == "the network"
    for owner in (early, late):
        assert send(library, "async", client={"transport": owner()}).text == "the network"
        assert owner.handle_async_request.__qualname__.endswith("LateAiohttpTransport.handle_async_request")
    gc.collect()


def test_a_class_of_another_name_is_a_target_once_it_has_been_added() -> None:
    class Carrier(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            return httpx.Response(299, text="the network")

    module: Any = sys.modules[__name__]
    module.Carrier = Carrier
    target = f"{__name__}.Carrier"
    with hook():
        mocker = respx.mocks.Mocker.registry["openai_fake"]
        assert send("httpx", "sync", client={"transport": Carrier()}).text == "the network"
        mocker.add_targets(target)
        assert send("httpx", "sync", client={"transport": Carrier()}).content == THREAD
        mocker.remove_targets(target)
        assert send("httpx", "sync", client={"transport": Carrier()}).text == "the network"
        assert send("httpx", "sync").content == THREAD
    del module.Carrier


def test_the_package_can_be_imported_anew_in_the_same_process() -> None:
    program = (
        "import sys, httpx, importlib\n"
        "for _ in range(2):\n"
        "    for name in [n for n in sys.modules if n.startswith('openai_fake')]: del sys.modules[name]\n"
        "    transport = importlib.import_module('openai_fake.transport')\n"
        "    claims = importlib.import_module('openai_fake.claims')\n"
        "    errors = importlib.import_module('openai_fake.errors')\n"
        "    class Door:\n"
        "        def answer(self, call): raise errors.TransportFailure('ReadTimeout', 'arranged')\n"
        "    with transport.Hook(Door(), claims.Addresses()):\n"
        "        try: httpx.get('https://api.openai.com/v1/threads/t')\n"
        "        except httpx.ReadTimeout: print('timeout', end=' ')\n"
    )
    done = run_python(program)
    assert (done.stdout, done.stderr) == ("timeout timeout ", "")


def test_importing_the_hook_imports_neither_the_sdk_nor_httpx2_nor_a_test_library() -> None:
    program = (
        "import sys, openai_fake.transport\n"
        "unwanted = {'openai', 'httpx2', 'faker', 'hypothesis', 'pytest', 'aiohttp'}\n"
        "print(sorted(unwanted & set(sys.modules)))"
    )
    done = run_python(program)
    assert (done.stdout, done.stderr) == ("[]\n", "")
