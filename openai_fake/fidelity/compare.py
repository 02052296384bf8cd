"""Two answers side by side: what of their form differs (recorded.md 10 says what the form is).

Compared are key order, JSON types and nulls by path, texts and constants, ids by what they stand for, lengths of
lists. Of timestamps it counts whether they are there, and of token counts that they are counts.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..differing import short
from .names import ID, Names


@dataclass(frozen=True, slots=True)
class Difference:
    """`path`: where, with `[]` for any index. `kind`: what differs. `recorded`, `fake`: the two sides."""

    path: str
    kind: str
    recorded: Any
    fake: Any

    def __str__(self) -> str:
        return f"{self.path or 'the answer'}: {self.kind}: recorded {short(self.recorded)}, fake {short(self.fake)}"


def differences(recorded: Any, fake: Any, names: Names, path: str = "") -> Iterator[Difference]:
    """All differences of two JSON values."""
    if _type(recorded) != _type(fake):
        yield Difference(path, "type", recorded, fake)
    elif isinstance(recorded, dict):
        yield from _of_objects(recorded, fake, names, path)
    elif isinstance(recorded, list):
        if len(recorded) != len(fake):
            yield Difference(path, "length", len(recorded), len(fake))
        for one, other in zip(recorded, fake, strict=False):
            yield from differences(one, other, names, f"{path}[]")
    elif isinstance(recorded, str):
        yield from _of_texts(recorded, fake, names, path)
    elif not _is_measured(path) and recorded != fake:
        yield Difference(path, "value", recorded, fake)


def signature(value: Any) -> Any:
    """The form of a value without its content: key order and types."""
    if isinstance(value, dict):
        return tuple((key, signature(item)) for key, item in value.items())
    if isinstance(value, list):
        return ("list", *sorted({repr(signature(item)) for item in value}))
    return _type(value)


def broken_rules(item: Any) -> Iterator[str]:
    """The rules between the fields of one object that it breaks."""
    for value in _all_objects(item):
        if "prompt_tokens" in value and value["total_tokens"] != value["prompt_tokens"] + value["completion_tokens"]:
            yield "total_tokens is prompt_tokens and completion_tokens"
        created = value.get("created_at") or 0
        expires = value.get("expires_at")
        if value.get("object") == "thread.run" and isinstance(expires, int) and expires != created + 600:
            yield "a run expires 600 s after it was created"
        for stamp in ("started_at", "completed_at", "cancelled_at", "failed_at", "incomplete_at"):
            if isinstance(value.get(stamp), int) and value[stamp] < created:
                yield f"{stamp} is not before created_at"
        if value.get("object") == "list" and "first_id" in value:
            ends = [value["data"][place].get("id") if value["data"] else None for place in (0, -1)]
            if [value["first_id"], value["last_id"]] != ends:
                yield "first_id and last_id are those of the data"


def _of_objects(recorded: dict[str, Any], fake: dict[str, Any], names: Names, path: str) -> Iterator[Difference]:
    for key in [key for key in recorded if key not in fake]:
        yield Difference(f"{path}.{key}", "missing", recorded[key], None)
    for key in [key for key in fake if key not in recorded]:
        yield Difference(f"{path}.{key}", "extra", None, fake[key])
    common = [key for key in recorded if key in fake]
    order = [key for key in fake if key in recorded]
    if common != order:
        yield Difference(path, "key order", common, order)
    for key in common:
        yield from differences(recorded[key], fake[key], names, f"{path}.{key}")


def _of_texts(recorded: str, fake: str, names: Names, path: str) -> Iterator[Difference]:
    if _names_something(path, recorded):
        if not (_prefix(recorded) == _prefix(fake) and names.bind(recorded, fake)):
            yield Difference(path, "id", recorded, fake)
    elif _masked(names.told(recorded)) != _masked(fake):
        yield Difference(path, "text", recorded, fake)


def _names_something(path: str, value: str) -> bool:
    key = path.rpartition(".")[2].removesuffix("[]")
    return ID.fullmatch(value) is not None and (key == "id" or key.endswith(("_id", "_ids")))


def _masked(text: str) -> str:
    """A refusal without what nobody can know: the key that was refused, and the request's id."""
    text = re.sub(r"(?<=API key provided: ).*?(?=\. You can)", "…", text)
    return re.sub(r"req_[0-9a-f]+", "req_…", text)


def _prefix(id: str) -> str:
    return re.split(r"[-_]", id, maxsplit=1)[0]


def _is_measured(path: str) -> bool:
    return path.endswith(("_at", "_tokens")) and "max_" not in path.rpartition(".")[2]


def _type(value: Any) -> str:
    return "null" if value is None else type(value).__name__


def _all_objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _all_objects(item)
