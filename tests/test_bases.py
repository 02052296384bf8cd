"""The same conversation at every address the protocol was, and is, served under, with every kind of client and key."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from openai_fake import OpenAIFake
from tests.conversation_kit import ANSWER, STREAMED, converse, each_way, prepare
from tests.transport_kit import each_mode, no_network

openai = pytest.importorskip("openai", reason="the openai SDK is not installed")

KEY = "0123456789abcdef0123456789abcdef"
AZURE = {"azure_endpoint": "https://planted.openai.azure.com", "api_version": "2024-05-01-preview"}
FABRIC = "https://api.fabric.microsoft.com/v1/workspaces/w-1/dataAgents/d-1/aiassistant/openai"

# The class of the client, its options, the options of the fake, and where the first request goes.
BASES: dict[str, tuple[str, dict[str, Any], dict[str, Any], str]] = {
    "openai": ("OpenAI", {}, {}, "api.openai.com"),
    "azure key": ("AzureOpenAI", {**AZURE, "api_key": KEY}, {}, "planted.openai.azure.com"),
    "azure token": ("AzureOpenAI", {**AZURE, "azure_ad_token": KEY}, {}, "planted.openai.azure.com"),
    "azure token provider": (
        "AzureOpenAI",
        {**AZURE, "azure_ad_token_provider": lambda: KEY},
        {},
        "planted.openai.azure.com",
    ),
    "azure deployment": (
        "AzureOpenAI",
        {**AZURE, "api_key": KEY, "azure_deployment": "gpt-4o"},
        {},
        "planted.openai.azure.com",
    ),
    "azure's v1 surface": (
        "OpenAI",
        {"base_url": "https://planted.openai.azure.com/openai/v1/"},
        {},
        "planted.openai.azure.com",
    ),
    "fabric": (
        "OpenAI",
        {"base_url": FABRIC, "default_query": {"stage": "production", "api-version": "2024-02-15-preview"}},
        {},
        "api.fabric.microsoft.com",
    ),
    "base_urls": (
        "OpenAI",
        {"base_url": "https://gateway.test/llm/eu"},
        {"base_urls": ["https://gateway.test/llm/eu"]},
        "gateway.test",
    ),
    "any host": ("OpenAI", {"base_url": "https://elsewhere.test:8443/api/v3"}, {}, "elsewhere.test"),
    "a server of one's own": ("OpenAI", {"base_url": "http://localhost:11434/v1"}, {}, "localhost"),
}


@pytest.fixture(autouse=True)
def network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("OPENAI_BASE_URL", "OPENAI_API_KEY", "AZURE_OPENAI_API_KEY", "AZURE_OPENAI_AD_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    arrived = no_network(monkeypatch)
    yield
    assert not arrived


def hold(fake: OpenAIFake, mode: str, kind: str, options: dict[str, Any], streamed: bool) -> tuple[str, list[str]]:
    """The conversation, by a sync or an async client, made while the fake is open."""
    prepare(fake)
    prefix, default = ("", "DefaultHttpxClient") if mode == "sync" else ("Async", "DefaultAsyncHttpxClient")
    # Certificates are what costs time in a client, and nothing is connected to.
    http_client = getattr(openai, default)(verify=False)
    return asyncio.run(converse(getattr(openai, prefix + kind)(**options, http_client=http_client), streamed))


@pytest.mark.parametrize("base", BASES)
@each_mode
@each_way
def test_a_whole_conversation(base: str, mode: str, streamed: bool) -> None:
    kind, options, fake_options, host = BASES[base]
    with OpenAIFake(**fake_options) as fake:
        text, told = hold(fake, mode, kind, options, streamed)
    assert (text, told) == (ANSWER, STREAMED if streamed else ["requires_action", "completed"])
    assert {call.host for call in fake.calls} == {host}
    paths = [call.path for call in fake.calls]
    thread = fake.calls[0].answer["id"]
    assert (paths[0], paths[1], paths[-1]) == ("/threads", f"/threads/{thread}/runs", f"/threads/{thread}/messages")
    assert KEY not in repr([(call.headers, call.query) for call in fake.calls])


@each_mode
@each_way
@pytest.mark.parametrize("when", ["before", "after"])
def test_the_base_url_of_the_environment(mode: str, streamed: bool, when: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if when == "before":
        monkeypatch.setenv("OPENAI_BASE_URL", "https://proxy.test/openai-team/")
    with OpenAIFake() as fake:
        monkeypatch.setenv("OPENAI_BASE_URL", "https://proxy.test/openai-team/")
        text, _ = hold(fake, mode, "OpenAI", {}, streamed)
    assert text == ANSWER
    assert {call.host for call in fake.calls} == {"proxy.test"}


@each_mode
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("OpenAI", {"api_key": KEY}),
        ("AzureOpenAI", {**AZURE, "api_key": KEY}),
        ("AzureOpenAI", {**AZURE, "azure_ad_token": KEY}),
        ("AzureOpenAI", {**AZURE, "azure_ad_token_provider": lambda: KEY}),
    ],
    ids=["openai", "azure key", "azure token", "azure token provider"],
)
def test_only_the_one_key_is_let_in(mode: str, kind: str, options: dict[str, Any]) -> None:
    with OpenAIFake(api_key=KEY) as fake:
        assert hold(fake, mode, kind, options, False)[0] == ANSWER
    with OpenAIFake(api_key="another-key-than-that", assert_all_played=False) as fake:
        with pytest.raises(openai.AuthenticationError) as refused:
            hold(fake, mode, kind, options, False)
        assert fake.calls.last.status == 401
    assert refused.value.code == "invalid_api_key"
    masked = f"012{'*' * 25}cdef"
    assert refused.value.body["message"].startswith(f"Incorrect API key provided: {masked}. You can find")
    assert KEY not in str(refused.value)


def test_the_beta_header_is_what_openai_asks_for_and_azure_does_not() -> None:
    headers = {"OpenAI-Beta": "assistants=v1"}
    with OpenAIFake() as fake:
        with pytest.raises(openai.BadRequestError, match="v1 Assistants API has been deprecated"):
            openai.OpenAI().beta.threads.create(extra_headers=headers)
        azure = openai.AzureOpenAI(**AZURE, api_key=KEY)
        assert azure.beta.threads.create(extra_headers=headers).object == "thread"
    assert [call.query.get("api-version") for call in fake.calls] == [None, AZURE["api_version"]]
