"""No key is needed: a fake one is lent while a fake is open, and what was there is put back."""

import os

import pytest

from openai_fake import OpenAIFake
from openai_fake.secrets import FAKE_KEY


def key() -> str | None:
    return os.environ.get("OPENAI_API_KEY")


def test_a_key_is_lent_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with OpenAIFake():
        assert key() == FAKE_KEY
        with OpenAIFake():
            assert key() == FAKE_KEY
        assert key() == FAKE_KEY
    assert key() is None
    assert "fake" in FAKE_KEY


@pytest.mark.parametrize("own", ["sk-own", ""])
def test_what_was_there_is_there_again(monkeypatch: pytest.MonkeyPatch, own: str) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", own)
    with OpenAIFake():
        assert key() == (own or FAKE_KEY)
    assert key() == own


def test_a_key_that_was_set_meanwhile_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with OpenAIFake():
        monkeypatch.setenv("OPENAI_API_KEY", "sk-own")
        with OpenAIFake():
            assert key() == "sk-own"
        assert key() == "sk-own"
    assert key() == "sk-own"


@pytest.mark.parametrize("first_out", [0, 1])
def test_it_is_there_as_long_as_any_fake_is_open(monkeypatch: pytest.MonkeyPatch, first_out: int) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-own")
    fakes = [OpenAIFake().open()]
    monkeypatch.delenv("OPENAI_API_KEY")
    fakes.append(OpenAIFake().open())
    assert key() == FAKE_KEY
    fakes.pop(first_out).close()
    assert key() == FAKE_KEY
    fakes.pop().close()
    assert key() is None


def test_one_that_was_put_back_too_late_is_not_taken_for_somebodys_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    late = pytest.MonkeyPatch()
    with OpenAIFake():
        late.delenv("OPENAI_API_KEY")
    late.undo()
    assert key() == FAKE_KEY
    with OpenAIFake():
        assert key() == FAKE_KEY
    assert key() is None


def test_every_exit_takes_it_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    for error in (ValueError("x"), KeyboardInterrupt("x"), SystemExit("x")):
        with pytest.raises(type(error)):
            leave_by(error)
        assert key() is None


def leave_by(error: BaseException) -> None:
    with OpenAIFake():
        raise error
