"""Searching a vector store: the request, its filters, and what is found."""

import operator
from typing import Annotated, Any, Literal

from pydantic import Tag, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from .base import Body, Field, Wire, string_or
from .steps import ResultText


class Comparison(Body):
    """A filter of one attribute."""

    type: Literal["eq", "ne", "gt", "gte", "lt", "lte", "in", "nin"]
    key: str
    value: Any

    @field_validator("value")
    @classmethod
    def _of_its_kind(cls, value: Any, info: ValidationInfo) -> Any:
        if info.data.get("type") in ("in", "nin"):
            good = isinstance(value, list) and all(isinstance(item, str | int | float) for item in value)
            if not good:
                raise PydanticCustomError("expected", "an array of strings or numbers")
        elif not isinstance(value, str | int | float):
            raise PydanticCustomError("expected", "one of a string, number, or boolean")
        return value


class Compound(Body):
    """Filters joined by `and` or `or`."""

    type: Literal["and", "or"]
    filters: list["Filter"]


Filter = Annotated[Comparison | Compound, Field(discriminator="type")]
# A model that holds itself knows the types of its fields only when it has been built. Now, because a test that has put
# `sys.modules` back by then would hide the name `Filter`.
Compound.model_rebuild()


class SearchRankingSent(Body):
    """How hits are ranked, and how well they must fit (0 to 1)."""

    ranker: Literal["none", "auto", "default-2024-11-15"] | None = None
    score_threshold: Annotated[float, Field(ge=0, le=1)] | None = None


class SearchStore(Body):
    """https://platform.openai.com/docs/api-reference/vector-stores/search"""

    query: Annotated[
        Annotated[str, Tag("<string>")] | Annotated[list[str], Tag("<array>")],
        string_or("<array>", "one of a string or array of strings"),
    ]
    rewrite_query: bool | None = None
    max_num_results: Annotated[int, Field(ge=1, le=50)] | None = None
    filters: Filter | None = None
    ranking_options: SearchRankingSent | None = None

    @property
    def queries(self) -> list[str]:
        """What is searched for, one or many."""
        return [self.query] if isinstance(self.query, str) else self.query


class Hit(Wire):
    """One hit of a search: a passage of a file."""

    file_id: str
    filename: str
    score: float
    attributes: dict[str, Any]
    content: list[ResultText]


class SearchPage(Wire):
    """The hits of a search: all of them, there is no next page."""

    object: Literal["vector_store.search_results.page"] = "vector_store.search_results.page"
    search_query: list[str]
    data: list[Hit]
    has_more: bool = False
    next_page: str | None = None


class ContentPage(Wire):
    """https://platform.openai.com/docs/api-reference/vector-stores-files/getContent"""

    object: Literal["vector_store.file_content.page"] = "vector_store.file_content.page"
    data: list[ResultText]
    has_more: bool = False
    next_page: str | None = None


_ORDERS: dict[str, Any] = {"gt": operator.gt, "gte": operator.ge, "lt": operator.lt, "lte": operator.le}


def fits(attributes: Any, wanted: Comparison | Compound | None) -> bool:
    """Whether attributes pass a filter. One that is missing differs from every value; kinds are never mixed."""
    if wanted is None:
        return True
    if isinstance(wanted, Compound):
        return (all if wanted.type == "and" else any)(fits(attributes, inner) for inner in wanted.filters)
    there, value = attributes.get(wanted.key), wanted.value
    match wanted.type:
        case "eq" | "ne":
            return _same(there, value) == (wanted.type == "eq")
        case "in" | "nin":
            return any(_same(there, item) for item in value) == (wanted.type == "in")
    if any(isinstance(side, bool) or side is None for side in (there, value)):
        return False
    return isinstance(there, str) == isinstance(value, str) and bool(_ORDERS[wanted.type](there, value))


def _same(one: object, other: object) -> bool:
    return isinstance(one, bool) == isinstance(other, bool) and one == other
