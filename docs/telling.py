"""One script, played twice: polled by one client, streamed by another. What the picture is drawn from."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from openai_fake import OpenAIFake, reply, tool_call
from openai_fake.timeline import Event

API = "https://api.openai.com/v1"
BETA = {"openai-beta": "assistants=v2"}


@dataclass(frozen=True)
class Reading:
    """One request: what was asked, the status its answer ends on, and how many events of the run had happened before
    it and after it. `events`: the names it has sent, if it is a stream."""

    asked: str
    status: str
    before: int
    after: int
    events: tuple[str, ...] = ()


@dataclass(frozen=True)
class Told:
    """A run: the instant it was created at, what happened, and how it was read."""

    start: float
    events: list[Event]
    readings: list[Reading]


def polled() -> Told:
    """The run as a polling client reads it."""
    return _told(stream=False)


def streamed() -> Told:
    """The same run as a streaming client reads it."""
    return _told(stream=True)


def _told(*, stream: bool) -> Told:
    with OpenAIFake() as fake:
        fake.add_assistant("asst_weather")
        fake.add_thread("thread_1", messages=[{"role": "user", "content": "What is the weather in Paris?"}])

        @fake.script
        def weather(run: Any) -> Any:
            (forecast,) = yield tool_call("get_weather", city="Paris")
            yield reply(f"It is {forecast} in Paris.")

        client = Client(fake, stream)
        client.post("/threads/thread_1/runs", {"assistant_id": "asst_weather"})
        while client.run.status != "completed":
            if client.run.status == "requires_action":
                (call,) = client.run.required_action.submit_tool_outputs.tool_calls
                outputs = {"tool_outputs": [{"tool_call_id": call.id, "output": "sunny"}]}
                client.post(f"/threads/thread_1/runs/{client.run.id}/submit_tool_outputs", outputs)
            else:
                client.get(f"/threads/thread_1/runs/{client.run.id}")
        return Told(fake.clock.start, fake.events(client.run.id), client.readings)


class Client:
    """A client that writes down what it has asked and how far the run had come by then."""

    def __init__(self, fake: OpenAIFake, stream: bool) -> None:
        self._fake = fake
        self._http = fake.http_client()
        self._stream = stream
        self.readings: list[Reading] = []

    @property
    def run(self) -> Any:
        """The run as it now is."""
        (run,) = self._fake.thread("thread_1").runs
        return run

    def get(self, path: str) -> None:
        """Ask for something, and write down how that went."""
        self._read(f"GET …/{_last(path)}", lambda: self._http.get(API + path, headers=BETA))

    def post(self, path: str, body: dict[str, Any]) -> None:
        """Send something, as a stream where this client streams."""
        if self._stream:
            body = {**body, "stream": True}
        self._read(f"POST …/{_last(path)}", lambda: self._http.post(API + path, headers=BETA, json=body))

    def _read(self, asked: str, ask: Callable[[], Any]) -> None:
        before = self._happened()
        answer = ask()
        assert answer.status_code == 200, answer.text
        lines = answer.text.splitlines()
        events = tuple(line.removeprefix("event: ") for line in lines if line.startswith("event: "))
        self.readings.append(Reading(asked, self.run.status, before, self._happened(), events))

    def _happened(self) -> int:
        runs = self._fake.thread("thread_1").runs
        return len(self._fake.events(runs[0].id)) if runs else 0


def _last(path: str) -> str:
    name = path.rpartition("/")[2]
    return "{run_id}" if name.startswith("run_") else name
