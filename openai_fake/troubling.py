"""The part of the face that arranges trouble: faults, an outage, and the day the service was switched off."""

from collections.abc import Callable
from copy import copy
from typing import TYPE_CHECKING

from .house import House

if TYPE_CHECKING:
    from .faults import Fault
    from .faults.injection import Injection


class Troubling(House):
    """Trouble. What is arranged before entry is there again at every entry."""

    def inject(
        self, fault: "Fault | Callable[[], Fault]", on: str = "runs.*", times: int | None = 1, after: int = 0
    ) -> "Injection":
        """Let calls meet a fault of `openai_fake.faults`, which may be given bare: `inject(faults.server_error)`.

        `on`: which operations, as a shell pattern over their names. `times`: how many calls meet it (`None`: all).
        `after`: how many calls that fit pass first. A call meets the first fault that is due for it; `latency` and the
        looks of a stream stand beside others. What comes back counts: `.met`, `.left`. A fault that nobody has met is
        no complaint when the fake closes. Raises `TypeError` for what is no fault, `ValueError` for a pattern that
        fits no operation.
        """
        from .faults.injection import injection

        made = injection(fault, on, times, after)
        # The caller watches the one it was given; a twin has its own to count.
        return self._keep(lambda house: house._troubles.add(made if house is self else copy(made)))

    def down(self) -> None:
        """An outage: from now on every call is a `ConnectError`, until `up()`."""
        self._keep(lambda house: setattr(house._troubles, "is_down", True))

    def up(self) -> None:
        """The outage is over."""
        self._keep(lambda house: setattr(house._troubles, "is_down", False))

    def sunset(self) -> None:
        """From now on every route of assistants and threads answers the 404 that it answers since 2026-08-26.

        Files and vector stores go on. It is for good: only a new entry, or `reset()`, brings the routes back.
        """
        self._keep(lambda house: setattr(house._troubles, "is_sunset", True))
