"""Headers are read once and known again: whatever came before, a row says what it says, and no secret is held."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openai_fake import headers
from openai_fake.headers import plain_headers

KEY = b"Bearer sk-planted-0123456789"
ROW = [(b"Host", b"h"), (b"Authorization", KEY), (b"OpenAI-Beta", b"assistants=v2"), (b"Content-Length", b"7")]

names = st.sampled_from([b"Host", b"authorization", b"Api-Key", b"cookie", b"X-Mine", b"x-mine", b"Content-Length"])
values = st.sampled_from([b"", b"1", b"2", b"assistants=v2", b"sk-one-0123456789", b"\xff", "é".encode()])
rows = st.lists(st.tuples(names, values), max_size=6)


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(headers, "_rows", {})


def decoded(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def read_by_hand(raw: list[tuple[bytes, bytes]]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for name, value in raw:
        found.setdefault(name.decode().lower(), []).append(decoded(value))
    return {name: ", ".join(said) for name, said in found.items()}


@given(st.lists(rows, max_size=8))
def test_a_row_says_the_same_whatever_was_read_before_it(many: list[list[tuple[bytes, bytes]]]) -> None:
    for raw in many + many:
        sent = list(raw)
        found = plain_headers(raw)
        assert list(found.items()) == list(read_by_hand(raw).items())
        assert found.kept[0] == tuple(found)
        hidden = {"authorization", "api-key", "cookie"} & set(found)
        assert {name for name, value in zip(*found.kept, strict=True) if value == "[redacted]"} >= hidden
        assert raw == sent


def test_what_was_read_before_is_shared_and_each_client_keeps_its_own_key() -> None:
    first = plain_headers(ROW)
    second = plain_headers([(name, b"Bearer sk-other-0" if value is KEY else value) for name, value in ROW])
    assert (first["authorization"], second["authorization"]) == (KEY.decode(), "Bearer sk-other-0")
    assert second.kept is first.kept
    assert dict(zip(*second.kept, strict=True)) == read_by_hand(ROW) | {"authorization": "[redacted]"}


@pytest.mark.parametrize("place", range(4))
def test_a_row_that_differs_in_one_place_is_read_anew(place: int) -> None:
    plain_headers(ROW)
    for pair in ((ROW[place][0], b"8"), (b"X-Another", ROW[place][1])):
        raw = [*ROW[:place], pair, *ROW[place + 1 :]]
        assert plain_headers(raw) == read_by_hand(raw)
    for raw in (ROW[:place] + ROW[place + 1 :], [*ROW[:place], (b"X-More", b"1"), *ROW[place:]]):
        assert plain_headers(raw) == read_by_hand(raw)


@pytest.mark.parametrize(
    "raw",
    [
        ROW,
        [*ROW[2:], (b"Authorization", KEY)],
        [(b"Cookie", KEY), (b"Authorization", KEY), (b"Api-Key", KEY), *ROW[2:]],
        [(b"X-User", KEY), *ROW[2:]],
        [(b"Host", b"h"), (b"X-User", KEY)],
    ],
    ids=["one", "last", "three", "where none is looked for", "there, and last"],
)
def test_no_secret_is_held(raw: list[tuple[bytes, bytes]]) -> None:
    for _ in range(2):
        assert plain_headers(raw) == read_by_hand(raw)
    assert KEY not in texts(headers._rows)


def test_not_more_rows_are_held_than_are_of_use() -> None:
    for length in range(1_000):
        plain_headers([*ROW[:3], (b"Content-Length", str(length).encode())])
    assert 0 < len(headers._rows) <= 200


def texts(item: Any) -> list[Any]:
    """Everything that is held in dicts and rows, at any depth."""

    def walk(item: Any) -> Iterator[Any]:
        if isinstance(item, dict):
            item = [*item.keys(), *item.values()]
        if isinstance(item, list | tuple):
            for part in item:
                yield from walk(part)
        else:
            yield item.encode() if isinstance(item, str) else item

    return list(walk(item))


def test_no_value_is_held_that_may_be_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(headers, "_values", {})
    for _ in range(2):
        plain_headers(
            [(b"x-my-upstream", b"sk-proj-planted-0123456789"), (b"accept", b"*/*"), (b"content-length", b"7")]
        )
    assert set(headers._values) == {b"*/*", b"7"}
