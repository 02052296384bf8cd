"""The one place where reading moves time: a poll waits, in virtual time, for what it would wait for.

A poll that would only repeat what was last shown moves the clock to the next change; lists never do.
"""

from collections.abc import Callable
from math import isinf

from .conversation import Conversation
from .errors import Misuse
from .objects.lists import ListQuery
from .objects.runs import Run
from .states import FINAL, WAITING
from .timeline import Timeline
from .world import World

EXPLAINED_AFTER_POLLS = 200
"""After so many polls that can change nothing, the fake explains instead of answering."""

EXPLAINED_AFTER_LOOKS = 10_000
"""The same for a run that is over and for lists, which many clients may rightly look at again."""

_ADVICE_ON_PROCESSING = (
    "Nothing will change that by itself: let time pass with fake.clock.advance(seconds), switch fake.clock.autojump "
    "on, or give fake.processing(…) a number of seconds that is not infinite."
)


def poll(world: World, conversation: Conversation, run: Run) -> Run:
    """A run as a poll sees it: with autojump, time first moves to its next change of status.

    Raises `Misuse` after hundreds of polls in a row that saw the same and could see nothing else.
    """
    timeline = conversation.timelines.get(run.id)
    if timeline is None:
        return run
    before = len(timeline.events)
    if world.clock.autojump and run.status in WAITING:
        _wait(world, conversation, timeline, run.status)
    run = conversation.runs[run.id]
    if run.status == timeline.shown and len(timeline.events) == before:
        _guard(world, timeline, run)
    if run.status in WAITING:
        timeline.polls += 1
    timeline.shown = run.status
    return run


def look(world: World, conversation: Conversation, query: ListQuery | None = None) -> None:
    """A look at a conversation that moves no time: at what is in it, or what is refused while a run goes on.

    Raises `Misuse` after thousands of looks in a row at one that waits for its run, if nothing happened between them.
    A page from a cursor is no such look: whoever asks for it gets on.
    """
    run = conversation.active_run
    if run is None or (query is not None and (query.after or query.before)):
        return
    there = (world.clock.now, len(conversation.journal))
    conversation.idle_looks = conversation.idle_looks + 1 if conversation.looked_at == there else 1
    conversation.looked_at = there
    if conversation.idle_looks > EXPLAINED_AFTER_LOOKS:
        raise Misuse(
            f"{conversation.id} was looked at more than {EXPLAINED_AFTER_LOOKS} times while its run {run.id} was "
            f"{run.status!r}, and nothing happened between. To look moves no time: poll the run with runs.retrieve, "
            "let time pass with fake.clock.advance(seconds), or put code that sleeps inside "
            "`with fake.clock.skip_sleep():`."
        )


def _wait(world: World, conversation: Conversation, timeline: Timeline, status: str) -> None:
    allowed = world.settings.polls
    if timeline.polls >= allowed:
        while not timeline.rests and world.schedule.play_next(timeline):
            continue
    elif status == timeline.shown and (allowed <= 1 or status != "in_progress"):
        while conversation.runs[timeline.id].status == status and world.schedule.play_next(timeline):
            continue


def _guard(world: World, timeline: Timeline, run: Run) -> None:
    if world.clock.autojump and run.status in WAITING and timeline.due is not None:
        return
    # One that waits to be cancelled has nothing due, and yet its client may be waiting for a time of its own.
    if (timeline.held or timeline.due is not None) and timeline.idle_since != world.clock.now:
        # Somebody moves time, and so it will change; but a loop that sleeps once in a while may wait for that for ever.
        timeline.idle_before += timeline.idle_polls
        timeline.idle_polls, timeline.idle_since = 0, world.clock.now
    timeline.idle_polls += 1
    limit = EXPLAINED_AFTER_LOOKS if timeline.held or run.status in FINAL else EXPLAINED_AFTER_POLLS
    if timeline.idle_polls <= limit and timeline.idle_before <= EXPLAINED_AFTER_LOOKS:
        return
    often = limit if timeline.idle_polls > limit else EXPLAINED_AFTER_LOOKS
    raise Misuse(
        f"The run {run.id} was polled more than {often} times in status {run.status!r}. {_advice(run, timeline)}"
    )


def _advice(run: Run, timeline: Timeline) -> str:
    if timeline.plays:
        return "Its own script polls it: it stands still while its script does, so the script should yield instead."
    if run.required_action is not None:
        asked = ", ".join(call.function.name for call in run.required_action.submit_tool_outputs.tool_calls)
        return (
            f"It waits for tool outputs ({asked}) and will not change before they come: call runs.submit_tool_outputs, "
            "or let it expire with fake.clock.advance(600)."
        )
    if run.status in FINAL:
        return "It is over and will not change: let the loop end on this status, too."
    if timeline.over:
        return "Nothing plays it any more: its fake has closed, or its script was interrupted."
    if timeline.held:
        return "In the scenario that is replayed it was cancelled, so it goes on until it is: call runs.cancel."
    return (
        "The clock stands still (autojump is off): let time pass with fake.clock.advance(seconds), "
        "or let the next thing happen with fake.play_next(run_id)."
    )


def poll_processing(world: World, id: str, pending: Callable[[], Timeline | None], allowed: int | None = None) -> None:
    """Let time move, with autojump, until nothing of an object is `pending` any more.

    The answer that made the object, or put a batch into it, counts as the first of `polls` (or `allowed`) that see it
    unfinished, also where it did not show it.
    Raises `Misuse` after hundreds of polls in a row that can see nothing else.
    """
    polls = world.settings.polls if allowed is None else allowed
    seen = world.watched[id]
    if world.clock.autojump and seen >= polls - 1:
        while (timeline := pending()) is not None and not isinf(timeline.due or 0):
            world.schedule.play_next(timeline)
    if pending() is None:
        del world.watched[id]
        return
    world.watched[id] += 1
    if seen > EXPLAINED_AFTER_POLLS + polls:
        times = EXPLAINED_AFTER_POLLS + polls
        raise Misuse(f"{id} was polled more than {times} times and is still being processed. {_ADVICE_ON_PROCESSING}")
