"""The part of the face that replays a scenario, and gives what was just played as one."""

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .checking import is_a
from .differing import short
from .house import House
from .secrets import redact

if TYPE_CHECKING:
    from .scenario.record import Recorder
    from .scenario.replay import Replay
    from .scenario.scenario import Scenario


class Replaying(House):
    """A scenario that is replayed at every entry."""

    _replay: "Replay | None" = None
    _recorder: "Recorder | None" = None
    _is_spoilt = False

    def scenario(self) -> "Scenario":
        """What was there, was said and was done in this fake, as a scenario: for golden files.

        Runs that were put in place (`add_run`) are left out, and with them what became of them.

        Raises `ScenarioError` (a `ValueError`) for what a scenario cannot hold.
        """
        from .scenario.exporting import exported

        if self._recorder is not None:
            return self._recorder.scenario()
        with self._world.lock:
            return exported(self._world, self._there, self._start)

    def _begin_replay(self) -> None:
        """Put a scenario in place. Raises `ScenarioError`, with the place, and `OSError`."""
        self._replay = self._recorder = None
        self._is_spoilt = False
        given = self._what_to_replay()
        if given is None:
            return
        from .scenario.replay import Replay
        from .scenario.scenario import Scenario

        if isinstance(given, str | PathLike):
            scenario, name = Scenario.load(given), Path(given).name
        elif is_a(given, Scenario):
            scenario, name = given, given.source or "the scenario"
        else:
            raise TypeError(f"OpenAIFake(scenario={short(given)}): expected a path, or a Scenario.")
        with self._world.lock:
            self._replay = Replay(scenario, name, self._world)
            for item in self._replay.begin():
                self._note(item)

    def _what_to_replay(self) -> Any:
        """The scenario to replay; `None` where there is none, or where one is to be recorded."""
        options = self.options
        if options.record is None:
            return options.scenario
        path = Path(options.record)
        if options.record_mode != "all" and path.exists():
            # What is not in the file is told, as a cassette would tell it.
            self._world.book.unscripted = None
            return path
        from .scenario.lines import ScenarioError

        if options.record_mode == "none":
            raise ScenarioError(f"{path.name} is not there, and record_mode='none' records nothing.")
        if options.upstream is None:
            raise ValueError(f"record={str(path)!r} needs upstream=: the base URL of the server to record.")
        from .scenario.record import Recorder

        self._recorder = Recorder(options.upstream, self._calls, self._world.clock)
        # It answers as the door does, and there is no world behind it.
        self._gate.answer = self._recorder.answer
        return None

    def _end_recording(self) -> None:
        """Write what was recorded. Raises `ScenarioError` where it holds a secret, and `OSError`."""
        if self._recorder is not None and self.options.record is not None and not self._is_spoilt:
            self._recorder.ask_on()
            from .scenario.writing import write

            write(self._recorder.scenario(), Path(self.options.record), self._recorder.keys())

    def _spoil_recording(self) -> None:
        """Let what is being recorded go unwritten."""
        self._is_spoilt = True

    def _replay_complaints(self, *, scripts: bool) -> list[str]:
        """What the client said and gave otherwise than in the scenario, and what was left half-played."""
        if self._replay is None:
            return []
        complaints = self._replay.differences() if self.options.check_expectations else []
        if scripts and self.options.assert_all_played:
            complaints += self._replay.unfinished()
        return [redact(told) for told in complaints if redact(told) not in self._replay.excused]

    def _excuse_replay(self, *, scripts: bool) -> None:
        if self._replay is not None:
            self._replay.excused.update(self._replay_complaints(scripts=scripts))
