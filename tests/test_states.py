"""The state machines, against the notes on the service, and against themselves."""

from typing import get_args

import pytest

from openai_fake.objects.runs import RunStatus, StepStatus
from openai_fake.states import ACCEPTS, ACTIVE, FINAL, MESSAGE, RUN, STEP, WAITING, check

MACHINES = {"run": RUN, "step": STEP, "message": MESSAGE}


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)
def test_every_way_leads_to_a_state_there_is(machine: dict[str, frozenset[str]]) -> None:
    assert set().union(*machine.values()) <= set(machine)


@pytest.mark.parametrize(("machine", "start"), [(RUN, "queued"), (STEP, "in_progress"), (MESSAGE, "in_progress")])
def test_every_state_can_be_reached_and_none_is_a_trap(machine: dict[str, frozenset[str]], start: str) -> None:
    def reach(state: str, seen: set[str]) -> set[str]:
        for onward in machine[state] - seen:
            seen |= reach(onward, seen | {onward})
        return seen

    assert reach(start, {start}) == set(machine)
    final = {state for state, onward in machine.items() if not onward}
    assert all(state in final or reach(state, {state}) & final for state in machine)


def test_the_states_are_those_of_the_models() -> None:
    assert set(RUN) == set(get_args(RunStatus))
    assert set(STEP) == set(get_args(StepStatus))


def test_which_runs_lock_their_thread_and_which_change_by_themselves() -> None:
    assert {"completed", "failed", "incomplete", "cancelled", "expired"} == FINAL
    assert {"queued", "in_progress", "cancelling", "requires_action"} == ACTIVE
    assert {"queued", "in_progress", "cancelling"} == WAITING


def test_what_a_run_accepts_in_which_state() -> None:
    assert {
        "cancel": {"queued", "in_progress", "requires_action"},
        "submit": {"requires_action"},
        "update": FINAL,
    } == ACCEPTS


def test_a_move_that_is_not_in_the_table_is_told() -> None:
    check(RUN, "queued", "in_progress")
    with pytest.raises(AssertionError, match="no way leads from 'completed' to 'queued': from there nothing."):
        check(RUN, "completed", "queued")
    with pytest.raises(AssertionError, match=r"from there \['completed', 'incomplete'\]."):
        check(MESSAGE, "in_progress", "queued")
