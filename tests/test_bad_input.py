"""Whatever arrives: the answer is a refusal in the service's envelope, and nothing has changed."""

import json
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from openai_fake.routing import Operation, all_operations
from tests import bad_input_kit as bad
from tests.counts import count, examples
from tests.good_bodies import GOOD
from tests.kit import BETA, Answer, Api, api, dump

with_a_body = [operation for operation in all_operations().values() if operation.body is not None]
can_be_wrong = [operation for operation in all_operations().values() if bad.faults(operation)]
each_operation = pytest.mark.parametrize("operation", can_be_wrong, ids=lambda operation: operation.name)


def check_refused(it: Api, before: Any, answer: Answer) -> None:
    """A 4xx in the envelope, with the service's headers, and the world as it was."""
    assert 400 <= answer.status < 500, (answer.status, answer.raw[:500])
    error = answer.error
    assert error["type"] == "invalid_request_error"
    assert isinstance(error["message"], str)
    assert error["message"]
    assert error["param"] is None or isinstance(error["param"], str)
    assert error["code"] is None or isinstance(error["code"], str)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-request-id"].startswith("req_")
    assert dump(it.fake) == before


def spoil(data: st.DataObject, it: Api, operation: Operation) -> Answer:
    """Send a request of the operation that has one fault."""
    path, body, headers = bad.good_path(it, operation), bad.good_body(operation), BETA
    query: list[tuple[str, str]] = []
    kind = data.draw(st.sampled_from(bad.faults(operation)))
    if kind in bad.BODY_FAULTS:
        body = data.draw(st.sampled_from(bad.faulty_bodies(operation, kind)))
    elif kind == "raw":
        body = data.draw(st.sampled_from([*bad.NOT_JSON, *bad.NOT_UTF8, *bad.NOT_AN_OBJECT]))
    elif kind == "query":
        query = [data.draw(st.sampled_from(bad.bad_queries(operation)))]
    elif kind == "id":
        name = data.draw(st.sampled_from(bad.placeholders(operation)))
        id = data.draw(bad.bad_ids)
        good = path.split("/")
        place = operation.template.split("/").index(f"{{{name}}}")
        # Hypothesis draws the constants of our own modules too: now and then it finds an id that is there.
        assume(repr(id) not in repr(dump(it.fake)))
        good[place] = quote(id, safe="")
        path, body = "/".join(good), good_for_id_faults(operation)
    else:
        headers = {}
    sent = body if operation.body is not None or kind == "raw" else None
    return it.send(operation.method, path, sent, query=query, headers=headers)


def good_for_id_faults(operation: Operation) -> Any:
    """A body that is good enough to get as far as the ids."""
    return {"metadata": {}} if operation.name.endswith(".update") else bad.good_body(operation)


@pytest.mark.parametrize("raw", [*bad.NOT_JSON[:4], *bad.NOT_UTF8[:1], *bad.NOT_AN_OBJECT[:1]], ids=str)
def test_a_body_where_none_is_taken_is_not_looked_at(raw: bytes) -> None:
    it = bad.furnished()
    assert it.ok("GET", "/assistants/asst_1", raw)["id"] == "asst_1"
    assert it.ok("DELETE", "/assistants/asst_1", raw)["deleted"] is True


@each_operation
@pytest.mark.filterwarnings("ignore:openai_fake serves no:RuntimeWarning")
def test_a_request_with_a_fault_is_refused_and_changes_nothing(operation: Operation) -> None:
    it = bad.furnished()
    before = dump(it.fake)

    @settings(max_examples=examples(10, 100), suppress_health_check=list(HealthCheck))
    @given(st.data())
    def refuses(data: st.DataObject) -> None:
        check_refused(it, before, spoil(data, it, operation))

    refuses()
    assert it.fake.complaints() == []


@pytest.mark.parametrize("kind", bad.BODY_FAULTS)
@pytest.mark.parametrize("name", GOOD)
def test_every_single_fault_of_a_body_is_refused(name: str, kind: str) -> None:
    it, operation = bad.furnished(), all_operations()[name]
    before = dump(it.fake)
    path = bad.good_path(it, operation)
    bodies = bad.faulty_bodies(operation, kind)
    for body in bodies[:: count(max(1, len(bodies) // 15), 1)]:
        check_refused(it, before, it.send(operation.method, path, body))


@pytest.mark.parametrize("name", GOOD)
def test_what_the_faults_are_made_of_is_good(name: str) -> None:
    """So that each of them is refused for its own fault, and for none that was there before."""
    operation, body = all_operations()[name], GOOD[name]
    assert operation.body is not None
    assert bad.fits(operation.body, body)
    assert set(body) == set(operation.body.model_fields)


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize("operation", with_a_body, ids=lambda operation: operation.name)
def test_any_json_is_answered_and_what_is_refused_changes_nothing(operation: Operation) -> None:
    assert operation.body is not None
    names = sorted(operation.body.model_fields) or ["x"]

    @settings(max_examples=examples(5, 60), suppress_health_check=list(HealthCheck))
    @given(st.data())
    def answers(data: st.DataObject) -> None:
        it = bad.furnished()
        body = bad.good_body(operation)
        for name in data.draw(st.lists(st.sampled_from(names), max_size=3)):
            body[name] = data.draw(json_values)
        before = dump(it.fake)
        answer = it.send(operation.method, bad.good_path(it, operation), body)
        assert answer.status < 500, answer.raw
        if answer.status >= 400:
            check_refused(it, before, answer)

    answers()


@given(st.binary(max_size=60), st.sampled_from(bad.GOOD_NAMES))
def test_any_bytes_are_answered(body: bytes, name: str) -> None:
    it, operation = bad.furnished(), all_operations()[name]
    with suppress(ValueError):
        assume(not isinstance(json.loads(body or b"{}"), dict))
    before = dump(it.fake)
    check_refused(it, before, it.send(operation.method, bad.good_path(it, operation), body))


def test_there_are_enough_cases() -> None:
    single = sum(len(bad.faulty_bodies(all_operations()[name], kind)) for name in GOOD for kind in bad.BODY_FAULTS)
    assert single >= 1_500
    assert {"assistants.list", "runs.cancel", "threads.delete"} <= {operation.name for operation in can_be_wrong}


@pytest.mark.parametrize("size", [4_301, 100_000])
def test_a_number_of_thousands_of_digits_is_refused_like_any_other(size: int) -> None:
    it = api()
    body = b'{"model": "m", "temperature": %s}' % (b"9" * size)
    status, *_ = it.refused("POST", "/assistants", body)
    assert status == 400


def test_a_key_of_a_million_characters_costs_no_time_to_speak_of() -> None:
    it = api()
    status, message, *_ = it.refused("POST", "/assistants", {"model": "m", "k" * 1_000_000: 1})
    assert status == 400
    assert message.startswith("Unknown parameter: 'kkk")
