"""The endpoints: one module a resource, one decorated function an operation. Importing this registers them all."""

from . import assistants, files, messages, runs, steps, threads, uploads

__all__ = ["assistants", "files", "messages", "runs", "steps", "threads", "uploads"]
