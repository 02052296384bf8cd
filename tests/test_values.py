"""Values: frozen dataclasses whose methods are written once."""

import copy
import inspect
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, dataclass, field, fields, is_dataclass, replace
from typing import Any

import pytest
from hypothesis import find
from hypothesis import strategies as st

from openai_fake import citation, fail, faults, file_search, reply, tool_call, tool_calls
from openai_fake.routing import Call
from openai_fake.values import value


@value
class Parcel:
    """Something that is sent."""

    to: str
    weight: float = 1.0
    note: str = field(default="", repr=False, compare=False)


@value
class Letter:
    """Something else with the same parts."""

    to: str
    weight: float = 1.0
    note: str = ""


@value
class Lone:
    """Something that is equal to nothing else."""

    name: str

    __eq__ = object.__eq__
    __hash__ = object.__hash__


@value
class Checked:
    """Something that is looked at when it is made."""

    count: int

    def __post_init__(self) -> None:
        if self.count < 0:
            raise ValueError(self.count)

    def __repr__(self) -> str:
        return f"{self.count} of them"


@dataclass(frozen=True)
class Plain:
    """What `dataclass` itself would make of the same parts."""

    to: str
    weight: float = 1.0
    note: str = field(default="", repr=False, compare=False)


MAKING: list[Callable[[Any], Any]] = [
    lambda kind: kind("Ann"),
    lambda kind: kind("Ann", 2.0),
    lambda kind: kind("Ann", note="frail"),
    lambda kind: kind(note="frail", to="Ann"),
    lambda kind: kind("Ann", 2.0, "frail"),
]
MISTAKES: list[Callable[[Any], Any]] = [
    lambda kind: kind(),
    lambda kind: kind(weight=2.0),
    lambda kind: kind("Ann", 2.0, "frail", 4),
    lambda kind: kind("Ann", to="Bob"),
    lambda kind: kind("Ann", colour="red"),
]


@pytest.mark.parametrize("make", MAKING)
def test_it_is_made_and_shown_as_a_dataclass_is(make: Callable[[Any], Any]) -> None:
    assert vars(make(Parcel)) == vars(make(Plain))
    assert list(vars(make(Parcel))) == [part.name for part in fields(Parcel)]
    assert repr(make(Parcel)) == repr(make(Plain)).replace("Plain", "Parcel")


@pytest.mark.parametrize("make", MISTAKES)
def test_it_is_not_made_where_a_dataclass_is_not(make: Callable[[Any], Any]) -> None:
    with pytest.raises(TypeError):
        make(Plain)
    with pytest.raises(TypeError, match=r"^Parcel\(…\): given \d by place and .* it takes to, weight, note\.$"):
        make(Parcel)


@pytest.mark.parametrize("one", MAKING)
@pytest.mark.parametrize("other", MAKING)
def test_it_is_equal_by_the_parts_that_count(one: Callable[[Any], Any], other: Callable[[Any], Any]) -> None:
    equal = one(Plain) == other(Plain)
    assert (one(Parcel) == other(Parcel)) is equal
    assert (hash(one(Parcel)) == hash(other(Parcel))) is equal
    assert one(Parcel) != one(Letter)


def test_it_never_changes_and_another_is_made_of_it() -> None:
    parcel = Parcel("Ann")
    with pytest.raises(FrozenInstanceError, match="cannot set to: a Parcel never changes"):
        parcel.to = "Bob"  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError, match="cannot remove to: a Parcel never changes"):
        del parcel.to
    assert replace(parcel, to="Bob") == Parcel("Bob")
    assert parcel == Parcel("Ann")
    assert is_dataclass(parcel)


def test_it_says_how_it_is_made() -> None:
    assert inspect.signature(Parcel) == inspect.signature(Plain).replace(return_annotation=inspect.Signature.empty)
    assert find(st.builds(Parcel), lambda parcel: parcel.weight > 0).to == ""


def test_a_class_may_be_equal_in_a_way_of_its_own() -> None:
    assert Lone("a") != Lone("a")
    assert len({Lone("a"), Lone("a")}) == 2


@pytest.mark.parametrize("item", [Parcel("Ann", note="frail"), reply("Hi"), faults.not_json(), Call("GET", "h", "/")])
def test_it_can_be_copied(item: Any) -> None:
    assert copy.copy(item) == item
    assert copy.deepcopy(item) == item


ACTS = [
    reply("A plan【x】", chunks=2, annotations=[citation("file-1", "【x】")], images=[b"x"]),
    tool_calls(tool_call("f", city="Oslo"), tool_call("g", "{")),
    file_search({"file_id": "file-1", "attributes": {"year": 2026}}),
    fail("server_error", "Sorry."),
]


@pytest.mark.parametrize("act", ACTS, ids=repr)
def test_acts_can_be_copied_and_pickled(act: Any) -> None:
    for other in (copy.copy(act), copy.deepcopy(act), pickle.loads(pickle.dumps(act))):
        assert (other, repr(other)) == (act, repr(act))


def test_a_fault_can_be_copied_and_says_that_it_cannot_be_pickled() -> None:
    fault = faults.latency(2)
    assert copy.copy(fault) == copy.deepcopy(fault) == copy.deepcopy([fault])[0] == fault
    told = r"^faults\.latency\(2\) cannot be pickled: what it does is a function\. Make it in the process that"
    with pytest.raises(TypeError, match=told):
        pickle.dumps(fault)


def test_a_class_may_check_and_show_itself() -> None:
    assert repr(Checked(3)) == "3 of them"
    with pytest.raises(ValueError, match="-1"):
        Checked(-1)
    with pytest.raises(ValueError, match="-2"):
        replace(Checked(3), count=-2)
