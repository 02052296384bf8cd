"""Results to bytes as the service laid them out: two spaces, no newline at the end (recorded.md 1).

Objects are values: one that is listed again is not rendered again, and the log may hold the objects of an answer in
the place of its bytes.
"""

from typing import Any

from pydantic_core import to_json

from .collection import Page
from .objects.base import Wire
from .profiles import RULES


class Rendering:
    """A result as it is answered: the same bytes whenever it is asked for them."""

    __slots__ = ("_profile", "_result", "_where")

    def __init__(self, result: Any, profile: str, where: str) -> None:
        self._result = result
        self._profile = profile
        self._where = where

    def json(self) -> bytes:
        """The body of the answer."""
        if isinstance(self._result, Page):
            return self._page(self._result)
        rule = RULES[self._profile].get(type(self._result))
        return rendered(rule(self._result, self._where) if rule else self._result)

    def _page(self, page: Page[Any]) -> bytes:
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
        rule = RULES[self._profile].get(type(data[0]))
        items = (
            [_deeper(rendered(rule(item, self._where))) for item in data] if rule else [_once(item) for item in data]
        )
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
