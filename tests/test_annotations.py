"""Annotations: where their markers are found, and what becomes of their wire form."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openai_fake import citation, file_path, reply
from openai_fake.annotations import Annotation
from tests.kit import api


@given(st.text(), st.sampled_from(["[1]", "【1:0†source】", "sandbox:/x.csv"]), st.text())
def test_a_marker_is_found_where_it_first_stands(before: str, marker: str, after: str) -> None:
    text = f"{before}{marker}{after}"
    (placed,) = reply(text, annotations=[citation("file-1", marker)]).annotations
    start, end = placed.wire["start_index"], placed.wire["end_index"]
    assert text[start:end] == marker
    assert start == text.find(marker)


def test_the_same_marker_twice_is_found_at_both_its_places_and_all_stand_in_the_order_of_the_text() -> None:
    notes = [file_path("file-2", "[b]"), citation("file-1", "[a]"), citation("file-3", "[a]", quote="so it is")]
    placed = reply("x[a]y[a]z[b]", annotations=notes).annotations
    assert [(note.wire["start_index"], note.wire["end_index"]) for note in placed] == [(1, 4), (5, 8), (9, 12)]
    assert [note.quote for note in placed] == ["", "so it is", ""]
    assert placed[1].wire == {
        "type": "file_citation",
        "text": "[a]",
        "start_index": 5,
        "end_index": 8,
        "file_citation": {"file_id": "file-3"},
    }
    assert placed[2].wire["file_path"] == {"file_id": "file-2"}


def test_an_annotation_in_wire_form_keeps_its_own_indexes_and_gives_its_quote_to_the_stream() -> None:
    wire = {
        "type": "file_citation",
        "text": "[1]",
        "start_index": 40,
        "end_index": 50,
        "file_citation": {"file_id": "file-1", "quote": "so"},
    }
    (placed,) = reply("anything", annotations=[wire]).annotations
    assert placed == Annotation({**wire, "file_citation": {"file_id": "file-1"}}, "so")


@pytest.mark.parametrize(
    "given",
    [
        3,
        {"text": "[1]"},
        {"type": "file_link", "text": "[1]"},
        {"type": "file_citation", "text": None, "file_citation": {"file_id": "file-1"}},
        {"type": "file_citation", "text": "[1]", "file_citation": "file-1"},
        {"type": "file_citation", "text": "[1]", "file_citation": {"file_id": 1}},
        {"type": "file_citation", "text": "[1]", "start_index": None, "file_citation": {"file_id": "file-1"}},
    ],
)
def test_what_is_no_annotation_is_refused_at_once(given: Any) -> None:
    with pytest.raises(TypeError, match=r"^reply\(annotations=…\): .* is none; expected citation\(…\), file_path\(…\)"):
        reply("See [1].", annotations=[given])


def test_what_is_shown_of_an_annotation_is_a_copy() -> None:
    it = api()
    it.fake.script(reply("See [1].", annotations=[citation("file-1", "[1]")]), times=2)
    for _ in range(2):
        run = it.settle(it.run())
        (part,) = it.fake.thread(run["thread_id"]).messages[-1].content
        shown: Any = part
        assert shown.text.annotations[0]["file_citation"] == {"file_id": "file-1"}
        shown.text.annotations[0]["file_citation"]["file_id"] = "changed"


@pytest.mark.parametrize("place", [(8, 3), (2, -1), (-1, 2)], ids=str)
def test_a_place_that_ends_before_it_starts_is_refused(place: tuple[int, int]) -> None:
    given = {"type": "file_citation", "text": "x", "start_index": place[0], "end_index": place[1]}
    with pytest.raises(ValueError, match="ends before it starts, or starts before the text"):
        reply("Hello world", annotations=[given])
