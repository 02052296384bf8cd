"""The options of a fake: their defaults, what they do not take, and in which words."""

import inspect
from typing import Any

import pytest

from openai_fake import OpenAIFake
from openai_fake.options import Options, option_names

DEFAULTS = {
    "seed": 0,
    "polls": 1,
    "autojump": True,
    "poll_after_ms": 0,
    "profile": "documented",
    "strict": True,
    "unscripted": "reply",
    "assert_all_played": True,
    "adopt_assistants": False,
    "require_files": False,
    "api_key": None,
    "base_urls": (),
    "block_other_hosts": False,
    "max_file_bytes": 512 * 2**20,
    "max_calls": 10_000,
    "scenario": None,
    "check_expectations": True,
    "record": None,
    "record_mode": "once",
    "upstream": None,
}


def test_the_options_and_their_defaults_are_those_of_the_design() -> None:
    options = OpenAIFake().options
    assert {name: getattr(options, name) for name in DEFAULTS} == DEFAULTS
    assert set(option_names()) >= {*DEFAULTS, "start"}


def test_the_constructor_takes_every_option_by_keyword_and_nothing_else() -> None:
    parameters = dict(inspect.signature(OpenAIFake.__init__).parameters)
    del parameters["self"]
    assert set(parameters) == set(option_names())
    assert {parameter.kind for parameter in parameters.values()} == {inspect.Parameter.KEYWORD_ONLY}
    with pytest.raises(TypeError, match="unexpected keyword argument 'sead'"):
        OpenAIFake(sead=1)  # type: ignore[call-arg]


BAD: list[tuple[dict[str, Any], str]] = [
    ({"profile": "exact"}, "OpenAIFake(profile='exact'): expected 'documented' or 'recorded'."),
    ({"unscripted": "fail"}, "OpenAIFake(unscripted='fail'): expected 'reply' or 'error'."),
    ({"polls": -1}, "OpenAIFake(polls=-1): expected 0 or more."),
    (
        {"scenario": "a.json", "record": "b.json"},
        "OpenAIFake(scenario=…, record=…): it replays or it records; give one of the two.",
    ),
    (
        {"upstream": "http://localhost:1/v1"},
        "OpenAIFake(upstream=…): the server to record, so give record= too, the file to write.",
    ),
    ({"poll_after_ms": -5}, "OpenAIFake(poll_after_ms=-5): expected 0 or more."),
    ({"start": "tomorrow"}, "start='tomorrow': give Unix seconds, a datetime, or \"now\"."),
]


@pytest.mark.parametrize(("options", "message"), BAD)
def test_a_value_that_an_option_does_not_take_is_told_with_those_it_takes(options: Any, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        OpenAIFake(**options)
    assert str(caught.value) == message


def test_an_unknown_option_is_told_with_the_nearest_one() -> None:
    with pytest.raises(TypeError) as caught:
        Options.of({"seeds": 1})
    assert str(caught.value).startswith("OpenAIFake has no option 'seeds'. Did you mean 'seed'? It has: seed, start,")
    assert Options.of({"seed": 4}).seed == 4


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        ({}, 0),
        ({"poll_after_ms": 5}, 5),
        ({"poll_after_ms": None}, None),
        ({"profile": "recorded"}, None),
        ({"profile": "recorded", "poll_after_ms": 0}, 0),
    ],
)
def test_the_recorded_profile_says_nothing_to_polls_unless_told_otherwise(options: Any, shown: int | None) -> None:
    assert Options(**options).shown_poll_after_ms == shown


def test_a_word_that_an_option_does_not_take_is_an_error_for_type_checkers_too() -> None:
    # The comments themselves are errors of mypy where they find nothing to ignore.
    with pytest.raises(ValueError, match="profile='exact'"):
        OpenAIFake(profile="exact")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="unscripted='fail'"):
        OpenAIFake(unscripted="fail")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="record_mode='twice'"):
        OpenAIFake(record_mode="twice")  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", [None, "7", 1.5, True])
def test_a_seed_is_a_whole_number_of_either_sign(seed: Any) -> None:
    with pytest.raises(TypeError) as caught:
        OpenAIFake(seed=seed)
    assert str(caught.value) == f"OpenAIFake(seed={seed!r}): expected a whole number."
    assert OpenAIFake(seed=-1).options.seed == -1


@pytest.mark.parametrize("name", ["max_calls", "max_file_bytes"])
def test_what_has_a_bound_always_has_one(name: str) -> None:
    with pytest.raises(TypeError) as caught:
        OpenAIFake(**{name: None})  # type: ignore[arg-type]
    assert str(caught.value) == (
        f"OpenAIFake({name}=None): expected a whole number. "
        "It always has a bound, so give one that the test does not come to."
    )


@pytest.mark.parametrize("name", ["api_key", "upstream"])
def test_a_key_and_an_address_are_texts(name: str) -> None:
    with pytest.raises(TypeError) as caught:
        OpenAIFake(**{name: 3}, record="there.json")  # type: ignore[arg-type]
    assert str(caught.value) == f"OpenAIFake({name}=3): expected a text, or None."


@pytest.mark.parametrize("name", ["polls", "max_file_bytes", "max_calls"])
@pytest.mark.parametrize("value", [-1, 1.5, "1", True])
def test_a_number_of_things_is_a_whole_number(name: str, value: object) -> None:
    with pytest.raises((TypeError, ValueError), match=name):
        OpenAIFake(**{name: value})  # type: ignore[arg-type]
