"""Frozen dataclasses that cost an import next to nothing: a dataclass compiles its methods for every class, these are
written once for all.
"""

from dataclasses import MISSING, FrozenInstanceError, dataclass, fields
from functools import cache
from inspect import Parameter, Signature
from typing import Any, NoReturn, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def value(cls: type[T]) -> type[T]:
    """Make a class a frozen dataclass, equal by its parts; an `__eq__`, `__hash__` or `__repr__` that it has already
    stays.

    Good for `dataclasses.fields`, `replace` and `is_dataclass`. Of what `field(…)` can say it heeds `default`, `repr`
    and `compare`. Instances refuse changes with `FrozenInstanceError`.
    """
    made: Any = dataclass(init=False, repr=False, eq=False)(cls)
    made.__init__, made.__setattr__, made.__delattr__ = _init, _set, _delete
    made.__signature__ = _SIGNATURE
    for name, method in _USUAL:
        # What a base says of itself holds here too.
        if name not in vars(cls) and getattr(made, name) is getattr(object, name):
            setattr(made, name, method)
    return cls


class _Signature:
    """What `inspect.signature` finds on the class, made when it is asked for."""

    def __get__(self, item: object, cls: Any) -> Signature:
        parameters = [
            Parameter(
                part.name,
                Parameter.POSITIONAL_OR_KEYWORD,
                default=Parameter.empty if part.default is MISSING else part.default,
                annotation=part.type,
            )
            for part in fields(cls)
        ]
        return Signature(parameters)


_SIGNATURE = _Signature()


@cache
def _blank(cls: Any) -> dict[str, Any]:
    """The parts of a class in their order, each with its default."""
    return {part.name: part.default for part in fields(cls)}


@cache
def _parts_compared(cls: Any) -> tuple[str, ...]:
    return tuple(part.name for part in fields(cls) if part.compare)


@cache
def _parts_shown(cls: Any) -> tuple[str, ...]:
    return tuple(part.name for part in fields(cls) if part.repr)


def _init(self: Any, *args: Any, **given: Any) -> None:
    blank = _blank(self.__class__)
    placed = dict(zip(blank, args, strict=False))
    parts = blank | placed | given
    missing = [name for name, part in parts.items() if part is MISSING]
    if missing or len(args) > len(blank) or len(parts) > len(blank) or placed.keys() & given.keys():
        raise TypeError(
            f"{type(self).__name__}(…): given {len(args)} by place and {', '.join(given) or 'none'} by name; "
            f"it takes {', '.join(blank)}."
        )
    vars(self).update(parts)
    checked = getattr(self, "__post_init__", None)
    if checked is not None:
        checked()


def _compared(self: Any) -> tuple[Any, ...]:
    return tuple(getattr(self, name) for name in _parts_compared(self.__class__))


def _equal(self: Any, other: object) -> bool:
    return type(self) is type(other) and _compared(self) == _compared(other)


def _hash(self: Any) -> int:
    return hash((type(self), *_compared(self)))


def _shown(self: Any) -> str:
    parts = ", ".join(f"{name}={getattr(self, name)!r}" for name in _parts_shown(self.__class__))
    return f"{type(self).__qualname__}({parts})"


def _set(self: Any, name: str, new: object) -> NoReturn:
    raise FrozenInstanceError(f"cannot set {name}: a {type(self).__name__} never changes, make another with replace()")


def _delete(self: Any, name: str) -> NoReturn:
    raise FrozenInstanceError(f"cannot remove {name}: a {type(self).__name__} never changes")


_USUAL = (("__eq__", _equal), ("__hash__", _hash), ("__repr__", _shown))
