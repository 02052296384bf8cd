"""The examples of the old API reference, through the real SDK: what they did then, they do here."""

from typing import Any

import pytest

from openai_fake import OpenAIFake, reply, tool_call
from tests.sdk_talk import Talk, converse, each_mode


def test_the_conversation_that_began_it_all() -> None:
    openai = pytest.importorskip("openai", reason="the openai SDK is not installed")
    with OpenAIFake() as fake:
        fake.reply("Why did the chicken cross the road?", message="joke")

        @fake.script(message="weather")
        def weather(run: Any) -> Any:
            paris, rome = yield tool_call("get_weather", city="Paris"), tool_call("get_weather", city="Rome")
            yield reply(f"Paris: {paris}. Rome: {rome}.")

        client = openai.OpenAI()
        beta = client.beta
        assistant = beta.assistants.create(name="Helper", model="gpt-4", instructions="You are helpful.")
        thread = beta.threads.create()

        beta.threads.messages.create(thread.id, role="user", content="Tell me a joke")
        run = beta.threads.runs.create(thread_id=thread.id, assistant_id=assistant.id)
        statuses = [run.status]
        while run.status not in ("completed", "failed"):
            run = beta.threads.runs.retrieve(run.id, thread_id=thread.id)
            statuses.append(run.status)
        assert statuses == ["queued", "in_progress", "completed"]

        beta.threads.messages.create(thread.id, role="user", content="And what is the weather?")
        run = beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
        calls = run.required_action.submit_tool_outputs.tool_calls
        assert [(call.function.name, call.function.arguments) for call in calls] == [
            ("get_weather", '{"city":"Paris"}'),
            ("get_weather", '{"city":"Rome"}'),
        ]
        run = beta.threads.runs.submit_tool_outputs_and_poll(
            run_id=run.id,
            thread_id=thread.id,
            tool_outputs=[{"tool_call_id": call.id, "output": "sunny"} for call in calls],
        )
        assert run.status == "completed"
        said = [(m.role, m.content[0].text.value) for m in beta.threads.messages.list(thread.id)]
        client.close()
    assert said == [
        ("assistant", "Paris: sunny. Rome: sunny."),
        ("user", "And what is the weather?"),
        ("assistant", "Why did the chicken cross the road?"),
        ("user", "Tell me a joke"),
    ]


@each_mode
def test_assistants_are_created_read_listed_changed_and_deleted(mode: str) -> None:
    async def go(fake: OpenAIFake, talk: Talk) -> None:
        assistants = talk.beta.assistants
        made = await talk(
            assistants.create(
                instructions="You are a personal math tutor.",
                name="Math Tutor",
                tools=[{"type": "code_interpreter"}],
                model="gpt-4o",
            )
        )
        assert (made.object, made.name, made.tools[0].type) == ("assistant", "Math Tutor", "code_interpreter")
        assert (made.top_p, made.temperature, made.response_format) == (1.0, 1.0, "auto")
        assert (await talk(assistants.retrieve(made.id))) == made
        changed = await talk(
            assistants.update(
                made.id,
                instructions="You are an HR bot.",
                name="HR Helper",
                tools=[{"type": "file_search"}],
                tool_resources={"file_search": {"vector_store_ids": ["vs_1"]}},
                metadata={"team": "people"},
            )
        )
        assert (changed.id, changed.created_at, changed.model) == (made.id, made.created_at, "gpt-4o")
        assert (changed.name, changed.metadata) == ("HR Helper", {"team": "people"})
        assert changed.tool_resources.file_search.vector_store_ids == ["vs_1"]
        other = await talk(assistants.create(model="gpt-4o"))
        listed = await talk(assistants.list(order="desc", limit="20"))  # as the reference wrote it
        assert [assistant.id for assistant in listed.data] == [other.id, made.id]
        assert (listed.first_id, listed.last_id, listed.has_more) == (other.id, made.id, False)
        gone = await talk(assistants.delete(made.id))
        assert (gone.id, gone.object, gone.deleted) == (made.id, "assistant.deleted", True)
        assert list(fake.assistants) == [other.id]

    converse(mode, go)


@each_mode
def test_threads_are_created_read_changed_and_deleted(mode: str) -> None:
    async def go(fake: OpenAIFake, talk: Talk) -> None:
        threads = talk.beta.threads
        empty = await talk(threads.create())
        assert (empty.object, empty.metadata, fake.thread(empty.id).messages) == ("thread", {}, [])
        thread = await talk(
            threads.create(
                messages=[
                    {"role": "user", "content": "Hello, what is AI?"},
                    {"role": "user", "content": "How does AI work? Explain it in simple terms."},
                ],
                metadata={"user": "abc123"},
                tool_resources={
                    "code_interpreter": {"file_ids": ["file-1"]},
                    "file_search": {"vector_store_ids": ["vs_1"]},
                },
            )
        )
        assert [message.text for message in fake.thread(thread.id).messages] == [
            "Hello, what is AI?",
            "How does AI work? Explain it in simple terms.",
        ]
        assert thread.tool_resources.code_interpreter.file_ids == ["file-1"]
        assert thread.tool_resources.file_search.vector_store_ids == ["vs_1"]
        assert (await talk(threads.retrieve(thread.id))) == thread
        changed = await talk(threads.update(thread.id, metadata={"modified": "true", "user": "abc123"}))
        assert changed.metadata == {"modified": "true", "user": "abc123"}
        gone = await talk(threads.delete(thread.id))
        assert (gone.id, gone.object, gone.deleted) == (thread.id, "thread.deleted", True)
        assert list(fake.threads) == [empty.id]

    converse(mode, go)


@each_mode
def test_messages_of_every_kind_are_created_read_changed_and_deleted(mode: str) -> None:
    async def go(fake: OpenAIFake, talk: Talk) -> None:
        thread = await talk(talk.beta.threads.create())
        messages = talk.beta.threads.messages
        text = await talk(messages.create(thread.id, role="user", content="How does AI work?", metadata={"n": "1"}))
        assert (text.object, text.role, text.thread_id) == ("thread.message", "user", thread.id)
        assert (text.assistant_id, text.run_id, text.metadata) == (None, None, {"n": "1"})
        assert (text.content[0].text.value, text.content[0].text.annotations) == ("How does AI work?", [])
        tools: Any = [{"type": "file_search"}, {"type": "code_interpreter"}]
        attached = await talk(
            messages.create(
                thread.id, role="user", content="Read it.", attachments=[{"file_id": "file-1", "tools": tools}]
            )
        )
        (attachment,) = attached.attachments
        assert (attachment.file_id, [tool.type for tool in attachment.tools]) == (
            "file-1",
            ["file_search", "code_interpreter"],
        )
        image = await talk(
            messages.create(
                thread.id,
                role="user",
                content=[
                    {"type": "text", "text": "What is this?"},
                    {"type": "image_url", "image_url": {"url": "https://e.test/i.png"}},
                    {"type": "image_file", "image_file": {"file_id": "file-2", "detail": "high"}},
                ],
            )
        )
        question, by_url, by_file = image.content
        assert question.text.value == "What is this?"
        assert (by_url.image_url.url, by_url.image_url.detail) == ("https://e.test/i.png", "auto")
        assert (by_file.image_file.file_id, by_file.image_file.detail) == ("file-2", "high")
        spoken = await talk(messages.create(thread.id, role="assistant", content="It is a cat."))
        assert spoken.role == "assistant"

        assert (await talk(messages.retrieve(text.id, thread_id=thread.id))) == text
        changed = await talk(messages.update(text.id, thread_id=thread.id, metadata={"modified": "true"}))
        assert (changed.metadata, changed.content) == ({"modified": "true"}, text.content)
        gone = await talk(messages.delete(attached.id, thread_id=thread.id))
        assert (gone.id, gone.object, gone.deleted) == (attached.id, "thread.message.deleted", True)
        left = await talk(messages.list(thread.id))
        assert [message.id for message in left.data] == [spoken.id, image.id, text.id]

    converse(mode, go)


@each_mode
def test_lists_are_paged_in_both_orders_and_by_themselves(mode: str) -> None:
    async def go(fake: OpenAIFake, talk: Talk) -> None:
        thread = await talk(talk.beta.threads.create())
        for number in range(250):
            fake.add_message(thread.id, content=str(number))
        messages = talk.beta.threads.messages
        page = await talk(messages.list(thread.id))
        assert [message.content[0].text.value for message in page.data] == [str(n) for n in range(249, 229, -1)]
        assert page.has_more
        nearest = await talk(messages.list(thread.id, before=page.data[5].id, limit=2))
        assert [message.id for message in nearest.data] == [message.id for message in page.data[3:5]]
        for order, limit in (("asc", 100), ("desc", 7), ("asc", 20)):
            found = await talk.all(messages.list(thread.id, order=order, limit=limit))
            numbers = [int(message.content[0].text.value) for message in found]
            assert numbers == (list(range(250)) if order == "asc" else list(range(249, -1, -1)))
        # Early SDKs do not look at has_more: they ask for one page more, and it is empty.
        assert fake.calls.named("messages.list").count - 2 - 3 - 36 - 13 in (0, 3)

    converse(mode, go)


@each_mode
def test_runs_are_created_read_listed_changed_and_cancelled(mode: str) -> None:
    async def go(fake: OpenAIFake, talk: Talk) -> None:
        fake.script(reply("Hi."), times=None)
        assistant = await talk(talk.beta.assistants.create(model="gpt-4o", instructions="Help."))
        thread = await talk(talk.beta.threads.create())
        runs = talk.beta.threads.runs
        run = await talk(runs.create(thread_id=thread.id, assistant_id=assistant.id))
        assert (run.object, run.status, run.model, run.instructions) == ("thread.run", "queued", "gpt-4o", "Help.")
        cancelling = await talk(runs.cancel(run.id, thread_id=thread.id))
        assert cancelling.status == "cancelling"
        assert (await talk(runs.retrieve(run.id, thread_id=thread.id))).status == "cancelled"
        second = await talk(runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id, temperature=0.5))
        assert (second.status, second.temperature) == ("completed", 0.5)
        changed = await talk(runs.update(second.id, thread_id=thread.id, metadata={"user_id": "user_abc123"}))
        assert changed.metadata == {"user_id": "user_abc123"}
        assert [it.id for it in await talk.all(runs.list(thread.id))] == [second.id, run.id]
        steps = await talk.all(runs.steps.list(run_id=second.id, thread_id=thread.id))
        assert [step.type for step in steps] == ["message_creation"]
        step = await talk(runs.steps.retrieve(steps[0].id, thread_id=thread.id, run_id=second.id))
        assert step == steps[0]
        written = await talk(talk.beta.threads.messages.list(thread.id, run_id=second.id))
        assert [message.content[0].text.value for message in written.data] == ["Hi."]

    converse(mode, go)


@each_mode
def test_a_thread_is_created_and_run_in_one_request(mode: str) -> None:
    async def go(fake: OpenAIFake, talk: Talk) -> None:
        fake.reply("Deep learning is…", times=2)
        assistant = await talk(talk.beta.assistants.create(model="gpt-4o"))
        thread: Any = {"messages": [{"role": "user", "content": "Explain deep learning to a 5 year old."}]}
        run = await talk(talk.beta.threads.create_and_run(assistant_id=assistant.id, thread=thread))
        assert (run.status, list(fake.threads)) == ("queued", [run.thread_id])
        polled = await talk(talk.beta.threads.create_and_run_poll(assistant_id=assistant.id, thread=thread))
        assert polled.status == "completed"
        page = await talk(talk.beta.threads.messages.list(polled.thread_id))
        assert [message.role for message in page.data] == ["assistant", "user"]
        await talk(talk.beta.threads.runs.poll(run.id, thread_id=run.thread_id))

    converse(mode, go)


@each_mode
def test_azure_is_served_too(mode: str) -> None:
    async def go(fake: OpenAIFake, talk: Talk) -> None:
        fake.reply("Hi.")
        assistant = await talk(talk.beta.assistants.create(model="gpt-4o"))
        thread: Any = {"messages": [{"role": "user", "content": "Hello!"}]}
        run = await talk(talk.beta.threads.create_and_run_poll(assistant_id=assistant.id, thread=thread))
        assert run.status == "completed"
        assert {call.host for call in fake.calls} == {"contoso.openai.azure.com"}
        assert fake.calls.last.path == f"/threads/{run.thread_id}/runs/{run.id}"

    converse(
        mode,
        go,
        kind="AzureOpenAI",
        azure_endpoint="https://contoso.openai.azure.com",
        api_version="2024-05-01-preview",
        api_key="k",
    )
