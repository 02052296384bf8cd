"""The key that clients look for: while a fake is open and none is set, an obviously fake one is there."""

import os
from threading import Lock
from typing import ClassVar

from .secrets import FAKE_KEY

_VARIABLE = "OPENAI_API_KEY"
_lock = Lock()


class _Loan:
    """Whom it was lent to, each fake that is open, and, while it is lent, what stood there before (`None`: nothing)."""

    borrowers: ClassVar[set[object]] = set()
    lent = False
    before: str | None = None


def forget_key() -> None:
    """Take the fake key away that somebody has put back after the last fake closed: `monkeypatch` does, for one, if it
    has seen the key and ends later."""
    with _lock:
        if not _Loan.borrowers and os.environ.get(_VARIABLE) == FAKE_KEY:
            del os.environ[_VARIABLE]


def lend_key(borrower: object) -> None:
    """A fake opens: set the fake key where there is none. `borrower`: whatever stands for the fake."""
    forget_key()
    with _lock:
        _Loan.borrowers.add(borrower)
        if os.environ.get(_VARIABLE):
            return
        if not _Loan.lent:
            _Loan.lent, _Loan.before = True, os.environ.get(_VARIABLE)
        os.environ[_VARIABLE] = FAKE_KEY


def take_key_back(borrower: object) -> None:
    """A fake closes: the last one puts back what stood there, unless somebody has set a key of their own meanwhile.

    Where it was interrupted it can be done again.
    """
    with _lock:
        _Loan.borrowers.discard(borrower)
        if _Loan.borrowers or not _Loan.lent:
            return
        if os.environ.get(_VARIABLE) == FAKE_KEY:
            if _Loan.before is None:
                del os.environ[_VARIABLE]
            else:
                os.environ[_VARIABLE] = _Loan.before
        _Loan.lent = False
