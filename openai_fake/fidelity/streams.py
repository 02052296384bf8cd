"""Two streams side by side: the order of their events, with runs of deltas taken as one, and what each carries."""

from collections.abc import Iterator
from typing import Any

from .compare import Difference, differences, signature
from .names import Names

Events = tuple[tuple[str, Any], ...]


def stream_differences(recorded: Events, fake: Events, names: Names) -> Iterator[Difference]:
    """All differences of two streams."""
    rows, fake_rows = _collapsed(recorded), _collapsed(fake)
    if [name for name, _ in rows] != [name for name, _ in fake_rows]:
        yield Difference("events", "order", [name for name, _ in rows], [name for name, _ in fake_rows])
    for (name, data), (fake_name, fake_data) in zip(rows, fake_rows, strict=False):
        if name != fake_name:
            return
        yield from differences(data[0], fake_data[0], names, name)
        if name.endswith(".delta"):
            yield from _of_forms(name, data[1:], fake_data[1:])


def broken_rules_of_stream(events: Events) -> Iterator[str]:
    """The rules of a stream that it breaks: pieces join to the whole, a run costs what its steps cost."""
    told: dict[str, str] = {}
    spent = 0
    all_steps = events[0][0] in ("thread.run.created", "thread.created") if events else False
    for name, data in events:
        if name == "thread.message.delta":
            for part in data["delta"].get("content") or ():
                told[data["id"]] = told.get(data["id"], "") + ((part.get("text") or {}).get("value") or "")
        elif name in ("thread.message.completed", "thread.message.incomplete"):
            texts = [part["text"]["value"] for part in data["content"] if part["type"] == "text"]
            if "".join(texts) != told.get(data["id"], ""):
                yield "the pieces of a message join to its text"
        elif name.startswith("thread.run.step.") and data.get("usage"):
            spent += data["usage"]["total_tokens"]
        elif name == "thread.run.completed" and all_steps and (data.get("usage") or {}).get("total_tokens") != spent:
            yield "a run's usage is the sum of its steps'"


def _collapsed(events: Events) -> list[tuple[str, list[Any]]]:
    """Events with their data; deltas of one kind in a row are one, with the data of all."""
    rows: list[tuple[str, list[Any]]] = []
    for name, data in events:
        if rows and rows[-1][0] == name and name.endswith(".delta"):
            rows[-1][1].append(data)
        else:
            rows.append((name, [data]))
    return rows


def _of_forms(name: str, recorded: list[Any], fake: list[Any]) -> Iterator[Difference]:
    forms, fake_forms = ({repr(signature(data)) for data in side} for side in (recorded, fake))
    if recorded and fake and forms != fake_forms:
        yield Difference(f"{name}[]", "forms", sorted(forms - fake_forms), sorted(fake_forms - forms))
