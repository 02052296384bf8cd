"""Draws one run's timeline beside its polled and its streamed readings, from a run that the fake has really played."""

from dataclasses import dataclass
from html import escape
from itertools import groupby

from docs.page import ROOT
from docs.telling import Reading, Told, polled, streamed
from openai_fake.timeline import Event

PICTURE = ROOT / "docs" / "timeline.svg"

TOP, ROW = 96, 27
TIME, BAND, LINE, NAMES, POLLED, STREAMED, WIDTH = 28, 66, 90, 108, 376, 704, 1010
BOX = 296
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif"
MONO = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace"

COLOURS = {"queued": "#7d8590", "in_progress": "#3b82f6", "requires_action": "#d98a0b", "completed": "#2da44e"}
"""Of the statuses: the same on light and on dark."""

STYLE = f"""
  .card {{ fill: #ffffff; stroke: #d0d7de }}
  .head {{ font: 600 15px {FONT}; fill: #1f2328 }}
  .note {{ font: 13px {FONT}; fill: #59636e }}
  .name {{ font: 12.5px {MONO}; fill: #1f2328 }}
  .status {{ font: 600 12.5px {MONO} }}
  .row {{ stroke: #d0d7de; stroke-dasharray: 2 4 }}
  .mark {{ stroke: #59636e; fill: none; stroke-width: 1.5 }}
  .box {{ fill: #f6f8fa; stroke: #d0d7de }}
  @media (prefers-color-scheme: dark) {{
    .card {{ fill: #0d1117; stroke: #3d444d }}
    .head, .name {{ fill: #f0f6fc }}
    .note {{ fill: #9198a1 }}
    .row {{ stroke: #3d444d }}
    .mark {{ stroke: #9198a1 }}
    .box {{ fill: #151b23; stroke: #3d444d }}
  }}
"""


@dataclass(frozen=True)
class Row:
    """One line of the picture: an event, or several of one name, and how many had happened when it was over."""

    name: str
    at: float
    status: str
    upto: int


def picture() -> str:
    """The picture, as SVG. Raises `AssertionError` if the two readings are not of one and the same log."""
    run, other = polled(), streamed()
    assert [(e.name, e.at) for e in run.events] == [(e.name, e.at) for e in other.events]
    rows = _rows(run)
    height = TOP + ROW * len(rows) + 40
    drawn = [*_heads(), *_timeline(rows), *_polls(run.readings, rows), *_streams(other.readings, rows)]
    body = "\n".join(drawn)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-label="The events of one run, and what a polling and a streaming client read of them">\n'
        f"<style>{STYLE}</style>\n"
        f'<rect class="card" x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="10"/>\n{body}\n</svg>\n'
    )


def _rows(run: Told) -> list[Row]:
    rows, status, upto = list[Row](), "queued", 0
    for name, same in groupby(run.events, key=lambda event: event.name):
        events: list[Event] = list(same)
        upto += len(events)
        if name.startswith("thread.run.") and ".step." not in name:
            status = events[0].data.status
        times = f" ×{len(events)}" if len(events) > 1 else ""
        rows.append(Row(name + times, events[0].at - run.start, status, upto))
    return rows


def _heads() -> list[str]:
    return [
        _text("head", TIME, 38, "The run’s timeline"),
        _text("note", TIME, 60, "one log of events, in virtual time"),
        _text("head", POLLED, 38, "A client that polls"),
        _text("note", POLLED, 60, "each request sees the run as it now is"),
        _text("head", STREAMED, 38, "A client that streams"),
        _text("note", STREAMED, 60, "each request reads on until the run rests"),
    ]


def _timeline(rows: list[Row]) -> list[str]:
    drawn, shown = [], -1.0
    for number, row in enumerate(rows):
        y, colour = _y(number), COLOURS[row.status]
        if row.at != shown:
            drawn.append(_text("note", TIME, y + 4, f"{row.at:g} s"))
            shown = row.at
        drawn.append(f'<rect x="{BAND}" y="{y - ROW / 2:g}" width="6" height="{ROW}" fill="{colour}"/>')
        drawn.append(f'<circle cx="{LINE}" cy="{y:g}" r="4.5" fill="{colour}"/>')
        drawn.append(_text("name", NAMES, y + 4, row.name))
    return drawn


def _polls(readings: list[Reading], rows: list[Row]) -> list[str]:
    drawn = []
    for reading in readings:
        y = _after(reading.after, rows)
        drawn.append(f'<path class="row" d="M{BAND + 6} {y:g}H{POLLED - 8}"/>')
        drawn.append(f'<rect class="box" x="{POLLED - 8}" y="{y - 12:g}" width="{BOX}" height="24" rx="6"/>')
        drawn.append(_text("name", POLLED + 2, y + 4, reading.asked))
        drawn.append(_status(POLLED + BOX - 18, y + 4, reading.status, "end"))
    return drawn


def _streams(readings: list[Reading], rows: list[Row]) -> list[str]:
    drawn = []
    for reading in readings:
        first = next(number for number, row in enumerate(rows) if row.upto > reading.after - len(reading.events) + 1)
        top, bottom = _y(first) - 10, _after(reading.after, rows) - 4
        middle = (top + bottom) / 2
        drawn.append(f'<path class="mark" d="M{STREAMED + 8} {top:g}h-8V{bottom:g}h8"/>')
        drawn.append(_text("name", STREAMED + 18, middle - 20, reading.asked))
        drawn.append(_text("name", STREAMED + 18, middle, "stream=true"))
        drawn.append(_text("note", STREAMED + 18, middle + 20, f"{len(reading.events) - 1} events, then done"))
        drawn.append(_status(STREAMED + 18, middle + 40, reading.status, "start"))
    return drawn


def _status(x: float, y: float, status: str, anchor: str) -> str:
    return f'<text class="status" x="{x:g}" y="{y:g}" fill="{COLOURS[status]}" text-anchor="{anchor}">{status}</text>'


def _text(kind: str, x: float, y: float, text: str) -> str:
    return f'<text class="{kind}" x="{x:g}" y="{y:g}">{escape(text)}</text>'


def _y(number: int) -> float:
    return TOP + ROW * (number + 0.5)


def _after(happened: int, rows: list[Row]) -> float:
    """Just below the last of the events that had happened by then."""
    number = next(number for number, row in enumerate(rows) if row.upto >= happened)
    return _y(number) + ROW / 2
