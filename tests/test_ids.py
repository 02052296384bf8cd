"""Ids: the form of the newest recordings, a counter a kind, never one twice."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openai_fake.ids import Ids

FORMS = {
    "assistant": r"asst_[A-Za-z0-9]{24}",
    "thread": r"thread_[A-Za-z0-9]{24}",
    "message": r"msg_[A-Za-z0-9]{24}",
    "run": r"run_[A-Za-z0-9]{24}",
    "step": r"step_[A-Za-z0-9]{24}",
    "call": r"call_[A-Za-z0-9]{24}",
    "file": r"file-[1-9A-HJ-NP-Za-km-z]{22}",
    "vector_store": r"vs_[0-9a-f]{32}",
    "file_batch": r"vsfb_[0-9a-f]{32}",
    "request": r"req_[0-9a-f]{32}",
}


@pytest.mark.parametrize(("kind", "form"), FORMS.items(), ids=FORMS)
@pytest.mark.parametrize("number", [1, 9, 10, 58, 59, 3364, 100_000])
def test_an_id_has_the_recorded_form(kind: str, form: str, number: int) -> None:
    ids = Ids()
    ids._counts[kind] = number - 1
    assert re.fullmatch(form, ids.make(kind))


def test_the_third_run_can_be_told_in_a_failure() -> None:
    ids = Ids()
    made = [ids.make("run") for _ in range(3)]
    assert made[-1] == "run_000000000000000000000003"
    assert ids.make("thread") == "thread_000000000000000000000001"


@pytest.mark.parametrize("kind", ["run", "file", "vector_store"])
def test_thousands_of_ids_are_all_different(kind: str) -> None:
    ids = Ids()
    assert len({ids.make(kind) for _ in range(8000)}) == 8000


@given(st.sets(st.integers(1, 30)))
def test_an_id_that_a_test_has_chosen_is_passed_over(chosen: set[int]) -> None:
    ids = Ids()
    taken = {ids.reserve(f"run_{number:024d}") for number in chosen}
    made = {ids.make("run") for _ in range(40)}
    assert len(made) == 40
    assert not made & taken


def test_the_third_file_can_be_told_in_a_failure_too() -> None:
    ids = Ids()
    made = [ids.make("file") for _ in range(10)]
    assert (made[2], made[9]) == (f"file-{'3':x>22}", f"file-{'A':x>22}")
