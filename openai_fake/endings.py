"""How a run ends when it does not complete. No stream of a failed, cancelled or expired run was ever recorded, so what
is told of one is decided here and nowhere else.
"""

from typing import Any, Literal

from .objects.runs import IncompleteRun, LastError, Usage


class Ending(Exception):
    """One ending: the status of the run, that of its open step, and the reason of its open message.

    | the run | what its stream tells, in this order |
    |---|---|
    | incomplete | `message.incomplete` (`max_tokens`), `step.completed`, `run.incomplete` |
    | failed | `message.incomplete` (`run_failed`), `step.failed`, `run.failed` |
    | expired | `message.incomplete` (`run_expired`), `step.expired`, `run.expired` |
    | cancelled | `run.cancelling`, `message.incomplete` (`run_cancelled`), `step.cancelled`, `run.cancelled` |

    Incomplete was recorded in 2024; that a message goes incomplete after a cancel was reported once; the rest follows
    them, with the names and reasons of the spec.

    What is not open is not told: a run that ends between two steps tells `run.…` alone, and a tool step has no message.
    An incomplete message keeps what it has said; one that has said nothing has no content. A failed step carries the
    run's error, as `server_error` where a step knows no such code. Each ends with `[DONE]`: no event named `error` is
    sent but by a fault (`faults.error_event`), in the nested form that the SDK raises from.
    """

    def __init__(
        self,
        status: Literal["failed", "incomplete", "expired", "cancelled"],
        step: Literal["completed", "failed", "cancelled", "expired"],
        reason: str,
        error: LastError | None = None,
        details: IncompleteRun | None = None,
    ) -> None:
        super().__init__(status, step, reason, error, details)
        self.status = status
        self.step = step
        self.reason = reason
        self.error = error
        self.details = details

    @property
    def step_error(self) -> LastError | None:
        """A step knows two codes only; whatever else ended its run is a server error to it."""
        if self.error is None or self.error.code in ("server_error", "rate_limit_exceeded"):
            return self.error
        return LastError(code="server_error", message=self.error.message)

    def of_run(self, now: int, spent: Usage) -> dict[str, Any]:
        """What of the run changes besides its status. An expired one has `completed_at` (recorded.md 3.4)."""
        stamp = "completed_at" if self.status in ("incomplete", "expired") else f"{self.status}_at"
        return {
            stamp: now,
            "expires_at": None,
            "required_action": None,
            "last_error": self.error,
            "incomplete_details": self.details,
            "usage": spent,
        }


def failed(code: str, message: str) -> Ending:
    """The run has failed with this `last_error`."""
    return Ending("failed", "failed", "run_failed", LastError(code=code, message=message))


def stopped_short(reason: str) -> Ending:
    """The run ends incomplete; its message names tokens, or the content filter."""
    of_message = "content_filter" if reason == "content_filter" else "max_tokens"
    return Ending("incomplete", "completed", of_message, details=IncompleteRun(reason=reason))


def expired() -> Ending:
    """The run's ten minutes are over."""
    return Ending("expired", "expired", "run_expired")


def cancelled() -> Ending:
    """A client has cancelled the run, and the second in `cancelling` is over."""
    return Ending("cancelled", "cancelled", "run_cancelled")
