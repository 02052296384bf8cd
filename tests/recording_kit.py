"""Records what the fake itself answers, as a recording of the service would stand in a file."""

import json
from dataclasses import replace
from typing import Any

from openai_fake.api import Door, DoorSettings
from openai_fake.calls import CallLog
from openai_fake.clock import Clock
from openai_fake.fidelity.asking import answer_of
from openai_fake.routing import Call
from openai_fake.scenario.exchanges import Exchange, Recording
from openai_fake.script import Script, as_acts
from openai_fake.world import Settings, World


class Recorder:
    """A fake in its recorded profile, and everything that it was asked and has answered."""

    def __init__(self, *, polls: int = 1) -> None:
        self.world = World(Settings(profile="recorded", polls=polls), Clock())
        self._door = Door(self.world, CallLog(), DoorSettings(poll_after_ms=None))
        self.exchanges: list[Exchange] = []

    def script(self, *acts: Any) -> None:
        """What the assistant does in the next run."""
        self.world.book.add(Script(as_acts(acts)))

    def ask(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        """One request; gives the answer's JSON, or its events."""
        sent = b"" if body is None else json.dumps(body).encode()
        headers = {"openai-beta": "assistants=v2"}
        reply = self._door.answer(Call(method, "api.openai.com", path, tuple(query.items()), headers, sent))
        asked = Exchange(len(self.exchanges), method, path, 0, tuple(query.items()), "assistants=v2", body)
        got = answer_of(reply)
        self.exchanges.append(
            replace(
                asked,
                status=got.status,
                content_type=got.content_type,
                response=got.response,
                events=got.events,
                at=self.world.clock.timestamp,
            )
        )
        return got.response if got.events is None else got.events

    def recording(self) -> Recording:
        """All of it."""
        return Recording("own", tuple(self.exchanges))


def with_response(recording: Recording, number: int, response: Any) -> Recording:
    """The same recording with another answer to one request."""
    exchanges = list(recording.exchanges)
    exchanges[number] = replace(exchanges[number], response=response)
    return replace(recording, exchanges=tuple(exchanges))


def plain_form(recording: Recording) -> dict[str, Any]:
    """The recording as it stands in a file of the plain form."""
    entries = []
    for exchange in recording.exchanges:
        answer = {"response": exchange.response} if exchange.events is None else {"events": exchange.events}
        entries.append(
            {
                "at": exchange.at,
                "method": exchange.method,
                "path": exchange.path,
                "query": dict(exchange.query),
                "beta": exchange.beta,
                "request": exchange.request,
                "status": exchange.status,
                "content_type": exchange.content_type,
                **answer,
            }
        )
    return {"source": "the fake itself", "exchanges": entries}
