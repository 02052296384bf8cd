"""The key that clients look for: while a fake is open and none is set, an obviously fake one is there."""

import os
from threading import Lock

from .secrets import FAKE_KEY

_VARIABLE = "OPENAI_API_KEY"
_lock = Lock()
_open = 0


def lend_key() -> None:
    """Set the fake key where there is none; the last `take_key_back` removes it."""
    global _open
    with _lock:
        if _open or not os.environ.get(_VARIABLE):
            _open += 1
            os.environ[_VARIABLE] = FAKE_KEY


def take_key_back() -> None:
    """Undo one `lend_key`."""
    global _open
    with _lock:
        if _open:
            _open -= 1
            if not _open and os.environ.get(_VARIABLE) == FAKE_KEY:
                del os.environ[_VARIABLE]
