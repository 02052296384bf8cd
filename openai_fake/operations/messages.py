"""https://platform.openai.com/docs/api-reference/messages"""

from collections.abc import Sequence

from .. import errors
from ..collection import Page
from ..conversation import Conversation
from ..objects.base import Deleted, blank, made_of
from ..objects.lists import MessagesQuery
from ..objects.messages import (
    CreateMessage,
    Message,
    UpdateMessage,
    shown_attachments,
    shown_content,
)
from ..polling import look
from ..routing import operation
from ..world import World
from .attaching import attach
from .paging import paged
from .resources import check_living, store_ids
from .searchable import check_searchable


@operation("messages.create", "POST /threads/{thread_id}/messages")
def create(world: World, thread_id: str, body: CreateMessage) -> Message:
    """Add a client's message. Refused while a run locks the thread."""
    conversation = world.conversation(thread_id)
    check_messages(world, [body], store_ids(conversation.thread.tool_resources))
    if conversation.active_run is not None:
        look(world, conversation)
        raise errors.thread_is_locked(thread_id, conversation.active_run.id)
    message = conversation.put_message(made_message(world, conversation, body))
    attach(world, conversation, message)
    return message


@operation("messages.retrieve", "GET /threads/{thread_id}/messages/{message_id}")
def retrieve(world: World, thread_id: str, message_id: str) -> Message:
    """A message, also one that is being written; or the 404. It moves nothing on."""
    conversation = world.conversation(thread_id)
    message = world.find(conversation.messages, message_id)
    look(world, conversation)
    return message


@operation("messages.update", "POST /threads/{thread_id}/messages/{message_id}")
def update(world: World, thread_id: str, message_id: str, body: UpdateMessage) -> Message:
    """Replace the metadata. Raises the 404 for no such message."""
    conversation = world.conversation(thread_id)
    message = world.find(conversation.messages, message_id)
    return conversation.put_message(message.with_changes(**body.given("metadata")))


@operation("messages.list", "GET /threads/{thread_id}/messages")
def list(world: World, thread_id: str, query: MessagesQuery) -> Page[Message]:
    """A page of the messages that are finished, of one run where it is asked for."""
    conversation = world.conversation(thread_id)
    look(world, conversation, query)

    def listed(message: Message) -> bool:
        # The service never listed a message that was still being written (recorded.md 7).
        return message.status != "in_progress" and query.run_id in (None, message.run_id)

    are_all_listed = query.run_id is None and not conversation.unfinished
    return paged(world, conversation.messages, query, None if are_all_listed else listed)


@operation("messages.delete", "DELETE /threads/{thread_id}/messages/{message_id}")
def delete(world: World, thread_id: str, message_id: str) -> Deleted:
    """Take a message out. Raises the 404 for no such message."""
    conversation = world.conversation(thread_id)
    world.find(conversation.messages, message_id)
    conversation.remove_message(message_id, world.clock.now)
    return Deleted(id=message_id, object="thread.message.deleted")


def check_messages(world: World, sent: Sequence[CreateMessage], stores: Sequence[str] = ()) -> None:
    """Refuse files that cannot be searched, or that would go into one of their thread's `stores` (ids) that has
    expired, and where the fake was told to (`require_files=True`) ids of nothing."""
    for message in sent:
        for attachment in message.attachments or ():
            file_id = attachment.get("file_id")
            if file_id is not None and any(tool["type"] == "file_search" for tool in attachment.get("tools") or ()):
                check_searchable(world, file_id)
                check_living(world, stores)
    if not world.settings.require_files:
        return
    for message in sent:
        for part in message.content if not isinstance(message.content, str) else ():
            if part["type"] == "image_file":
                world.file(part["image_file"]["file_id"])
        for attachment in message.attachments or ():
            if (file_id := attachment.get("file_id")) is not None:
                world.file(file_id)


def made_message(world: World, conversation: Conversation, sent: CreateMessage, id: str | None = None) -> Message:
    """A client's message, made but not yet in its thread."""
    now = world.clock.timestamp
    fields = {
        **blank(Message),
        "id": id or world.ids.make("message"),
        "created_at": now,
        "completed_at": now,
        "thread_id": conversation.thread.id,
        "role": sent.role,
        "content": shown_content(sent.content),
        "attachments": shown_attachments(sent.attachments) if sent.attachments else [],
        "metadata": sent.metadata or {},
    }
    return made_of(Message, fields)
