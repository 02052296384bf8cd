"""Where a JSON value lacks something that is wanted of it, in words that name the place."""

from collections.abc import Iterator, Mapping
from typing import Any

from .secrets import redact


def differences(wanted: Any, got: Any, path: str = "") -> list[str]:
    """Every place where `got` has not at least what is `wanted`; none, if it has it all.

    Objects may have more keys than are wanted, at any depth; lists have to be as long.
    """
    return list(_differences(wanted, got, path))


def _differences(wanted: Any, got: Any, path: str) -> Iterator[str]:
    if isinstance(wanted, Mapping) and isinstance(got, Mapping):
        for key, value in wanted.items():
            inner = f"{path}.{key}" if path else str(key)
            if key in got:
                yield from _differences(value, got[key], inner)
            else:
                yield f"{inner} is missing, expected {short(value)}"
    elif isinstance(wanted, list | tuple) and isinstance(got, list | tuple) and len(wanted) == len(got):
        for number, (one, other) in enumerate(zip(wanted, got, strict=True)):
            yield from _differences(one, other, f"{path}[{number}]")
    elif wanted != got or isinstance(wanted, bool) is not isinstance(got, bool):
        yield f"{path} is {short(got)}, expected {short(wanted)}"


def short(value: object) -> str:
    """A value as it is shown in a message: without secrets, and cut where it is long."""
    # Cut after it was cleaned: half a key would not be known for one.
    return cut(redact(repr(value)), 200)


def cut(text: str, longest: int) -> str:
    """A text of at most so many characters; one that was longer says so."""
    return text if len(text) <= longest else f"{text[: longest - 3]}..."
