"""Routes that tests write with respx themselves: asked one by one, never let out to the network from here.

respx knows only httpx, so for an httpx2 client the question is translated, and so is the answer.
"""

from collections.abc import Sequence
from types import ModuleType
from typing import Any

import httpx
from respx.mocks import Mocker
from respx.models import PassThrough
from respx.router import Router

from ..secrets import redact
from .families import Family, family_of

_MOCKERS = Mocker.registry
_NONE: Sequence[Router] = ()


class Guest:
    """A router opened with `respx.mock(using="openai_fake")`: its routes serve httpx and httpx2."""

    block_other_hosts = False

    def __init__(self, router: Router) -> None:
        self.router = router

    def names(self, request: Any) -> bool:
        """Whether an address was given to it; its routes are asked in any case."""
        return False

    def serve(self, library: Any, request: Any) -> Any:
        """The answer of the first route that fits, or `None`."""
        request.read()
        return ask(self.router, family_of(library), request)

    async def serve_async(self, library: Any, request: Any) -> Any:
        """The same for async clients."""
        await request.aread()
        return await ask_async(self.router, family_of(library), request)


def ask(router: Router, family: Family, request: Any) -> Any:
    """What the router's routes answer to a request that has been read, or `None` if none of them does."""
    question = _for_respx(family, request)
    if not _has_answer(router, question):
        return None
    try:
        return family.copy(router.handler(question), request)
    except PassThrough:
        return None
    except httpx.TransportError as error:
        raise _translated(family, error, request) from error


async def ask_async(router: Router, family: Family, request: Any) -> Any:
    """The same for async clients, whose routes may have coroutine side effects."""
    question = _for_respx(family, request)
    if not _has_answer(router, question):
        return None
    try:
        return family.copy(await router.async_handler(question), request)
    except PassThrough:
        return None
    except httpx.TransportError as error:
        raise _translated(family, error, request) from error


def ask_beneath(family: Family, request: Any) -> Any:
    """What those routes answer that would see the request if it went on, or `None`: those of a plain `respx.mock`."""
    for router in _routers_beneath(family):
        response = ask(router, family, request)
        if response is not None:
            return response
    return None


async def ask_beneath_async(family: Family, request: Any) -> Any:
    """The same for async clients."""
    for router in _routers_beneath(family):
        response = await ask_async(router, family, request)
        if response is not None:
            return response
    return None


def pass_on(family: Family, request: Any) -> None:
    """Count a route as called that would have passed a request of the API on: respx asserts that each has been."""
    for router in _routers_beneath(family):
        _has_answer(router, _for_respx(family, request))


def _routers_beneath(family: Family) -> Sequence[Router]:
    """respx's own, which patch what httpx rests on, and those of pytest-httpx2, which do the same for httpx2."""
    mocker = _MOCKERS.get("httpcore" if family.library is httpx else "httpcore2")
    # Every request of the API comes by here, and mostly there is none.
    return list(mocker.routers) if mocker and mocker.routers else _NONE


def refuse(library: ModuleType, request: Any) -> Any:
    """Under `block_other_hosts`: a respx route may still answer; the rest gets a `ConnectError`."""
    family = family_of(library)
    request.read()
    response = ask_beneath(family, request)
    if response is None:
        raise _blocked(family, request)
    return response


async def refuse_async(library: ModuleType, request: Any) -> Any:
    """The same for async clients."""
    family = family_of(library)
    await request.aread()
    response = await ask_beneath_async(family, request)
    if response is None:
        raise _blocked(family, request)
    return response


def _blocked(family: Family, request: Any) -> Exception:
    return family.error(
        "ConnectError",
        f"openai_fake refused {request.method} {redact(str(request.url))}: it is none of the fake's addresses, and the "
        "fake was opened with block_other_hosts=True. If it was meant for the fake, add its base URL to "
        "base_urls=; if the test needs this host, mock it (a respx route will do) or open the fake without "
        "block_other_hosts.",
        request,
    )


def _has_answer(router: Router, question: httpx.Request) -> bool:
    """Whether the first route that fits would answer. One that passes the request on has been called with that."""
    for route in router.routes:
        if not route.pattern or route.pattern.match(question):
            if route.is_pass_through:
                router.record(question, route=route)
            return not route.is_pass_through
    return False


def _for_respx(family: Family, request: Any) -> httpx.Request:
    if family.library is httpx:
        own: httpx.Request = request
        return own
    return httpx.Request(
        request.method,
        str(request.url),
        headers=request.headers.raw,
        content=request.content,
        extensions=request.extensions,
    )


def _translated(family: Family, error: httpx.TransportError, request: Any) -> Exception:
    return error if family.library is httpx else family.error(type(error).__name__, str(error), request)
