"""Asks the scripts of a run for its acts, one after another, and tells what is wrong with what they give."""

from .acts import Act
from .context import RunContext
from .errors import Misuse, caused, may_be_lost
from .script import Playing, Script, beyond_the_types, remedy
from .stage import Stage


class Prompter:
    """The scripts of one run: the one that it plays now, and after that, where it goes on, the next."""

    def __init__(self, stage: Stage, context: RunContext, script: Script | None = None) -> None:
        self._stage = stage
        self._context = context
        self._playing = None if script is None else Playing(script, context)

    @property
    def script(self) -> Script | None:
        """What is played; `None` before one was needed, and where none goes on."""
        return None if self._playing is None else self._playing.script

    def take_next(self) -> None:
        """Take the script that goes on after the one that has ended. Raises `Misuse` for none."""
        ended, self._playing = self.script, None
        self._playing = Playing(self._stage.take_script(self._context, ended), self._context)

    def next_act(self, outputs: tuple[str, ...] | None) -> Act | None:
        """The next act of the script, or `None` at its end. `outputs`: what the tool calls before it gave.

        Raises `Misuse` for what is no act, for one that the profile does not have, and for what the script raises.
        """
        playing = self._playing
        assert playing is not None
        try:
            act = playing.next_act(outputs)
        except Misuse:
            raise
        except (Exception, GeneratorExit) as error:
            raise Misuse(
                f"The script {playing.script} raised {type(error).__name__}: {error}{remedy(error)}"
            ) from error
        if act is not None and not self._stage.allows(act):
            told = beyond_the_types(act)
            what_to_do = f'open the fake with profile="recorded" to play {playing.script} as it was seen'
            raise Misuse(f"{told}; {what_to_do}.")
        return act

    def interrupted(self, error: BaseException) -> None:
        """Keep what has interrupted the run until the fake closes, where nobody else may come to know of it."""
        if may_be_lost(error):
            what = f"The run {self._context.id}" if self.script is None else f"The script {self.script}"
            self._stage.remember(caused(f"{what} was interrupted by", error))

    def close(self) -> None:
        """Finish the script. What it does wrong by the way is told when the fake closes, and stops nothing."""
        if self._playing is None:
            return
        try:
            self._playing.close()
        except BaseException as error:
            if isinstance(error, Exception) or may_be_lost(error):
                self._stage.remember(caused(f"The script {self.script} raised while it was ended:", error))
            if isinstance(error, KeyboardInterrupt | SystemExit):
                raise
