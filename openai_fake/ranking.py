"""BM25 over passages of text, filled as they come.

Our own, because none of the libraries is fit: rank-bm25 (last released in 2022) and bm25s take a finished corpus and
need numpy, and SQLite's FTS5 gives no weight to a word that half of the passages have, which in a test's small store
is nearly every word. Score: 1 - 4**-x, where x = 1 is a passage of average length that has every word of the query
once; words that no passage has do not count. So 0.75 says "all of it, once", and 0.5 "half of it". Words are compared
in lower case and without a plural s; equal scores stand in the order in which the passages came.
"""

import re
from array import array
from collections import Counter
from collections.abc import Iterable
from math import log

K1, B = 1.2, 0.75
_WORD = re.compile(r"\w+")


def words(text: str) -> list[str]:
    """The words of a text as they are compared."""
    found = _WORD.findall(text.lower())
    return [word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word for word in found]


class Index:
    """The passages by their numbers, which are given in turn. A posting is a number and a count in one integer."""

    def __init__(self) -> None:
        # A word of one passage, as most are, needs no array.
        self._postings: dict[str, array[int] | int] = {}
        self._lengths = array("L")
        self.living = 0
        self._words = 0

    def add(self, text: str) -> int:
        """Take a passage in. Returns its number."""
        number, counts = len(self._lengths), Counter(words(text))
        for word, count in counts.items():
            posting, there = number << 32 | count, self._postings.get(word)
            if isinstance(there, array):
                there.append(posting)
            else:
                self._postings[word] = posting if there is None else array("Q", (there, posting))
        length = max(counts.total(), 1)
        self._lengths.append(length)
        self.living, self._words = self.living + 1, self._words + length
        return number

    def remove(self, numbers: Iterable[int]) -> None:
        """Let passages be found no more."""
        for number in numbers:
            self.living, self._words = self.living - 1, self._words - self._lengths[number]
            self._lengths[number] = 0

    def scores(self, query: str) -> dict[int, float]:
        """The score of every passage that shares a word with the query, by number; above 0, below 1."""
        raw: dict[int, float] = {}
        ideal, average = 0.0, self._words / max(self.living, 1)
        for word in sorted(set(words(query))):
            kept = self._postings.get(word, ())
            postings = (kept,) if isinstance(kept, int) else kept
            there = [(it >> 32, it & 0xFFFFFFFF) for it in postings if self._lengths[it >> 32]]
            weight = log(1 + (self.living - len(there) + 0.5) / (len(there) + 0.5)) if there else 0.0
            ideal += weight
            for number, count in there:
                norm = K1 * (1 - B + B * self._lengths[number] / average)
                raw[number] = raw.get(number, 0.0) + weight * count * (K1 + 1) / (count + norm)
        return {number: 1 - 0.25 ** (score / ideal) for number, score in raw.items()}
