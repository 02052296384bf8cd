"""A librarian: it is given documents, and answers from them with its sources."""

from collections.abc import Mapping
from dataclasses import dataclass

from openai import OpenAI


@dataclass(frozen=True)
class Answer:
    """A text whose markers have become numbers, and the names of the documents they stand for."""

    text: str
    sources: tuple[str, ...]


class Librarian:
    """An assistant with a vector store of its own."""

    def __init__(self, client: OpenAI, name: str) -> None:
        self.client = client
        self.store_id = client.vector_stores.create(name=name).id
        self.assistant_id = client.beta.assistants.create(
            model="gpt-4o",
            name=name,
            instructions="Answer from the documents. Name your sources.",
            tools=[{"type": "file_search"}],
            tool_resources={"file_search": {"vector_store_ids": [self.store_id]}},
        ).id

    def add(self, documents: Mapping[str, bytes]) -> list[str]:
        """Take documents in. Returns the names of those that could not be read."""
        files = self.client.files
        names = {}
        for name, content in documents.items():
            names[files.create(file=(name, content), purpose="assistants").id] = name
        batch = self.client.vector_stores.file_batches.create_and_poll(
            vector_store_id=self.store_id, file_ids=list(names)
        )
        listed = self.client.vector_stores.file_batches.list_files(
            batch.id, vector_store_id=self.store_id, filter="failed"
        )
        return [names[file.id] for file in listed]

    def ask(self, question: str) -> Answer:
        """An answer from the documents. Raises `RuntimeError` where there is none."""
        run = self.client.beta.threads.create_and_run_poll(
            assistant_id=self.assistant_id, thread={"messages": [{"role": "user", "content": question}]}
        )
        if run.status != "completed":
            raise RuntimeError(f"The librarian is not available: {run.status}.")
        (part,) = self.client.beta.threads.messages.list(run.thread_id, limit=1).data[0].content
        assert part.type == "text"
        text, sources = part.text.value, list[str]()
        for annotation in part.text.annotations:
            if annotation.type == "file_citation":
                name = self.client.files.retrieve(annotation.file_citation.file_id).filename
                if name not in sources:
                    sources.append(name)
                text = text.replace(annotation.text, f" [{sources.index(name) + 1}]")
        return Answer(text, tuple(sources))
