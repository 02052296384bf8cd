"""What holds in every test: no network event, every patch taken back, the same Hypothesis examples each time."""

import importlib
import os
import socket
import sys
from collections.abc import Generator, Iterator
from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.counts import examples

# Nothing here may depend on how fast the machine is, and a test that passes once passes always; a profile apart
# looks for new examples: `OPENAI_FAKE_HYPOTHESIS=seek`.
_house = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow], "max_examples": examples()}
settings.register_profile("steady", derandomize=True, database=None, **_house)
settings.register_profile("seek", derandomize=False, print_blob=True, **_house)
settings.load_profile(os.environ.get("OPENAI_FAKE_HYPOTHESIS", "steady"))


class Network:
    """The audit hook's book: what was done, in which test. An audit hook cannot be removed, so there is one."""

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
