"""The fake: opens and closes the house, and hands out its keys."""

from collections.abc import Sequence
from datetime import datetime
from os import PathLike
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from . import environment, watching
from .adding import Adding
from .claims import Addresses
from .clock import DEFAULT_START
from .looking import Looking
from .options import BY_PROFILE, Options, Profile, RecordMode, Unscripted, option_names
from .replaying import Replaying
from .scripting import Scripting
from .secrets import redact
from .transport import Hook, Library, async_http_client, http_client, transport
from .troubling import Troubling

if TYPE_CHECKING:
    from .asgi import ASGIApp

T = TypeVar("T")


class OpenAIFake(Scripting, Adding, Looking, Troubling, Replaying):
    """A stateful fake of the OpenAI Assistants API, open for as long as its `with` lasts.

    Each entry is a fresh world. Scripts and `add_…` given before entry are the template that each entry starts from.

    `seed`: of the texts made up for unscripted runs. `start`: the first instant of virtual time (Unix seconds, a
    datetime, in UTC where it names no zone, or `"now"`). `polls`: how many polls see a run unfinished. `autojump`:
    whether waiting moves time. `poll_after_ms`: what polls are told to wait, in milliseconds (`None`: nothing).
    `profile`: `"documented"` or `"recorded"`. `strict`: refuse what the service refused. `unscripted`: `"reply"` or
    `"error"`. `assert_all_played`: unplayed scripts fail the test. `adopt_assistants`: unknown ones are made.
    `require_files`: ids of files and vector stores must exist. `api_key`: the one key that is let in. `base_urls`:
    served beside the known ones. `block_other_hosts`: refuse requests to anybody else. `max_file_bytes`, `max_calls`:
    limits of a file's bytes and of the call log. `scenario`, `check_expectations`: replay. `record`, `record_mode`,
    `upstream`: record. Raises `TypeError` and `ValueError` for what an option does not take.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        start: float | datetime | str = DEFAULT_START,
        polls: int = 1,
        autojump: bool = True,
        poll_after_ms: int | None = BY_PROFILE,
        profile: Profile = "documented",
        strict: bool = True,
        unscripted: Unscripted = "reply",
        assert_all_played: bool = True,
        adopt_assistants: bool = False,
        require_files: bool = False,
        api_key: str | None = None,
        base_urls: Sequence[str] = (),
        block_other_hosts: bool = False,
        max_file_bytes: int = 512 * 2**20,
        max_calls: int = 10_000,
        scenario: str | PathLike[str] | Any = None,
        check_expectations: bool = True,
        record: str | PathLike[str] | None = None,
        record_mode: RecordMode = "once",
        upstream: str | None = None,
    ) -> None:
        given = locals()
        super().__init__(Options(**{name: given[name] for name in option_names()}))
        self._addresses = Addresses(self.options.base_urls)
        self._hook: Hook | None = None

    def open(self) -> Self:
        """Begin a fresh world and serve it. Raises `RuntimeError` if the fake is open already."""
        if self._hook is not None:
            raise RuntimeError("This OpenAIFake is open already: open another one, or use fake.reset() inside it.")
        self._begin_anew()
        self._begin_replay()
        hook = Hook(self._gate, self._addresses, self.options.block_other_hosts)
        try:
            hook.start()
            self._hook, self._is_open = hook, True
            environment.lend_key(hook)
            watching.opened(self)
            return self
        except BaseException:
            self._put_back(hook)
            raise

    def close(self, *, failed: bool = False) -> None:
        """Stop serving. Raises `AssertionError` for misuse and unplayed scripts, unless the test has `failed`."""
        hook = self._hook
        if hook is None:
            return
        try:
            self._put_back(hook)
        except BaseException:
            # An interrupt in its midst does not come again.
            self._put_back(hook)
            raise
        __tracebackhide__ = True
        complaints = self.complaints()
        if not failed:
            self._end_recording()
        if complaints and not failed:
            raise AssertionError("\n\n".join(complaints)) from self.cause()

    def _put_back(self, hook: Hook) -> None:
        """Leave everything around as it was; what has been done of it already does no harm again."""
        self._hook, self._is_open = None, False
        environment.take_key_back(hook)
        hook.stop()
        self._world.close()

    def reset(self) -> None:
        """Begin a fresh world inside the open fake: only what was given before entry is there again."""
        self._world.close()
        self._begin_anew()
        self._begin_replay()

    @property
    def is_open(self) -> bool:
        """Whether it serves now."""
        return self._is_open

    def complaints(self, *, scripts: bool = True) -> list[str]:
        """What would fail the test if the fake closed now: misuse, and (unless `scripts=False`) unplayed scripts."""
        excused = self._world.excused
        complaints = [str(misuse) for misuse in self._world.misuses if id(misuse) not in excused]
        asked = scripts and self.options.assert_all_played
        complaints += [str(unused) for unused in self._world.book.unused() if asked and id(unused) not in excused]
        left = [script for script in self._world.book.unplayed() if asked and id(script) not in excused]
        if left:
            from .views import unplayed

            complaints.append(redact(unplayed(left)))
        return complaints + self._replay_complaints(scripts=scripts)

    def cause(self) -> BaseException | None:
        """The misuse among `complaints()` behind which an exception of the test's own code stands, if there is one."""
        excused = self._world.excused
        return next((told for told in self._world.misuses if told.__cause__ and id(told) not in excused), None)

    def excuse(self, *, scripts: bool = True, failed: bool = False) -> None:
        """Complain no more of what `complaints()` says by now: it has been told, or is the fault of another failure.

        `failed`: a test has failed, so what is being recorded will not be written.
        """
        book = self._world.book
        told = [*self._world.misuses, *([*book.unplayed(), *book.unused()] if scripts else ())]
        self._world.excused.update(map(id, told))
        self._excuse_replay(scripts=scripts)
        if failed:
            self._spoil_recording()

    def _twin(self) -> Self:
        twin = super()._twin()
        twin._hook = None
        return twin

    def __call__(self, target: T) -> T:
        """Decorate a function, coroutine function, generator function, test class or `unittest` method or class.

        Each call (of a class: each test) has a fresh fake of these options and this template; it is handed in as the
        parameter `fake`, if there is one, and a class's tests find it as `self.fake`. Raises `TypeError` for what
        cannot be called.
        """
        from .decorating import decorate

        decorated: T = decorate(target, self._twin)
        return decorated

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        __tracebackhide__ = True
        self.close(failed=error is not None)

    async def __aenter__(self) -> Self:
        return self.open()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        __tracebackhide__ = True
        self.close(failed=error is not None)

    def transport(self, library: Library | None = None) -> Any:
        """A transport for clients of `"httpx"` or `"httpx2"` (by default the SDK's), sync and async."""
        return transport(self._gate, self._addresses, library)

    def http_client(self, library: Library | None = None) -> Any:
        """A ready HTTP client, for `OpenAI(http_client=…)`, that patches nothing and builds no SSL context."""
        return http_client(self._gate, self._addresses, library)

    def async_http_client(self, library: Library | None = None) -> Any:
        """The same for `AsyncOpenAI(http_client=…)`."""
        return async_http_client(self._gate, self._addresses, library)

    def asgi(self, base_path: str = "/v1") -> "ASGIApp":
        """The same fake as an ASGI application, for any server; `base_path` is what its base URL ends on.

        Below `/openai_fake/` it can be scripted and asked over HTTP (see `openai_fake.control`).
        """
        from .asgi import ASGIApp
        from .control import Control

        return ASGIApp(self._gate, Control(self), self._addresses, base_path)
