"""Runs in the environment of `openai-responses`: the same work with it and with the fake, in turn. Prints JSON."""

import json
import sys
import warnings
from typing import Any

import openai
from openai_responses import OpenAIMock

from benchmarks.measure import always, in_turn
from openai_fake import OpenAIFake, reply


def ours() -> None:
    """Open and close a fake."""
    with OpenAIFake():
        pass


def theirs() -> None:
    """Open and close a mock."""
    with OpenAIMock().router:
        pass


def our_seven() -> None:
    """A fresh fake, a client of the kind its fixture gives, seven calls."""
    with OpenAIFake() as fake:
        fake.script(reply("Hello!"))
        client = openai.OpenAI(http_client=fake.http_client())
        assert seven(client, lambda run_id: None) == "Hello!"


def their_seven() -> None:
    """A fresh mock, a client as its users make it, the same seven calls; the run is moved on by hand."""
    mock = OpenAIMock()
    with mock.router:
        # Its default answer does not fit the SDK's types any more; these fields are what it lacks.
        lacking = {"thread_id": "thread_1", "model": "gpt-4o", "tools": []}
        mock.beta.threads.runs.create.response = {"status": "queued", **lacking}
        client = openai.OpenAI(api_key="sk-benchmark")

        def move_on(run_id: str) -> None:
            run = mock.state.beta.threads.runs.get(run_id)
            assert run is not None
            run.status = "completed"

        seven(client, move_on)


def seven(client: Any, move_on: Any) -> str:
    """Seven calls of one short conversation. Returns the text of the newest message."""
    beta = client.beta
    assistant = beta.assistants.create(model="gpt-4o", instructions="You are helpful.")
    thread = beta.threads.create()
    beta.threads.messages.create(thread.id, role="user", content="Hello?")
    run = beta.threads.runs.create(thread_id=thread.id, assistant_id=assistant.id)
    run = beta.threads.runs.retrieve(run.id, thread_id=thread.id)
    move_on(run.id)
    run = beta.threads.runs.retrieve(run.id, thread_id=thread.id)
    assert run.status == "completed", run.status
    text: str = beta.threads.messages.list(thread.id).data[0].content[0].text.value
    return text


def main() -> None:
    """Measure, and print what was found."""
    warnings.simplefilter("ignore", DeprecationWarning)
    rounds, calls = (1, 2) if "--quick" in sys.argv else (11, 20)
    opening = in_turn({"ours": always(ours), "theirs": always(theirs)}, rounds, calls)
    talking = in_turn({"ours": always(our_seven), "theirs": always(their_seven)}, rounds, calls)
    found = {
        "openai": openai.__version__,
        "open": opening["ours"].median,
        "open ratio": opening["ours"].over(opening["theirs"]),
        "seven": talking["ours"].median,
        "seven ratio": talking["ours"].over(talking["theirs"]),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
