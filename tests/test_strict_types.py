"""Under the documented profile every reply is what the SDK's own types promise, checked by their strict validation."""

from typing import Any

import pytest

from openai_fake import (
    OpenAIFake,
    citation,
    code_interpreter,
    expire,
    fail,
    file_path,
    file_search,
    incomplete,
    refusal,
    reply,
    tool_call,
    usage,
    wait,
)
from tests.sdk_talk import Talk, converse

openai = pytest.importorskip("openai", reason="the openai SDK is not installed")

FOUND = {"file_id": "file-1", "file_name": "a.txt", "score": 0.5, "text": "So it is."}
SCRIPTS: dict[str, list[Any]] = {
    "text": [reply("Hi.")],
    "annotated": [reply("A【1】 and [b].", annotations=[citation("file-1", "【1】"), file_path("file-2", "[b]")])],
    "images": [reply("See:", images=["file-1"]), reply("", images=["file-2", "file-3"])],
    "refusal": [refusal("No.")],
    "function": [(tool_call("f", a=1), tool_call("g", "not json")), usage(5, 5), reply("Done.")],
    "code": [code_interpreter("1+1", logs="2", images=["file-1"]), reply("Two.")],
    "search": [file_search(FOUND), reply("Found.")],
    "failed": [reply("Well"), fail("server_error", "Sorry.")],
    "failed at once": [fail("invalid_prompt", "Bad.")],
    "failed in tools": [code_interpreter("x"), fail("rate_limit_exceeded", "Slow down.")],
    "incomplete": [incomplete("max_prompt_tokens", "Once")],
    "expired": [reply("Once"), expire()],
    "slow": [wait(5), reply("Late.")],
}


def strictly(conversation: Any, **given: Any) -> Any:
    """A conversation with a client that accepts nothing but what its types say."""
    return converse("sync", conversation, _strict_response_validation=True, **given)


async def look(talk: Talk, run: Any) -> None:
    """Read everything a run has left."""
    runs, thread = talk.beta.threads.runs, run.thread_id
    # Not by name: early SDKs do not know it.
    include: Any = {"include[]": "step_details.tool_calls[*].file_search.results[*].content"}
    for step in runs.steps.list(run.id, thread_id=thread, extra_query=include):
        runs.steps.retrieve(step.id, thread_id=thread, run_id=run.id)
        assert step.metadata == {}
    for message in talk.beta.threads.messages.list(thread):
        same = talk.beta.threads.messages.retrieve(message.id, thread_id=thread)
        assert same == message
        assert message.status in ("completed", "incomplete")
    assert [it.id for it in runs.list(thread)] == [run.id]


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_run_and_what_it_leaves_keep_to_the_types_in_every_state(name: str) -> None:
    async def go(fake: OpenAIFake, talk: Talk) -> str:
        fake.script(*SCRIPTS[name])
        assistant = talk.beta.assistants.create(model="gpt-4o")
        thread: Any = {"messages": [{"role": "user", "content": "Hello!"}]}
        run = talk.beta.threads.create_and_run(assistant_id=assistant.id, thread=thread)
        runs = talk.beta.threads.runs
        while run.status in ("queued", "in_progress", "requires_action"):
            await look(talk, run)
            if run.required_action:
                calls = run.required_action.submit_tool_outputs.tool_calls
                outputs: Any = [{"tool_call_id": call.id, "output": "1"} for call in calls]
                run = runs.submit_tool_outputs(run_id=run.id, thread_id=run.thread_id, tool_outputs=outputs)
            else:
                run = runs.retrieve(run.id, thread_id=run.thread_id)
        await look(talk, run)
        runs.update(run.id, thread_id=run.thread_id, metadata={"a": "b"})
        return str(run.status)

    word = name.partition(" ")[0]
    assert strictly(go) == (word if word in ("failed", "incomplete", "expired") else "completed")


def test_a_cancelled_run_keeps_to_the_types_too() -> None:
    async def go(fake: OpenAIFake, talk: Talk) -> None:
        fake.script(reply("Once"), expire())
        assistant = talk.beta.assistants.create(model="gpt-4o", instructions="Help.")
        run = talk.beta.threads.create_and_run(assistant_id=assistant.id)
        fake.clock.advance(5)
        run = talk.beta.threads.runs.cancel(run.id, thread_id=run.thread_id)
        assert run.status == "cancelling"
        await look(talk, run)
        run = talk.beta.threads.runs.retrieve(run.id, thread_id=run.thread_id)
        assert run.status == "cancelled"
        await look(talk, run)

    strictly(go)


TOOLS: Any = [
    {"type": "code_interpreter"},
    {"type": "file_search"},
    {"type": "file_search", "file_search": {"max_num_results": 3, "ranking_options": {"score_threshold": 0.5}}},
    {"type": "function", "function": {"name": "f"}},
    {"type": "function", "function": {"name": "g", "description": "It.", "parameters": {"type": "object"}}},
]
SCHEMA: Any = {"type": "json_schema", "json_schema": {"name": "s", "schema": {"type": "object"}}}
FORMATS: Any = ["auto", {"type": "text"}, {"type": "json_object"}, SCHEMA]
CHOICES: Any = [
    "none",
    "auto",
    "required",
    {"type": "code_interpreter"},
    {"type": "function", "function": {"name": "f"}},
]


@pytest.mark.parametrize("response_format", FORMATS, ids=["auto", "text", "object", "schema"])
def test_assistants_keep_to_the_types(response_format: Any) -> None:
    async def go(fake: OpenAIFake, talk: Talk) -> None:
        assistants = talk.beta.assistants
        bare = assistants.create(model="gpt-4o")
        assert bare.tool_resources is not None
        made = assistants.create(
            model="gpt-4o",
            tools=TOOLS,
            response_format=response_format,
            tool_resources={"file_search": {"vector_stores": [{"file_ids": ["file-1"]}]}},
        )
        assert made.response_format == response_format or made.response_format.type == response_format["type"]
        assistants.update(made.id, temperature=0, top_p=1)
        assert len(list(assistants.list())) == 2
        assistants.delete(made.id)

    strictly(go)


@pytest.mark.parametrize("tool_choice", CHOICES, ids=str)
def test_a_run_with_every_override_keeps_to_the_types(tool_choice: Any) -> None:
    async def go(fake: OpenAIFake, talk: Talk) -> None:
        assistant = talk.beta.assistants.create(model="gpt-4o")
        thread = talk.beta.threads.create()
        run = talk.beta.threads.runs.create_and_poll(
            thread_id=thread.id,
            assistant_id=assistant.id,
            model="gpt-5",
            instructions="Help.",
            additional_instructions="More.",
            additional_messages=[{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ho"}],
            tools=TOOLS,
            tool_choice=tool_choice,
            truncation_strategy={"type": "last_messages", "last_messages": 3},
            max_prompt_tokens=500,
            max_completion_tokens=500,
            metadata={"a": "b"},
            temperature=0.2,
            top_p=0.9,
            parallel_tool_calls=False,
            response_format={"type": "json_object"},
        )
        assert (run.status, run.instructions, run.parallel_tool_calls) == ("completed", "Help.\nMore.", False)
        assert (run.truncation_strategy.last_messages, run.max_prompt_tokens, run.model) == (3, 500, "gpt-5")

    strictly(go)


def test_threads_and_messages_keep_to_the_types() -> None:
    async def go(fake: OpenAIFake, talk: Talk) -> None:
        threads = talk.beta.threads
        thread = threads.create(tool_resources={"code_interpreter": {"file_ids": ["file-1"]}})
        threads.update(thread.id, metadata={"a": "b"})
        parts: Any = [
            {"type": "text", "text": "What is this?"},
            {"type": "image_url", "image_url": {"url": "https://e.test/i.png"}},
            {"type": "image_file", "image_file": {"file_id": "file-1", "detail": "low"}},
        ]
        tools: Any = [{"type": "code_interpreter"}, {"type": "file_search"}]
        attachments: Any = [{"file_id": "file-1", "tools": tools}]
        message = threads.messages.create(thread.id, role="user", content=parts, attachments=attachments)
        threads.messages.update(message.id, thread_id=thread.id, metadata={"a": "b"})
        threads.messages.delete(message.id, thread_id=thread.id)
        threads.delete(thread.id)

    strictly(go)


def test_what_a_test_puts_in_place_keeps_to_the_types_in_every_status() -> None:
    statuses = ("completed", "failed", "cancelled", "incomplete", "expired", "requires_action")

    async def go(fake: OpenAIFake, talk: Talk) -> None:
        for status in statuses:
            thread = fake.add_thread(f"thread_{status}")
            calls = [{"id": "call_1", "name": "f", "arguments": "{}"}] if status == "requires_action" else []
            run = fake.add_run(thread.id, f"run_{status}", status=status, tool_calls=calls)
            if status != "requires_action":
                fake.add_step(run.id, tool_calls=[{"name": "f", "output": "1"}])
                fake.add_step(run.id, status="failed")
            fake.add_message(thread.id, role="assistant", run_id=run.id, assistant_id=run.assistant_id)
            shown = talk.beta.threads.runs.retrieve(run.id, thread_id=thread.id)
            assert shown.status == status
            await look(talk, shown)

    strictly(go)


def test_the_recorded_profile_is_what_strict_validation_would_refuse() -> None:
    """So that the tests above can fail: the traffic as it was recorded does not keep to the types."""

    async def go(fake: OpenAIFake, talk: Talk) -> None:
        thread = talk.beta.threads.create()
        with pytest.raises(openai.APIResponseValidationError):
            talk.beta.threads.messages.create(thread.id, role="user", content="Hi")

    strictly(go, options={"profile": "recorded"})
