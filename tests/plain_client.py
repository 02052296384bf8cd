"""A conversation with no SDK, over the one client that is always there: for tests of what stands around the fake."""

from functools import cache
from typing import Any

import httpx

URL = "https://api.openai.com/v1"
HEADERS = {"OpenAI-Beta": "assistants=v2", "Authorization": "Bearer sk-test"}


@cache
def _client() -> httpx.Client:
    # One for all: an SSL context takes longer than a conversation.
    return httpx.Client()


def send(method: str, path: str, body: Any = None, client: Any = None) -> Any:
    """One request, and its answer as JSON."""
    return (client or _client()).request(method, f"{URL}{path}", headers=HEADERS, json=body).json()


def new_thread(client: Any = None) -> str:
    """The id of a new thread."""
    return str(send("POST", "/threads", {}, client)["id"])


def answer(question: str, assistant: str | None = None, client: Any = None) -> str:
    """What the assistant says to a question: four requests, or five with an assistant of its own."""
    assistant = assistant or send("POST", "/assistants", {"model": "gpt-4o"}, client)["id"]
    thread = {"messages": [{"role": "user", "content": question}]}
    run = send("POST", "/threads/runs", {"assistant_id": assistant, "thread": thread}, client)
    while run["status"] in ("queued", "in_progress"):
        run = send("GET", f"/threads/{run['thread_id']}/runs/{run['id']}", client=client)
    newest = send("GET", f"/threads/{run['thread_id']}/messages?limit=1", client=client)
    return str(newest["data"][0]["content"][0]["text"]["value"])
