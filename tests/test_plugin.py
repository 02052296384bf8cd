"""The pytest plugin, from outside: sessions of their own, in which it is loaded in every way there is."""

import os
from pathlib import Path

import pytest

from conftest_plugin import settings
from openai_fake import options
from tests.counts import FULL, thorough
from tests.sessions import LIGHT

ROOT = Path(__file__).parents[1]
PLAIN = "from tests.plain_client import answer, new_thread, send\n"


class Sessions:
    """Starts pytest on a test file: in a process of its own, or, where nothing hangs on that, in this one."""

    def __init__(self, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
        self.pytester = pytester
        self._monkeypatch = monkeypatch
        installed = pytester.mkdir("installed")
        info = installed / "openai_fake_here-1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: openai-fake-here\nVersion: 1\n")
        (info / "entry_points.txt").write_text("[pytest11]\nconftest_plugin = conftest_plugin\n")
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(installed)]))
        monkeypatch.delenv("OPENAI_API_KEY", raising=False)

    def run(self, source: str, *args: str, apart: bool = True, autoload: bool = True) -> pytest.RunResult:
        self.pytester.makepyfile(test_it=PLAIN + source)
        if not autoload:
            self._monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        args = ("-p", "no:cacheprovider", *args)
        if autoload:
            args = (*LIGHT, "-o", "asyncio_default_fixture_loop_scope=function", *args)
        if apart:
            return self.pytester.runpytest_subprocess(*args)
        # The plugin is there in this process already, which older versions of pytest warn of.
        quiet = ("-W", "ignore::pytest.PytestAssertRewriteWarning")
        return self.pytester.runpytest_inprocess("-p", "conftest_plugin", *args, *quiet)


@pytest.fixture
def sessions(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Sessions:
    return Sessions(pytester, monkeypatch)


GOOD = """
def test_it(openai_fake):
    openai_fake.reply("Hello!")
    assert answer("Hi") == "Hello!"
"""


@pytest.mark.parametrize(
    ("args", "autoload", "conftest"),
    [
        pytest.param((), True, "", id="by its entry point", marks=thorough),
        pytest.param(("-p", "conftest_plugin"), True, "", id="by its entry point and by name", marks=thorough),
        pytest.param(("-p", "conftest_plugin"), False, "", id="by name alone"),
        pytest.param((), False, 'pytest_plugins = ["conftest_plugin"]', id="by a conftest", marks=thorough),
        pytest.param(
            (), True, 'pytest_plugins = ["conftest_plugin"]', id="by its entry point and a conftest", marks=thorough
        ),
        pytest.param(("--strict-markers", "--strict-config", "-W", "error"), True, "", id="strictly", marks=thorough),
        pytest.param(("-n", "2"), True, "", id="under xdist", marks=thorough),
    ],
)
def test_it_is_loaded(sessions: Sessions, args: tuple[str, ...], autoload: bool, conftest: str) -> None:
    sessions.pytester.makeconftest(conftest)
    sessions.run(GOOD, *args, autoload=autoload).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("args", "autoload"),
    [(("-p", "no:conftest_plugin"), True), pytest.param((), False, marks=thorough)],
)
def test_it_is_not_loaded(sessions: Sessions, args: tuple[str, ...], autoload: bool) -> None:
    done = sessions.run(GOOD, *args, autoload=autoload)
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines(["*fixture 'openai_fake' not found"])


UNPLAYED = """
import asyncio, unittest, pytest
from openai_fake import OpenAIFake

{test}
"""
SYNC = "def test_it(openai_fake):\n    openai_fake.reply('never')\n    {then}"
MODES = {
    "sync": SYNC,
    "asyncio": "@pytest.mark.asyncio\nasync " + SYNC,
    "anyio": "@pytest.mark.anyio\n@pytest.mark.parametrize('anyio_backend', ['asyncio', 'trio'])\n"
    "async def test_it(openai_fake, anyio_backend):\n    openai_fake.reply('never')\n    {then}",
    "unittest": "class TestIt(unittest.TestCase):\n"
    "    @pytest.fixture(autouse=True)\n"
    "    def _fake(self, openai_fake): self.fake = openai_fake\n"
    "    def test_it(self):\n        self.fake.reply('never')\n        {then}",
    "async unittest": "class TestIt(unittest.IsolatedAsyncioTestCase):\n"
    "    @pytest.fixture(autouse=True)\n"
    "    def _fake(self, openai_fake): self.fake = openai_fake\n"
    "    async def test_it(self):\n        self.fake.reply('never')\n        {then}",
    "a fixture of the test's own": "@pytest.fixture\ndef fake():\n    with OpenAIFake() as fake: yield fake\n"
    "def test_it(fake):\n    fake.reply('never')\n    {then}",
    "a client fixture of the test's own": "@pytest.fixture\ndef client():\n"
    "    with OpenAIFake() as fake:\n        fake.reply('never')\n        yield fake.http_client('httpx')\n"
    "def test_it(client):\n    {then}",
    "an async fixture of the test's own": "import pytest_asyncio\n@pytest_asyncio.fixture\nasync def fake():\n"
    "    async with OpenAIFake() as fake: yield fake\n"
    "@pytest.mark.asyncio\nasync def test_it(fake):\n    fake.reply('never')\n    {then}",
    "a decorator": "@OpenAIFake()\ndef test_it(fake):\n    fake.reply('never')\n    {then}",
    "a decorated class": "@OpenAIFake()\nclass TestIt:\n    def test_it(self):\n"
    "        self.fake.reply('never')\n        {then}",
    "a decorated case": "@OpenAIFake()\nclass TestIt(unittest.TestCase):\n    def test_it(self):\n"
    "        self.fake.reply('never')\n        {then}",
    "a context manager": "def test_it():\n    with OpenAIFake() as fake:\n        fake.reply('never')\n        {then}",
}
each_mode = pytest.mark.parametrize("mode", MODES)
SENTENCE = """\
*1 script(s) were not played:
*  - *never* (*:*)
*Start the runs they are for, mark them optional=True or times=None, or open the fake with assert_all_played=False."""


@each_mode
def test_a_script_left_unplayed_fails_the_test_itself(sessions: Sessions, mode: str) -> None:
    done = sessions.run(UNPLAYED.format(test=MODES[mode].format(then="pass")), apart=FULL)
    done.assert_outcomes(failed=2 if mode == "anyio" else 1)
    done.stdout.fnmatch_lines(SENTENCE.splitlines())


@each_mode
@pytest.mark.parametrize(("then", "outcome"), [("assert 1 == 2", "failed"), ("pytest.skip('x')", "skipped")])
def test_nothing_is_added_when_the_test_has_not_passed(sessions: Sessions, mode: str, then: str, outcome: str) -> None:
    done = sessions.run(UNPLAYED.format(test=MODES[mode].format(then=then)), "-rA", apart=False)
    done.assert_outcomes(**{outcome: 2 if mode == "anyio" else 1})
    done.stdout.no_fnmatch_line("*not played*")


ENDS = {
    "optional": ("def test_it(openai_fake): openai_fake.reply('never', optional=True)", (), {"passed": 1}),
    "for ever": ("def test_it(openai_fake): openai_fake.reply('never', times=None)", (), {"passed": 1}),
    "twice": (
        "def test_it(openai_fake):\n    openai_fake.reply('x', times=2)\n    assert answer('Hi') == 'x'",
        (),
        {"failed": 1},
    ),
    "switched off by the mark": (
        "import pytest\n@pytest.mark.openai_fake(assert_all_played=False)\n"
        "def test_it(openai_fake): openai_fake.reply('never')",
        (),
        {"passed": 1},
    ),
    "switched off on the command line": (
        "def test_it(openai_fake): openai_fake.reply('never')",
        ("--openai-fake-assert-all-played=no",),
        {"passed": 1},
    ),
    "switched off in the ini file": (
        "def test_it(openai_fake): openai_fake.reply('never')",
        ("-o", "openai_fake_assert_all_played=false"),
        {"passed": 1},
    ),
    "expected to fail": (
        "import pytest\n@pytest.mark.xfail(strict=True, raises=AssertionError)\n"
        "def test_it(openai_fake): openai_fake.reply('never')",
        (),
        {"xfailed": 1},
    ),
    "a fixture that fails later": (
        "import pytest\n@pytest.fixture\ndef broken(openai_fake):\n    openai_fake.reply('never')\n    assert 0\n"
        "def test_it(broken): ...",
        (),
        {"errors": 1},
    ),
    "misuse in a fixture's end": (
        "import pytest\n@pytest.fixture\ndef late(openai_fake):\n    yield\n    answer('Hi')\n"
        "@pytest.mark.openai_fake(unscripted='error')\ndef test_it(late): ...",
        (),
        {"passed": 1, "errors": 1},
    ),
    "only set up": ("def test_it(openai_fake): openai_fake.reply('never')", ("--setup-only",), {}),
}


@pytest.mark.parametrize("end", ENDS)
def test_how_tests_end(sessions: Sessions, end: str) -> None:
    source, args, outcomes = ENDS[end]
    sessions.run(source, *args, apart=False).assert_outcomes(**outcomes)


WIDE = """
import pytest
from openai_fake import OpenAIFake

@pytest.fixture(scope="module")
def fake():
    with OpenAIFake(unscripted="error") as fake:
        fake.reply("for the second test")
        fake.reply("for nobody", message="never said", {optional})
        yield fake

def test_1(fake): ...
def test_2(fake): assert answer("Hi") == "for the second test"
def test_3(fake): send("POST", "/threads/runs", {{"assistant_id": fake.add_assistant(instructions="Go on").id}})
def test_4(fake): ...
"""


@pytest.mark.parametrize("optional", ["optional=True", ""])
def test_a_fake_of_a_wider_scope_answers_to_the_test_that_misused_it(sessions: Sessions, optional: str) -> None:
    done = sessions.run(WIDE.format(optional=optional), apart=False)
    done.assert_outcomes(passed=3, failed=1)
    done.stdout.fnmatch_lines(["FAILED test_it.py::test_3 - Complaint: No script fits*"])


def test_a_fake_of_a_wider_scope_tells_of_unplayed_scripts_when_it_closes(sessions: Sessions) -> None:
    source = WIDE.format(optional="").replace("def test_3", "def untested")
    done = sessions.run(source, apart=False)
    done.assert_outcomes(passed=3, errors=1)
    done.stdout.fnmatch_lines(
        SENTENCE.replace("never* (*:*)", "for nobody* (*:*) for message='never said'").splitlines()
    )


MISUSED = """
import pytest

@pytest.mark.openai_fake(unscripted="error")
def test_it(openai_fake):
    openai_fake.reply("only for Rome", message="Rome", optional=True)
    assistant = openai_fake.add_assistant("asst_weather").id
    thread = {"messages": [{"role": "user", "content": "And in Paris?"}]}
    send("POST", "/threads/runs", {"assistant_id": assistant, "thread": thread})
"""


@pytest.mark.parametrize(
    "args", [pytest.param((), id="alone"), pytest.param(("-n", "1"), id="under xdist", marks=thorough)]
)
def test_an_unscripted_run_is_told_word_for_word_with_the_transcript_and_the_calls(
    sessions: Sessions, args: tuple[str, ...]
) -> None:
    done = sessions.run(MISUSED, *args, "--junit-xml=report.xml", apart=bool(args))
    done.assert_outcomes(failed=1)
    told = [
        "No script fits the run run_* on thread_* (assistant asst_weather, newest user message 'And in Paris?').",
        "  - *only for Rome* (*test_it.py:7): message='Rome' does not match the newest user message 'And in Paris?'",
        'Add one with fake.script(…) or fake.reply("…"), set fake.default_script(…), '
        'or open the fake with unscripted="reply".',
        "*-- openai_fake transcript --*",
        "Nothing was said.",
        "*-- openai_fake calls --*",
        " 0:00:00  threads.create_and_run     POST /threads/runs -> 501: No script fits the run *",
    ]
    done.stdout.fnmatch_lines(told)
    assert str(done.stdout).count("-- openai_fake transcript --") == 1
    report = (sessions.pytester.path / "report.xml").read_text("utf-8")
    assert 'name="openai_fake transcript"' in report and "And in Paris?" in report
    assert 'name="openai_fake calls"' in report and "threads.create_and_run" in report


PLANTED = """
def test_it(openai_fake):
    key, token = "sk-proj-" + "planted0" * 4, "eyJ" + "planted1." * 3
    openai_fake.reply(f"{key} and {token}")
    answer(f"My key is {key}, my token {token}.")
    assert 0
"""


def test_no_key_or_token_gets_into_the_sections_or_the_junit_report(sessions: Sessions) -> None:
    done = sessions.run(PLANTED, "--junit-xml=report.xml", "--openai-fake-report=page.html", apart=False)
    done.assert_outcomes(failed=1)
    written = [(sessions.pytester.path / name).read_text("utf-8") for name in ("report.xml", "page.html")]
    for text in (str(done.stdout), *written):
        told = text.replace('"planted0" * 4', "").replace("&quot;planted0&quot; * 4", "")
        told = told.replace('"planted1." * 3', "").replace("&quot;planted1.&quot; * 3", "")
        assert "planted" not in told and "[redacted]" in told


def test_the_calls_of_a_failure_are_the_last_ones(sessions: Sessions) -> None:
    source = "def test_it(openai_fake):\n    for _ in range(60): new_thread()\n    assert 0"
    done = sessions.run(source, apart=False)
    done.stdout.fnmatch_lines(["(10 before these)", "*threads.create*POST /threads -> 200"])


def test_an_exception_in_a_script_is_told_with_its_traceback(sessions: Sessions) -> None:
    source = """
def check(told): return {"Paris": 1}[told]

def test_it(openai_fake):
    @openai_fake.script
    def at_home(run): check(run.last_message); yield

    openai_fake.add_assistant("asst_1")
    try: answer("Oslo?", "asst_1")
    except LookupError: pass
"""
    done = sessions.run(source, apart=False)
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(
        ["test_it.py:*: KeyError", "*Misuse: The script at_home(run) (*) raised KeyError: 'Oslo[?]'", "E *Complaint: *"]
    )
    done.stdout.no_fnmatch_line("*def pytest_runtest_call*")


def test_a_failure_in_a_script_that_another_thread_has_started_fails_the_test_with_its_traceback(
    sessions: Sessions,
) -> None:
    source = """
import threading
from contextlib import suppress
import pytest
from openai_fake import OpenAIFake

def ask_in_a_thread(fake):
    @fake.script
    def at_home(run): pytest.fail("not here"); yield

    def work():
        with suppress(BaseException): answer("Oslo?")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

def test_fixture(openai_fake): ask_in_a_thread(openai_fake)

@OpenAIFake()
def test_decorated(fake): ask_in_a_thread(fake)
"""
    done = sessions.run(source, apart=False)
    done.assert_outcomes(failed=2)
    told = "The script at_home(run) (*) was interrupted by Failed: not here"
    done.stdout.fnmatch_lines_random([f"E *Complaint: {told}", f"E *AssertionError: {told}", "test_it.py:*: Failed"])


def test_of_many_fakes_of_a_test_only_the_newest_are_kept_and_shown(sessions: Sessions) -> None:
    source = """
import gc, weakref
from openai_fake import OpenAIFake

def test_it():
    with OpenAIFake() as first:
        first.add_thread("thread_first")
        left = []
        for number in range(60):
            with OpenAIFake() as fake:
                fake.add_thread(f"thread_{number}")
                send("GET", f"/threads/thread_{number}")
            left.append(weakref.ref(fake))
        gc.collect()
        assert first.is_open and sum(one() is not None for one in left) == 21
        send("GET", "/threads/thread_first")
        assert 0, "at the end"
"""
    done = sessions.run(source, apart=False)
    done.stdout.fnmatch_lines(["*at the end", "(the newest 5 fakes of this test, oldest first)"])
    shown = [line for line in done.stdout.lines if line.startswith("thread_")]
    assert len(shown) == 5 and shown[-1].startswith("thread_59")


def test_a_loop_that_polls_is_one_line_of_the_calls(sessions: Sessions) -> None:
    source = """
def test_it(openai_fake):
    thread = new_thread()
    for _ in range(60): send("GET", f"/threads/{thread}")
    openai_fake.clock.advance(5)
    send("GET", f"/threads/{thread}")
    new_thread()
    for _ in range(2): send("GET", f"/threads/{thread}")
    assert 0
"""
    done = sessions.run(source, apart=False)
    looks = "*threads.retrieve *GET /threads/thread_* -> 200"
    done.stdout.fnmatch_lines([f"*0:00:00{looks} (61 times, until 0:00:05)", "*-> 200", looks, looks], consecutive=True)


def test_a_test_that_never_called_has_no_sections(sessions: Sessions) -> None:
    done = sessions.run("def test_it(openai_fake): assert 0", apart=False)
    done.stdout.no_fnmatch_line("*openai_fake transcript*")


MARKS = """
import pytest
pytestmark = pytest.mark.openai_fake(seed=1, polls=1, profile="recorded")

@pytest.mark.openai_fake(seed=2, polls=2)
class TestIt:
    @pytest.mark.openai_fake(seed=3)
    def test_it(self, openai_fake):
        options = openai_fake.options
        assert (options.seed, options.polls, options.profile) == (3, 2, "recorded")

def test_without_naming_the_fixture():
    new_thread()
"""


def test_the_closest_mark_counts_for_each_option(sessions: Sessions) -> None:
    sessions.run(MARKS, "--strict-markers", apart=False).assert_outcomes(passed=2)


OTHER_MOCKS = """
import pytest

order = []

@pytest.fixture
def httpx_mock(): order.append("httpx_mock")
@pytest.fixture
def named(httpx_mock): order.append("named")
@pytest.fixture(autouse=True)
def early(): order.append("early"); yield; order.clear()
@pytest.fixture(autouse=True)
def no_network(request):
    if "mock" in request.node.name: request.getfixturevalue("httpx_mock")
@pytest.fixture
def late(openai_fake): order.append("fake")

class TestBeside:
    @pytest.fixture(autouse=True)
    def guard(self, named): order.append("guard")

    @pytest.mark.openai_fake
    def test_it(self, late): assert order == ["early", "httpx_mock", "named", "guard", "fake"]

@pytest.mark.openai_fake
def test_named(httpx_mock, request):
    names = request.fixturenames
    assert names.index("httpx_mock") < names.index("openai_fake")

@pytest.mark.openai_fake
def test_alone(request): assert request.fixturenames[0] == "openai_fake"
"""


def test_a_fake_that_only_the_marker_asks_for_opens_first_but_behind_other_mocks(sessions: Sessions) -> None:
    sessions.run(OTHER_MOCKS, "-p", "no:pytest_httpx", apart=False).assert_outcomes(passed=3)


LENT = """
import os, pytest

def test_takes_it_away(monkeypatch, openai_fake): monkeypatch.delenv("OPENAI_API_KEY")
def test_is_gone(): assert "OPENAI_API_KEY" not in os.environ
def test_sets_another(monkeypatch, openai_fake): monkeypatch.setenv("OPENAI_API_KEY", "sk-own")
def test_is_gone_again(): assert "OPENAI_API_KEY" not in os.environ
"""


def test_a_lent_key_is_gone_after_the_test_whoever_puts_it_back(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    sessions.run(LENT, "-p", "no:randomly", apart=False).assert_outcomes(passed=4)


PATCHED = """
import openai, pytest
from unittest.mock import MagicMock

@pytest.fixture(autouse=True)
def no_openai(monkeypatch):
    monkeypatch.setattr(openai, "OpenAI", MagicMock())
    monkeypatch.setattr(openai, "AsyncOpenAI", MagicMock())

def test_it(openai_fake, openai_fake_client, openai_fake_async_client):
    assert openai_fake_client.beta.threads.create().id in openai_fake.threads
    assert type(openai_fake_async_client).__name__ == "AsyncOpenAI"
"""


def test_the_clients_are_the_sdks_whatever_stands_in_their_place(sessions: Sessions) -> None:
    pytest.importorskip("openai", reason="the openai SDK is not installed")
    sessions.run(PATCHED, "-W", "ignore", apart=False).assert_outcomes(passed=1)


MISTAKES = {
    "seeds=1": "@pytest.mark.openai_fake(seeds=1) on test_it.py::test_it: OpenAIFake has no option 'seeds'. "
    "Did you mean 'seed'? It has: {names}.",
    "polls=-1": "@pytest.mark.openai_fake(polls=-1) on test_it.py::test_it: OpenAIFake(polls=-1): expected 0 or more.",
    "'recorded'": "@pytest.mark.openai_fake('recorded') on test_it.py::test_it: it takes keywords only, "
    "the options of OpenAIFake.",
}


@pytest.mark.parametrize("given", MISTAKES)
def test_a_mistaken_mark_is_an_error_that_says_what_there_is(sessions: Sessions, given: str) -> None:
    done = sessions.run(f"import pytest\n@pytest.mark.openai_fake({given})\ndef test_it(): ...", apart=False)
    done.assert_outcomes(errors=1)
    expected = MISTAKES[given].format(names=", ".join(options.option_names()))
    assert done.stdout.lines.count(expected) == 1


SHOW = """
import pytest
MARK
def test_it(openai_fake):
    o = openai_fake.options
    print("SHOWN", o.unscripted, o.profile, o.record_mode, o.assert_all_played)
"""
INI = """
[pytest]
openai_fake_unscripted = error
openai_fake_profile = recorded
openai_fake_record_mode = all
openai_fake_assert_all_played = off
"""


@pytest.mark.parametrize(
    ("ini", "mark", "flags", "shown"),
    [
        ("", "", (), "reply documented once True"),
        (INI, "", (), "error recorded all False"),
        (INI, "unscripted='reply', assert_all_played=True", (), "reply recorded all True"),
        (
            INI,
            "unscripted='reply', profile='documented'",
            ("--openai-fake-unscripted=error", "--openai-fake-record-mode=none", "--openai-fake-assert-all-played=yes"),
            "error documented none True",
        ),
    ],
)
def test_the_command_line_comes_before_the_mark_and_the_mark_before_the_ini_file(
    sessions: Sessions, ini: str, mark: str, flags: tuple[str, ...], shown: str
) -> None:
    sessions.pytester.makeini(ini)
    source = SHOW.replace("MARK", f"@pytest.mark.openai_fake({mark})" if mark else "")
    done = sessions.run(source, "-s", "--strict-config", *flags, apart=False)
    done.assert_outcomes(passed=1)
    done.stdout.fnmatch_lines([f"*SHOWN {shown}"])


def test_a_wrong_default_is_refused_before_any_test(sessions: Sessions) -> None:
    done = sessions.run(GOOD, "-o", "openai_fake_profile=real", apart=False)
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines(["ERROR: openai_fake_profile = real: expected documented or recorded."])
    done = sessions.run(GOOD, "--openai-fake-profile=real", apart=False)
    assert done.ret == pytest.ExitCode.USAGE_ERROR


def test_the_defaults_take_what_the_options_take() -> None:
    choices = {setting.name: setting.choices for setting in settings.OPTIONS if settings.YES not in setting.choices}
    assert choices == options._CHOICES


WARNS = """
import warnings, pytest
from typing_extensions import deprecated

@deprecated("The Assistants API is deprecated in favor of the Responses API")
def one(): ...
@deprecated("deprecated")
def other(): ...
@deprecated("deprecated by us")
def ours(): ...

@pytest.fixture(autouse=True)
def around():
    one(), other()
    yield
    one(), other()

def test_it(): one(), other()
def test_ours(): ours()
def test_can_be_seen():
    with pytest.warns(DeprecationWarning, match="favor"): one()
"""


@pytest.mark.parametrize("args", [("-W", "error"), pytest.param(("-W", "error", "-p", "no:warnings"), marks=thorough)])
def test_the_warnings_of_the_sdk_are_ignored(sessions: Sessions, args: tuple[str, ...]) -> None:
    done = sessions.run(WARNS, *args)
    done.assert_outcomes(**({"passed": 3} if len(args) > 2 else {"passed": 2, "failed": 1}))


@pytest.mark.parametrize("switch", ["-oopenai_fake_filter_deprecations=false", "--openai-fake-filter-deprecations=no"])
def test_the_warnings_of_the_sdk_are_not_ignored_when_that_is_switched_off(sessions: Sessions, switch: str) -> None:
    sessions.run(WARNS, "-W", "error", switch, apart=False).assert_outcomes(errors=3)


RECORDS = """
import pytest
from openai_fake import OpenAIFake

@pytest.fixture
def recording(tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "talk.json"
    # The server is asked for nothing but the end of a conversation that there was none of.
    with OpenAIFake(record=path, upstream="http://127.0.0.1:9/v1") as fake:
        yield fake
    print("WRITTEN", path.exists())

def test_it(recording):
    assert %s
"""


@pytest.mark.parametrize("passes", [True, False])
def test_what_a_failed_test_has_recorded_is_not_written(sessions: Sessions, passes: bool) -> None:
    done = sessions.run(RECORDS % passes, "-s")
    done.stdout.fnmatch_lines([f"*WRITTEN {passes}"])


WRITES_A_PAGE = """
import sys

def test_it(openai_fake):
    there = {f"conftest_plugin.{name}" for name in ("reporting", "page", "drawing", "markup")} & {*sys.modules}
    assert len(there) == %d, there
"""


@pytest.mark.parametrize(("args", "count"), [((), 0), (("--openai-fake-report=page.html",), 4)])
def test_what_writes_the_page_is_imported_where_one_is_wanted(
    sessions: Sessions, args: tuple[str, ...], count: int
) -> None:
    sessions.run(WRITES_A_PAGE % count, *args).assert_outcomes(passed=1)


CLIENTS = """
import asyncio, pytest

def ask(client):
    assistant = client.beta.assistants.create(model="gpt-4o")
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "Hi"}])
    return client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)

async def ask_async(client):
    assistant = await client.beta.assistants.create(model="gpt-4o")
    thread = await client.beta.threads.create(messages=[{"role": "user", "content": "Hi"}])
    return await client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)

clients = []

def test_sync(openai_fake, openai_fake_client):
    assert ask(openai_fake_client).status == "completed"
    assert openai_fake.calls.count == 5 and openai_fake_client.api_key == "sk-openai-fake-not-a-real-key"
    clients.append(openai_fake_client)

@pytest.mark.openai_fake(api_key="sk-mine")
def test_key(openai_fake_client):
    assert openai_fake_client.beta.threads.create().id
    assert openai_fake_client.api_key == "sk-mine"

@pytest.mark.asyncio
async def test_asyncio(openai_fake, openai_fake_async_client):
    assert (await ask_async(openai_fake_async_client)).status == "completed"
    clients.append(openai_fake_async_client)

@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
async def test_anyio(openai_fake, openai_fake_async_client, anyio_backend):
    assert (await ask_async(openai_fake_async_client)).status == "completed"
    clients.append(openai_fake_async_client)

def test_asyncio_run(openai_fake_async_client):
    assert asyncio.run(ask_async(openai_fake_async_client)).status == "completed"
    clients.append(openai_fake_async_client)

def test_unused(openai_fake_client, openai_fake_async_client):
    clients.extend([openai_fake_client, openai_fake_async_client])

def test_all_are_closed():
    assert len(clients) == 7 and all(client.is_closed() for client in clients)
"""


@pytest.mark.parametrize("key", [pytest.param("", marks=thorough), "sk-real-key-of-somebody"])
def test_the_client_fixtures_are_ready_under_every_loop_and_closed_without_a_warning(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    pytest.importorskip("openai")
    monkeypatch.setenv("OPENAI_API_KEY", key)
    sessions.run(CLIENTS, "-W", "error").assert_outcomes(passed=8)


NO_SDK = """
import sys
for name in [name for name in sys.modules if name.partition(".")[0] == "openai"]: del sys.modules[name]
sys.modules["openai"] = None
"""


def test_without_the_sdk_the_client_fixtures_say_what_is_missing_and_the_rest_works(sessions: Sessions) -> None:
    sessions.pytester.makeconftest(NO_SDK)
    done = sessions.run(GOOD + "\ndef test_client(openai_fake_client): ...")
    done.assert_outcomes(passed=1, errors=1)
    done.stdout.fnmatch_lines(
        ["The fixtures openai_fake_client and openai_fake_async_client need the SDK: pip install openai (*)."]
    )


REPLAYED = """
import pytest

@pytest.mark.openai_fake(scenario="{path}")
def test_it(openai_fake):
    print("SCENARIO", openai_fake.options.scenario)
"""


def test_a_scenario_is_found_in_the_folder_beside_the_test_or_as_it_stands(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openai_fake.fake.OpenAIFake.open", lambda fake: fake)
    monkeypatch.setattr("openai_fake.fake.OpenAIFake.close", lambda fake, **_: None)
    path = sessions.pytester.path
    (path / "stories").mkdir()
    for there in ("beside.json", "stories/kept.json"):
        (path / there).touch()
    for given, args, expected in (
        ("kept.json", ("--openai-fake-scenarios=stories",), path / "stories" / "kept.json"),
        ("kept.json", ("-o", "openai_fake_scenarios=stories"), path / "stories" / "kept.json"),
        (path / "beside.json", ("-o", "openai_fake_scenarios=stories"), path / "beside.json"),
        ("beside.json", (), path / "beside.json"),
    ):
        done = sessions.run(REPLAYED.format(path=given), "-s", *args, apart=False)
        done.stdout.fnmatch_lines([f"*SCENARIO {expected}"])
    for args, looked in (
        ((), "nowhere.json"),
        (("--openai-fake-scenarios=stories",), path / "stories" / "nowhere.json"),
    ):
        done = sessions.run(REPLAYED.format(path="nowhere.json"), *args, apart=False)
        done.stdout.fnmatch_lines(
            [
                "@pytest.mark.openai_fake(scenario='nowhere.json') on test_it.py::test_it: there is no "
                f"{looked}. It is looked for in the folder that openai_fake_scenarios names; *"
            ]
        )


def test_a_test_that_is_run_again_starts_afresh(sessions: Sessions) -> None:
    sessions.pytester.makeconftest("""
        import pytest
        from _pytest.runner import runtestprotocol

        @pytest.hookimpl(tryfirst=True)
        def pytest_runtest_protocol(item, nextitem):
            for _ in range(2):
                item._initrequest()
                reports = runtestprotocol(item, nextitem=nextitem, log=False)
            for report in reports:
                item.ihook.pytest_runtest_logreport(report=report)
            return True
    """)
    source = "runs = []\ndef test_it(openai_fake):\n    runs.append(1)\n    if len(runs) == 1: openai_fake.reply('x')"
    sessions.run(source, apart=False).assert_outcomes(passed=1)
