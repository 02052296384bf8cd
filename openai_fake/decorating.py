"""A fake around every call of a function, or around every test of a class. No two calls share one.

What is decorated stays what it was: a function, a coroutine function, a generator, a class whose tests are collected.
"""

import sys
from collections.abc import AsyncGenerator, Callable, Generator, Iterator, Sequence
from contextlib import aclosing, contextmanager, nullcontext
from functools import wraps
from inspect import (
    Parameter,
    Signature,
    getattr_static,
    isasyncgenfunction,
    iscoroutinefunction,
    isfunction,
    isgeneratorfunction,
    signature,
)
from typing import Any

NAME = "fake"
"""The parameter, and the attribute of `self`, that holds the fake."""

Fresh = Callable[[], Any]
_MARK = "__openai_fake__"
_NOTHING = object()


def decorate(target: Any, fresh: Fresh) -> Any:
    """`target` with a fake of its own, made by `fresh()`, around each call; a class with one around each test.

    Raises `TypeError` for what cannot be called.
    """
    if isinstance(target, type):
        return _class(target, fresh)
    if not callable(target):
        raise TypeError(f"OpenAIFake decorates functions and classes, not {target!r}.")
    # Since pytest 8.4 a fixture is an object of its own; before, a marked function.
    if type(target).__name__ == "FixtureFunctionDefinition" or hasattr(target, "_pytestfixturefunction"):
        raise TypeError(f"OpenAIFake() decorates a function: put @pytest.fixture above it, not below ({target!r}).")
    return _Around(target, lambda *args: fresh()).wrapper()


class _Around:
    """One decorated function: opens the fake, and hands it in where there is room for it."""

    def __init__(self, function: Callable[..., Any], entry: Callable[..., Any], *, method: bool = False) -> None:
        self.function = function
        self.entry = entry
        self._method = method
        self._given = _parameters(function)
        names = [parameter.name for parameter in self._given]
        self._index = names.index(NAME) if NAME in names else None
        self._by_name = self._index is not None and self._given[self._index].kind is not Parameter.POSITIONAL_ONLY

    @property
    def hands_in(self) -> bool:
        """Whether the function has a parameter for the fake."""
        return self._index is not None

    def wrapper(self) -> Any:
        """The function that stands in the place of the decorated one."""
        wrapper = wraps(self.function)(self._wrapper())
        if self._index is not None:
            rest = [parameter for parameter in self._given if parameter.name != NAME]
            setattr(wrapper, "__signature__", Signature(rest))  # noqa: B010
        setattr(wrapper, _MARK, self)
        return wrapper

    def _wrapper(self) -> Callable[..., Any]:
        if iscoroutinefunction(self.function):
            return self._coroutine_function()
        if isasyncgenfunction(self.function):
            return self._async_generator_function()
        if isgeneratorfunction(self.function):
            return self._generator_function()

        def call(*args: Any, **kwargs: Any) -> Any:
            __tracebackhide__ = True
            with self.entry(*args) as fake, self._handing(fake, args, kwargs) as given:
                return self.function(*given, **kwargs)

        return call

    def _coroutine_function(self) -> Callable[..., Any]:
        async def call(*args: Any, **kwargs: Any) -> Any:
            __tracebackhide__ = True
            with self.entry(*args) as fake, self._handing(fake, args, kwargs) as given:
                return await self.function(*given, **kwargs)

        return call

    def _generator_function(self) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
            __tracebackhide__ = True
            with self.entry(*args) as fake, self._handing(fake, args, kwargs) as given:
                return (yield from self.function(*given, **kwargs))

        return call

    def _async_generator_function(self) -> Callable[..., Any]:
        async def call(*args: Any, **kwargs: Any) -> AsyncGenerator[Any]:
            __tracebackhide__ = True
            with self.entry(*args) as fake, self._handing(fake, args, kwargs) as given:
                async with aclosing(self.function(*given, **kwargs)) as items:
                    async for item in items:
                        yield item

        return call

    @contextmanager
    def _handing(self, fake: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
        """The positional arguments with the fake among them, or `kwargs` filled in; for a method also `self.fake`."""
        if self._index is not None:
            if self._by_name and len(args) <= self._index:
                kwargs[NAME] = fake
            else:
                args = (*args[: self._index], fake, *args[self._index :])
        if not self._method:
            yield args
            return
        test = args[0]
        before = getattr(test, "__dict__", {}).get(NAME, _NOTHING)
        setattr(test, NAME, fake)
        try:
            yield args
        finally:
            if before is _NOTHING:
                delattr(test, NAME)
            else:
                setattr(test, NAME, before)


def _parameters(function: Callable[..., Any]) -> Sequence[Parameter]:
    try:
        return tuple(signature(function).parameters.values())
    except ValueError:
        return ()


def _class(cls: type, fresh: Fresh) -> Any:
    unittest = sys.modules.get("unittest")
    if unittest is not None and issubclass(cls, unittest.TestCase):
        return _test_case(cls, fresh)
    for name in dir(cls):
        value = getattr_static(cls, name)
        if name.startswith("test"):
            if isinstance(value, staticmethod | classmethod):
                setattr(cls, name, type(value)(_around_test(cls, name, value.__func__, fresh, method=False)))
            elif isfunction(value):
                setattr(cls, name, _around_test(cls, name, value, fresh, method=True))
        elif name.startswith("Test") and isinstance(vars(cls).get(name), type):
            _class(value, fresh)
    return cls


def _around_test(cls: type, name: str, function: Any, fresh: Fresh, *, method: bool) -> Any:
    """A test of a class. One that is decorated itself keeps its own options; an inherited one takes those of `cls`."""
    known: _Around | None = vars(function).get(_MARK)
    entry: Callable[..., Any] = lambda *args: fresh()  # noqa: E731
    if known is not None:
        function = known.function
        entry = known.entry if name in vars(cls) else entry
    return _Around(function, entry, method=method).wrapper()


def _test_case(cls: Any, fresh: Fresh) -> Any:
    """A `unittest.TestCase`: the fake is open from before `setUp` until after the cleanups."""
    for name in ("run", "debug"):
        setattr(cls, name, _around_run(_undecorated(getattr(cls, name)), fresh))
    cls.doCleanups = _before_cleanups(_undecorated(cls.doCleanups))
    for name in dir(cls):
        value = getattr_static(cls, name)
        if name.startswith("test") and isfunction(value):
            known: _Around | None = vars(value).get(_MARK)
            if known is None:
                around = _Around(value, lambda case, *args: nullcontext(case.fake))
                if around.hands_in:
                    setattr(cls, name, around.wrapper())
            elif name in vars(cls):
                setattr(cls, name, _Around(known.function, known.entry, method=True).wrapper())
    return cls


def _around_run(run: Any, fresh: Fresh) -> Any:
    @wraps(run)
    def run_with_fake(self: Any, *args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        self.fake = fake = fresh().open()
        self._openai_fake_failed = False
        self.addCleanup(_close, self, fake)
        try:
            return run(self, *args, **kwargs)
        finally:
            # A test that is skipped as a whole cleans nothing up.
            fake.close(failed=True)

    setattr(run_with_fake, _MARK, True)
    return run_with_fake


def _before_cleanups(clean_up: Any) -> Any:
    """Look whether the test has failed so far: `unittest` hides it from the cleanups themselves."""

    @wraps(clean_up)
    def clean_up_after_a_look(self: Any) -> Any:
        outcome = self._outcome
        failed = outcome is not None and not (outcome.success and getattr(outcome, "expectedFailure", None) is None)
        self._openai_fake_failed = failed
        return clean_up(self)

    setattr(clean_up_after_a_look, _MARK, True)
    return clean_up_after_a_look


def _close(case: Any, fake: Any) -> None:
    __tracebackhide__ = True
    fake.close(failed=case._openai_fake_failed)


def _undecorated(method: Any) -> Any:
    return method.__wrapped__ if hasattr(method, _MARK) else method
