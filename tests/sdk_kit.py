"""The SDK over one fake without a patch, sync or async, and no sleep that is real."""

import asyncio
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import anyio
import pytest

from openai_fake import OpenAIFake

openai = pytest.importorskip("openai", reason="the openai SDK is not installed")
MAJOR = int(openai.__version__.partition(".")[0])


def talk(fake: OpenAIFake, mode: str, say: Callable[[Any], Any], **options: Any) -> Any:
    """What `say(client)` gives; in async mode, what it gives is awaited."""
    if mode == "sync":
        with openai.OpenAI(api_key="k", http_client=fake.http_client(), **options) as client:
            return say(client)

    async def go() -> Any:
        async with openai.AsyncOpenAI(api_key="k", http_client=fake.async_http_client(), **options) as client:
            told = say(client)
            return await told if inspect.isawaitable(told) else told

    return asyncio.run(go())


@contextmanager
def no_real_sleep(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """Count what is really slept; more than nothing fails."""
    slept: list[float] = []
    with monkeypatch.context() as patch:
        patch.setattr("time.sleep", slept.append)

        async def sleep(seconds: float, real: Any = anyio.sleep) -> None:
            slept.append(seconds)
            await real(0)

        patch.setattr(anyio, "sleep", sleep)
        yield slept
    assert not any(slept), f"really slept: {slept}"
