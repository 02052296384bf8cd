"""What the JSON form of each act holds, and the act it stands for. Nothing is coerced and no key is unknown."""

import base64
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from . import acts
from .acts import Act, ToolCall, compact

Count = Annotated[int, Field(ge=0)]


class Form(BaseModel):
    """Any object in a script's JSON."""

    model_config: ClassVar[ConfigDict] = ConfigDict(strict=True, extra="forbid", defer_build=True)

    def given(self) -> dict[str, Any]:
        """What stands in it, as plain values."""
        return self.model_dump(exclude_unset=True)


class Bytes(Form):
    """Bytes, where an act takes them."""

    base64: str


Images = list[str | Bytes]


class Source(Form):
    """The file of an annotation."""

    file_id: str | Bytes | None = None
    quote: str | None = None

    def given(self) -> dict[str, Any]:
        """What stands in it, as plain values."""
        if self.file_id is None:
            return super().given()
        (file_id,) = _images([self.file_id])
        return {**super().given(), "file_id": file_id}


class AnnotationForm(Form):
    """An annotation in its wire form; indexes that are missing are computed from `text`."""

    type: Literal["file_citation", "file_path"]
    text: str
    start_index: Count | None = None
    end_index: Count | None = None
    file_citation: Source | None = None
    file_path: Source | None = None

    def given(self) -> dict[str, Any]:
        """What stands in it, as plain values."""
        source = getattr(self, self.type)
        return {**super().given(), self.type: source.given()} if source else super().given()


class Result(Form):
    """What a file search has found."""

    file_id: str
    file_name: str | None = None
    score: float | None = None
    attributes: dict[str, Any] | None = None
    text: str | None = None


class Tokens(Form):
    """The tokens of a step."""

    prompt: Count
    completion: Count


class Reply(Form):
    """`reply(…)`: a message."""

    reply: str
    chunks: Count | list[str] | None = None
    annotations: list[AnnotationForm] = []
    images: Images = []
    images_first: bool = False

    def act(self) -> Act:
        """The act."""
        given: Any = {"annotations": [annotation.given() for annotation in self.annotations]}
        given |= {"images": _images(self.images), "images_first": self.images_first}
        return acts.reply(self.reply, chunks=self.chunks, **given)


class Refusal(Form):
    """`refusal(…)`: a message that declines."""

    refusal: str

    def act(self) -> Act:
        """The act."""
        return acts.refusal(self.refusal)


class Call(Form):
    """`tool_call(…)`: one function call; `arguments` as an object, or as the text that is sent."""

    tool_call: str
    arguments: str | dict[str, Any] | None = None
    id: str | None = None

    def call(self) -> ToolCall:
        """The call, to stand among others."""
        given = self.arguments
        return ToolCall(self.tool_call, given if isinstance(given, str) else compact(given or {}), self.id)

    def act(self) -> Act:
        """The act of this call alone."""
        return acts.tool_calls(self.call())


class Calls(Form):
    """`tool_calls(…)`: function calls of one step."""

    tool_calls: Annotated[list[Call], Field(min_length=1)]

    def act(self) -> Act:
        """The act."""
        return acts.tool_calls(*(form.call() for form in self.tool_calls))


class CodeInterpreter(Form):
    """`code_interpreter(…)`: code that is run, with what it puts out."""

    code_interpreter: str
    logs: str | None = None
    images: Images = []

    def act(self) -> Act:
        """The act."""
        return acts.code_interpreter(self.code_interpreter, logs=self.logs, images=_images(self.images))


class FileSearch(Form):
    """`file_search(…)`: a search; results of `null` are looked for in the vector stores."""

    file_search: list[Result] | None
    cite: bool | None = None

    def act(self) -> Act:
        """The act."""
        if self.file_search is None:
            return acts.file_search(cite=self.cite)
        return acts.Search(tuple(result.given() for result in self.file_search), self.cite)


class Wait(Form):
    """`wait(…)`, in virtual seconds."""

    wait: float

    def act(self) -> Act:
        """The act."""
        return acts.wait(self.wait)


class Fail(Form):
    """`fail(…)`: the run's error code and message."""

    fail: str
    message: str

    def act(self) -> Act:
        """The act."""
        return acts.fail(self.fail, self.message)


class Incomplete(Form):
    """`incomplete(…)`: the reason, and what was said until then."""

    incomplete: str
    text: str = ""

    def act(self) -> Act:
        """The act."""
        return acts.incomplete(self.incomplete, self.text)


class Expire(Form):
    """`expire()`."""

    expire: Literal[True]

    def act(self) -> Act:
        """The act."""
        return acts.expire()


class Usage(Form):
    """`usage(…)`: tokens of the step before it is closed."""

    usage: Tokens

    def act(self) -> Act:
        """The act."""
        return acts.usage(self.usage.prompt, self.usage.completion)


class Regex(Form):
    """A regular expression that is searched for."""

    regex: str


class ScriptForm(Form):
    """A script: its acts and its `when` keywords."""

    acts: Any
    assistant: str | None = None
    thread: str | None = None
    message: str | Regex | None = None
    times: Annotated[int, Field(ge=1)] | None = 1
    optional: bool = False


FORMS: dict[str, type[Any]] = {
    "reply": Reply,
    "refusal": Refusal,
    "tool_call": Call,
    "tool_calls": Calls,
    "code_interpreter": CodeInterpreter,
    "file_search": FileSearch,
    "wait": Wait,
    "fail": Fail,
    "incomplete": Incomplete,
    "expire": Expire,
    "usage": Usage,
}
"""The form of each act, by the key that names it."""


def _images(forms: Sequence[str | Bytes]) -> list[str | bytes]:
    return [form if isinstance(form, str) else base64.b64decode(form.base64, validate=True) for form in forms]
