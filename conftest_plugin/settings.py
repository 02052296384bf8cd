"""What a team sets once and a test sets for itself: command line before marker, marker before ini file."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

PREFIX = "openai_fake_"
SCENARIOS = "scenarios"
FILTER = "filter_deprecations"
REPORT = PREFIX + "report"
SDK_DEPRECATIONS = (r"The Assistants API is deprecated in favor of the Responses API\Z", r"deprecated\Z")
"""What the SDK says at every call. It says so on the line of its caller, so only the texts tell."""


class Setting(NamedTuple):
    """One default: `openai_fake_NAME` in the ini file, `--openai-fake-NAME` on the command line."""

    name: str
    help: str
    choices: tuple[str, ...] = ()

    @property
    def ini(self) -> str:
        """Its name in the ini file."""
        return PREFIX + self.name

    @property
    def flag(self) -> str:
        """Its name on the command line."""
        return "--" + self.ini.replace("_", "-")


YES, NO = "yes", "no"
OPTIONS = (
    Setting("unscripted", "what a run does that no script is for", ("reply", "error")),
    Setting("profile", "whose answers are given where documentation and records differ", ("documented", "recorded")),
    Setting("record_mode", "when record= records", ("none", "once", "all")),
    Setting("assert_all_played", "whether a script left unplayed fails the test", (YES, NO)),
)
"""Those that are options of a fake, by the same name."""

OTHERS = (
    Setting(SCENARIOS, "the folder of the files that scenario= and record= of the marker name"),
    Setting(FILTER, "whether the SDK's own deprecation warnings are ignored (default: yes)", (YES, NO)),
)


def add_options(parser: pytest.Parser) -> None:
    """Declare all of them to pytest."""
    group = parser.getgroup("openai_fake", "the fake of the OpenAI Assistants API")
    for setting in (*OPTIONS, *OTHERS):
        group.addoption(setting.flag, dest=setting.ini, help=setting.help, choices=setting.choices or None)
        parser.addini(setting.ini, setting.help + (f": {' or '.join(setting.choices)}" if setting.choices else ""))
    group.addoption(
        "--openai-fake-report",
        dest=REPORT,
        metavar="FILE.html",
        help="write a page to look at: every test's conversation, its runs as timelines, its requests and answers",
    )


def check(config: pytest.Config) -> None:
    """Raise `pytest.UsageError` for a value in the ini file that a setting does not take."""
    for setting in (*OPTIONS, *OTHERS):
        value = config.getini(setting.ini)
        if value and setting.choices and _plain(value, setting) not in setting.choices:
            expected = " or ".join(setting.choices)
            raise pytest.UsageError(f"{setting.ini} = {value}: expected {expected}.")


def options_for(item: pytest.Item) -> dict[str, Any]:
    """The options of an item's fake. Fails the test for one that there is not, naming those that there are."""
    from openai_fake.options import Options

    marked = _marked(item)
    options = {**_given(item.config.getini), **marked, **_given(item.config.getoption)}
    try:
        Options.of(options)
    except (TypeError, ValueError) as error:
        told = f"@pytest.mark.openai_fake({_shown(marked)}) on {item.nodeid}: {error}"
        # `pytest.fail` would tell the same twice: it keeps what it is called in the middle of.
        raise pytest.fail.Exception(told, pytrace=False) from None
    for name in ("scenario", "record"):
        if isinstance(options.get(name), str | Path):
            options[name] = _located(item, Path(options[name]))
    scenario = options.get("scenario")
    if isinstance(scenario, Path) and not scenario.exists():
        pytest.fail(
            f"@pytest.mark.openai_fake({_shown(marked)}) on {item.nodeid}: there is no {scenario}. It is looked for in "
            f"the folder that {PREFIX}{SCENARIOS} names; without one, beside the test, and as it stands.",
            pytrace=False,
        )
    return options


@contextmanager
def sdk_deprecations_ignored(config: pytest.Config) -> Iterator[None]:
    """Ignore the SDK's own deprecation warnings, also under `-W error`, unless that is switched off."""
    if (_value(config, FILTER) or YES) == NO:
        yield
        return
    with warnings.catch_warnings():
        for text in SDK_DEPRECATIONS:
            warnings.filterwarnings("ignore", text, DeprecationWarning)
        yield


def _marked(item: pytest.Item) -> dict[str, Any]:
    """The keywords of all marks, the closest counting for each of them."""
    marked: dict[str, Any] = {}
    for mark in item.iter_markers("openai_fake"):
        if mark.args:
            pytest.fail(
                f"@pytest.mark.openai_fake({', '.join(map(repr, mark.args))}) on {item.nodeid}: it takes keywords "
                "only, the options of OpenAIFake.",
                pytrace=False,
            )
        marked = {**mark.kwargs, **marked}
    return marked


def _given(read: Callable[[str], Any]) -> dict[str, Any]:
    """Those options that the ini file, or the command line, gives."""
    given = {setting: _plain(read(setting.ini) or "", setting) for setting in OPTIONS}
    return {
        setting.name: value == YES if YES in setting.choices else value for setting, value in given.items() if value
    }


def _value(config: pytest.Config, name: str) -> str:
    """What is set for one of `OTHERS`; empty where nothing is."""
    setting = next(setting for setting in OTHERS if setting.name == name)
    return _plain(config.getoption(setting.ini) or config.getini(setting.ini) or "", setting)


def _plain(value: str, setting: Setting) -> str:
    """`yes` and `no`, however the ini file says it."""
    if YES in setting.choices:
        return {"true": YES, "1": YES, "on": YES, "false": NO, "0": NO, "off": NO}.get(value.lower(), value.lower())
    return value


def _located(item: pytest.Item, path: Path) -> Path:
    """Where a file of the marker is: in the scenario folder; without one, beside the test file or as it stands."""
    folder = _value(item.config, SCENARIOS)
    if folder:
        return item.config.rootpath / folder / path
    beside = item.path.parent / path
    return beside if beside.exists() else path


def _shown(marked: dict[str, Any]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in marked.items())
