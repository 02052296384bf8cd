"""The endpoints: one module a resource, one decorated function an operation. Importing this registers them all."""

from . import assistants, messages, runs, steps, threads

__all__ = ["assistants", "messages", "runs", "steps", "threads"]
