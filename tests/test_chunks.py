"""Texts in pieces: whatever the alphabet and however they are cut, they join to the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openai_fake.chunks import pieces, token_count


@given(st.text(), st.none() | st.integers(-1, 20))
def test_the_pieces_of_a_text_join_to_it(text: str, chunks: int | None) -> None:
    assert "".join(pieces(text, chunks)) == text


@given(st.text(min_size=1), st.integers(1, 20))
def test_a_number_of_pieces_is_kept_as_far_as_there_are_characters(text: str, count: int) -> None:
    told = list(pieces(text, count))
    assert len(told) == min(count, len(text))
    assert all(told)
    assert max(map(len, told)) - min(map(len, told)) <= 1


@given(st.text(min_size=1), st.data())
def test_a_span_that_is_to_stay_whole_is_one_piece(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    told = list(pieces(text, None, [(start, end)]))
    assert "".join(told) == text
    assert text[start:end] in told


def test_spans_that_overlap_are_not_told_twice() -> None:
    assert "".join(pieces("a citation here", None, [(2, 10), (4, 12)])) == "a citation here"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", []),
        ("It is sunny in Paris.", ["It", " is", " sunny", " in", " Paris", "."]),
        ("Donaudampfschifffahrt", ["Donaudam", "pfschiff", "fahrt"]),
        ("  \n", ["  \n"]),
        ("你好，世界", ["你好", "，", "世界"]),
        ("👩‍🚀!", ["👩‍🚀", "!"]),
    ],
)
def test_a_text_is_cut_into_pieces_like_tokens(text: str, told: list[str]) -> None:
    assert list(pieces(text)) == told


def test_pieces_that_a_test_gives_are_told_as_they_are() -> None:
    assert list(pieces("abc", ("a", "", "bc"))) == ["a", "", "bc"]


def test_a_long_text_is_not_cut_before_it_is_read() -> None:
    told = pieces("word " * 100_000)
    assert next(told) == "word"


@pytest.mark.parametrize(("text", "count"), [("", 0), ("a", 1), ("abcd", 1), ("abcde", 2)])
def test_four_characters_are_about_one_token(text: str, count: int) -> None:
    assert token_count(text) == count
