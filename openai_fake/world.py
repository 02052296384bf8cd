"""All there is in one fake: assistants, conversations, files, scripts, the clock and the ids.

Refuse before you change: what can be refused is checked before the first object is put in place.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from . import errors
from .acts import Act, ToolCall
from .book import ScriptBook
from .clock import Clock
from .collection import Collection, T
from .context import RunContext
from .conversation import Conversation
from .errors import Misuse
from .ids import Ids
from .objects.assistants import Assistant
from .objects.messages import Message
from .objects.runs import Run
from .objects.steps import RunStep, SearchResult
from .player import Player, begin
from .schedule import Schedule
from .script import Script, beyond_the_types
from .states import ACCEPTS, ACTIVE
from .timeline import Timeline
from .unscripted import unscripted
from .values import value

if TYPE_CHECKING:
    from .library import Library
    from .objects.files import File
    from .objects.vector_stores import VectorStore
    from .stores import Stores

RUN_SECONDS = 600
"""A run expires ten minutes after it was created."""


@value
class Settings:
    """How a fake behaves: those of its options that the world below the door asks for."""

    seed: int = 0
    polls: int = 1
    profile: str = "documented"
    strict: bool = True
    unscripted: str = "reply"
    adopt_assistants: bool = False
    require_files: bool = False
    max_file_bytes: int = 512 * 2**20


class World:
    """One fresh world. Whoever uses it from several threads holds its `lock`."""

    def __init__(self, settings: Settings, clock: Clock, fake: Any = None) -> None:
        self.settings = settings
        self.clock = clock
        self.fake = fake
        self.lock = clock.lock
        self.ids = Ids()
        self.schedule = Schedule(clock)
        self.assistants: Collection[Assistant] = Collection("assistant")
        self.conversations: dict[str, Conversation] = {}
        self.watched: Counter[str] = Counter()
        self.departed: list[Conversation] = []
        self.misuses: list[Misuse] = []
        self.excused: set[int] = set()
        self.book = ScriptBook()
        if settings.unscripted == "reply":
            self.book.unscripted = unscripted(settings.seed)

    # Imported and made when they are asked for: most worlds have no files.
    @cached_property
    def library(self) -> "Library":
        """The files and uploads."""
        from .library import Library

        return Library(self.clock, self.ids, self.schedule)

    @cached_property
    def stores(self) -> "Stores":
        """The vector stores, and what is in them."""
        from .stores import Stores

        return Stores(self.clock, self.ids, self.schedule, self.library)

    @property
    def files(self) -> "Collection[File]":
        """The files, by id."""
        return self.library.files

    @property
    def contents(self) -> dict[str, bytes]:
        """The bytes of the files, by their ids."""
        return self.library.contents

    @property
    def vector_stores(self) -> "Collection[VectorStore]":
        """The vector stores, by id."""
        return self.stores.objects

    def assistant(self, id: str) -> Assistant:
        """An assistant, made on the spot where `adopt_assistants` says so; else the 404."""
        found = self.assistant_of_run(id)
        if id not in self.assistants:
            self.assistants.put(found)
            self.ids.reserve(id)
        return found

    def assistant_of_run(self, id: str) -> Assistant:
        """The same for a run that may yet be refused: one that would be made is put in place when the run starts."""
        found = self.assistants.objects.get(id)
        if found is not None:
            return found
        if not self.settings.adopt_assistants:
            raise errors.not_found(self.assistants.noun, id)
        return Assistant.made(id=id, created_at=self.clock.timestamp, model="gpt-4o", name=id)

    def conversation(self, thread_id: str) -> Conversation:
        """The conversation of a thread; else the 404, or the 400 for what cannot be a thread's id."""
        found = self.conversations.get(thread_id)
        if found is not None:
            return found
        if not thread_id.startswith("thread"):
            raise errors.wrong_prefix("thread_id", thread_id, "thread")
        raise errors.not_found("thread", thread_id)

    def all_conversations(self) -> list[Conversation]:
        """The conversations there are, and behind them those that were deleted."""
        return [*self.conversations.values(), *self.departed]

    def find(self, collection: Collection[T], id: str) -> T:
        """An object of a collection; else the 404 in the collection's noun."""
        found = collection.get(id)
        if found is None:
            raise errors.not_found(collection.noun, id)
        return found

    def file(self, id: str) -> "File":
        """A file; else the 404 that files have of their own."""
        return self.library.file(id)

    def run(self, conversation: Conversation, run_id: str) -> Run:
        """A run of a conversation, as it now is; else the 404."""
        return self.find(conversation.runs, run_id)

    def steps(self, conversation: Conversation, run_id: str) -> Collection[RunStep]:
        """The steps of a run; the 404 where there is no such run."""
        self.run(conversation, run_id)
        return conversation.steps(run_id)

    def start_run(self, conversation: Conversation, run: Run, messages: Sequence[Message] = ()) -> Timeline:
        """Put a checked run (and its additional messages) in place, take its script, and begin its life.

        Where no script fits and none is made up, nothing stays in place and `Misuse` is raised.
        """
        told = len(conversation.journal)
        for message in messages:
            conversation.put_message(message)
        conversation.put_run(run)
        timeline, context = self._timeline(conversation, run)
        try:
            script = self.book.take(context)
        except BaseException as error:
            if errors.may_be_lost(error):
                self.remember(errors.caused(f"The run {timeline.id} was interrupted by", error))
            conversation.forget_run(timeline.id)
            for message in messages:
                conversation.messages.remove(message.id)
            del conversation.journal[told:]
            raise
        if self.settings.adopt_assistants:
            self.assistant(run.assistant_id)
        conversation.timelines[timeline.id] = timeline
        begin(self, conversation, run, timeline, context, script)
        self._happened(conversation, timeline)
        return timeline

    def place_run(self, conversation: Conversation, run: Run, calls: tuple[ToolCall, ...] = ()) -> Run:
        """Put a run in place in the status it has. An active one lives on from there; `calls` are what it waits for."""
        conversation.put_run(run)
        if run.status in ACTIVE:
            timeline, context = self._timeline(conversation, run)
            if run.status == "cancelling":
                timeline.deadline = None
            conversation.timelines[run.id] = timeline
            timeline.begin(Player(self, conversation, timeline, context).life_from(calls), self.clock.now)
            self._happened(conversation, timeline)
        return conversation.runs[run.id]

    def submit(self, conversation: Conversation, run: Run, outputs: Mapping[str, str]) -> Timeline:
        """Give a run that waits for them its tool outputs, by call id. Raises `Misuse` where no script goes on."""
        if run.status not in ACCEPTS["submit"]:
            raise errors.no_outputs_accepted(run.status)
        timeline = conversation.timelines[run.id]
        told = len(self.misuses)
        timeline.submit(outputs, self.clock.now)
        self._happened(conversation, timeline)
        if len(self.misuses) > told:
            raise self.misuses[-1]
        return timeline

    def cancel(self, conversation: Conversation, run: Run) -> Run:
        """Cancel a run that may be cancelled."""
        if run.status not in ACCEPTS["cancel"]:
            raise errors.cannot_cancel(run.status)
        timeline = conversation.timelines[run.id]
        timeline.cancel(self.clock.now)
        self._happened(conversation, timeline)
        return conversation.runs[run.id]

    def take_script(self, context: RunContext, never: Script | None) -> Script:
        """The script of a run that starts, or goes on after one that has ended on tool calls."""
        return self.book.take(context, never=never)

    def remember(self, misuse: Misuse) -> None:
        """Keep a misuse until the fake closes."""
        self.misuses.append(misuse)

    def allows(self, act: Act) -> bool:
        """Whether an act can be told in the profile: the documented one keeps to the SDK's types."""
        return self.settings.profile == "recorded" or beyond_the_types(act) is None

    def make_file(self, content: str | bytes, filename: str = "output.png") -> str:
        """The id of a file: given as it is, or made of bytes that the assistant has put out."""
        if isinstance(content, str):
            return content
        return self.library.add(filename, content, purpose="assistants_output").id

    def file_name(self, id: str) -> str:
        """The name of a file, made up where there is no such file."""
        return self.library.filename(id)

    def search(self, context: RunContext) -> list[SearchResult]:
        """What a file search that was given no results finds for the last user message, as the run's tool says."""
        from .searching import found_for

        conversation = self.conversations[context.thread_id]
        run, assistant = conversation.runs[context.id], self.assistants.get(context.assistant_id)
        holders = [run, conversation.thread, *([assistant] if assistant else ())]
        return found_for(run, holders, context.last_message, self.stores, self.library)

    def close(self) -> None:
        """End every life that still goes on."""
        self.schedule.close()

    def _timeline(self, conversation: Conversation, run: Run) -> tuple[Timeline, RunContext]:
        deadline = run.created_at + RUN_SECONDS if run.expires_at is None else run.expires_at
        timeline = Timeline(next(self.schedule.numbers), run.id, max(deadline, self.clock.now))
        return timeline, RunContext(conversation, run.id, self.fake)

    def _happened(self, conversation: Conversation, timeline: Timeline) -> None:
        self.schedule.note(timeline)
        timeline.shown = conversation.runs.objects[timeline.id].status
