"""Scripts as Hypothesis draws them: every act, any Unicode, any way to cut it, several rounds of tool calls."""

import string
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from openai_fake import (
    citation,
    code_interpreter,
    expire,
    fail,
    file_path,
    file_search,
    incomplete,
    refusal,
    reply,
    tool_call,
    tool_calls,
    usage,
    wait,
)
from openai_fake.acts import Act, CallTools, Interpret, Refuse, Say, StopShort, ToolCall

# Line ends of every alphabet, the end of a stream, surrogate pairs, joined and combining characters, a bare NUL.
AWKWARD = [
    "\r\n",
    "\n\n",
    "data: [DONE]\n\n",
    "\u2028",
    "\x85",
    "\x00",
    "👩‍👩‍👧‍👦🇫🇷",
    "é",
    "نص عربي",
    "漢字かな",
    '"\\',
    " ",
    "𝒳",
]
MARKERS = ["【4:0†source】", "[1]", "sandbox:/mnt/data/a.csv", "👍"]
texts = st.text(max_size=30) | st.lists(st.sampled_from(AWKWARD) | st.text(max_size=8), max_size=6).map("".join)
names = st.text(string.ascii_letters + string.digits + "_-", min_size=1, max_size=20)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | texts,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=4,
)
pictures = st.lists(st.sampled_from(["file-1", "file-2"]) | st.binary(max_size=8), max_size=2)


@st.composite
def chunkings(draw: st.DrawFn, text: str) -> int | list[str] | None:
    """A way to cut a text: into so many pieces, at these places (also twice at one), or as it comes."""
    places = st.lists(st.integers(0, len(text)), max_size=6).map(
        lambda cuts: [text[start:end] for start, end in pairwise([0, *sorted(cuts), len(text)])]
    )
    return draw(st.none() | st.integers(1, 40) | places)


@st.composite
def replies(draw: st.DrawFn) -> Say:
    """A message, with annotations on some of the markers in it, the same marker more than once among them."""
    parts = draw(st.lists(texts | st.sampled_from(MARKERS), max_size=5))
    text = "".join(parts)
    annotations: list[Any] = []
    used: dict[str, int] = {}
    for part in parts:
        place = text.find(part, used.get(part, 0))
        if part in MARKERS and place >= 0 and draw(st.booleans()):
            used[part] = place + len(part)
            wire = {"type": "file_path", "text": part, "file_path": {"file_id": "file-3"}}
            kinds = [citation("file-1", part, draw(st.none() | texts)), file_path("file-2", part), wire]
            annotations.append(draw(st.sampled_from(kinds)))
    chunks = draw(chunkings(text))
    return reply(text, chunks=chunks, annotations=annotations, images=draw(pictures))


calls = st.builds(tool_call, names, st.dictionaries(texts, values, max_size=3) | texts)
results = st.builds(
    lambda id, more: {"file_id": id, **more},
    st.sampled_from(["file-1", "file-2"]),
    st.fixed_dictionaries({}, optional={"file_name": texts, "score": st.floats(0, 1), "text": texts}),
)
acts: st.SearchStrategy[Act] = st.one_of(
    replies(),
    st.builds(refusal, texts),
    st.lists(calls, min_size=1, max_size=3).map(lambda drawn: tool_calls(*drawn)),
    st.builds(code_interpreter, texts, logs=st.none() | texts, images=pictures),
    st.lists(results, max_size=3).map(lambda drawn: file_search(*drawn)),
    st.builds(wait, st.floats(0, 200) | st.integers(0, 400)),
    st.builds(usage, st.integers(0, 10**6), st.integers(0, 10**6)),
)
endings: st.SearchStrategy[list[Act]] = st.one_of(
    st.just([]),
    st.just([]),
    st.builds(fail, st.sampled_from(["server_error", "rate_limit_exceeded", "invalid_prompt"]), texts).map(
        lambda a: [a]
    ),
    st.builds(incomplete, st.sampled_from(["max_completion_tokens", "max_prompt_tokens"]), texts).map(lambda a: [a]),
    st.just([expire()]),
)


@dataclass
class Drawn:
    """A script that was drawn, and what it was given while it was played."""

    acts: list[Act]
    as_function: bool
    given: list[tuple[str, ...]] = field(default_factory=list)

    def put(self, script: Callable[..., Any]) -> None:
        """Hand it to `fake.script`, as a row of acts or as a generator function."""
        script(self.play) if self.as_function else script(*self.acts)

    def play(self, run: Any) -> Generator[Act, Any, None]:
        """The script as a generator function."""
        for act in self.acts:
            outputs = yield act
            if isinstance(act, CallTools):
                self.given.append(outputs)
            else:
                assert outputs is None


scripts = st.builds(
    lambda row, end, as_function: Drawn([*row, *end], as_function),
    st.lists(acts, min_size=1, max_size=5),
    endings,
    st.booleans(),
)


def said(row: Iterable[Act]) -> list[str]:
    """The text of every message that a script writes, in order."""
    speaking = (act for act in row if isinstance(act, Say | Refuse | StopShort))
    return [act.text for act in speaking if act.text or not isinstance(act, StopShort)]


def called(row: Iterable[Act]) -> list[ToolCall]:
    """Every function call that a script makes, in order."""
    return [call for act in row if isinstance(act, CallTools) for call in act.calls]


def interpreted(row: Iterable[Act]) -> list[Interpret]:
    """Every piece of code that a script runs, in order."""
    return [act for act in row if isinstance(act, Interpret)]
