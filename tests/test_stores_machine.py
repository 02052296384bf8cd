"""Stores, files and batches all at once: counts add up, statuses keep to the tables, the deleted is nowhere."""

from collections import Counter
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from openai_fake.objects.vector_stores import StoreFile
from openai_fake.states import STORE, STORE_FILE, UPLOAD

from .counts import examples
from .kit import Api, api

STATUSES = ("in_progress", "completed", "failed", "cancelled")
pick = st.integers(0, 1_000)


class Stores(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.it: Api = api()
        self.files: list[str] = []
        self.deleted: list[str] = []
        self.stores: list[str] = []
        self.batches: list[tuple[str, str]] = []
        self.uploads: list[str] = []
        self.seen: dict[Any, str] = {}
        self.outcomes: dict[tuple[str, str], str] = {}
        self.it.fake.processing("*.rb", status="failed", seconds=3)
        self.it.fake.processing("*.go", status="cancelled", seconds=5)

    def one(self, of: list[Any], number: int) -> Any:
        return of[number % len(of)]

    @rule(extension=st.sampled_from(["txt", "rb", "go"]), size=st.integers(0, 30))
    def upload(self, extension: str, size: int) -> None:
        name = f"{len(self.files)}.{extension}"
        self.files.append(self.it.fake.add_file(filename=name, content=b"word " * size).id)

    @rule(numbers=st.lists(pick, max_size=3))
    def make_store(self, numbers: list[int]) -> None:
        ids = [self.one(self.files, number) for number in numbers] if self.files else []
        made = self.it.ok(
            "POST", "/vector_stores", {"file_ids": ids, "expires_after": {"anchor": "last_active_at", "days": 1}}
        )
        assert made["status"] == ("in_progress" if ids else "completed")
        self.stores.append(made["id"])

    @precondition(lambda self: self.stores and self.files)
    @rule(store=pick, file=pick)
    def put_file(self, store: int, file: int) -> None:
        id, file_id = self.one(self.stores, store), self.one(self.files, file)
        before = self.status_of(id, file_id)
        answer = self.it.send("POST", f"/vector_stores/{id}/files", {"file_id": file_id})
        if before in ("failed", "cancelled"):
            self.seen.pop((id, file_id), None)
        assert answer.status == (400 if self.expired(id) else 200)

    @precondition(lambda self: self.stores and self.files)
    @rule(store=pick, files=st.lists(pick, min_size=1, max_size=4))
    def put_batch(self, store: int, files: list[int]) -> None:
        id = self.one(self.stores, store)
        ids = [self.one(self.files, number) for number in files]
        if self.expired(id):
            return
        for file_id in ids:
            if self.status_of(id, file_id) in ("failed", "cancelled"):
                self.seen.pop((id, file_id), None)
        made = self.it.ok("POST", f"/vector_stores/{id}/file_batches", {"file_ids": ids})
        assert made["file_counts"]["total"] == len(set(ids))
        self.batches.append((id, made["id"]))

    @precondition(lambda self: self.batches)
    @rule(number=pick)
    def cancel_batch(self, number: int) -> None:
        store, id = self.one(self.batches, number)
        before = self.it.ok("GET", f"/vector_stores/{store}/file_batches/{id}", query={"x": 1}) if number % 2 else None
        after = self.it.ok("POST", f"/vector_stores/{store}/file_batches/{id}/cancel", {})
        assert after["file_counts"]["in_progress"] == 0
        assert before is None or after == before

    @precondition(lambda self: self.batches)
    @rule(number=pick)
    def poll_batch(self, number: int) -> None:
        store, id = self.one(self.batches, number)
        batch = self.it.ok("GET", f"/vector_stores/{store}/file_batches/{id}")
        assert batch["status"] != "in_progress" and batch["file_counts"]["in_progress"] == 0

    @precondition(lambda self: self.stores)
    @rule(number=pick)
    def poll_store(self, number: int) -> None:
        store = self.it.ok("GET", f"/vector_stores/{self.one(self.stores, number)}")
        assert store["file_counts"]["in_progress"] == 0 and store["status"] != "in_progress"

    @precondition(lambda self: self.files)
    @rule(number=pick)
    def delete_file(self, number: int) -> None:
        id = self.files.pop(number % len(self.files))
        self.it.ok("DELETE", f"/files/{id}")
        self.deleted.append(id)

    @precondition(lambda self: self.stores and self.files)
    @rule(store=pick, file=pick)
    def take_out(self, store: int, file: int) -> None:
        id, file_id = self.one(self.stores, store), self.one(self.files, file)
        there = self.status_of(id, file_id) is not None
        answer = self.it.send("DELETE", f"/vector_stores/{id}/files/{file_id}")
        assert answer.status == (200 if there else 404)
        self.seen.pop((id, file_id), None)

    @precondition(lambda self: self.stores)
    @rule(number=pick)
    def delete_store(self, number: int) -> None:
        id = self.stores.pop(number % len(self.stores))
        self.it.ok("DELETE", f"/vector_stores/{id}")
        self.batches = [pair for pair in self.batches if pair[0] != id]
        self.seen = {key: status for key, status in self.seen.items() if id not in key}

    @precondition(lambda self: self.stores)
    @rule(number=pick)
    def search(self, number: int) -> None:
        id = self.one(self.stores, number)
        answer = self.it.send("POST", f"/vector_stores/{id}/search", {"query": "words", "max_num_results": 50})
        assert answer.status == (400 if self.expired(id) else 200)
        hits = answer.json.get("data", [])
        assert all(self.status_of(id, hit["file_id"]) == "completed" for hit in hits)

    @rule(size=st.integers(0, 3), end=st.sampled_from(["complete", "cancel", "leave"]))
    def upload_in_parts(self, size: int, end: str) -> None:
        body = {"filename": "a.txt", "purpose": "assistants", "bytes": 0, "mime_type": "text/plain"}
        id = self.it.ok("POST", "/uploads", body)["id"]
        self.uploads.append(id)
        if end == "complete":
            self.files.append(self.it.ok("POST", f"/uploads/{id}/complete", {"part_ids": []})["file"]["id"])
        elif end == "cancel":
            self.it.ok("POST", f"/uploads/{id}/cancel", {})

    @rule(seconds=st.sampled_from([0.5, 1, 2, 3, 3_600, 40_000, 90_000]))
    def let_time_pass(self, seconds: float) -> None:
        self.it.fake.clock.advance(seconds)

    def expired(self, store: str) -> bool:
        return self.it.fake.vector_stores[store].status == "expired"

    def status_of(self, store: str, file: str) -> str | None:
        there = self.it.fake._world.stores.shelf(store).files.get(file)
        return there.status if there else None

    def outcome(self, batch: str, file: StoreFile) -> str:
        """What has become of a file in a batch, whatever it is when it has been put into the store once more."""
        if self.outcomes.get((batch, file.id), "in_progress") == "in_progress":
            self.outcomes[batch, file.id] = file.status
        return self.outcomes[batch, file.id]

    @invariant()
    def counts_add_up(self) -> None:
        for id in self.stores:
            store, files = self.it.fake.vector_stores[id], self.it.fake._world.stores.shelf(id).files.values()
            each: Counter[str] = Counter(file.status for file in files)
            assert store.file_counts.model_dump() == {
                **{status: each[status] for status in STATUSES},
                "total": len(files),
            }
            assert store.usage_bytes == sum(file.usage_bytes for file in files)
            assert (store.status == "in_progress") == (each["in_progress"] > 0) or store.status == "expired"
        for store_id, batch_id in self.batches:
            shelf = self.it.fake._world.stores.shelf(store_id)
            batch = shelf.batch(batch_id)
            each = Counter(self.outcome(batch_id, file) for file in shelf.batch_files(batch_id).values())
            assert batch.file_counts.model_dump() == {
                **{status: each[status] for status in STATUSES},
                "total": each.total(),
            }

    @invariant()
    def statuses_keep_to_the_tables(self) -> None:
        world = self.it.fake._world
        for id in self.stores:
            self.move(STORE, id, world.vector_stores[id].status)
            for file in world.stores.shelf(id).files.values():
                self.move(STORE_FILE, (id, file.id), file.status)
        for store_id, batch_id in self.batches:
            self.move(STORE_FILE, (store_id, batch_id), world.stores.shelf(store_id).batch(batch_id).status)
        for id in self.uploads:
            self.move(UPLOAD, id, world.library.uploads[id].status)

    def move(self, table: dict[str, frozenset[str]], key: Any, status: str) -> None:
        before = self.seen.get(key, status)
        # Between two looks there may be more than one move.
        onward, reached = {before}, {before}
        while onward:
            onward = {after for status in onward for after in table[status]} - reached
            reached |= onward
        assert status in reached, f"{key} went from {before} to {status}"
        self.seen[key] = status

    @invariant()
    def the_deleted_is_nowhere(self) -> None:
        world = self.it.fake._world
        for id in self.deleted:
            assert id not in world.files and id not in world.contents
            for store in self.stores:
                shelf = world.stores.shelf(store)
                assert id not in shelf.files and id not in shelf.pending
                assert id not in shelf._first and id not in shelf._fresh
                assert all(id not in members for members in shelf._members.values())

    def teardown(self) -> None:
        assert self.it.fake.complaints() == []


TestStores = Stores.TestCase
TestStores.settings = settings(max_examples=examples(25, 1000), stateful_step_count=30)
