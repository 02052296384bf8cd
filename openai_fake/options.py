"""The options of a fake: every keyword of `OpenAIFake(…)` and of the pytest marker."""

from collections.abc import Mapping, Sequence
from dataclasses import field, fields
from datetime import datetime
from os import PathLike
from typing import Any, Literal, Self, get_args

from .checking import check_type, check_whole, hint
from .clock import DEFAULT_START
from .values import value


class _PollAfter(int):
    """The 0 that the recorded profile takes back, where a 0 that somebody has given stays."""


BY_PROFILE = _PollAfter(0)
Profile = Literal["documented", "recorded"]
Unscripted = Literal["reply", "error"]
RecordMode = Literal["none", "once", "all"]
_CHOICES: dict[str, tuple[str, ...]] = {
    "profile": get_args(Profile),
    "unscripted": get_args(Unscripted),
    "record_mode": get_args(RecordMode),
}


@value
class Options:
    """How a fake behaves. See `OpenAIFake` for what each option means."""

    seed: int = 0
    start: float | datetime | str = DEFAULT_START
    polls: int = 1
    autojump: bool = True
    poll_after_ms: int | None = BY_PROFILE
    profile: Profile = "documented"
    strict: bool = True
    unscripted: Unscripted = "reply"
    assert_all_played: bool = True
    adopt_assistants: bool = False
    require_files: bool = False
    api_key: str | None = field(default=None, repr=False)
    base_urls: Sequence[str] = ()
    block_other_hosts: bool = False
    max_file_bytes: int = 512 * 2**20
    max_calls: int = 10_000
    scenario: str | PathLike[str] | Any = None
    check_expectations: bool = True
    record: str | PathLike[str] | None = None
    record_mode: RecordMode = "once"
    upstream: str | None = None

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def __post_init__(self) -> None:
        for name, choices in _CHOICES.items():
            value = getattr(self, name)
            if value not in choices:
                expected = " or ".join(map(repr, choices))
                raise ValueError(f"OpenAIFake({name}={value!r}): expected {expected}.")
        check_whole("OpenAIFake", "seed", self.seed, least=None)
        for name in ("polls", "max_file_bytes", "max_calls"):
            given = getattr(self, name)
            if given is None and name.startswith("max_"):
                way_out = "It always has a bound, so give one that the test does not come to."
                raise TypeError(f"OpenAIFake({name}=None): expected a whole number. {way_out}")
            check_whole("OpenAIFake", name, given)
        for name in ("api_key", "upstream"):
            check_type("OpenAIFake", name, getattr(self, name), str | None, "a text, or None")
        if self.record is not None and self.scenario is not None:
            raise ValueError("OpenAIFake(scenario=…, record=…): it replays or it records; give one of the two.")
        if self.record is None and self.upstream is not None:
            raise ValueError("OpenAIFake(upstream=…): the server to record, so give record= too, the file to write.")
        if self.poll_after_ms is not None:
            check_whole("OpenAIFake", "poll_after_ms", self.poll_after_ms)
        for part in fields(self):
            if isinstance(part.default, bool):
                check_type("OpenAIFake", part.name, getattr(self, part.name), bool, "True or False")

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """Options from keywords. Raises `TypeError`, with the known ones, for one that there is not."""
        known = option_names()
        for name in given:
            if name not in known:
                raise TypeError(f"OpenAIFake has no option {name!r}.{hint(name, known)} It has: {', '.join(known)}.")
        return cls(**given)

    @property
    def shown_poll_after_ms(self) -> int | None:
        """What polls are told: 0 by default, nothing under the recorded profile, as the service sent nothing."""
        if self.poll_after_ms is BY_PROFILE and self.profile == "recorded":
            return None
        return self.poll_after_ms


def option_names() -> tuple[str, ...]:
    """The names of all options."""
    return tuple(field.name for field in fields(Options))
