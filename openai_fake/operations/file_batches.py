"""https://platform.openai.com/docs/api-reference/vector-stores-file-batches"""

from .. import errors, file_errors
from ..collection import Page
from ..objects.base import Nothing
from ..objects.vector_stores import CreateFileBatch, CreateStoreFile, FileBatch, StoreFile, StoreFilesQuery
from ..polling import poll_processing
from ..routing import operation
from ..shelf import Shelf
from ..world import World
from .members import sent_members
from .paging import paged

_BATCHES = "/vector_stores/{vector_store_id}/file_batches"


@operation("vector_stores.file_batches.create", f"POST {_BATCHES}", beta=False)
def create(world: World, vector_store_id: str, body: CreateFileBatch) -> FileBatch:
    """Add files to a store together. Raises the 404 for no such store, refuses a batch of nothing."""
    world.stores.living(vector_store_id)
    if body.file_ids is None and body.files is None:
        raise file_errors.nothing_to_add(("file_ids", "files"))
    shared = body.given("chunking_strategy", "attributes")
    alike = [CreateStoreFile(file_id=id, **shared) for id in body.file_ids or ()]
    return world.stores.add_batch(vector_store_id, sent_members(world, [*alike, *(body.files or ())]))


@operation("vector_stores.file_batches.retrieve", f"GET {_BATCHES}/{{batch_id}}", beta=False, polled=True)
def retrieve(world: World, vector_store_id: str, batch_id: str) -> FileBatch:
    """A batch; looking at it counts as a poll, and moves the processing of its files on."""
    shelf = _shelf(world, vector_store_id, batch_id)
    poll_processing(world, batch_id, lambda: shelf.open_in(batch_id))
    return shelf.batch(batch_id)


@operation("vector_stores.file_batches.cancel", f"POST {_BATCHES}/{{batch_id}}/cancel", beta=False)
def cancel(world: World, vector_store_id: str, batch_id: str, body: Nothing) -> FileBatch:
    """Take back what of a batch was not processed yet."""
    _shelf(world, vector_store_id, batch_id)
    return world.stores.cancel_batch(vector_store_id, batch_id)


@operation("vector_stores.file_batches.list_files", f"GET {_BATCHES}/{{batch_id}}/files", beta=False)
def list_files(world: World, vector_store_id: str, batch_id: str, query: StoreFilesQuery) -> Page[StoreFile]:
    """A page of the files of a batch."""
    files = _shelf(world, vector_store_id, batch_id).batch_files(batch_id)
    return paged(world, files, query, lambda file: query.filter in (None, file.status))


def _shelf(world: World, vector_store_id: str, batch_id: str) -> Shelf:
    """The shelf of a store that has the batch; else the 404 of what is missing."""
    world.stores.store(vector_store_id)
    shelf = world.stores.shelf(vector_store_id)
    if batch_id not in shelf.batches:
        raise errors.not_found("file batch", batch_id)
    return shelf
