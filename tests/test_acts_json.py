"""Acts as JSON: there and back again, and strict about everything else."""

import json
from typing import Any

import pytest
from hypothesis import given
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
from openai_fake.acts import Act, Search, ToolCall
from openai_fake.acts_json import acts_from_json, from_json, to_json
from openai_fake.script import as_act

ACTS: list[tuple[Any, dict[str, Any]]] = [
    (reply("Hello."), {"reply": "Hello."}),
    (reply("Hello.", chunks=["Hel", "lo."]), {"reply": "Hello.", "chunks": ["Hel", "lo."]}),
    (reply("Hello.", chunks=2), {"reply": "Hello.", "chunks": 2}),
    (
        reply("See [1].", annotations=[citation("file-1", "[1]", "as it says")]),
        {
            "reply": "See [1].",
            "annotations": [
                {
                    "type": "file_citation",
                    "text": "[1]",
                    "start_index": 4,
                    "end_index": 7,
                    "file_citation": {"file_id": "file-1", "quote": "as it says"},
                }
            ],
        },
    ),
    (reply("", images=["file-1", b"png"]), {"reply": "", "images": ["file-1", {"base64": "cG5n"}]}),
    (refusal("No."), {"refusal": "No."}),
    (tool_call("now"), {"tool_call": "now"}),
    (tool_call("get", city="Paris"), {"tool_call": "get", "arguments": {"city": "Paris"}}),
    (tool_call("get", "{not json"), {"tool_call": "get", "arguments": "{not json"}),
    (tool_call("get", ""), {"tool_call": "get", "arguments": ""}),
    (tool_call("get", '{"a": 1}'), {"tool_call": "get", "arguments": '{"a": 1}'}),
    (tool_call("get", '{"a":NaN}'), {"tool_call": "get", "arguments": '{"a":NaN}'}),
    (ToolCall("get", "{}", "call_1"), {"tool_call": "get", "id": "call_1"}),
    (
        tool_calls(tool_call("a"), tool_call("b", n=1)),
        {"tool_calls": [{"tool_call": "a"}, {"tool_call": "b", "arguments": {"n": 1}}]},
    ),
    (code_interpreter("1+1", logs="2"), {"code_interpreter": "1+1", "logs": "2"}),
    (code_interpreter("1+1", logs=""), {"code_interpreter": "1+1", "logs": ""}),
    (file_search(), {"file_search": None}),
    (Search(()), {"file_search": []}),
    (reply("So.", images=["file-1"], images_first=True), {"reply": "So.", "images": ["file-1"], "images_first": True}),
    (
        file_search({"file_id": "file-1", "score": 0.5, "text": "x"}),
        {"file_search": [{"file_id": "file-1", "score": 0.5, "text": "x"}]},
    ),
    (wait(2), {"wait": 2}),
    (fail("server_error", "Sorry."), {"fail": "server_error", "message": "Sorry."}),
    (incomplete("max_completion_tokens"), {"incomplete": "max_completion_tokens"}),
    (incomplete("max_completion_tokens", "And th"), {"incomplete": "max_completion_tokens", "text": "And th"}),
    (expire(), {"expire": True}),
    (usage(3, 0), {"usage": {"prompt": 3, "completion": 0}}),
]


@pytest.mark.parametrize(("act", "form"), ACTS, ids=[str(next(iter(form))) for _, form in ACTS])
def test_an_act_and_its_json_form(act: Any, form: dict[str, Any]) -> None:
    assert to_json(as_act(act)) == form
    assert from_json(form) == as_act(act)


texts = st.text(max_size=20)
results = st.fixed_dictionaries({"file_id": texts}, optional={"score": st.floats(0, 1), "text": texts})
calls = st.one_of(
    st.builds(tool_call, texts, texts),
    st.builds(lambda name, given: tool_call(name, given), texts, st.dictionaries(texts, st.integers() | texts)),
)
acts: st.SearchStrategy[Act] = st.one_of(
    texts.flatmap(lambda text: st.builds(reply, st.just(text), chunks=st.none() | st.integers(0, 9))),
    st.builds(lambda a, b: reply(a + b, chunks=[a, b]), texts, texts),
    st.builds(
        lambda text, marker, file: reply(text + marker, annotations=[file_path(file, marker)]),
        texts,
        texts.filter(bool),
        st.sampled_from(["file-1", b"\x00a"]),
    ),
    st.builds(refusal, texts),
    st.lists(calls, min_size=1, max_size=3).map(lambda some: tool_calls(*some)),
    st.builds(code_interpreter, texts, logs=st.none() | texts, images=st.lists(texts | st.binary(max_size=9))),
    st.lists(results, max_size=3).map(lambda some: file_search(*some)),
    st.builds(wait, st.integers(0, 999) | st.floats(0, 999)),
    st.builds(fail, texts, texts),
    st.builds(incomplete, texts, texts),
    st.builds(usage, st.integers(0), st.integers(0)),
)


@given(acts)
def test_every_act_comes_back_from_json_as_it_was(act: Act) -> None:
    assert from_json(json.loads(json.dumps(to_json(act)))) == act


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("Hello.", "acts: expected a list of one act or more, but got 'Hello.'."),
        ([], "acts: expected a list of one act or more, but got []."),
        (["Hello."], "acts[0]: expected an object with one of the keys reply, refusal, tool_call,"),
        ([{"wait": 1}, {"say": "x"}], "acts[1]: expected an object with one of the keys reply, refusal, tool_call,"),
        ([{"reply": "a", "wait": 1}], "acts[0]: expected an object with one of the keys"),
        (
            [{"reply": "a", "chunk": 1}],
            "acts[0].chunk: there is no such key. It takes reply, chunks, annotations, images, ",
        ),
        ([{"reply": 1}], "acts[0].reply: expected a valid string."),
        (
            [{"reply": "ab", "chunks": ["a"]}],
            "acts[0]: reply(chunks=…): the pieces join to 'a', expected the text 'ab'.",
        ),
        (
            [{"reply": "a", "annotations": [{"type": "file_path", "text": "b"}]}],
            "acts[0]: reply(annotations=…): the marker 'b' is not in the text 'a' (any more).",
        ),
        ([{"reply": "a", "images": [{"base64": "?"}]}], "acts[0]: "),
        ([{"tool_calls": []}], "acts[0].tool_calls: List should have at least 1 item"),
        ([{"tool_calls": [{"tool_call": "a", "args": {}}]}], "acts[0].tool_calls[0].args: there is no such key."),
        ([{"file_search": [{"id": "file-1"}]}], "acts[0].file_search[0].file_id: Field required."),
        ([{"wait": -1}], "acts[0]: wait(-1.0): time only moves forward"),
        ([{"wait": True}], "acts[0].wait: expected a valid number."),
        ([{"fail": "server_error"}], "acts[0].message: Field required."),
        ([{"expire": False}], "acts[0].expire: expected True."),
        ([{"usage": {"prompt": 1}}], "acts[0].usage.completion: Field required."),
    ],
)
def test_what_is_no_act_is_refused_with_its_place(value: Any, told: str) -> None:
    with pytest.raises(ValueError) as refused:
        acts_from_json(value)
    assert str(refused.value).startswith(told)


def test_a_citation_of_no_file_is_written_as_it_is() -> None:
    note = {"type": "file_citation", "text": "[1]", "file_citation": {}}
    act = reply("See [1].", annotations=[note])
    (written,) = to_json(act)["annotations"]
    assert written == note | {"start_index": 4, "end_index": 7}
    assert from_json(to_json(act)) == act
