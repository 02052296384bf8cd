"""The pytest plugin: a fresh fake a test. It imports pytest alone until a fixture is used."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from openai_fake import OpenAIFake


@pytest.fixture
def openai_fake() -> "Iterator[OpenAIFake]":
    """A fresh `OpenAIFake`, open for the test."""
    from openai_fake import OpenAIFake

    with OpenAIFake() as fake:
        yield fake
