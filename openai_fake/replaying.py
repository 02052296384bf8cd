"""The part of the face that replays a scenario, and gives what was just played as one."""

from pathlib import Path
from typing import TYPE_CHECKING

from .house import House

if TYPE_CHECKING:
    from .scenario.replay import Replay
    from .scenario.scenario import Scenario


class Replaying(House):
    """A scenario that is replayed at every entry."""

    _replay: "Replay | None" = None

    def scenario(self) -> "Scenario":
        """What was there, was said and was done in this fake, as a scenario: for golden files.

        Raises `ScenarioError` (a `ValueError`) for what a scenario cannot hold.
        """
        from .scenario.exporting import exported

        with self._world.lock:
            return exported(self._world, self._there, self._start)

    def _begin_replay(self) -> None:
        """Put a scenario in place. Raises `ScenarioError`, with the place, and `OSError`."""
        given = self.options.scenario
        self._replay = None
        if given is None:
            return
        from .scenario.replay import Replay
        from .scenario.scenario import Scenario

        if isinstance(given, Scenario):
            scenario, name = given, given.source or "the scenario"
        else:
            scenario, name = Scenario.load(given), Path(given).name
        with self._world.lock:
            self._replay = Replay(scenario, name, self._world)
            for item in self._replay.begin():
                self._note(item)

    def _replay_complaints(self, *, scripts: bool) -> list[str]:
        """What the client said and gave otherwise than in the scenario, and what was left half-played."""
        if self._replay is None:
            return []
        complaints = self._replay.differences() if self.options.check_expectations else []
        if scripts and self.options.assert_all_played:
            complaints += self._replay.unfinished()
        return [told for told in complaints if told not in self._replay.excused]

    def _excuse_replay(self, *, scripts: bool) -> None:
        if self._replay is not None:
            self._replay.excused.update(self._replay_complaints(scripts=scripts))
