"""The files are real and really searched; only what the assistant says of them is scripted."""

import pytest
from openai import OpenAI

from examples.retrieval_assistant.librarian import Answer, Librarian
from openai_fake import OpenAIFake, citation, file_search, incomplete, reply

BIRDS = b"The wren is a small bird. It weighs ten grams."
TREES = b"The yew is a slow tree. It lives two thousand years."


def test_an_answer_names_the_document_that_was_found(openai_fake: OpenAIFake, openai_fake_client: OpenAI) -> None:
    librarian = Librarian(openai_fake_client, "Nature")
    assert librarian.add({"birds.txt": BIRDS, "trees.txt": TREES}) == []
    openai_fake.script(file_search(), reply("Two thousand years."))
    assert librarian.ask("How long does a yew live?") == Answer("Two thousand years [1].", ("trees.txt",))


def test_sources_are_numbered_in_the_order_of_the_text(openai_fake: OpenAIFake, openai_fake_client: OpenAI) -> None:
    openai_fake.add_file("file-birds", filename="birds.txt", content=BIRDS)
    openai_fake.add_file("file-trees", filename="trees.txt", content=TREES)
    openai_fake.script(
        reply(
            "A yew【a】 outlives a wren【b】; it is slow【c】.",
            annotations=[
                citation("file-trees", "【a】"),
                citation("file-birds", "【b】"),
                citation("file-trees", "【c】"),
            ],
        )
    )
    answer = Librarian(openai_fake_client, "Nature").ask("Which lives longer?")
    assert answer == Answer("A yew [1] outlives a wren [2]; it is slow [1].", ("trees.txt", "birds.txt"))


def test_documents_that_cannot_be_read_are_named(openai_fake: OpenAIFake, openai_fake_client: OpenAI) -> None:
    openai_fake.processing("*.pdf", status="failed", code="unsupported_file", message="It is encrypted.")
    librarian = Librarian(openai_fake_client, "Nature")
    assert librarian.add({"birds.txt": BIRDS, "secret.pdf": b"%PDF"}) == ["secret.pdf"]
    assert openai_fake.vector_stores[librarian.store_id].file_counts.completed == 1


def test_no_answer_is_an_error(openai_fake: OpenAIFake, openai_fake_client: OpenAI) -> None:
    openai_fake.script(incomplete("max_prompt_tokens"))
    with pytest.raises(RuntimeError, match=r"not available: incomplete\."):
        Librarian(openai_fake_client, "Nature").ask("What is a yew?")
