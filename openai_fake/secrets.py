"""Keys, tokens, cookies and account ids: found by the name they stand under and by their shape, and blacked out.

What the fake shows or writes goes through here. The key that the fake lends is no secret.
"""

import os
import re
from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

REDACTED = "[redacted]"

FAKE_KEY = "sk-openai-fake-not-a-real-key"
"""What `OPENAI_API_KEY` is set to while a fake is open and none is there."""

_VARIABLE = r"(OPENAI|ANTHROPIC|AZURE|FOUNDRY|FABRIC)\w*_(KEY|TOKEN|SECRET|ORG_ID|ORGANIZATION|PROJECT_ID)"
"""The environment variables whose values are secrets wherever they turn up."""

_SHORTEST = 8
"""Shorter values of the environment are not looked for: they stand in any text."""

_NAMES = (
    r"authorization|api.?key|subscription.?key|cookie|secret|password|credential|signature|token(?!s)"
    r"|openai.(organization|project)"
)
_PARAMETERS = ("key", "code", "sig")

_SHAPES = {
    "key": r"\b(?:sk|rk|ek|sess)-(?!learn\b)[A-Za-z0-9_-]{8,}",
    "jwt": r"\beyJ[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]+){1,4}",
    "token": (
        r"(?:(?<=\b[Bb]earer )|(?<=\b[Bb]earer: )|(?<=\bBEARER ))[A-Za-z0-9._~+/=-]{8,}"
        r"|\b(?:gh[opsu]_|hf_)[A-Za-z0-9]{20,}|\bgithub_pat_[A-Za-z0-9_]{20,}|\bxox[abeoprs]-[0-9][A-Za-z0-9-]{9,}"
        r"|\bAKIA[A-Z0-9]{16}\b|\bAIza[A-Za-z0-9_-]{30,}"
    ),
    "credentials": r"(?<=\b[Bb]asic )[A-Za-z0-9+/]{8,}={0,2}",
    "cookie": r"(?<=\b[Cc]ookie: )[^\r\n\"']+",
    "organization": r"\borg-[A-Za-z0-9]{10,}",
    "project": r"\bproj_[A-Za-z0-9]{10,}",
    "password": r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)",
    "parameter": (
        r"(?i:(?<=[?&]key=)|(?<=[?&]sig=)|(?<=[?&]code=)|(?<=api[-_]key=)|(?<=apikey=)|(?<=token=))[^&\s#\"']+"
    ),
}


_WORDED = {
    "token": r"[A-Za-z][a-z]{,14}[.]?",
    "organization": r"org-[a-z]{,12}",
    "project": r"proj_[a-z]{,12}",
}
"""What stands there in ordinary sentences: no word is longer, and no key or id is as short."""


def _is_none(kind: str, match: re.Match[str]) -> bool:
    """Whether what has the shape of a secret is made of words, or is a plain number: `Bearer authentication`."""
    text = match.group()
    if "authorization" in match.string[max(match.start() - 25, 0) : match.start()].lower():
        return False
    if kind == "credentials":
        return b":" not in _decoded(text)
    if kind == "parameter":
        return text.isdecimal() and match.string.endswith("token=", 0, match.start())
    return kind in _WORDED and re.fullmatch(_WORDED[kind], text) is not None


def _decoded(text: str) -> bytes:
    try:
        return b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return b""


@cache
def _shape() -> re.Pattern[str]:
    """All shapes in one. Most tests need it never, so no import waits for it."""
    return re.compile("|".join(f"(?P<{kind}>{shape})" for kind, shape in _SHAPES.items()))


class Secret(NamedTuple):
    """Where a secret stands in a text, and of what kind it is; never the secret itself."""

    kind: str
    start: int
    end: int


@lru_cache(maxsize=1_000)
def is_secret_name(name: str) -> bool:
    """Whether what stands under this name, of a header or a field, is a secret."""
    return re.search(_NAMES, name, re.IGNORECASE) is not None


def is_secret_parameter(name: str) -> bool:
    """The same for the name of a query parameter, where `key`, `code` and `sig` are secrets too."""
    return is_secret_name(name) or name.lower() in _PARAMETERS


def find_secrets(text: str, known: Iterable[str] = ()) -> list[Secret]:
    """Every secret in a text: by shape, the values of the environment's keys, and those that are `known`."""
    return _find(text, _values(known))


def find_secrets_in_json(value: Any, known: Iterable[str] = ()) -> Iterator[tuple[str, Secret]]:
    """Every secret in the texts and the names of a JSON value, with its place, such as `steps[3].answer.name`."""
    return _find_in_json(value, "", _values(known))


def redact(text: str, known: Iterable[str] = ()) -> str:
    """The text with every secret blacked out."""
    return _redact(text, _values(known))


def redact_json(value: Any, known: Iterable[str] = ()) -> Any:
    """A JSON value with the secrets in its texts, and the texts under secret names, blacked out."""
    return _redact_json(value, _values(known))


def _find(text: str, values: Sequence[str]) -> list[Secret]:
    found = list(_by_shape(text))
    for value in values:
        start = text.find(value) if value and value != FAKE_KEY else -1
        while start >= 0:
            found.append(Secret("known", start, start + len(value)))
            start = text.find(value, start + len(value))
    return sorted(found, key=lambda secret: (secret.start, -secret.end))


def _redact(text: str, values: Sequence[str]) -> str:
    parts, position = [], 0
    for secret in _find(text, values):
        if secret.start >= position:
            parts += [text[position : secret.start], REDACTED]
        position = max(position, secret.end)
    return "".join([*parts, text[position:]]) if parts else text


def _redact_json(value: Any, values: Sequence[str]) -> Any:
    if isinstance(value, str):
        return _redact(value, values)
    if isinstance(value, Mapping):
        return {
            _redact(str(name), values): REDACTED
            if isinstance(inner, str) and inner and is_secret_name(str(name))
            else _redact_json(inner, values)
            for name, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [_redact_json(inner, values) for inner in value]
    return value


def _find_in_json(value: Any, place: str, values: Sequence[str]) -> Iterator[tuple[str, Secret]]:
    if isinstance(value, str):
        for secret in _find(value, values):
            yield place, secret
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            there = f"{place}.{name}".lstrip(".")
            yield from _find_in_json(name, there, values)
            yield from _find_in_json(inner, there, values)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _find_in_json(inner, f"{place}[{number}]", values)


def _by_shape(text: str) -> Iterator[Secret]:
    for match in _shape().finditer(text):
        kind = str(match.lastgroup)
        if match.group() != FAKE_KEY and not _is_none(kind, match):
            yield Secret(kind, *match.span())


def _values(known: Iterable[str]) -> list[str]:
    """Those of the environment's keys, and the known ones: looked up once for all texts of a value."""
    there = os.environ.items()
    return [*(value for name, value in there if len(value) >= _SHORTEST and re.fullmatch(_VARIABLE, name)), *known]
