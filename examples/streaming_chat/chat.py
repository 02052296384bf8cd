"""A chat that shows an answer while it is being written. Where the connection breaks, it polls for the rest."""

import time
from collections.abc import Callable

import httpx
from openai import APIConnectionError, APIError, AssistantEventHandler, AsyncOpenAI, OpenAI
from openai.types.beta.threads import Message, Text, TextDelta

Show = Callable[[str], object]

BROKEN: tuple[type[Exception], ...] = (APIConnectionError, httpx.TransportError)
try:
    import httpx2
except ImportError:  # openai 1.x and 2.x
    pass
else:
    BROKEN = (*BROKEN, httpx2.TransportError)


class Printer(AssistantEventHandler):
    """Shows the text as it comes, and remembers how much it has shown."""

    def __init__(self, show: Show) -> None:
        super().__init__()
        self.show = show
        self.shown = ""

    def on_text_delta(self, delta: TextDelta, snapshot: Text) -> None:
        """Called by the SDK for each piece."""
        self.say(delta.value or "")

    def say(self, text: str) -> None:
        """Show more."""
        self.shown += text
        self.show(text)


def chat(client: OpenAI, thread_id: str, assistant_id: str, show: Show) -> str:
    """Show the answer of a run piece by piece. Returns all of it."""
    runs = client.beta.threads.runs
    printer = Printer(show)
    try:
        with runs.stream(thread_id=thread_id, assistant_id=assistant_id, event_handler=printer) as stream:
            stream.until_done()
    except BROKEN:
        run = runs.list(thread_id, limit=1).data[0]
        while run.status in ("queued", "in_progress"):
            time.sleep(1)
            run = runs.retrieve(run.id, thread_id=thread_id)
        answer = text_of(client.beta.threads.messages.list(thread_id, limit=1).data[0])
        printer.say(answer.removeprefix(printer.shown))
    return printer.shown


async def chat_async(client: AsyncOpenAI, thread_id: str, assistant_id: str, show: Show) -> str:
    """The same from the bare events. Raises `APIError` where the run does not end well."""
    shown = ""
    stream = await client.beta.threads.runs.create(thread_id=thread_id, assistant_id=assistant_id, stream=True)
    async for event in stream:
        if event.event == "thread.message.delta":
            for part in event.data.delta.content or ():
                piece = ""
                if part.type == "text" and part.text:
                    piece = part.text.value or ""
                elif part.type == "refusal":
                    piece = part.refusal or ""
                shown += piece
                show(piece)
        elif event.event == "thread.run.failed" and event.data.last_error:
            raise APIError(event.data.last_error.message, stream.response.request, body=None)
    return shown


def text_of(message: Message) -> str:
    """What a message says."""
    return "".join(part.text.value for part in message.content if part.type == "text")
