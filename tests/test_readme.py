"""Every Python block of the README is run.

The rule: a block starts in a fresh namespace, unless the line above its fence is `<!-- continued -->`: then it goes
on where the block before it, in the same section, has left off. The tests that a block defines are called, in
order, with the fixtures that they name.
"""

import asyncio
import inspect
import re
import unittest
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from openai_fake.routing import _BY_SHAPE, all_operations, find

README = Path(__file__).parents[1] / "README.md"
FENCE = re.compile(r"^```(\w*)\s*$")
CONTINUED = "<!-- continued -->"


@dataclass(frozen=True)
class Block:
    """One block, with the blocks that it goes on from; `line` is that of its first line of code."""

    line: int
    code: str
    before: tuple["Block", ...] = ()


def blocks(text: str) -> list[Block]:
    """The Python blocks of a page, in order."""
    lines, found, last = text.splitlines(), list[Block](), None
    number = 0
    while number < len(lines):
        fence = FENCE.match(lines[number])
        if lines[number].startswith("#"):
            last = None
        elif fence:
            end = next(n for n in range(number + 1, len(lines)) if lines[n].rstrip() == "```")
            if fence[1] == "python":
                before: tuple[Block, ...] = ()
                if number and lines[number - 1].strip() == CONTINUED:
                    assert last, f"line {number}: nothing to continue in this section"
                    before = (*last.before, last)
                last = Block(number + 2, "\n".join(lines[number + 1 : end]) + "\n", before)
                found.append(last)
            number = end
        number += 1
    return found


def run(block: Block, request: pytest.FixtureRequest) -> None:
    """Execute a block after those it continues, then call the tests that it defines itself."""
    namespace: dict[str, object] = {"__name__": f"readme_line_{block.line}"}
    known: set[str] = set()
    for part in (*block.before, block):
        known = set(namespace)
        # Empty lines in front, so that a traceback names the line of the page.
        exec(compile("\n" * (part.line - 1) + part.code, str(README), "exec"), namespace)
    for name in namespace.keys() - known:
        if name.startswith("Test") or _is_case(namespace[name]):
            run_class(namespace[name])
        elif name.startswith("test_") and inspect.isfunction(namespace[name]):
            for mark in (*marks(namespace[name]), *marks(namespace.get("pytestmark"))):
                request.node.add_marker(getattr(pytest.mark, mark.name)(*mark.args, **mark.kwargs))
            run_test(namespace[name], request)


def marks(marked: Any) -> list[Any]:
    """The marks of a function, or those that stand in a module's `pytestmark`, the closest first."""
    marked = getattr(marked, "pytestmark", marked)
    return marked[::-1] if isinstance(marked, list) else [marked] if hasattr(marked, "kwargs") else []


def run_test(test: Any, request: pytest.FixtureRequest) -> None:
    """Call a test with the fixtures that it names."""
    result = test(**{fixture: request.getfixturevalue(fixture) for fixture in inspect.signature(test).parameters})
    if inspect.iscoroutine(result):
        asyncio.run(result)


def run_class(cls: Any) -> None:
    """Run the tests of a class, of `unittest` or not."""
    if _is_case(cls):
        result = unittest.TestResult()
        unittest.defaultTestLoader.loadTestsFromTestCase(cls).run(result)
        assert result.testsRun and result.wasSuccessful(), result.errors + result.failures
        return
    tests = [name for name in dir(cls) if name.startswith("test_")]
    assert tests
    for name in tests:
        getattr(cls(), name)()


def _is_case(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, unittest.TestCase)


@pytest.fixture(autouse=True)
def _operations_as_they_were() -> Iterator[None]:
    """What a block adds to the operations goes with it."""
    operations, shapes = dict(all_operations()), {shape: list(found) for shape, found in _BY_SHAPE.items()}
    yield
    all_operations().clear()
    all_operations().update(operations)
    _BY_SHAPE.clear()
    _BY_SHAPE.update(shapes)
    find.cache_clear()


@pytest.mark.parametrize(
    "block", [pytest.param(block, id=f"line {block.line}") for block in blocks(README.read_text("utf-8"))]
)
def test_a_block_of_the_readme_does_what_it_says(block: Block, request: pytest.FixtureRequest) -> None:
    run(block, request)


def test_the_first_commands_do_all_their_own_setting_up() -> None:
    commands = re.findall(r"^python3 -m venv .*$", README.read_text("utf-8"), re.MULTILINE)
    assert [re.search(r"-m (pytest|openai_fake demo)$", command) is not None for command in commands] == [
        True,
        True,
    ]


PAGE = """# One
```python
x = 1
```
```text
y = 1
```
<!-- continued -->
```python
x += 1
def test_it(tmp_path):
    assert x == 2 and tmp_path.is_dir()
async def test_that():
    seen.append(x)
```
# Two
<!-- continued -->
```python
```
"""


def test_a_block_continues_only_when_it_says_so_and_in_its_own_section(
    request: pytest.FixtureRequest,
) -> None:
    with pytest.raises(AssertionError, match="nothing to continue"):
        blocks(PAGE)
    first, second = blocks(PAGE.partition("# Two")[0])
    assert (first.line, first.before, second.line, second.before) == (3, (), 10, (first,))
    with pytest.raises(NameError, match="seen"):
        run(second, request)
