"""What `import openai_fake` and the plugin module cost, each in a fresh interpreter."""

import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Figure

ROOT = Path(__file__).parents[1]
ANY_MODEL = "import respx, pydantic\nclass Any(pydantic.BaseModel):\n    field: int"
"""respx, and pydantic as far as the first model of anybody loads it."""


def figures(quick: bool) -> Iterator[Figure]:
    """Milliseconds of processor time, the median of several interpreters."""
    rounds = 2 if quick else 15
    yield Figure(
        "imports", "openai_fake beyond respx and pydantic", _cost(ANY_MODEL, "import openai_fake", rounds), "ms", 50
    )
    yield Figure(
        "imports", "the plugin module beyond pytest", _cost("import pytest", "import conftest_plugin", rounds), "ms", 5
    )


def _cost(first: str, then: str, rounds: int) -> float:
    timed = "import time\nstart = time.process_time()"
    program = f"{first}\n{timed}\n{then}\nprint((time.process_time() - start) * 1000)"

    # What is installed has its bytecode beside it; without that, compiling would be measured.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def run() -> float:
        command = [sys.executable, "-c", program]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        return float(done.stdout)

    run()
    return statistics.median(run() for _ in range(rounds))
