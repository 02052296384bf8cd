"""A support bot: it looks up orders and opens tickets."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

import openai
from openai import OpenAI

APOLOGY = "Sorry, I cannot answer just now. I have opened ticket {ticket} for you."


@dataclass
class Shop:
    """What the bot can look up and do."""

    orders: dict[str, str]
    tickets: list[str] = field(default_factory=list)

    def order_status(self, order_id: str) -> str:
        """Where an order is."""
        return self.orders.get(order_id, "unknown order")

    def open_ticket(self, summary: str) -> str:
        """Hand a question to people. Returns the number of the ticket."""
        self.tickets.append(summary)
        return f"T-{len(self.tickets)}"


class SupportBot:
    """Answers customers, each on a thread of their own."""

    def __init__(self, client: OpenAI, assistant_id: str, shop: Shop) -> None:
        self.client = client
        self.assistant_id = assistant_id
        self.shop = shop
        self.tools: dict[str, Callable[..., str]] = {
            "order_status": shop.order_status,
            "open_ticket": shop.open_ticket,
        }

    def ask(self, question: str, thread_id: str | None = None) -> str:
        """The answer, or an apology and a ticket."""
        threads = self.client.beta.threads
        thread_id = thread_id or threads.create().id
        threads.messages.create(thread_id, role="user", content=question)
        try:
            run = threads.runs.create_and_poll(thread_id=thread_id, assistant_id=self.assistant_id)
            while run.status == "requires_action" and run.required_action:
                run = threads.runs.submit_tool_outputs_and_poll(
                    run_id=run.id,
                    thread_id=thread_id,
                    tool_outputs=[
                        {"tool_call_id": call.id, "output": self.call(call.function.name, call.function.arguments)}
                        for call in run.required_action.submit_tool_outputs.tool_calls
                    ],
                )
        except openai.APIError as error:
            return self.apologize(question, str(error))
        if run.status != "completed":
            return self.apologize(question, run.last_error.message if run.last_error else run.status)
        newest = threads.messages.list(thread_id, limit=1).data[0]
        return "".join(part.text.value for part in newest.content if part.type == "text")

    def call(self, name: str, arguments: str) -> str:
        """What a tool gives; a mistake of the model's is told to the model."""
        try:
            return self.tools[name](**json.loads(arguments))
        except (KeyError, TypeError, ValueError) as error:
            return f"error: {error!r}"

    def apologize(self, question: str, reason: str) -> str:
        """A ticket, and an answer that names it."""
        return APOLOGY.format(ticket=self.shop.open_ticket(f"{question} ({reason})"))
