"""A vector store with a hundred files and with ten thousand: what a page and a search cost, and a file in memory."""

import gc
import tracemalloc
from collections.abc import Iterator

from benchmarks.measure import Figure, always, in_turn
from benchmarks.scale import ask
from openai_fake import OpenAIFake

WORDS = 40


def figures(quick: bool) -> Iterator[Figure]:
    """Ratios between a full store and a nearly empty one; bytes a file, beyond its content."""
    rounds, calls = (1, 5) if quick else (15, 100)
    sizes = (100, 200) if quick else (100, 10_000)
    fakes = {size: with_files(size) for size in sizes}
    for name, (method, path, body) in WORKS.items():
        subjects = {
            str(size): always(lambda fake=fake, call=(method, path, body): ask(fake, *call))
            for size, fake in fakes.items()
        }
        timings = in_turn(subjects, rounds, calls)
        for size in sizes:
            yield Figure("stores", f"{name}, {size:,} files in the store", timings[str(size)].median * 1e6, "µs")
        ratio = timings[str(sizes[1])].over(timings[str(sizes[0])])
        bar = None if name == COMMON else 1.5
        yield Figure("stores", f"{name}: {sizes[1]:,} files over {sizes[0]:,}", ratio, "×", bar)
    yield Figure(
        "stores", "a file in a store that was searched, beyond its bytes", file_bytes(sizes[1]), "bytes", 2_048
    )


COMMON = "search for a word that every file has"
WORKS: dict[str, tuple[str, str, object]] = {
    "list a page": ("GET", "/vector_stores/vs_1/files", None),
    "retrieve a file": ("GET", "/vector_stores/vs_1/files/file-5", None),
    "search for a rare word": ("POST", "/vector_stores/vs_1/search", {"query": "rare5"}),
    COMMON: ("POST", "/vector_stores/vs_1/search", {"query": "word1"}),
}


def with_files(count: int) -> OpenAIFake:
    """A fake with one store, with many small files in it that share most of their words, searched once."""
    fake = OpenAIFake(max_calls=1)
    for number in range(count):
        fake.add_file(f"file-{number}", filename=f"paper-{number}.txt", content=content(number))
    fake.add_vector_store("vs_1", file_ids=[f"file-{number}" for number in range(count)])
    ask(fake, "POST", "/vector_stores/vs_1/search", {"query": "word1"})
    return fake


def content(number: int) -> bytes:
    """The text of a file: words that all have, and one that is its own."""
    return " ".join([*(f"word{word}" for word in range(WORDS)), f"rare{number}"]).encode()


def file_bytes(count: int) -> float:
    """What each of `count` files holds beyond its content, after it came in a batch, was processed and was searched."""
    with_files(5)
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    with OpenAIFake(max_calls=1) as fake:
        ids = [fake.add_file(filename=f"paper-{number}.txt", content=content(number)).id for number in range(count)]
        fake.add_vector_store("vs_1")
        for start in range(0, count, 2_000):
            ask(fake, "POST", "/vector_stores/vs_1/file_batches", {"file_ids": ids[start : start + 2_000]})
        fake.clock.advance(1)
        ask(fake, "POST", "/vector_stores/vs_1/search", {"query": "word1"})
        assert fake.vector_stores["vs_1"].file_counts.completed == count
        said = sum(file.bytes for file in fake.files.values())
        gc.collect()
        held = tracemalloc.get_traced_memory()[0] - before - said
    tracemalloc.stop()
    return held / count
