"""Messages and threads: what a client sends, and what the service keeps."""

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Tag
from typing_extensions import TypedDict

from .base import AS_IT_IS, Body, Field, Metadata, Wire, given, made_of, string_or
from .tools import CodeInterpreterToolSent, FileSearchName, Resources, ResourcesMade, ResourcesSent

Detail = Literal["auto", "low", "high"]


class TextShown(TypedDict):
    """Text as the service shows it: accepted back, because clients send what they were given."""

    value: str
    annotations: NotRequired[list[dict[str, Any]] | None]


class TextSent(TypedDict):
    """A text part, as a plain string or as the service shows it."""

    type: Literal["text"]
    text: Annotated[
        Annotated[str, Tag("<string>")] | Annotated[TextShown, Tag("<object>")], string_or("<object>", "a string")
    ]


class ImageFileSent(TypedDict):
    """The file of an image, and how closely to look at it."""

    file_id: str
    detail: NotRequired[Detail | None]


class ImageFilePartSent(TypedDict):
    """An image that was uploaded."""

    type: Literal["image_file"]
    image_file: ImageFileSent


class ImageUrlSent(TypedDict):
    """The address of an image, and how closely to look at it."""

    url: str
    detail: NotRequired[Detail | None]


class ImageUrlPartSent(TypedDict):
    """An image of the web."""

    type: Literal["image_url"]
    image_url: ImageUrlSent


PartSent = Annotated[TextSent | ImageFilePartSent | ImageUrlPartSent, Field(discriminator="type")]
ContentSent = Annotated[
    Annotated[str, Field(max_length=256_000), Tag("<string>")]
    | Annotated[list[PartSent], Field(min_length=1), Tag("<array>")],
    string_or("<array>", "one of a string or array of objects"),
]


class AttachmentSent(TypedDict, total=False):
    """A file for the tools of a thread."""

    file_id: str | None
    tools: list[Annotated[CodeInterpreterToolSent | FileSearchName, Field(discriminator="type")]] | None


class CreateMessage(Body):
    """https://platform.openai.com/docs/api-reference/messages/createMessage"""

    role: Literal["user", "assistant"]
    content: ContentSent
    attachments: list[AttachmentSent] | None = None
    metadata: Metadata | None = None


class UpdateMessage(Body):
    """https://platform.openai.com/docs/api-reference/messages/modifyMessage"""

    metadata: Metadata | None = None


class CreateThread(Body):
    """https://platform.openai.com/docs/api-reference/threads/createThread"""

    messages: list[CreateMessage] | None = None
    tool_resources: ResourcesMade | None = None
    metadata: Metadata | None = None


class UpdateThread(Body):
    """https://platform.openai.com/docs/api-reference/threads/modifyThread"""

    tool_resources: ResourcesSent | None = None
    metadata: Metadata | None = None


class Text(Wire):
    """A text and the places in it that cite files."""

    value: str
    annotations: list[dict[str, Any]] = Field(default_factory=list)


class TextPart(Wire):
    """A text part of a message."""

    type: Literal["text"] = "text"
    text: Text


class ImageFile(Wire):
    """An image by its file's id."""

    file_id: str
    detail: str = "auto"


class ImageFilePart(Wire):
    """A part of a message that shows a file."""

    type: Literal["image_file"] = "image_file"
    image_file: ImageFile


class ImageUrl(Wire):
    """An image by its address."""

    url: str
    detail: str = "auto"


class ImageUrlPart(Wire):
    """A part of a message that shows an image of the web."""

    type: Literal["image_url"] = "image_url"
    image_url: ImageUrl


class RefusalPart(Wire):
    """A part of a message that declines."""

    type: Literal["refusal"] = "refusal"
    refusal: str


Part = Annotated[TextPart | ImageFilePart | ImageUrlPart | RefusalPart, Field(discriminator="type"), AS_IT_IS]


class IncompleteMessage(Wire):
    """Why a message broke off."""

    reason: str


class Message(Wire):
    """https://platform.openai.com/docs/api-reference/messages/object"""

    id: str
    object: Literal["thread.message"] = "thread.message"
    created_at: int
    assistant_id: str | None = None
    thread_id: str
    run_id: str | None = None
    status: Literal["in_progress", "incomplete", "completed"] = "completed"
    incomplete_details: IncompleteMessage | None = None
    incomplete_at: int | None = None
    completed_at: int | None = None
    role: Literal["user", "assistant"]
    content: list[Part]
    attachments: list[dict[str, Any]] = Field(default_factory=list)
    metadata: dict[str, str] = Field(default_factory=dict)

    @property
    def text(self) -> str:
        """What the message says: its text and refusal parts, one after another."""
        said = (
            part.text.value if isinstance(part, TextPart) else getattr(part, "refusal", "") for part in self.content
        )
        return "".join(said)


class Thread(Wire):
    """https://platform.openai.com/docs/api-reference/threads/object"""

    id: str
    object: Literal["thread"] = "thread"
    created_at: int
    metadata: dict[str, str] = Field(default_factory=dict)
    tool_resources: Resources = Field(default_factory=Resources.usual)


def shown_content(sent: str | list[PartSent]) -> list[Part]:
    """Content as the service keeps it: a string becomes one text part, `detail` is filled in."""
    if isinstance(sent, str):
        return [made_of(TextPart, {"type": "text", "text": made_of(Text, {"value": sent, "annotations": []})})]
    return [_shown(part) for part in sent]


def _shown(part: PartSent) -> Part:
    if part["type"] == "image_file":
        return ImageFilePart(image_file=ImageFile(**given(part["image_file"], "file_id", "detail")))
    if part["type"] == "image_url":
        return ImageUrlPart(image_url=ImageUrl(**given(part["image_url"], "url", "detail")))
    text = part["text"]
    said = {"value": text} if isinstance(text, str) else given(text, "value", "annotations")
    return TextPart.made(text=Text.made(**said))


def shown_attachments(sent: list[AttachmentSent]) -> list[dict[str, Any]]:
    """Attachments as the service echoes them: in their order, the same file twice if it was sent twice."""
    return [
        {"file_id": item.get("file_id"), "tools": [{"type": tool["type"]} for tool in item.get("tools") or ()]}
        for item in sent
    ]
