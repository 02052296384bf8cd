"""https://platform.openai.com/docs/api-reference/threads (create-and-run stands with the runs)"""

from ..conversation import Conversation
from ..objects.base import Deleted, blank, made_of
from ..objects.messages import CreateThread, Thread, UpdateThread
from ..routing import operation
from ..world import World
from .attaching import attach
from .messages import check_messages, made_message
from .resources import THREAD_EXPIRY, check_resources, made, sent_store_ids


@operation("threads.create", "POST /threads")
def create(world: World, body: CreateThread) -> Thread:
    """Make a thread, with its first messages and the stores that it asks for."""
    check_thread(world, body)
    return place_conversation(world, new_conversation(world, body), body).thread


@operation("threads.retrieve", "GET /threads/{thread_id}")
def retrieve(world: World, thread_id: str) -> Thread:
    """A thread, or the 404."""
    return world.conversation(thread_id).thread


@operation("threads.update", "POST /threads/{thread_id}")
def update(world: World, thread_id: str, body: UpdateThread) -> Thread:
    """Replace the fields that are given. Raises the 404 for no such thread."""
    conversation = world.conversation(thread_id)
    if body.tool_resources is not None:
        check_resources(world, body.tool_resources)
    resources = made(world, body.tool_resources, conversation.thread.tool_resources)
    conversation.thread = conversation.thread.with_changes(tool_resources=resources, **body.given("metadata"))
    return conversation.thread


@operation("threads.delete", "DELETE /threads/{thread_id}")
def delete(world: World, thread_id: str) -> Deleted:
    """Take a thread out, and end what still runs on it. Raises the 404 for no such thread."""
    conversation = world.conversation(thread_id)
    for timeline in conversation.timelines.values():
        timeline.refuse_own_script("was deleted with its thread")
    world.departed.append(world.conversations.pop(thread_id))
    for timeline in conversation.timelines.values():
        timeline.close()
    return Deleted(id=thread_id, object="thread.deleted")


def check_thread(world: World, body: CreateThread) -> None:
    """Refuse messages that cannot be taken, and where the fake was told to (`require_files=True`) ids of nothing."""
    if body.tool_resources is not None:
        check_resources(world, body.tool_resources)
    check_messages(world, body.messages or (), sent_store_ids(body.tool_resources))


def new_conversation(world: World, body: CreateThread, id: str | None = None) -> Conversation:
    """A checked thread with its first messages, made, but not yet in the world."""
    fields = {
        **blank(Thread),
        "id": id or world.ids.make("thread"),
        "created_at": world.clock.timestamp,
        "metadata": body.metadata or {},
    }
    conversation = Conversation(made_of(Thread, fields))
    for message in body.messages or ():
        conversation.put_message(made_message(world, conversation, message))
    return conversation


def place_conversation(world: World, conversation: Conversation, body: CreateThread) -> Conversation:
    """Put a new conversation into the world, and with it the vector stores that it asked for."""
    if body.tool_resources is not None:
        resources = made(world, body.tool_resources, expiry=THREAD_EXPIRY)
        conversation.thread = conversation.thread.with_changes(tool_resources=resources)
    for message in conversation.messages.objects.values():
        if message.attachments:
            attach(world, conversation, message)
    world.conversations[conversation.thread.id] = conversation
    return conversation
