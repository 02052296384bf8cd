"""Sleep that takes no time: the two opt-in patches that turn `sleep` into a step of the virtual clock.

Both reach the whole process, last as long as their `with`, and go away when the last open one closes. Neither
touches `time.monotonic` or an event loop: with those frozen, asyncio hangs.
"""

import importlib
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from math import inf
from numbers import Integral
from threading import RLock, get_ident
from types import ModuleType
from typing import Any, Protocol
from weakref import WeakSet

_SDK_MODULES = ("openai._base_client", "openai._resource")
_HOMES = ("time", "asyncio", "anyio")
# These wait for something real: a lock, a process, a socket, the turn of another task.
_REAL_CALLERS = sys.stdlib_module_names | {"anyio", __name__.partition(".")[0]}

_Sleep = Callable[..., Any]


class Advances(Protocol):
    """A clock that can be moved."""

    def advance(self, seconds: float, /) -> object:
        """Move time forward by `seconds`."""


class Notes(Protocol):
    """Where sleeps are noted: a list, or what leads to one."""

    def append(self, seconds: float, /) -> object:
        """Note a sleep, in seconds."""


@contextmanager
def skip_sdk_sleeps(clock: Advances, sleeps: Notes) -> Iterator[None]:
    """Let the SDK's own sleeps move `clock` instead: poll intervals, and the back-off between retries.

    Every sleep that takes time is appended to `sleeps`, in seconds, before the clock moves. Nothing else is touched.
    The SDK is imported if it has not been; without one installed this does nothing.
    """
    with _SDK.opened(_Layer(clock, sleeps)):
        yield


@contextmanager
def skip_sleep(clock: Advances, sleeps: Notes) -> Iterator[None]:
    """Let `time.sleep`, `asyncio.sleep` and `anyio.sleep` move `clock` instead, and return at once.

    They stay real for callers in the standard library (so in `asyncio.to_thread(time.sleep, 1)` too) and in anyio, and
    for what is no length: a negative one raises what it always raised. Every skipped sleep that takes time is appended
    to `sleeps`, in seconds, before the clock moves. Async sleeps still let other tasks run once. The sleeps of
    concurrent tasks and threads add up. `from time import sleep` is covered; default arguments and class attributes
    are not.
    """
    with _CALLER.opened(_Layer(clock, sleeps)):
        yield


@dataclass(frozen=True, eq=False)
class _Layer:
    """One open `with` block."""

    clock: Advances
    sleeps: Notes
    thread: int = field(default_factory=get_ident)

    def slept(self, seconds: float) -> None:
        # A sleep of no length lets others have a turn; nobody waits.
        if seconds > 0:
            self.sleeps.append(seconds)
        self.clock.advance(seconds)


class _Patch(ABC):
    """Stand-ins in the place of the real things, for as long as a block is open."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._layers: tuple[_Layer, ...] = ()
        self._pairs: list[tuple[object, object]] = []
        self._made: WeakSet[Any] = WeakSet()

    @abstractmethod
    def targets(self) -> Iterator[tuple[str, Any]]:
        """What is to be replaced, as it stands there now, each with the name of its home."""

    @abstractmethod
    def stand_in(self, home: str, original: Any) -> object:
        """What takes the place of `original`; with no block open it does what `original` does."""

    @abstractmethod
    def places(self) -> Iterator[ModuleType]:
        """The modules in whose names it is replaced."""

    def layer(self) -> _Layer | None:
        """The innermost block that this thread has opened, else the innermost of all."""
        layers, thread = self._layers, get_ident()
        innermost = layers[-1] if layers else None
        return next((layer for layer in reversed(layers) if layer.thread == thread), innermost)

    @contextmanager
    def opened(self, layer: _Layer) -> Iterator[None]:
        """Keep `layer` open. Blocks may close in any order, on any thread."""
        try:
            with self._lock:
                self._layers += (layer,)
                self._install()
            yield
        finally:
            with self._lock:
                self._layers = tuple(other for other in self._layers if other is not layer)
                if not self._layers:
                    self._replace({id(stand_in): original for original, stand_in in self._pairs})
                    self._pairs.clear()

    def _install(self) -> None:
        for home, original in self.targets():
            # A stand-in that somebody else's patch has put back is at work again, and needs none of its own.
            if original not in self._made and all(original is not known for known, _ in self._pairs):
                stand_in = self.stand_in(home, original)
                self._made.add(stand_in)
                self._pairs.append((original, stand_in))
        self._replace({id(original): stand_in for original, stand_in in self._pairs})

    def _replace(self, replacements: Mapping[int, object]) -> None:
        for module in self.places():
            # Most modules have none of them, and there are thousands.
            if not replacements.keys().isdisjoint(map(id, list(vars(module).values()))):
                for name, value in list(vars(module).items()):
                    if id(value) in replacements:
                        setattr(module, name, replacements[id(value)])


class _SdkPatch(_Patch):
    """The names `time` and `anyio` in the two modules through which the SDK sleeps."""

    def targets(self) -> Iterator[tuple[str, Any]]:
        for module in filter(None, map(_imported, _SDK_MODULES)):
            yield from ((home, vars(module)[home]) for home in ("time", "anyio") if home in vars(module))

    def stand_in(self, home: str, original: Any) -> object:
        return _SleeplessModule(home, original, self)

    def places(self) -> Iterator[ModuleType]:
        return (sys.modules[name] for name in _SDK_MODULES if name in sys.modules)


class _SleeplessModule:
    """The module `time` or `anyio`, but for its `sleep`."""

    def __init__(self, home: str, module: ModuleType, patch: _Patch) -> None:
        self._module = module

        def real(*args: Any, **kwargs: Any) -> Any:
            return module.sleep(*args, **kwargs)

        self.sleep = _sleep(home, real, lambda caller: patch.layer())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)


class _CallerPatch(_Patch):
    """The three functions at home, and wherever else they were imported by name, bar the standard library."""

    def targets(self) -> Iterator[tuple[str, Any]]:
        return ((module.__name__, module.sleep) for module in filter(None, map(_imported, _HOMES)))

    def stand_in(self, home: str, original: Any) -> object:
        return wraps(original)(_sleep(home, original, self._layer_for))

    def places(self) -> Iterator[ModuleType]:
        for name, module in list(sys.modules.items()):
            if isinstance(module, ModuleType) and (name in _HOMES or not _waits_for_something_real(name)):
                yield module

    def _layer_for(self, caller: str) -> _Layer | None:
        return None if _waits_for_something_real(caller) else self.layer()


def _sleep(home: str, real: _Sleep, layer_for: Callable[[str], _Layer | None]) -> _Sleep:
    """A `sleep` that asks with the name of the calling module, at the call, which layer it belongs to."""

    def blocking(seconds: Any, /) -> Any:
        layer = layer_for(_caller()) if _is_length(seconds) else None
        if layer is None:
            return real(seconds)
        layer.slept(seconds)
        return real(0)

    def awaitable(delay: Any, *args: Any, **kwargs: Any) -> Any:
        layer = layer_for(_caller()) if _is_length(delay) else None
        return real(delay, *args, **kwargs) if layer is None else pause(layer, delay, *args, **kwargs)

    async def pause(layer: _Layer, delay: float, *args: Any, **kwargs: Any) -> Any:
        layer.slept(delay)
        return await real(0, *args, **kwargs)

    return blocking if home == "time" else awaitable


def _caller() -> str:
    return str(sys._getframe(2).f_globals.get("__name__", ""))


def _waits_for_something_real(module_name: str) -> bool:
    return module_name.partition(".")[0] in _REAL_CALLERS


def _is_length(seconds: Any) -> bool:
    """Whether this can be skipped; anything else the real function refuses, or waits for for ever."""
    return isinstance(seconds, float | Integral) and 0 <= float(seconds) < inf


def _imported(name: str) -> ModuleType | None:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as missing:
        if f"{name}.".startswith(f"{missing.name}."):
            return None
        raise


_SDK = _SdkPatch()
_CALLER = _CallerPatch()
