"""One cursor-paged collection for every kind of object. A page costs what it holds, not what the collection holds."""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, Protocol, TypeVar


class Stored(Protocol):
    """What a collection can hold: something with an id and a time of creation."""

    @property
    def id(self) -> str:
        """The id."""

    @property
    def created_at(self) -> int:
        """When it was made, in Unix seconds."""


T = TypeVar("T", bound=Stored)
_Entry = tuple[int, int, str]
"""Where an object stands: its time, its place among those of that time, and its id."""

_NO_KEYS: dict[str, _Entry] = {}
_NO_ORDER: list[_Entry] = []


class Page(Generic[T]):
    """A stretch of a collection in the order that was asked for."""

    __slots__ = ("data", "has_more")

    def __init__(self, data: list[T], has_more: bool) -> None:
        self.data = data
        self.has_more = has_more


class Collection(Mapping[str, T], Generic[T]):
    """Objects by id, oldest first; those of the same second stand in the order they were put in.

    `objects`: all of them by id, in the order they were put in, for quick looks; nobody else changes it.

    The first is given its place when a second comes: most threads of a test have one run, many one message.
    """

    __slots__ = ("_count", "_keys", "_order", "noun", "objects")

    def __init__(self, noun: str) -> None:
        self.noun: str = noun
        self.objects: dict[str, T] = {}
        self._keys: dict[str, _Entry] = _NO_KEYS
        self._order: list[_Entry] = _NO_ORDER
        self._count = 0

    def get(self, id: str, default: Any = None) -> T | None:  # type: ignore[override]
        """An object, or `default` where there is none."""
        found: T | None = self.objects.get(id, default)
        return found

    def __getitem__(self, id: str) -> T:
        return self.objects[id]

    def __iter__(self) -> Iterator[str]:
        return (id for *_, id in list(self._places()) if id in self.objects)

    def values(self) -> list[T]:  # type: ignore[override]
        """The objects, oldest first, as they now are."""
        return [self.objects[id] for *_, id in list(self._places()) if id in self.objects]

    def __len__(self) -> int:
        return len(self.objects)

    def __repr__(self) -> str:
        return repr(dict(self))

    def __contains__(self, id: object) -> bool:
        return id in self.objects

    def put(self, item: T) -> T:
        """Add an object, or replace the one of the same id where it stands."""
        id, objects = item.id, self.objects
        second = id not in objects and (objects or self._count)
        objects[id] = item
        # After it is there, because somebody may read meanwhile.
        if second:
            self._place(item)
        return item

    def remove(self, id: str) -> T:
        """Take an object out. Raises `KeyError` if it is not there."""
        position = self._position(id)
        if self._count:
            del self._order[position]
            del self._keys[id]
        return self.objects.pop(id)

    def newest(self) -> T | None:
        """The last object, or `None` if there is none."""
        order = self._places()
        return self.objects[order[-1][2]] if order else None

    def page(
        self,
        limit: int,
        *,
        newest_first: bool = True,
        after: str | None = None,
        before: str | None = None,
        where: Callable[[T], bool] | None = None,
    ) -> Page[T]:
        """At most `limit` objects that stand after (or, nearest first, before) a cursor in the order asked for.

        Raises `KeyError` for a cursor that is not in the collection.
        """
        backwards = before is not None and after is None
        data: list[T] = []
        order = self._places()
        positions = self._positions(len(order), newest_first, after, before, backwards)
        if where is None:
            data = [self.objects[order[position][2]] for position in positions[:limit]]
            return Page(data[::-1] if backwards else data, has_more=len(positions) > limit)
        for position in positions:
            item = self.objects[order[position][2]]
            if not where(item):
                continue
            if len(data) == limit:
                return Page(data[::-1] if backwards else data, has_more=True)
            data.append(item)
        return Page(data[::-1] if backwards else data, has_more=False)

    def _positions(
        self, count: int, newest_first: bool, after: str | None, before: str | None, backwards: bool
    ) -> range:
        """Where in the order the objects between two cursors stand, in the direction that is walked."""
        if newest_first:
            after, before = before, after
        low = -1 if after is None else self._position(after)
        high = count if before is None else self._position(before)
        inside = range(low + 1, high)
        return inside[::-1] if newest_first != backwards else inside

    def _places(self) -> list[_Entry]:
        """The places of all objects, in their order."""
        return self._order if self._count else [(0, 0, id) for id in list(self.objects)]

    def _position(self, id: str) -> int:
        """How many objects stand before this one. Raises `KeyError` if it is not there."""
        if self._count:
            return bisect_left(self._order, self._keys[id])
        if id not in self.objects:
            raise KeyError(id)
        return 0

    def _place(self, item: T) -> None:
        if not self._count:
            self._keys, self._order = {}, []
        number = self._count
        for new in (item,) if number else self.objects.values():
            number += 1
            entry = (new.created_at, number, new.id)
            self._keys[new.id] = entry
            if not self._order or self._order[-1] < entry:
                self._order.append(entry)
            else:
                insort(self._order, entry)
        self._count = number
