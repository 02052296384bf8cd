"""Ids in the form of the newest recordings, filled from a counter a kind so that a failure can be read.

The rule: an id is never given twice, and never one that a test has chosen for itself.
"""

_FORMS: dict[str, tuple[str, int]] = {
    "assistant": ("asst_", 24),
    "thread": ("thread_", 24),
    "message": ("msg_", 24),
    "run": ("run_", 24),
    "step": ("step_", 24),
    "call": ("call_", 24),
    "file": ("file-", 22),
    "vector_store": ("vs_", 32),
    "file_batch": ("vsfb_", 32),
    "upload": ("upload_", 32),
    "part": ("part_", 32),
    "request": ("req_", 32),
}
_DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwyz"


class Ids:
    """Counters, one for each kind of object: the third run is `run_000000000000000000000003`."""

    def __init__(self) -> None:
        self._counts = dict.fromkeys(_FORMS, 0)
        self._reserved: set[str] = set()

    def make(self, kind: str) -> str:
        """The next id of a kind (`"run"`, `"message"`, …), passing over those a test has put in place."""
        prefix, length = _FORMS[kind]
        while True:
            self._counts[kind] = number = self._counts[kind] + 1
            # Of files they are counted in other digits.
            made = prefix + (_digits(number).rjust(length, "x") if kind == "file" else str(number).zfill(length))
            if made not in self._reserved:
                return made

    def reserve(self, chosen: str) -> str:
        """Keep an id that a test has chosen from being made again, and give it back."""
        self._reserved.add(chosen)
        return chosen


def _digits(number: int) -> str:
    """Counts 1, 2, … 9, A, B, …: file ids know neither `0` nor `O`, `I`, `l`; the filler is no digit."""
    digits = ""
    while number:
        number, digit = divmod(number - 1, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits
