"""The key that clients look for: while a fake is open and none is set, an obviously fake one is there."""

import os
from threading import Lock

from .secrets import FAKE_KEY

_VARIABLE = "OPENAI_API_KEY"
_lock = Lock()


class _Loan:
    """How many fakes are open, and, while the key is lent, what stood there before (`None`: nothing)."""

    open_fakes = 0
    lent = False
    before: str | None = None


def forget_key() -> None:
    """Take the fake key away that somebody has put back after the last fake closed: `monkeypatch` does, for one, if it
    has seen the key and ends later."""
    with _lock:
        if not _Loan.open_fakes and os.environ.get(_VARIABLE) == FAKE_KEY:
            del os.environ[_VARIABLE]


def lend_key() -> None:
    """A fake opens: set the fake key where there is none."""
    forget_key()
    with _lock:
        _Loan.open_fakes += 1
        if os.environ.get(_VARIABLE):
            return
        if not _Loan.lent:
            _Loan.lent, _Loan.before = True, os.environ.get(_VARIABLE)
        os.environ[_VARIABLE] = FAKE_KEY


def take_key_back() -> None:
    """A fake closes: the last one puts back what stood there, unless somebody has set a key of their own meanwhile."""
    with _lock:
        _Loan.open_fakes -= 1
        if _Loan.open_fakes or not _Loan.lent:
            return
        _Loan.lent = False
        if os.environ.get(_VARIABLE) != FAKE_KEY:
            return
        if _Loan.before is None:
            del os.environ[_VARIABLE]
        else:
            os.environ[_VARIABLE] = _Loan.before
