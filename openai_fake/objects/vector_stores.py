"""Vector stores, the files in them and the batches they come in: as they are asked for, and as they are shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, StringConstraints, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError, PydanticKnownError
from typing_extensions import TypedDict

from .base import Body, Field, Metadata, Wire, exclusive
from .lists import ListQuery
from .tools import Chunking

FileStatus = Literal["in_progress", "completed", "failed", "cancelled"]


def _attribute(value: object) -> object:
    """A value of an attribute: a string of at most 512 characters, a number or a boolean."""
    if isinstance(value, str) and len(value) > 512:
        raise PydanticKnownError("string_too_long", {"max_length": 512})
    if not isinstance(value, str | int | float):
        raise PydanticCustomError("expected", "one of a string, number, or boolean")
    return value


Attributes = Annotated[
    dict[Annotated[str, StringConstraints(max_length=64)], Annotated[Any, BeforeValidator(_attribute)]],
    Field(max_length=16),
]


class StoreExpiry(TypedDict):
    """`expires_after` of a store: so many days after it was last used."""

    anchor: Literal["last_active_at"]
    days: Annotated[int, Field(ge=1, le=365)]


class CreateVectorStore(Body):
    """https://platform.openai.com/docs/api-reference/vector-stores/create"""

    file_ids: Annotated[list[str], Field(max_length=500)] | None = None
    name: str | None = None
    description: str | None = None
    expires_after: StoreExpiry | None = None
    chunking_strategy: Chunking | None = None
    metadata: Metadata | None = None


class UpdateVectorStore(Body):
    """https://platform.openai.com/docs/api-reference/vector-stores/modify"""

    name: str | None = None
    expires_after: StoreExpiry | None = None
    metadata: Metadata | None = None


class CreateStoreFile(Body):
    """https://platform.openai.com/docs/api-reference/vector-stores-files/createFile"""

    file_id: str
    chunking_strategy: Chunking | None = None
    attributes: Attributes | None = None


class UpdateStoreFile(Body):
    """https://platform.openai.com/docs/api-reference/vector-stores-files/updateAttributes"""

    attributes: Attributes | None


class CreateFileBatch(Body):
    """https://platform.openai.com/docs/api-reference/vector-stores-file-batches/createBatch"""

    file_ids: Annotated[list[str], Field(min_length=1, max_length=2000)] | None = None
    files: Annotated[list[CreateStoreFile], Field(min_length=1, max_length=2000)] | None = None
    chunking_strategy: Chunking | None = None
    attributes: Attributes | None = None

    @model_validator(mode="after")
    def _one_of_the_two(self, info: ValidationInfo) -> Self:
        exclusive(vars(self), ("file_ids", "files"), info)
        return self


class StoreFilesQuery(ListQuery):
    """https://platform.openai.com/docs/api-reference/vector-stores-files/listFiles"""

    filter: FileStatus | None = None


class FileCounts(Wire):
    """How many files of a store or a batch are in which status."""

    in_progress: int = 0
    completed: int = 0
    failed: int = 0
    cancelled: int = 0
    total: int = 0


class VectorStore(Wire):
    """https://platform.openai.com/docs/api-reference/vector-stores/object"""

    id: str
    object: Literal["vector_store"] = "vector_store"
    created_at: int
    name: str | None = None
    description: str | None = None
    usage_bytes: int = 0
    file_counts: FileCounts = Field(default_factory=FileCounts)
    status: Literal["expired", "in_progress", "completed"] = "completed"
    expires_after: dict[str, Any] | None = None
    expires_at: int | None = None
    last_active_at: int | None = None
    metadata: dict[str, str] = Field(default_factory=dict)


class FileBatch(Wire):
    """https://platform.openai.com/docs/api-reference/vector-stores-file-batches/batch-object"""

    id: str
    object: str = "vector_store.files_batch"
    created_at: int
    vector_store_id: str
    status: FileStatus = "in_progress"
    file_counts: FileCounts = Field(default_factory=FileCounts)


AUTO = {"type": "static", "static": {"max_chunk_size_tokens": 800, "chunk_overlap_tokens": 400}}
"""How the service shows, and does, what is to be cut automatically."""

NO_ATTRIBUTES: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True, eq=False)
class StoreFile:
    """https://platform.openai.com/docs/api-reference/vector-stores-files/file-object (no model: there may be many)"""

    id: str
    object: str = field(default="vector_store.file", init=False)
    usage_bytes: int
    created_at: int
    vector_store_id: str
    status: FileStatus = "in_progress"
    last_error: Mapping[str, str] | None = None
    chunking_strategy: Mapping[str, Any] = field(default_factory=lambda: AUTO)
    attributes: Mapping[str, Any] = field(default_factory=lambda: NO_ATTRIBUTES)


def shown_chunking(sent: Chunking | None) -> dict[str, Any]:
    """A chunking strategy as the service shows it: always in numbers."""
    return {**sent} if sent is not None and sent["type"] == "static" else AUTO
