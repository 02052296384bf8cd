"""How long a scenario takes to load: `python -m benchmarks.scenario`."""

import subprocess
import sys
import time

from openai_fake import Scenario

RUNS = 25
"""Each is four exchanges: a message, a run, its tool outputs and its end."""

COLD = """
import sys, time
from openai_fake import Scenario
text = sys.stdin.read()
begin = time.perf_counter()
Scenario.loads(text)
print(time.perf_counter() - begin)
"""


def scenario(runs: int = RUNS) -> Scenario:
    """A scenario of four exchanges a run."""
    steps: list[dict[str, object]] = []
    for number in range(1, runs + 1):
        at, run = number * 10, f"run_{number}"
        steps += [
            {"at": at, "thread": "thread_1", "user": f"What is the weather on day {number}?"},
            {"at": at, "run": run, "thread": "thread_1", "assistant": "assistant_1"},
            {"at": at + 2, "run": run, "tool_call": "look", "arguments": {"day": number}},
            {"at": at + 3, "run": run, "outputs": ["sunny"]},
            {"at": at + 5, "run": run, "reply": "It is sunny, as it was the day before."},
            {"at": at + 5, "run": run, "usage": {"prompt": 120, "completion": 9}},
            {"at": at + 6, "run": run, "ends": "completed"},
        ]
    return Scenario(steps)


def main() -> None:
    """Measure, in this process and in fresh ones, and print milliseconds."""
    text = scenario().dumps()
    warm = []
    for _ in range(200):
        begin = time.perf_counter()
        Scenario.loads(text)
        warm.append(time.perf_counter() - begin)
    cold = []
    for _ in range(5):
        done = subprocess.run([sys.executable, "-c", COLD], input=text, capture_output=True, text=True, check=True)
        cold.append(float(done.stdout))
    print(f"loading a scenario of {4 * RUNS} exchanges ({len(text)} bytes):")
    print(f"  again: {sorted(warm)[100] * 1e3:.2f} ms (median of 200)")
    print(f"  the first in a process: {sorted(cold)[2] * 1e3:.2f} ms (median of 5)")


if __name__ == "__main__":
    main()
