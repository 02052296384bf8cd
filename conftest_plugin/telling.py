"""What a failing test's report says of its fake: the transcript and the calls, as text."""

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openai_fake import OpenAIFake

CALLS_SHOWN = 50
LINES_SHOWN = 200


def sections(fake: "OpenAIFake") -> Iterator[tuple[str, str]]:
    """Title and text of each section; none for a fake that nobody has called."""
    from openai_fake.secrets import redact

    if not fake.calls:
        return
    yield "openai_fake transcript", redact(_newest(fake.transcript().splitlines(), LINES_SHOWN))
    yield "openai_fake calls", redact(_newest(list(_calls(fake)), CALLS_SHOWN))


def _calls(fake: "OpenAIFake") -> Iterator[str]:
    """A line for each call; of polls one after another that were answered alike, one for all."""
    from openai_fake.views import elapsed

    start = fake.clock.start
    for told, group in groupby(fake.calls, _told):
        same = list(group)
        if same[0].method == "GET" and len(same) > 2:
            told += f" ({len(same)} times, until {elapsed(same[-1].at - start)})"
            del same[1:]
        for call in same:
            yield f"{elapsed(call.at - start):>8}  {told}"


def _told(call: Any) -> str:
    from openai_fake.routing import instead_of

    why = _reason(call.answer)
    name = call.operation or "(no operation)"
    if why.startswith("No assistant found"):
        why += " (fake.add_assistant(id) puts it in place, adopt_assistants=True takes any id)"
    elif why.startswith("Invalid URL"):
        why += f" ({instead_of(call.method, call.path)})"
    line = f"{name:<26} {call.method} {call.path} -> {call.failure or call.status or 'no answer'}"
    return f"{line}: {why}" if why else line


def _reason(answer: Any) -> str:
    """The message of a refusal; empty for any other answer."""
    error = answer.get("error") if isinstance(answer, dict) else None
    return str(error.get("message", "")) if isinstance(error, dict) else ""


def _newest(lines: list[str], count: int) -> str:
    """The last of the lines; of those before it, their number."""
    left_out = len(lines) - count
    return "\n".join([f"({left_out} before these)", *lines[-count:]] if left_out > 0 else lines)
