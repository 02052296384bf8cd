"""Gathers what the tests tell, also from the workers of xdist, and writes the page when the session is over."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .page import TestStory, page

if TYPE_CHECKING:
    from openai_fake import OpenAIFake

KEY = "openai_fake_stories"


def attach(report: pytest.TestReport, fakes: "list[tuple[OpenAIFake, int]]") -> None:
    """Let a report carry what happened in the fakes of its test: as JSON, since it may cross to another process.

    With each fake stands how many requests it had answered before the test.
    """
    stories = (fake.story(since=before) for fake, before in fakes)
    told = [story for story in stories if story["calls"] or story["threads"]]
    if told:
        setattr(report, KEY, json.dumps(told))


class Reporter:
    """The hooks of the process that writes the page."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tests: dict[str, TestStory] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Gather the outcome of a test, and the stories that came with its report."""
        test = self._tests.setdefault(report.nodeid, TestStory(report.nodeid))
        if report.when == "setup":
            test.outcome, test.failure = "passed", ""
        if report.failed:
            test.outcome = "failed" if report.when == "call" else "error"
            test.failure += self._redacted(report.longreprtext)
        elif report.skipped:
            test.outcome = "skipped"
        test.stories = json.loads(getattr(report, KEY, "[]")) or test.stories

    def pytest_sessionfinish(self) -> None:
        """Write the page."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        # An encoding that holds everything: what a page cannot show has been replaced before.
        self._path.write_text(page(list(self._tests.values()), "What the tests of the Assistants API said"), "utf-8")

    def pytest_terminal_summary(self, terminalreporter: "pytest.TerminalReporter") -> None:
        """Say where the page is."""
        terminalreporter.write_sep("-", f"openai_fake report: {self._path}")

    @staticmethod
    def _redacted(text: str) -> str:
        from openai_fake.secrets import redact

        return redact(text)
