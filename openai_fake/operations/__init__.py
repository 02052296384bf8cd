"""The endpoints: one module a resource, one decorated function an operation. Importing this registers them all."""

from . import (
    assistants,
    file_batches,
    files,
    messages,
    runs,
    steps,
    threads,
    uploads,
    vector_store_files,
    vector_stores,
)

__all__ = [
    "assistants",
    "file_batches",
    "files",
    "messages",
    "runs",
    "steps",
    "threads",
    "uploads",
    "vector_store_files",
    "vector_stores",
]
