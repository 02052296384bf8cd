"""The state machine of a run, drawn from the table that the fake itself asks."""

from docs.page import table
from openai_fake.states import ACCEPTS, ACTIVE, FINAL, RUN


def states() -> str:
    """The diagram, and the same as a table where no diagrams are drawn."""
    return f"\n```mermaid\n{_diagram()}```\n\n{_table()}\n"


def _diagram() -> str:
    ways = [f"{status} --> {onward}" for status in RUN for onward in _onward(status)]
    lines = ["[*] --> queued", *ways, *(f"{status} --> [*]" for status in _in_order(FINAL))]
    return "stateDiagram-v2\n" + "".join(f"    {line}\n" for line in lines)


def _table() -> str:
    rows = [
        (
            f"`{status}`",
            ", ".join(f"`{onward}`" for onward in _onward(status)) or "nothing: it is final",
            "yes" if status in ACTIVE else "no",
            ", ".join(request for request, statuses in ACCEPTS.items() if status in statuses),
        )
        for status in RUN
    ]
    return table(("a run that is", "becomes", "locks its thread", "accepts"), rows)


def _onward(status: str) -> list[str]:
    return _in_order(RUN[status])


def _in_order(statuses: frozenset[str]) -> list[str]:
    return [status for status in RUN if status in statuses]
