"""What all wire objects share: answers are frozen values, requests are closed and strictly typed."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Annotated, Any, ClassVar, Self, TypeVar, cast, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    GetCoreSchemaHandler,
    StringConstraints,
    ValidationInfo,
)
from pydantic import Field as Field
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

W = TypeVar("W", bound=BaseModel)
_ALL_GIVEN: set[str] = set()


class Wire(BaseModel):
    """An object that the service sends. Never changed, only replaced; readable as attributes or by wire key."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        frozen=True, extra="forbid", defer_build=True, protected_namespaces=()
    )
    # Where `rendering` keeps the bytes of an object that was listed.
    __slots__ = ("rendered",)

    @classmethod
    def made(cls, **fields: Any) -> Self:
        """An object of fields that our own code vouches for: defaults filled in, nothing validated a second time."""
        for name, factory in _factories(cls):
            if name not in fields:
                fields[name] = factory()
        return made_of(cls, blank(cls) | fields)

    @classmethod
    def usual(cls) -> Self:
        """The object of nothing but defaults: a value, so one does for all."""
        found: Self = usual(cls)
        return found

    def with_changes(self, **changes: Any) -> Self:
        """The same object with some fields replaced (not validated: they come from our own code)."""
        return made_of(type(self), self.__dict__ | changes)

    def __getitem__(self, key: str) -> Any:
        if key not in type(self).model_fields:
            raise KeyError(key)
        return getattr(self, key)


_USUAL = vars(Wire)["usual"].__func__


@cache
def blank(model: type[Wire]) -> dict[str, Any]:
    """The fields of a model in their order, with their defaults: to be copied, and filled in where a default is made
    anew for each object."""
    model.model_rebuild()
    anew = [name for name, _ in _factories(model)]
    return {
        name: None if name in anew else field.get_default(call_default_factory=True)
        for name, field in model.model_fields.items()
    }


@cache
def _factories(model: type[Wire]) -> tuple[tuple[str, Callable[[], Any]], ...]:
    """The fields of a model whose default is made anew for each object, and what makes it."""
    made = []
    for name, field in model.model_fields.items():
        factory = cast("Callable[[], Any] | None", field.default_factory)
        # The usual value of a model is one for all.
        if factory is not None and getattr(factory, "__func__", None) is not _USUAL:
            made.append((name, factory))
    return tuple(made)


@cache
def usual(model: type[BaseModel]) -> Any:
    """The one value of nothing but defaults that a frozen model has."""
    return model()


def made_of(model: type[W], values: dict[str, Any]) -> W:
    """An object around all its fields, in their order, that our own code vouches for: the quickest way to have one.

    As pydantic lays it out; the set of given fields is shared, nobody asks for it.
    """
    item = _new(model)
    _lay_values(item, values)
    _lay_given(item, _ALL_GIVEN)
    _lay_extra(item, None)
    _lay_private(item, None)
    return item


_new = object.__new__
_lay_values, _lay_given, _lay_extra, _lay_private = (
    vars(BaseModel)[slot].__set__
    for slot in ("__dict__", "__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__")
)


def build_models(kind: Any) -> None:
    """Build the models in an annotation: what is serialised by itself does not build itself in time."""
    if isinstance(kind, type) and issubclass(kind, Wire):
        kind.model_rebuild()
    for part in get_args(kind):
        build_models(part)


class _AsItIs:
    """What `pydantic.SerializeAsAny` does: serialised by what a value is, not by what its field may hold.

    Importing that, or a serialiser's decorator, takes two milliseconds.
    """

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        build_models(source)
        # A chain is serialised as its last link.
        return core_schema.chain_schema([handler(source), core_schema.any_schema()])


AS_IT_IS = _AsItIs()


class Sparse(Wire):
    """A wire object whose fields are left out, instead of being sent as null, where nobody has set them."""

    @classmethod
    def made(cls, **fields: Any) -> Self:
        """The same as calling the class: which fields were given matters here."""
        return cls(**fields)

    def with_changes(self, **changes: Any) -> Self:
        """The same object with some fields replaced or given."""
        return type(self)(**{**self.given(), **changes})

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        for field in cls.model_fields.values():
            build_models(field.annotation)
        given = core_schema.plain_serializer_function_ser_schema(cls.given)
        return cast(CoreSchema, {**handler(source), "serialization": given})

    def given(self) -> dict[str, Any]:
        """The fields that somebody has set."""
        given = self.__pydantic_fields_set__
        return {name: value for name, value in self.__dict__.items() if name in given} if given else {}


class Body(BaseModel):
    """What a client sends: no unknown keys, no coercion. A null means "not given".

    The objects in it are typed dicts under the same rules: checked and then read once, they need no model of their own.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(
        strict=True, extra="forbid", defer_build=True, protected_namespaces=()
    )

    def given(self, *names: str) -> dict[str, Any]:
        """Those of the named fields that it has, and that were sent with a value other than null."""
        if self.__pydantic_fields_set__.isdisjoint(names):
            return {}
        return given(self.__dict__, *names)


def given(part: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Those of the named keys that a part of a body has, and that were sent with a value other than null."""
    return {name: value for name in names if (value := part.get(name)) is not None}


class Nothing(Body):
    """The body of a request that takes none."""


class Query(BaseModel):
    """The query of a request: everything arrives as text, and unknown names are passed over."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="ignore", defer_build=True)


class Deleted(Wire):
    """The answer to a delete: `{"id", "object": "thread.deleted", "deleted": true}`."""

    id: str
    object: str
    deleted: bool = True


def string_or(kind: str, expected: str) -> Discriminator:
    """Choose between `<string>` and `<array>` or `<object>` by the JSON type of what was sent."""
    wanted: Any = (list, tuple) if kind == "<array>" else dict

    def choose(value: object) -> str | None:
        if isinstance(value, str):
            return "<string>"
        return kind if isinstance(value, wanted) else None

    return Discriminator(
        choose,
        custom_error_type="expected",
        custom_error_message=expected,
    )


def exclusive(part: Mapping[str, Any], names: Sequence[str], info: ValidationInfo) -> None:
    """Refuse a body or a part of one in which more than one of the named keys is given, where the fake is strict."""
    lenient = bool(info.context and info.context.get("lenient"))
    both = list(given(part, *names))
    if len(both) > 1 and not lenient:
        raise PydanticCustomError("exclusive", "exclusive fields", {"names": both})


Metadata = Annotated[
    dict[Annotated[str, StringConstraints(max_length=64)], Annotated[str, StringConstraints(max_length=512)]],
    Field(max_length=16),
]
"""Up to 16 pairs of strings: keys of at most 64 characters, values of at most 512."""

Temperature = Annotated[float, Field(ge=0, le=2)]
TopP = Annotated[float, Field(ge=0, le=1)]
