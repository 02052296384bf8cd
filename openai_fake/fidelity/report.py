"""The measure as a page: a row an operation, and the two tables that explain what is not exact."""

from collections import Counter
from collections.abc import Iterable, Sequence

from .known import KNOWN
from .restaging import Outcome

HEAD = """# How faithful the fake is

Recordings of the real service, asked again of the fake (`profile="recorded"`) request by request, with scripts taken
from the recorded answers. Compared are the status, the content type, the order of keys, JSON types and nulls, texts
and constants, what each id refers to, the envelopes of lists, statuses, the order of the events of a stream, and the
rules between fields. This page is written by `python -m openai_fake fidelity`.
"""

_GRADES = ("exact", "known difference", "unexplained")


def page(outcomes: Sequence[Outcome]) -> str:
    """The whole page, in Markdown."""
    parts = [HEAD, _operations(outcomes)]
    for title, told in (
        ("Known differences", _known(outcomes)),
        ("Out of scope", _out_of_scope(outcomes)),
        ("Unexplained", unexplained(outcomes)),
    ):
        if told:
            parts.append(f"## {title}\n\n{told}")
    return "\n".join(parts)


def unexplained(outcomes: Iterable[Outcome]) -> str:
    """Every difference that nothing explains, under its exchange; empty if there is none."""
    lines = []
    for outcome in outcomes:
        if outcome.unexplained:
            lines.append(f"- {outcome.exchange}")
            lines += [f"  - {difference}" for difference in outcome.unexplained]
    return "\n".join(lines) + "\n" if lines else ""


def _operations(outcomes: Sequence[Outcome]) -> str:
    counted: dict[str, Counter[str]] = {}
    for outcome in outcomes:
        if outcome.reason is None:
            counted.setdefault(outcome.exchange.operation, Counter())[outcome.grade] += 1
    rows = [_row(name, counted[name]) for name in sorted(counted)]
    total = _row("all", sum(counted.values(), Counter()))
    return table(["operation", "recorded exchanges", *_GRADES], [*rows, [f"**{cell}**" for cell in total]])


def _row(name: str, counts: Counter[str]) -> list[str]:
    return [name, str(counts.total()), *(str(counts[grade]) for grade in _GRADES)]


def _known(outcomes: Iterable[Outcome]) -> str:
    used = Counter(line.name for outcome in outcomes for line in {line for _, line in outcome.explained})
    rows = [[line.name, str(used[line.name]), line.reason] for line in KNOWN if used[line.name]]
    return table(["difference", "exchanges", "reason"], rows) if rows else ""


def _out_of_scope(outcomes: Iterable[Outcome]) -> str:
    reasons = Counter(
        (outcome.reason, f"{outcome.exchange.method} {_blurred(outcome.exchange.path)}")
        for outcome in outcomes
        if outcome.reason is not None
    )
    rows = [[what, str(count), str(reason)] for (reason, what), count in sorted(reasons.items(), key=str)]
    return table(["request", "exchanges", "reason"], rows) if rows else ""


def _blurred(path: str) -> str:
    return "/".join("…" if any(sign.isdigit() for sign in part) else part for part in path.split("/"))


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
