"""What file searches find, and the reply behind them, which cites it as the service's models did.

The rule: a reply that has annotations of its own, or a marker in its text, is left as it is.
"""

from collections.abc import Sequence
from dataclasses import replace

from .acts import Say, Search, reply
from .annotations import citation
from .context import RunContext
from .objects.steps import SearchResult
from .stage import Stage

_GOOD_ENOUGH = 0.5


class Citations:
    """What the searches of one run have found, until it is cited."""

    def __init__(self, stage: Stage, context: RunContext) -> None:
        self._stage = stage
        self._context = context
        self._uncited: list[SearchResult] = []

    def found(self, act: Search) -> list[SearchResult]:
        """The hits of a search: those of the script, or what is in the vector stores."""
        if act.results is None:
            found = self._stage.search(self._context)
        else:
            found = [SearchResult.of(given, self._stage.file_name(given["file_id"])) for given in act.results]
        self._uncited = found if (act.results is None if act.cite is None else act.cite) else []
        return found

    def cited_in(self, act: Say) -> Say:
        """The reply as it is told: it cites what is uncited, and has files in the place of its annotations' bytes."""
        act, self._uncited = cited(act, self._uncited), []
        notes = [note.with_file(self._stage.make_file) for note in act.annotations]
        return replace(act, annotations=tuple(notes)) if notes else act


def cited(act: Say, found: Sequence[SearchResult]) -> Say:
    """The reply with a marker for the best passage of every file that fits at least half as well as the best one.

    Markers stand before the closing punctuation (`…is cake【4:0†favorite_foods.txt】.`), as recorded; where a script
    has chosen the pieces itself they come last, as a piece of their own.
    """
    if not found or act.annotations or "【" in act.text:
        return act
    best: dict[str, str] = {}
    for number, result in enumerate(found):
        if result.score >= _GOOD_ENOUGH * found[0].score:
            best.setdefault(result.file_id, f"【4:{number}†{result.file_name}】")
    markers = "".join(best.values())
    notes = [citation(file_id, marker) for file_id, marker in best.items()]
    if act.chunks is not None and not isinstance(act.chunks, int):
        made = reply(act.text + markers, chunks=[*act.chunks, markers], annotations=notes)
        return replace(act, text=made.text, chunks=made.chunks, annotations=made.annotations)
    end = len(act.text.rstrip().rstrip(".!?…"))
    text = f"{act.text[:end]}{markers}{act.text[end:]}"
    return replace(act, text=text, annotations=reply(text, annotations=notes).annotations)
