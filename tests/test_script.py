"""Which script plays: first in, first out, among those that fit, as often as it may, never the one just ended."""

import re
import sys
from collections.abc import Callable
from typing import Any

import pytest

from openai_fake import OpenAIFake, reply, tool_call, usage
from openai_fake.book import ScriptBook
from openai_fake.conditions import When
from openai_fake.errors import Misuse
from openai_fake.script import Script, as_acts
from tests.kit import Api, api, path_of, said

SECRET = "sk-proj-" + "A1b2C3d4" * 6


class Run:
    """A run as a script sees it."""

    def __init__(self, message: str = "Hello!", assistant: str = "asst_1", thread: str = "thread_1") -> None:
        self.id, self.thread_id, self.assistant_id, self.last_message = "run_1", thread, assistant, message


FITS: list[Any] = [
    (When(), True),
    (When(assistant="asst_1"), True),
    (When(assistant="asst_2"), False),
    (When(thread="thread_1"), True),
    (When(thread="thread_2"), False),
    (When(message="ell"), True),
    (When(message="ELL"), False),
    (When(message=""), True),
    (When(message=re.compile("^h.*!$", re.I)), True),
    (When(message=re.compile("^ello")), False),
    (When(message=str.isupper), False),
    (When(message=lambda text: len(text) == 6), True),
    (When(when=lambda run: run.id == "run_1"), True),
    (When(when=lambda run: 0), False),
    (When(assistant="asst_1", message="ell", when=lambda run: True), True),
    (When(assistant="asst_2", message="ell"), False),
]


@pytest.mark.parametrize(("when", "fits"), FITS)
def test_a_script_is_for_the_runs_that_fit_all_its_conditions(when: When, fits: bool) -> None:
    assert (when.misfit(Run()) is None) == fits


def last_words(it: Api, *texts: str) -> list[str]:
    """What the assistant says to each of these, on a thread of its own."""
    answers = []
    for text in texts:
        run = it.settle(it.run(it.thread(text)))
        answers.append(said(it.messages(run["thread_id"])[-1]))
    return answers


def test_the_first_that_fits_is_played_and_only_once() -> None:
    it = api()
    it.fake.reply("one")
    it.fake.reply("joke!", message="joke")
    it.fake.reply("two")
    assert last_words(it, "a", "b", "a joke") == ["one", "two", "joke!"]
    assert it.fake.complaints() == []


def test_a_script_may_be_played_several_times_or_for_ever() -> None:
    it = api()
    it.fake.reply("twice", times=2)
    it.fake.reply("ever", times=None)
    assert last_words(it, *"abcd") == ["twice", "twice", "ever", "ever"]


def test_runs_that_are_polled_out_of_order_do_not_steal_each_others_scripts() -> None:
    it = api()
    for number in range(5):
        it.fake.reply(f"answer {number}")
    runs = [it.run() for _ in range(5)]
    for run in reversed(runs):
        it.settle(run)
    assert [said(it.messages(run["thread_id"])[-1]) for run in runs] == [f"answer {n}" for n in range(5)]


def test_a_run_is_continued_by_the_next_script_that_fits_and_never_by_the_one_it_has_just_ended() -> None:
    it = api()
    it.fake.script(tool_call("f"), times=None)
    it.fake.reply("Done.")
    run = it.settle(it.run())
    done = it.settle(it.submit(run, "1"))
    assert (done["status"], said(it.messages(run["thread_id"])[-1])) == ("completed", "Done.")


def test_a_script_that_goes_on_itself_takes_no_other() -> None:
    it = api(assert_all_played=True)

    @it.fake.script
    def talk(run: Any) -> Any:
        (output,) = yield tool_call("f")
        yield reply(f"It gave {output}.")

    it.fake.reply("not this", optional=True)
    run = it.settle(it.run())
    it.settle(it.submit(run, "7"))
    assert said(it.messages(run["thread_id"])[-1]) == "It gave 7."


def test_tool_calls_over_several_rounds_give_their_outputs_in_call_order() -> None:
    it = api()
    seen: list[Any] = []

    @it.fake.script
    def talk(run: Any) -> Any:
        seen.append((yield tool_call("f")))
        seen.append((yield [tool_call("g"), tool_call("h")]))
        seen.append((yield reply("Hm.")))
        seen.append((yield usage(1, 2)))
        seen.append((yield tool_call("i")))

    it.fake.reply("Done.")
    run = it.settle(it.run())
    run = it.settle(it.submit(run, "1"))
    run = it.settle(it.submit(run, "2", "3"))
    run = it.settle(it.submit(run, "4"))
    assert run["status"] == "completed"
    assert seen == [("1",), ("2", "3"), None, None, ("4",)]


def test_the_default_is_played_where_no_script_fits_as_often_as_needed() -> None:
    it = api(unscripted="error")
    it.fake.default_script(reply("default"))
    it.fake.reply("joke!", message="joke")
    assert last_words(it, "a", "joke", "b") == ["default", "joke!", "default"]


@pytest.mark.parametrize("called", [False, True])
def test_the_default_may_be_a_generator_function(called: bool) -> None:
    it = api()

    def echo(run: Any) -> Any:
        yield reply(run.last_message.upper())

    default: Any = it.fake.default_script() if called else it.fake.default_script
    assert default(echo) is echo
    assert last_words(it, "a", "b") == ["A", "B"]


def test_the_text_of_an_unscripted_run_is_made_from_the_seed() -> None:
    first = last_words(api(seed=1), "a", "b")
    assert first == last_words(api(seed=1), "b", "a")
    assert first[0] == first[1]
    assert first != last_words(api(seed=2), "a", "b")
    assert len(first[0].split()) > 3


def test_what_is_no_act_is_refused_where_it_is_given() -> None:
    it = api()
    with pytest.raises(TypeError) as caught:
        it.fake.script("Hi")  # type: ignore[arg-type]
    assert str(caught.value) == (
        "expected an act: reply, refusal, tool_call, tool_calls, code_interpreter, file_search, wait, fail, "
        "incomplete, expire or usage; got 'Hi'. To say it, write reply('Hi')."
    )


def test_an_unknown_condition_is_refused_with_the_known_ones() -> None:
    with pytest.raises(TypeError) as caught:
        api().fake.reply("Hi", mesage="x")  # type: ignore[call-arg]
    assert str(caught.value) == (
        "fake.reply(mesage=…): a script takes assistant, thread, message, when, times and optional."
    )


def test_what_a_reply_is_made_with_is_told_apart_from_when_it_is_played() -> None:
    with pytest.raises(TypeError) as caught:
        api().fake.reply("Hi", chunks=2)  # type: ignore[call-arg]
    assert str(caught.value) == (
        "fake.reply(chunks=…): a script takes assistant, thread, message, when, times and optional. "
        "What the reply itself takes, it is given so: fake.script(reply(…, chunks=…))."
    )


def test_a_script_of_nothing_that_decorates_nothing_is_told_at_the_end() -> None:
    fake = OpenAIFake()
    fake.script(message="hi")
    line = called_here() - 1
    told = f"fake.script(message='hi') at {__file__}:{line} has no acts, and decorates no function: no run plays it."
    with pytest.raises(AssertionError, match=re.escape(told)), fake:
        pass
    with pytest.raises(AssertionError, match=re.escape(told)), fake:
        pass


def test_it_is_told_by_every_fake_of_that_template_and_once_it_decorates_by_none() -> None:
    fake = OpenAIFake()
    scripted = fake.script(thread="t")

    @fake
    def entered() -> None:
        pass

    with pytest.raises(AssertionError, match=re.escape("fake.script(thread='t') at ")):
        entered()

    @scripted
    def told(run: Any) -> Any:
        yield reply("Hi")

    with fake:
        assert [complaint.partition(":")[0] for complaint in fake.complaints()] == ["1 script(s) were not played"]
        fake.excuse()


def test_it_is_told_by_no_fake_but_the_one_that_it_was_given_in() -> None:
    fake = OpenAIFake()

    @fake
    def forgetful(fake: OpenAIFake) -> None:
        fake.script(message="hi")

    @fake
    def right(fake: OpenAIFake) -> None:
        assert fake.complaints() == []

    with pytest.raises(AssertionError, match="has no acts"):
        forgetful()  # type: ignore[call-arg]
    right()  # type: ignore[call-arg]
    with fake:
        fake.script(message="hi")
        fake.reset()
        assert fake.complaints() == []


def test_a_script_of_nothing_is_excused_as_one_that_was_not_played_is() -> None:
    with OpenAIFake() as fake:
        fake.script(message="hi")
        fake.excuse(scripts=False)
        assert len(fake.complaints()) == 1
        assert fake.complaints(scripts=False) == []
        fake.excuse()
        assert fake.complaints() == []
    with OpenAIFake(assert_all_played=False) as fake:
        fake.script(message="hi")


def test_a_script_of_nothing_is_told_without_secrets_and_cut_short() -> None:
    fake = OpenAIFake()
    fake.script(message=SECRET + "x" * 1_000)
    (told,) = fake.complaints()
    assert SECRET not in told and len(told) < 600


def test_only_functions_are_decorated_and_conditions_are_checked_at_once() -> None:
    fake = api().fake
    with pytest.raises(TypeError, match=re.escape("fake.script(mesage=…): a script takes assistant, ")):
        fake.script(mesage="x")  # type: ignore[call-overload]
    with pytest.raises(TypeError, match=re.escape("fake.script(…) decorates a function, not reply('Hi')")):
        fake.script(message="x")(reply("Hi"))  # type: ignore[type-var]
    with pytest.raises(TypeError, match=re.escape("fake.script(optional='no'): expected True or False.")):
        fake.script(reply("Hi"), optional="no")  # type: ignore[call-overload]
    with pytest.raises(TypeError, match=re.escape("fake.reply(when=3): expected a function of the run context")):
        fake.reply("Hi", when=3)  # type: ignore[arg-type]


def called_here() -> int:
    """The line that this is called on."""
    return sys._getframe(1).f_lineno


def test_no_script_is_told_with_what_there_was_and_why_it_did_not_fit() -> None:
    book = ScriptBook()
    book.add(Script((reply("Hi"),), When(assistant="asst_2"), where="test.py:1"))
    book.add(Script((reply("Ho"),), When(message=re.compile("jo+ke")), where="test.py:2"))
    played = Script(as_acts([reply("He")]), where="test.py:3")
    book.add(played)
    played.played = 1
    ended = Script(lambda run: None, When(when=str.isupper), times=None)
    book.add(ended)
    with pytest.raises(Misuse) as caught:
        book.take(Run(), never=ended)
    assert str(caught.value) == (
        "No script fits the run run_1 on thread_1 (assistant asst_1, newest user message 'Hello!').\n"
        "  - reply('Hi') (test.py:1): it is for assistant='asst_2', the run is of 'asst_1'\n"
        "  - reply('Ho') (test.py:2): "
        "message=re.compile('jo+ke') does not match the newest user message 'Hello!'\n"
        "  - reply('He') (test.py:3): already played 1 of 1 times\n"
        "  - <lambda>(run): it is the one that has just ended on tool calls\n"
        'Add one with fake.script(…) or fake.reply("…"), set fake.default_script(…), '
        'or open the fake with unscripted="reply".'
    )


def test_that_nothing_was_scripted_is_said() -> None:
    with pytest.raises(Misuse, match=r"\n  Nothing was scripted.\n"):
        ScriptBook().take(Run())


def test_only_what_had_to_be_played_and_was_not_is_unplayed() -> None:
    it = api()
    it.fake.reply("optional", optional=True, message="never")
    it.fake.reply("for ever", times=None, message="never")
    it.fake.reply("needed", message="never")
    it.fake.reply("twice", times=2)
    last_words(it, "a")
    (complaint,) = it.fake.complaints()
    assert complaint.startswith("2 script(s) were not played:\n")
    assert "needed" in complaint
    assert "for message='never'" in complaint
    assert "(played 1 of 2 times)" in complaint
    assert "test_script.py:" in complaint
    assert complaint.endswith(
        "Start the runs they are for, mark them optional=True or times=None, "
        "or open the fake with assert_all_played=False."
    )
    assert "optional'" not in complaint


def test_of_a_script_that_was_passed_over_it_is_said_why() -> None:
    it = api()
    it.fake.reply("sunny", message="wether")
    it.fake.reply("taken")
    it.fake.reply("nobody came")
    last_words(it, "What is the weather?")
    (run,) = [run for thread in it.fake.threads for run in it.fake.thread(thread).runs]
    (complaint,) = it.fake.complaints()
    head, first, why, second, _ = complaint.split("\n")
    assert head == "2 script(s) were not played:"
    assert "sunny" in first and "nobody came" in second
    assert why == (
        f"    It did not fit {run.id} (on {run.thread_id}): "
        "message='wether' does not match the newest user message 'What is the weather?'."
    )


@pytest.mark.parametrize("unscripted", ["reply", "error"])
def test_a_long_message_is_not_told_whole(unscripted: str) -> None:
    it = api(unscripted=unscripted)
    it.fake.reply("sunny", message="weather")
    it.send("POST", f"/threads/{it.thread('x' * 10_000)}/runs", {"assistant_id": it.assistant()})
    assert it.fake.complaints()
    assert all("does not match the newest user message 'xxx" in told for told in it.fake.complaints())
    assert all(len(told) < 1_200 for told in it.fake.complaints())


def test_a_script_sees_its_run_as_it_now_is() -> None:
    it = api()
    seen: dict[str, Any] = {}

    @it.fake.script
    def look(run: Any) -> Any:
        names = ("id", "thread_id", "assistant_id", "model", "instructions", "metadata", "last_message")
        seen.update({name: getattr(run, name) for name in names})
        seen["tools"] = [tool.function.name for tool in run.tools]
        assert run.fake is it.fake
        yield reply("One.")
        yield reply("Two.")
        seen["messages"] = [message.text for message in run.messages]

    function = {"type": "function", "function": {"name": "f"}}
    run = it.run(it.thread("a", "b"), model="gpt-5", metadata={"k": "v"}, tools=[function])
    it.settle(run)
    assert seen == {
        "id": run["id"],
        "thread_id": run["thread_id"],
        "assistant_id": run["assistant_id"],
        "model": "gpt-5",
        "instructions": "Help.",
        "metadata": {"k": "v"},
        "last_message": "b",
        "tools": ["f"],
        "messages": ["a", "b", "One.", "Two."],
    }


def test_a_function_that_gives_a_row_of_acts_is_a_script_too() -> None:
    it = api()
    it.fake.script(lambda run: [reply("One."), (tool_call("f"), tool_call("g"))])
    it.fake.script(lambda run: reply("Two."))
    run = it.settle(it.run())
    assert run["status"] == "requires_action"
    it.settle(it.submit(run, "1", "2"))
    assert [said(m) for m in it.messages(run["thread_id"])] == ["Hello!", "One.", "Two."]
    assert it.ok("GET", path_of(run))["status"] == "completed"


def raising_at_its_end(error: BaseException) -> Any:
    """A script that asks for a tool, and raises when it is ended."""

    def untidy(run: Any) -> Any:
        try:
            yield tool_call("f")
        finally:
            raise error

    return untidy


@pytest.mark.parametrize("error", [ZeroDivisionError, pytest.fail.Exception])
@pytest.mark.parametrize("end", ["cancel", "delete", "close", "advance"])
def test_a_script_that_goes_wrong_while_it_is_ended_stops_nothing_and_is_told(
    end: str, error: type[BaseException]
) -> None:
    it = api()
    it.fake.script(raising_at_its_end(error("from finally")))
    it.fake.open()
    run = it.settle(it.run())
    if end == "cancel":
        assert it.ok("POST", f"{path_of(run)}/cancel")["status"] == "cancelling"
        assert it.poll(run)["status"] == "cancelled"
    elif end == "delete":
        assert it.ok("DELETE", f"/threads/{run['thread_id']}")["deleted"]
    elif end == "advance":
        it.fake.clock.advance(1000)
        assert it.poll(run)["status"] == "expired"
    with pytest.raises(AssertionError, match=r"untidy\(run\) .* raised while it was ended: .*from finally") as told:
        it.fake.close()
    assert isinstance(told.value.__cause__, Misuse)
    assert type(told.value.__cause__.__cause__) is error
    assert not it.fake.is_open


def test_all_that_goes_wrong_while_scripts_are_ended_is_told_and_each_of_them_is_ended() -> None:
    fake = OpenAIFake().open()

    @fake.script(times=3)
    def untidy(run: Any) -> Any:
        try:
            yield tool_call("f")
        finally:
            pytest.fail(f"not {run.last_message}")

    it = Api(fake)
    for text in ("one", "two", "three"):
        it.settle(it.run(it.thread(text)))
    with pytest.raises(AssertionError) as told:
        fake.close()
    assert all(f"not {text}" in str(told.value) for text in ("one", "two", "three"))


def test_a_failed_test_is_not_told_what_goes_wrong_while_its_scripts_are_ended() -> None:
    with pytest.raises(ValueError, match="the test's own"), OpenAIFake() as fake:

        @fake.script
        def untidy(run: Any) -> Any:
            try:
                yield tool_call("f")
            finally:
                pytest.fail("not this one")

        it = Api(fake)
        it.settle(it.run())
        raise ValueError("the test's own")


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt, SystemExit])
def test_what_ends_the_program_is_not_kept_by_a_script_that_is_ended(interrupt: type[BaseException]) -> None:
    it = api()
    it.fake.script(raising_at_its_end(interrupt()))
    it.settle(it.run())
    with pytest.raises(interrupt):
        it.fake.reset()


def test_a_script_sees_what_it_has_said_also_where_images_come_first() -> None:
    it = api()
    seen: list[str] = []

    @it.fake.script
    def look(run: Any) -> Any:
        yield reply("It is this.", images=["file-1"], images_first=True)
        seen.append(run.messages[-1].text)

    it.settle(it.run())
    assert seen == ["It is this."]


def test_what_a_script_does_to_what_it_is_shown_changes_nothing() -> None:
    it = api()

    @it.fake.script
    def careless(run: Any) -> Any:
        run.tools.clear()
        run.metadata["mine"] = "now"
        yield reply("Done.")

    tools = [{"type": "code_interpreter"}]
    run = it.settle(it.run(assistant=it.assistant(tools=tools), metadata={"a": "b"}))
    assert (run["tools"], run["metadata"]) == (tools, {"a": "b"})
    assert it.ok("GET", f"/assistants/{run['assistant_id']}")["tools"] == tools


def test_the_newest_user_message_is_the_newest_by_its_time() -> None:
    it = api()
    it.fake.add_thread("t")
    it.fake.add_message("t", content="new")
    it.fake.add_message("t", content="old", created_at=1)
    it.fake.reply("yes", message="new")
    assert it.settle(it.run("t"))["status"] == "completed"
    assert it.fake.complaints() == []


def test_a_condition_is_asked_once_of_a_run_that_nothing_fits() -> None:
    it = api(unscripted="error")
    asked: list[str] = []

    def never(run: Any) -> bool:
        asked.append(run.id)
        return False

    it.fake.reply("never", when=never)
    status, message, *_ = it.refused("POST", f"/threads/{it.thread('Hi')}/runs", {"assistant_id": it.assistant()})
    assert (status, len(asked)) == (501, 1)
    assert "said no" in message


@pytest.mark.parametrize("fits", [True, False])
def test_a_condition_can_look_at_the_thread_that_is_made_with_its_run(fits: bool) -> None:
    it = api(unscripted="error")
    it.fake.reply("Hello!", when=lambda run: len(it.fake.thread(run.thread_id).messages) == (1 if fits else 2))
    sent = {"assistant_id": it.assistant(), "thread": {"messages": [{"role": "user", "content": "Hi"}]}}
    answer = it.send("POST", "/threads/runs", sent)
    assert (answer.status, len(it.fake.threads)) == ((200, 1) if fits else (501, 0))


def generator() -> Any:
    yield reply("Hi.")


@pytest.mark.parametrize(
    ("told", "hint"),
    [
        ("Hi.", "To say it, write reply('Hi.')."),
        ([reply("Hi.")], "Give acts one by one, not in a list."),
        (generator(), "Give the function itself, not what it returns."),
        (42, "got 42."),
    ],
)
def test_what_is_no_act_is_refused_with_what_was_meant(told: object, hint: str) -> None:
    with pytest.raises(TypeError) as refused:
        OpenAIFake().script(told)  # type: ignore[call-overload]
    assert str(refused.value).endswith(hint)


def test_a_default_of_a_function_and_acts_is_no_script() -> None:
    function: Callable[..., Any] = generator
    with pytest.raises(TypeError, match="expected an act"):
        OpenAIFake().default_script(function, reply("Hi."))  # type: ignore[call-overload]
