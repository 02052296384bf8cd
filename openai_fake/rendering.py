"""Results to bytes as the service laid them out: two spaces, no newline at the end (recorded.md 1).

Objects are values: one that is listed again is not rendered again, and the log may hold the objects of an answer in
the place of its bytes.
"""

from typing import Any

from pydantic_core import to_json

from .collection import Page
from .objects.base import Wire
from .profiles import RULES


def render(result: Any, profile: str, where: str) -> bytes:
    """A result as a profile shows it, as the body of an answer. `where`: the operation that gives it."""
    if isinstance(result, Page):
        return _page(result, profile, where)
    rule = RULES[profile].get(type(result).__name__)
    return rendered(rule(result, where) if rule else result)


def _page(page: Page[Any], profile: str, where: str) -> bytes:
    data = page.data
    envelope = rendered(
        {
            "object": "list",
            "data": [],
            "first_id": data[0].id if data else None,
            "last_id": data[-1].id if data else None,
            "has_more": page.has_more,
        }
    )
    if not data:
        return envelope
    rule = RULES[profile].get(type(data[0]).__name__)
    items = [_deeper(rendered(rule(item, where))) for item in data] if rule else [_once(item) for item in data]
    return envelope.replace(b'"data": []', b'"data": [\n    %b\n  ]' % b",\n    ".join(items), 1)


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
