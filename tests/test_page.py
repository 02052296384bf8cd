"""The page of `--openai-fake-report`: what stands on it, that no text gets out of its place, how a browser sees it."""

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from conftest_plugin.drawing import Scale, seconds, timeline
from conftest_plugin.markup import element, text
from conftest_plugin.page import TestStory, page
from openai_fake import OpenAIFake, code_interpreter, faults, file_search, reply, tool_call
from tests.counts import thorough
from tests.plain_client import answer, new_thread, send
from tests.sessions import LIGHT

HOSTILE = (
    "</script><script>document.title='broken'</script><img src=x onerror=\"document.title='broken'\">&amp;\x00\u202e'"
)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Read(HTMLParser):
    """The text of a page, and every tag and attribute on it."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def told(outcome: str = "passed", said: str = "Hello!", name: str = "test_a.py::test_it") -> TestStory:
    """A test in which one question was asked."""
    test = TestStory(name)
    with OpenAIFake() as fake:
        fake.reply(said)
        answer(said)
        test.outcome, test.failure, test.stories = outcome, said if outcome == "failed" else "", [fake.story()]
    return test


def test_a_story_tells_what_was_said_what_was_done_and_what_was_asked() -> None:
    with OpenAIFake() as fake:
        fake.script(tool_call("get_weather", city="Paris"))
        fake.inject(faults.server_error, on="runs.retrieve")
        thread, assistant = new_thread(), fake.add_assistant("asst_x").id
        send("POST", f"/threads/{thread}/messages", {"role": "user", "content": "Rain?"})
        run = send("POST", f"/threads/{thread}/runs", {"assistant_id": assistant})["id"]
        for _ in range(3):
            send("GET", f"/threads/{thread}/runs/{run}")
        fake.clock.advance(700)
        (told_thread,) = fake.story()["threads"]
        calls = fake.story()["calls"]
    assert [(entry["kind"], entry["at"]) for entry in told_thread["said"]] == [
        ("message", 0),
        ("status", 0),
        ("status", 1),
        ("status", 3),
        ("asked", 3),
        ("status", 600),
    ]
    (told_run,) = told_thread["runs"]
    assert [change["status"] for change in told_run["changes"]] == [
        "queued",
        "in_progress",
        "requires_action",
        "expired",
    ]
    assert told_run["steps"] == [{"names": ["get_weather"], "status": "expired", "from": 2, "to": 600}]
    assert [calls[number]["status"] for number in told_run["calls"]] == [200, 500, 200, 200]
    assert calls[1]["sent"] == {"role": "user", "content": "Rain?"}
    json.dumps(calls)


def test_a_story_tells_of_every_kind_of_act() -> None:
    with OpenAIFake() as fake:
        hit = {"file_id": "file-1", "file_name": "notes.txt", "score": 0.5, "text": "x"}
        fake.script(code_interpreter("6 * 7", logs="42"), file_search(hit), reply("Done."))
        answer("One")
        story = fake.story()
    said = [entry for thread in story["threads"] for entry in thread["said"]]
    used = [(entry["name"], entry["text"], entry["out"]) for entry in said if entry["kind"] == "used"]
    assert used == [("code_interpreter", "6 * 7", ["42"]), ("file_search", "", ["notes.txt"])]
    test = TestStory("test_a.py::test_it")
    test.outcome, test.stories = "passed", [story]
    words = Read(page([test], "x")).words
    for name, shown in (("used code_interpreter", "6 * 7\n42"), ("used file_search", "notes.txt")):
        assert words[words.index(name) : words.index(name) + 3][-1] == shown


def test_only_the_newest_of_very_many_requests_are_told() -> None:
    with OpenAIFake() as fake:
        for _ in range(503):
            new_thread()
        story = fake.story()
        assert (len(story["calls"]), story["left_out"]) == (500, 3)


def test_hostile_text_stays_text_on_a_page_that_fetches_nothing() -> None:
    test = told("failed", HOSTILE, name=f"test_a.py::test_it[{HOSTILE}]")
    for story in test.stories:
        story["calls"][0]["path"] = story["threads"][0]["id"] = story["threads"][0]["runs"][0]["id"] = HOSTILE
        story["threads"][0]["runs"][0]["steps"][0]["names"] = [HOSTILE]
        story["threads"][0]["said"][0]["role"] = HOSTILE
    markup = page([test], HOSTILE)
    read, harmless = Read(markup), Read(page([told()], "x"))
    assert set(read.tags) <= {*harmless.tags, "pre", "p"} and read.tags.count("script") == 1
    assert not {name for name, _ in read.attributes} & {"src", "href", "onerror"}
    assert not re.search(r"https?://|url\(|@import", re.sub(r"<main>.*</main>", "", markup, flags=re.S))
    assert "default-src 'none'" in markup and "\x00" not in markup and "\u202e" not in markup
    assert any("<img src=x onerror=" in words for words in read.words)
    assert text("\ud800") == "\ufffd" and page([told("failed", name="\ud800")], "x").encode()


def test_an_attribute_cannot_be_left() -> None:
    assert element("i", title='" onclick="x', open=True, hidden=False) == '<i title="&quot; onclick=&quot;x" open></i>'


def test_time_is_drawn_in_order_and_long_waits_shorter() -> None:
    scale = Scale([0, 1, 3, 600, 3])
    places = [scale(instant) for instant in scale.instants]
    assert places == sorted(places) and places[0] == 0 and places[-1] < 100
    assert 2 < (places[3] - places[2]) / (places[1] - places[0]) < 20
    assert [seconds(length) for length in (0, 1.5, 60, 603)] == ["0 s", "1.5 s", "1 min", "10 min 3 s"]


def test_a_run_that_was_put_in_place_is_drawn_too() -> None:
    with OpenAIFake() as fake:
        fake.add_thread("thread_1")
        fake.add_run("thread_1", "run_1", status="failed")
        (run,) = fake.story()["threads"][0]["runs"]
    assert "s-failed" in timeline(run, [])


def test_faults_of_the_same_instant_stand_side_by_side() -> None:
    call = {"name": "runs.retrieve", "path": "/x", "status": 200, "failure": "", "at": 0.0}
    calls = [{**call, "status": 429}, {**call, "failure": "ReadTimeout"}, *[call] * 20]
    run = {"id": "run_1", "status": "queued", "changes": [{"status": "queued", "at": 0}], "steps": []}
    drawn = timeline({**run, "calls": list(range(22))}, calls)
    assert "429" in drawn and "ReadTimeout" in drawn and "+10" in drawn


SESSION = """
import unittest, pytest
from openai_fake import OpenAIFake, faults

def test_passes(openai_fake):
    openai_fake.reply("Hello <b>you</b>!")
    answer("Hi")

def test_fails(openai_fake):
    openai_fake.inject(faults.server_error, on="runs.retrieve")
    openai_fake.reply("never", message="other")
    assert answer("Hi", client=openai_fake.http_client("httpx")) == "other"

@pytest.fixture
def broken(openai_fake):
    new_thread()
    raise RuntimeError("broken")

def test_errs(broken): ...

@OpenAIFake()
def test_decorated(fake): new_thread()

def test_with():
    with OpenAIFake() as fake: new_thread()

@pytest.fixture(scope="module")
def shared():
    with OpenAIFake() as fake: yield fake

def test_shared(shared): answer("Said in the first")
def test_shared_but_unused(shared): ...
def test_shared_again(shared): answer("Said in the second")
def test_shared_and_reset(shared):
    shared.reset()
    answer("Said after the reset")
def test_bytes(openai_fake):
    openai_fake.add_file("file-1", purpose="assistants_output", content=b"\\xff\\xfe")
    openai_fake.add_file("file-2", purpose="assistants_output", content=b"plain text")
    with openai_fake.http_client() as http:
        for number in "12":
            http.get(f"https://api.openai.com/v1/files/file-{number}/content")

def test_none(): ...
"""
SECRET = "sk-proj-" + "planted0" * 4


@pytest.fixture
def written(
    pytester: pytest.Pytester, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> tuple[Path, pytest.RunResult]:
    """The page of a session of its own, under xdist or not."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
    source = "from tests.plain_client import answer, new_thread, send\n" + SESSION
    source += f"\ndef test_secret(openai_fake):\n    answer('Bearer {SECRET}')\n    assert not '{SECRET}'\n"
    pytester.makepyfile(test_it=source)
    args = ["-p", "conftest_plugin", *LIGHT, "-oasyncio_default_fixture_loop_scope=function"]
    args += ["--openai-fake-report=made/report.html"]
    workers = getattr(request, "param", ())
    run = pytester.runpytest_subprocess if workers else pytester.runpytest_inprocess
    done = run(*args, *workers)
    return pytester.path / "made" / "report.html", done


def card(markup: str, name: str) -> str:
    """What the page has of one test."""
    cards = re.findall(r'<details class="test".*?(?=<details class="test"|</main>)', markup, re.S)
    (found,) = [card for card in cards if f"</small>{name}<" in card]
    return str(found)


@pytest.mark.parametrize(
    "written",
    [pytest.param((), id="alone"), pytest.param(("-n", "2"), id="under xdist", marks=thorough)],
    indirect=True,
)
def test_a_session_writes_its_page(written: tuple[Path, Any]) -> None:
    path, done = written
    done.assert_outcomes(passed=9, failed=2, errors=1)
    done.stdout.fnmatch_lines([f"*openai_fake report: {path}*"])
    markup = path.read_text("utf-8")
    ends = re.findall(r'data-outcome="(\w+)".*?</small>(\w+)<', markup, re.S)
    assert {name: outcome for outcome, name in ends} == {
        "test_passes": "passed",
        "test_fails": "failed",
        "test_errs": "error",
        "test_decorated": "passed",
        "test_with": "passed",
        "test_shared": "passed",
        "test_shared_again": "passed",
        "test_shared_and_reset": "passed",
        "test_bytes": "passed",
        "test_secret": "failed",
    }
    assert "2 test(s) without a fake are not shown." in markup
    assert "Hello &lt;b&gt;you&lt;/b&gt;!" in card(markup, "test_passes")
    fails = card(markup, "test_fails")
    assert "KeyError: &#x27;status&#x27;" in fails and '<i class="mark bad"' in fails
    assert "RuntimeError: broken" in card(markup, "test_errs")
    said = {
        "test_shared": "in the first",
        "test_shared_again": "in the second",
        "test_shared_and_reset": "after the reset",
    }
    for name, own in said.items():
        assert re.findall(r">Said ([^<]+)<", card(markup, name)) == [own]
    shown = card(markup, "test_bytes")
    assert "(2 bytes)" in shown and "plain text" in shown
    assert SECRET not in markup and "[redacted]" in markup


NEEDS_CHROMIUM = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed (.ci/run installs it)")


def browse(url: str, profile: Path, *args: str) -> str:
    """Open a page in a real browser that has no way to the network, and give what it prints."""
    command = [str(CHROMIUM), *QUIET, f"--user-data-dir={profile}", "--window-size=1000,1400", *args, url]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=120, check=True)
    return done.stdout


@NEEDS_CHROMIUM
def test_a_browser_shows_the_page_and_its_filter_works(tmp_path: Path) -> None:
    tests = [
        told("passed", "A good day.", "test_a.py::test_good"),
        told("failed", HOSTILE, "test_a.py::test_hostile"),
        told("skipped", "Later.", "test_a.py::test_later"),
    ]
    path = tmp_path / "report.html"
    path.write_text(page(tests, "A page to look at"), "utf-8")
    url = path.as_uri()

    def shown(fragment: str) -> list[bool]:
        dom = browse(url + fragment, tmp_path / "profile", "--dump-dom")
        assert "<title>A page to look at</title>" in dom, "a text has run as a script"
        return ["hidden" not in tag for tag in re.findall(r'<details class="test"[^>]*>', dom)]

    assert shown("") == [True, True, True]
    assert shown("#failed") == [False, True, False]
    assert shown("#passed") == [True, False, False]
    picture = tmp_path / "page.png"
    browse(url, tmp_path / "profile", f"--screenshot={picture}")
    assert picture.read_bytes().startswith(b"\x89PNG") and picture.stat().st_size > 30_000
