"""`python -m openai_fake demo`: a real conversation through the real SDK, with no network and no key."""

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from openai_fake.__main__ import main
from tests.counts import FULL

ROOT = Path(__file__).parents[1]
NO_NETWORK = """
import sys
def refuse(event, args):
    if event in ("socket.connect", "socket.getaddrinfo"):
        raise SystemExit(f"network: {event} {args}")
sys.addaudithook(refuse)
from openai_fake.__main__ import main
sys.exit(main(["demo"]))
"""


def run(*command: str) -> "subprocess.CompletedProcess[str]":
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OPENAI_")}
    return subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, cwd=ROOT, env=environment, check=False
    )


def test_the_demo_holds_a_conversation_with_a_tool_call_and_prints_the_transcript() -> None:
    pytest.importorskip("openai", reason="the openai SDK is not installed")
    done = run("-c", NO_NETWORK)
    assert (done.returncode, done.stderr) == (0, "")
    told = done.stdout
    assert "user: What is the weather in Paris and Rome?" in told
    assert 'asks for get_weather({"city":"Paris"})' in told
    assert "get_weather gave 'raining'" in told
    assert "assistant: In Paris it is raining, in Rome it is sunny." in told
    assert "requests, none of which left this process:" in told
    assert "<runs.submit_tool_outputs: POST /threads/" in told
    if FULL:
        assert run("-m", "openai_fake", "demo").stdout == told


def test_without_the_sdk_the_demo_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "openai", None)
    monkeypatch.delitem(sys.modules, "openai_fake.demo", raising=False)
    assert main(["demo"]) == 1
    assert "pip install 'openai-fake[openai]'" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["sing"]])
def test_a_command_that_there_is_not_is_answered_with_those_there_are(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "python -m openai_fake" in capsys.readouterr().err


def test_the_demo_can_be_run_in_a_process_of_ones_own() -> None:
    pytest.importorskip("openai", reason="the openai SDK is not installed")
    demo = importlib.import_module("openai_fake.demo")
    assert demo.demo() == demo.demo()
