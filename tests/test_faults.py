"""Which call meets which fault, what the faults say, and what happens to the state behind them."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import permutations
from typing import Any

import httpx
import pytest

from openai_fake import OpenAIFake, faults
from openai_fake.errors import TRANSPORT_ERRORS
from openai_fake.faults import Fault
from openai_fake.routing import all_operations
from tests.kit import api
from tests.transport_kit import each_library, each_mode, send

BASE = "https://api.openai.com/v1"
HEADERS = {"OpenAI-Beta": "assistants=v2"}


@pytest.fixture
def fake() -> Iterator[OpenAIFake]:
    with OpenAIFake() as fake:
        fake.add_assistant("asst_1")
        fake.add_thread("thread_1")
        fake.add_message("thread_1")
        yield fake


def ask(method: str = "GET", path: str = "/threads/thread_1/runs", library: str = "httpx", **options: Any) -> Any:
    return send(library, options.pop("mode", "sync"), f"{BASE}{path}", method, headers=HEADERS, **options)


def statuses(count: int, path: str = "/threads/thread_1/runs") -> list[int]:
    return [ask(path=path).status_code for _ in range(count)]


def test_a_fault_meets_the_calls_it_is_meant_for(fake: OpenAIFake) -> None:
    met = fake.inject(faults.server_error, on="runs.list", times=2, after=1)
    assert statuses(1, "/threads/thread_1") == [200]
    assert statuses(5) == [200, 500, 500, 200, 200]
    assert (met.seen, met.met, met.left) == (5, 2, 0)
    assert repr(met) == "<faults.server_error() on 'runs.list': met 2 of 2>"


def test_times_none_is_for_ever_and_a_star_is_for_all(fake: OpenAIFake) -> None:
    met = fake.inject(faults.overloaded(), on="*", times=None)
    assert statuses(3) + statuses(2, "/assistants") + statuses(1, "/no/such/thing") == [503] * 6
    assert met.left == float("inf")


def test_faults_on_the_same_calls_are_met_one_after_another(fake: OpenAIFake) -> None:
    fake.inject(faults.rate_limited(), times=1)
    fake.inject(faults.server_error(), times=1)
    fake.inject(faults.conflict(), times=1, after=3)
    assert statuses(5) == [429, 500, 200, 409, 200]


@pytest.mark.parametrize("order", [1, -1])
def test_latency_stands_beside_another_fault_whichever_was_injected_first(fake: OpenAIFake, order: int) -> None:
    injected = [fake.inject(fault) for fault in (faults.latency(2), faults.server_error())[::order]]
    before = fake.clock.now
    assert statuses(2) == [500, 200]
    assert fake.clock.now - before == 2
    assert [call.duration for call in fake.calls] == [2, 0]
    assert [injection.met for injection in injected] == [1, 1]


def test_what_is_injected_before_entry_is_there_at_every_entry() -> None:
    fake = OpenAIFake()
    met = fake.inject(faults.server_error, on="assistants.*")
    for _ in range(2):
        with fake:
            assert statuses(2, "/assistants") == [500, 200]
            assert met.met == 1
            fake.inject(faults.conflict, on="assistants.*")
            fake.reset()
            assert statuses(2, "/assistants") == [500, 200]


@pytest.mark.parametrize(
    ("arguments", "error", "told"),
    [
        ((faults.server_error, "runs.creat"), ValueError, "no operation is called so; there are runs.create"),
        ((faults.server_error, "runs.*", 0), ValueError, "times=0"),
        ((faults.server_error, "runs.*", 1, -1), ValueError, "after=-1"),
        (("server_error",), TypeError, "give a fault, such as faults.server_error()"),
        ((dict,), TypeError, "give a fault"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    fake: OpenAIFake, arguments: tuple[Any, ...], error: type[Exception], told: str
) -> None:
    with pytest.raises(error) as raised:
        fake.inject(*arguments)
    assert told in str(raised.value)


def test_a_fault_that_nobody_meets_is_no_complaint() -> None:
    with OpenAIFake() as fake:
        met = fake.inject(faults.server_error)
    assert (met.met, met.left) == (0, 1)


def test_time_does_not_run_backwards() -> None:
    with pytest.raises(ValueError, match="seconds >= 0"):
        faults.latency(-1)


def test_an_unknown_transport_error_is_refused() -> None:
    for make in (faults.transport_error, faults.lost_answer, faults.cut_body):
        with pytest.raises(ValueError, match="'OSError' is no transport error; use one of TransportError, "):
            make("OSError")
    with pytest.raises(ValueError, match="is no transport error"):
        faults.disconnect(class_name="nothing")


@each_library
@each_mode
@pytest.mark.parametrize("class_name", TRANSPORT_ERRORS)
def test_a_transport_error_is_of_the_callers_own_library(
    fake: OpenAIFake, library: str, mode: str, class_name: str
) -> None:
    fake.inject(faults.transport_error(class_name))
    with pytest.raises(Exception) as raised:
        ask(library=library, mode=mode)
    assert (type(raised.value).__name__, type(raised.value).__module__) == (class_name, library)
    assert (fake.calls.last.status, fake.calls.last.failure) == (0, class_name)
    assert repr(fake.calls.last) == f"<runs.list: GET /threads/thread_1/runs -> {class_name}>"


ENVELOPES = [
    (faults.bad_request("No."), 400, "No.", "invalid_request_error", None),
    (
        faults.unauthorized("sk-secret-1234"),
        401,
        "Incorrect API key provided: sk-*******1234. You can find your API key at "
        "https://platform.openai.com/account/api-keys.",
        "invalid_request_error",
        "invalid_api_key",
    ),
    (
        faults.rate_limited(7),
        429,
        "Rate limit reached for gpt-4o in organization org-fake on tokens per min (TPM): Limit 30000, Used 30000, "
        "Requested 1200. Please try again in 7s. Visit https://platform.openai.com/account/rate-limits to learn more.",
        "tokens",
        "rate_limit_exceeded",
    ),
    (
        faults.quota_exceeded(),
        429,
        "You exceeded your current quota, please check your plan and billing details. For more information on this "
        "error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.",
        "insufficient_quota",
        "insufficient_quota",
    ),
    (faults.slow_down(), 429, "Slow down.", "rate_limit_error", "slow_down"),
    (
        faults.server_error(),
        500,
        "The server had an error processing your request. Sorry about that! You can retry your request, or contact us "
        "through our help center at help.openai.com if you keep seeing this error. (Please include the request ID "
        "{the id of this request} in your email.)",
        "server_error",
        None,
    ),
    (
        faults.overloaded(),
        503,
        "Our servers are currently overloaded. Please try again later.",
        "service_unavailable_error",
        "server_is_overloaded",
    ),
    (faults.status(409, "Twice.", type="t", error_code="c"), 409, "Twice.", "t", "c"),
]


@pytest.mark.parametrize(("fault", "status", "message", "kind", "code"), ENVELOPES, ids=lambda value: repr(value)[:30])
def test_a_refusal_has_the_services_envelope(
    fake: OpenAIFake, fault: Fault, status: int, message: str, kind: str, code: str | None
) -> None:
    fake.inject(fault)
    answer = ask()
    assert answer.status_code == status
    assert answer.headers["x-request-id"].startswith("req_")
    told = message.replace("{the id of this request}", answer.headers["x-request-id"])
    assert answer.json() == {"error": {"message": told, "type": kind, "param": None, "code": code}}
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("fault", "headers"),
    [
        (faults.rate_limited(), {"retry-after-ms": "1"}),
        (faults.server_error(), {"retry-after-ms": "1"}),
        (faults.bad_gateway(), {"retry-after-ms": "1", "content-type": "text/html"}),
        (faults.request_timeout(), {"retry-after-ms": "1"}),
        (faults.rate_limited(20), {"retry-after": "20", "retry-after-ms": None}),
        (faults.rate_limited(retry_after_ms=250), {"retry-after": None, "retry-after-ms": "250"}),
        (faults.overloaded(retry_after=3), {"retry-after": "3", "retry-after-ms": None}),
        (faults.server_error(retry_after=3), {"retry-after": "3", "retry-after-ms": None}),
        (faults.status(503, headers={"Retry-After": "9"}), {"retry-after": "9", "retry-after-ms": None}),
        (faults.status(503, headers={"Retry-After": "9"}, body="x"), {"retry-after": "9", "retry-after-ms": None}),
        (faults.bad_request(), {"retry-after-ms": None}),
        (
            faults.rate_limited(20, by="requests", limit=500),
            {
                "x-ratelimit-limit-requests": "500",
                "x-ratelimit-remaining-requests": "0",
                "x-ratelimit-reset-requests": "20s",
                "x-ratelimit-limit-tokens": "10000",
                "x-ratelimit-remaining-tokens": "9999",
            },
        ),
    ],
    ids=repr,
)
def test_a_refusal_says_in_its_headers_when_to_come_back(
    fake: OpenAIFake, fault: Fault, headers: dict[str, str | None]
) -> None:
    fake.inject(fault)
    answer = ask()
    assert {name: answer.headers.get(name) for name in headers} == headers


@pytest.mark.parametrize(("name", "value"), [("X-Request-Id", "req_mine"), ("Content-Type", "text/html")])
def test_a_header_of_the_tests_own_stands_in_the_place_of_the_usual_one(
    fake: OpenAIFake, name: str, value: str
) -> None:
    fake.inject(faults.status(400, headers={name: value}))
    assert ask().headers.get_list(name) == [value]


def test_a_proxy_in_front_answers_with_a_page(fake: OpenAIFake) -> None:
    fake.inject(faults.bad_gateway())
    answer = ask()
    assert "<h1>502 Bad Gateway</h1>" in answer.text
    assert "x-request-id" not in answer.headers


def test_a_refused_limit_is_a_limit_of_something() -> None:
    with pytest.raises(ValueError, match=r"expected 'tokens' or 'requests'"):
        faults.rate_limited(by="days")


def run_statuses(fake: OpenAIFake) -> list[str]:
    return [run.status for run in fake.thread("thread_1").runs]


@pytest.mark.parametrize(
    ("fault", "takes_effect"),
    [
        (faults.server_error(), False),
        (faults.connect_error(), False),
        (faults.read_timeout(), False),
        (faults.lost_answer(), True),
        (faults.latency(601), True),
        (faults.empty_body(), True),
        (faults.performed(faults.bad_gateway()), True),
    ],
    ids=repr,
)
def test_only_a_fault_behind_the_operation_lets_it_take_effect(
    fake: OpenAIFake, fault: Fault, takes_effect: bool
) -> None:
    fake.inject(fault, on="runs.create")
    try:
        ask("POST", json={"assistant_id": "asst_1"}, timeout=600)
    except Exception as error:
        assert type(error).__module__ == "httpx"
    assert len(run_statuses(fake)) == takes_effect


@pytest.mark.parametrize(
    "fault",
    [
        faults.lost_answer(),
        faults.latency(1),
        faults.empty_body(),
        faults.not_json(),
        faults.performed(faults.cut_body()),
    ],
    ids=repr,
)
def test_what_strikes_behind_the_operation_lets_it_take_effect_once(fake: OpenAIFake, fault: Fault) -> None:
    fake.inject(faults.performed(fault), on="messages.create")
    with suppress(Exception):
        ask("POST", "/threads/thread_1/messages", json={"role": "user", "content": "once"})
    assert [message.text for message in fake.thread("thread_1").messages][-2:].count("once") == 1


def test_a_fault_of_streams_waits_for_a_stream_behind_the_operation_too(fake: OpenAIFake) -> None:
    behind = fake.inject(faults.performed(faults.disconnect(2)), on="*")
    ask("POST", "/threads/thread_1/messages", json={"role": "user", "content": "once"})
    assert behind.met == 0
    with pytest.raises(Exception, match="peer closed"):
        ask("POST", json={"assistant_id": "asst_1", "stream": True})
    assert behind.met == 1 and run_statuses(fake) == ["queued"]


@pytest.mark.parametrize("order", [*permutations(["byte_by_byte", "comments", "crlf", "unknown_event"])], ids=", ".join)
def test_the_looks_of_a_stream_stand_beside_each_other_in_any_order(fake: OpenAIFake, order: Sequence[str]) -> None:
    fake.reply("Größe")
    for name in (*order, "crlf"):
        fake.inject(getattr(faults, name))
    told = ask("POST", json={"assistant_id": "asst_1", "stream": True}).text
    assert told.count("Größe") == 2 and "\r\r" not in told
    events = told.split("\r\n\r\n")
    assert events[-3:] == [": ping", "event: done\r\ndata: [DONE]", ""]
    assert events.count(": ping") == len(events) // 2
    assert events[1].startswith("event: thread.run.dreaming\r\ndata: {")


def test_latency_beyond_the_read_timeout_ends_at_its_own_virtual_moment(fake: OpenAIFake) -> None:
    fake.inject(faults.latency(30), on="*", times=2)
    before = fake.clock.now
    with pytest.raises(Exception, match="The read operation timed out") as raised:
        ask(timeout=5)
    assert type(raised.value).__name__ == "ReadTimeout"
    assert fake.clock.now - before == 5
    assert ask(timeout=None).status_code == 200
    assert fake.clock.now - before == 35


def test_what_falls_due_during_latency_happens(fake: OpenAIFake) -> None:
    run = fake.add_run("thread_1", status="requires_action", tool_calls=[{"id": "call_1", "name": "f"}])
    fake.inject(faults.latency(600), on="threads.retrieve")
    ask(path="/threads/thread_1", timeout=None)
    assert run_statuses(fake) == ["expired"]
    assert fake.events(run.id)[-1].name == "thread.run.expired"


def test_an_outage_lasts_until_it_is_over(fake: OpenAIFake) -> None:
    fake.down()
    for path in ("/threads/thread_1", "/assistants", "/files"):
        with pytest.raises(Exception, match="Connection refused") as raised:
            ask(path=path)
        assert type(raised.value).__name__ == "ConnectError"
    fake.up()
    assert statuses(1) == [200]
    assert [call.failure for call in fake.calls] == ["ConnectError"] * 3 + [""]


def test_since_the_sunset_every_assistants_route_is_unknown(fake: OpenAIFake) -> None:
    fake.sunset()
    served = {o.name: (o.method, o.template) for o in all_operations().values()}
    for name, (method, template) in served.items():
        answer = ask(method, template.replace("{", "").replace("}", ""), json={} if method == "POST" else None)
        if template.startswith(("/assistants", "/threads")):
            path = f"/v1{template}".replace("{", "").replace("}", "")
            assert answer.status_code == 404, name
            assert answer.json() == {
                "error": {
                    "message": f"Invalid URL ({method} {path})",
                    "type": "invalid_request_error",
                    "param": None,
                    "code": None,
                }
            }
        else:
            assert "Invalid URL" not in answer.text, name
    fake.reset()
    assert statuses(1, "/assistants") == [200]


def test_down_and_sunset_before_entry_hold_at_every_entry() -> None:
    fake = OpenAIFake()
    fake.sunset()
    for _ in range(2):
        with fake:
            assert statuses(1, "/assistants") == [404]


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: faults.performed("x"), "performed(fault='x'): expected a fault"),  # type: ignore[arg-type]
        (lambda: faults.status(500, headers=3), "status(headers=3): expected a dict"),  # type: ignore[arg-type]
        (lambda: faults.status(500, headers={"a": 3}), "status(headers={'a': 3}): expected a dict of texts"),  # type: ignore[dict-item]
        (lambda: faults.status(500, body=3), "status(body=3): expected a text or bytes"),  # type: ignore[arg-type]
        (lambda: faults.status(500, message=3), "status(message=3): expected a text"),  # type: ignore[arg-type]
    ],
)
def test_what_is_no_fault_or_no_header_is_refused_where_it_is_given(make: Any, told: str) -> None:
    with pytest.raises(TypeError) as refused:
        make()
    assert str(refused.value).startswith(told)


def test_a_fault_that_is_wrong_itself_is_answered_and_told() -> None:
    def burst(*_: object) -> Any:
        raise ZeroDivisionError("a bug")

    with (
        pytest.raises(AssertionError, match="openai_fake failed itself.*ZeroDivisionError: a bug"),
        OpenAIFake() as fake,
    ):
        fake.inject(Fault("of my own", burst), on="files.*")
        with fake.http_client("httpx") as client:
            assert client.get("https://api.openai.com/v1/files").status_code == 500


@pytest.mark.parametrize("seconds", [float("inf"), float("nan")])
def test_no_clock_comes_to_the_end_of_time(seconds: float) -> None:
    fake = OpenAIFake()
    with pytest.raises(ValueError, match=r"^clock\.advance\((inf|nan)\): no clock comes to that"):
        fake.clock.advance(seconds)
    with pytest.raises(ValueError, match=r"^latency\(nan\)"):
        faults.latency(float("nan"))
    fake.inject(faults.latency(float("inf")), on="files.*")
    with fake.http_client("httpx") as client:
        with pytest.raises(httpx.ReadTimeout, match="this request has no read timeout"):
            client.get("https://api.openai.com/v1/files", timeout=None)
        assert client.get("https://api.openai.com/v1/files").status_code == 200


def test_a_fault_that_was_injected_before_entry_has_met_nothing_yet() -> None:
    met = OpenAIFake().inject(faults.server_error, times=2)
    assert (met.seen, met.met, met.left) == (0, 0, 2)
    assert repr(met) == "<faults.server_error() on 'runs.*': met 0 of 2>"


def test_another_content_type_stands_alone() -> None:
    it = api()
    it.fake.inject(faults.wrong_content_type(), on="assistants.list")
    with it.fake:
        url, headers = "https://api.openai.com/v1/assistants", {"openai-beta": "assistants=v2"}
        reply = it.fake.http_client().get(url, headers=headers)
    assert reply.headers.get_list("content-type") == ["text/plain"]


@pytest.mark.parametrize("body", [[], [{"stream": True}], "stream", 1, None])
def test_a_body_that_is_no_object_does_not_ask_for_a_stream(body: Any) -> None:
    it = api()
    it.fake.add_thread("thread_1")
    it.fake.inject(faults.truncate(1), times=None)
    assert it.send("POST", "/threads/thread_1/runs", body).status == 400


def test_a_look_of_a_stream_stands_beside_another_fault_of_it() -> None:
    it = api()
    it.fake.add_thread("thread_1", messages=[{"role": "user", "content": "Hi"}])
    injected = [it.fake.inject(fault) for fault in (faults.truncate(3), faults.unknown_event(1))]
    body = {"assistant_id": it.assistant(), "stream": True}
    told = it.send("POST", "/threads/thread_1/runs", body).raw.decode()
    names = [line.removeprefix("event: ") for line in told.splitlines() if line.startswith("event: ")]
    assert [injection.met for injection in injected] == [1, 1]
    assert "thread.run.dreaming" in names and "done" not in names


@pytest.mark.parametrize("fault", [faults.truncate(100), faults.corrupt(100)], ids=repr)
def test_what_lies_beyond_the_end_of_a_stream_does_it_no_harm(fault: Fault) -> None:
    def told(*injected: Fault) -> bytes:
        it = api()
        it.fake.add_thread("thread_1", messages=[{"role": "user", "content": "Hi"}])
        for each in injected:
            it.fake.inject(each)
        body = {"assistant_id": it.assistant(), "stream": True}
        return it.send("POST", "/threads/thread_1/runs", body).raw

    assert told(fault) == told()


def test_a_fault_of_streams_waits_for_a_stream() -> None:
    it = api()
    met = it.fake.inject(faults.truncate(0))
    run = it.run()
    assert (run["status"], met.seen, met.met) == ("queued", 0, 0)


TEXTS = {
    "forbidden": "You are not allowed to do this.",
    "not_found": "Not found.",
    "request_timeout": "Request timed out.",
    "conflict": "The resource was changed by another request. Please try again.",
    "too_large": "The request is too large.",
    "unprocessable": "The request could not be processed.",
}


@pytest.mark.parametrize(("name", "text"), TEXTS.items(), ids=TEXTS)
def test_a_refusal_without_words_of_the_test_has_its_own(name: str, text: str) -> None:
    it = api()
    it.fake.inject(getattr(faults, name)(), on="*")
    assert it.send("GET", "/assistants").error["message"] == text
