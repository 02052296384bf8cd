"""The reference model of the state machine: what a client knows of a world, in plain dicts, and its laws."""

from dataclasses import dataclass, field
from typing import Any

from openai_fake.states import ACTIVE, FINAL, RUN, STEP
from tests.kit import Api, path_of

ORDER = {"asc": 1, "desc": -1}


@dataclass
class Model:
    """What has been seen so far, and the laws it must keep to."""

    it: Api
    assistants: dict[str, str | None] = field(default_factory=dict)
    threads: list[str] = field(default_factory=list)
    messages: dict[str, dict[str, str]] = field(default_factory=dict)
    runs: dict[str, Any] = field(default_factory=dict)
    steps: dict[str, Any] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)
    shown: dict[str, str] = field(default_factory=dict)

    def born(self, id: str) -> str:
        """A new id: nobody has ever had it."""
        assert id not in self.ids, f"{id} was given twice"
        self.ids.add(id)
        return id

    def saw_messages(self, thread: str) -> int:
        """Take in what clients have added to a thread; says how much it was."""
        known = self.messages.setdefault(thread, {})
        new = [it for it in self.it.messages(thread) if it["run_id"] is None and it["id"] not in known]
        known |= {self.born(message["id"]): message["role"] for message in new}
        return len(new)

    def was_shown(self, run: Any) -> None:
        """A run as an answer of its own has shown it."""
        self.saw_run(run)
        self.shown[run["id"]] = run["status"]

    def active(self, thread: str) -> str | None:
        """The run that locks a thread."""
        return next(
            (id for id, run in self.runs.items() if run["thread_id"] == thread and run["status"] in ACTIVE), None
        )

    def saw_run(self, run: Any) -> None:
        """A run as it was just shown: it came along the table, and a finished one is what it was."""
        id, known = run["id"], self.runs.get(run["id"])
        if known is None:
            assert run["status"] == "queued"
            self.born(id)
        elif known["status"] in FINAL:
            assert {**run, "metadata": 0} == {**known, "metadata": 0}, f"{id} changed after it was finished"
        else:
            assert run["status"] in reachable(known["status"]), f"{id}: {known['status']} -> {run['status']}"
        self.runs[id] = run
        check_stamps(run)

    def saw_step(self, step: Any) -> None:
        """A step as it was just shown."""
        known = self.steps.get(step["id"])
        if known is None:
            self.born(step["id"])
        elif known["status"] != "in_progress":
            assert step == known, f"{step['id']} changed after it was finished"
        else:
            assert step["status"] in {"in_progress", *STEP["in_progress"]}
        run = self.runs[step["run_id"]]
        if run["status"] in FINAL:
            assert step["status"] != "in_progress", f"{step['id']} goes on in a finished run"
        if step["status"] == "in_progress":
            assert step["usage"] is None
        self.steps[step["id"]] = step

    def look_at_everything(self) -> None:
        """Read all there is, in both orders and in pages of several sizes, and hold it against the laws."""
        for thread in self.threads:
            runs = self.pages(f"/threads/{thread}/runs")
            for run in reversed(runs):
                self.saw_run(run)
            assert sum(run["status"] in ACTIVE for run in runs) <= 1, f"two active runs on {thread}"
            for run in runs:
                self.look_at_steps(run)
            messages = self.pages(f"/threads/{thread}/messages")
            assert all(message["status"] != "in_progress" for message in messages)
            mine = [message["id"] for message in reversed(messages) if message["run_id"] is None]
            assert mine == list(self.messages[thread])
            for message in messages:
                if message["run_id"] is not None:
                    assert message["id"] in self.ids or self.born(message["id"])
        listed = [assistant["id"] for assistant in self.pages("/assistants")]
        assert listed == list(self.assistants)[::-1]

    def look_at_steps(self, run: Any) -> None:
        steps = self.pages(f"{path_of(run)}/steps")
        for step in steps:
            self.saw_step(step)
        if run["status"] in FINAL:
            totals = [step["usage"]["total_tokens"] for step in steps]
            assert run["usage"]["total_tokens"] == sum(totals)

    def pages(self, path: str) -> list[Any]:
        """A whole list, newest first: the same whatever the order and the size of the pages."""
        whole = self.it.ok("GET", path, query={"limit": 100})["data"]
        for order in ("asc", "desc"):
            for limit in (1, 3):
                found: list[Any] = []
                query: dict[str, Any] = {"limit": limit, "order": order}
                while True:
                    page = self.it.ok("GET", path, query=query)
                    found += page["data"]
                    if not page["has_more"]:
                        break
                    query["after"] = page["last_id"]
                assert found == whole[:: -ORDER[order]], f"the pages of {path} are not the list"
        return list(whole)


def reachable(status: str) -> set[str]:
    """Where a run can have gone since it was seen in a status, by way of any others."""
    seen = {status}
    waiting = [status]
    while waiting:
        onward = RUN[waiting.pop()] - seen
        seen |= onward
        waiting += onward
    return seen


ENDS = {"completed": "completed_at", "incomplete": "completed_at", "expired": "completed_at"}


def check_stamps(run: Any) -> None:
    """The timestamps and the companions of a status are those of the table in recorded.md 3.4."""
    status = run["status"]
    deadline = run["created_at"] + 600
    stamps = {name: run[name] for name in ("completed_at", "failed_at", "cancelled_at") if run[name] is not None}
    assert set(stamps) == ({ENDS.get(status, f"{status}_at")} if status in FINAL else set()), run
    assert run["expires_at"] == (None if status in FINAL else deadline)
    assert (run["usage"] is None) == (status not in FINAL)
    assert (run["required_action"] is None) == (status != "requires_action")
    assert (run["last_error"] is None) == (status != "failed")
    assert (run["incomplete_details"] is None) == (status != "incomplete")
    if status in ("in_progress", "requires_action", "completed", "incomplete"):
        assert run["created_at"] <= run["started_at"] <= deadline
    if status != "cancelled":
        assert all(stamp <= deadline for stamp in stamps.values()), f"{run['id']} ended past its deadline"
