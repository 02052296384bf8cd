"""A suite of 1,000 pytest tests, each a conversation with a fresh fixture and client, beside `openai-responses`.

Seven calls a test, the same in both; everything that pytest does is counted.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from benchmarks.measure import Figure
from benchmarks.opening import ENVIRONMENT, environment

TALK = """
def converse(client, finish):
    beta = client.beta
    assistant = beta.assistants.create(model="gpt-4o", instructions="Answer.")
    thread = beta.threads.create()
    beta.threads.messages.create(thread.id, role="user", content="Hello?")
    run = beta.threads.runs.create(thread_id=thread.id, assistant_id=assistant.id)
    run = beta.threads.runs.retrieve(run.id, thread_id=thread.id)
    finish(run)
    run = beta.threads.runs.retrieve(run.id, thread_id=thread.id)
    assert run.status == "completed"
    assert any(message.content[0].text.value == "Hello!" for message in beta.threads.messages.list(thread.id).data)
"""
OURS = """
@pytest.mark.parametrize("number", range(COUNT))
def test_it(openai_fake, openai_fake_client, number):
    openai_fake.reply("Hello!")
    converse(openai_fake_client, lambda run: None)
    assert openai_fake.calls.count == 7
"""
# Its runs do not move, so its users move them; its fixture is not open by itself, and gives no client.
THEIRS = """
from openai import OpenAI
from openai.types.beta.threads import Message

SAID = {"type": "text", "text": {"value": "Hello!", "annotations": []}}

@pytest.mark.parametrize("number", range(COUNT))
def test_it(openai_mock, number):
    threads = openai_mock.state.beta.threads

    def finish(run):
        threads.runs.put(run.model_copy(update={"status": "completed"}))
        threads.messages.put(Message.model_validate({
            "id": "msg_1", "created_at": run.created_at, "object": "thread.message", "status": "completed",
            "role": "assistant", "thread_id": run.thread_id, "content": [SAID],
        }))

    with openai_mock.router:
        converse(CLIENT, finish)
        assert openai_mock.router.calls.call_count == 7
"""
FRESH = 'OpenAI(api_key="sk-benchmark")'
SUITES = {
    "the plugin": OURS,
    "openai-responses": THEIRS.replace("CLIENT", FRESH),
    "openai-responses, one client for all": f"{THEIRS.replace('CLIENT', 'SHARED')}\nSHARED = {FRESH}\n",
}


def figures(quick: bool) -> Iterator[Figure]:
    """Seconds of each suite, and how much of theirs ours takes."""
    tests, rounds = (10, 1) if quick else (1_000, 3)
    seconds: dict[str, list[float]] = {name: [] for name in SUITES}
    with tempfile.TemporaryDirectory() as folder:
        python = os.environ.get(ENVIRONMENT) or environment(Path(folder) / "rival")
        for _ in range(rounds):
            for name, suite in SUITES.items():
                seconds[name].append(_session(python, Path(folder), suite, tests))
    for name, measured in seconds.items():
        yield Figure("plugin_suite", f"{tests} tests with {name}", median(measured), "s")
    ours = seconds["the plugin"]
    for name, bar in (("openai-responses", 1 / 4), ("openai-responses, one client for all", None)):
        ratio = median(mine / theirs for mine, theirs in zip(ours, seconds[name], strict=True))
        yield Figure("plugin_suite", f"the same suite: the plugin over {name}", ratio, "×", bar)


def _session(python: str, folder: Path, suite: str, tests: int) -> float:
    """Seconds of a whole pytest run of that suite."""
    (folder / "test_suite.py").write_text(f"import pytest\n{TALK}{suite}".replace("COUNT", str(tests)), "utf-8")
    options = ["-q", "-p", "no:cacheprovider", "-W", "ignore::DeprecationWarning", f"--rootdir={folder}"]
    start = time.perf_counter()
    done = subprocess.run(
        [python, "-m", "pytest", *options, "test_suite.py"], cwd=folder, capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - start
    if done.returncode or f"{tests} passed" not in done.stdout:
        sys.exit(f"The comparison with openai-responses failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return seconds


if __name__ == "__main__":
    for figure in figures("--quick" in sys.argv):
        print(f"{figure.value:>10.3f} {figure.unit:<3} {figure.name}")
