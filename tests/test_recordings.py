"""Recordings of the real service, asked again of the fake: nothing may differ that the table does not explain.

`OPENAI_FAKE_RECORDINGS` names another folder of them.
"""

import os
import re
from pathlib import Path

import pytest

from openai_fake.fidelity.known import KNOWN
from openai_fake.fidelity.report import page, unexplained
from openai_fake.fidelity.restaging import restage
from openai_fake.scenario.exchanges import Recording
from openai_fake.scenario.files import read_all
from tests.counts import count

ROOT = Path(__file__).parents[1]
FOLDER = Path(os.environ.get("OPENAI_FAKE_RECORDINGS") or ROOT.parent / "shared" / "recordings")
IS_THERE = FOLDER.is_dir()
RECORDINGS = read_all([FOLDER]) if IS_THERE else []

needs_recordings = pytest.mark.skipif(
    not IS_THERE, reason=f"no recordings in {FOLDER.name}: name their folder in OPENAI_FAKE_RECORDINGS"
)
of_every_recording = pytest.mark.parametrize("recording", RECORDINGS, ids=[one.name for one in RECORDINGS])


@needs_recordings
@of_every_recording
def test_nothing_differs_from_a_recording_without_a_reason(recording: Recording) -> None:
    outcomes = restage(recording)
    assert not unexplained(outcomes), f"\n{unexplained(outcomes)}"
    assert len(outcomes) == len(recording.exchanges) > 0


@needs_recordings
@of_every_recording
def test_a_recording_may_begin_in_mid_air(recording: Recording) -> None:
    cuts = range(1, len(recording.exchanges))
    for cut in cuts if count(0, 1) else cuts[:: max(1, len(cuts) // 2)]:
        outcomes = restage(Recording(recording.name, recording.exchanges[cut:]))
        assert not unexplained(outcomes), f"\nwithout the first {cut}:\n{unexplained(outcomes)}"


@needs_recordings
def test_most_of_what_was_recorded_is_exact() -> None:
    grades = [outcome.grade for recording in RECORDINGS for outcome in restage(recording)]
    in_scope = [grade for grade in grades if grade != "out of scope"]
    assert in_scope and in_scope.count("exact") > len(in_scope) / 2


def test_every_known_difference_has_a_reason() -> None:
    assert all(len(line.reason) > 40 and "not yet" not in line.reason.lower() for line in KNOWN)
    assert len({line.name for line in KNOWN}) == len(KNOWN)


@pytest.mark.skipif(
    not IS_THERE or "OPENAI_FAKE_RECORDINGS" in os.environ,
    reason="FIDELITY.md is of the recordings that it was made of",
)
def test_the_published_page_is_what_is_measured() -> None:
    outcomes = [outcome for recording in RECORDINGS for outcome in restage(recording)]
    published = (ROOT / "FIDELITY.md").read_text("utf-8")
    assert published == page(outcomes), "run: python -m openai_fake fidelity RECORDINGS --write FIDELITY.md"


def test_the_readme_counts_as_the_published_page_does() -> None:
    counted = re.search(r"\*\*all\*\* \| \*\*(\d+)\*\*", (ROOT / "FIDELITY.md").read_text("utf-8"))
    assert counted and f"{counted[1]} recorded exchanges" in (ROOT / "README.md").read_text("utf-8")
