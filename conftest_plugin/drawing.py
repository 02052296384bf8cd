"""A run drawn against virtual time: its statuses, its steps, and the requests about it, faults among them.

Where nothing happens for long, time is drawn shorter than it was; the ticks below say what it was.
"""

from itertools import groupby
from math import log1p
from typing import Any

from .markup import element, text

MARKS_SHOWN = 12
"""Of more requests at one instant the rest is counted."""


class Scale:
    """Instants as percentages of a line, so that a second and ten minutes can be told apart on one."""

    def __init__(self, instants: list[float]) -> None:
        self.instants = sorted(set(instants)) or [0.0]
        position, positions = 0.0, [0.0]
        for before, after in zip(self.instants, self.instants[1:], strict=False):
            position += 0.4 + log1p(after - before)
            positions.append(position)
        # What happens last has some room behind it, too.
        whole = 1.12 * position + 0.4
        self._places = {instant: 100 * place / whole for instant, place in zip(self.instants, positions, strict=True)}

    def __call__(self, instant: float) -> float:
        """Where an instant lies."""
        return self._places[instant]


def timeline(run: dict[str, Any], calls: list[dict[str, Any]]) -> str:
    """The drawing of one run."""
    about = [calls[number] for number in run["calls"]]
    ends = [step["to"] for step in run["steps"] if step["to"] is not None]
    instants = [change["at"] for change in run["changes"]] + [step["from"] for step in run["steps"]] + ends
    scale = Scale(instants + [call["at"] for call in about])
    lanes = [element("div", _statuses(run["changes"], scale), cls="lane status")]
    lanes += [element("div", _step(step, scale), cls="lane") for step in run["steps"]]
    if about:
        lanes.append(element("div", _marks(about, scale), cls="lane marks"))
    lanes.append(element("div", "".join(_tick(instant, scale) for instant in scale.instants), cls="lane ticks"))
    return element("div", "".join(lanes), cls="timeline", role="img", aria_label=f"{run['id']}: {run['status']}")


def seconds(instant: float) -> str:
    """An instant or a length as people write it: `0 s`, `1.5 s`, `10 min 3 s`."""
    if instant < 60:
        return f"{instant:.3g} s"
    minutes, rest = divmod(round(instant), 60)
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"


def is_bad(call: dict[str, Any]) -> bool:
    """Whether a request was refused, or failed on the way."""
    return bool(call["failure"]) or call["status"] >= 400


def _statuses(changes: list[dict[str, Any]], scale: Scale) -> str:
    ends = [scale(change["at"]) for change in changes[1:]] + [100.0]
    spans = []
    for change, end in zip(changes, ends, strict=True):
        start, status = scale(change["at"]), change["status"]
        spans.append(_bar(status, start, end, f"s-{status}", f"{status} from {seconds(change['at'])}"))
    return "".join(spans)


def _step(step: dict[str, Any], scale: Scale) -> str:
    end = 100.0 if step["to"] is None else scale(step["to"])
    names = ", ".join(step["names"])
    told = f"{names}: {step['status']}, from {seconds(step['from'])}"
    kind = "says" if step["names"] == ["message"] else "calls"
    return _bar(names, scale(step["from"]), end, f"step {kind} t-{step['status']}", told)


def _bar(label: str, start: float, end: float, cls: str, told: str) -> str:
    # What took no time is drawn over its neighbours; what has no room for its name lets it run over.
    cls += " instant" if end == start else " narrow" if end - start < 8 else ""
    style = f"left:{start:.2f}%;width:{max(end - start, 0.8):.2f}%"
    return element("span", element("b", text(label)), cls=f"bar {cls}", style=style, title=told)


def _marks(calls: list[dict[str, Any]], scale: Scale) -> str:
    """The requests, those of the same instant side by side."""
    groups = []
    for instant, group in groupby(calls, key=lambda call: call["at"]):
        marks = list(map(_mark, group))
        if len(marks) > MARKS_SHOWN:
            marks[MARKS_SHOWN:] = [element("small", text(f"+{len(marks) - MARKS_SHOWN}"))]
        groups.append(element("span", "".join(marks), style=f"left:{scale(instant):.2f}%"))
    return "".join(groups)


def _mark(call: dict[str, Any]) -> str:
    bad = is_bad(call)
    came = text(call["failure"] or call["status"])
    told = f"{call['name'] or call['path']} → {came} at {seconds(call['at'])}"
    return element("i", came if bad else "", cls="mark bad" if bad else "mark", title=told)


def _tick(instant: float, scale: Scale) -> str:
    return element("i", text(seconds(instant)), style=f"left:{scale(instant):.2f}%")
