"""What the tests of the real SDK share: one body of a test for the sync and the async client."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from openai_fake import OpenAIFake

MODES = ["sync", "async"]
each_mode = pytest.mark.parametrize("mode", MODES)


class Talk:
    """A client in either mode. `await talk(client.x(…))` works for both: what is no awaitable is given back."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.beta = client.beta

    async def __call__(self, result: Any) -> Any:
        return await result if inspect.isawaitable(result) else result

    async def all(self, page: Any) -> list[Any]:
        """Every item of a list, page after page, as the SDK pages it by itself."""
        if hasattr(page, "__aiter__"):
            return [item async for item in page]
        return list(page)


def converse(mode: str, conversation: Callable[[OpenAIFake, Talk], Awaitable[Any]], **given: Any) -> Any:
    """Hold a conversation through a client of the SDK, in an open fake. `kind`: the class, `options`: the fake's."""
    openai = pytest.importorskip("openai", reason="the openai SDK is not installed")
    kind, options = given.pop("kind", "OpenAI"), given.pop("options", {})

    async def go() -> Any:
        with OpenAIFake(**options) as fake:
            client = getattr(openai, kind if mode == "sync" else f"Async{kind}")(**given)
            try:
                return await conversation(fake, Talk(client))
            finally:
                closing = client.close()
                if inspect.isawaitable(closing):
                    await closing

    return asyncio.run(go())
