"""Tools and what they point at: as assistants and runs are given them, and as the service shows them."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import StringConstraints, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticKnownError

from .base import AS_IT_IS, Body, Field, Metadata, Sparse, Wire, exclusive

FunctionName = Annotated[str, StringConstraints(max_length=64, pattern=r"^[a-zA-Z0-9_-]+$")]
Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]


class FunctionSent(Body):
    """A function as a client describes it; `parameters`: a JSON schema."""

    name: FunctionName
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class FunctionToolSent(Body):
    """A function among the tools."""

    type: Literal["function"]
    function: FunctionSent


class RankingSent(Body):
    """How a file search ranks, and how well a hit must fit (0 to 1)."""

    ranker: Literal["auto", "default_2024_08_21"] | None = None
    score_threshold: Annotated[float, Field(ge=0, le=1)]
    hybrid_search: dict[str, Any] | None = None


class FileSearchSent(Body):
    """The settings of a file search."""

    max_num_results: Annotated[int, Field(ge=1, le=50)] | None = None
    ranking_options: RankingSent | None = None


class FileSearchToolSent(Body):
    """The file search among the tools."""

    type: Literal["file_search"]
    file_search: FileSearchSent | None = None


class CodeInterpreterToolSent(Body):
    """The code interpreter among the tools."""

    type: Literal["code_interpreter"]


class FileSearchName(Body):
    """File search where it is only named: chosen, or given an attachment."""

    type: Literal["file_search"]


ToolSent = Annotated[CodeInterpreterToolSent | FunctionToolSent | FileSearchToolSent, Field(discriminator="type")]
ToolsSent = list[ToolSent]


class Function(Wire):
    """A function that the assistant may ask for; `strict` is filled in by the service."""

    name: str
    description: str | None = None
    parameters: dict[str, Any] = Field(default_factory=lambda: {"type": "object", "properties": {}})
    strict: bool = False


class FunctionTool(Wire):
    """A function among the tools, as it is shown."""

    type: Literal["function"] = "function"
    function: Function


class RankingOptions(Wire):
    """How a file search ranks, as it is shown."""

    ranker: str = "default_2024_08_21"
    score_threshold: float = 0.0
    hybrid_search: dict[str, Any] | None = None


class FileSearch(Sparse):
    """The settings of a file search, as they are shown."""

    max_num_results: int | None = None
    ranking_options: RankingOptions


class FileSearchTool(Wire):
    """The file search among the tools, as it is shown."""

    type: Literal["file_search"] = "file_search"
    file_search: FileSearch


class CodeInterpreterTool(Wire):
    """The code interpreter among the tools, as it is shown."""

    type: Literal["code_interpreter"] = "code_interpreter"


Tool = Annotated[CodeInterpreterTool | FileSearchTool | FunctionTool, Field(discriminator="type"), AS_IT_IS]


def shown(tools: list[ToolSent]) -> list[Tool]:
    """Tools as the service answers them: defaults filled in, keys in its order."""
    return [_shown(tool) for tool in tools]


def search_settings(tools: Sequence[Tool]) -> FileSearch | None:
    """The settings of the file search, if it is one of the tools."""
    return next((tool.file_search for tool in tools if isinstance(tool, FileSearchTool)), None)


def _shown(tool: ToolSent) -> Tool:
    if isinstance(tool, FunctionToolSent):
        given = tool.function.given("name", "description", "parameters", "strict")
        return FunctionTool(function=Function(**given))
    if isinstance(tool, FileSearchToolSent):
        return FileSearchTool(file_search=_search(tool.file_search or FileSearchSent()))
    return CodeInterpreterTool()


def _search(sent: FileSearchSent) -> FileSearch:
    ranking = RankingOptions()
    if sent.ranking_options is not None:
        ranking = RankingOptions(**sent.ranking_options.given("score_threshold", "hybrid_search"))
    return FileSearch(ranking_options=ranking, **sent.given("max_num_results"))


class StaticChunks(Body):
    """The sizes of chunks, in tokens; they overlap by half of one at most."""

    max_chunk_size_tokens: Annotated[int, Field(ge=100, le=4096)]
    chunk_overlap_tokens: Annotated[int, Field(ge=0)]

    @field_validator("chunk_overlap_tokens")
    @classmethod
    def _at_most_half(cls, value: int, info: ValidationInfo) -> int:
        half = info.data.get("max_chunk_size_tokens", value * 2) // 2
        if value > half:
            raise PydanticKnownError("less_than_equal", {"le": half})
        return value


class StaticChunking(Body):
    """Chunks of given sizes."""

    type: Literal["static"]
    static: StaticChunks


class AutoChunking(Body):
    """Chunks of the service's own sizes."""

    type: Literal["auto"]


Chunking = Annotated[AutoChunking | StaticChunking, Field(discriminator="type")]


class StoreHelper(Body):
    """A vector store to be made on the spot for an assistant or a thread."""

    file_ids: list[str] | None = None
    chunking_strategy: Chunking | None = None
    metadata: Metadata | None = None


class CodeInterpreterResourcesSent(Body):
    """Files for the code interpreter."""

    file_ids: Annotated[list[str], Field(max_length=20)] | None = None


class FileSearchResourcesSent(Body):
    """Vector stores for the file search: at most one."""

    vector_store_ids: Annotated[list[str], Field(max_length=1)] | None = None


class FileSearchResourcesMade(FileSearchResourcesSent):
    """The same, or a store to be made."""

    vector_stores: Annotated[list[StoreHelper], Field(max_length=1)] | None = None

    @model_validator(mode="after")
    def _one_of_the_two(self, info: ValidationInfo) -> Self:
        return exclusive(self, ("vector_store_ids", "vector_stores"), info)


class ResourcesSent(Body):
    """`tool_resources` by ids, as modifying and running take them."""

    code_interpreter: CodeInterpreterResourcesSent | None = None
    file_search: FileSearchResourcesSent | None = None


class ResourcesMade(Body):
    """`tool_resources` as creating takes them: vector stores may be made by the way."""

    code_interpreter: CodeInterpreterResourcesSent | None = None
    file_search: FileSearchResourcesMade | None = None


class CodeInterpreterResources(Wire):
    """Files of the code interpreter, as they are shown."""

    file_ids: list[str] = Field(default_factory=list)


class FileSearchResources(Wire):
    """Vector stores of the file search, as they are shown."""

    vector_store_ids: list[str] = Field(default_factory=list)


class Resources(Sparse):
    """`tool_resources` as the service shows them: `{}` where nothing was given, the file search first."""

    file_search: FileSearchResources | None = None
    code_interpreter: CodeInterpreterResources | None = None
