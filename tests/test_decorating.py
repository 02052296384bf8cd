"""The fake as a decorator: what is handed in, what stays hidden, and that no two calls share anything."""

import asyncio
import inspect
import threading
import unittest
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from openai_fake import OpenAIFake, faults, reply
from tests.plain_client import answer, new_thread, send


def test_a_function_is_handed_a_fresh_fake_at_each_call() -> None:
    seen = []

    @OpenAIFake()
    def ask(fake: OpenAIFake, question: str) -> str:
        """Ask."""
        seen.append((fake, fake.calls.count))
        fake.reply(f"{question}!")
        return answer(question)

    assert (ask("Hi"), ask(question="Ho")) == ("Hi!", "Ho!")  # type: ignore[call-arg, arg-type]
    (first, _), (second, _) = seen
    assert first is not second and [count for _, count in seen] == [0, 0]
    assert (ask.__name__, ask.__doc__) == ("ask", "Ask.")


@pytest.mark.parametrize("place", ["first", "last", "only by position", "only by name", "nowhere", "any name"])
def test_the_fake_is_handed_in_wherever_there_is_room(place: str) -> None:
    def first(fake: Any, x: int, y: int = 2) -> Any:
        return fake, x, y

    def last(x: int, y: int = 2, fake: Any = None) -> Any:
        return fake, x, y

    def by_position(x: int, fake: Any, /, y: int = 2) -> Any:
        return fake, x, y

    def by_name(x: int, *, fake: Any, y: int = 2) -> Any:
        return fake, x, y

    def nowhere(x: int, y: int = 2) -> Any:
        return None, x, y

    def any_name(x: int, y: int = 2, **others: Any) -> Any:
        return others.get("fake"), x, y

    functions: dict[str, Any] = {
        "first": first,
        "last": last,
        "only by position": by_position,
        "only by name": by_name,
        "nowhere": nowhere,
        "any name": any_name,
    }
    decorated = OpenAIFake()(functions[place])
    for args, kwargs in (((1,), {}), ((1,), {"y": 2})):
        fake, *rest = decorated(*args, **kwargs)
        assert rest == [1, 2] and isinstance(fake, OpenAIFake) == (place not in ("nowhere", "any name"))
    assert "fake" not in inspect.signature(decorated).parameters


def test_the_template_is_played_at_each_call_and_shared_by_none() -> None:
    template = OpenAIFake(seed=3)
    template.add_assistant("asst_x", name="Template")
    template.reply("scripted")
    template.default_script(reply("by default"))

    @template
    def ask(fake: OpenAIFake) -> list[str]:
        assert fake.assistants["asst_x"].name == "Template" and fake.options.seed == 3
        return [answer("Hi", assistant="asst_x"), answer("Hi", assistant="asst_x")]

    assert [ask(), ask()] == [["scripted", "by default"]] * 2  # type: ignore[call-arg]
    assert template.calls.count == 0 and not template.threads


def test_recursion_nests_fakes() -> None:
    @OpenAIFake()
    def descend(depth: int, fake: OpenAIFake) -> list[int]:
        new_thread()
        deeper: list[int] = descend(depth - 1) if depth else []  # type: ignore[call-arg]
        new_thread()
        return [len(fake.threads), *deeper]

    assert descend(3) == [2, 2, 2, 2]  # type: ignore[call-arg]


def test_arranged_trouble_is_counted_in_each_call_apart() -> None:
    template = OpenAIFake()
    injected = template.inject(faults.server_error, on="threads.create")

    @template
    def meet(depth: int) -> list[str]:
        met = ["error" if "error" in send("POST", "/threads", {}) else "thread"]
        deeper: list[str] = meet(depth - 1) if depth else []
        return [*met, *deeper, "error" if "error" in send("POST", "/threads", {}) else "thread"]

    assert meet(1) == ["error", "error", "thread", "thread"] and injected.met == 0


def test_calls_on_several_threads_share_no_fake() -> None:
    fakes: list[OpenAIFake] = []
    together = threading.Barrier(4)

    @OpenAIFake()
    def work(number: int, fake: OpenAIFake) -> None:
        fakes.append(fake)
        together.wait()
        with fake.http_client("httpx") as client:
            for _ in range(number):
                new_thread(client)
        together.wait()
        assert len(fake.threads) == number

    threads = [threading.Thread(target=work, args=(number,)) for number in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(len(fake.threads) for fake in fakes) == [1, 2, 3, 4]


def test_a_coroutine_function_stays_one() -> None:
    @OpenAIFake()
    async def ask(fake: OpenAIFake) -> str:
        fake.reply("later")
        await asyncio.sleep(0)
        return answer("Hi")

    assert inspect.iscoroutinefunction(ask)
    assert asyncio.run(ask()) == "later"  # type: ignore[call-arg]


def test_generators_have_the_fake_from_their_first_item_to_their_end() -> None:
    @OpenAIFake()
    def sync_items(fake: OpenAIFake) -> Iterator[Any]:
        yield fake
        yield answer("Hi")

    @OpenAIFake()
    async def async_items(fake: OpenAIFake) -> AsyncIterator[Any]:
        yield fake
        yield answer("Hi")

    async def collect() -> list[Any]:
        return [(item, was_open(item)) async for item in async_items()]  # type: ignore[call-arg]

    def was_open(item: Any) -> bool:
        return isinstance(item, OpenAIFake) and item.is_open

    for items in ([(item, was_open(item)) for item in sync_items()], asyncio.run(collect())):  # type: ignore[call-arg]
        (fake, is_open), (text, _) = items
        assert is_open and not fake.is_open and fake.calls.count == 5 and text


@pytest.mark.parametrize("kind", ["function", "coroutine function", "generator"])
def test_what_is_left_unplayed_is_told_when_the_call_ends_and_not_over_another_failure(kind: str) -> None:
    def function(fake: OpenAIFake, error: Exception | None) -> None:
        fake.reply("never")
        if error:
            raise error

    async def coroutine(fake: OpenAIFake, error: Exception | None) -> None:
        function(fake, error)

    def generator(fake: OpenAIFake, error: Exception | None) -> Iterator[None]:
        function(fake, error)
        yield

    def call(error: Exception | None) -> object:
        decorate: Callable[[Any], Any] = OpenAIFake()
        if kind == "function":
            return decorate(function)(error)
        return asyncio.run(decorate(coroutine)(error)) if kind != "generator" else list(decorate(generator)(error))

    with pytest.raises(AssertionError, match=r"1 script\(s\) were not played"):
        call(None)
    with pytest.raises(ZeroDivisionError):
        call(ZeroDivisionError())


@OpenAIFake(seed=1)
class TestClass:
    """Collected as ever, each test with a fake of its own."""

    fake: OpenAIFake
    seen: list[OpenAIFake] = []

    def test_it_is_self_fake(self) -> None:
        assert self.fake.is_open and self.fake.calls.count == 0 and self.fake.options.seed == 1
        new_thread()
        self.seen.append(self.fake)

    test_it_is_fresh = test_it_is_self_fake

    @pytest.mark.parametrize("number", [1, 2])
    def test_parameters_and_fixtures_go_on_working(self, number: int, fake: OpenAIFake, tmp_path: object) -> None:
        assert fake is self.fake and number in (1, 2) and tmp_path and self.fake not in self.seen

    async def test_it_is_there_in_a_coroutine(self) -> None:
        new_thread()
        assert len(self.fake.threads) == 1

    @staticmethod
    def test_static(fake: OpenAIFake) -> None:
        assert fake.is_open

    @classmethod
    def test_class_method(cls, fake: OpenAIFake) -> None:
        assert fake.is_open and not hasattr(cls, "fake")

    @OpenAIFake(seed=2)
    def test_a_test_of_its_own_options(self, fake: OpenAIFake) -> None:
        assert fake is self.fake and fake.options.seed == 2

    def helper(self) -> bool:
        return hasattr(self, "fake")

    class TestInner:
        fake: OpenAIFake

        def test_inner_classes_too(self) -> None:
            assert self.fake.options.seed == 1


@OpenAIFake(seed=5)
class TestHeir(TestClass):
    """Inherited tests take the options of the class that is decorated last."""

    def test_it_is_self_fake(self) -> None:
        assert self.fake.options.seed == 5

    test_it_is_fresh = test_it_is_self_fake

    def test_a_test_of_its_own_options(self) -> None:  # type: ignore[override]
        assert self.fake.options.seed == 5

    async def test_it_is_there_in_a_coroutine(self) -> None:
        assert self.fake.options.seed == 5


def test_only_tests_are_decorated() -> None:
    assert TestClass().helper() is False
    with pytest.raises(TypeError, match="decorates functions and classes, not 3"):
        OpenAIFake()(3)


def test_a_fixture_is_decorated_beneath_its_own_decorator() -> None:
    @pytest.fixture
    def mine() -> None: ...

    with pytest.raises(TypeError, match=r"put @pytest\.fixture above it"):
        OpenAIFake()(mine)


@OpenAIFake(seed=4)
class TestOfUnittest(unittest.TestCase):
    """The fake is there in `setUp` and `tearDown`, too."""

    fake: OpenAIFake

    def setUp(self) -> None:
        self.fake.add_assistant("asst_x")
        self.fake.reply("from setUp", optional=True)

    def tearDown(self) -> None:
        assert self.fake.is_open and "asst_x" in self.fake.assistants

    def test_one(self) -> None:
        self.assertEqual((answer("Hi", assistant="asst_x"), self.fake.options.seed), ("from setUp", 4))

    def test_other(self) -> None:
        self.assertEqual(self.fake.calls.count, 0)

    def test_as_a_parameter(self, fake: OpenAIFake) -> None:
        self.assertIs(fake, self.fake)

    @unittest.skip("the fake is closed after it all the same")
    def test_skipped(self) -> None:
        self.fail()


class TestMethodsOfUnittest(unittest.TestCase):
    @OpenAIFake(seed=6)
    def test_method(self, fake: OpenAIFake) -> None:
        self.assertEqual(fake.options.seed, 6)


@OpenAIFake()
class TestAsyncOfUnittest(unittest.IsolatedAsyncioTestCase):
    fake: OpenAIFake

    async def asyncSetUp(self) -> None:
        self.fake.reply("async", optional=True)

    async def test_class(self) -> None:
        self.assertEqual(answer("Hi"), "async")

    @OpenAIFake(seed=7)
    async def test_method(self, fake: OpenAIFake) -> None:
        self.assertNotEqual(answer("Hi"), "async")
        self.assertEqual((fake, fake.options.seed, fake.calls.count), (self.fake, 7, 5))


def outcome(case: type[unittest.TestCase]) -> dict[str, str]:
    """How the tests of a case end under unittest itself: the text of each failure and error by test name."""
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(case).run(result)
    assert result.testsRun
    told = [(test, f"FAIL {text}") for test, text in result.failures]
    told += [(test, f"ERROR {text}") for test, text in result.errors]
    return {test.id().rpartition(".")[2]: text for test, text in told} | {"failed": str(len(told))}


def test_unittest_tells_a_failure_once() -> None:
    @OpenAIFake()
    class Case(unittest.TestCase):
        fake: OpenAIFake

        def setUp(self) -> None:
            self.fake.reply("never")

        def test_unplayed(self) -> None: ...

        def test_fails_anyway(self) -> None:
            self.assertEqual(1, 2)

        def test_fails_in_part(self) -> None:
            with self.subTest("part"):
                self.assertEqual(1, 2)

        @unittest.expectedFailure
        def test_expected(self) -> None:
            self.assertEqual(1, 2)

        def test_skips(self) -> None:
            self.skipTest("no")

    told = outcome(Case)
    assert told["failed"] == "3"
    assert told["test_unplayed"].startswith("FAIL") and "1 script(s) were not played" in told["test_unplayed"]
    assert "1 != 2" in told["test_fails_anyway"] and "not played" not in told["test_fails_anyway"]


def test_a_debugged_case_has_a_fake_too() -> None:
    @OpenAIFake()
    class Case(unittest.TestCase):
        fake: OpenAIFake

        def test_unplayed(self) -> None:
            self.fake.reply("never")

    with pytest.raises(AssertionError, match="not played"):
        Case("test_unplayed").debug()


def test_reset_begins_a_fresh_world_in_which_the_template_stands_again() -> None:
    fake = OpenAIFake()
    fake.add_assistant("asst_x")
    fake.reply("from the template")
    with fake:
        assert answer("Hi", assistant="asst_x") == "from the template"
        fake.reply("only before")
        fake.add_assistant("asst_before")
        fake.clock.advance(100)
        started = fake.clock.start
        first = list(fake.threads)
        fake.reset()
        assert not fake.threads and not fake.calls and set(fake.assistants) == {"asst_x"}
        assert fake.clock.now == started
        assert answer("Hi", assistant="asst_x") == "from the template"
        assert list(fake.threads) == first


def test_nothing_is_left_on_an_object_whose_method_was_decorated() -> None:
    class Slotted:
        __slots__ = ("fake",)

        @OpenAIFake()
        def test_it(self) -> None: ...

    class Plain:
        fake = "of the class"

        def test_it(self) -> None:
            assert isinstance(self.fake, OpenAIFake)

    decorate: Any = OpenAIFake()
    plain = decorate(Plain)()
    plain.test_it()
    assert plain.fake == "of the class" and not vars(plain)
    slotted = decorate(Slotted)()
    slotted.test_it()
    assert not hasattr(slotted, "fake")
