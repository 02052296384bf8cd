"""How much a test does: a little in a plain run, everything under `OPENAI_FAKE_FULL=1`."""

import os

import pytest

FULL = os.environ.get("OPENAI_FAKE_FULL", "") not in ("", "0")


thorough = pytest.mark.skipif(not FULL, reason="a process of its own: under OPENAI_FAKE_FULL=1")


def count(plain: int, full: int) -> int:
    """`plain`, or `full` in a full run."""
    return full if FULL else plain


def examples(plain: int = 25, full: int = 250) -> int:
    """How many examples Hypothesis tries: `OPENAI_FAKE_EXAMPLES` if it is set, else `count(plain, full)`."""
    return int(os.environ.get("OPENAI_FAKE_EXAMPLES") or count(plain, full))
