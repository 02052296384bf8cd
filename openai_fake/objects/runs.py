"""Runs and their steps: what starting one takes, and what the service shows of it."""

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Tag
from typing_extensions import TypedDict

from .assistants import FormatSent
from .base import Body, Field, Metadata, Temperature, TopP, Wire, string_or
from .messages import CreateMessage, CreateThread
from .tools import CodeInterpreterToolSent, Effort, FileSearchName, Resources, ResourcesSent, Tool, ToolsSent

RunStatus = Literal[
    "queued",
    "in_progress",
    "requires_action",
    "cancelling",
    "cancelled",
    "failed",
    "completed",
    "incomplete",
    "expired",
]
StepStatus = Literal["in_progress", "completed", "failed", "cancelled", "expired"]


class TruncationSent(TypedDict):
    """How much of the thread a run is to read."""

    type: Literal["auto", "last_messages"]
    last_messages: NotRequired[Annotated[int, Field(ge=1)] | None]


class ChosenName(TypedDict):
    """The name of a function that is chosen."""

    name: str


class ChosenFunction(TypedDict):
    """`tool_choice` of one function."""

    type: Literal["function"]
    function: ChosenName


ToolChoiceSent = Annotated[
    Annotated[Literal["none", "auto", "required"], Tag("<string>")]
    | Annotated[
        Annotated[CodeInterpreterToolSent | ChosenFunction | FileSearchName, Field(discriminator="type")],
        Tag("<object>"),
    ],
    string_or("<object>", "one of a string or object"),
]
TokenLimit = Annotated[int, Field(ge=16)]
"""The spec says at least 256; the service took 16."""


class RunFields(Body):
    """What every way of starting a run takes."""

    assistant_id: str
    model: str | None = None
    instructions: str | None = None
    tools: ToolsSent | None = None
    metadata: Metadata | None = None
    temperature: Temperature | None = None
    top_p: TopP | None = None
    stream: bool | None = None
    max_prompt_tokens: TokenLimit | None = None
    max_completion_tokens: TokenLimit | None = None
    truncation_strategy: TruncationSent | None = None
    tool_choice: ToolChoiceSent | None = None
    parallel_tool_calls: bool | None = None
    response_format: FormatSent | None = None


class CreateRun(RunFields):
    """https://platform.openai.com/docs/api-reference/runs/createRun"""

    reasoning_effort: Effort | None = None
    additional_instructions: str | None = None
    additional_messages: list[CreateMessage] | None = None


class CreateThreadAndRun(RunFields):
    """https://platform.openai.com/docs/api-reference/runs/createThreadAndRun"""

    thread: CreateThread | None = None
    tool_resources: ResourcesSent | None = None


class UpdateRun(Body):
    """https://platform.openai.com/docs/api-reference/runs/modifyRun"""

    metadata: Metadata | None = None


class ToolOutput(TypedDict, total=False):
    """What one tool call gave."""

    tool_call_id: str | None
    output: str | None


class SubmitToolOutputs(Body):
    """https://platform.openai.com/docs/api-reference/runs/submitToolOutputs"""

    tool_outputs: list[ToolOutput]
    stream: bool | None = None


class CalledFunction(Wire):
    """The function that is asked for, with its arguments as they were written."""

    name: str
    arguments: str


class RequiredCall(Wire):
    """A call that a run waits for."""

    id: str
    type: Literal["function"] = "function"
    function: CalledFunction


class RequiredCalls(Wire):
    """All calls that a run waits for."""

    tool_calls: list[RequiredCall]


class RequiredAction(Wire):
    """What a run in `requires_action` asks of its client."""

    type: Literal["submit_tool_outputs"] = "submit_tool_outputs"
    submit_tool_outputs: RequiredCalls


class LastError(Wire):
    """Why a run or a step failed."""

    code: str
    message: str


class IncompleteRun(Wire):
    """Why a run ended early."""

    reason: str


class Usage(Wire):
    """Token counts. The wire says `prompt_token_details`, with a singular token."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0
    prompt_token_details: dict[str, int] = Field(default_factory=lambda: {"cached_tokens": 0})
    completion_tokens_details: dict[str, int] = Field(default_factory=lambda: {"reasoning_tokens": 0})

    @classmethod
    def of(cls, prompt: int, completion: int) -> "Usage":
        """The usage of so many prompt and completion tokens."""
        return cls(prompt_tokens=prompt, completion_tokens=completion, total_tokens=prompt + completion)

    def __add__(self, other: "Usage") -> "Usage":
        return Usage.of(self.prompt_tokens + other.prompt_tokens, self.completion_tokens + other.completion_tokens)


class Truncation(Wire):
    """How much of the thread the run reads."""

    type: str = "auto"
    last_messages: int | None = None


class Run(Wire):
    """https://platform.openai.com/docs/api-reference/runs/object"""

    id: str
    object: Literal["thread.run"] = "thread.run"
    created_at: int
    assistant_id: str
    thread_id: str
    status: RunStatus = "queued"
    started_at: int | None = None
    expires_at: int | None = None
    cancelled_at: int | None = None
    failed_at: int | None = None
    completed_at: int | None = None
    required_action: RequiredAction | None = None
    last_error: LastError | None = None
    model: str
    instructions: str | None = None
    tools: list[Tool] = Field(default_factory=list)
    tool_resources: Resources = Field(default_factory=Resources.usual)
    metadata: dict[str, str] = Field(default_factory=dict)
    temperature: float = 1.0
    top_p: float = 1.0
    reasoning_effort: str | None = None
    max_completion_tokens: int | None = None
    max_prompt_tokens: int | None = None
    truncation_strategy: Truncation = Field(default_factory=Truncation.usual)
    incomplete_details: IncompleteRun | None = None
    usage: Usage | None = None
    response_format: Any = "auto"
    tool_choice: Any = "auto"
    parallel_tool_calls: bool = True
