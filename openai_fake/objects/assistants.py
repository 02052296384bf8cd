"""The assistant, and what creating and modifying one takes."""

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Tag
from typing_extensions import TypedDict

from .base import Body, Field, Metadata, Temperature, TopP, Wire, string_or
from .tools import Effort, Resources, ResourcesMade, ResourcesSent, Tool, ToolsSent


class PlainFormat(TypedDict):
    """`response_format` by its name alone."""

    type: Literal["text", "json_object"]


class JsonSchema(TypedDict):
    """What a `json_schema` format holds."""

    name: str
    description: NotRequired[str | None]
    schema: NotRequired[dict[str, Any] | None]
    strict: NotRequired[bool | None]


class JsonSchemaFormat(TypedDict):
    """`response_format` with a schema."""

    type: Literal["json_schema"]
    json_schema: JsonSchema


FormatSent = Annotated[
    Annotated[Literal["auto"], Tag("<string>")]
    | Annotated[Annotated[PlainFormat | JsonSchemaFormat, Field(discriminator="type")], Tag("<object>")],
    string_or("<object>", "one of a string or object"),
]


class AssistantFields(Body):
    """What creating and modifying an assistant have in common."""

    name: Annotated[str, Field(max_length=256)] | None = None
    description: Annotated[str, Field(max_length=512)] | None = None
    instructions: Annotated[str, Field(max_length=256_000)] | None = None
    reasoning_effort: Effort | None = None
    tools: Annotated[ToolsSent, Field(max_length=128)] | None = None
    metadata: Metadata | None = None
    temperature: Temperature | None = None
    top_p: TopP | None = None
    response_format: FormatSent | None = None


class CreateAssistant(AssistantFields):
    """https://platform.openai.com/docs/api-reference/assistants/createAssistant"""

    model: str
    tool_resources: ResourcesMade | None = None


class UpdateAssistant(AssistantFields):
    """https://platform.openai.com/docs/api-reference/assistants/modifyAssistant"""

    model: str | None = None
    tool_resources: ResourcesSent | None = None


class Assistant(Wire):
    """https://platform.openai.com/docs/api-reference/assistants/object"""

    id: str
    object: Literal["assistant"] = "assistant"
    created_at: int
    name: str | None = None
    description: str | None = None
    model: str
    instructions: str | None = None
    tools: list[Tool] = Field(default_factory=list)
    top_p: float = 1.0
    temperature: float = 1.0
    reasoning_effort: str | None = None
    tool_resources: Resources = Field(default_factory=Resources.usual)
    metadata: dict[str, str] = Field(default_factory=dict)
    response_format: Any = "auto"
