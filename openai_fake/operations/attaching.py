"""Message attachments: their files join what the thread's tools may use."""

from ..conversation import Conversation
from ..objects.messages import Message
from ..objects.tools import CodeInterpreterResources, FileSearchResources, Resources
from ..world import World
from .resources import THREAD_EXPIRY


def attach(world: World, conversation: Conversation, message: Message) -> None:
    """Add the files of a message to its thread: to the interpreter's list, and to its vector store."""
    for attachment in message.attachments:
        kinds = {tool["type"] for tool in attachment["tools"]}
        if attachment["file_id"] is None:
            continue
        if "code_interpreter" in kinds:
            _to_interpreter(conversation, attachment["file_id"])
        if "file_search" in kinds:
            _to_store(world, conversation, attachment["file_id"])


def _to_interpreter(conversation: Conversation, file_id: str) -> None:
    there = conversation.thread.tool_resources.code_interpreter
    ids = [*(there.file_ids if there else ()), file_id]
    _change(conversation, code_interpreter=CodeInterpreterResources(file_ids=list(dict.fromkeys(ids))))


def _to_store(world: World, conversation: Conversation, file_id: str) -> None:
    """Into the thread's store, or into one that is made for it. A store that is not there is left alone."""
    from ..stores import Member

    there = conversation.thread.tool_resources.file_search
    if there is None or not there.vector_store_ids:
        store = world.stores.add(None, [Member(file_id)], expires_after=dict(THREAD_EXPIRY))
        _change(conversation, file_search=FileSearchResources(vector_store_ids=[store.id]))
    elif there.vector_store_ids[0] in world.vector_stores:
        world.stores.put_file(there.vector_store_ids[0], Member(file_id))


def _change(conversation: Conversation, **changes: object) -> None:
    given = {**conversation.thread.tool_resources.given(), **changes}
    conversation.thread = conversation.thread.with_changes(tool_resources=Resources(**given))
