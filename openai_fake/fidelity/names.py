"""Recorded ids and the fake's, one to one: a reference is right if it names what it named in the recording."""

import re
from dataclasses import fields, is_dataclass, replace
from typing import Any

ID = re.compile(r"(?:asst|thread|msg|run|step|call|file|vs|vsfb|ibj|upload|part|assistant)[-_][A-Za-z0-9_-]+")


class Names:
    """Which of the fake's ids stands for which recorded one."""

    def __init__(self) -> None:
        self._fakes: dict[str, str] = {}
        self._recorded: dict[str, str] = {}

    def __contains__(self, recorded: str) -> bool:
        return recorded in self._fakes

    def fake(self, recorded: str) -> str:
        """The fake's id for a recorded one; what is not known stays as it is."""
        return self._fakes.get(recorded, recorded)

    def bind(self, recorded: str, fake: str) -> bool:
        """Let two ids stand for each other. False if one of them stands for another already."""
        if recorded in self._fakes or fake in self._recorded:
            return self._fakes.get(recorded) == fake
        self._fakes[recorded] = fake
        self._recorded[fake] = recorded
        return True

    def translated(self, value: Any) -> Any:
        """A recorded body, or acts made of one, with the fake's ids in the place of the recorded ones."""
        if isinstance(value, str):
            return self.fake(value)
        if isinstance(value, list | tuple):
            return type(value)(self.translated(item) for item in value)
        if isinstance(value, dict):
            return {key: self.translated(item) for key, item in value.items()}
        if is_dataclass(value) and not isinstance(value, type):
            return replace(
                value, **{field.name: self.translated(getattr(value, field.name)) for field in fields(value)}
            )
        return value

    def told(self, text: str) -> str:
        """A recorded text, with every id in it replaced."""
        return ID.sub(lambda found: self.fake(found.group()), text)
