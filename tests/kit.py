"""What the tests of the engine share: bare calls at a fake's door, and everything there is in a world as plain JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from typing import Any

from pydantic import BaseModel

from openai_fake import OpenAIFake
from openai_fake.routing import Call, Reply

BETA = {"openai-beta": "assistants=v2"}


@dataclass(frozen=True)
class Answer:
    """An answer as a client sees it."""

    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.raw)

    @property
    def error(self) -> Any:
        """The error object, with the keys of the envelope checked."""
        # Files answer with a second object, `detail`, that says the same (semantics.md 7).
        assert list(self.json) in (["error"], ["error", "detail"]), self.raw
        error = self.json["error"]
        assert list(error) == ["message", "type", "param", "code"], error
        return error


class Api:
    """Calls of a fake's operations, with nothing between."""

    def __init__(self, fake: OpenAIFake) -> None:
        self.fake = fake

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: Mapping[str, object] | Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] = BETA,
    ) -> Answer:
        """One request. A body that is bytes goes as it is, anything else but `None` as JSON."""
        pairs = query.items() if isinstance(query, Mapping) else query
        sent = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        path_query = tuple((name, str(value)) for name, value in pairs)
        reply: Reply = self.fake._gate.answer(
            Call(method, "api.openai.com", path, path_query, headers, sent, f"/v1{path}")
        )
        body_sent = reply.body if isinstance(reply.body, bytes) else b"".join(reply.body)
        return Answer(reply.status, dict(reply.headers), body_sent)

    def ok(self, method: str, path: str, body: Any = None, **given: Any) -> Any:
        """The JSON of a request that has to succeed."""
        answer = self.send(method, path, body, **given)
        assert answer.status == 200, answer.raw.decode()
        return answer.json

    def refused(self, method: str, path: str, body: Any = None, **given: Any) -> tuple[int, str, Any, Any]:
        """Status, message, param and code of a request that has to be refused."""
        answer = self.send(method, path, body, **given)
        error = answer.error
        return answer.status, error["message"], error["param"], error["code"]

    def assistant(self, **fields: Any) -> str:
        """The id of a new assistant."""
        return str(self.ok("POST", "/assistants", {"model": "gpt-4o", "instructions": "Help.", **fields})["id"])

    def thread(self, *texts: str) -> str:
        """The id of a new thread with these user messages."""
        messages = [{"role": "user", "content": text} for text in texts]
        return str(self.ok("POST", "/threads", {"messages": messages})["id"])

    def run(self, thread: str | None = None, assistant: str | None = None, **fields: Any) -> Any:
        """A new run, on a thread and an assistant that are made where none are given."""
        body = {"assistant_id": assistant or self.assistant(), **fields}
        return self.ok("POST", f"/threads/{thread or self.thread('Hello!')}/runs", body)

    def poll(self, run: Any) -> Any:
        """The run, as one poll sees it."""
        return self.ok("GET", f"/threads/{run['thread_id']}/runs/{run['id']}")

    def settle(self, run: Any) -> Any:
        """The run when it rests: finished, or waiting for outputs."""
        while run["status"] in ("queued", "in_progress", "cancelling"):
            run = self.poll(run)
        return run

    def submit(self, run: Any, *outputs: str) -> Any:
        """The run after these outputs, in the order of its calls, were submitted."""
        calls = run["required_action"]["submit_tool_outputs"]["tool_calls"]
        given = [{"tool_call_id": call["id"], "output": text} for call, text in zip(calls, outputs, strict=True)]
        return self.ok("POST", f"{path_of(run)}/submit_tool_outputs", {"tool_outputs": given})

    def messages(self, thread: str, **query: Any) -> list[Any]:
        """The messages of a thread, oldest first unless the query says otherwise."""
        query = {"order": "asc", "limit": 100, **query}
        return list(self.ok("GET", f"/threads/{thread}/messages", query=query)["data"])

    def steps(self, run: Any, **query: Any) -> list[Any]:
        """The steps of a run, oldest first."""
        query = {"order": "asc", "limit": 100, **query}
        return list(self.ok("GET", f"{path_of(run)}/steps", query=query)["data"])


def path_of(run: Any) -> str:
    """The path of a run."""
    return f"/threads/{run['thread_id']}/runs/{run['id']}"


def api(**options: Any) -> Api:
    """A fake that patches nothing, and the way to call it."""
    return Api(OpenAIFake(**options))


def said(message: Any) -> str:
    """The text of a message in wire form."""
    return "".join(part["text"]["value"] for part in message["content"] if part["type"] == "text")


def dump(fake: OpenAIFake) -> Any:
    """Everything in a fake's world that a client or a test could tell apart, request ids and the call log left out."""
    world = fake._world
    conversations = {
        id: {
            "thread": it.thread,
            "messages": list(it.messages.values()),
            "runs": list(it.runs.values()),
            "steps": {run: list(it.steps(run).values()) for run in it.runs},
            "events": {run: [(e.name, e.at, e.data) for e in line.events] for run, line in it.timelines.items()},
            "due": {run: (line.due, line.rests, line.polls, line.shown) for run, line in it.timelines.items()},
            "journal": [(event.name, event.at, event.data) for event in it.journal],
        }
        for id, it in world.conversations.items()
    }
    counts = {kind: count for kind, count in world.ids._counts.items() if kind != "request"}
    return _plain(
        {
            "now": world.clock.now,
            "ids": counts,
            "assistants": list(world.assistants.values()),
            "files": list(world.files.values()),
            "stores": list(world.vector_stores.values()),
            "conversations": conversations,
            "scripts": [(str(script), script.played) for script in world.book.scripts],
            "misuses": [str(misuse) for misuse in world.misuses],
        }
    )


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump()
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return repr(value) if is_dataclass(value) else value
