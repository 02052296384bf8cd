"""Knows which fakes a test has opened, and tells: complaints fail the test itself, a failure shows what happened.

A fake that a fixture of a wider scope holds open answers to each test for what went wrong in it, and for scripts left
unplayed only when it closes.
"""

import sys
from collections.abc import Generator
from typing import TYPE_CHECKING

import pytest

from . import settings, telling

if TYPE_CHECKING:
    from openai_fake import OpenAIFake
    from openai_fake.calls import CallLog

Fakes = list["OpenAIFake"]
OPENED = pytest.StashKey[Fakes]()
"""The fakes that were opened for a test, or for the fixtures of a wider scope."""
SHARED = pytest.StashKey[Fakes]()
"""The open fakes of wider scopes that a test could use."""
BEFORE = pytest.StashKey[dict[int, "tuple[CallLog, int]"]]()
"""The log of each fake that was open before the test, and how many requests it had seen."""
SHOWN = pytest.StashKey[bool]()
"""Whether a test's report has shown them already."""
FAKES_KEPT = 20
"""Of the closed fakes of a test only so many are kept: Hypothesis opens one for every example."""
FAKES_SHOWN = 5
"""Of more fakes than these a failure shows only the newest."""


class Complaint(pytest.fail.Exception, AssertionError):  # type: ignore[name-defined, misc]
    """What a fake has to complain of after its test has passed."""

    # So that a summary of one line begins with what matters.
    __module__ = "builtins"


class Witness:
    """The hooks of one session."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._nodes: list[pytest.Item | pytest.Collector] = []

    def watch(self) -> None:
        """Be told of fakes that open. Before anybody has imported them there are none."""
        watching = sys.modules.get("openai_fake.watching")
        if watching is not None and self._opened not in watching.watchers:
            watching.watchers.append(self._opened)

    def close(self) -> None:
        """Be told no longer."""
        watching = sys.modules.get("openai_fake.watching")
        if watching is not None and self._opened in watching.watchers:
            watching.watchers.remove(self._opened)

    def _opened(self, fake: "OpenAIFake") -> None:
        if self._nodes:
            node = self._nodes[-1]
            known = node.stash.get(OPENED, [])
            older = max(len(known) - FAKES_KEPT, 0) if isinstance(node, pytest.Item) else len(known)
            node.stash[OPENED] = [*filter(_is_open, known[:older]), *known[older:], fake]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Know which test the fakes belong to that are opened meanwhile."""
        self._nodes.append(item)
        try:
            return (yield)
        finally:
            self._nodes.clear()
            item.stash[OPENED], item.stash[SHARED] = [], []
            environment = sys.modules.get("openai_fake.environment")
            if environment is not None:
                environment.forget_key()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Start a test with nothing opened and nothing shown."""
        # A plugin may run a test again.
        item.stash[OPENED], item.stash[SHOWN] = [], False
        item.stash[BEFORE] = {id(fake): (fake.calls, _count(fake)) for fake in _shared_by(item)}

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, request: pytest.FixtureRequest) -> Generator[None, object, object]:
        """Know which fixture the fakes belong to that are opened meanwhile."""
        self.watch()
        self._nodes.append(request.node)
        try:
            return (yield)
        finally:
            self._nodes.pop()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None]:
        """Fail a test that passes while one of its fakes has something to complain of."""
        self.watch()
        item.stash[SHARED] = _shared_by(item)
        try:
            yield
        except BaseException:
            _excuse(item)
            raise
        complaints, cause = self._complaints(item)
        # The way to the test's own exception is worth showing, the way through pytest is not.
        __tracebackhide__ = cause is not None
        # unittest keeps its failures to itself until the report is made.
        if complaints and not getattr(item, "_excinfo", None):
            told = Complaint("\n\n".join(complaints), pytrace=cause is not None)  # type: ignore[call-arg]
            raise told from cause

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Show the transcripts and the last calls of a test that fails, once."""
        report = yield
        if not report.passed:
            _excuse(item)
        if report.failed and not item.stash.get(SHOWN, False):
            self._show(item, report)
        if report.when == "teardown" and self._config.getoption(settings.REPORT):
            from .reporting import attach

            attach(report, [(fake, _calls_before(item, fake)) for fake in _all_of(item)])
        return report

    def _complaints(self, item: pytest.Item) -> tuple[list[str], BaseException | None]:
        complaints: list[str] = []
        cause: BaseException | None = None
        for node in item.listchain():
            for fake in node.stash.get(OPENED, []):
                if fake.is_open:
                    complaints += fake.complaints(scripts=node is item)
                    cause = cause or fake.cause()
                    fake.excuse(scripts=node is item)
        return complaints, cause

    def _show(self, item: pytest.Item, report: pytest.TestReport) -> None:
        item.stash[SHOWN] = True
        fakes = _all_of(item)
        sections = [section for fake in fakes[-FAKES_SHOWN:] for section in telling.sections(fake)]
        if len(fakes) > FAKES_SHOWN:
            sections.insert(0, ("openai_fake", f"(the newest {FAKES_SHOWN} fakes of this test, oldest first)"))
        report.sections += sections
        if self._config.getoption("xmlpath", None):
            # JUnit XML has no place for sections.
            item.user_properties += sections


WITNESS = pytest.StashKey[Witness]()


def _is_open(fake: "OpenAIFake") -> bool:
    return fake.is_open


def _excuse(item: pytest.Item) -> None:
    """A test that has not passed is told of one thing only."""
    for fake in [*_shared_by(item), *item.stash.get(OPENED, [])]:
        fake.excuse(failed=True)


def _all_of(item: pytest.Item) -> Fakes:
    """The fakes of a test: its own, and those it shares with others and has used."""
    used = [fake for fake in item.stash.get(SHARED, []) if _count(fake) > _calls_before(item, fake)]
    return [*used, *item.stash.get(OPENED, [])]


def _shared_by(item: pytest.Item) -> Fakes:
    """The open fakes of fixtures that are not of this test alone."""
    return [
        fake for node in item.listchain() if node is not item for fake in node.stash.get(OPENED, []) if fake.is_open
    ]


def _calls_before(item: pytest.Item, fake: "OpenAIFake") -> int:
    """How many of a fake's requests were there before the test. One that was reset meanwhile has begun anew."""
    log, count = item.stash.get(BEFORE, {}).get(id(fake), (None, 0))
    return count if fake.calls is log else 0


def _count(fake: "OpenAIFake") -> int:
    return len(fake.calls) + fake.calls.dropped
