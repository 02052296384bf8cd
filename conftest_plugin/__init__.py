"""The pytest plugin: a fresh fake a test, and what happened in it when the test fails.

It imports pytest alone until a fixture is used.
"""

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from . import settings
from .clients import async_client, close_now, sync_client
from .witness import WITNESS, Witness

if TYPE_CHECKING:
    from openai import AsyncOpenAI, OpenAI

    from openai_fake import OpenAIFake


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the command line and the ini file."""
    settings.add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, the witness of the session and, where it is asked for, the page."""
    config.addinivalue_line(
        "markers",
        "openai_fake(**options): open the test's fake with these options of OpenAIFake, the closest mark counting for "
        "each of them; also a test that does not name the fixture gets one.",
    )
    settings.check(config)
    witness = Witness(config)
    config.stash[WITNESS] = witness
    config.pluginmanager.register(witness, "openai_fake_witness")
    path = config.getoption(settings.REPORT)
    if path and not hasattr(config, "workerinput"):
        # What writes the page is not imported by sessions that want none.
        from .reporting import Reporter

        config.pluginmanager.register(Reporter(config.invocation_params.dir / path), "openai_fake_reporter")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Put back what the witness has wrapped."""
    witness = config.stash.get(WITNESS, None)
    if witness is not None:
        witness.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give a test that carries the marker its fake, also where it does not name the fixture."""
    for item in items:
        names = getattr(item, "fixturenames", None)
        if names is not None and "openai_fake" not in names and item.get_closest_marker("openai_fake"):
            # In front, so that no other fixture speaks to the network; but what mocks it lies on top if it comes later.
            names.insert(_behind_other_mocks(item, names), "openai_fake")


_OTHER_MOCKS = frozenset({"httpx_mock", "httpx2_mock", "vcr"})


def _behind_other_mocks(item: pytest.Item, names: list[str]) -> int:
    """The first place among a test's fixtures that is behind all that mock the network, or use one that does."""
    known = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})

    def uses(name: str, seen: frozenset[str] = frozenset()) -> bool:
        wanted = {used for found in known.get(name, ()) for used in found.argnames} - seen
        return name in _OTHER_MOCKS or any(uses(used, seen | wanted) for used in wanted)

    return max([place + 1 for place, name in enumerate(names) if uses(name)], default=0)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Keep the SDK's deprecation warnings out of a test, as the ini file says."""
    with settings.sdk_deprecations_ignored(item.config):
        return (yield)


@pytest.fixture
def openai_fake(request: pytest.FixtureRequest) -> "Iterator[OpenAIFake]":
    """A fresh `OpenAIFake`, open for the test; its options come from the command line, the marker and the ini file.

    Scripts left unplayed, unscripted runs and misuse fail the test itself.
    """
    from openai_fake import OpenAIFake

    options: dict[str, Any] = settings.options_for(request.node)
    request.config.stash[WITNESS].watch()
    with OpenAIFake(**options) as fake:
        yield fake
        if request.config.getoption("setuponly", False):
            fake.excuse()


@pytest.fixture
def openai_fake_client(openai_fake: "OpenAIFake") -> "Iterator[OpenAI]":
    """A ready `OpenAI` client of the test's fake. It leads nowhere else, needs no key and builds no SSL context."""
    client = sync_client(openai_fake)
    yield client
    client.close()


@pytest.fixture
def openai_fake_async_client(openai_fake: "OpenAIFake") -> "Iterator[AsyncOpenAI]":
    """A ready `AsyncOpenAI` client of the test's fake, under any event loop."""
    client = async_client(openai_fake)
    yield client
    close_now(client)
