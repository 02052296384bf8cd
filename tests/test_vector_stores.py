"""Vector stores, their files and batches, through every helper of the SDK, and what time and plans do to them."""

from math import inf
from typing import Any, get_args

import pytest
from openai.types import FileObject

from openai_fake import OpenAIFake
from openai_fake.clock import DEFAULT_START as T0
from openai_fake.options import Profile

from .kit import Api, api
from .sdk_kit import no_real_sleep
from .stores_kit import FLAVOURS, call, refusal, stores

DAY = 86_400
flavours = pytest.mark.parametrize("flavour", FLAVOURS)


def wire(fake: OpenAIFake) -> Any:
    return fake.calls.last.answer


def counts(**given: int) -> dict[str, int]:
    each = dict.fromkeys(("in_progress", "completed", "failed", "cancelled"), 0) | given
    return {**each, "total": sum(each.values())}


def asks(name: str, /, *args: Any, **kwargs: Any) -> Any:
    """A call of a method of the vector stores by its dotted name."""

    def act(client: Any) -> Any:
        method = stores(client)
        for part in name.split("."):
            method = getattr(method, part)
        return method(*args, **kwargs)

    return act


@flavours
def test_a_store_without_files_is_completed_at_once_and_shows_what_was_sent(flavour: str) -> None:
    with OpenAIFake() as fake:
        expiry = {"anchor": "last_active_at", "days": 2}
        made = call(fake, flavour, asks("create", name="Docs", expires_after=expiry, metadata={"a": "b"}))
        now = int(fake.clock.now)
        assert list(wire(fake).items()) == [
            ("id", made.id),
            ("object", "vector_store"),
            ("created_at", now),
            ("name", "Docs"),
            ("description", None),
            ("usage_bytes", 0),
            ("file_counts", counts()),
            ("status", "completed"),
            ("expires_after", expiry),
            ("expires_at", now + 2 * DAY),
            ("last_active_at", now),
            ("metadata", {"a": "b"}),
        ]
        changed = call(fake, flavour, asks("update", made.id, name="Papers"))
        assert (changed.name, changed.metadata) == ("Papers", {"a": "b"})
        assert call(fake, flavour, asks("retrieve", made.id)) == changed
        assert [store.id for store in call(fake, flavour, asks("list")).data] == [made.id]
        call(fake, flavour, asks("delete", made.id))
        assert wire(fake) == {"id": made.id, "object": "vector_store.deleted", "deleted": True}
        told = refusal(fake, asks("retrieve", made.id))
        assert told.status_code == 404
        assert wire(fake)["error"]["message"] == f"No vector store found with id '{made.id}'."


@flavours
def test_files_are_processed_in_virtual_time_and_a_poll_waits_for_them(
    flavour: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with OpenAIFake() as fake, no_real_sleep(monkeypatch):
        file = fake.add_file(content=b"12345")
        store = call(fake, flavour, asks("create", file_ids=[file.id]))
        assert (store.status, wire(fake)["file_counts"]) == ("in_progress", counts(in_progress=1))
        listed = call(fake, flavour, asks("files.list", store.id)).data
        assert [item.status for item in listed] == ["in_progress"]
        now = fake.clock.now
        store = call(fake, flavour, asks("retrieve", store.id))
        assert (store.status, store.usage_bytes) == ("completed", 5)
        assert wire(fake)["file_counts"] == counts(completed=1)
        assert fake.clock.now == now + 1


@flavours
@pytest.mark.parametrize("polls", [0, 1, 3])
def test_every_helper_of_the_sdk_that_waits(flavour: str, polls: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with OpenAIFake(polls=polls) as fake, no_real_sleep(monkeypatch):
        store = fake.add_vector_store().id
        one = fake.add_file(content=b"one").id
        two = fake.add_file(content=b"two").id
        file = call(fake, flavour, asks("files.create_and_poll", one, vector_store_id=store))
        assert file.status == "completed"
        assert fake.calls.named("vector_stores.files.retrieve").count == max(polls, 1)
        call(fake, flavour, asks("files.create", vector_store_id=store, file_id=two))
        assert call(fake, flavour, asks("files.poll", two, vector_store_id=store)).status == "completed"
        file = call(fake, flavour, asks("files.upload_and_poll", vector_store_id=store, file=("a.md", b"# A")))
        assert file.status == "completed"
        file = call(fake, flavour, asks("files.upload", vector_store_id=store, file=("b.md", b"# B")))
        assert file.status == "in_progress"
        batch = call(fake, flavour, asks("file_batches.create_and_poll", store, file_ids=[one, two]))
        assert batch.status == "completed"
        batch = call(fake, flavour, asks("file_batches.create", store, file_ids=[file.id, one]))
        assert batch.status == "in_progress"
        batch = call(fake, flavour, asks("file_batches.poll", batch.id, vector_store_id=store))
        assert batch.file_counts.completed == 2
        papers = [(f"{number}.txt", b"x" * number) for number in range(1, 13)]
        batch = call(fake, flavour, asks("file_batches.upload_and_poll", store, files=papers, file_ids=[one]))
        assert (batch.status, batch.file_counts.completed) == ("completed", 13)
        assert fake.vector_stores[store].file_counts.model_dump() == counts(completed=16)
        assert fake.vector_stores[store].usage_bytes == 3 + 3 + 3 + 3 + sum(range(1, 13))
        assert not fake.complaints()


@pytest.mark.parametrize("profile", ["documented", "recorded"])
def test_the_objects_are_shown_as_a_profile_has_them(profile: Profile) -> None:
    with OpenAIFake(profile=profile, poll_after_ms=0) as fake:
        file = fake.add_file().id
        store = call(fake, "sync", asks("create")).id
        assert wire(fake)["name"] == ("" if profile == "documented" else None)
        call(fake, "sync", asks("files.create", vector_store_id=store, file_id=file))
        assert list(wire(fake).items()) == [
            ("id", file),
            ("object", "vector_store.file"),
            ("usage_bytes", 0),
            ("created_at", int(fake.clock.now)),
            ("vector_store_id", store),
            ("status", "in_progress"),
            ("last_error", None),
            (
                "chunking_strategy",
                {"type": "static", "static": {"max_chunk_size_tokens": 800, "chunk_overlap_tokens": 400}},
            ),
            ("attributes", {}),
        ]
        call(fake, "sync", asks("file_batches.create", store, file_ids=[file]))
        batch = wire(fake)
        assert list(batch) == ["id", "object", "created_at", "vector_store_id", "status", "file_counts"]
        named = {"documented": "vector_store.files_batch", "recorded": "vector_store.file_batch"}
        assert batch["object"] == named[profile]


@flavours
def test_a_test_says_what_becomes_of_a_file(flavour: str) -> None:
    with OpenAIFake() as fake:
        fake.processing("*.txt", status="failed", code="unsupported_file", message="It is empty.", seconds=30)
        fake.processing("good.txt")
        fake.processing("file-gone", status="cancelled")
        for id, name in (("file-bad", "bad.txt"), ("file-good", "good.txt"), ("file-gone", "gone.md")):
            fake.add_file(id, filename=name, content=b"text")
        store = fake.add_vector_store().id
        start = fake.clock.now
        batch = call(fake, flavour, asks("file_batches.create", store, file_ids=["file-bad", "file-good", "file-gone"]))
        batch = call(fake, flavour, asks("file_batches.poll", batch.id, vector_store_id=store))
        assert wire(fake)["file_counts"] == counts(completed=1, failed=1, cancelled=1)
        assert (batch.status, fake.clock.now) == ("completed", start + 30)
        bad = call(fake, flavour, asks("files.retrieve", "file-bad", vector_store_id=store))
        assert (bad.status, bad.usage_bytes) == ("failed", 0)
        assert wire(fake)["last_error"] == {"code": "unsupported_file", "message": "It is empty."}
        for status, ids in (("failed", ["file-bad"]), ("completed", ["file-good"]), ("in_progress", [])):
            page = call(fake, flavour, asks("files.list", store, filter=status))
            assert [item.id for item in page.data] == ids
            page = call(fake, flavour, asks("file_batches.list_files", batch.id, vector_store_id=store, filter=status))
            assert [item.id for item in page.data] == ids
        again = call(fake, flavour, asks("file_batches.create", store, file_ids=["file-bad"]))
        assert again.status == "in_progress"
        fake.clock.advance(30)
        assert call(fake, flavour, asks("file_batches.retrieve", again.id, vector_store_id=store)).status == "failed"


@flavours
def test_a_batch_that_is_over_stays_as_it_was_when_its_files_are_put_in_again(flavour: str) -> None:
    with OpenAIFake() as fake:
        fake.processing("file-bad", status="failed")
        fake.processing("file-gone", status="cancelled")
        ids = [fake.add_file("file-bad").id, fake.add_file("file-gone").id]
        store = fake.add_vector_store().id
        over = [call(fake, flavour, asks("file_batches.create_and_poll", store, file_ids=[id])) for id in ids]
        assert [batch.status for batch in over] == ["failed", "completed"]
        fake.processing("file-*")
        for id in ids:
            retried = call(fake, flavour, asks("files.create_and_poll", id, vector_store_id=store))
            assert retried.status == "completed"
        for batch in over:
            assert call(fake, flavour, asks("file_batches.retrieve", batch.id, vector_store_id=store)) == batch
            listed = call(fake, flavour, asks("file_batches.list_files", batch.id, vector_store_id=store))
            assert [file.status for file in listed.data] == ["completed"]
        assert fake.vector_stores[store].file_counts.model_dump() == counts(completed=2)


@flavours
def test_cancelling_a_batch_ends_what_is_not_done_and_leaves_what_is(flavour: str) -> None:
    with OpenAIFake() as fake:
        fake.processing("file-slow", seconds=100)
        ids = [fake.add_file("file-slow").id, fake.add_file("file-fast").id]
        store = fake.add_vector_store().id
        batch = call(fake, flavour, asks("file_batches.create", store, file_ids=ids)).id
        fake.clock.advance(1)
        done = call(fake, flavour, asks("file_batches.cancel", batch, vector_store_id=store))
        assert (done.status, wire(fake)["file_counts"]) == ("cancelled", counts(completed=1, cancelled=1))
        again = call(fake, flavour, asks("file_batches.cancel", batch, vector_store_id=store))
        assert again == done
        fake.clock.advance(200)
        assert call(fake, flavour, asks("file_batches.retrieve", batch, vector_store_id=store)) == done
        finished = fake.add_file_batch(store, "vsfb_1", file_ids=[fake.add_file().id])
        assert call(fake, flavour, asks("file_batches.cancel", "vsfb_1", vector_store_id=store)).status == "completed"
        assert finished.file_counts.completed == 1


def test_a_clock_that_stands_still_is_told_to_a_poll_loop() -> None:
    with OpenAIFake(autojump=False) as fake:
        store = fake.add_vector_store(file_ids=[fake.add_file().id], status="in_progress").id
        statuses = {call(fake, "sync", asks("retrieve", store)).status for _ in range(200)}
        assert statuses == {"in_progress"}
        fake.clock.advance(1)
        assert call(fake, "sync", asks("retrieve", store)).status == "completed"
    with OpenAIFake() as fake:
        fake.processing(seconds=inf)
        store = fake.add_vector_store(file_ids=[fake.add_file().id], status="in_progress").id
        with fake.http_client() as client:
            seen = [client.get(f"https://api.openai.com/v1/vector_stores/{store}").status_code for _ in range(210)]
        assert set(seen) == {200, 501} and seen[0] == 200
        told = fake.complaints()[0]
        assert "is still being processed" in told and "fake.clock.advance" in told
        fake.reset()


def test_a_store_expires_so_many_days_after_it_was_last_used() -> None:
    with OpenAIFake() as fake:
        file = fake.add_file(content=b"word").id
        store = fake.add_vector_store(file_ids=[file], expires_after={"anchor": "last_active_at", "days": 1}).id
        fake.clock.advance(DAY - 10)
        with fake.http_client() as client:
            client.post(f"https://api.openai.com/v1/vector_stores/{store}/search", json={"query": "word"})
        fake.clock.advance(DAY - 1)
        assert fake.vector_stores[store].status == "completed"
        fake.clock.advance(1)
        assert fake.vector_stores[store].status == "expired"
        for act in (
            asks("files.create", vector_store_id=store, file_id=file),
            asks("file_batches.create", store, file_ids=[file]),
        ):
            told = refusal(fake, act)
            assert told.status_code == 400 and f"Vector store '{store}' has expired" in str(told)
        assert call(fake, "sync", asks("retrieve", store)).status == "expired"


def test_a_file_belongs_to_a_store_until_either_is_deleted() -> None:
    with OpenAIFake() as fake:
        one, two = (fake.add_file(content=b"abc").id for _ in range(2))
        first, second = (fake.add_vector_store(file_ids=[one, two]).id for _ in range(2))
        batch = fake.add_file_batch(first, file_ids=[one, two])
        call(fake, "sync", asks("files.delete", one, vector_store_id=second))
        assert wire(fake) == {"id": one, "object": "vector_store.file.deleted", "deleted": True}
        assert one in fake.files and fake.vector_stores[second].file_counts.total == 1
        call(fake, "sync", lambda c: c.files.delete(two))
        assert fake.vector_stores[first].file_counts.model_dump() == counts(completed=1)
        assert fake.vector_stores[first].usage_bytes == 3
        assert fake.vector_stores[second].file_counts.model_dump() == counts()
        page = call(fake, "sync", asks("file_batches.list_files", batch.id, vector_store_id=first))
        assert [item.id for item in page.data] == [one]
        told = refusal(fake, asks("files.retrieve", two, vector_store_id=first))
        assert told.status_code == 404
        assert wire(fake)["error"]["message"] == f"No file found with id '{two}' in vector store '{first}'."
        call(fake, "sync", asks("delete", first))
        assert one in fake.files


@pytest.mark.parametrize(("name", "shown"), [("table.csv", ".csv"), ("README", "none")])
def test_a_file_that_file_search_did_not_take_is_refused_wherever_it_would_go_in(name: str, shown: str) -> None:
    with OpenAIFake() as fake:
        file, store = fake.add_file(filename=name).id, fake.add_vector_store().id
        helper = {"file_search": {"vector_stores": [{"file_ids": [file]}]}}
        attachment = {"file_id": file, "tools": [{"type": "file_search"}]}
        message = {"role": "user", "content": "x", "attachments": [attachment]}
        for act in (
            asks("create", file_ids=[file]),
            asks("files.create", vector_store_id=store, file_id=file),
            asks("file_batches.create", store, file_ids=[file]),
            lambda c: c.beta.threads.create(tool_resources=helper),
            lambda c: c.beta.assistants.create(model="m", tool_resources=helper),
            lambda c: c.beta.threads.create(messages=[message]),
        ):
            told = refusal(fake, act)
            assert (told.status_code, told.code, told.param) == (400, "unsupported_file", "file_ids")
            assert str(told.body["message"]).startswith(
                f"Files with extensions [{shown}] are not supported for retrieval. See https://"
            )
        assert len(fake.vector_stores) == 1 and not fake.threads
        assert fake.vector_stores[store].file_counts.total == 0


def test_files_of_nothing_are_refused_unless_the_fake_is_lenient() -> None:
    with OpenAIFake() as fake:
        told = refusal(fake, asks("create", file_ids=["file-nothing"]))
        assert told.status_code == 404 and not fake.vector_stores
    with OpenAIFake(strict=False) as fake:
        store = call(fake, "sync", asks("create", file_ids=["file-nothing"]))
        assert call(fake, "sync", asks("retrieve", store.id)).file_counts.completed == 1


def test_attributes_are_replaced_and_a_null_takes_them_away() -> None:
    it = api()
    file = it.fake.add_file(content=b"text")
    store = it.fake.add_vector_store(file_ids=[file.id])
    path = f"/vector_stores/{store.id}/files/{file.id}"
    for sent, kept in (({"a": 1}, {"a": 1}), ({"b": "x"}, {"b": "x"}), (None, {})):
        assert it.ok("POST", path, {"attributes": sent})["attributes"] == kept
        assert it.ok("GET", path)["attributes"] == kept


def test_putting_a_store_in_place() -> None:
    fake = OpenAIFake()
    fake.add_file("file-1", content=b"abc")
    fake.add_vector_store("vs_1", file_ids=["file-1"], name="Docs")
    fake.add_file_batch("vs_1", "batch_1", file_ids=["file-1"])
    with pytest.raises(LookupError, match=r"no vector store 'vs_2'.*vs_1.*add_vector_store"):
        fake.add_file_batch("vs_2")
    with pytest.raises(ValueError, match="status='done'"):
        fake.processing(status="done")
    with pytest.raises(ValueError, match="time only moves forward"):
        fake.processing(seconds=-1)
    with pytest.raises(ValueError, match="in the fake already"):
        fake.add_vector_store("vs_1")
    for _ in range(2):
        with fake:
            assert fake.vector_stores["vs_1"].file_counts.model_dump() == counts(completed=1)
            batch = call(fake, "sync", asks("file_batches.retrieve", "batch_1", vector_store_id="vs_1"))
            assert batch.status == "completed"
            content = fake.http_client().get("https://api.openai.com/v1/vector_stores/vs_1/files/file-1/content")
            assert content.json() == {
                "object": "vector_store.file_content.page",
                "data": [{"type": "text", "text": "abc"}],
                "has_more": False,
                "next_page": None,
            }


@flavours
def test_every_reply_is_what_the_types_of_the_sdk_promise(flavour: str) -> None:
    with OpenAIFake() as fake:
        fake.processing("*.rb", status="failed")

        def strictly(act: Any) -> Any:
            return call(fake, flavour, act, _strict_response_validation=True)

        file = strictly(lambda c: c.files.create(file=("a.md", b"text"), purpose="assistants"))
        # SDKs of early 2025 know fewer purposes than the service took.
        known = get_args(FileObject.model_fields["purpose"].annotation)
        purpose = "user_data" if "user_data" in known else "vision"
        bad = strictly(lambda c: c.files.create(file=("b.rb", b"text"), purpose=purpose))
        strictly(lambda c: c.files.retrieve(file.id))
        strictly(lambda c: c.files.list())
        expiry = {"anchor": "last_active_at", "days": 1}
        store = strictly(asks("create", file_ids=[file.id], expires_after=expiry)).id
        strictly(asks("retrieve", store))
        strictly(asks("list"))
        strictly(asks("update", store, name="Docs"))
        strictly(asks("files.create", vector_store_id=store, file_id=bad.id))
        assert strictly(asks("files.poll", bad.id, vector_store_id=store)).last_error.code == "server_error"
        strictly(asks("files.list", store))
        batch = strictly(asks("file_batches.create", store, file_ids=[file.id])).id
        strictly(asks("file_batches.retrieve", batch, vector_store_id=store))
        strictly(asks("file_batches.list_files", batch, vector_store_id=store))
        strictly(asks("file_batches.cancel", batch, vector_store_id=store))
        for name, args, given in (
            ("search", (store,), {"query": "text", "filters": {"type": "ne", "key": "a", "value": 1}}),
            ("files.update", (file.id,), {"vector_store_id": store, "attributes": {"a": 1, "b": True, "c": "d"}}),
            ("files.content", (file.id,), {"vector_store_id": store}),
        ):
            strictly(asks(name, *args, **given))
        strictly(asks("files.delete", file.id, vector_store_id=store))
        strictly(asks("delete", store))
        upload = strictly(
            lambda c: c.uploads.create(filename="a.md", purpose="batch", bytes=1, mime_type="text/markdown")
        )
        first = strictly(lambda c: c.uploads.parts.create(upload.id, data=b"x"))
        strictly(lambda c: c.uploads.complete(upload.id, part_ids=[first.id]))
        strictly(lambda c: c.files.delete(file.id))


def with_store(**options: Any) -> Api:
    it = api(**options)
    it.fake.add_file("file_1", filename="a.txt", content=b"cats and dogs")
    it.fake.add_vector_store("vs_1")
    return it


def test_a_batch_of_nothing_is_refused() -> None:
    it = with_store()
    told = (400, "Missing required parameter: 'file_ids' or 'files'.", "file_ids", "missing_required_parameter")
    assert it.refused("POST", "/vector_stores/vs_1/file_batches", {}) == told
    assert it.ok("GET", "/vector_stores/vs_1")["file_counts"]["total"] == 0


def test_a_file_that_is_in_a_store_stays_as_it_is_when_it_is_put_in_again() -> None:
    it = with_store()
    path = "/vector_stores/vs_1/files"
    it.ok("POST", path, {"file_id": "file_1", "attributes": {"a": 1}})
    done = it.ok("GET", f"{path}/file_1")
    it.fake.clock.advance(60)
    again = it.ok("POST", path, {"file_id": "file_1"})
    assert again == done and (done["status"], done["created_at"]) == ("completed", T0)
    assert it.ok("POST", path, {"file_id": "file_1", "attributes": {"b": 2}}) == {**done, "attributes": {"b": 2}}
    assert it.ok("GET", "/vector_stores/vs_1")["file_counts"]["total"] == 1


@pytest.mark.parametrize("name", ["A.TXT", "notes.Md"])
def test_an_extension_counts_in_any_case(name: str) -> None:
    it = with_store()
    it.fake.add_file("file_2", filename=name, content=b"text")
    assert it.ok("POST", "/vector_stores/vs_1/files", {"file_id": "file_2"})["object"] == "vector_store.file"


def test_a_file_without_text_has_no_content() -> None:
    it = with_store()
    it.fake.add_file("file_2", filename="b.txt", content=b"")
    it.ok("POST", "/vector_stores/vs_1/files", {"file_id": "file_2"})
    assert it.ok("GET", "/vector_stores/vs_1/files/file_2")["status"] == "completed"
    assert it.ok("GET", "/vector_stores/vs_1/files/file_2/content")["data"] == []


def test_an_attribute_of_another_kind_is_refused_with_the_kinds_there_are() -> None:
    it = with_store()
    body = {"file_id": "file_1", "attributes": {"a": ["b"]}}
    status, message, param, code = it.refused("POST", "/vector_stores/vs_1/files", body)
    assert (status, param, code) == (400, "attributes.a", "invalid_type")
    assert "expected one of a string, number, or boolean, but got an array instead" in message


def test_a_file_that_is_put_in_anew_is_waited_for_anew() -> None:
    it = with_store(polls=3)
    path = "/vector_stores/vs_1/files"

    def looks() -> int:
        it.ok("POST", path, {"file_id": "file_1"})
        looked = 0
        while it.ok("GET", f"{path}/file_1")["status"] == "in_progress":
            looked += 1
        it.ok("DELETE", f"{path}/file_1")
        return looked

    assert [looks(), looks()] == [2, 2]


def test_a_file_that_file_search_does_not_take_is_refused_with_the_address_of_those_it_does() -> None:
    it = with_store()
    it.fake.add_file("file_2", filename="a.png", content=b"")
    assert it.refused("POST", "/vector_stores/vs_1/files", {"file_id": "file_2"})[1] == (
        "Files with extensions [.png] are not supported for retrieval. "
        "See https://platform.openai.com/docs/assistants/tools/file-search/supported-files"
    )
