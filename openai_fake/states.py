"""The state machines, as tables. Whatever asks "may it?" asks here: player, cancel, submit, tests, README."""

RUN: dict[str, frozenset[str]] = {
    "queued": frozenset({"in_progress", "cancelling", "failed", "expired"}),
    "in_progress": frozenset({"requires_action", "completed", "incomplete", "failed", "expired", "cancelling"}),
    "requires_action": frozenset({"queued", "cancelling", "expired"}),
    "cancelling": frozenset({"cancelled"}),
    "completed": frozenset(),
    "incomplete": frozenset(),
    "failed": frozenset(),
    "cancelled": frozenset(),
    "expired": frozenset(),
}
"""The statuses of a run, and where each can go. One that goes nowhere is final."""

STEP: dict[str, frozenset[str]] = {
    "in_progress": frozenset({"completed", "failed", "cancelled", "expired"}),
    "completed": frozenset(),
    "failed": frozenset(),
    "cancelled": frozenset(),
    "expired": frozenset(),
}

MESSAGE: dict[str, frozenset[str]] = {
    "in_progress": frozenset({"completed", "incomplete"}),
    "completed": frozenset(),
    "incomplete": frozenset(),
}

FINAL = frozenset(status for status, onward in RUN.items() if not onward)
"""A run in one of these never changes again, and locks no thread."""

ACTIVE = frozenset(RUN) - FINAL
"""A run in one of these locks its thread."""

WAITING = ACTIVE - {"requires_action"}
"""A run in one of these will change by itself: the SDK's pollers go on."""

ACCEPTS: dict[str, frozenset[str]] = {
    "cancel": frozenset(status for status, onward in RUN.items() if "cancelling" in onward),
    "submit": frozenset({"requires_action"}),
    "update": FINAL,
}
"""Which statuses of a run accept which request. Refused updates were recorded for queued and in_progress only."""


def check(machine: dict[str, frozenset[str]], old: str, new: str) -> None:
    """Raise `AssertionError` for a move that is not in the table: a bug of ours, not of a caller."""
    assert new in machine[old], f"no way leads from {old!r} to {new!r}: from there {sorted(machine[old]) or 'nothing'}."


STORE: dict[str, frozenset[str]] = {
    "in_progress": frozenset({"completed", "expired"}),
    "completed": frozenset({"in_progress", "expired"}),
    "expired": frozenset(),
}
"""The statuses of a vector store: it works whenever one of its files is being processed."""

STORE_FILE: dict[str, frozenset[str]] = {
    "in_progress": frozenset({"completed", "failed", "cancelled"}),
    "completed": frozenset(),
    "failed": frozenset(),
    "cancelled": frozenset(),
}
"""The statuses of a file in a vector store, and of a batch of them."""

UPLOAD: dict[str, frozenset[str]] = {
    "pending": frozenset({"completed", "cancelled", "expired"}),
    "completed": frozenset(),
    "cancelled": frozenset(),
    "expired": frozenset(),
}
