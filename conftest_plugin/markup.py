"""HTML by hand: everything that comes from a test is escaped here, and nowhere else is a tag written."""

import re
from html import escape

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


def text(raw: object) -> str:
    """What is shown as it is. Characters that a page cannot show, or that would turn it round, become a sign."""
    return escape(_UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", str(raw)))


def element(tag: str, inner: str = "", **attributes: str | bool) -> str:
    """An element around markup. `cls` is `class`, an underscore stands for a hyphen, `True` for a bare attribute."""
    shown = "".join(
        f" {_name(name)}" if value is True else f' {_name(name)}="{text(value)}"'
        for name, value in attributes.items()
        if value is not False
    )
    return f"<{tag}{shown}>{inner}</{tag}>"


def _name(name: str) -> str:
    return "class" if name == "cls" else name.replace("_", "-")
