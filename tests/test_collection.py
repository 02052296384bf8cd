"""The one collection: pages of it, in both orders, from either side of a cursor, at the cost of the page."""

import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openai_fake.collection import Collection


@dataclass(frozen=True)
class Thing:
    id: str
    created_at: int
    colour: str = "red"


def filled(times: list[int]) -> Collection[Thing]:
    collection: Collection[Thing] = Collection("thing")
    for number, created_at in enumerate(times):
        collection.put(Thing(f"t{number}", created_at, "red" if number % 3 else "blue"))
    return collection


def ids(page: Any) -> list[str]:
    return [thing.id for thing in page.data]


times = st.lists(st.integers(0, 5), max_size=30)


@given(times, st.integers(1, 10), st.booleans(), st.booleans())
def test_pages_after_one_another_are_the_collection(
    created: list[int], limit: int, newest_first: bool, filtered: bool
) -> None:
    collection = filled(created)
    where = (lambda thing: thing.colour == "red") if filtered else None
    wanted = [t for t in sorted(collection.values(), key=lambda t: t.created_at) if where is None or where(t)]
    found: list[str] = []
    cursor: str | None = None
    while True:
        page = collection.page(limit, newest_first=newest_first, after=cursor, where=where)
        assert len(page.data) <= limit
        assert page.has_more == (len(found) + len(page.data) < len(wanted))
        found += ids(page)
        if not page.has_more:
            break
        cursor = found[-1]
    assert found == [thing.id for thing in (wanted[::-1] if newest_first else wanted)]


@given(times, st.integers(1, 10), st.booleans())
def test_pages_before_one_another_are_the_collection_too(created: list[int], limit: int, newest_first: bool) -> None:
    collection = filled([*created, 9])
    whole = ids(collection.page(100, newest_first=newest_first))
    found, cursor = [whole[-1]], whole[-1]
    while True:
        page = collection.page(limit, newest_first=newest_first, before=cursor)
        found = ids(page) + found
        if not page.has_more:
            break
        cursor = found[0]
    assert found == whole


@given(times, st.booleans(), st.data())
def test_between_two_cursors_lies_what_lies_between_them(
    created: list[int], newest_first: bool, data: st.DataObject
) -> None:
    collection = filled([*created, 3])
    whole = ids(collection.page(100, newest_first=newest_first))
    low = data.draw(st.integers(0, len(whole) - 1))
    high = data.draw(st.integers(0, len(whole) - 1))
    page = collection.page(100, newest_first=newest_first, after=whole[low], before=whole[high])
    assert ids(page) == whole[low + 1 : high]


@pytest.mark.parametrize(
    ("newest_first", "limit", "before", "told", "more"),
    [
        (False, 20, "c", ["a", "b"], False),
        (True, 1, "b", ["c"], False),
        (True, 20, "c", [], False),
        (True, 1, "a", ["b"], True),
    ],
    ids=["asc", "desc", "before the newest", "the nearest first"],
)
def test_before_is_what_stands_before_the_cursor_in_the_order_asked_for(
    newest_first: bool, limit: int, before: str, told: list[str], more: bool
) -> None:
    collection: Collection[Thing] = Collection("thing")
    for number, id in enumerate("abc"):
        collection.put(Thing(id, number))
    page = collection.page(limit, newest_first=newest_first, before=before)
    assert (ids(page), page.has_more) == (told, more)


def test_things_of_the_same_second_stand_in_the_order_they_were_put_in_and_exactly_reversed() -> None:
    collection = filled([7, 7, 7, 1])
    assert ids(collection.page(9, newest_first=False)) == ["t3", "t0", "t1", "t2"]
    assert ids(collection.page(9)) == ["t2", "t1", "t0", "t3"]
    assert list(collection) == ["t3", "t0", "t1", "t2"]
    newest = collection.newest()
    assert newest is not None
    assert newest.id == "t2"


def test_a_thing_that_is_replaced_keeps_its_place() -> None:
    collection = filled([1, 2, 3])
    collection.put(Thing("t1", 2, "green"))
    assert ids(collection.page(9, newest_first=False)) == ["t0", "t1", "t2"]
    assert collection["t1"].colour == "green"


def test_a_thing_that_is_removed_is_gone_from_every_view() -> None:
    collection = filled([1, 1, 2])
    assert collection.remove("t1").id == "t1"
    assert (list(collection), len(collection), "t1" in collection, collection.get("t1")) == (
        ["t0", "t2"],
        2,
        False,
        None,
    )
    assert ids(collection.page(9)) == ["t2", "t0"]
    with pytest.raises(KeyError):
        collection.remove("t1")


@given(st.lists(st.tuples(st.sampled_from(["put", "replace", "remove"]), st.integers(0, 5), st.integers(0, 9))))
def test_whatever_happens_to_it_the_order_is_that_of_time_and_then_of_coming(
    changes: list[tuple[str, int, int]],
) -> None:
    collection: Collection[Thing] = Collection("thing")
    there: list[Thing] = []
    for number, (change, created_at, which) in enumerate(changes):
        if change == "put":
            there.append(collection.put(Thing(f"t{number}", created_at)))
        elif there and change == "replace":
            which %= len(there)
            there[which] = collection.put(Thing(there[which].id, there[which].created_at, "green"))
        elif there:
            gone = there.pop(which % len(there))
            assert collection.remove(gone.id) == gone
        wanted = sorted(there, key=lambda thing: thing.created_at)
        assert collection.values() == wanted
        assert list(collection) == [thing.id for thing in wanted]
        assert collection.newest() == (wanted[-1] if wanted else None)
        for index, thing in enumerate(wanted):
            assert collection.page(99, after=thing.id).data == wanted[:index][::-1]
            assert collection.page(99, before=thing.id, newest_first=False).data == wanted[:index]


@pytest.mark.parametrize("size", [0, 1, 2])
def test_an_unknown_cursor_is_a_key_error(size: int) -> None:
    with pytest.raises(KeyError):
        filled([1] * size).page(9, after="nothing")
    with pytest.raises(KeyError):
        filled([1] * size).page(9, before="nothing")
    with pytest.raises(KeyError):
        filled([1] * size).remove("nothing")


def test_it_may_change_while_somebody_walks_it() -> None:
    collection = filled([1, 2, 3])
    walked = []
    for id in collection:
        walked.append(id)
        if "t1" in collection:
            collection.remove("t1")
        collection.put(Thing("late", 9))
    assert walked == ["t0", "t2"]


def test_it_may_be_read_while_another_thread_fills_it() -> None:
    going, failed = threading.Event(), list[BaseException]()

    def read() -> None:
        try:
            while not going.is_set():
                for collection in collections:
                    assert len(list(collection)) <= 3
                    collection.newest()
                    collection.values()
                    collection.page(2)
        except BaseException as error:
            failed.append(error)

    collections: list[Collection[Thing]] = []
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    reader = threading.Thread(target=read)
    reader.start()
    try:
        for _ in range(300):
            collections[:] = [Collection("thing")]
            for number in range(3):
                collections[0].put(Thing(f"t{number}", 5 - number))
    finally:
        going.set()
        reader.join()
        sys.setswitchinterval(interval)
    assert not failed


def test_an_empty_collection_has_an_empty_page() -> None:
    page = filled([]).page(20)
    assert (page.data, page.has_more, filled([]).newest()) == ([], False, None)


class Counted(dict[str, Thing]):
    """Counts how often an object is taken out."""

    taken = 0

    def __getitem__(self, id: str) -> Thing:
        self.taken += 1
        return super().__getitem__(id)


@pytest.mark.parametrize("size", [100, 10_000])
@pytest.mark.parametrize("order", [True, False], ids=["desc", "asc"])
@pytest.mark.parametrize("cursor", [None, "after", "before"])
@pytest.mark.parametrize(("where", "taken"), [(None, 20), (lambda thing: True, 21)], ids=["all", "chosen"])
def test_a_page_costs_what_it_holds_and_not_what_there_is(
    size: int, order: bool, cursor: str | None, where: Callable[[Thing], bool] | None, taken: int
) -> None:
    collection = filled(list(range(size)))
    counted = Counted(collection.objects)
    collection.objects = counted
    cursors: Any = {cursor: f"t{size // 2}"} if cursor else {}
    assert len(collection.page(20, newest_first=order, where=where, **cursors).data) == 20
    assert counted.taken == taken


@pytest.mark.parametrize("size", [2, 5])
def test_a_thing_that_was_removed_is_no_cursor_and_cannot_be_removed_again(size: int) -> None:
    collection = filled([0] * size)
    collection.remove("t0")
    with pytest.raises(KeyError):
        collection.page(3, after="t0")
    with pytest.raises(KeyError):
        collection.remove("t0")
    assert len(collection.values()) == size - 1
