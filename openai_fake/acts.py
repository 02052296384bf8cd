"""What an assistant can do in a run, as values. A script is a row of these; the player plays them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .annotations import Annotation, placed
from .checking import check_row, check_seconds, check_text, check_type, check_whole
from .chunks import Chunks
from .values import value
from .written import Written

RUN_ERRORS = ("server_error", "rate_limit_exceeded", "invalid_prompt")
"""The codes of `run.last_error` that the SDK's types know."""

INCOMPLETE_REASONS = ("max_completion_tokens", "max_prompt_tokens")
"""The reasons of `run.incomplete_details` that the SDK's types know; the service also sent `content_filter`."""


@value
class Say(Written, by="reply", given="text", named="chunks annotations images images_first"):
    """Write one message: text, its annotations, and images after it, or before."""

    text: str
    chunks: Chunks = None
    annotations: tuple[Annotation, ...] = ()
    images: tuple[str | bytes, ...] = ()
    images_first: bool = False


@value
class Refuse(Written, by="refusal", given="text"):
    """Write one message that is a refusal."""

    text: str


@value
class ToolCall(Written, by="tool_call", given="name arguments"):
    """One function call: its name, its arguments as the text that is sent, and an id if a test has chosen it."""

    name: str
    arguments: str
    id: str | None = None

    def __repr__(self) -> str:
        # No function gives a call an id.
        return super().__repr__() if self.id is None else f"ToolCall({self.name!r}, {self.arguments!r}, {self.id!r})"


@value
class CallTools(Written, by="tool_calls", row="calls"):
    """Ask for function calls, all in one step, and wait for their outputs."""

    calls: tuple[ToolCall, ...]


@value
class Interpret(Written, by="code_interpreter", given="input", named="logs images"):
    """Run code: one code interpreter call with its outputs."""

    input: str
    logs: str | None = None
    images: tuple[str | bytes, ...] = ()


@value
class Search(Written, by="file_search", row="results", named="cite"):
    """Search files. `results` is `None` where the fake is to search for itself, `cite` whether the reply cites them
    (`None`: where the fake has searched)."""

    results: tuple[Mapping[str, Any], ...] | None = None
    cite: bool | None = None


@value
class Wait(Written, by="wait", given="seconds"):
    """Let virtual time pass."""

    seconds: float


@value
class Fail(Written, by="fail", given="code message"):
    """End the run as failed."""

    code: str
    message: str


@value
class StopShort(Written, by="incomplete", given="reason text"):
    """End the run as incomplete, after some text or in the middle of the message before."""

    reason: str
    text: str = ""


@value
class Expire(Written, by="expire"):
    """Do nothing more until the run's ten minutes are over."""


@value
class Hold(Written, by="Hold"):
    """Go on, whatever the time, until a client cancels the run: what one that was cancelled does in a replay."""


@value
class Measure(Written, by="usage", given="prompt completion"):
    """Say what the act before has cost."""

    prompt: int
    completion: int


Act = Say | Refuse | CallTools | Interpret | Search | Wait | Fail | StopShort | Expire | Hold | Measure


def reply(
    text: str,
    *,
    chunks: Chunks = None,
    annotations: Sequence[Annotation | Mapping[str, Any]] = (),
    images: Sequence[str | bytes] = (),
    images_first: bool = False,
) -> Say:
    """The assistant writes a message.

    `chunks`: the pieces it is streamed in (a list that joins to `text`, or their number; by default one token-like
    piece a delta). `annotations`: `citation(…)`, `file_path(…)` or wire-form dicts; indexes that are missing are
    computed from the marker. `images`: file ids, or bytes that become files of purpose `assistants_output`;
    `images_first`: whether they stand before the text.
    Raises `ValueError` where chunks do not join to the text or a marker is not in it, `TypeError` for what is none of
    these.
    """
    check_text("reply(text)", text)
    check_row("reply", "annotations", annotations, "a list of annotations")
    shown = _images("reply", images)
    if isinstance(chunks, int):
        check_whole("reply", "chunks", chunks)
    elif chunks is not None:
        check_type("reply", "chunks", chunks, Iterable, "the pieces of the text, or their number")
        chunks = tuple(chunks)
        if "".join(chunks) != text:
            raise ValueError(f"reply(chunks=…): the pieces join to {''.join(chunks)!r}, expected the text {text!r}.")
    return Say(text, chunks, placed(text, annotations), shown, images_first)


def refusal(text: str) -> Refuse:
    """The assistant refuses, in a message of a `refusal` part."""
    check_text("refusal(text)", text)
    return Refuse(text)


def tool_call(name: str, arguments: str | Mapping[str, Any] | None = None, /, **kwargs: Any) -> ToolCall:
    """The assistant asks for a function. Yielded in a generator script, it gives the tuple of outputs.

    `arguments`: a mapping, keywords instead, or a `str` that is sent as it is, valid JSON or not. Raises `TypeError`
    and `ValueError` for what JSON cannot say.
    """
    check_text("tool_call(name)", name)
    if isinstance(arguments, str):
        if kwargs:
            raise ValueError("tool_call(): give the arguments as a string or as keywords, not both.")
        text = arguments
    else:
        if arguments is not None:
            check_type("tool_call", "arguments", arguments, Mapping, "a dict, or a string that is sent as it is")
        text = compact({**(arguments or {}), **kwargs})
    check_text("tool_call(arguments)", text)
    return ToolCall(name, text)


def tool_calls(*calls: ToolCall) -> CallTools:
    """The assistant asks for several functions at once, in one step."""
    if not calls or not all(isinstance(call, ToolCall) for call in calls):
        raise TypeError(f"tool_calls(*calls): give one tool_call(…) or more, not {calls!r}.")
    return CallTools(calls)


def code_interpreter(input: str, *, logs: str | None = None, images: Sequence[str | bytes] = ()) -> Interpret:
    """The assistant runs code. `logs`: what it printed; `images`: file ids or bytes it drew."""
    check_text("code_interpreter(input)", input)
    shown = _images("code_interpreter", images)
    check_text("code_interpreter(logs=…)", logs or "")
    return Interpret(input, logs, shown)


def file_search(*results: Mapping[str, Any], cite: bool | None = None) -> Search:
    """The assistant searches files. `results`: dicts `{file_id, file_name=, score=, text=, attributes=}`.

    None given: the stores of run, thread and assistant are really searched with the last user message, and the reply
    that follows cites what was found, unless it has annotations of its own. `cite` says otherwise, either way. Raises
    `ValueError` for what is no dict with a file, `TypeError` for what else a result does not have.
    """
    for result in results:
        if not isinstance(result, Mapping) or "file_id" not in result:
            raise ValueError(f"file_search({result!r}): a result is a dict with at least a file_id.")
        for name, given in result.items():
            if name not in _OF_A_RESULT:
                raise TypeError(f"file_search({{{name!r}: …}}): a result has {', '.join(_OF_A_RESULT)}.")
            kind, expected = _OF_A_RESULT[name]
            if not isinstance(given, kind):
                raise TypeError(f"file_search({{{name!r}: {given!r}}}): expected {expected}.")
    return Search(tuple(dict(result) for result in results) or None, cite)


def wait(seconds: float) -> Wait:
    """Virtual seconds pass before the next act. Raises `TypeError`, and `ValueError` for a negative number."""
    check_seconds("wait", seconds, endless=True)
    return Wait(seconds)


def fail(code: str, message: str) -> Fail:
    """The run fails with this `last_error`. A message that is being written becomes incomplete."""
    check_text("fail(…, message)", message)
    return Fail(code, message)


def incomplete(reason: str, text: str = "") -> StopShort:
    """The run ends incomplete: `text`, if there is any, is the message it breaks off in, else the one before."""
    check_text("incomplete(…, text)", text)
    return StopShort(reason, text)


def expire() -> Expire:
    """The run goes on without a sign until it expires, ten minutes after its creation."""
    return Expire()


def usage(prompt: int, completion: int) -> Measure:
    """The tokens of the act before it (before any act: of the first step). A run has spent what its steps have.

    Raises `TypeError` and `ValueError`.
    """
    check_whole("usage", "prompt", prompt)
    check_whole("usage", "completion", completion)
    return Measure(prompt, completion)


def compact(arguments: Any) -> str:
    """Arguments of a call as the assistant writes them. Raises `ValueError` for what JSON does not hold."""
    return json.dumps(arguments, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


_OF_A_RESULT: dict[str, tuple[Any, str]] = {
    "file_id": (str, "the id of a file"),
    "file_name": (str, "a text"),
    "score": (int | float, "a number"),
    "text": (str, "a text"),
    "attributes": (Mapping | None, "a dict"),
}


def _images(function: str, given: Sequence[str | bytes]) -> tuple[str | bytes, ...]:
    check_row(function, "images", given, "a list of file ids or bytes")
    images = tuple(given)
    for image in images:
        check_type(function, "images", image, str | bytes, "file ids or bytes")
    return images
