"""The headers of a request as plain texts, and with them what the log keeps of them.

A client says the same in request after request, so a row of headers is read once and then known again. Its secrets are
taken out before: none is held here.
"""

from collections.abc import Iterable
from sys import intern

from .keeping import KeptHeaders, is_harmless, kept_headers, shape_of

Pair = tuple[bytes, bytes]

_MOST_TEXTS = 2_000
_MOST_ROWS = 200


class Headers(dict[str, str]):
    """Names in lower case; the values of a repeated one joined with commas, as HTTP allows. `kept`: for the log."""

    __slots__ = ("kept",)
    kept: KeptHeaders


_Row = tuple[list[Pair], tuple[tuple[int, str], ...], Headers]
"""A row of headers that was read before, with nothing in the places of its secrets; place and name of each secret; and
the row as it was read, without them."""

_rows: dict[Pair, _Row] = {}


def plain_headers(raw: Iterable[Pair]) -> Headers:
    """The headers of a request."""
    pairs = list(raw)
    # The last tells the rows of a client apart: the length of the body, where there is one.
    row = _rows.get(pairs[-1]) if pairs else None
    known = None if row is None else _recalled(row, pairs)
    return _read(pairs) if known is None else known


def _recalled(row: _Row, pairs: list[Pair]) -> Headers | None:
    """The headers of a row that says the same as one before, secrets aside; `None` where it does not."""
    known, secrets, read = row
    if len(pairs) != len(known):
        return None
    headers = Headers(read)
    headers.kept = read.kept
    plain = pairs.copy()
    for place, name in secrets:
        raw_name, raw = pairs[place]
        headers[name] = _decoded(raw)
        plain[place] = raw_name, b""
    return headers if plain == known else None


def _read(pairs: list[Pair]) -> Headers:
    headers = Headers()
    for raw_name, raw in pairs:
        name, value = _name(raw_name), _value(raw_name, raw)
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    headers.kept = kept_headers(headers)
    if pairs and len(headers) == len(pairs):
        _remember(pairs, headers)
    return headers


def _remember(pairs: list[Pair], headers: Headers) -> None:
    """Know a row again, unless there may be a secret in a place that does not say so."""
    names, secret, doubtful = shape_of(tuple(headers))
    if doubtful or len(pairs) - 1 in secret:
        return
    plain = [(name, b"" if place in secret else raw) for place, (name, raw) in enumerate(pairs)]
    read = Headers(headers | {names[place]: "" for place in secret})
    read.kept = headers.kept
    if len(_rows) >= _MOST_ROWS:
        _rows.clear()
    _rows[pairs[-1]] = plain, tuple((place, names[place]) for place in secret), read


# Rows differ in one or two values, so all calls share the texts.
_names: dict[bytes, str] = {}
_values: dict[bytes, str] = {}


def _name(raw: bytes) -> str:
    return _names.get(raw) or _shared(_names, raw, intern(raw.decode("latin-1").lower()))


def _value(name: bytes, raw: bytes) -> str:
    """The text of a value; nothing that may be a secret is shared."""
    known = _values.get(raw)
    if known is not None:
        return known
    text = _decoded(raw)
    return _shared(_values, raw, text) if is_harmless(_name(name)) else text


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _shared(texts: dict[bytes, str], raw: bytes, text: str) -> str:
    if len(texts) >= _MOST_TEXTS:
        texts.clear()
    texts[raw] = text
    return text
