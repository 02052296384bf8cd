"""The examples: their tests pass, and their applications know nothing of the fake."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sessions import LIGHT

EXAMPLES = Path(__file__).parents[1] / "examples"
APPLICATIONS = [path for path in sorted(EXAMPLES.glob("*/*.py")) if not path.name.startswith(("test_", "__"))]
FOLDERS = [path.parent for path in APPLICATIONS]


def test_the_tests_of_every_example_pass() -> None:
    # `tests.conftest` brings the fixtures where the project is not installed, and lets nothing onto the network.
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "tests.conftest",
        "-v",
        "-o",
        "addopts=",
        *LIGHT,
        "--color=no",
        str(EXAMPLES),
    ]
    done = subprocess.run(command, cwd=EXAMPLES.parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "network events: 0, to loopback: 0" in done.stdout
    for folder in FOLDERS:
        passed = re.findall(rf"^examples/{folder.name}/test_\w+\.py::.* PASSED", done.stdout, re.MULTILINE)
        assert len(passed) >= 2, folder.name


@pytest.mark.parametrize("path", APPLICATIONS, ids=[path.parent.name for path in APPLICATIONS])
def test_an_application_is_as_if_there_were_no_fake(path: Path) -> None:
    source = path.read_text("utf-8")
    assert "openai_fake" not in source
    assert ast.get_docstring(ast.parse(source))
    assert f"[{path.parent.name}]({path.parent.name})" in (EXAMPLES / "README.md").read_text("utf-8")
