"""What the code under test did wrong as a client, told by the calls it made.

The rule: say nothing that the calls do not prove. A client that gives up by raising is never blamed for that.
"""

from collections.abc import Callable, Iterable, Sequence

from .findings import Finding as Finding
from .findings import Findings
from .findings import Verdict as Verdict
from .logged import LoggedCall
from .repeats import came_back_too_soon, retried_in_vain
from .sightings import Sighting, sightings
from .states import FINAL

BLAMED_AFTER_POLLS = 20
"""So many polls of a run that rests, one after another, and the client is told that it polls without end."""

_READS = ("messages.list", "messages.retrieve")
_ONWARD = ("messages.create", "messages.delete", "runs.create")
_ATTENDS = ("runs.submit_tool_outputs", "runs.cancel")
_SDK = " (it was the SDK's own retry: make this call with max_retries=0 and look at the run before you try again)"


def verdict(calls: Iterable[LoggedCall]) -> Verdict:
    """What the calls prove. All of them are judged, those of a test that looks for itself too."""
    seen = sightings(calls)
    found = [(finding, at) for check in _CHECKS for finding, at in check(seen)]
    return Verdict(finding for finding, at in sorted(found, key=lambda pair: pair[1]))


def _took_for_an_answer(seen: Sequence[Sighting]) -> Findings:
    """Messages were read as if the thread's newest run had completed."""
    threads: dict[str, list[Sighting]] = {}
    for sighting in seen:
        threads.setdefault(sighting.thread, []).append(sighting)
    for of_thread in threads.values():
        newest: dict[str, Sighting] = {}
        blamed: set[str] = set()
        for number, sighting in enumerate(of_thread):
            if sighting.status:
                newest[sighting.run] = sighting
            if sighting.call.operation not in _READS or not newest:
                continue
            last = newest[next(reversed(newest))]
            if sighting.call.query.get("run_id", last.run) != last.run:
                # What another run had said was asked for.
                continue
            kind = "" if last.run in blamed else _misreading(last, sighting, of_thread[number + 1 :])
            if kind:
                blamed.add(last.run)
                yield Finding(kind, _WORDS[kind].format(run=last.run), last, sighting), sighting.number


def _misreading(last: Sighting, read: Sighting, later: Sequence[Sighting]) -> str:
    """The kind of mistake that it was to read messages when the run was `last` seen so; empty where it was none."""
    if last.cut:
        return "took_cut_stream" if not any(sighting.status for sighting in later) else ""
    if last.status == "requires_action":
        return "" if _was_attended_to(last.run, later) else "took_requires_action"
    if last.status in ("incomplete", "expired", "failed"):
        # Who starts another run next, without a new message, has seen that the answer is not all there; and who takes
        # the user's message back has looked for it.
        onward = next((s for s in later if s.call.operation in _ONWARD), None)
        seen = onward is not None and (onward.call.operation == "runs.create" or _takes_back(onward, read))
        return "" if seen else f"took_{last.status}"
    return ""


def _takes_back(delete: Sighting, read: Sighting) -> bool:
    """Whether a message is deleted that the user has said, and that was looked up in `read`."""
    answer = read.call.answer
    listed = answer.get("data", [answer]) if isinstance(answer, dict) else []
    said = {item.get("id") for item in listed if isinstance(item, dict) and item.get("role") == "user"}
    return delete.call.operation == "messages.delete" and delete.call.path.rpartition("/")[2] in said


_WORDS = {
    "took_cut_stream": "The stream of run {run} ended before the run did, and the messages were read without another "
    "look at the run: poll it with runs.retrieve, it goes on.",
    "took_requires_action": "Run {run} asked for tool outputs (requires_action), and the messages were read as if it "
    "had answered: call the tools and submit their outputs, or cancel the run.",
    "took_incomplete": "Run {run} ended incomplete, and the messages were read as if it had answered: the last message "
    "is cut short or missing, see run.incomplete_details.",
    "took_expired": "Run {run} expired, and the messages were read as if it had answered: there may be no answer.",
    "took_failed": "Run {run} failed, and the messages were read as if it had answered: see run.last_error.",
}

KINDS = frozenset(_WORDS) | {
    "busy_thread",
    "ignored_retry_after",
    "left_waiting",
    "polled_without_end",
    "retried_in_vain",
    "submitted_late",
    "submitted_twice",
}
"""The kinds of findings."""


def _left_waiting(seen: Sequence[Sighting]) -> Findings:
    """A run asked for tool outputs, and nothing was ever done about it."""
    last = {sighting.run: sighting for sighting in seen if sighting.status}
    blamed = {finding.calls[0] for finding, _ in _took_for_an_answer(seen)}
    for run, sighting in last.items():
        later = seen[sighting.number + 1 :]
        if sighting.status == "requires_action" and sighting.call not in blamed and not _was_attended_to(run, later):
            refused = [s for s in later if s.run == run and _is_refused_for_what_it_holds(s)]
            got = f"only some of them ({refused[-1].refusal})" if refused else "none"
            told = f"Run {run} asked for tool outputs and got {got}: until it expires, it locks its thread."
            told = f"{told} Submit {'all of ' if refused else ''}them, or cancel the run."
            yield Finding("left_waiting", told, sighting, *refused[-1:]), sighting.number


def _polled_without_end(seen: Sequence[Sighting]) -> Findings:
    """The same run was polled on and on while it rested."""
    streaks: dict[str, list[Sighting]] = {}
    for sighting in seen:
        if not sighting.run:
            continue
        streak = streaks.setdefault(sighting.run, [])
        waits = sighting.status == "requires_action"
        if not sighting.status and sighting.call.method == "GET" and streak and streak[-1].status == "requires_action":
            # Whatever else is looked at meanwhile, it does not change by itself.
            continue
        if sighting.call.operation != "runs.retrieve" or not (waits or sighting.status in FINAL):
            streak.clear()
            continue
        streak.append(sighting)
        if len(streak) == BLAMED_AFTER_POLLS:
            told = f"Run {sighting.run} was polled {BLAMED_AFTER_POLLS} times and more while it was {sighting.status!r}"
            yield Finding("polled_without_end", f"{told}: let the loop end on this status.", *streak), sighting.number


def _submitted_badly(seen: Sequence[Sighting]) -> Findings:
    """Outputs came late, or twice."""
    submits = [(s, s.outputs) for s in seen if s.call.operation == "runs.submit_tool_outputs"]
    sent: dict[tuple[str, str], Sighting] = {}
    for submit, outputs in submits:
        # Each was sent for one of the calls that this one is for; the last that may have been performed counts.
        calls = [(submit.run, output) for output in outputs]
        before = sorted((sent[call] for call in calls if call in sent), key=lambda s: s.number)
        if _may_have_taken_effect(submit):
            sent.update(dict.fromkeys(calls, submit))
        if submit.call.status != 400:
            continue
        if "do not accept tool outputs" in submit.refusal and '"expired"' in submit.refusal:
            if _told_too_late(seen[: submit.number], submit.run):
                continue
            told = f"The tool outputs of run {submit.run} were submitted late: it had expired."
            yield Finding("submitted_late", f"{told} A run lives for ten minutes.", submit), submit.number
        elif any(_took_effect(s, submit.refusal) for s in before) and '"cancel' not in submit.refusal:
            told = f"The tool outputs of run {submit.run} were submitted twice{_SDK if submit.by_sdk else ''}:"
            told = f"{told} the first had taken effect. Look at the run before a submit is tried again."
            yield Finding("submitted_twice", told, before[-1], submit), submit.number


def _told_too_late(seen: Sequence[Sighting], run: str) -> bool:
    """Whether the service itself was so slow that the client learned only after the expiry what it was asked for."""
    return next((s.came_too_late for s in reversed(seen) if s.run == run and s.status), False)


def _may_have_taken_effect(submit: Sighting) -> bool:
    """Whether a submit may have been performed: it was not refused."""
    return submit.call.status < 400 or submit.call.status >= 500


def _took_effect(submit: Sighting, refusal: str) -> bool:
    """Whether a submit was performed: its answer says so, or the refusal of a later one, that the run has gone on."""
    return 200 <= submit.call.status < 300 or "do not accept tool outputs" in refusal


def _is_refused_for_what_it_holds(sighting: Sighting) -> bool:
    """Whether a submit did not hold the outputs that were asked for: the run goes on waiting."""
    submits = sighting.call.operation == "runs.submit_tool_outputs"
    return submits and sighting.refusal.startswith("Expected tool outputs")


def _worked_on_a_busy_thread(seen: Sequence[Sighting]) -> Findings:
    """A run or a message was put on a thread that a run had locked."""
    for sighting in seen:
        if sighting.call.status != 400:
            continue
        hint = _SDK if sighting.by_sdk else ""
        if "already has an active run" in sighting.refusal:
            told = f"A second run was started on {sighting.thread} while one was active{hint}: {sighting.refusal}"
            yield Finding("busy_thread", f"{told} See runs.list; poll, or cancel, that run.", sighting), sighting.number
        elif sighting.refusal.startswith("Can't add messages"):
            told = f"A message was added to {sighting.thread} while a run was active{hint}: {sighting.refusal}"
            yield Finding("busy_thread", f"{told} Let the run end first.", sighting), sighting.number


def _was_attended_to(run: str, later: Sequence[Sighting]) -> bool:
    """Whether a client tried to submit all the outputs that a run asked for, or to cancel it."""
    return any(
        sighting.run == run and sighting.call.operation in _ATTENDS and not _is_refused_for_what_it_holds(sighting)
        for sighting in later
    )


_CHECKS: tuple[Callable[[Sequence[Sighting]], Findings], ...] = (
    _took_for_an_answer,
    _left_waiting,
    _polled_without_end,
    _submitted_badly,
    _worked_on_a_busy_thread,
    came_back_too_soon,
    retried_in_vain,
)
