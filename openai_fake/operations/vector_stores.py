"""https://platform.openai.com/docs/api-reference/vector-stores (the SDK sends the beta header; none is asked for)"""

from ..collection import Page
from ..objects.base import Deleted
from ..objects.lists import ListQuery
from ..objects.searching import Hit, SearchPage, SearchStore, fits
from ..objects.steps import ResultText
from ..objects.vector_stores import CreateVectorStore, UpdateVectorStore, VectorStore
from ..polling import poll_processing
from ..routing import operation
from ..world import World
from .members import members
from .paging import paged

SEARCH_RESULTS = 10
"""How many passages a search gives unless it says otherwise."""


@operation("vector_stores.create", "POST /vector_stores", beta=False)
def create(world: World, body: CreateVectorStore) -> VectorStore:
    """Make a store, with its first files."""
    files = members(world, body.file_ids or (), body.chunking_strategy)
    return world.stores.add(None, files, **body.given("name", "description", "metadata", "expires_after"))


@operation("vector_stores.retrieve", "GET /vector_stores/{vector_store_id}", beta=False, polled=True)
def retrieve(world: World, vector_store_id: str) -> VectorStore:
    """A store; looking at it counts as a poll, and moves the processing of its files on."""
    world.stores.store(vector_store_id)
    shelf = world.stores.shelf(vector_store_id)
    poll_processing(world, vector_store_id, lambda: next(iter(shelf.pending.values()), None))
    return world.stores.store(vector_store_id)


@operation("vector_stores.update", "POST /vector_stores/{vector_store_id}", beta=False)
def update(world: World, vector_store_id: str, body: UpdateVectorStore) -> VectorStore:
    """Replace the fields that are given. Raises the 404 for no such store."""
    store = world.stores.store(vector_store_id)
    world.vector_stores.put(store.with_changes(**body.given("name", "metadata")))
    if body.expires_after is not None:
        world.stores.set_expiry(vector_store_id, body.expires_after)
    return world.stores.store(vector_store_id)


@operation("vector_stores.list", "GET /vector_stores", beta=False)
def list(world: World, query: ListQuery) -> Page[VectorStore]:
    """A page of the stores."""
    return paged(world, world.vector_stores, query)


@operation("vector_stores.delete", "DELETE /vector_stores/{vector_store_id}", beta=False)
def delete(world: World, vector_store_id: str) -> Deleted:
    """Take a store out; its files stay. Raises the 404 for no such store."""
    world.stores.store(vector_store_id)
    world.stores.delete(vector_store_id)
    return Deleted(id=vector_store_id, object="vector_store.deleted")


@operation("vector_stores.search", "POST /vector_stores/{vector_store_id}/search", beta=False)
def search(world: World, vector_store_id: str, body: SearchStore) -> SearchPage:
    """The passages that fit a query best. Refuses a store that has expired."""
    world.stores.living(vector_store_id)
    limit = SEARCH_RESULTS if body.max_num_results is None else body.max_num_results
    found = world.stores.search(vector_store_id, body.queries, limit, lambda shown: fits(shown, body.filters))
    least = (body.ranking_options.score_threshold or 0.0) if body.ranking_options else 0.0
    data = [
        Hit(
            file_id=hit.file.id,
            filename=world.library.filename(hit.file.id),
            score=hit.score,
            attributes=dict(hit.file.attributes),
            content=[ResultText(text=hit.text)],
        )
        for hit in found
        if hit.score >= least
    ]
    return SearchPage(search_query=body.queries, data=data)
