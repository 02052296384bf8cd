"""Every act in both views: what its deltas tell, and what is read afterwards."""

from typing import Any

import pytest

from openai_fake import (
    citation,
    code_interpreter,
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
from tests.stream_kit import CONTENT, joined_calls, joined_content, opened, run_told

CITE = "【4:0†source】"


def deltas(events: list[tuple[str, Any]], kind: str = "message") -> list[Any]:
    """What the deltas of a stream say, without the head that they share."""
    told = [data for name, data in events if name == f"thread.{kind}.delta"]
    assert len({data["id"] for data in told}) <= 1
    if kind == "message":
        assert [list(data["delta"]) for data in told] == [["content"]] * len(told)
        return [data["delta"]["content"] for data in told]
    return [data["delta"]["step_details"]["tool_calls"] for data in told]


def text_deltas(*acts: Any, **options: Any) -> list[dict[str, Any]]:
    """The `text` of each delta of a message, whose heads are checked."""
    with opened(*acts, **options) as fake:
        told = deltas(run_told(fake))
    assert all(list(part) == ["index", "type", "text"] and part["type"] == "text" for (part,) in told)
    assert {part["index"] for (part,) in told} == {0}
    return [part["text"] for (part,) in told]


@pytest.mark.parametrize("chunks", [None, 1, 2, ["a [1] ", "b"]], ids=str)
@pytest.mark.parametrize("place", [(100, 103), (6, 8), (2, 8), (0, 100)], ids=str)
def test_an_annotation_beyond_the_text_is_told_with_the_last_piece(chunks: Any, place: tuple[int, int]) -> None:
    given = {"type": "file_citation", "text": "[1]", "start_index": place[0], "end_index": place[1]}
    note = {**given, "file_citation": {"file_id": "file-1"}}
    *before, last = text_deltas(reply("a [1] b", chunks=chunks, annotations=[note, citation("file-2", "[1]")]))
    in_order = [told for piece in [*before, last] for told in piece.get("annotations", ())]
    assert [(told["index"], told["file_citation"]["file_id"]) for told in in_order] == [(0, "file-2"), (1, "file-1")]
    assert last["annotations"][-1] is in_order[-1]
    assert {name: in_order[-1][name] for name in given} == given
    assert "".join(piece["value"] for piece in [*before, last]) == "a [1] b"
    assert all(piece["value"] for piece in [*before, last])


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        (None, ["Hello", ",", " 世界", "!", " Ça", " va", "?", "\n"]),
        (["Hel", "lo, 世", "界! Ça va?\n"], ["Hel", "lo, 世", "界! Ça va?\n"]),
        (["", "Hello, 世界! Ça va?\n", ""], ["", "Hello, 世界! Ça va?\n", ""]),
        (3, ["Hello,", " 世界! Ç", "a va?\n"]),
        (1, ["Hello, 世界! Ça va?\n"]),
        (1000, list("Hello, 世界! Ça va?\n")),
        (iter(["Hello, ", "世界! Ça va?\n"]), ["Hello, ", "世界! Ça va?\n"]),
    ],
    ids=["by default", "a list", "empty pieces", "three", "one", "more than there are", "an iterator"],
)
def test_a_text_comes_in_the_pieces_that_were_asked_for(chunks: Any, expected: list[str]) -> None:
    first, *rest = text_deltas(reply("Hello, 世界! Ça va?\n", chunks=chunks))
    assert first == {"value": expected[0], "annotations": []}
    assert rest == [{"value": piece} for piece in expected[1:]]


def test_an_empty_text_is_one_empty_delta() -> None:
    assert text_deltas(reply("")) == [{"value": "", "annotations": []}]


def test_a_citation_comes_with_the_piece_that_is_its_marker() -> None:
    text = f"Rome{CITE} and Paris{CITE}."
    told = text_deltas(reply(text, annotations=[citation("file-1", CITE, "so it is"), citation("file-2", CITE)]))
    assert [piece["value"] for piece in told] == ["Rome", CITE, " and", " Paris", CITE, "."]
    start, again = text.index(CITE), text.rindex(CITE)
    assert [piece.get("annotations") for piece in told] == [
        [],
        [
            {
                "index": 0,
                "type": "file_citation",
                "text": CITE,
                "start_index": start,
                "end_index": start + len(CITE),
                "file_citation": {"file_id": "file-1", "quote": "so it is"},
            }
        ],
        None,
        None,
        [
            {
                "index": 1,
                "type": "file_citation",
                "text": CITE,
                "start_index": again,
                "end_index": again + len(CITE),
                "file_citation": {"file_id": "file-2", "quote": ""},
            }
        ],
        None,
    ]


def test_a_marker_that_the_test_has_cut_is_noted_with_the_piece_it_ends_in() -> None:
    chunks = ["See 【4:", "0†sou", "rce】 and", " go"]
    told = text_deltas(reply(f"See {CITE} and go", chunks=chunks, annotations=[citation("file-1", CITE)]))
    assert [piece["value"] for piece in told] == chunks
    assert [len(piece.get("annotations", ())) for piece in told] == [0, 0, 1, 0]


def test_several_markers_in_one_piece_are_noted_in_the_order_of_the_text() -> None:
    told = text_deltas(
        reply(
            "[1] [2] [1]", chunks=1, annotations=[file_path("f3", "[2]"), citation("f1", "[1]"), citation("f2", "[1]")]
        )
    )
    (piece,) = told
    assert [(note["index"], note["text"], note["start_index"], note["end_index"]) for note in piece["annotations"]] == [
        (0, "[1]", 0, 3),
        (1, "[2]", 4, 7),
        (2, "[1]", 8, 11),
    ]


def test_annotations_are_the_same_in_json_but_for_index_and_quote() -> None:
    wire = {"type": "file_path", "text": "a.csv", "file_path": {"file_id": "file-3"}, "start_index": 4, "end_index": 9}
    notes: list[Any] = [wire, citation("file-1", "[1]", "q"), file_path("file-2", "b.csv")]
    with opened(reply("see a.csv [1] b.csv", annotations=notes)) as fake:
        events = run_told(fake)
        (content,) = joined_content(events).values()
        message = fake.thread(next(iter(fake.threads))).messages[-1]
    assert message.content[0].model_dump()["text"]["annotations"] == [
        {"type": "file_path", "text": "a.csv", "start_index": 4, "end_index": 9, "file_path": {"file_id": "file-3"}},
        {
            "type": "file_citation",
            "text": "[1]",
            "start_index": 10,
            "end_index": 13,
            "file_citation": {"file_id": "file-1"},
        },
        {"type": "file_path", "text": "b.csv", "start_index": 14, "end_index": 19, "file_path": {"file_id": "file-2"}},
    ]
    told = content[0]["text"]["annotations"]
    assert [note.pop("index") for note in told] == [0, 1, 2]
    assert told[1]["file_citation"].pop("quote") == "q"
    assert told == message.content[0].model_dump()["text"]["annotations"]


@pytest.mark.parametrize(
    ("notes", "problem"),
    [
        ([citation("f", "[9]")], r"the marker '\[9\]' is not in the text"),
        ([citation("f", "[1]"), citation("g", "[1]")], r"the marker '\[1\]' is not in the text .* \(any more\)"),
        ([citation("f", "")], "the marker '' is not in the text"),
    ],
)
def test_a_marker_that_is_not_there_is_refused_at_once(notes: list[Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        reply("only [1] here", annotations=notes)


def test_images_come_after_the_text_each_as_a_part() -> None:
    with opened(reply("See", images=["file-1", b"\x89PNG"])) as fake:
        told = deltas(run_told(fake))
        (made,) = fake.files.values()
        content = [part.model_dump() for part in fake.thread(next(iter(fake.threads))).messages[-1].content]
    assert [part["index"] for (part,) in told] == [0, 1, 2]
    images = [{"type": "image_file", "image_file": {"file_id": id, "detail": "auto"}} for id in ("file-1", made.id)]
    assert [part for (part,) in told[1:]] == [{"index": 1, **images[0]}, {"index": 2, **images[1]}]
    assert content[1:] == images
    assert (made.purpose, made.bytes, made.status) == ("assistants_output", 4, "processed")


def test_a_refusal_is_a_part_of_its_own() -> None:
    with opened(refusal("No, I do not.")) as fake:
        told = deltas(run_told(fake))
        (part,) = fake.thread(next(iter(fake.threads))).messages[-1].content
    pieces = ["No", ",", " I", " do", " not", "."]
    assert [part for (part,) in told] == [{"index": 0, "type": "refusal", "refusal": piece} for piece in pieces]
    assert part.model_dump() == {"type": "refusal", "refusal": "No, I do not."}


def test_code_is_told_as_pieces_of_its_input_and_then_its_outputs() -> None:
    with opened(code_interpreter("x = 1\nx + 1", logs="2\n", images=["file-1", b"\x89PNG"]), reply("2")) as fake:
        events = run_told(fake)
        head, *rest = deltas(events, "run.step")
        (made,) = fake.files.values()
        (step, _) = fake.thread(next(iter(fake.threads))).steps
    kind = "code_interpreter"
    assert head == [{"index": 0, "id": head[0]["id"], "type": kind, kind: {"input": "", "outputs": []}}]
    assert [list(item) for (item,) in rest] == [["index", "type", kind]] * len(rest)
    assert [item[kind]["input"] for (item,) in rest[:-3]] == ["x", " =", " 1", "\nx", " +", " 1"]
    assert [item[kind] for (item,) in rest[-3:]] == [
        {"outputs": [{"index": 0, "type": "logs", "logs": "2\n"}]},
        {"outputs": [{"index": 1, "type": "image", "image": {"file_id": "file-1"}}]},
        {"outputs": [{"index": 2, "type": "image", "image": {"file_id": made.id}}]},
    ]
    (call,) = step.model_dump()["step_details"]["tool_calls"]
    assert call == {
        "id": head[0]["id"],
        "type": kind,
        kind: {
            "input": "x = 1\nx + 1",
            "outputs": [
                {"type": "logs", "logs": "2\n"},
                {"type": "image", "image": {"file_id": "file-1"}},
                {"type": "image", "image": {"file_id": made.id}},
            ],
        },
    }
    assert (made.purpose, fake.files[made.id]) == ("assistants_output", made)


def test_code_that_prints_nothing_has_no_outputs() -> None:
    with opened(code_interpreter("x = 1")) as fake:
        (call,) = joined_calls(run_told(fake)).values()
    assert (call["input"], call["outputs"]) == ("x = 1", [])


FOUND = {"file_id": "file-1", "file_name": "a.txt", "score": 0.5, "text": "What was found."}
SHOWN = {"file_id": "file-1", "file_name": "a.txt", "score": 0.5, "attributes": {}}
IN_FULL = {**SHOWN, "content": [{"type": "text", "text": "What was found."}]}


@pytest.mark.parametrize("included", [False, True])
@pytest.mark.parametrize("profile", ["documented", "recorded"])
def test_what_a_search_found_is_shown_where_it_is_asked_for(included: bool, profile: str) -> None:
    query = f"?include[]={CONTENT}" if included else ""
    expected = IN_FULL if included else SHOWN
    with opened(file_search(FOUND), reply("Found."), profile=profile) as fake:
        events = run_told(fake, query=query)
        ((item,),) = deltas(events, "run.step")
        ranking = {"ranker": "default_2024_08_21", "score_threshold": 0.0}
        search = {"ranking_options": ranking, "results": []}
        assert item == {"index": 0, "id": item["id"], "type": "file_search", "file_search": search}
        done = next(data for name, data in events if name == "thread.run.step.completed")
        call = {"id": item["id"], "type": "file_search", "file_search": {**search, "results": [expected]}}
        assert done["step_details"]["tool_calls"] == [call]
        client = fake.http_client()
        base = f"https://api.openai.com/v1/threads/{done['thread_id']}/runs/{done['run_id']}/steps"
        headers = {"OpenAI-Beta": "assistants=v2"}
        listed = client.get(f"{base}{query}", headers=headers).json()["data"][-1]
        read = client.get(f"{base}/{done['id']}{query}", headers=headers).json()
        assert listed["step_details"]["tool_calls"] == read["step_details"]["tool_calls"] == [call]


def test_a_stream_of_submitted_outputs_shows_no_content_of_an_earlier_search() -> None:
    with opened(file_search(FOUND), tool_call("f"), file_search(FOUND), reply("Found.")) as fake:
        events = run_told(fake, query=f"?include[]={CONTENT}")
        run = events[-1][1]
        outputs = [{"tool_call_id": run["required_action"]["submit_tool_outputs"]["tool_calls"][0]["id"], "output": ""}]
        client = fake.http_client()
        answer = client.post(
            f"https://api.openai.com/v1/threads/{run['thread_id']}/runs/{run['id']}/submit_tool_outputs",
            json={"tool_outputs": outputs, "stream": True},
            headers={"OpenAI-Beta": "assistants=v2"},
        )
        assert "What was found." in str(events)
        assert "file-1" in answer.text and "What was found." not in answer.text


def test_steps_follow_one_another_and_their_usage_adds_up() -> None:
    acts = [
        reply("I look.", chunks=1),
        usage(10, 1),
        file_search(FOUND),
        usage(20, 2),
        tool_calls(tool_call("f"), tool_call("g")),
        usage(30, 3),
        wait(5),
        code_interpreter("1"),
        usage(40, 4),
        reply("Done.", chunks=1),
        usage(50, 5),
    ]
    with opened(*acts) as fake:
        run = run_told(fake)[-1][1]
        outputs = [
            {"tool_call_id": call["id"], "output": call["function"]["name"]}
            for call in run["required_action"]["submit_tool_outputs"]["tool_calls"]
        ]
        url = f"https://api.openai.com/v1/threads/{run['thread_id']}/runs/{run['id']}/submit_tool_outputs"
        body = {"tool_outputs": outputs, "stream": True}
        fake.http_client().post(url, json=body, headers={"OpenAI-Beta": "assistants=v2"}).raise_for_status()
        view = fake.thread(run["thread_id"])
        (ended,) = view.runs
    kinds = ["message_creation", "tool_calls", "tool_calls", "tool_calls", "message_creation"]
    assert [step.type for step in view.steps] == kinds
    spent = [(step["usage"]["prompt_tokens"], step["usage"]["completion_tokens"]) for step in view.steps]
    assert spent == [(10, 1), (20, 2), (30, 3), (40, 4), (50, 5)]
    assert (ended["usage"]["prompt_tokens"], ended["usage"]["completion_tokens"]) == (150, 15)
    assert ended["usage"]["total_tokens"] == 165
    assert [message.text for message in view.messages] == ["Hello", "I look.", "Done."]
    called = view.steps[2].model_dump()["step_details"]["tool_calls"]
    assert [(call["function"]["name"], call["function"]["output"]) for call in called] == [("f", "f"), ("g", "g")]


@pytest.mark.parametrize("text", ["Half a sen", "", "半分"])
def test_an_incomplete_message_keeps_what_it_has_said(text: str) -> None:
    with opened(reply("Before."), incomplete("max_completion_tokens", text)) as fake:
        events = run_told(fake)
        *_, last = fake.thread(next(iter(fake.threads))).messages
        (message,) = [data for name, data in events if name == "thread.message.incomplete"]
    assert last.text == (text or "Before.")
    assert message["content"][0]["text"]["value"] == (text or "Before.")
    assert (message["status"], message["incomplete_details"]) == ("incomplete", {"reason": "max_tokens"})
    assert (message["completed_at"], type(message["incomplete_at"])) == (None, int)
    run = events[-1][1]
    assert run["incomplete_details"] == {"reason": "max_completion_tokens"}
    assert (type(run["completed_at"]), run["expires_at"]) == (int, None)


@pytest.mark.parametrize("make", [reply, refusal, code_interpreter, lambda text: tool_call("f", x=text)])
def test_what_is_no_unicode_is_refused_when_it_is_scripted(make: Any) -> None:
    with pytest.raises(ValueError, match="lone surrogate"):
        make("half a pair: \ud83d")
