"""Putting files and vector stores in place; the rest of `putting`, which is imported when there are to be some."""

from collections.abc import Mapping, Sequence
from typing import Any

from .checking import check_seconds, check_type
from .errors import quoted
from .objects.files import File
from .objects.vector_stores import FileBatch, VectorStore
from .putting import check_there, chosen_id, described
from .states import STORE_FILE
from .stores import Member, Plan
from .world import World

_CODES = ("server_error", "unsupported_file", "invalid_file")


def put_file(world: World, id: str | None, filename: str, content: bytes, fields: Mapping[str, Any]) -> File:
    """A file with its bytes. Raises `ValueError` for fields that a file does not have."""
    check_type("fake.add_file", "content", content, bytes, "bytes, such as those of text.encode()")
    described("add_file", "a file", File, {"id": "", "filename": filename, "bytes": 0, "created_at": 0, **fields})
    return world.library.add(filename, content, id=chosen_id(world, "add_file", id, world.files), **fields)


def put_vector_store(world: World, id: str | None, file_ids: Sequence[str], fields: Mapping[str, Any]) -> VectorStore:
    """A vector store, with the files processed, or being processed where it is to be `in_progress`."""
    given = dict(fields)
    done = given.get("status") != "in_progress"
    if not done:
        del given["status"]
    described("add_vector_store", "a vector store", VectorStore, {"id": "", "created_at": 0, **given})
    chosen = chosen_id(world, "add_vector_store", id, world.vector_stores)
    return world.stores.add(chosen, [Member(file_id) for file_id in file_ids], done=done, **given)


def put_file_batch(
    world: World, vector_store_id: str, id: str | None, file_ids: Sequence[str], status: str
) -> FileBatch:
    """A batch of files in a store that is there: `completed`, or `in_progress`."""
    check_there("vector store", vector_store_id, world.vector_stores, "fake.add_vector_store(id)")
    _check_one_of("add_file_batch", "status", status, ("completed", "in_progress"))
    members = [Member(file_id) for file_id in file_ids]
    chosen = chosen_id(world, "add_file_batch", id, world.stores.shelf(vector_store_id).batches)
    return world.stores.add_batch(vector_store_id, members, id=chosen, done=status != "in_progress")


def plan_processing(world: World, plan: Plan) -> None:
    """Say what becomes of files that are put into a vector store from now on."""
    _check_one_of("processing", "status", plan.status, sorted(STORE_FILE["in_progress"]))
    _check_one_of("processing", "code", plan.code, _CODES)
    check_seconds("fake.processing", plan.seconds, endless=True)
    world.stores.plans.append(plan)


def _check_one_of(function: str, name: str, given: object, known: Sequence[str]) -> None:
    if given not in known:
        raise ValueError(f"fake.{function}({name}={given!r}): expected {quoted(known, 'or')}.")
