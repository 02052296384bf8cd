"""Notes on stretches of a text: citations and paths of files, each on the marker that it stands on."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .values import value

_KINDS = ("file_citation", "file_path")


@value
class Annotation:
    """A note on a stretch of a text: the wire form, and the marker it stands on."""

    wire: dict[str, Any]
    quote: str = ""

    def __repr__(self) -> str:
        """As the dict that `reply` takes."""
        kind = self.wire["type"]
        return repr({**self.wire, kind: {**self.wire[kind], **({"quote": self.quote} if self.quote else {})}})

    def with_file(self, make: Callable[[bytes, str], str]) -> "Annotation":
        """The same note on a file made of its bytes, if it holds any: `make(content, filename)` gives the id."""
        kind = self.wire["type"]
        source = self.wire[kind]
        if not isinstance(source.get("file_id"), bytes):
            return self
        made = make(source["file_id"], self.wire["text"].rpartition("/")[2])
        return Annotation({**self.wire, kind: {**source, "file_id": made}}, self.quote)


def citation(file_id: str, marker: str, quote: str | None = None) -> Annotation:
    """A `file_citation` on the first place where `marker` stands in the text."""
    wire = {"type": "file_citation", "text": marker, "file_citation": {"file_id": file_id}}
    return Annotation(wire, quote or "")


def file_path(file_id: str | bytes, marker: str) -> Annotation:
    """A `file_path` on the first place where `marker` stands in the text.

    Bytes become a file that can be downloaded, of purpose `assistants_output` and named as the marker ends.
    """
    return Annotation({"type": "file_path", "text": marker, "file_path": {"file_id": file_id}})


def placed(text: str, given: Sequence[Annotation | Mapping[str, Any]]) -> tuple[Annotation, ...]:
    """Annotations with their indexes, in the order of the text. Raises `ValueError` for a marker that is not in it."""
    looked: dict[str, int] = {}
    found = []
    for item in given:
        annotation = Annotation(dict(item)) if isinstance(item, Mapping) else item
        _check(annotation, item)
        found.append(_place(text, annotation, looked))
    return tuple(sorted(found, key=lambda annotation: int(annotation.wire["start_index"])))


def _check(annotation: Annotation, given: object) -> None:
    """Raise `TypeError` for what is no annotation."""
    wire = annotation.wire if isinstance(annotation, Annotation) else {}
    kind, source = wire.get("type"), wire.get(wire.get("type", ""), {})
    indexes = [wire[name] for name in ("start_index", "end_index") if name in wire]
    good = kind in _KINDS and isinstance(source, Mapping) and isinstance(source.get("file_id", ""), str | bytes)
    if not good or not isinstance(wire.get("text"), str) or not all(type(index) is int for index in indexes):
        raise TypeError(
            f"reply(annotations=…): {given!r} is none; expected citation(…), file_path(…), or a dict as on the wire: "
            "{'type': 'file_citation', 'text': marker, 'file_citation': {'file_id': …}}."
        )


def _place(text: str, annotation: Annotation, looked: dict[str, int]) -> Annotation:
    wire = dict(annotation.wire)
    marker = wire["text"]
    if "start_index" not in wire:
        start = text.find(marker, looked.get(marker, 0))
        if start < 0 or not marker:
            raise ValueError(f"reply(annotations=…): the marker {marker!r} is not in the text {text!r} (any more).")
        looked[marker] = start + len(marker)
        wire["start_index"] = start
    wire.setdefault("end_index", wire["start_index"] + len(marker))
    if not 0 <= wire["start_index"] <= wire["end_index"]:
        raise ValueError(f"reply(annotations=…): {wire!r} ends before it starts, or starts before the text.")
    kind = wire["type"]
    ordered = {"type": kind, "text": marker, "start_index": wire["start_index"], "end_index": wire["end_index"]}
    source = dict(wire.get(kind, {}))
    quote = annotation.quote or str(source.pop("quote", "") or "")
    return Annotation({**ordered, kind: source}, quote)
