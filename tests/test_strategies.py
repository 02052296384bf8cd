"""What the strategies draw: values that fit their schemas, scripts that end, and failures that shrink to little."""

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import openai_fake
from openai_fake import (
    OpenAIFake,
    expire,
    fail,
    faults,
    incomplete,
    refusal,
    reply,
    strategies,
    tool_call,
    tool_calls,
    wait,
)
from openai_fake.acts import CallTools, Expire, Fail, Interpret, Refuse, Say, Search, StopShort, Wait
from openai_fake.faults import Fault, server_error
from openai_fake.states import FINAL
from tests.counts import count
from tests.fuzz_kit import drawn, smallest
from tests.kit import Api

WEATHER: dict[str, Any] = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 1, "maximum": 7}},
    "required": ["city"],
    "additionalProperties": False,
}
TOOLS: list[dict[str, Any]] = [
    {"type": "function", "function": {"name": "get_weather", "parameters": WEATHER}},
    {"type": "function", "function": {"name": "now"}},
    {"type": "code_interpreter"},
    {"type": "file_search"},
]

SCHEMAS: dict[str, dict[str, Any]] = {
    "weather": WEATHER,
    "empty": {"type": "object", "properties": {}},
    "untyped": {"properties": {"a": {}, "b": True}, "required": ["a"]},
    "bounds": {
        "type": "object",
        "properties": {
            "a": {"type": "integer", "exclusiveMinimum": 3, "exclusiveMaximum": 9},
            "b": {"type": "number", "minimum": -1.5, "maximum": 2},
            "c": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
            "d": {"type": "integer", "multipleOf": 5, "minimum": 7, "maximum": 31},
            "e": {"type": "string", "minLength": 2, "maxLength": 4},
            "f": {"type": "string", "pattern": "^[a-c]{2,5}$"},
            "g": {"type": "string", "pattern": "[0-9]", "minLength": 3, "maxLength": 6},
            "h": {"type": "number", "multipleOf": 3},
        },
        "required": ["a", "b", "c", "d", "e", "f", "g", "h"],
    },
    "choices": {
        "type": "object",
        "properties": {
            "unit": {"enum": ["c", "f", None]},
            "kind": {"const": "weather"},
            "maybe": {"type": ["string", "null"]},
            "either": {"anyOf": [{"type": "integer"}, {"type": "array", "items": {"type": "boolean"}}]},
            "one": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
        },
        "required": ["unit", "kind", "maybe", "either", "one"],
    },
    "lists": {
        "type": "object",
        "properties": {
            "some": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 2},
            "pair": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}]},
            "set": {"type": "array", "items": {"enum": ["a", "b", "c"]}, "uniqueItems": True},
            "map": {"type": "object", "additionalProperties": {"type": "integer"}},
        },
        "required": ["some", "pair", "set", "map"],
    },
    "references": {
        "type": "object",
        "properties": {"tree": {"$ref": "#/$defs/node"}},
        "required": ["tree"],
        "$defs": {
            "node": {
                "type": "object",
                "properties": {
                    "name": {"type": "string"},
                    "children": {"type": "array", "items": {"$ref": "#/$defs/node"}, "maxItems": 2},
                },
                "required": ["name"],
            }
        },
    },
    "all of": {
        "allOf": [
            {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]},
            {"$ref": "#/$defs/b"},
        ],
        "$defs": {"b": {"properties": {"b": {"type": "boolean"}}, "required": ["b"]}},
    },
    "formats": {
        "type": "object",
        "properties": {
            "date": {"type": "string", "format": "date"},
            "uuid": {"type": "string", "format": "uuid"},
            "ipv4": {"type": "string", "format": "ipv4"},
            "ipv6": {"type": "string", "format": "ipv6"},
            "email": {"type": "string", "format": "email"},
            "odd": {"type": "string", "format": "nobody-knows"},
        },
        "required": ["date", "uuid", "ipv4", "ipv6", "email", "odd"],
    },
}

each_schema = pytest.mark.parametrize("name", SCHEMAS)


def fits(text: str, schema: dict[str, Any]) -> bool:
    try:
        value = json.loads(text)
    except ValueError:
        return False
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    return bool(jsonschema.Draft202012Validator(schema, format_checker=checker).is_valid(value))


@each_schema
@given(data=st.data())
def test_drawn_arguments_fit_the_schema(name: str, data: st.DataObject) -> None:
    told = data.draw(strategies.arguments(SCHEMAS[name]))
    assert fits(told, SCHEMAS[name]), told


@each_schema
@given(data=st.data())
def test_broken_arguments_never_fit_the_schema(name: str, data: st.DataObject) -> None:
    told = data.draw(strategies.broken_arguments(SCHEMAS[name]))
    assert not fits(told, SCHEMAS[name]), told


def test_arguments_are_broken_in_every_way() -> None:
    def kind(text: str) -> str:
        try:
            value = json.loads(text)
        except ValueError:
            return "cut short" if text.startswith('{"city"') else "no JSON"
        if not isinstance(value, dict):
            return "no object"
        return "no city" if "city" not in value else "no such city" if value["city"] == 7 else "no such day"

    kinds = {kind(text) for text in drawn(strategies.broken_arguments(WEATHER), 200)}
    assert kinds == {"cut short", "no JSON", "no object", "no city", "no such city", "no such day"}


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ({"type": "nonsense"}, "JSON schema of type 'nonsense'"),
        ("text", "'text' is no JSON schema"),
        ({"type": "object", "properties": {"a": {"not": {}}}}, "'not' is not understood"),
        ({"type": "object", "minProperties": 2}, "'minProperties' is not understood"),
        ({"$ref": "#/$defs/none"}, "'#/$defs/none' leads nowhere"),
        ({"$ref": "https://elsewhere.test/schema"}, "leads nowhere"),
    ],
)
def test_a_schema_that_is_not_understood_is_refused(schema: Any, told: str) -> None:
    with pytest.raises(ValueError) as raised:
        strategies.from_schema(schema)
    assert told in str(raised.value)


def anything(drawn: object) -> bool:
    return True


@given(strategies.scripts(TOOLS))
def test_a_drawn_script_is_shown_as_it_is_written(script: tuple[Any, ...]) -> None:
    assert eval(repr(script), vars(openai_fake).copy()) == script


def test_everything_shrinks_to_the_simplest() -> None:
    assert smallest(strategies.acts(TOOLS), anything) == reply("Done.")
    assert smallest(strategies.faults(streams=True), anything) == server_error()
    simplest = smallest(strategies.conversations(TOOLS), anything)
    assert (simplest.messages, simplest.acts, simplest.trouble) == (["Hello?"], (reply("Done."),), ())


SMALLEST = [
    (StopShort, (incomplete("max_completion_tokens"),)),
    (CallTools, (tool_calls(tool_call("get_weather", city="")), reply("Done."))),
    (Wait, (wait(1), reply("Done."))),
    (Fail, (fail("server_error", "Sorry, something went wrong."),)),
    (Expire, (expire(),)),
    (Refuse, (refusal("Done."),)),
]


@pytest.mark.parametrize(("wanted", "script"), SMALLEST[: count(1, len(SMALLEST))])
def test_a_script_shrinks_to_the_act_that_matters(wanted: type, script: tuple[Any, ...]) -> None:
    found = smallest(strategies.scripts(TOOLS), lambda drawn: any(isinstance(act, wanted) for act in drawn))
    assert found == script


def test_acts_are_drawn_of_every_kind_the_tools_allow() -> None:
    always = {Say, Refuse, Fail, StopShort, Expire, Wait}
    assert {type(act) for act in drawn(strategies.acts(), 200)} == always
    assert {type(act) for act in drawn(strategies.acts(TOOLS), 200)} == always | {CallTools, Interpret, Search}


def test_tools_are_understood_in_every_form_they_come_in() -> None:
    with OpenAIFake() as fake:
        of_the_fake = fake.add_assistant(model="gpt-4o", tools=TOOLS).tools
    for tools in (TOOLS, of_the_fake, ["get_weather", "now"]):
        called = [
            act for script in drawn(strategies.scripts(tools), 60) for act in script if isinstance(act, CallTools)
        ]
        assert {call.name for act in called for call in act.calls} == {"get_weather", "now"}


@given(script=strategies.scripts(TOOLS))
def test_every_script_comes_to_an_end(script: tuple[Any, ...]) -> None:
    fake = OpenAIFake(unscripted="error")
    fake.script(*script)
    api = Api(fake)
    run = api.settle(api.run())
    asked = 0
    while run["status"] == "requires_action":
        asked += 1
        run = api.settle(api.submit(run, *["1"] * len(run["required_action"]["submit_tool_outputs"]["tool_calls"])))
    assert run["status"] in FINAL
    assert fake.complaints() == []
    assert asked <= sum(isinstance(act, CallTools) for act in script)


@given(conversation=strategies.conversations(TOOLS, streams=True))
def test_a_conversation_arranges_itself(conversation: strategies.Conversation) -> None:
    assume(conversation.trouble)
    with OpenAIFake() as fake:
        conversation.arrange(fake)
        assert [injection.fault for injection in fake._troubles.injections] == [
            strike.fault for strike in conversation.trouble
        ]
        assert len(fake._world.book.scripts) == len(conversation.turns) == len(conversation.messages)


@given(fault=strategies.faults(streams=True))
def test_a_drawn_fault_says_how_it_is_written(fault: Fault) -> None:
    assert eval(repr(fault), {"faults": faults, "inf": float("inf")}) == fault
