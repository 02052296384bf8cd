"""Tools and what they point at: as assistants and runs are given them, and as the service shows them."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, NotRequired

from pydantic import AfterValidator, StringConstraints, ValidationInfo
from pydantic_core import PydanticKnownError
from typing_extensions import TypedDict

from .base import AS_IT_IS, Field, Metadata, Sparse, Wire, exclusive, given

FunctionName = Annotated[str, StringConstraints(max_length=64, pattern=r"^[a-zA-Z0-9_-]+$")]
Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]


class FunctionSent(TypedDict):
    """A function as a client describes it; `parameters`: a JSON schema."""

    name: FunctionName
    description: NotRequired[str | None]
    parameters: NotRequired[dict[str, Any] | None]
    strict: NotRequired[bool | None]


class FunctionToolSent(TypedDict):
    """A function among the tools."""

    type: Literal["function"]
    function: FunctionSent


class RankingSent(TypedDict):
    """How a file search ranks, and how well a hit must fit (0 to 1)."""

    ranker: NotRequired[Literal["auto", "default_2024_08_21"] | None]
    score_threshold: Annotated[float, Field(ge=0, le=1)]
    hybrid_search: NotRequired[dict[str, Any] | None]


class FileSearchSent(TypedDict, total=False):
    """The settings of a file search."""

    max_num_results: Annotated[int, Field(ge=1, le=50)] | None
    ranking_options: RankingSent | None


class FileSearchToolSent(TypedDict):
    """The file search among the tools."""

    type: Literal["file_search"]
    file_search: NotRequired[FileSearchSent | None]


class CodeInterpreterToolSent(TypedDict):
    """The code interpreter among the tools."""

    type: Literal["code_interpreter"]


class FileSearchName(TypedDict):
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
    if tool["type"] == "function":
        return FunctionTool(function=Function(**given(tool["function"], "name", "description", "parameters", "strict")))
    if tool["type"] == "file_search":
        return FileSearchTool(file_search=_search(tool.get("file_search") or {}))
    return CodeInterpreterTool()


def _search(sent: FileSearchSent) -> FileSearch:
    ranking = given(sent.get("ranking_options") or {}, "score_threshold", "hybrid_search")
    return FileSearch(ranking_options=RankingOptions(**ranking), **given(sent, "max_num_results"))


def _at_most_half(value: int, info: ValidationInfo) -> int:
    half = info.data.get("max_chunk_size_tokens", value * 2) // 2
    if value > half:
        raise PydanticKnownError("less_than_equal", {"le": half})
    return value


class StaticChunks(TypedDict):
    """The sizes of chunks, in tokens; they overlap by half of one at most."""

    max_chunk_size_tokens: Annotated[int, Field(ge=100, le=4096)]
    chunk_overlap_tokens: Annotated[int, Field(ge=0), AfterValidator(_at_most_half)]


class StaticChunking(TypedDict):
    """Chunks of given sizes."""

    type: Literal["static"]
    static: StaticChunks


class AutoChunking(TypedDict):
    """Chunks of the service's own sizes."""

    type: Literal["auto"]


Chunking = Annotated[AutoChunking | StaticChunking, Field(discriminator="type")]


class StoreHelper(TypedDict, total=False):
    """A vector store to be made on the spot for an assistant or a thread."""

    file_ids: list[str] | None
    chunking_strategy: Chunking | None
    metadata: Metadata | None


class CodeInterpreterResourcesSent(TypedDict, total=False):
    """Files for the code interpreter."""

    file_ids: Annotated[list[str], Field(max_length=20)] | None


class FileSearchResourcesSent(TypedDict, total=False):
    """Vector stores for the file search: at most one."""

    vector_store_ids: Annotated[list[str], Field(max_length=1)] | None


class FileSearchResourcesMade(FileSearchResourcesSent, total=False):
    """The same, or a store to be made."""

    vector_stores: Annotated[list[StoreHelper], Field(max_length=1)] | None


def _by_ids_or_made(sent: FileSearchResourcesMade, info: ValidationInfo) -> FileSearchResourcesMade:
    exclusive(sent, ("vector_store_ids", "vector_stores"), info)
    return sent


class ResourcesSent(TypedDict, total=False):
    """`tool_resources` by ids, as modifying and running take them."""

    code_interpreter: CodeInterpreterResourcesSent | None
    file_search: FileSearchResourcesSent | None


class ResourcesMade(TypedDict, total=False):
    """`tool_resources` as creating takes them: vector stores may be made by the way."""

    code_interpreter: CodeInterpreterResourcesSent | None
    file_search: Annotated[FileSearchResourcesMade, AfterValidator(_by_ids_or_made)] | None


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
