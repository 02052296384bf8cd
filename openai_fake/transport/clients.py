"""Transports and clients that lead to the door and nowhere else, for use without patching anything.

Nothing here opens a connection or builds an SSL context, so a client costs well under a millisecond.
"""

import sys
from functools import cache
from types import ModuleType
from typing import Any, Literal

from ..claims import Addresses
from ..routing import Answers
from ..secrets import redact
from .claiming import Claim, claim
from .families import Family, family_of, give_way, installed_libraries
from .hook import answer

Library = Literal["httpx", "httpx2"]
"""The HTTP libraries of the SDK: httpx2 from 3.0 on."""


def transport(door: Answers, addresses: Addresses, library: Library | None = None) -> Any:
    """A transport for sync and async clients of `library`: `"httpx"`, `"httpx2"`, or the installed SDK's own.

    Raises `ValueError` for another name and `ImportError` where httpx2 is asked for but not installed.
    """
    return _transport_class(_library(library))(door, addresses)


def http_client(door: Answers, addresses: Addresses, library: Library | None = None) -> Any:
    """A `Client` of that library over `transport(…)`, for `OpenAI(http_client=…)`."""
    module = _library(library)
    return module.Client(**_options(door, addresses, module))


def async_http_client(door: Answers, addresses: Addresses, library: Library | None = None) -> Any:
    """An `AsyncClient` of that library over `transport(…)`, for `AsyncOpenAI(http_client=…)`."""
    module = _library(library)
    return module.AsyncClient(**_options(door, addresses, module))


def library_of_sdk() -> Library:
    """What the `openai` SDK speaks: `"httpx2"` from 3.0 on; before that, and without an SDK, `"httpx"`."""
    loaded = getattr(sys.modules.get("openai"), "__version__", None)
    version = loaded if isinstance(loaded, str) else _installed_version()
    return "httpx2" if int(version.partition(".")[0]) >= 3 else "httpx"


@cache
def _installed_version() -> str:
    from importlib import metadata

    try:
        return metadata.version("openai")
    except metadata.PackageNotFoundError:
        return "0"


def _options(door: Answers, addresses: Addresses, module: ModuleType) -> dict[str, Any]:
    inner = _transport_class(module)(door, addresses)
    return {"transport": inner, "trust_env": False, "follow_redirects": True}


def _library(name: Library | None) -> ModuleType:
    wanted = name or library_of_sdk()
    if wanted not in ("httpx", "httpx2"):
        raise ValueError(f"library={name!r} is not known; use 'httpx', 'httpx2' or None (the SDK's own).")
    libraries = installed_libraries()
    if wanted == "httpx":
        return libraries[0]
    if libraries[-1].__name__ != "httpx2":
        raise ImportError("library='httpx2' needs httpx2: pip install httpx2, or use library='httpx'.")
    return libraries[-1]


class _DoorTransport:
    """Every request is ours or is refused: an injected transport has nowhere else to send it."""

    _family: Family

    def __init__(self, door: Answers, addresses: Addresses) -> None:
        self._door = door
        self._addresses = addresses

    def handle_request(self, request: Any) -> Any:
        claimed = self._claim(request)
        return answer(self._door, self._family, request, claimed, request.read())

    async def handle_async_request(self, request: Any) -> Any:
        claimed = self._claim(request)
        body = await request.aread()
        await give_way()
        return answer(self._door, self._family, request, claimed, body)

    def _claim(self, request: Any) -> Claim:
        claimed = claim(self._addresses, request, anywhere=True)
        if claimed is None:
            raise self._family.error(
                "ConnectError",
                f"openai_fake's transport got {request.method} {redact(str(request.url))}, which is no path of the "
                "Assistants API, and it has no way to the network. Use another client for it.",
                request,
            )
        return claimed


@cache
def _transport_class(module: ModuleType) -> Any:
    bases = (_DoorTransport, module.BaseTransport, module.AsyncBaseTransport)
    return type("OpenAIFakeTransport", bases, {"_family": family_of(module)})
