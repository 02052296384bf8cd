"""Which requests are the fake's, and the path it routes on."""

import pytest

from openai_fake.claims import Addresses, is_served

BETA = ((b"Host", b"h"), (b"OpenAI-Beta", b"assistants=v2"))


@pytest.fixture(autouse=True)
def _no_base_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)


OURS = [
    ("api.openai.com", "/v1/threads", "", "/threads"),
    ("api.openai.com", "/v1", "", "/"),
    ("api.openai.com", "/v1/chat/completions", "", "/chat/completions"),
    ("eu.api.openai.com", "/v1/files", "", "/files"),
    ("x.openai.azure.com", "/openai/threads/t/runs", "api-version=1", "/threads/t/runs"),
    ("x.openai.azure.com", "/openai/files", "", "/files"),
    ("x.openai.azure.com", "/openai/v1/vector_stores", "", "/vector_stores"),
    ("x.openai.azure.com", "/openai/v1/chat/completions", "", "/chat/completions"),
    ("gateway.test", "/my/openai/assistants", "a=b&api-version=1", "/assistants"),
    (
        "gateway.test",
        "/openai/deployments/d/chat/completions",
        "api-version=1",
        "/deployments/d/chat/completions",
    ),
    ("x.openai.azure.com", "/openai/deployments/gpt/threads/t/runs", "api-version=1", "/threads/t/runs"),
    ("x.openai.azure.com", "/openai/deployments/gpt/files", "api-version=1", "/files"),
    ("x.openai.azure.com", "/openai/deployments/gpt", "api-version=1", "/deployments/gpt"),
    ("gateway.test", "/openai/v1/files/file-1", "", "/files/file-1"),
    ("api.fabric.test", "/v1/workspaces/w/dataAgents/d/aiassistant/openai/threads", "stage=x", "/threads"),
    ("api.fabric.test", "/v1/workspaces/w/aiassistant/openai/v1/threads", "", "/threads"),
]


@pytest.mark.parametrize(("host", "path", "query", "located"), OURS)
def test_a_known_address_is_ours_whatever_its_headers(host: str, path: str, query: str, located: str) -> None:
    assert Addresses().locate(host, None, path, query) == located


@pytest.mark.parametrize(
    ("host", "path", "query"),
    [
        ("example.org", "/v1/threads", ""),
        ("example.org", "/", ""),
        ("api.openai.com", "/v10/threads", ""),
        ("api.openai.com", "/dashboard", ""),
        ("notapi.openai.com.evil.test", "/v1/threads", ""),
        ("fakeapi.openai.com", "/v1/threads", ""),
        ("api.groq.test", "/openai/v1/chat/completions", ""),
        ("api.github.test", "/repos/openai/v1", ""),
        ("blob.test", "/openai/threads", ""),
        ("blob.test", "/openai", "api-version=1"),
    ],
)
def test_other_addresses_are_not_ours(host: str, path: str, query: str) -> None:
    assert Addresses().locate(host, None, path, query, ((b"Accept", b"assistants=v2"),)) is None


@pytest.mark.parametrize(
    ("path", "located"),
    [
        ("/threads", "/threads"),
        ("/v1/threads/t", "/threads/t"),
        ("/openai/assistants", "/assistants"),
        ("/openai/v1/assistants", "/assistants"),
        ("/api/v1/threads/t/runs", "/threads/t/runs"),
        ("/tenants/7/v2/threads/t/messages", "/threads/t/messages"),
        ("/v1/workspaces/w/vector_stores", "/vector_stores"),
        ("/v1/nothing/here", "/nothing/here"),
        ("/", "/"),
    ],
)
def test_the_beta_header_makes_any_host_ours(path: str, located: str) -> None:
    assert Addresses().locate("anything.test", 8080, path, "", BETA) == located


@pytest.mark.parametrize(
    ("value", "ours"),
    [(b"assistants=v1", True), (b"x=1, assistants=v2", True), (b"realtime=v1", False), (b"", False)],
)
def test_only_the_beta_of_the_assistants_counts(value: bytes, ours: bool) -> None:
    found = Addresses().locate("h.test", None, "/v1/threads", "", [(b"openai-beta", value)])
    assert (found is not None) is ours


def test_given_base_urls_are_ours_at_their_port_and_prefix_only() -> None:
    addresses = Addresses(["http://LOCALHOST:8000/v1/", "https://gw.test:443/a", "https://gw.test/a/b"])
    assert addresses.locate("localhost", 8000, "/v1/files") == "/files"
    assert addresses.locate("localhost", None, "/v1/files") is None
    assert addresses.locate("localhost", 8000, "/v2/files") is None
    assert addresses.locate("gw.test", None, "/a/files") == "/files"
    assert addresses.locate("gw.test", None, "/a/b/files") == "/files"
    assert addresses.locate("gw.test", None, "/ab/files") is None


def test_a_base_url_without_a_path_claims_the_whole_host_with_or_without_the_usual_prefix() -> None:
    addresses = Addresses("https://gw.test")
    assert addresses.locate("gw.test", None, "/v1/files") == "/files"
    assert addresses.locate("gw.test", None, "/files") == "/files"
    assert addresses.locate("gw.test", None, "/v1/models") == "/models"


@pytest.mark.parametrize("wrong", ["gw.test/v1", "", "ftp://gw.test", "https://", "http://h:port/"])
def test_a_base_url_that_is_no_url_is_refused_with_an_example(wrong: str) -> None:
    with pytest.raises(ValueError, match="not an absolute http or https URL; give one such as"):
        Addresses([wrong])


def test_the_environment_is_read_at_every_request_and_never_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    addresses = Addresses()
    assert addresses.locate("one.test", None, "/x/files") is None
    monkeypatch.setenv("OPENAI_BASE_URL", "https://one.test/x")
    assert addresses.locate("one.test", None, "/x/files") == "/files"
    monkeypatch.setenv("OPENAI_BASE_URL", "https://two.test/y/")
    assert addresses.locate("two.test", None, "/y/files") == "/files"
    monkeypatch.setenv("OPENAI_BASE_URL", "nonsense")
    assert addresses.locate("two.test", None, "/y/files") == "/files"
    monkeypatch.delenv("OPENAI_BASE_URL")
    assert addresses.locate("one.test", None, "/x/files") == "/files"


def test_the_environment_at_birth_counts_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "https://one.test/x")
    addresses = Addresses()
    monkeypatch.delenv("OPENAI_BASE_URL")
    assert addresses.locate("one.test", None, "/x/files") == "/files"


def test_the_path_is_decoded_but_an_encoded_slash_stays_one_segment() -> None:
    assert Addresses().locate("api.openai.com", None, "/v1/threads/a%20b%2Fc%2fd") == "/threads/a b%2Fc%2Fd"


@pytest.mark.parametrize(("path", "served"), [("/threads", True), ("/files/f", True), ("/models", False), ("/", False)])
def test_what_the_assistants_api_serves_is_told_from_its_neighbours(path: str, served: bool) -> None:
    assert is_served(path) is served


def test_a_base_url_that_is_set_later_may_be_another_path_of_openais_own_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    addresses = Addresses()
    assert addresses.locate("api.openai.com", None, "/gateway/threads") is None
    monkeypatch.setenv("OPENAI_BASE_URL", "https://api.openai.com/gateway")
    assert addresses.locate("api.openai.com", None, "/gateway/threads") == "/threads"
