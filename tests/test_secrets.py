"""What is a secret, and that it is blacked out wherever the fake shows anything."""

import os
from unittest import mock

import pytest

from openai_fake.secrets import (
    FAKE_KEY,
    REDACTED,
    find_secrets,
    is_secret_name,
    is_secret_parameter,
    redact,
    redact_json,
)

KEY = "sk-proj-Planted0Key1-abcdefghijklmnop_qrst"
ORGANIZATION = "org-Planted2Organization3"
PROJECT = "proj_Planted4Project5"
COOKIE = "session=planted6cookie7"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJwbGFudGVkIjoiOCJ9.c2lnbmF0dXJlOQ"


@pytest.mark.parametrize(
    ("kind", "text", "secret"),
    [
        ("key", f"my key is {KEY}, keep it", KEY),
        ("key", '{"key":"sk-short123"}', "sk-short123"),
        ("organization", f"of {ORGANIZATION}.", ORGANIZATION),
        ("project", f"in {PROJECT}.", PROJECT),
        ("jwt", f"token {JWT} and more", JWT),
        ("jwt", f"It is {JWT}.", JWT),
        ("token", "Authorization: Bearer 0123456789abcdef", "0123456789abcdef"),
        ("credentials", "Authorization: Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"),
        ("cookie", f"Cookie: {COOKIE}; other=1\nHost: x", f"{COOKIE}; other=1"),
        ("token", "authorization: Bearer mysecret", "mysecret"),
        ("token", "AUTHORIZATION: BEARER abcdef0123456789", "abcdef0123456789"),
        ("token", "bearer: aBcdefGhijk", "aBcdefGhijk"),
        ("token", "push with ghp_0123456789abcdefABCD", "ghp_0123456789abcdefABCD"),
        ("token", "AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE"),
        ("token", "xoxb-1234567890-abc", "xoxb-1234567890-abc"),
        ("password", "https://me:hunter2@proxy.test/v1", "me:hunter2"),
        ("parameter", "https://x.test/v1/files?code=abc123&order=asc", "abc123"),
        ("parameter", "GET /v1/threads?order=asc&API-KEY=abc123", "abc123"),
    ],
)
def test_a_secret_is_known_by_its_shape(kind: str, text: str, secret: str) -> None:
    (found,) = find_secrets(text)
    assert (found.kind, text[found.start : found.end]) == (kind, secret)
    assert redact(text) == text.replace(secret, REDACTED)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Ask the task-force about org-mode, disk-space and proj_x.",
        "asst_abc123 thread_abc123 call_abc123 file-abc123 chatcmpl-abc123",
        "eyJ is how they begin",
        f"the fake lends {FAKE_KEY}",
        "the bearer of this letter",
        "Here is some basic information. Basic arithmetic and Basic authentication are easy.",
        "A bearer certificate, Bearer authentication.",
        "sk-learn-pipelines, proj_description, org-structures",
        "https://x.test/?max_token=100",
        "hf_text_generation_model, ghs_report_generator_v2, xoxo-kisses-sender",
        "https://api.openai.com/v1/threads?limit=20&order=asc",
        '{"prompt_tokens": 12, "code": "invalid_api_key"}',
    ],
)
def test_an_ordinary_text_stays_as_it_is(text: str) -> None:
    assert find_secrets(text) == []
    assert redact(text) is text


def test_the_values_of_the_environments_keys_are_secrets_whatever_their_shape(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "0123456789abcdef")
    monkeypatch.setenv("OPENAI_ORG_ID", "planted-company")
    monkeypatch.setenv("OPENAI_API_KEY", FAKE_KEY)
    monkeypatch.setenv("OPENAI_LOG", "debugging-it")
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "short")
    assert redact("0123456789abcdef of planted-company: debugging-it short") == (
        f"{REDACTED} of {REDACTED}: debugging-it short"
    )


def test_secrets_that_overlap_are_blacked_out_once() -> None:
    assert redact(f"Bearer {KEY} {KEY}", known=[KEY[3:12], KEY]) == f"Bearer {REDACTED} {REDACTED}"


def test_a_json_value_is_cleaned_by_name_and_by_shape() -> None:
    value = {
        "api_key": "opaque",
        "access_token": "",
        "usage": {"prompt_tokens": 3, "completion_tokens_details": {"reasoning_tokens": 0}},
        "code": "bad",
        "said": [f"it is {KEY}", 1, None, True],
    }
    assert redact_json(value) == {
        **value,
        "api_key": REDACTED,
        "said": [f"it is {REDACTED}", 1, None, True],
    }


def test_the_environment_is_searched_once_for_all_texts_of_a_value(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = mock.Mock(wraps=os.environ)
    monkeypatch.setattr("openai_fake.secrets.os", mock.Mock(environ=environment))
    redact_json({"texts": ["one", "two", {"three": "four"}]})
    assert environment.items.call_count == 1


def test_names_of_headers_and_parameters() -> None:
    secret = ["Authorization", "api-key", "X-API-Key", "Cookie", "Set-Cookie", "OpenAI-Organization", "openai-project"]
    secret += ["x-amz-security-token", "Ocp-Apim-Subscription-Key", "Proxy-Authorization", "client_secret"]
    open_ = ["content-type", "openai-beta", "x-stainless-lang", "max_prompt_tokens", "user-agent", "code", "after"]
    assert [name for name in [*secret, *open_] if is_secret_name(name)] == secret
    assert [name for name in ("code", "sig", "key", "api-version", "order") if is_secret_parameter(name)] == [
        "code",
        "sig",
        "key",
    ]


def test_a_found_secret_does_not_show_itself() -> None:
    assert KEY not in repr(find_secrets(f"here: {KEY}"))


@pytest.mark.parametrize(("value", "is_hidden"), [("hunter-8", True), ("hunter7", False)])
def test_a_value_of_the_environment_is_hidden_from_eight_characters_on(
    value: str, is_hidden: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", value)
    assert (value in redact(f"It was {value}.")) != is_hidden
