"""What the list endpoints take."""

from typing import Annotated, Literal

from .base import Field, Query


class Include(Query):
    """`include[]` has one value: the text of what a file search found."""

    include: list[Literal["step_details.tool_calls[*].file_search.results[*].content"]] = Field(default_factory=list)


class PageQuery(Query):
    """A page: `limit` 1–100, newest first unless `order` says otherwise, from a cursor."""

    limit: Annotated[int, Field(ge=1, le=100)] = 20
    order: Literal["asc", "desc"] = "desc"
    after: str | None = None


class ListQuery(PageQuery):
    """The same, from a cursor or up to one."""

    before: str | None = None


class MessagesQuery(ListQuery):
    """https://platform.openai.com/docs/api-reference/messages/listMessages"""

    run_id: str | None = None


class StepsQuery(ListQuery, Include):
    """https://platform.openai.com/docs/api-reference/run-steps/listRunSteps"""
