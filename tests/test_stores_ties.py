"""How threads, messages, assistants and runs are tied to files and vector stores."""

from typing import Any

import pytest

from openai_fake import OpenAIFake, code_interpreter, file_path, file_search, reply

from .kit import Api, api, said

FOODS = (
    b"This file describes the favorite foods of several people.\n\n"
    b"Summanus Ferdinand: tacos\nTekakwitha Effie: pizza\nFilip Carola: cake"
)
CONTENT = "step_details.tool_calls[*].file_search.results[*].content"
QUESTION = "Using the files you have available, what's Filip's favorite food?"
WEEK = {"anchor": "last_active_at", "days": 7}


def uses(*kinds: str) -> list[dict[str, str]]:
    return [{"type": kind} for kind in kinds]


def ask(it: Api, *acts: Any, content: str = QUESTION, assistant: Any = None, thread: Any = None) -> Any:
    """A finished run of a script, on an assistant and a thread with these fields."""
    it.fake.script(*acts)
    assistant_id = it.assistant(**(assistant or {}))
    body = {"messages": [{"role": "user", "content": content}], **(thread or {})}
    run = it.settle(it.run(it.ok("POST", "/threads", body)["id"], assistant_id))
    assert run["status"] == "completed", run
    return run


def told(it: Api, run: Any) -> Any:
    """The text of the run's last message."""
    return it.messages(run["thread_id"])[-1]["content"][0]["text"]


def found(it: Api, run: Any) -> Any:
    return it.steps(run, **{"include[]": CONTENT})[0]["step_details"]["tool_calls"][0]["file_search"]


def helper(*file_ids: str) -> dict[str, Any]:
    return {"tool_resources": {"file_search": {"vector_stores": [{"file_ids": list(file_ids)}]}}}


def test_a_run_searches_the_real_stores_and_cites_them_as_it_was_recorded() -> None:
    it = api()
    it.fake.add_file("file-1", filename="favorite_foods.txt", content=FOODS)
    tool = {"type": "file_search", "file_search": {"max_num_results": 2, "ranking_options": {"score_threshold": 0.5}}}
    run = ask(
        it,
        file_search(),
        reply("Filip's favorite food is cake."),
        assistant={"tools": [tool], **helper("file-1")},
        thread=helper("file-1"),
    )
    assert told(it, run) == {
        "value": "Filip's favorite food is cake【4:0†favorite_foods.txt】.",
        "annotations": [
            {
                "type": "file_citation",
                "text": "【4:0†favorite_foods.txt】",
                "start_index": 29,
                "end_index": 53,
                "file_citation": {"file_id": "file-1"},
            }
        ],
    }
    searched = found(it, run)
    assert searched["ranking_options"] == {"ranker": "default_2024_08_21", "score_threshold": 0.5}
    # One hit in the assistant's store and one in the thread's, as recorded.
    assert [result["file_id"] for result in searched["results"]] == ["file-1", "file-1"]
    assert all(result["content"] == [{"type": "text", "text": FOODS.decode()}] for result in searched["results"])
    hidden = it.steps(run)[0]["step_details"]["tool_calls"][0]["file_search"]["results"]
    assert all("content" not in result for result in hidden)


@pytest.mark.parametrize("holder", ["assistant", "thread", "run"])
def test_each_holder_of_a_store_is_searched_for_itself(holder: str) -> None:
    it = api()
    it.fake.add_file("file-1", content=b"The sky is blue.")
    it.fake.add_vector_store("vs_1", file_ids=["file-1"])
    resources = {"tool_resources": {"file_search": {"vector_store_ids": ["vs_1"]}}}
    it.fake.script(file_search(), reply("Blue."))
    assistant = it.assistant(**(resources if holder == "assistant" else {}))
    thread = {"messages": [{"role": "user", "content": "sky?"}], **(resources if holder == "thread" else {})}
    body = {"assistant_id": assistant, "thread": thread, **(resources if holder == "run" else {})}
    run = it.settle(it.ok("POST", "/threads/runs", body))
    assert [result["file_id"] for result in found(it, run)["results"]] == ["file-1"]


def test_the_tool_says_how_much_is_found_and_how_good_it_must_be() -> None:
    texts = {"a": b"cake cake cake", "b": b"cake and tea and milk and bread", "c": b"tea"}

    def results(**options: Any) -> list[str]:
        it = api()
        for name, text in texts.items():
            it.fake.add_file(f"file-{name}", content=text)
        tool = {"type": "file_search", "file_search": options} if options else {"type": "file_search"}
        fields = {"tools": [tool], **helper(*(f"file-{name}" for name in texts))}
        run = ask(it, file_search(), reply("So."), content="cake tea", assistant=fields)
        return [result["file_id"] for result in found(it, run)["results"]]

    assert sorted(results()) == ["file-a", "file-b", "file-c"]
    assert results(max_num_results=1) == results()[:1]
    assert results(ranking_options={"score_threshold": 1.0}) == []


@pytest.mark.parametrize(
    ("acts", "text"),
    [
        ([file_search(cite=False), reply("Cake.")], "Cake."),
        ([file_search(), reply("Cake【0】.", annotations=[{"type": "file_citation", "text": "【0】"}])], "Cake【0】."),
        ([file_search(), reply("See 【x】.")], "See 【x】."),
        ([file_search({"file_id": "file-9"}), reply("Cake.")], "Cake."),
        (
            [file_search({"file_id": "file-9", "file_name": "f.md", "score": 0.1}, cite=True), reply("Cake!?")],
            "Cake【4:0†f.md】!?",
        ),
        ([file_search(), reply("Cake", chunks=["Ca", "ke"])], "Cake【4:0†foods.txt】"),
        ([file_search(), reply("Cake.", chunks=2)], "Cake【4:0†foods.txt】."),
        ([reply("Cake."), file_search()], "Cake."),
    ],
)
def test_what_a_script_says_of_citations_counts(acts: Any, text: str) -> None:
    it = api()
    it.fake.add_file("file-1", filename="foods.txt", content=FOODS)
    run = ask(it, *acts, assistant=helper("file-1"))
    assert told(it, run)["value"] == text
    for note in told(it, run)["annotations"]:
        assert text[note["start_index"] : note["end_index"]] == note["text"]


def test_every_file_is_cited_that_fits_half_as_well_as_the_best() -> None:
    it = api()
    for name in ("one", "two"):
        it.fake.add_file(f"file-{name}", filename=f"{name}.txt", content=b"Filip likes cake.")
    it.fake.add_file("file-else", filename="else.txt", content=b"People like bread.")
    run = ask(
        it,
        file_search(),
        reply("Cake."),
        content="Does Filip like cake?",
        assistant=helper("file-one", "file-two", "file-else"),
    )
    assert len(found(it, run)["results"]) == 3
    assert told(it, run)["value"] == "Cake【4:0†one.txt】【4:1†two.txt】."


def test_a_citation_looks_the_same_polled_and_streamed() -> None:
    it = api()
    it.fake.add_file("file-1", filename="foods.txt", content=FOODS)
    it.fake.script(file_search(), reply("Filip's favorite food is cake."))
    thread = it.ok("POST", "/threads", {"messages": [{"role": "user", "content": QUESTION}], **helper("file-1")})
    body = {"assistant_id": it.assistant(), "stream": True}
    raw = it.send("POST", f"/threads/{thread['id']}/runs", body).raw.decode()
    assert '"value":"【4:0†foods.txt】"' in raw
    assert said(it.messages(thread["id"])[-1]) == "Filip's favorite food is cake【4:0†foods.txt】."


def test_attachments_join_what_the_threads_tools_may_use() -> None:
    it = api()
    for name in "abc":
        it.fake.add_file(f"file-{name}", filename=f"{name}.txt", content=b"text")

    def message(file: str, *kinds: str) -> dict[str, Any]:
        return {"role": "user", "content": "x", "attachments": [{"file_id": file, "tools": uses(*kinds)}]}

    thread = it.ok("POST", "/threads", {"messages": [message("file-a", "file_search", "code_interpreter")]})
    (store,) = thread["tool_resources"]["file_search"]["vector_store_ids"]
    assert thread["tool_resources"]["code_interpreter"] == {"file_ids": ["file-a"]}
    assert it.fake.vector_stores[store].expires_after == WEEK
    path = f"/threads/{thread['id']}"
    sent = it.ok("POST", f"{path}/messages", message("file-b", "file_search"))
    assert sent["attachments"] == [{"file_id": "file-b", "tools": uses("file_search")}]
    it.ok("POST", f"{path}/messages", message("file-b", "code_interpreter"))
    it.ok("POST", f"{path}/messages", message("file-b", "code_interpreter"))
    it.fake.script(file_search(), reply("So."))
    run = it.run(thread["id"], additional_messages=[message("file-c", "file_search")])
    it.settle(run)
    after = it.ok("GET", path)["tool_resources"]
    assert after == {
        "code_interpreter": {"file_ids": ["file-a", "file-b"]},
        "file_search": {"vector_store_ids": [store]},
    }
    page = it.ok("GET", f"/vector_stores/{store}/files", query={"order": "asc"})
    assert [file["id"] for file in page["data"]] == ["file-a", "file-b", "file-c"]


def test_a_store_that_is_not_there_is_left_alone_by_attachments_and_runs() -> None:
    it = api()
    it.fake.add_file("file-1", content=b"x")
    resources = {"file_search": {"vector_store_ids": ["vs_nowhere"]}}
    attached = {"role": "user", "content": "x", "attachments": [{"file_id": "file-1", "tools": uses("file_search")}]}
    run = ask(it, file_search(), reply("Nothing."), thread={"messages": [attached], "tool_resources": resources})
    assert found(it, run)["results"] == [] and told(it, run)["value"] == "Nothing."
    assert it.ok("GET", f"/threads/{run['thread_id']}")["tool_resources"] == resources
    assert not it.fake.vector_stores


def test_a_store_that_has_expired_takes_no_attachments_and_nothing_is_left_of_the_request() -> None:
    it = api()
    it.fake.add_file("file-1", content=b"x")
    it.fake.add_vector_store("vs_old", expires_after={"anchor": "last_active_at", "days": 1})
    resources = {"file_search": {"vector_store_ids": ["vs_old"]}}
    thread, assistant = it.ok("POST", "/threads", {"tool_resources": resources})["id"], it.assistant()
    it.fake.clock.advance(90_000)
    old = it.ok("GET", "/vector_stores/vs_old")
    attached = {"role": "user", "content": "x", "attachments": [{"file_id": "file-1", "tools": uses("file_search")}]}
    run = {"assistant_id": assistant}
    for path, body in (
        (f"/threads/{thread}/messages", attached),
        (f"/threads/{thread}/runs", {**run, "additional_messages": [attached]}),
        ("/threads", {"messages": [attached], "tool_resources": resources}),
        ("/threads/runs", {**run, "thread": {"messages": [attached], "tool_resources": resources}}),
    ):
        refused = it.send("POST", path, body)
        assert (refused.status, refused.error["message"]) == (400, "Vector store 'vs_old' has expired.")
    assert list(it.fake.threads) == [thread] and not it.messages(thread) and not it.fake.thread(thread).runs
    assert it.ok("GET", "/vector_stores/vs_old") == old and old["status"] == "expired"


def test_the_helper_makes_a_real_store_with_its_files_and_its_cut() -> None:
    it = api()
    it.fake.add_file("file-1", content=b"text")
    cut = {"type": "static", "static": {"max_chunk_size_tokens": 200, "chunk_overlap_tokens": 50}}
    spec = {"file_ids": ["file-1", "file-unknown"], "chunking_strategy": cut, "metadata": {"a": "b"}}
    resources = {"file_search": {"vector_stores": [spec]}}
    for path, body, expiry in (("/assistants", {"model": "m"}, None), ("/threads", {}, WEEK)):
        made = it.ok("POST", path, {**body, "tool_resources": resources})
        (id,) = made["tool_resources"]["file_search"]["vector_store_ids"]
        store = it.ok("GET", f"/vector_stores/{id}")
        assert (store["status"], store["metadata"], store["expires_after"]) == ("completed", {"a": "b"}, expiry)
        assert store["file_counts"]["completed"] == 2
        assert it.ok("GET", f"/vector_stores/{id}/files/file-1")["chunking_strategy"] == cut


def test_the_helper_takes_as_many_files_as_there_are() -> None:
    """Ten thousand was the limit of stores before November 2025, and was lifted."""
    it = api()
    many = [f"file-{number}" for number in range(10_001)]
    (id,) = it.ok("POST", "/threads", helper(*many))["tool_resources"]["file_search"]["vector_store_ids"]
    assert it.ok("GET", f"/vector_stores/{id}")["file_counts"]["total"] == len(many)


def test_what_the_assistant_puts_out_can_be_downloaded() -> None:
    it = api()
    text = "Here: sandbox:/mnt/data/table.csv"
    note = file_path(b"a;b\n1;2\n", "sandbox:/mnt/data/table.csv")
    run = ask(it, code_interpreter("draw()", images=[b"\x89PNG"]), reply(text, annotations=[note], images=[b"GIF"]))
    annotation = told(it, run)["annotations"][0]
    table = it.fake.files[annotation["file_path"]["file_id"]]
    assert (table.filename, table.purpose, table.bytes) == ("table.csv", "assistants_output", 8)
    assert it.send("GET", f"/files/{table.id}/content").raw == b"a;b\n1;2\n"
    drawn = it.steps(run)[0]["step_details"]["tool_calls"][0]["code_interpreter"]["outputs"][0]["image"]["file_id"]
    assert it.send("GET", f"/files/{drawn}/content").raw == b"\x89PNG"
    outputs = it.ok("GET", "/files", query={"purpose": "assistants_output"})["data"]
    assert len(outputs) == 3


@pytest.mark.parametrize("strict", [False, True])
def test_unknown_ids_pass_unless_they_are_to_be_there(strict: bool) -> None:
    it = api(require_files=strict)
    unknown = "file-unknown"
    bodies = [
        ("/assistants", {"model": "m", "tool_resources": {"code_interpreter": {"file_ids": [unknown]}}}),
        ("/assistants", {"model": "m", "tool_resources": {"file_search": {"vector_store_ids": ["vs_unknown"]}}}),
        ("/assistants", {"model": "m", **helper(unknown)}),
        ("/threads", helper(unknown)),
        (
            "/threads",
            {
                "messages": [
                    {
                        "role": "user",
                        "content": "x",
                        "attachments": [{"file_id": unknown, "tools": uses("file_search")}],
                    }
                ]
            },
        ),
        (
            "/threads",
            {"messages": [{"role": "user", "content": [{"type": "image_file", "image_file": {"file_id": unknown}}]}]},
        ),
    ]
    for path, body in bodies:
        answer = it.send("POST", path, body)
        assert answer.status == (404 if strict else 200), (body, answer.raw)
    if strict:
        assert not (it.fake.assistants or it.fake.threads or it.fake.vector_stores)


def test_a_refused_or_unscripted_run_leaves_no_store_behind() -> None:
    with OpenAIFake(unscripted="error") as fake:
        it = Api(fake)
        fake.add_assistant("asst_1")
        fake.add_file("file-1", content=b"x")
        attached = {
            "role": "user",
            "content": "x",
            "attachments": [{"file_id": "file-1", "tools": uses("file_search")}],
        }
        body = {"assistant_id": "asst_1", "thread": {"messages": [attached], **helper("file-1")}}
        assert it.send("POST", "/threads/runs", body).status == 501
        assert it.send("POST", "/threads/runs", {**body, "thread": helper("file-1")}).status == 400
        assert not fake.vector_stores
        thread = fake.add_thread().id
        run = {"assistant_id": "asst_1", "additional_messages": [attached]}
        assert it.send("POST", f"/threads/{thread}/runs", run).status == 501
        assert not fake.vector_stores and not fake.threads[thread].tool_resources.given()
        fake.reset()
