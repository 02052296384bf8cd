"""The endpoints: one module a resource, one decorated function an operation. Importing this registers those of
conversations; those of files and vector stores, a fifth of the whole import, come when one of them is asked for.

A new operation needs nothing but its function. A new module is imported here; and a path whose first segment is new has
that in `claims.RESOURCES`, or its requests go on to whoever else is there.
"""

from ..routing import later
from . import assistants, messages, runs, steps, threads

__all__ = ["assistants", "messages", "runs", "steps", "threads"]


@later
def _files_and_vector_stores() -> None:
    from . import file_batches, files, uploads, vector_store_files, vector_stores  # noqa: F401
