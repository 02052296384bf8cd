"""The service's texts where no table of bad requests reaches them: keys that stay secret, files, and the envelope."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openai_fake import body_errors, errors
from openai_fake.errors import Misuse, ServiceError, TransportFailure
from tests.kit import BETA, api


@given(st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=80))
def test_a_refused_key_is_never_shown_whole(key: str) -> None:
    told = errors.bad_key(f"sk-{key}").message
    assert f"sk-{key}." not in told
    assert "*" * 4 in told


def test_a_refused_key_is_masked_as_the_service_masked_it() -> None:
    refused = errors.bad_key("sk-abcdefghijklmnop1234")
    assert refused.message == (
        "Incorrect API key provided: sk-****************1234. "
        "You can find your API key at https://platform.openai.com/account/api-keys."
    )
    assert (refused.status, refused.code, refused.headers) == (
        401,
        "invalid_api_key",
        (("www-authenticate", 'Bearer realm="OpenAI API"'),),
    )


@pytest.mark.parametrize("name", ["authorization", "api-key"])
def test_the_one_key_that_is_let_in_may_come_by_either_header(name: str) -> None:
    it = api(api_key="sk-right-key")
    value = "Bearer sk-right-key" if name == "authorization" else "sk-right-key"
    assert it.send("GET", "/assistants", headers={**BETA, name: value}).status == 200
    for headers, message in (
        ({**BETA, name: f"{value}-not"}, "Incorrect API key provided: sk-"),
        (BETA, "You didn't provide an API key."),
    ):
        answer = it.send("GET", "/assistants", headers=headers)
        assert answer.status == 401
        assert answer.error["message"].startswith(message)
        assert "openai-organization" not in answer.headers


def test_the_envelope_has_its_keys_in_the_recorded_order() -> None:
    error = ServiceError(400, "No.", param="x", code="y")
    assert error.envelope() == {"error": {"message": "No.", "type": "invalid_request_error", "param": "x", "code": "y"}}
    assert str(error) == "No."


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (["a"], "'a'"),
        (["a", "b"], "'a' and 'b'"),
        (["a", "b", "c"], "'a', 'b', and 'c'"),
        (["a", "b", "c", "d"], "'a', 'b', 'c', and 'd'"),
    ],
)
def test_values_are_listed_as_in_the_service_texts(values: list[str], told: str) -> None:
    assert errors.quoted(values) == told


@pytest.mark.parametrize(
    ("name", "near"),
    [("nam", "'name'"), ("namee", "'name'"), ("anme", "'name'"), ("nm", "'name'"), ("x", None), ("surname", None)],
)
def test_a_name_within_two_edits_is_suggested(name: str, near: str | None) -> None:
    told = body_errors.unknown_parameter(f"tools[0].{name}", name, ["model", "name"]).message
    assert told == f"Unknown parameter: 'tools[0].{name}'." + (f" Did you mean {near}?" if near else "")


def test_misuse_and_trouble_are_no_refusals() -> None:
    assert not issubclass(Misuse, ServiceError)
    assert not issubclass(TransportFailure, ServiceError)
    assert TransportFailure("ReadTimeout", "slow").class_name == "ReadTimeout"


@pytest.mark.parametrize(
    ("bound", "shown"), [(100, "100"), (2_592_000, "2592000"), (8 * 2**30, "8589934592"), (2.0, "2"), (0.5, "0.5")]
)
def test_a_bound_is_written_out_in_full(bound: float, shown: str) -> None:
    told = body_errors.number_out_of_range("limit", bound + 1, bound, above=True).message
    assert f"Expected a value <= {shown}, but got" in told


def test_without_a_key_the_answer_says_in_a_header_how_to_give_one() -> None:
    answer = api(api_key="sk-1").send("GET", "/assistants")
    assert answer.status == 401 and "You didn't provide an API key." in answer.error["message"]
    assert answer.headers["www-authenticate"] == 'Bearer realm="OpenAI API"'


def test_the_first_version_is_refused_in_the_recorded_words() -> None:
    answer = api().send("GET", "/assistants", headers={"openai-beta": "assistants=v1"})
    assert answer.error["message"] == (
        "The v1 Assistants API has been deprecated. "
        "Please try again by setting the header 'OpenAI-Beta: assistants=v2'."
    )
