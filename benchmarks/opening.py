"""Opening and closing a fake, and a whole conversation with a fresh fake and client, beside `openai-responses`.

`openai-responses` lives in an environment of its own, on the SDK it supports; both are measured there, in turn.
"""

import json
import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Figure

ROOT = Path(__file__).parents[1]
ENVIRONMENT = "OPENAI_FAKE_RIVAL_PYTHON"
"""Names the Python of an environment with `openai-responses`, pytest and this project; one is made if it is unset."""


def figures(quick: bool) -> Iterator[Figure]:
    """Milliseconds and ratios."""
    with tempfile.TemporaryDirectory() as folder:
        python = os.environ.get(ENVIRONMENT) or environment(Path(folder))
        command = [python, "-m", "benchmarks.rival", *(["--quick"] if quick else [])]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"The comparison with openai-responses failed:\n{done.stderr[-2000:]}")
    found = json.loads(done.stdout)
    where = f"openai {found['openai']}"
    yield Figure("opening", "open and close a fake", found["open"] * 1e3, "ms", 1.0)
    yield Figure(
        "opening", f"open and close: the fake over openai-responses ({where})", found["open ratio"], "×", 1 / 20
    )
    yield Figure("opening", "seven calls with a fresh fake and client", found["seven"] * 1e3, "ms")
    name = f"seven calls: the fake over openai-responses ({where})"
    yield Figure("opening", name, found["seven ratio"], "×", 1 / 6)


def environment(folder: Path) -> str:
    """The Python of a new environment with `openai-responses`, on the SDK it supports, and this project."""
    print("  (making an environment for openai-responses …)", file=sys.stderr)
    venv.create(folder, with_pip=True)
    python = str(folder / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "-q", "openai-responses", "pytest", str(ROOT)], check=True)
    return python
