"""The part of the face that puts objects in place before the code under test runs."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from . import putting
from .acts import ToolCall
from .checking import check_row
from .house import House
from .objects.assistants import Assistant
from .objects.messages import Message, Thread
from .objects.runs import Run
from .objects.steps import RunStep

if TYPE_CHECKING:
    from .objects.files import File
    from .objects.vector_stores import FileBatch, VectorStore


class Adding(House):
    """Objects with ids of the test's choosing, every other field filled in. Each method returns the object."""

    def add_assistant(self, id: str | None = None, **fields: Any) -> Assistant:
        """Put an assistant in place; `fields` as `assistants.create` takes them. Any string is an id."""
        return self._put(putting.put_assistant, id, fields)

    def add_thread(self, id: str | None = None, **fields: Any) -> Thread:
        """Put a thread in place; `fields` as `threads.create` takes them (`messages=[…]` among them)."""
        return self._put(putting.put_thread, id, fields)

    def add_message(
        self, thread_id: str, id: str | None = None, role: str = "user", content: Any = "Hello!", **fields: Any
    ) -> Message:
        """Put a message in place, also into a locked thread."""
        return self._put(putting.put_message, thread_id, id, {"role": role, "content": content, **fields})

    def add_run(
        self,
        thread_id: str,
        id: str | None = None,
        assistant_id: str | None = None,
        status: str = "completed",
        tool_calls: Iterable[ToolCall | Mapping[str, Any]] = (),
        **fields: Any,
    ) -> Run:
        """Put a run in place, in any status; an active one lives on from there.

        `tool_calls`: dicts `{"id", "name", "arguments"}`, or those that `tool_call(…)` makes; shown as
        `required_action` in `requires_action`.
        """
        check_row("fake.add_run", "tool_calls", tool_calls, "a list of calls")
        return self._put(putting.put_run, thread_id, id, assistant_id, status, tuple(tool_calls), fields)

    def add_step(self, run_id: str, id: str | None = None, **fields: Any) -> RunStep:
        """Put a run step in place: `message_id=` of a message creation, or `tool_calls=` as in `add_run`.

        A tool call that is a dict may have an `"output"` beside its name and arguments: what it gave.
        """
        from .putting_steps import put_step

        return self._put(put_step, run_id, id, fields)

    def add_file(
        self, id: str | None = None, filename: str = "file.txt", content: bytes = b"", **fields: Any
    ) -> "File":
        """Put a file in place."""
        from .putting_files import put_file

        return self._put(put_file, id, filename, content, fields)

    def add_vector_store(self, id: str | None = None, file_ids: Sequence[str] = (), **fields: Any) -> "VectorStore":
        """Put a vector store in place, with its files processed."""
        from .putting_files import put_vector_store

        check_row("fake.add_vector_store", "file_ids", file_ids, "a list of file ids")
        return self._put(put_vector_store, id, tuple(file_ids), fields)

    def add_file_batch(
        self, vector_store_id: str, id: str | None = None, file_ids: Sequence[str] = (), status: str = "completed"
    ) -> "FileBatch":
        """Put a batch of files into a vector store, processed, or `in_progress`. Raises `LookupError`."""
        from .putting_files import put_file_batch

        check_row("fake.add_file_batch", "file_ids", file_ids, "a list of file ids")
        return self._put(put_file_batch, vector_store_id, id, tuple(file_ids), status)

    def processing(
        self,
        file: str = "*",
        *,
        status: str = "completed",
        code: str = "server_error",
        message: str = "An internal error occurred.",
        seconds: float = 1.0,
    ) -> None:
        """Say what becomes of files that are put into a vector store from now on; the newest plan that fits counts.

        `file`: an id, or a pattern (`"*.pdf"`) of the file's id or name. `status`: `completed`, `failed` (with a
        `last_error` of `code` and `message`) or `cancelled`. `seconds`: of virtual time; `inf`: it never ends.
        """
        from .putting_files import plan_processing
        from .stores import Plan

        self._put(plan_processing, Plan(file, status, code, message, seconds))
