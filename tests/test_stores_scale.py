"""What a full store costs, counted and not timed: the objects that a page and a search touch, and the bytes."""

from benchmarks.stores import file_bytes, with_files
from openai_fake.objects.vector_stores import StoreFile

from .counts import count
from .kit import Api


def test_a_file_in_a_store_holds_less_than_two_kilobytes_beyond_its_bytes() -> None:
    # The smaller of two, because a table of the whole process (that of interned texts, 2 MB) may grow meanwhile.
    assert min(file_bytes(count(1_000, 10_000)) for _ in range(2)) < 2_048


def test_a_page_and_a_search_look_at_no_more_files_in_a_full_store_than_in_a_small_one() -> None:
    looked = {}
    for size in (100, count(1_000, 10_000)):
        it = Api(with_files(size))
        shelf = it.fake._world.stores.shelf("vs_1")
        seen: list[str] = []
        objects = shelf.files.objects

        class Watched(dict[str, StoreFile]):
            def __getitem__(self, id: str, seen: list[str] = seen) -> StoreFile:
                seen.append(id)
                return super().__getitem__(id)

        shelf.files.objects = Watched(objects)
        page = it.ok("GET", "/vector_stores/vs_1/files", query={"limit": 10, "after": "file-50"})
        assert len(page["data"]) == 10
        found = it.ok("POST", "/vector_stores/vs_1/search", {"query": "rare5"})
        assert [hit["file_id"] for hit in found["data"]] == ["file-5"]
        it.ok("GET", "/vector_stores/vs_1")
        looked[size] = len(seen)
    small, full = looked.values()
    assert small == full < 20
