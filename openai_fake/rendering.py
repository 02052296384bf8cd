"""Results to bytes as the service laid them out: two spaces, no newline at the end (recorded.md 1).

Objects are values: one that is listed again is not rendered again, and the log may hold the objects of an answer in
the place of its bytes.
"""

from json import JSONEncoder
from typing import Any

from pydantic_core import to_json

from .collection import Page
from .objects.base import Wire
from .profiles import rule_of, show

_PAGE = b"""{
  "object": "list",
  "data": [
    %b
  ],
  "first_id": %b,
  "last_id": %b,
  "has_more": %b
}"""
_NO_PAGE = b"""{
  "object": "list",
  "data": [],
  "first_id": null,
  "last_id": null,
  "has_more": false
}"""
_quoted = JSONEncoder(ensure_ascii=False).encode


def render(result: Any, profile: str, where: str) -> bytes:
    """A result as a profile shows it, as the body of an answer. `where`: the operation that gives it."""
    if isinstance(result, Page):
        return _page(result, profile, where)
    return rendered(show(result, profile, where))


def _page(page: Page[Any], profile: str, where: str) -> bytes:
    data = page.data
    if not data:
        return _NO_PAGE
    rule = rule_of(data[0], profile)
    items = [_deeper(rendered(rule(item, where))) for item in data] if rule else [_once(item) for item in data]
    has_more = b"true" if page.has_more else b"false"
    return _PAGE % (b",\n    ".join(items), _quoted(data[0].id).encode(), _quoted(data[-1].id).encode(), has_more)


def rendered(value: Any) -> bytes:
    """A JSON value, or an object, as a body of its own."""
    return to_json(value, indent=2)


def _once(item: Any) -> bytes:
    """An object inside a page; the next page that it is on need not render it again."""
    try:
        known: bytes = item.rendered
    except AttributeError:
        known = _deeper(rendered(item))
        if isinstance(item, Wire):
            # It is frozen, and this is no part of what it says.
            object.__setattr__(item, "rendered", known)
    return known


def _deeper(body: bytes) -> bytes:
    return body.replace(b"\n", b"\n    ")
