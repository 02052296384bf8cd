"""One open fake as the transports see it: a respx router whose last route is the door.

What the Assistants API serves goes to the door; its neighbours under the same base URL may be answered by
routes of the test's own, else the door answers them too; nothing that is claimed goes any further.
"""

import threading
from types import ModuleType
from typing import Any

from respx.router import MockRouter

from ..claims import Addresses, is_served
from ..errors import TransportFailure
from ..routing import Answers
from .claiming import Claim, call_of, claim
from .families import Family, family_of, give_way
from .guests import ask, ask_async, ask_beneath, ask_beneath_async, pass_on
from .patches import NAME


class Hook(MockRouter):
    """Claims requests of the whole process for one door, from `start()` to `stop()`.

    Hooks may be nested and left in any order; the one started last is asked first. Routes added to the hook
    itself (`hook.get(url).respond(…)`) are asked before the door, for httpx and httpx2 alike.
    """

    def __init__(self, door: Answers, addresses: Addresses, block_other_hosts: bool = False) -> None:
        super().__init__(assert_all_called=False, assert_all_mocked=True, using=NAME)
        self.door = door
        self.addresses = addresses
        self.block_other_hosts = block_other_hosts
        self._turn = threading.RLock()
        self._open = False

    def start(self) -> None:
        """Claim from now on. Does nothing if the hook is open already."""
        with self._turn:
            if self._open:
                return
            self._open = True
            try:
                super().start()
            except BaseException:
                self.stop(quiet=True)
                raise

    def stop(self, clear: bool = True, reset: bool = True, quiet: bool = False) -> None:
        """Claim no longer; the last one out puts the methods back. Does nothing if the hook is closed."""
        with self._turn:
            if self._open:
                super().stop(clear=clear, reset=reset, quiet=quiet)
                self._open = False

    def names(self, request: Any) -> bool:
        """Whether the request is under a base URL that this fake was given."""
        url = request.url
        return self.addresses.names(url.host, url.port, url.raw_path.decode("ascii").partition("?")[0])

    def serve(self, library: ModuleType, request: Any) -> Any:
        """The response to a request of this library, or `None` if it is not ours."""
        family = family_of(library)
        if self.routes:
            request.read()
            response = ask(self, family, request)
            if response is not None:
                return response
        claimed = claim(self.addresses, request)
        if claimed is None:
            return None
        body = request.read()
        if is_served(claimed.path):
            pass_on(family, request)
        else:
            response = ask_beneath(family, request)
            if response is not None:
                return response
        return answer(self.door, family, request, claimed, body)

    async def serve_async(self, library: ModuleType, request: Any) -> Any:
        """The same for async clients."""
        family = family_of(library)
        if self.routes:
            await request.aread()
            response = await ask_async(self, family, request)
            if response is not None:
                return response
        claimed = claim(self.addresses, request)
        if claimed is None:
            return None
        body = await request.aread()
        if is_served(claimed.path):
            pass_on(family, request)
        else:
            response = await ask_beneath_async(family, request)
            if response is not None:
                return response
        await give_way()
        return answer(self.door, family, request, claimed, body)


def answer(door: Answers, family: Family, request: Any, claimed: Claim, body: bytes) -> Any:
    """Ask the door, and give its reply or its failure in the family's own classes."""
    try:
        reply = door.answer(call_of(request, claimed, body))
    except TransportFailure as failure:
        raise family.error(failure.class_name, failure.message, request) from None
    return family.response(reply, request)
