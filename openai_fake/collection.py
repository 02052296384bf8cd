"""One cursor-paged collection for every kind of object. A page costs what it holds, not what the collection holds."""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, NamedTuple, Protocol, TypeVar


class Stored(Protocol):
    """What a collection can hold: something with an id and a time of creation."""

    @property
    def id(self) -> str: ...
    @property
    def created_at(self) -> int: ...


T = TypeVar("T", bound=Stored)


class Page(NamedTuple, Generic[T]):
    """A stretch of a collection in the order that was asked for."""

    data: list[T]
    has_more: bool


class Collection(Mapping[str, T], Generic[T]):
    """Objects by id, oldest first; those of the same second stand in the order they were put in."""

    def __init__(self, noun: str) -> None:
        self.noun = noun
        self._objects: dict[str, T] = {}
        self._keys: dict[str, tuple[int, int, str]] = {}
        self._order: list[tuple[int, int, str]] = []
        self._count = 0

    def get(self, id: str, default: Any = None) -> T | None:  # type: ignore[override]
        """An object, or `default` where there is none."""
        found: T | None = self._objects.get(id, default)
        return found

    def __getitem__(self, id: str) -> T:
        return self._objects[id]

    def __iter__(self) -> Iterator[str]:
        return (id for *_, id in list(self._order) if id in self._objects)

    def values(self) -> list[T]:  # type: ignore[override]
        """The objects, oldest first, as they now are."""
        return [self._objects[id] for *_, id in list(self._order) if id in self._objects]

    def __len__(self) -> int:
        return len(self._objects)

    def __contains__(self, id: object) -> bool:
        return id in self._objects

    def put(self, item: T) -> T:
        """Add an object, or replace the one of the same id where it stands."""
        if item.id not in self._objects:
            self._place(item)
        self._objects[item.id] = item
        return item

    def remove(self, id: str) -> T:
        """Take an object out. Raises `KeyError` if it is not there."""
        item = self._objects.pop(id)
        del self._order[self._find(self._keys.pop(id))]
        return item

    def newest(self) -> T | None:
        """The last object, or `None` if there is none."""
        return self._objects[self._order[-1][2]] if self._order else None

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
        for position in self._positions(newest_first, after, before, backwards):
            item = self._objects[self._order[position][2]]
            if where is not None and not where(item):
                continue
            if len(data) == limit:
                return Page(data[::-1] if backwards else data, has_more=True)
            data.append(item)
        return Page(data[::-1] if backwards else data, has_more=False)

    def _positions(self, newest_first: bool, after: str | None, before: str | None, backwards: bool) -> range:
        """Where in the order the objects between two cursors stand, in the direction that is walked."""
        if newest_first:
            after, before = before, after
        low = -1 if after is None else self._find(self._keys[after])
        high = len(self._order) if before is None else self._find(self._keys[before])
        inside = range(low + 1, high)
        return inside[::-1] if newest_first != backwards else inside

    def _place(self, item: T) -> None:
        self._count += 1
        entry = (item.created_at, self._count, item.id)
        self._keys[item.id] = entry
        if not self._order or self._order[-1] < entry:
            self._order.append(entry)
        else:
            insort(self._order, entry)

    def _find(self, entry: tuple[int, int, str]) -> int:
        return bisect_left(self._order, entry)
