"""The options of a fake: their names and defaults from the code, and what each does in a sentence."""

from dataclasses import fields

from docs.page import table
from openai_fake.clock import DEFAULT_START
from openai_fake.options import Options

MEANINGS = {
    "seed": "Of the texts that are made up for unscripted runs. The same seed makes the same texts.",
    "start": "The first instant of virtual time: Unix seconds, a `datetime` (in UTC where it names no zone), or "
    '`"now"` for the wall clock\'s, which freezegun and time-machine can set.',
    "polls": "How many polls see a run unfinished, counted anew after each submit. 0: the first poll already sees its "
    "end.",
    "autojump": "Whether waiting moves time. `False`: see [time](#time) for what still moves it.",
    "poll_after_ms": "What an unfinished run tells its poller to wait, in milliseconds (`openai-poll-after-ms`). "
    '`None` leaves the header out, as `profile="recorded"` does where nothing is given.',
    "profile": '`"documented"`: what the reference and the SDK\'s types promise. `"recorded"`: what the service sent, '
    "its quirks included.",
    "strict": "Refuse what the service refused. `False` clamps limits, passes over unknown cursors, and takes numbers "
    "out of range, tool outputs that do not fit the calls, and fields that exclude each other; it still refuses the "
    "rest.",
    "unscripted": '`"reply"`: a run that no script fits says something short. `"error"`: it fails the test.',
    "assert_all_played": "Whether scripts that were not played fail the test.",
    "adopt_assistants": "An assistant that is not there is made on the spot with the id that was asked for.",
    "require_files": "Files and vector stores that a request names must be there (what the operations of "
    "`vector_stores` put into a store has to be in any case).",
    "api_key": "The one key that is let in; others get the 401. By default every key is, and none is "
    "needed; with it, a client has to be given the key, or find it in `$OPENAI_API_KEY`.",
    "base_urls": "Addresses to serve beside OpenAI's, `$OPENAI_BASE_URL`, Azure's and Fabric's.",
    "block_other_hosts": "Refuse requests to anybody else as well, so that nothing leaves the process over httpx or "
    "httpx2.",
    "max_file_bytes": "The largest file that is taken.",
    "max_calls": "How many calls the log keeps: the last ones.",
    "scenario": "A recorded scenario to replay: a path, or a `Scenario`.",
    "check_expectations": "Whether a replay compares what is asked with what was asked when it was recorded.",
    "record": "Where to record a scenario.",
    "record_mode": '`"once"`: record if the file is not there. `"all"`: record anew. `"none"`: never.',
    "upstream": "The server that is recorded.",
}


def options() -> str:
    """A table of every option, in the order of the code. Raises `KeyError` for one that is not explained."""
    rows = [(f"`{field.name}`", f"`{_default(field.default)}`", MEANINGS[field.name]) for field in fields(Options)]
    return f"\n{table(('option', 'default', 'what it does'), rows)}\n"


def _default(value: object) -> str:
    if value == DEFAULT_START and not isinstance(value, bool):
        return "2026-01-01T00:00:00Z"
    if value == 512 * 2**20:
        return "512 MB"
    return f"{value:_}" if isinstance(value, int) and not isinstance(value, bool) else repr(value)
