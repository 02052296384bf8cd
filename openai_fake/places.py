"""Where in a body a fault lies: pydantic's location of it, told as the service told it.

Pydantic puts the tags of unions, and a mark for the names of properties, into its locations. The service knew neither,
and a client may send keys that look like them; so the way down goes by the types of the fields.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from pydantic import BaseModel, Tag
from typing_extensions import is_typeddict


class Place:
    """A place in a body.

    `path`: as the service writes it (`messages[0].role`). `name`: the last key of it. `holder`: the path of the object
    that has that key. `known`: the keys that such an object may have. `holds`: what an array there would hold.
    """

    def __init__(self, model: type[BaseModel]) -> None:
        self.path = self.name = self.holder = self.holds = ""
        self.known: list[str] = []
        self.is_name = False
        self._objects: list[type] = [model]
        self._tags: frozenset[str] = frozenset()
        self._is_union = self._is_mapping = False

    def enter(self, part: int | str) -> None:
        """Go on to a part of a location."""
        tags, self._tags = self._tags, frozenset()
        if isinstance(part, int):
            self.path += f"[{part}]"
        elif part in tags:
            return
        elif self._is_union and (chosen := [kind for kind in self._objects if _has_tag(kind, part)]):
            self._objects, self._is_union = chosen, False
        elif self._is_mapping:
            self._enter_property(part)
        elif self._objects:
            self._enter_field(part)
        else:
            # Behind the key of a property stands only the mark that it is the key itself.
            self.is_name = True

    def _enter_field(self, name: str) -> None:
        all_fields = [_fields(kind) for kind in self._objects]
        self.known = sorted({name for fields in all_fields for name in fields})
        kinds = [fields[name] for fields in all_fields if name in fields]
        self._name(name)
        self._objects = [found for kind in kinds for found in _objects(kind)]
        self._tags = frozenset(tag for kind in kinds for tag in _tags(kind))
        self._is_union, self.holds = len(self._objects) > 1, _held(kinds)
        self._is_mapping = any(_is_mapping(kind) for kind in kinds)

    def _enter_property(self, name: str) -> None:
        self._name(name)
        self._objects, self._is_mapping, self.known = [], False, []

    def _name(self, name: str) -> None:
        self.holder, self.name = self.path, name
        self.path += f".{name}" if self.path else name


def place_of(model: type[BaseModel], location: Sequence[int | str]) -> Place:
    """The place that pydantic's location in a body of that model stands for."""
    place = Place(model)
    for part in location:
        place.enter(part)
    return place


@cache
def _fields(kind: type) -> dict[str, Any]:
    """The types of the keys of an object, a model or a typed dict."""
    if issubclass(kind, BaseModel):
        return {field.alias or name: field.annotation for name, field in kind.model_fields.items()}
    return get_type_hints(kind, include_extras=True)


def _has_tag(kind: type, tag: str) -> bool:
    return tag in get_args(_fields(kind).get("type"))


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


def _objects(annotation: Any) -> Iterator[type]:
    if is_typeddict(annotation) or (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        yield annotation
    for inner in get_args(annotation):
        yield from _objects(inner)
