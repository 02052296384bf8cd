"""https://platform.openai.com/docs/api-reference/vector-stores-files"""

from .. import file_errors
from ..collection import Page
from ..objects.base import Deleted
from ..objects.searching import ContentPage
from ..objects.steps import ResultText
from ..objects.vector_stores import CreateStoreFile, StoreFile, StoreFilesQuery, UpdateStoreFile
from ..polling import poll_processing
from ..routing import operation
from ..shelf import changed
from ..world import World
from .members import sent_members
from .paging import paged

_FILES = "/vector_stores/{vector_store_id}/files"


@operation("vector_stores.files.create", f"POST {_FILES}", beta=False)
def create(world: World, vector_store_id: str, body: CreateStoreFile) -> StoreFile:
    """Put a file into a store. Raises the 404 for no such store; refuses what cannot be searched."""
    world.stores.living(vector_store_id)
    (member,) = sent_members(world, [body])
    return world.stores.put_file(vector_store_id, member)


@operation("vector_stores.files.retrieve", f"GET {_FILES}/{{file_id}}", beta=False, polled=True)
def retrieve(world: World, vector_store_id: str, file_id: str) -> StoreFile:
    """A file of a store; looking at it counts as a poll, and moves its processing on."""
    _file(world, vector_store_id, file_id)
    shelf = world.stores.shelf(vector_store_id)
    poll_processing(world, f"{file_id} in {vector_store_id}", lambda: shelf.pending.get(file_id))
    return _file(world, vector_store_id, file_id)


@operation("vector_stores.files.update", f"POST {_FILES}/{{file_id}}", beta=False)
def update(world: World, vector_store_id: str, file_id: str, body: UpdateStoreFile) -> StoreFile:
    """Replace the attributes of a file."""
    file = _file(world, vector_store_id, file_id)
    # They have to be given, so here a null says something: that there are none (not recorded).
    return world.stores.shelf(vector_store_id).put(changed(file, attributes=body.attributes or {}))


@operation("vector_stores.files.list", f"GET {_FILES}", beta=False)
def list(world: World, vector_store_id: str, query: StoreFilesQuery) -> Page[StoreFile]:
    """A page of the files of a store, in one status where it is asked for."""
    world.stores.store(vector_store_id)
    files = world.stores.shelf(vector_store_id).files
    return paged(world, files, query, lambda file: query.filter in (None, file.status))


@operation("vector_stores.files.delete", f"DELETE {_FILES}/{{file_id}}", beta=False)
def delete(world: World, vector_store_id: str, file_id: str) -> Deleted:
    """Take a file out of a store; the file itself stays."""
    _file(world, vector_store_id, file_id)
    world.stores.remove_file(vector_store_id, file_id)
    return Deleted(id=file_id, object="vector_store.file.deleted")


@operation("vector_stores.files.content", f"GET {_FILES}/{{file_id}}/content", beta=False)
def content(world: World, vector_store_id: str, file_id: str) -> ContentPage:
    """The text of a file that has been processed."""
    file = _file(world, vector_store_id, file_id)
    text = world.library.text(file_id)
    return ContentPage(data=[ResultText(text=text)] if file.status == "completed" and text else [])


def _file(world: World, vector_store_id: str, file_id: str) -> StoreFile:
    world.stores.store(vector_store_id)
    found = world.stores.shelf(vector_store_id).files.get(file_id)
    if found is None:
        raise file_errors.not_in_store(file_id, vector_store_id)
    return found
