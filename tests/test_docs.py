"""What the README has from the code is as the code makes it, and each maker tells all there is."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from docs import __main__ as docs
from docs import contents, failures, operations, options, page, picture, speed, states, telling
from openai_fake.options import option_names
from openai_fake.routing import all_operations
from openai_fake.states import RUN

README = page.README.read_text("utf-8")


def test_the_made_parts_and_the_picture_are_up_to_date() -> None:
    assert not list(docs.stale()), "not as the code makes it: run `python -m docs`"
    assert set(page.parts(README)) == {"contents", "failures", "operations", "options", "speed", "states"}


def test_a_part_that_is_not_as_the_code_makes_it_is_told_and_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    old = tmp_path / "README.md"
    old.write_text(README.replace("`DELETE /threads/{thread_id}`", "`GET /nowhere`"), "utf-8")
    monkeypatch.setattr(docs, "README", old)
    monkeypatch.setattr("sys.argv", ["docs", "--check"])
    assert docs.main() == 1
    assert capsys.readouterr().out == f"{old} is not as the code makes it: run `python -m docs`.\n"
    monkeypatch.setattr("sys.argv", ["docs"])
    assert docs.main() == 0
    assert old.read_text("utf-8") == README


def test_the_oldest_versions_that_are_taken_are_tried() -> None:
    project = tomllib.loads((page.README.parent / "pyproject.toml").read_text("utf-8"))["project"]
    taken = dict(each.split(">=") for each in project["dependencies"] if ">=" in each)
    gate = (page.README.parent / ".ci" / "run").read_text("utf-8")
    (listed,) = re.findall(r"^oldest_rest=\((.*?)\)", gate, re.MULTILINE)
    tried = dict(each.split("==") for each in listed.split())
    assert taken.keys() == tried.keys()
    for name, oldest in taken.items():
        assert f"{tried[name]}.".startswith(f"{oldest}."), name
        assert name == "python-multipart" or f"{name} {oldest}" in README


def test_every_operation_and_every_option_stands_in_its_table() -> None:
    served, taken = operations.operations(), options.options()
    for operation in all_operations().values():
        assert f"`{operation.name}`" in served and f"`{operation.method} {operation.template}`" in served
    assert re.findall(r"^\| `(\w+)`", taken, re.MULTILINE) == list(option_names())
    assert set(options.MEANINGS) == set(option_names())


def test_the_diagram_has_every_way_of_the_table_and_no_other() -> None:
    drawn = set(re.findall(r"^    (\w+) --> (\w+)$", states.states(), re.MULTILINE))
    assert drawn == {(status, onward) for status, ways in RUN.items() for onward in ways}


def test_the_failure_is_one_that_happened() -> None:
    told = failures.failures()
    assert "2 script(s) were not played:\n  - reply('Good morning!') (tests/test_bot.py:12)" in told


def test_the_picture_is_drawn_from_one_run_read_in_two_ways() -> None:
    drawn = picture.picture()
    polled, streamed = telling.polled(), telling.streamed()
    for reading in (*polled.readings, *streamed.readings):
        assert f">{reading.asked}</text>" in drawn
    names = {event.name for event in polled.events}
    assert {name for name in names if f">{name}<" in drawn or f">{name} ×" in drawn} == names
    assert [reading.status for reading in polled.readings][::3] == ["queued", "queued"]
    sent = [name for reading in streamed.readings for name in reading.events if name != "done"]
    assert sent == [event.name for event in streamed.events]


def test_the_numbers_are_those_of_the_file(tmp_path: Path) -> None:
    figure = {"name": "open and close a fake", "unit": "ms", "at_least": False}
    measured = [
        {**figure, "value": 0.25, "bar": 1.0, "holds": True},
        {**figure, "name": "events a second", "unit": "/s", "value": 51234.5, "bar": None, "holds": None},
        {**figure, "name": "ratio", "unit": "×", "value": 0.5, "bar": 0.7, "at_least": True, "holds": False},
    ]
    machine = {"system": "Linux", "processor": "x86_64", "cores": 2, "python": "3.12.1", "versions": {"openai": "3.1"}}
    (tmp_path / "results.json").write_text(json.dumps({"machine": machine, "figures": measured}))
    told = speed.speed(tmp_path / "results.json")
    assert "Measured on Linux x86_64, 2 cores, Python 3.12.1, with openai 3.1." in told
    assert "| open and close a fake | 0.250 ms | at most 1 |\n" in told
    assert "| events a second | 51,234 /s |  |\n" in told
    assert "| ratio | 0.500 × | at least 0.7 (missed) |\n" in told
    assert speed.speed(tmp_path / "none.json").startswith("\nNot measured yet")


def test_every_link_within_the_page_leads_to_a_heading_and_every_file_is_there() -> None:
    text = contents.FENCED.sub("", README)
    headings = {contents.anchor(title) for title in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}
    targets = re.findall(r"\]\(([^)]+)\)", text)
    assert not {target for target in targets if target.startswith("#") and target[1:] not in headings}
    files = {target for target in targets if not target.startswith(("#", "https://"))}
    assert "docs/timeline.svg" in files
    assert not {file for file in files if not (page.ROOT / file).exists()}
