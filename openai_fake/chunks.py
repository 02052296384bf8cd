"""Text as a model says it: cut into token-like pieces, lazily, whatever the alphabet. Joined, they are the text."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

Chunks = int | Sequence[str] | None
"""How to cut: a number of pieces, the pieces themselves, or `None` for one token-like piece a delta."""


def pieces(text: str, chunks: Chunks = None, whole: Iterable[tuple[int, int]] = ()) -> Iterator[str]:
    """The pieces of a text. The spans in `whole` are not cut unless `chunks` says how to."""
    if isinstance(chunks, int):
        yield from _even(text, chunks)
    elif chunks is not None:
        yield from chunks
    else:
        yield from _tokens(text, whole)


def token_count(text: str) -> int:
    """About how many tokens a text has: four characters each."""
    return -(-len(text) // 4)


def _tokens(text: str, whole: Iterable[tuple[int, int]]) -> Iterator[str]:
    token = _token()
    position = 0
    for start, end in sorted(whole):
        if start < position:
            continue
        yield from (found.group() for found in token.finditer(text, position, start))
        yield text[start:end]
        position = end
    yield from (found.group() for found in token.finditer(text, position))


@cache
def _token() -> re.Pattern[str]:
    return re.compile(r"\s*(?:\w{1,8}|[^\w\s]{1,3})|\s+")


def _even(text: str, count: int) -> Iterator[str]:
    count = max(1, min(count, len(text)))
    size, longer = divmod(len(text), count)
    position = 0
    for number in range(count):
        end = position + size + (number < longer)
        yield text[position:end]
        position = end
