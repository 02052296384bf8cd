"""What the tests of files and vector stores share."""

from typing import Any

from openai_fake import OpenAIFake

from .sdk_kit import openai
from .sdk_kit import talk as call

FLAVOURS = ("sync", "async")


def stores(client: Any) -> Any:
    """The vector stores of a client: `client.beta.vector_stores` before 1.66."""
    return client.vector_stores if hasattr(client, "vector_stores") else client.beta.vector_stores


def refusal(fake: OpenAIFake, act: Any) -> Any:
    """What the service refuses with."""
    try:
        given = call(fake, "sync", act, max_retries=0)
    except openai.APIStatusError as error:
        return error
    raise AssertionError(f"expected a refusal, got {given!r}")


__all__ = ["FLAVOURS", "call", "refusal", "stores"]
