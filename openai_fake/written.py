"""What is shown as a person writes it: by the call that makes it, without what was left at its default."""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import ClassVar


class Written:
    """A value that shows the call it comes from, so that an example that a test has found can be pasted.

    `by`: the function that makes it. `given`: the names of the parts that stand there by their place (last, one that is
    left out where it is as it would be anyway), `row`: of one that is given piece by piece, `named`: of those that are
    named. In each several names, with spaces between.
    """

    _form: ClassVar[tuple[str, list[str], str, list[str]]]

    def __init_subclass__(cls, *, by: str, given: str = "", row: str = "", named: str = "") -> None:
        cls._form = by, given.split(), row, named.split()

    def __repr__(self) -> str:
        by, given, row, named = self._form
        usual = {part.name: part.default for part in fields(self) if part.default is not MISSING}  # type: ignore[arg-type]
        told = {name: getattr(self, name) for name in [*given, *named]}
        kept = {name: part for name, part in told.items() if name not in usual or part != usual[name]}
        pieces = [*(kept[name] for name in given if name in kept), *((getattr(self, row) or ()) if row else ())]
        shown = [repr(dict(piece) if isinstance(piece, Mapping) else piece) for piece in pieces]
        return f"{by}({', '.join([*shown, *(f'{name}={kept[name]!r}' for name in named if name in kept)])})"
