"""The differences that are known, each with its reason: the one table. What is on no line of it is a fault."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from ..scenario.exchanges import Exchange
from .compare import Difference

BEFORE_2025 = 1_735_689_600
"""2025-01-01T00:00:00Z: the shapes that are served are those of 2025 and 2026."""


@dataclass(frozen=True, slots=True)
class Known:
    """One known difference: `path` and `kind` say which, `when` under which conditions, `reason` why."""

    name: str
    path: str
    kind: str
    when: Callable[[Exchange, Difference], bool]
    reason: str

    def covers(self, difference: Difference, exchange: Exchange) -> bool:
        """Whether a difference is this one."""
        fits = re.search(self.path, difference.path) is not None and difference.kind in self.kind.split("|")
        return fits and self.when(exchange, difference)


def _is_older(exchange: Exchange, _: Difference) -> bool:
    """Whether an exchange was recorded before 2025."""
    stamps = [item.get("created_at") for item in exchange.objects()]
    dates = [exchange.at, *(stamp for stamp in stamps if isinstance(stamp, int))]
    known = [date for date in dates if date is not None]
    return bool(known) and max(known) < BEFORE_2025


KNOWN = (
    Known(
        "before reasoning_effort",
        r"\.reasoning_effort$",
        "extra",
        _is_older,
        "Recorded before 2025: the service added the key later, and the fake sends what it sent last.",
    ),
    Known(
        "before parallel_tool_calls",
        r"\.parallel_tool_calls$",
        "extra",
        _is_older,
        "Recorded before June 2024: the service added the key later, and the fake sends what it sent last.",
    ),
    Known(
        "usage of three keys",
        r"usage\.(prompt_token_details|completion_tokens_details)$",
        "extra",
        _is_older,
        "Recorded before 2025: the service counted in less detail then.",
    ),
    Known(
        "before strict",
        r"\.function\.strict$",
        "extra",
        _is_older,
        "Recorded before August 2024: function tools had no `strict` yet.",
    ),
    Known(
        "before ranking options",
        r"(\.file_search(\.ranking_options|\.results)?|ranking_options\.hybrid_search)$",
        "extra",
        _is_older,
        "Recorded before 2025: the file search tool was echoed without its defaults.",
    ),
    Known(
        "incomplete called completed",
        r"^events$",
        "order",
        lambda exchange, found: _is_older(exchange, found) and _differs_in_that_name(found),
        "Until June 2024 the last event of an incomplete run was named thread.run.completed; since then, and in the "
        "fake, it is thread.run.incomplete.",
    ),
)


def _differs_in_that_name(difference: Difference) -> bool:
    then, now = "thread.run.completed", "thread.run.incomplete"
    return then in difference.recorded and [now if name == then else name for name in difference.recorded] == (
        difference.fake
    )


def known(difference: Difference, exchange: Exchange) -> Known | None:
    """The line of the table that a difference is on, if it is on any."""
    return next((line for line in KNOWN if line.covers(difference, exchange)), None)


def out_of_scope(exchange: Exchange) -> str | None:
    """Why an exchange is none that the fake has to answer as it was answered, or `None` if it is one."""
    if not exchange.operation:
        return "nothing that the fake serves"
    if "assistants=v1" in (exchange.beta or "") or _is_of_version_1(exchange):
        return "of version 1 of the API, which the service ended before version 2"
    if exchange.status == 429 or exchange.status >= 500:
        return "a failure of the service, no answer to the request"
    if exchange.response is None and exchange.events is None:
        return "recorded without its answer"
    return None


def _is_of_version_1(exchange: Exchange) -> bool:
    kinds = ("assistant", "thread.run", "thread.message")
    shown = [item for item in exchange.objects() if item.get("object") in kinds]
    return exchange.beta is None and any("file_ids" in item and "attachments" not in item for item in shown)
