"""The SDK's clients over a fake's own transport: no key of anybody's, no SSL context, no network."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from openai import AsyncOpenAI, OpenAI

    from openai_fake import OpenAIFake


def sync_client(fake: "OpenAIFake") -> "OpenAI":
    """An `OpenAI` that speaks to the fake."""
    client: OpenAI = _class("OpenAI")(api_key=_key(fake), http_client=fake.http_client())
    return client


def async_client(fake: "OpenAIFake") -> "AsyncOpenAI":
    """An `AsyncOpenAI` that speaks to the fake."""
    client: AsyncOpenAI = _class("AsyncOpenAI")(api_key=_key(fake), http_client=fake.async_http_client())
    return client


def close_now(client: "AsyncOpenAI") -> None:
    """Close an async client with no event loop: nothing in it has anything to wait for."""
    closing = client.close()
    try:
        closing.send(None)
    except StopIteration:
        return
    closing.close()
    raise RuntimeError("The async client of openai_fake had to wait for something when it was closed.")


def _key(fake: "OpenAIFake") -> str:
    from openai_fake.secrets import FAKE_KEY

    return fake.options.api_key or FAKE_KEY


def _class(name: str) -> Any:
    try:
        # Where it is defined: `openai.OpenAI` is what many tests have a mock in the place of.
        module = import_module("openai._client")
    except ImportError as error:
        pytest.fail(
            f"The fixtures openai_fake_client and openai_fake_async_client need the SDK: pip install openai ({error}).",
            pytrace=False,
        )
    return getattr(module, name)
