"""What a test gives to the fake's own functions, checked on the spot: a mistake is told where it was made.

Each check names the function and its parameter as they would be written: `wait(seconds='3'): expected a number.`
"""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from math import isinf, isnan
from typing import Any


def check_seconds(function: str, given: object, name: str = "seconds", *, endless: bool = False) -> None:
    """Raise `TypeError` for what is no number, and `ValueError` for a negative one, NaN, and infinity unless `endless`
    says that it may take for ever."""
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise TypeError(f"{function}({name}={given!r}): expected a number.")
    if given < 0:
        raise ValueError(f"{function}({given!r}): time only moves forward; give {name} >= 0.")
    if isnan(given) or (isinf(given) and not endless):
        raise ValueError(f"{function}({given!r}): no clock comes to that; give {name} that end.")


def check_whole(function: str, name: str, given: object, least: int | None = 0) -> None:
    """Raise `TypeError` for what is no whole number, and `ValueError` for one that is less than `least`."""
    if isinstance(given, bool) or not isinstance(given, int):
        raise TypeError(f"{function}({name}={given!r}): expected a whole number.")
    if least is not None and given < least:
        raise ValueError(f"{function}({name}={given!r}): expected {least} or more.")


def check_type(function: str, name: str, given: object, kinds: Any, expected: str) -> None:
    """Raise `TypeError` for what is none of these kinds; `expected` says them in words."""
    if not isinstance(given, kinds):
        raise TypeError(f"{function}({name}={given!r}): expected {expected}.")


def check_row(function: str, name: str, given: object, expected: str) -> None:
    """Raise `TypeError` for one thing, a text or a dict, where a row of things is meant."""
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable):
        raise TypeError(f"{function}({name}={given!r}): expected {expected}.")


def check_text(what: str, given: object) -> None:
    """Raise `TypeError` for what is no text, and `ValueError` for a lone surrogate in it.

    `what`: what was given, as it is written: `reply(text)`.
    """
    if not isinstance(given, str):
        raise TypeError(f"{what}: expected a str, got {given!r}.")
    if not given.isascii() and any("\ud800" <= character <= "\udfff" for character in given):
        raise ValueError(f"{what}: a lone surrogate cannot be sent as JSON in UTF-8; give whole characters: {given!r}.")


def is_a(given: object, kind: type) -> bool:
    """Whether something is of a class, known by its name: where a test has put `sys.modules` back, a class that was
    imported late may be there twice.
    """
    name = (kind.__module__, kind.__qualname__)
    return any((base.__module__, base.__qualname__) == name for base in type(given).__mro__)


def in_our_words(told: str) -> str:
    """What pydantic says of a value that does not fit, in the words of the other checks."""
    return told.replace("Input should be", "expected")


def hint(given: str, known: Iterable[str]) -> str:
    """` Did you mean …?`, or nothing where nothing is near."""
    near = get_close_matches(given, known, n=1)
    return f" Did you mean {near[0]!r}?" if near else ""
