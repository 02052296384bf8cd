"""The text of a stream as events."""

from typing import Any

from .exchanges import as_json


def parsed_events(text: str) -> list[tuple[str, Any]]:
    """The events of a stream, as pairs of a name and its data."""
    events = []
    for block in text.replace("\r\n", "\n").split("\n\n"):
        fields = dict(line.partition(":")[::2] for line in block.splitlines() if ":" in line)
        if "data" in fields:
            events.append((fields.get("event", "message").strip(), as_json(fields["data"].strip())))
    return events
