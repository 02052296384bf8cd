"""What of a recorded exchange cannot be taken over, or not surely, in words: for the notes of an import."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from ..reading import LAST_EVENTS
from ..routing import all_operations
from .evidence import Evidence
from .exchanges import KINDS, Exchange, made_ids

_ENDS = LAST_EVENTS | {"done"}


def why_left_out(exchange: Exchange) -> str | None:
    """Why an exchange tells nothing of a conversation; `None` where it may."""
    if not exchange.operation:
        return "it is nothing that a conversation is made of."
    if not exchange.went_well:
        told = exchange.refusal
        return f"it was refused: {f'status {exchange.status}.' if told is None else told}"
    if exchange.events is not None:
        return None
    if exchange.response is None:
        return "its answer was not recorded."
    if isinstance(exchange.response, str) and exchange.operation != "files.content":
        return "its answer is no JSON: it was cut, or is packed in a way that is not known here."
    return None


def doubts(exchange: Exchange, evidence: Evidence) -> Iterator[str]:
    """What is missing in an exchange that is taken over all the same, and was not learned from another."""
    if exchange.events is not None:
        for name, data in exchange.events:
            if name == "error":
                yield f"its stream told of an error: {_message(data)}"
        runs = [item["id"] for item in exchange.objects() if item["object"] == "thread.run"]
        is_cut = not _ENDS.intersection(name for name, _ in exchange.events)
        if is_cut and not (runs and all(map(evidence.is_whole, runs))):
            yield "its stream was cut short; what it had told by then is taken over."
    if isinstance(exchange.request, dict) or exchange.operation == "messages.create":
        # What a message says stands in the answer, too.
        return
    body = all_operations()[exchange.operation].body
    if body is not None and exchange.request is not None:
        yield "its request is no JSON: what only stands there is not known."
    elif body is not None and any(field.is_required() for field in body.model_fields.values()):
        yield "its request was not recorded: what only stands there is not known."


def shared_ids(exchanges: Iterable[Exchange]) -> Iterator[str]:
    """What is to be said of ids that several things have, as where a filter has put one word in the place of all."""
    kinds: dict[str, set[str]] = {}
    made: Counter[str] = Counter()
    twice: set[str] = set()
    for exchange in filter(lambda exchange: exchange.went_well, exchanges):
        made.update(set(made_ids(exchange)))
        items = [item for item in exchange.objects() if item["object"] != "vector_store.file"]
        for item in items:
            kinds.setdefault(item["id"], set()).add(KINDS[item["object"]])
        if exchange.operation.endswith(".list"):
            twice.update(id for id, number in Counter(item["id"] for item in items).items() if number > 1)
    for id, found in sorted(kinds.items()):
        if len(found) > 1 or made[id] > 1 or id in twice:
            yield (
                f"{id!r} is the id of several things ({', '.join(sorted(found))}): its ids were taken out, so what "
                "belongs together cannot be told, and the scenario is doubtful: record it again, and leave the ids in."
            )


def _message(data: Any) -> str:
    error = data.get("error", data) if isinstance(data, dict) else data
    return str(error.get("message")) if isinstance(error, dict) else str(error)
