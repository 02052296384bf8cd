"""The same test gives the same bytes: whatever ran before it, whatever the hash seed, and under pytest-xdist."""

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from openai_fake import OpenAIFake
from tests.counts import count
from tests.kit import Api
from tests.sessions import LIGHT

ROOT = Path(__file__).parents[1]
PROGRAM = """
import json, sys
from openai_fake import OpenAIFake, reply, tool_call
from tests.kit import Api, dump

def told(word):
    fake = OpenAIFake(seed=3)
    fake.script(tool_call("f", b=1, a=2), reply("Done."), message="use")
    it = Api(fake)
    assistant = it.assistant(metadata={"z": "1", "a": "2"})
    first = it.settle(it.run(it.thread("use it"), assistant))
    it.settle(it.submit(first, "1"))
    it.settle(it.run(it.thread(word), assistant))
    answers = [it.send("GET", f"/threads/{id}/messages").raw.decode() for id in fake.threads]
    files = [fake.add_file(content=b"The same.").id for _ in range(8)]
    store = it.ok("POST", "/vector_stores", {})["id"]
    batch = it.ok("POST", f"/vector_stores/{store}/file_batches", {"file_ids": files})["id"]
    it.ok("GET", f"/vector_stores/{store}/file_batches/{batch}")
    found = it.ok("POST", f"/vector_stores/{store}/search", {"query": "same"})
    refused = it.send("POST", "/assistants", {"modle": "x", "nam": 1}).raw.decode()
    return [fake.transcript(), answers, found, refused, json.dumps(dump(fake))]

if __name__ == "__main__":
    words = sys.argv[1:]
    results = {word: told(word) for word in words}
    print(json.dumps([results[word] for word in sorted(words)]))
"""


def test_the_same_program_gives_the_same_bytes_whatever_its_order_and_hash_seed() -> None:
    def run(seed: str, *words: str) -> bytes:
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", PROGRAM, *words]
        return subprocess.run(command, capture_output=True, check=True, cwd=ROOT, env=environment).stdout

    first = run("0", "one", "two")
    assert b"asst_000000000000000000000001" in first
    others = [("12345", "two", "one"), ("1", "one", "two"), ("2", "two", "one")]
    for seed, *words in others[: count(1, 3)]:
        assert run(seed, *words) == first


TESTS = """
import os
from pathlib import Path
import pytest
from program import told

@pytest.mark.parametrize("word", list("abcdefgh"))
def test_it(word):
    path = Path(os.environ["TOLD_IN"]) / word
    path.write_text(repr(told(word)), "utf-8")
"""


def test_the_same_tests_give_the_same_bytes_in_any_order_and_under_xdist(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makepyfile(program=PROGRAM, test_it=TESTS)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(pytester.path)]))
    here: dict[str, object] = {"__name__": "program"}
    # Under the same file name, because scripts are told by the place they stand at.
    exec(compile(PROGRAM.strip(), str(pytester.path / "program.py"), "exec"), here)
    told: Any = here["told"]
    expected = {word: repr(told(word)) for word in "hgfedcba"}
    orders = {"in order": LIGHT, "shuffled": ["-p", "no:xdist"], "xdist": [*LIGHT, "-n", "2"]}
    for name in list(orders)[: count(1, 3)]:
        folder = pytester.mkdir(name)
        monkeypatch.setenv("TOLD_IN", str(folder))
        pytester.runpytest_subprocess(*orders[name]).assert_outcomes(passed=8)
        assert {path.name: path.read_text("utf-8") for path in folder.iterdir()} == expected


def test_fakes_opened_and_closed_in_many_threads_leave_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """That the transport methods are what they were is checked after every test."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    wrong: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(count(30, 120)):
                with OpenAIFake() as fake:
                    assert Api(fake).thread() == "thread_000000000000000000000001"
                    assert os.environ["OPENAI_API_KEY"]
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert "OPENAI_API_KEY" not in os.environ
