"""What a script sees of its run, always as it now is."""

from typing import Any

from .conversation import Conversation
from .objects.messages import Message
from .objects.runs import Run
from .objects.tools import Tool


class RunContext:
    """The run context that is handed to generator scripts and to `when=` predicates. `fake`: the fake itself."""

    def __init__(self, conversation: Conversation, run_id: str, fake: Any) -> None:
        self._conversation = conversation
        self.id = run_id
        self.fake = fake

    thread_id = property(lambda self: self._conversation.id, doc="The thread's id.")
    assistant_id = property(lambda self: self._run.assistant_id, doc="The assistant's id.")
    model = property(lambda self: self._run.model, doc="The model the run was started with.")
    instructions = property(lambda self: self._run.instructions, doc="The instructions, or `None`.")
    metadata = property(lambda self: self._run.metadata, doc="The run's metadata.")

    @property
    def tools(self) -> list[Tool]:
        """The tools of the run."""
        return self._run.tools

    @property
    def messages(self) -> list[Message]:
        """The thread so far, oldest first."""
        return list(self._conversation.messages.values())

    @property
    def last_message(self) -> str:
        """The text of the newest user message; empty if there is none."""
        message = self._conversation.last_user_message
        return message.text if message else ""

    @property
    def _run(self) -> Run:
        return self._conversation.runs[self.id]
