"""Hundreds of bad requests on files, uploads and stores: a 4xx in the envelope, and nothing has changed."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openai_fake.objects.base import Body
from openai_fake.routing import all_operations
from tests import bad_input_kit as bad
from tests import good_bodies

from .counts import count, examples
from .kit import BETA, Answer, Api, dump

CUT = {"type": "static", "static": {"max_chunk_size_tokens": 800, "chunk_overlap_tokens": 400}}
FILTER = {"type": "and", "filters": [{"type": "eq", "key": "a", "value": 1}]}
GOOD: dict[str, Any] = {
    "vector_stores.create": {
        "file_ids": ["file-1"],
        "name": "Docs",
        "description": "All of them.",
        "expires_after": {"anchor": "last_active_at", "days": 7},
        "chunking_strategy": CUT,
        "metadata": {"a": "b"},
    },
    "vector_stores.update": {
        "name": "Docs",
        "expires_after": {"anchor": "last_active_at", "days": 7},
        "metadata": {"a": "b"},
    },
    "vector_stores.search": {
        "query": ["a"],
        "rewrite_query": True,
        "max_num_results": 5,
        "filters": FILTER,
        "ranking_options": {"ranker": "auto", "score_threshold": 0.5},
    },
    "vector_stores.files.create": {"file_id": "file-1", "chunking_strategy": CUT, "attributes": {"a": 1}},
    "vector_stores.files.update": {"attributes": {"a": 1}},
    "vector_stores.file_batches.create": {"file_ids": ["file-1"], "chunking_strategy": CUT, "attributes": {"a": 1}},
    "uploads.create": good_bodies.GOOD["uploads.create"],
    "uploads.complete": {"part_ids": ["part_1"], "md5": "0"},
}
ATTRIBUTES = [{f"k{n}": 1 for n in range(17)}, {"k" * 65: 1}, {"k": "v" * 513}, {"k": []}, {"k": {}}, {"k": None}]
BEYOND: dict[str, list[Any]] = {
    "file_ids": [["file-1"] * 2001, ["file-unknown"]],
    "days": [0, 366, -1],
    "anchor": ["now", "updated_at"],
    "max_chunk_size_tokens": [99, 4097],
    "chunk_overlap_tokens": [-1, 401],
    "metadata": [{f"k{n}": "v" for n in range(17)}, {"k" * 65: "v"}, {"k": "v" * 513}],
    "max_num_results": [0, 51],
    "ranker": ["best"],
    "score_threshold": [-0.1, 1.1],
    "file_id": ["file-unknown"],
    "attributes": ATTRIBUTES,
    "seconds": [3599, 2_592_001],
    "purpose": ["world_domination", "assistants_output"],
    "bytes": [-1, 2**40],
    "part_ids": [["part_unknown"]],
    "type": ["like", ""],
}
OTHERS: list[tuple[str, Any]] = [
    ("vector_stores.file_batches.create", {"file_ids": ["file-1"], "files": [{"file_id": "file-1"}]}),
    ("vector_stores.file_batches.create", {}),
    ("vector_stores.file_batches.create", {"file_ids": []}),
    ("vector_stores.file_batches.create", {"files": []}),
    ("vector_stores.file_batches.create", {"file_ids": ["file-1"] * 2001}),
    ("vector_stores.file_batches.create", {"files": [{"file_id": "file-1"}] * 2001}),
    ("vector_stores.file_batches.create", {"files": [{"file_id": "file-1"}, {"file_id": "file-unknown"}]}),
    ("vector_stores.file_batches.create", {"files": [{"file_id": "file-1", "attributes": {"a": []}}]}),
    ("vector_stores.create", {"file_ids": ["file-1"] * 501}),
    ("vector_stores.create", {"chunking_strategy": {"type": "static"}}),
    ("vector_stores.create", {"chunking_strategy": {"type": "auto", "static": CUT["static"]}}),
]


def furnished() -> Api:
    it = bad.furnished()
    it.fake.add_file_batch("vs_1", "vsfb_1", file_ids=["file-1"])
    made = it.ok("POST", "/uploads", {"filename": "a.md", "purpose": "batch", "bytes": 3, "mime_type": "text/plain"})
    assert made["id"] == f"upload_{1:032d}"
    return it


def everything(it: Api) -> Any:
    """The world, with what stands in its stores and uploads."""
    world = it.fake._world
    shelves = {id: world.stores.shelf(id) for id in world.vector_stores}
    return (
        dump(it.fake),
        {id: (list(s.files.values()), [s.batch(b) for b in s.batches], sorted(s.pending)) for id, s in shelves.items()},
        dict(world.library.uploads),
        {id: dict(pending.parts) for id, pending in world.library._pending.items()},
        dict(world.contents),
    )


def path_of(name: str) -> str:
    path = all_operations()[name].template
    ids = {"vector_store_id": "vs_1", "file_id": "file-1", "batch_id": "vsfb_1", "upload_id": f"upload_{1:032d}"}
    for key, value in ids.items():
        path = path.replace(f"{{{key}}}", value)
    return path


def check_refused(it: Api, before: Any, answer: Answer) -> None:
    assert 400 <= answer.status < 500, (answer.status, answer.raw[:300])
    assert answer.error["type"] == "invalid_request_error" and answer.error["message"]
    assert answer.headers["content-type"] == "application/json"
    assert everything(it) == before
    assert it.fake.complaints() == []


def cases() -> Iterator[tuple[str, Any]]:
    yield from OTHERS
    for name, good in GOOD.items():
        model = all_operations()[name].body
        assert model is not None
        spoilt = [*bad.mistyped(good), *bad.enlarged(good), *bad.incomplete(model, good)]
        for body in spoilt:
            if not bad.fits(model, body):
                yield name, body
        for path, _ in bad.nodes(good):
            for value in BEYOND.get(str(path[-1]), []):
                yield name, bad.replaced(good, path, value)
        for raw in [*bad.NOT_JSON, *bad.NOT_UTF8, *bad.NOT_AN_OBJECT]:
            yield name, raw


CASES = list(cases())


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 500


@pytest.mark.parametrize("name", sorted({name for name, _ in CASES}))
def test_a_bad_request_is_refused_and_changes_nothing(name: str) -> None:
    it = furnished()
    before = everything(it)
    mine = [body for other, body in CASES if other == name]
    for body in mine[:: count(3, 1)]:
        check_refused(it, before, it.send(all_operations()[name].method, path_of(name), body))


@pytest.mark.parametrize("name", GOOD)
def test_what_the_cases_are_made_of_is_good(name: str) -> None:
    model: type[Body] | None = all_operations()[name].body
    assert model is not None and bad.fits(model, GOOD[name])
    assert set(GOOD[name]) | {"files"} >= set(model.model_fields)


OF_A_STORE = [name for name in all_operations() if name.startswith(("vector_stores.", "uploads.", "files."))]


@pytest.mark.parametrize("name", OF_A_STORE)
def test_an_unknown_id_anywhere_is_the_404_of_its_kind(name: str) -> None:
    it, operation = furnished(), all_operations()[name]
    before = everything(it)
    for known in ("vs_1", "file-1", "vsfb_1", f"upload_{1:032d}"):
        path = path_of(name)
        if known in path.split("/"):
            body = GOOD.get(name, {}) if operation.body is not None else FORM if operation.takes_call else None
            headers = {**BETA, "content-type": "multipart/form-data; boundary=x"}
            answer = it.send(operation.method, path.replace(known, "unknown_1"), body, headers=headers)
            assert answer.status == 404 and "unknown_1" in answer.error["message"]
            check_refused(it, before, answer)


FORM = b'--x\r\nContent-Disposition: form-data; name="data"; filename="a"\r\n\r\nabc\r\n--x--\r\n'
PIECES = [
    *(b"--x\r\n", b"--x--\r\n", b"--y\r\n", b"\r\n", b"\r\n\r\n", b"abc", b"\xff\x00", b":"),
    *(b"Content-Disposition: form-data; name=", b'"file"', b'"data"', b'"purpose"', b'; filename="a.txt"'),
]


@settings(max_examples=examples(60, 1500))
@given(
    st.sampled_from(["/files", f"/uploads/upload_{1:032d}/parts"]),
    st.lists(st.sampled_from(PIECES), max_size=12).map(b"".join),
    st.sampled_from(
        ["multipart/form-data; boundary=x", "multipart/form-data", 'multipart/form-data; boundary="', "é", ""]
    ),
)
def test_any_bytes_in_a_form_are_answered_and_what_is_refused_changes_nothing(
    path: str, body: bytes, kind: str
) -> None:
    it = furnished()
    before = everything(it)
    answer = it.send("POST", path, body, headers={"content-type": kind})
    assert answer.status < 500
    if answer.status >= 400:
        check_refused(it, before, answer)


@pytest.mark.parametrize("cut", range(0, len(FORM) - 1, 5))
def test_a_form_that_breaks_off_is_refused(cut: int) -> None:
    it = furnished()
    before = everything(it)
    headers = {"content-type": "multipart/form-data; boundary=x"}
    if FORM[:cut].endswith(b"--x--"):
        return
    check_refused(it, before, it.send("POST", f"/uploads/upload_{1:032d}/parts", FORM[:cut], headers=headers))
