"""An interrupt (ctrl-C, the signal of a timeout) in the midst of opening or closing leaves nothing behind."""

import linecache
import os
import sys
from collections.abc import Callable
from itertools import count
from types import FrameType
from typing import Any

import pytest
import respx

from openai_fake import OpenAIFake, reply, wait, watching
from tests.kit import Api
from tests.transport_kit import belongings

OURS = ("openai_fake", "respx")


def interrupted_at(number: int, call: Callable[[], object]) -> bool:
    """Whether a call has been interrupted: it is, before a line of that number, counted over all that it calls."""
    lines = count()

    def each_line(frame: FrameType, event: str, arg: Any) -> Any:
        # A `with` is come by again at its end, where no signal would be looked at before its lock is free.
        is_with = linecache.getline(frame.f_code.co_filename, frame.f_lineno).lstrip().startswith("with ")
        if event == "line" and not is_with and next(lines) == number:
            raise KeyboardInterrupt
        return each_line

    def each_call(frame: FrameType, event: str, arg: Any) -> Any:
        name = str(frame.f_globals.get("__name__", ""))
        return each_line if name.partition(".")[0] in OURS else None

    before = sys.gettrace()
    sys.settrace(each_call)
    try:
        call()
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(before)
    return False


def around() -> list[Any]:
    """All that an open fake has changed around itself."""
    mocker = respx.mocks.Mocker.registry["openai_fake"]
    return [os.environ.get("OPENAI_API_KEY"), list(mocker.routers), belongings()]


@pytest.fixture(autouse=True)
def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


def playing() -> OpenAIFake:
    """An open fake in the midst of a script."""
    fake = OpenAIFake().open()
    fake.script(reply("Hi"), wait(5))
    it = Api(fake)
    it.poll(it.run())
    return fake


def test_wherever_opening_is_interrupted_all_is_put_back() -> None:
    before = around()
    for number in count():
        fake = OpenAIFake()
        if not interrupted_at(number, fake.open):
            break
        assert (number, around(), fake.is_open) == (number, before, False)
    fake.close()
    assert number > 50
    assert around() == before


def test_wherever_closing_is_interrupted_all_is_put_back() -> None:
    before = around()
    for number in count():
        fake = playing()
        if not interrupted_at(number, fake.close):
            break
        if fake.is_open:
            # Before it has begun to close.
            assert number < 3
            fake.close()
        assert (number, around()) == (number, before)
    assert number > 50
    assert around() == before


def test_one_of_two_that_is_interrupted_takes_nothing_from_the_other() -> None:
    before = around()
    with OpenAIFake():
        open_one = around()
        for number in range(0, 1000, 7):
            fake = OpenAIFake()
            interrupted = interrupted_at(number, fake.open)
            fake.close()
            assert (number, around()) == (number, open_one)
            if not interrupted:
                break
    assert around() == before


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_watcher_that_fails_leaves_no_fake_open(monkeypatch: pytest.MonkeyPatch, error: type[BaseException]) -> None:
    def fail(fake: OpenAIFake) -> None:
        raise error

    before = around()
    fake = OpenAIFake()
    with monkeypatch.context() as patch:
        patch.setattr(watching, "watchers", [fail])
        with pytest.raises(error):
            fake.open()
    assert around() == before
    with fake:
        assert fake.is_open
    assert around() == before
