"""Finding the operation of a request: by its route, with the ids as they were meant."""

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openai_fake.objects.base import Body
from openai_fake.routing import Call, Operation, all_operations, find, nearest, operation
from tests.counts import thorough
from tests.kit import api
from tests.transport_kit import run_python

ids = st.text(st.characters(codec="utf-8"), min_size=1).filter(lambda id: id not in (".", ".."))


@pytest.mark.parametrize("operation", all_operations().values(), ids=all_operations())
def test_every_operation_is_found_at_its_route(operation: Operation) -> None:
    names = [part[1:-1] for part in operation.template.split("/") if part.startswith("{")]
    path = operation.template
    for name in names:
        path = path.replace(f"{{{name}}}", f"{name}_1")
    assert find(operation.method, path) == (operation, {name: f"{name}_1" for name in names})
    assert find(operation.method, f"{path}/") == find(operation.method, path)


@given(ids, ids)
def test_an_id_arrives_as_it_was_meant(thread: str, run: str) -> None:
    found = find("GET", f"/threads/{quote(thread, safe='')}/runs/{quote(run, safe='')}")
    assert found is not None
    assert (found[0].name, found[1]) == ("runs.retrieve", {"thread_id": thread, "run_id": run})


def test_a_fixed_word_goes_before_an_id() -> None:
    found = find("POST", "/threads/runs")
    assert found is not None
    assert found[0].name == "threads.create_and_run"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", ""),
        ("PUT", "/assistants"),
        ("GET", "/threads"),
        ("GET", "/threads//messages"),
        ("GET", "/x"),
    ],
)
def test_what_is_no_operation_is_not_found(method: str, path: str) -> None:
    assert find(method, path) is None


@pytest.mark.parametrize(
    ("method", "path", "near"),
    [
        ("POST", "/threads/thread_1/run", "runs.create (POST /threads/{thread_id}/runs)"),
        ("GET", "/assistent", "assistants.list (GET /assistants)"),
        ("GET", "/threads/thread_1/runs/run_1/step", "steps.list (GET /threads/{thread_id}/runs/{run_id}/steps)"),
        ("PATCH", "/qqqqqqqqqqqqqqqqqqqqqqqqqqqq", None),
    ],
)
def test_the_nearest_operation_is_named(method: str, path: str, near: str | None) -> None:
    assert nearest(method, path) == near


def test_an_unknown_route_is_answered_with_the_address_as_it_was_sent() -> None:
    it = api()
    assert it.refused("DELETE", "/threads/thread_1/runs/run_1")[:2] == (
        404,
        "Invalid URL (DELETE /v1/threads/thread_1/runs/run_1)",
    )


@pytest.mark.parametrize(
    "asked",
    [
        "routing.find('POST', '/files')[0].name == 'files.create'",
        pytest.param("routing.is_known('vector_stores.files.*')", marks=thorough),
        "'uploads.create' in (routing.nearest('POST', '/upload') or '')",
        pytest.param("routing.find('GET', '/x') is None and routing.is_known('uploads.cancel')", marks=thorough),
    ],
)
def test_operations_of_files_are_known_whoever_asks_first(asked: str) -> None:
    done = run_python(f"import openai_fake; from openai_fake import routing; print({asked})")
    assert (done.stdout, done.stderr) == ("True\n", "")


AT_ONCE = """
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
import sys
from openai_fake import OpenAIFake, routing
sys.setswitchinterval(1e-6)
ready = Barrier(16)
routes = [("GET", "/files/1"), ("GET", "/threads/1"), ("GET", "/vector_stores/1/files/2"), ("POST", "/threads/1/runs")]
def ask(number):
    ready.wait()
    return [(found := routing.find(*route)) and found[0].name for route in routes[number % 4:] + routes[:number % 4]]
with ThreadPoolExecutor(16) as threads:
    print(sorted({name or "nothing" for names in threads.map(ask, range(16)) for name in names}))
"""


def test_threads_that_ask_for_the_first_of_them_all_find_it() -> None:
    names = ["files.retrieve", "runs.create", "threads.retrieve", "vector_stores.files.retrieve"]
    done = run_python(AT_ONCE)
    assert (done.stdout, done.stderr) == (f"{names}\n", "")


def no_ids(world: Any) -> None: ...


def other_order(world: Any, run_id: str, thread_id: str) -> None: ...


def body_and_call(world: Any, thread_id: str, run_id: str, body: Body, call: Call) -> None: ...


def more(world: Any, thread_id: str, run_id: str, colour: str) -> None: ...


@pytest.mark.parametrize("function", [no_ids, other_order, body_and_call, more])
def test_a_function_that_cannot_be_called_as_an_operation_is_refused(function: Any) -> None:
    with pytest.raises(TypeError, match=r"its function takes \(world, thread_id, run_id\)"):
        operation("runs.dream", "POST /threads/{thread_id}/runs/{run_id}/dream")(function)
    assert "runs.dream" not in all_operations()


def test_a_route_is_taken_once_and_an_operation_can_be_written_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openai_fake.routing._OPERATIONS", dict(all_operations()))
    monkeypatch.setattr("openai_fake.routing._BY_SHAPE", {})
    operation("a.one", "GET /ones/{one_id}")(lambda world, one_id: 1)
    second = operation("a.one", "GET /ones/{one_id}")(lambda world, one_id: 2)
    found = find("GET", "/ones/1")
    assert found is not None and found[0].perform is second
    with pytest.raises(ValueError, match="another operation has this route already"):
        operation("a.two", "GET /ones/{other_id}")(lambda world, other_id: 3)
    find.cache_clear()


def test_an_operation_may_be_annotated_with_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openai_fake.routing._OPERATIONS", {})
    monkeypatch.setattr("openai_fake.routing._BY_SHAPE", {})

    def late(world: "Any", body: "Body") -> "Any": ...

    operation("a.late", "POST /lates")(late)
    found = find("POST", "/lates")
    assert found is not None and found[0].body is Body
    find.cache_clear()
