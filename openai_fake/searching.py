"""The file search of a run whose script leaves it to the fake: where it looks, and how much it finds at most."""

from collections.abc import Iterable

from .library import Library
from .objects.assistants import Assistant
from .objects.messages import Thread
from .objects.runs import Run
from .objects.steps import ResultText, SearchResult
from .objects.tools import search_settings
from .stores import Stores


def found_for(
    run: Run, holders: Iterable[Run | Thread | Assistant], query: str, stores: Stores, library: Library
) -> list[SearchResult]:
    """What fits a query in those stores of the holders that are there and have not expired, best first."""
    resources = [holder.tool_resources.file_search for holder in holders]
    ids = dict.fromkeys(id for there in resources if there for id in there.vector_store_ids)
    living = [id for id in ids if id in stores.objects and stores.objects[id].status != "expired"]
    limit, least = _limits(run)
    found = [hit for id in living for hit in stores.search(id, [query], limit)]
    best = sorted((hit for hit in found if hit.score >= least), key=lambda hit: -hit.score)
    return [
        SearchResult(
            file_id=hit.file.id,
            file_name=library.filename(hit.file.id),
            score=hit.score,
            attributes=dict(hit.file.attributes),
            content=[ResultText(text=hit.text)],
        )
        for hit in best[:limit]
    ]


def _limits(run: Run) -> tuple[int, float]:
    """How many passages a run's file search gives at most, and how well they must fit."""
    settings = search_settings(run.tools)
    usual = 5 if run.model.startswith("gpt-3.5") else 20
    if settings is None:
        return usual, 0.0
    return settings.max_num_results or usual, settings.ranking_options.score_threshold
