"""The page of a test session: one file that asks for nothing else, made of what the tests have told."""

from base64 import b64encode
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from json import dumps
from pathlib import Path
from typing import Any

from .drawing import is_bad, seconds, timeline
from .markup import element, text

HERE = Path(__file__).parent
OUTCOMES = ("failed", "error", "passed", "skipped")


class TestStory:
    """One test: its name, how it ended (one of `OUTCOMES`), what its failure said, and the stories of its fakes."""

    __test__ = False

    def __init__(self, name: str) -> None:
        self.name = name
        self.outcome = "passed"
        self.failure = ""
        self.stories: list[dict[str, Any]] = []


def page(tests: Sequence[TestStory], title: str) -> str:
    """The whole page."""
    style, script = (HERE / "report.css").read_text("utf-8"), (HERE / "report.js").read_text("utf-8")
    allowed = b64encode(sha256(script.encode()).digest()).decode()
    # Nothing can be fetched, and no script runs but this one, whatever the texts say.
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{allowed}'"
    told = [test for test in tests if test.stories]
    head = (
        '<meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{text(title)}</title><style>{style}</style>"
    )
    body = _header(told, len(tests) - len(told), title) + element("main", "".join(map(_test, told)))
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head><body>{body}<script>{script}</script></body></html>\n'


def _header(tests: Sequence[TestStory], others: int, title: str) -> str:
    counts = Counter(test.outcome for test in tests)
    buttons = [_button("all", len(tests))] + [_button(name, counts[name]) for name in OUTCOMES if counts[name]]
    search = '<input type="search" placeholder="Find a test or a word" aria-label="Find a test or a word">'
    note = f"{others} test(s) without a fake are not shown." if others else ""
    return element(
        "header",
        element("h1", text(title)) + element("nav", "".join(buttons) + search) + element("p", text(note), cls="note"),
    )


def _button(name: str, count: int) -> str:
    label = f"{text(name)} {element('b', str(count))}"
    return element("button", label, data_show=name, cls=f"o-{name}", aria_pressed="true" if name == "all" else "false")


def _test(test: TestStory) -> str:
    runs = sum(len(thread["runs"]) for story in test.stories for thread in story["threads"])
    calls = sum(len(story["calls"]) for story in test.stories)
    virtual = seconds(sum(story["seconds"] for story in test.stories))
    path, _, name = test.name.rpartition("::")
    summary = (
        element("span", text(test.outcome), cls=f"badge o-{test.outcome}")
        + element("span", element("small", text(f"{path}::")) + text(name), cls="name")
        + element("span", text(f"{runs} run(s) · {calls} request(s) · {virtual} of virtual time"), cls="facts")
    )
    body = element("pre", text(test.failure), cls="failure") if test.failure else ""
    body += "".join(map(_story, test.stories))
    is_open = test.outcome in ("failed", "error")
    return element("details", element("summary", summary) + body, cls="test", data_outcome=test.outcome, open=is_open)


def _story(story: dict[str, Any]) -> str:
    threads = "".join(_thread(thread, story["calls"]) for thread in story["threads"])
    left_out = element("p", text(f"{story['left_out']} earlier requests left out."), cls="note")
    calls = element("h3", "Requests") + (left_out if story["left_out"] else "") + "".join(map(_call, story["calls"]))
    return element("section", (threads or element("p", "Nothing was said.", cls="note")) + calls, cls="fake")


def _thread(thread: dict[str, Any], calls: list[dict[str, Any]]) -> str:
    said = element("div", "".join(map(_said, thread["said"])), cls="said")
    runs = "".join(_run(run, calls) for run in thread["runs"])
    return element("article", element("h2", text(thread["id"])) + said + runs)


def _said(entry: dict[str, Any]) -> str:
    at = element("time", text(seconds(entry["at"])))
    kind = entry["kind"]
    if kind == "message":
        also = "".join(element("em", text(f"[{name}]")) for name in entry["also"])
        broken = element("em", text(f"breaks off: {entry['broken']}"), cls="bad") if entry["broken"] else ""
        words = element("p", text(entry["text"])) if entry["text"] else ""
        return element("div", element("b", text(entry["role"])) + at + words + also + broken, cls=f"by-{entry['role']}")
    if kind == "status":
        why = f": {entry['why']}" if entry["why"] else ""
        pill = element("span", text(entry["status"]), cls=f"pill s-{entry['status']}")
        return element("div", pill + text(why) + at, cls="change", title=entry["run"])
    name = entry["name"]
    done = {"asked": f"asks for {name}", "gave": f"{name} gave", "used": f"used {name}"}[kind]
    told = "\n".join(filter(None, [entry["text"], *entry.get("out", ())]))
    return element("div", element("b", text(done)) + at + element("code", text(told)), cls=f"tool {kind}")


def _run(run: dict[str, Any], calls: list[dict[str, Any]]) -> str:
    facts = [run["assistant"], run["status"], run["why"], f"{run['usage']} tokens" if run["usage"] else ""]
    caption = element("figcaption", element("b", text(run["id"])) + " " + text(" · ".join(filter(None, facts))))
    return element("figure", caption + timeline(run, calls))


def _call(call: dict[str, Any]) -> str:
    query = "?" + "&".join(f"{name}={value}" for name, value in call["query"].items()) if call["query"] else ""
    summary = (
        element("time", text(seconds(call["at"])))
        + element("b", text(call["name"] or "no operation"))
        + element("code", text(f"{call['method']} {call['path']}{query}"))
        + element("span", text(call["failure"] or call["status"]), cls="code bad" if is_bad(call) else "code")
    )
    parts = [("sent", call["sent"]), ("answered", call["answer"])]
    body = "".join(element("h4", label) + element("pre", text(_json(value))) for label, value in parts)
    return element("details", element("summary", summary) + body, cls="call")


def _json(value: Any) -> str:
    if value is None:
        return "(nothing, or a stream)"
    return value if isinstance(value, str) else dumps(value, indent=2, ensure_ascii=False)
