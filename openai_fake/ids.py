"""Ids in the form of the newest recordings, filled from a counter a kind so that a failure can be read.

The rule: an id is never given twice, and never one that a test has chosen for itself.
"""

_FORMS = {
    "assistant": "asst_%024d",
    "thread": "thread_%024d",
    "message": "msg_%024d",
    "run": "run_%024d",
    "step": "step_%024d",
    "call": "call_%024d",
    "file": "file-%s",
    "vector_store": "vs_%032d",
    "file_batch": "vsfb_%032d",
    "upload": "upload_%032d",
    "part": "part_%032d",
    "request": "req_%032d",
}
_DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwyz"


class Ids:
    """Counters, one for each kind of object: the third run is `run_000000000000000000000003`."""

    def __init__(self) -> None:
        self._counts = dict.fromkeys(_FORMS, 0)
        self._reserved: set[str] = set()

    def make(self, kind: str) -> str:
        """The next id of a kind (`"run"`, `"message"`, …), passing over those a test has put in place."""
        while True:
            self._counts[kind] = number = self._counts[kind] + 1
            made = _FORMS[kind] % (_in_digits_of_files(number) if kind == "file" else number)
            if made not in self._reserved:
                return made

    def reserve(self, chosen: str) -> str:
        """Keep an id that a test has chosen from being made again, and give it back."""
        self._reserved.add(chosen)
        return chosen


def _in_digits_of_files(number: int) -> str:
    """Counts 1, 2, … 9, A, B, …: file ids know neither `0` nor `O`, `I`, `l`; the filler is no digit."""
    digits = ""
    while number:
        number, digit = divmod(number - 1, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits.rjust(22, "x")
