"""What holds in every test: no network event, every patch taken back, the same Hypothesis examples."""

import gc
import importlib
import os
import ssl
import sys
from collections.abc import Generator, Iterator
from functools import cache
from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.counts import examples

# Many tests start interpreters; without this each of them would compile the package anew, half a minute in all.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Nothing here may depend on how fast the machine is, and a test that passes once passes always; a profile
# apart looks for new examples: `OPENAI_FAKE_HYPOTHESIS=seek`.
_house = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=examples())
settings.register_profile("steady", _house, derandomize=True, database=None)
settings.register_profile("seek", _house, derandomize=False, print_blob=True)
settings.load_profile(os.environ.get("OPENAI_FAKE_HYPOTHESIS", "steady"))


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """A bare `pytest` goes over two workers, or it would take more than two minutes on a slow machine.

    With any argument but `-q` and `-v` it is not bare: somebody says how to run it, or what.
    """
    is_bare = {*config.invocation_params.args} <= {"-q", "-v"} and not hasattr(config, "workerinput")
    if is_bare and config.pluginmanager.hasplugin("xdist") and (os.cpu_count() or 1) > 1:
        config.option.numprocesses = 2


class Network:
    """The audit hook and its book: what was done, in which test. A hook cannot be removed, so there is one."""

    def __init__(self) -> None:
        self.test = "outside of every test"
        self.loopback_allowed = False
        self.forbidden: list[str] = []
        self.allowed = 0

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        if event not in ("socket.connect", "socket.getaddrinfo"):
            return
        target = args[1] if event == "socket.connect" else args[0]
        if self.loopback_allowed and is_loopback(target):
            self.allowed += 1
            return
        self.forbidden.append(f"{self.test}: {event} {target!r}")
        raise ConnectionRefusedError(f"the tests make no network event, and this was {event} {target!r}")


def is_loopback(target: object) -> bool:
    """Whether an address or a host name can only mean this machine. A path is a Unix socket's."""
    host = target[0] if isinstance(target, tuple) else target
    if isinstance(host, bytes):
        host = host.decode()
    if host in (None, "", "localhost") or (isinstance(host, str) and host.startswith("/")):
        return True
    try:
        return ip_address(str(host)).is_loopback
    except ValueError:
        return False


network = Network()
sys.addaudithook(network)

# Nothing is encrypted here, and every client of httpx would read the certificates anew: 20 ms, 700 times in a run.
ssl.create_default_context = cache(ssl.create_default_context)  # type: ignore[assignment]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, object, object]:
    """Write events down under the name of the test."""
    network.test = item.nodeid
    network.loopback_allowed = item.get_closest_marker("loopback") is not None
    try:
        return (yield)
    finally:
        network.test, network.loopback_allowed = "outside of every test", False
        if nextitem is not None and nextitem.path != item.path:
            settle()


def transport_methods() -> dict[str, object]:
    """The methods through which httpx and httpx2 send, as they are now."""
    methods = {}
    for library in ("httpx", "httpx2"):
        # By way of importlib: openai 1.x and 2.x come without httpx2.
        try:
            module = importlib.import_module(library)
        except ModuleNotFoundError:
            continue
        methods[f"{library}.HTTPTransport"] = vars(module.HTTPTransport)["handle_request"]
        methods[f"{library}.AsyncHTTPTransport"] = vars(module.AsyncHTTPTransport)["handle_async_request"]
    return methods


pytest_plugins = ["pytester", "conftest_plugin"]

ORIGINAL_METHODS = transport_methods()


@pytest.fixture(autouse=True)
def _nothing_left_behind() -> Iterator[None]:
    """After every test: no network event, and the transport methods are the very objects they were."""
    before = len(network.forbidden)
    yield
    made = network.forbidden[before:]
    changed = [name for name, method in transport_methods().items() if method is not ORIGINAL_METHODS[name]]
    assert not made, f"network events: {made}"
    assert not changed, f"still patched: {changed}"


def settle() -> None:
    """What is there by now stays there: whoever collects garbage, the interpreter too, need not walk through it."""
    gc.collect()
    gc.freeze()


def pytest_collection_finish() -> None:
    """Settle once all modules are imported; what the tests import by the way is settled module by module."""
    settle()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run for any event at all, also one that was made between two tests or at collection."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["network"] = (network.forbidden, network.allowed)
    elif network.forbidden and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what an xdist worker has written down."""
    forbidden, allowed = getattr(node, "workeroutput", {}).get("network", ([], 0))
    network.forbidden += forbidden
    network.allowed += allowed


def pytest_terminal_summary(terminalreporter: "pytest.TerminalReporter") -> None:
    """Print the count."""
    terminalreporter.write_line(f"network events: {len(network.forbidden)}, to loopback: {network.allowed}")
    for line in network.forbidden:
        terminalreporter.write_line(f"  {line}", red=True)
