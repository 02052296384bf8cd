"""Where in a body a fault lies: pydantic's location of it, told as the service told it.

Pydantic puts the tags of unions, and a mark for the names of properties, into its locations. The service knew neither,
and a client may send keys that look like them; so the way down goes by the types of the fields.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, get_args, get_origin

from pydantic import BaseModel, Tag


class Place:
    """A place in a body.

    `path`: as the service writes it (`messages[0].role`). `name`: the last key of it. `holder`: the path of the object
    that has that key. `known`: the keys that such an object may have. `holds`: what an array there would hold.
    """

    def __init__(self, model: type[BaseModel]) -> None:
        self.path = self.name = self.holder = self.holds = ""
        self.known: list[str] = []
        self.is_name = False
        self._models = [model]
        self._tags: frozenset[str] = frozenset()
        self._is_union = self._is_mapping = False

    def enter(self, part: int | str) -> None:
        """Go on to a part of a location."""
        tags, self._tags = self._tags, frozenset()
        if isinstance(part, int):
            self.path += f"[{part}]"
        elif part in tags:
            return
        elif self._is_union and (chosen := [model for model in self._models if _has_tag(model, part)]):
            self._models, self._is_union = chosen, False
        elif self._is_mapping:
            self._enter_property(part)
        elif self._models:
            self._enter_field(part)
        else:
            # Behind the key of a property stands only the mark that it is the key itself.
            self.is_name = True

    def _enter_field(self, name: str) -> None:
        self.known = sorted(
            {field.alias or name for model in self._models for name, field in model.model_fields.items()}
        )
        kinds = [model.model_fields[name].annotation for model in self._models if name in model.model_fields]
        self._name(name)
        self._models = [found for kind in kinds for found in _models(kind)]
        self._tags = frozenset(tag for kind in kinds for tag in _tags(kind))
        self._is_union, self.holds = len(self._models) > 1, _held(kinds)
        self._is_mapping = any(_is_mapping(kind) for kind in kinds)

    def _enter_property(self, name: str) -> None:
        self._name(name)
        self._models, self._is_mapping, self.known = [], False, []

    def _name(self, name: str) -> None:
        self.holder, self.name = self.path, name
        self.path += f".{name}" if self.path else name


def place_of(model: type[BaseModel], location: Sequence[int | str]) -> Place:
    """The place that pydantic's location in a body of that model stands for."""
    place = Place(model)
    for part in location:
        place.enter(part)
    return place


def _has_tag(model: type[BaseModel], tag: str) -> bool:
    kind = model.model_fields.get("type")
    return kind is not None and tag in get_args(kind.annotation)


def _tags(annotation: Any) -> Iterator[str]:
    """The tags of a union that is chosen from by the JSON type of what was sent."""
    for inner in get_args(annotation):
        if isinstance(inner, Tag):
            yield inner.tag
        yield from _tags(inner)


def _is_mapping(annotation: Any) -> bool:
    return get_origin(annotation) is dict or any(_is_mapping(inner) for inner in get_args(annotation))


def _held(annotations: Iterable[Any]) -> str:
    """What the first list among them, at any depth, holds; empty where there is none."""
    for kind in annotations:
        held = "strings" if kind == list[str] else "objects" if get_origin(kind) is list else _held(get_args(kind))
        if held:
            return held
    return ""


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)
