"""What a search of a vector store finds, in which order, and how well; and how texts are cut for it."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openai_fake import OpenAIFake, file_search, reply
from openai_fake.ranking import Index, words
from openai_fake.shelf import spans

from .counts import examples
from .kit import Api, api

TEXTS = {
    "paris.md": b"Paris is the capital of France. It lies on the Seine.",
    "rome.md": b"Rome is the capital of Italy. It lies on the Tiber.",
    "llama.md": b"The llama is a domesticated animal.",
}


def library(**options: Any) -> Api:
    it = api(**options)
    for name, content in TEXTS.items():
        it.fake.add_file(f"file-{name}", filename=name, content=content)
    it.fake.add_vector_store("vs_1", file_ids=[f"file-{name}" for name in TEXTS])
    return it


def search(it: Api, query: Any, **more: Any) -> list[tuple[str, float]]:
    page = it.ok("POST", "/vector_stores/vs_1/search", {"query": query, **more})
    assert list(page) == ["object", "search_query", "data", "has_more", "next_page"]
    for hit in page["data"]:
        assert list(hit) == ["file_id", "filename", "score", "attributes", "content"]
    return [(hit["filename"], hit["score"]) for hit in page["data"]]


def test_the_best_passage_comes_first_and_what_shares_no_word_not_at_all() -> None:
    it = library()
    found = search(it, "What is the capital of Italy?")
    assert [name for name, _ in found] == ["rome.md", "paris.md", "llama.md"]
    assert 0.7 < found[0][1] < 1 and found[0][1] > 2 * found[2][1]
    assert search(it, "animals") and search(it, "animals")[0][0] == "llama.md"
    assert search(it, "zebra") == []
    assert search(it, "") == []


def test_a_search_is_the_same_every_time_and_bounded_as_it_was_asked_to_be() -> None:
    found = search(library(), "the capital")
    assert search(library(), "the capital") == found and len(found) == 3
    assert search(library(), "the capital", max_num_results=1) == found[:1]
    threshold = {"score_threshold": found[1][1]}
    assert search(library(), "the capital", ranking_options=threshold) == found[:2]
    assert search(library(), "the capital", ranking_options={"score_threshold": 1}) == []


def test_files_of_a_batch_that_fit_as_well_as_one_another_stand_in_its_order() -> None:
    it = api()
    ids = [it.fake.add_file(f"file-{number}", f"{number}.md", b"The same.").id for number in range(20, 0, -1)]
    it.fake.add_vector_store("vs_1")
    batch = it.ok("POST", "/vector_stores/vs_1/file_batches", {"file_ids": ids})
    assert it.ok("GET", f"/vector_stores/vs_1/file_batches/{batch['id']}")["status"] == "completed"
    assert [name for name, _ in search(it, "same", max_num_results=20)] == [
        f"{number}.md" for number in range(20, 0, -1)
    ]


def test_several_queries_find_what_any_of_them_finds() -> None:
    it = library()
    both = search(it, ["llama", "Seine"])
    assert {name for name, _ in both} == {"llama.md", "paris.md"}
    assert it.ok("POST", "/vector_stores/vs_1/search", {"query": ["llama", "Seine"]})["search_query"] == [
        "llama",
        "Seine",
    ]


ATTRIBUTES: dict[str, Any] = {
    "paris.md": {"country": "France", "people": 2.1, "capital": True},
    "rome.md": {"country": "Italy", "people": 2.8, "capital": True},
    "llama.md": {"country": "Peru", "legs": 4},
}


def by(type: str, key: str, value: Any) -> dict[str, Any]:
    return {"type": type, "key": key, "value": value}


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        (by("eq", "country", "Italy"), ["rome"]),
        (by("eq", "capital", True), ["paris", "rome"]),
        (by("eq", "capital", 1), []),
        (by("ne", "country", "Italy"), ["llama", "paris"]),
        (by("ne", "legs", 4), ["paris", "rome"]),
        (by("gt", "people", 2.1), ["rome"]),
        (by("gte", "people", 2.1), ["paris", "rome"]),
        (by("lt", "people", 2.8), ["paris"]),
        (by("lte", "people", 2.8), ["paris", "rome"]),
        (by("gt", "country", "I"), ["llama", "rome"]),
        (by("gt", "country", 1), []),
        (by("lt", "capital", 5), []),
        (by("in", "country", ["Italy", "Peru"]), ["llama", "rome"]),
        (by("nin", "country", ["Italy", "Peru"]), ["paris"]),
        (by("in", "legs", [4.0]), ["llama"]),
        (by("nin", "legs", [4]), ["paris", "rome"]),
        ({"type": "and", "filters": [by("eq", "capital", True), by("gt", "people", 2.5)]}, ["rome"]),
        ({"type": "or", "filters": [by("eq", "legs", 4), by("gt", "people", 2.5)]}, ["llama", "rome"]),
        (
            {
                "type": "or",
                "filters": [
                    {"type": "and", "filters": [by("eq", "legs", 4), by("eq", "legs", 5)]},
                    by("lt", "people", 2.5),
                ],
            },
            ["paris"],
        ),
        ({"type": "and", "filters": []}, ["llama", "paris", "rome"]),
        ({"type": "or", "filters": []}, []),
    ],
)
def test_a_filter_leaves_the_files_whose_attributes_pass(filters: Any, names: list[str]) -> None:
    it = library()
    for name, attributes in ATTRIBUTES.items():
        it.ok("POST", f"/vector_stores/vs_1/files/file-{name}", {"attributes": attributes})
    found = search(it, "is the capital animal", filters=filters)
    assert sorted(name.partition(".")[0] for name, _ in found) == names


@pytest.mark.parametrize(
    ("filters", "path"),
    [
        (by("like", "a", "b"), "filters.type"),
        (by("in", "a", "b"), "filters.value"),
        (by("eq", "a", ["b"]), "filters.value"),
        (by("eq", "a", None), "filters.value"),
        ({"type": "eq", "value": 1}, "filters.key"),
        ({"type": "and", "filters": {}}, "filters.filters"),
        ({"type": "and", "filters": [by("eq", "a", {})]}, "filters.filters[0].value"),
    ],
)
def test_a_filter_that_is_none_is_refused_where_it_is_wrong(filters: Any, path: str) -> None:
    status, _, param, _ = library().refused("POST", "/vector_stores/vs_1/search", {"query": "x", "filters": filters})
    assert (status, param) == (400, path)


def test_only_what_is_processed_and_still_there_is_found() -> None:
    it = library()
    it.fake.processing("slow.md", seconds=10)
    it.fake.add_file("file-slow", filename="slow.md", content=b"llama")
    it.ok("POST", "/vector_stores/vs_1/files", {"file_id": "file-slow"})
    assert [name for name, _ in search(it, "llama")] == ["llama.md"]
    it.fake.clock.advance(10)
    assert {name for name, _ in search(it, "llama")} == {"llama.md", "slow.md"}
    it.ok("DELETE", "/files/file-llama.md")
    assert [name for name, _ in search(it, "llama")] == ["slow.md"]


def test_a_long_file_is_cut_as_its_strategy_says_and_found_passage_by_passage() -> None:
    text = " ".join(f"word{number}" for number in range(400))
    it = api()
    it.fake.add_file("file-1", content=text.encode())
    it.fake.add_vector_store("vs_1")
    strategy = {"type": "static", "static": {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 0}}
    made = it.ok("POST", "/vector_stores/vs_1/files", {"file_id": "file-1", "chunking_strategy": strategy})
    assert made["chunking_strategy"] == strategy
    it.ok("GET", "/vector_stores/vs_1/files/file-1")
    (hit,) = it.ok("POST", "/vector_stores/vs_1/search", {"query": "word200"})["data"]
    (content,) = hit["content"]
    assert "word200" in content["text"] and len(content["text"]) <= 400


sizes = st.integers(100, 200).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size // 2)))


@settings(max_examples=examples(30, 300))
@given(st.text(alphabet="ab \n", max_size=3000), sizes)
def test_the_passages_of_a_text_cover_it_and_are_no_longer_than_they_may_be(text: str, size: tuple[int, int]) -> None:
    longest, overlap = size
    strategy = {"static": {"max_chunk_size_tokens": longest, "chunk_overlap_tokens": overlap}}
    cut = list(spans(text, strategy))
    reached = 0
    for start, end in cut:
        assert start <= reached < end <= len(text) and end - start <= longest * 4
        reached = end
    assert reached == len(text)


@settings(max_examples=examples(30, 300))
@given(st.lists(st.text(alphabet="abc ", min_size=1, max_size=20), max_size=8), st.text(alphabet="abc ", max_size=10))
def test_scores_lie_between_nothing_and_one_and_are_given_to_those_that_share_a_word(
    texts: list[str], query: str
) -> None:
    index = Index()
    for text in texts:
        index.add(text)
    scores = index.scores(query)
    sharing = {number for number, text in enumerate(texts) if set(words(text)) & set(words(query))}
    assert set(scores) == sharing
    assert all(0 < score < 1 for score in scores.values())
    index.remove(sharing)
    assert index.scores(query) == {} and index.living == len(texts) - len(sharing)


def test_an_index_that_holds_mostly_what_has_gone_is_made_anew() -> None:
    with OpenAIFake() as fake:
        it = Api(fake)
        fake.add_vector_store("vs_1")
        fake.add_file("file-0", content=b"needle")
        fake.add_file_batch("vs_1", file_ids=["file-0"])
        for _ in range(300):
            fake.add_file("file-n", content=b"needle hay")
            it.ok("POST", "/vector_stores/vs_1/files", {"file_id": "file-n"})
            fake.clock.advance(1)
            search(it, "needle")
            it.ok("DELETE", "/files/file-n")
        shelf = fake._world.stores.shelf("vs_1")
        assert len(shelf._spans) <= 110
        assert [name for name, _ in search(it, "needle")] == ["file.txt"]


def test_an_older_model_is_given_five_passages_and_a_newer_one_twenty() -> None:
    for model, most in (("gpt-3.5-turbo", 5), ("gpt-4o", 20)):
        it = api()
        for number in range(25):
            it.fake.add_file(f"file_{number}", filename=f"{number}.txt", content=b"cats")
        it.fake.add_vector_store("vs_1", file_ids=[f"file_{number}" for number in range(25)])
        resources = {"file_search": {"vector_store_ids": ["vs_1"]}}
        assistant = it.assistant(model=model, tools=[{"type": "file_search"}], tool_resources=resources)
        it.fake.script(file_search(), reply("Found."))
        run = it.settle(it.run(it.thread("cats"), assistant))
        (call,) = it.steps(run)[0]["step_details"]["tool_calls"]
        assert len(call["file_search"]["results"]) == most


def test_of_two_passages_that_share_a_word_the_shorter_one_is_better() -> None:
    it = api()
    it.fake.add_file("file_long", filename="long.txt", content=b"cats " + b"and other animals of every kind " * 9)
    it.fake.add_file("file_short", filename="short.txt", content=b"cats")
    it.fake.add_file("file_none", filename="none.txt", content=b"dogs")
    it.fake.add_vector_store("vs_1", file_ids=["file_long", "file_short", "file_none"])
    found = it.ok("POST", "/vector_stores/vs_1/search", {"query": "cats"})["data"]
    assert [hit["file_id"] for hit in found] == ["file_short", "file_long"]
    assert found[0]["score"] > found[1]["score"]


def test_the_hits_of_a_search_are_all_on_one_page() -> None:
    it = api()
    it.fake.add_file("file_1", content=b"cats")
    it.fake.add_vector_store("vs_1", file_ids=["file_1"])
    page = it.ok("POST", "/vector_stores/vs_1/search", {"query": "cats"})
    assert list(page) == ["object", "search_query", "data", "has_more", "next_page"]
    assert (page["has_more"], page["next_page"]) == (False, None)
    content = it.ok("GET", "/vector_stores/vs_1/files/file_1/content")
    assert (content["has_more"], content["next_page"]) == (False, None)
