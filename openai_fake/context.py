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

    @property
    def thread_id(self) -> str:
        """The thread's id."""
        return self._conversation.id

    @property
    def assistant_id(self) -> str:
        """The assistant's id."""
        return self._run.assistant_id

    @property
    def model(self) -> str:
        """The model the run was started with."""
        return self._run.model

    @property
    def instructions(self) -> str | None:
        """The instructions, or `None`."""
        return self._run.instructions

    @property
    def metadata(self) -> dict[str, str]:
        """The run's metadata: a copy."""
        return dict(self._run.metadata)

    @property
    def tools(self) -> list[Tool]:
        """The tools of the run."""
        return list(self._run.tools)

    @property
    def messages(self) -> list[Message]:
        """The thread so far, oldest first."""
        return self._conversation.messages.values()

    @property
    def last_message(self) -> str:
        """The text of the newest user message; empty if there is none."""
        message = self._conversation.last_user_message
        return message.text if message else ""

    @property
    def _run(self) -> Run:
        return self._conversation.runs[self.id]
