"""Plays the client's side of a scenario, as code under test would: polled or streamed, sync or async."""

import asyncio
from inspect import isawaitable
from typing import Any

from openai import AsyncOpenAI, OpenAI

from openai_fake import OpenAIFake, Scenario
from openai_fake.scenario.lines import kind_of
from openai_fake.scenario.symbols import resolved

SENT = ("model", "name", "description", "instructions", "tools", "temperature", "top_p", "metadata", "response_format")


class Client:
    """One client that does what the scenario says a client did."""

    def __init__(self, client: Any, scenario: Scenario, stream: bool) -> None:
        self._beta = client.beta
        self._scenario = scenario
        self._stream = stream
        self._ids = {next(iter(line.values())): line.get("id") for line in scenario.there}
        self._ids = {symbol: id or symbol for symbol, id in self._ids.items()}
        self._runs: dict[str, Any] = {}
        self._ends = {step["run"]: step for step in scenario.steps if "ends" in step}

    async def play(self) -> None:
        """All of it."""
        for step in self._scenario.steps:
            match kind_of(step):
                case "assistant":
                    fields = {name: step[name] for name in SENT if name in step}
                    made = await settled(self._beta.assistants.create(**{"model": "gpt-4o", **fields}))
                    self._ids[step["assistant"]] = made.id
                case "user":
                    await self._say(step, "user", step["user"])
                case "as_assistant":
                    await self._say(step, "assistant", step["as_assistant"])
                case "deleted":
                    given = {"thread_id": self._ids[step["thread"]], "message_id": self._ids[step["deleted"]]}
                    await settled(self._beta.threads.messages.delete(**given))
                case "run":
                    await self._start(step)
                case "outputs":
                    await self._submit(step)
                case "ends":
                    await self._finish(step)
        for symbol in self._runs:
            await self._poll(symbol)

    async def _thread(self, symbol: str) -> str:
        if symbol not in self._ids:
            self._ids[symbol] = (await settled(self._beta.threads.create())).id
        return str(self._ids[symbol])

    async def _say(self, step: Any, role: str, content: Any) -> None:
        thread = await self._thread(step["thread"])
        if isinstance(content, list):
            content = resolved(content, lambda symbol: self._ids.get(symbol) or symbol)
        await settled(self._beta.threads.messages.create(thread_id=thread, role=role, content=content))

    async def _start(self, step: Any) -> None:
        thread = await self._thread(step["thread"])
        assistant = self._ids[step["assistant"]]
        runs = self._beta.threads.runs
        given = {"thread_id": thread, "assistant_id": assistant}
        if self._stream and not self._is_cancelled(step["run"]):
            self._runs[step["run"]] = await last_run(await settled(runs.create(**given, stream=True)))
        else:
            self._runs[step["run"]] = await settled(runs.create(**given))

    def _is_cancelled(self, symbol: str) -> bool:
        return {"run": symbol, "ends": "cancelled"}.items() <= self._ends.get(symbol, {}).items()

    async def _poll(self, symbol: str) -> Any:
        run = self._runs[symbol]
        while run.status in ("queued", "in_progress", "cancelling"):
            run = await settled(self._beta.threads.runs.retrieve(run.id, thread_id=run.thread_id))
        self._runs[symbol] = run
        return run

    async def _submit(self, step: Any) -> None:
        run = await self._poll(step["run"])
        calls = run.required_action.submit_tool_outputs.tool_calls
        outputs = [{"tool_call_id": c.id, "output": o} for c, o in zip(calls, step["outputs"], strict=True)]
        given = {"run_id": run.id, "thread_id": run.thread_id, "tool_outputs": outputs}
        runs = self._beta.threads.runs
        if self._stream and not self._is_cancelled(step["run"]):
            self._runs[step["run"]] = await last_run(await settled(runs.submit_tool_outputs(**given, stream=True)))
        else:
            self._runs[step["run"]] = await settled(runs.submit_tool_outputs(**given))

    async def _finish(self, step: Any) -> None:
        if step["ends"] == "cancelled":
            run = self._runs[step["run"]]
            self._runs[step["run"]] = await settled(self._beta.threads.runs.cancel(run.id, thread_id=run.thread_id))
        await self._poll(step["run"])


async def settled(value: Any) -> Any:
    """What a sync client gives, or an async one has promised."""
    return await value if isawaitable(value) else value


async def last_run(stream: Any) -> Any:
    """Read a stream to its end; gives the run as it was told last."""
    if hasattr(stream, "__aiter__"):
        events = [event async for event in stream]
    else:
        events = list(stream)
    return [event.data for event in events if event.event.count(".") == 2 and ".run." in event.event][-1]


def play(scenario: Scenario, *, stream: bool, sync: bool, **options: Any) -> tuple[str, Scenario]:
    """Replay a scenario and play its client; gives the transcript and what was exported."""
    with OpenAIFake(scenario=scenario, **options) as fake:
        if sync:
            client: Any = OpenAI(api_key="fake", http_client=fake.http_client())
            asyncio.run(Client(client, scenario, stream).play())
        else:
            asyncio.run(_play_async(fake, scenario, stream))
        return fake.transcript(), fake.scenario()


async def _play_async(fake: OpenAIFake, scenario: Scenario, stream: bool) -> None:
    async with AsyncOpenAI(api_key="fake", http_client=fake.async_http_client()) as client:
        await Client(client, scenario, stream).play()
