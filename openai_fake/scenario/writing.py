"""Writes a scenario: refused where it holds a secret, and then nothing is written; else whole or not at all."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..secrets import find_secrets_in_json
from .lines import ScenarioError

if TYPE_CHECKING:
    from .scenario import Scenario


def write(scenario: "Scenario", path: Path, known: Sequence[str] = ()) -> None:
    """Write a scenario, into a folder that is made if need be. The old file stays until the new one is complete.

    `known`: secrets besides those of the environment and those that have the shape of one.

    Raises `ScenarioError`, with the place, for a secret, and `OSError`.
    """
    told = [f"  - {place}: {kind}" for place, kind in secrets_in(scenario, known)]
    if told:
        raise ScenarioError(
            f"{path.name} was not written, because the scenario holds what looks like a secret:\n"
            + "\n".join(told)
            + "\nTake it out of what is recorded, or out of the scenario, and write it again."
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(scenario.dumps())
        _like_before(Path(name), path)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def secrets_in(scenario: "Scenario", known: Sequence[str] = ()) -> Iterator[tuple[str, str]]:
    """Where a scenario holds secrets, and of what kind each is; never the secret itself."""
    whole = {"source": scenario.source, "there": list(scenario.there), "steps": list(scenario.steps)}
    return ((place, secret.kind) for place, secret in find_secrets_in_json(whole, known))


def _like_before(made: Path, path: Path) -> None:
    """A new file is as readable as any other; one that is replaced stays as it was."""
    try:
        mode = path.stat().st_mode & 0o777
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        mode = 0o666 & ~mask
    made.chmod(mode)
