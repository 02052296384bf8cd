"""Where the hook takes hold: the request methods of the transport classes that open connections.

A wrapper is taken off only while it lies on top, so that whatever was patched over it later stays whole; one
that has to stay behind lets everything pass.
"""

import functools
import sys
import threading
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, ClassVar

from respx.mocks import Mocker

from .families import installed_libraries
from .guests import Guest, refuse, refuse_async

NAME = "openai_fake"
"""The mocker's name in respx's registry: `respx.mock(using="openai_fake")` adds routes for both libraries."""

_BIRTH = "__init_subclass__"


class TransportPatches(Mocker):
    """respx's patch life cycle over the public transport classes, safe under threads and other mocks."""

    targets: ClassVar[list[str]] = [
        f"{library}.{transport}"
        for library in ("httpx", "httpx2")
        for transport in ("HTTPTransport", "AsyncHTTPTransport")
    ]
    target_methods: ClassVar[list[str]] = ["handle_request", "handle_async_request"]
    routers: ClassVar[list[Any]] = []
    _owners: ClassVar[set[type]] = set()
    _originals: ClassVar[dict[Any, Any]] = {}
    _watches: ClassVar[dict[type, Any]] = {}
    _lock: ClassVar[Any] = threading.RLock()

    @classmethod
    def register(cls, router: Any) -> None:
        """Ask this router first from now on. The list is replaced, never changed: requests are reading it."""
        with cls._lock:
            cls.routers = [router if hasattr(router, "serve") else Guest(router), *cls.routers]

    @classmethod
    def unregister(cls, router: Any) -> bool:
        """Ask it no longer; tells whether it was asked before."""
        with cls._lock:
            for index, known in enumerate(cls.routers):
                if known is router or getattr(known, "router", None) is router:
                    cls.routers = cls.routers[:index] + cls.routers[index + 1 :]
                    return True
            return False

    @classmethod
    def start(cls) -> None:
        """Put a wrapper on top of every transport class that is loaded, and on those that will be."""
        with cls._lock:
            for library in installed_libraries():
                for owner in _transports(library, cls.targets):
                    cls._wrap(owner, library)
                cls._watch(library)

    @classmethod
    def stop(cls, force: bool = False) -> None:
        """Take the wrappers off once no router is left to ask."""
        with cls._lock:
            if cls.routers and not force:
                return
            for owner in cls._owners:
                cls._unwrap(owner)
            cls._owners.clear()
            for base, watch in list(cls._watches.items()):
                if vars(base).get(_BIRTH) is watch:
                    delattr(base, _BIRTH)
                del cls._watches[base]

    @classmethod
    def restart(cls) -> None:
        """Called by respx's `add_targets` and `remove_targets`: take hold of the new list."""
        with cls._lock:
            if cls.routers:
                cls.stop(force=True)
                cls.start()

    @classmethod
    def _wrap(cls, owner: type, library: ModuleType) -> None:
        for method, build in zip(cls.target_methods, (cls._sync, cls._async), strict=True):
            original = vars(owner).get(method)
            if original is None:
                continue
            cls._owners.add(owner)
            if original not in cls._originals:
                wrapper = build(original, library, not _is_mock(original, owner))
                cls._originals[wrapper] = original
                setattr(owner, method, wrapper)

    @classmethod
    def _unwrap(cls, owner: type) -> None:
        for method in cls.target_methods:
            while (wrapper := vars(owner).get(method)) in cls._originals:
                setattr(owner, method, cls._originals[wrapper])
                del cls._originals[wrapper]

    @classmethod
    def _sync(cls, original: Any, library: ModuleType, last: bool) -> Callable[..., Any]:
        @functools.wraps(original)
        def handle_request(transport: Any, request: Any) -> Any:
            routers = cls.routers
            for router in routers if len(routers) == 1 else _asked(routers, request):
                response = router.serve(library, request)
                if response is not None:
                    return response
            if last and any(router.block_other_hosts for router in routers):
                return refuse(library, request)
            return _bound(original, transport)(request)

        return handle_request

    @classmethod
    def _async(cls, original: Any, library: ModuleType, last: bool) -> Callable[..., Any]:
        @functools.wraps(original)
        async def handle_async_request(transport: Any, request: Any) -> Any:
            routers = cls.routers
            for router in routers if len(routers) == 1 else _asked(routers, request):
                response = await router.serve_async(library, request)
                if response is not None:
                    return response
            if last and any(router.block_other_hosts for router in routers):
                return await refuse_async(library, request)
            return await _bound(original, transport)(request)

        return handle_async_request

    @classmethod
    def _watch(cls, library: ModuleType) -> None:
        """Wrap aiohttp transports at birth: their modules may be imported while a fake is open."""
        base: Any = library.AsyncBaseTransport
        if _BIRTH in vars(base):
            return

        def born(subclass: Any, /, **options: Any) -> None:
            super(base, subclass).__init_subclass__(**options)
            if _is_aiohttp(subclass):
                with cls._lock:
                    if cls.routers:
                        cls._wrap(subclass, library)

        cls._watches[base] = classmethod(born)
        setattr(base, _BIRTH, cls._watches[base])


def _asked(routers: list[Any], request: Any) -> list[Any]:
    """Those that are asked: where one of several fakes names the address, no other answers for it."""
    if not any(router.names(request) for router in routers):
        return routers
    return [router for router in routers if isinstance(router, Guest) or router.names(request)]


def _bound(original: Any, transport: Any) -> Any:
    """As attribute access would bind it: another mock may have put there what is no function."""
    return original.__get__(transport, type(transport)) if hasattr(original, "__get__") else original


def _is_mock(original: Any, owner: type) -> bool:
    """Whether the method under ours is another mock's (pytest-httpx), which then decides for itself."""
    home, package = str(getattr(original, "__module__", "")), owner.__module__.partition(".")[0]
    return home.partition(".")[0] != package


def _transports(library: ModuleType, targets: list[str]) -> Iterator[type]:
    """The target classes that speak this library, and the aiohttp transports that others have built on it."""
    for target in targets:
        module, _, name = target.rpartition(".")
        owner = getattr(sys.modules.get(module), name, None)
        if isinstance(owner, type) and issubclass(owner, library.BaseTransport | library.AsyncBaseTransport):
            yield owner
    yield from filter(_is_aiohttp, _descendants(library.AsyncBaseTransport))


def _is_aiohttp(transport: type) -> bool:
    """Known by its name: `httpx_aiohttp`'s, its copies in openai and litellm, and what derives from them."""
    return transport.__name__.endswith("AiohttpTransport")


def _descendants(base: type) -> Iterator[type]:
    subclass: type
    for subclass in base.__subclasses__():
        yield subclass
        yield from _descendants(subclass)


# Now, not at the first hook: respx takes a name that it does not know for none at all, and mocks nothing.
# A second copy of this module leaves the first's in its place: its patches may be on.
if NAME not in Mocker.registry:
    type("OpenAIFakeMocker", (TransportPatches,), {"name": NAME})
