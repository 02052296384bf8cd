"""Run steps: a message written, or tools called."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from .base import AS_IT_IS, Field, Sparse, Wire
from .runs import LastError, StepStatus, Usage


class FunctionCalled(Wire):
    """A function with its arguments, and its output once it was submitted."""

    name: str
    arguments: str
    output: str | None = None


class FunctionCall(Wire):
    """A function call of a step."""

    id: str
    type: Literal["function"] = "function"
    function: FunctionCalled


class Logs(Wire):
    """What code has written."""

    type: Literal["logs"] = "logs"
    logs: str


class OutputFile(Wire):
    """A file that code has made."""

    file_id: str


class Image(Wire):
    """An image that code has made."""

    type: Literal["image"] = "image"
    image: OutputFile


class Interpreted(Wire):
    """Code, and what came out of it."""

    input: str
    outputs: list[Annotated[Logs | Image, Field(discriminator="type")]] = Field(default_factory=list)


class CodeInterpreterCall(Wire):
    """A code interpreter call of a step."""

    id: str
    type: Literal["code_interpreter"] = "code_interpreter"
    code_interpreter: Interpreted


class ResultText(Wire):
    """A passage of a file."""

    type: Literal["text"] = "text"
    text: str


class SearchResult(Sparse):
    """A hit of a file search. `content` is shown only to a request that includes it."""

    file_id: str
    file_name: str
    score: float
    attributes: dict[str, Any] = Field(default_factory=dict)
    content: list[ResultText] | None = None

    @classmethod
    def of(cls, given: Mapping[str, Any], file_name: str) -> Self:
        """A hit as a script has given it: by its file's id, and what else it says. `file_name`: where it says none."""
        shown = {
            "file_id": given["file_id"],
            "file_name": given.get("file_name", file_name),
            "score": float(given.get("score", 1.0)),
            "attributes": dict(given.get("attributes") or {}),
        }
        if "text" in given:
            shown["content"] = [ResultText(text=given["text"])]
        return cls(**shown)


class SearchRanking(Wire):
    """How the hits of a step were ranked."""

    ranker: str = "default_2024_08_21"
    score_threshold: float = 0.0


class Searched(Wire):
    """The hits of a step, and how they were ranked."""

    ranking_options: SearchRanking
    results: list[SearchResult] = Field(default_factory=list)


class FileSearchCall(Wire):
    """A file search of a step."""

    id: str
    type: Literal["file_search"] = "file_search"
    file_search: Searched


ToolCall = Annotated[FunctionCall | CodeInterpreterCall | FileSearchCall, Field(discriminator="type"), AS_IT_IS]


class CreatedMessage(Wire):
    """The message that a step writes, by its id."""

    message_id: str


class MessageCreation(Wire):
    """The details of a step that writes a message."""

    type: Literal["message_creation"] = "message_creation"
    message_creation: CreatedMessage


class ToolCalls(Wire):
    """The details of a step that calls tools."""

    type: Literal["tool_calls"] = "tool_calls"
    tool_calls: list[ToolCall] = Field(default_factory=list)


StepDetails = Annotated[MessageCreation | ToolCalls, Field(discriminator="type"), AS_IT_IS]


class RunStep(Wire):
    """https://platform.openai.com/docs/api-reference/run-steps/step-object"""

    id: str
    object: Literal["thread.run.step"] = "thread.run.step"
    created_at: int
    run_id: str
    assistant_id: str
    thread_id: str
    type: Literal["message_creation", "tool_calls"]
    status: StepStatus = "in_progress"
    cancelled_at: int | None = None
    completed_at: int | None = None
    expires_at: int | None = None
    failed_at: int | None = None
    last_error: LastError | None = None
    step_details: StepDetails
    usage: Usage | None = None
    metadata: dict[str, str] = Field(default_factory=dict)
    expired_at: int | None = None


def without_content(step: RunStep) -> RunStep:
    """A step without the text of what a file search found: it is shown only where a request includes it."""
    details = step.step_details
    if not isinstance(details, ToolCalls) or not any(isinstance(call, FileSearchCall) for call in details.tool_calls):
        return step
    return step.with_changes(step_details=ToolCalls(tool_calls=[_without_content(call) for call in details.tool_calls]))


def _without_content(call: ToolCall) -> ToolCall:
    if not isinstance(call, FileSearchCall):
        return call
    searched = call.file_search
    results = [
        SearchResult(**{name: value for name, value in result.given().items() if name != "content"})
        for result in searched.results
    ]
    return call.with_changes(file_search=searched.with_changes(results=results))
