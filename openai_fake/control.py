"""The control path: how a test in another language scripts a fake behind a socket, and asks what has happened.

    POST /openai_fake/scripts          {"acts": [{"reply": "Hello."}], "message": "hi"}, or a list of such scripts
    POST /openai_fake/default_script   {"acts": […]}: what an unscripted run does
    POST /openai_fake/add/assistant    {"id": "asst_1", …}: the keywords of `fake.add_assistant`; also thread, message,
                                       run, step and vector_store
    POST /openai_fake/faults           {"fault": "disconnect", "with": {"after_events": 2}, "on": "runs.*", "times": 1,
                                       "after": 0}: the names of `openai_fake.faults` and their keywords; a fault
                                       within a fault is {"fault", "with"} too
    POST /openai_fake/down, up, sunset an outage, its end, and the day the service was switched off
    POST /openai_fake/reset            a fresh world
    POST /openai_fake/clock/advance    {"seconds": 600}
    GET  /openai_fake/clock            {"now": …, "autojump": …}
    GET  /openai_fake/calls            every request and its answer (text where it is no JSON, {"base64": …} where it is
                                       no text); ?operation=runs.* for some of them
    GET  /openai_fake/transcript       all that was said and done, as text
    GET  /openai_fake/complaints       what would fail a test if the fake closed now

The acts stand in `acts_json`; secrets are blacked out of what is shown.
"""

import json
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Protocol

from pydantic import Field

from . import faults
from .acts_forms import Form
from .acts_json import acts_from_json, checked, in_base64, script_from_json
from .calls import CallLog
from .clock import Clock
from .errors import ServiceError
from .logged import LoggedCall
from .routing import Call, Reply
from .secrets import redact, redact_json

JSON = ("content-type", "application/json")
TEXT = ("content-type", "text/plain; charset=utf-8")
KINDS = ("assistant", "thread", "message", "run", "step", "vector_store")


class NamedFault(Form):
    """A fault by the name of its function, with the keywords of that; a keyword that is a fault is one of these."""

    fault: str
    keywords: Annotated[dict[str, Any], Field(alias="with")] = {}


class FaultForm(NamedFault):
    """The body of `faults`."""

    on: str = "runs.*"
    times: int | None = 1
    after: int = 0


class Acts(Form):
    """The body of `default_script`."""

    acts: Any


class Advance(Form):
    """The body of `clock/advance`."""

    seconds: float


class Controlled(Protocol):
    """What the control path needs of a fake."""

    @property
    def calls(self) -> CallLog:
        """See `OpenAIFake.calls`."""

    @property
    def clock(self) -> Clock:
        """See `OpenAIFake.clock`."""

    def _add_script(self, acts: Any, where: str, when: Mapping[str, Any]) -> None: ...
    def default_script(self, *acts: Any) -> Any:
        """See `OpenAIFake.default_script`."""

    def inject(self, fault: Any, on: str, times: int | None, after: int) -> Any:
        """See `OpenAIFake.inject`."""

    def down(self) -> None:
        """See `OpenAIFake.down`."""

    def up(self) -> None:
        """See `OpenAIFake.up`."""

    def sunset(self) -> None:
        """See `OpenAIFake.sunset`."""

    def reset(self) -> None:
        """See `OpenAIFake.reset`."""

    def transcript(self) -> str:
        """See `OpenAIFake.transcript`."""

    def complaints(self) -> list[str]:
        """See `OpenAIFake.complaints`."""


class Control:
    """Answers the calls of the control path. What it cannot make sense of is a 400 that says where."""

    def __init__(self, fake: Controlled) -> None:
        self._fake = fake
        self._queued = 0
        self._ways: dict[str, Callable[[Call], Any]] = {
            "POST /scripts": self._scripts,
            "POST /default_script": self._default_script,
            **{f"POST /add/{kind}": self._add for kind in KINDS},
            "POST /faults": self._faults,
            "POST /down": lambda call: self._fake.down(),
            "POST /up": lambda call: self._fake.up(),
            "POST /sunset": lambda call: self._fake.sunset(),
            "POST /reset": self._reset,
            "POST /clock/advance": self._advance,
            "GET /clock": self._clock,
            "GET /calls": self._calls,
            "GET /transcript": lambda call: self._fake.transcript(),
            "GET /complaints": lambda call: {"complaints": [redact(told) for told in self._fake.complaints()]},
        }

    def answer(self, call: Call) -> Reply:
        """Do what is asked."""
        asked = f"{call.method} {call.path.rstrip('/')}"
        way = self._ways.get(asked)
        if way is None:
            known = ", ".join(self._ways)
            return _refusal(404, f"There is no {asked} on the control path. There are, under /openai_fake: {known}.")
        try:
            result = way(call)
        except (ServiceError, TypeError, ValueError, LookupError) as error:
            return _refusal(400, f"{asked}: {error}")
        if isinstance(result, str):
            return Reply(200, [TEXT], result.encode())
        return _json(200, {} if result is None else result)

    def _scripts(self, call: Call) -> Any:
        sent = _sent(call)
        forms = sent if isinstance(sent, list) else [sent]
        # All of them, before the first is queued.
        scripts = [script_from_json(form, f"scripts[{number}]") for number, form in enumerate(forms)]
        for acts, when in scripts:
            self._queued += 1
            self._fake._add_script(acts, f"script {self._queued} of the control path", when)
        return {"queued": len(scripts)}

    def _default_script(self, call: Call) -> Any:
        self._fake.default_script(*acts_from_json(checked(Acts, _sent(call), "default_script").acts))

    def _add(self, call: Call) -> Any:
        kind, sent = call.path.strip("/").rpartition("/")[2], _sent(call)
        if not isinstance(sent, dict):
            raise ValueError(f"expected an object with the keywords of fake.add_{kind}(…), but got {sent!r}.")
        return getattr(self._fake, f"add_{kind}")(**sent).model_dump(mode="json", by_alias=True)

    def _faults(self, call: Call) -> Any:
        form = checked(FaultForm, _sent(call), "faults")
        self._fake.inject(_fault(form, "faults"), on=form.on, times=form.times, after=form.after)

    def _reset(self, call: Call) -> Any:
        self._fake.reset()
        self._queued = 0

    def _advance(self, call: Call) -> Any:
        self._fake.clock.advance(checked(Advance, _sent(call), "advance").seconds)
        return self._clock(call)

    def _clock(self, call: Call) -> Any:
        return {"now": self._fake.clock.now, "autojump": self._fake.clock.autojump}

    def _calls(self, call: Call) -> Any:
        pattern = dict(call.query).get("operation")
        calls = self._fake.calls if pattern is None else self._fake.calls.named(pattern)
        return {"calls": [as_json(logged) for logged in calls], "dropped": calls.dropped}


def as_json(logged: LoggedCall) -> dict[str, Any]:
    """A call and its answer as JSON values, with the secrets blacked out."""
    names = ("operation", "method", "host", "path", "query", "headers", "json", "status", "answer", "at", "duration")
    values = {name: getattr(logged, name) for name in names}
    if isinstance(values["answer"], bytes):
        values["answer"] = _text(values["answer"])
    shown: dict[str, Any] = redact_json(values)
    return shown


def _text(content: bytes) -> Any:
    """Bytes as JSON can hold them: as the text that they are, or as the base64 of them that acts take too."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return in_base64(content)


def _fault(form: NamedFault, where: str) -> faults.Fault:
    if form.fault not in faults.__all__ or form.fault == "Fault":
        known = ", ".join(name for name in faults.__all__ if name != "Fault")
        raise ValueError(f"{where}.fault: there is no {form.fault!r}. There are: {known}.")
    keywords = dict(form.keywords)
    if "fault" in keywords:
        within = f"{where}.with.fault"
        keywords["fault"] = _fault(checked(NamedFault, keywords["fault"], within), within)
    made: faults.Fault = getattr(faults, form.fault)(**keywords)
    return made


def _sent(call: Call) -> Any:
    try:
        return json.loads(call.body or b"{}")
    except ValueError as error:
        raise ValueError(f"the body is no JSON ({error})") from None


def _json(status: int, value: Any) -> Reply:
    return Reply(status, [JSON], json.dumps(value, ensure_ascii=False).encode())


def _refusal(status: int, message: str) -> Reply:
    error = {"message": message, "type": "openai_fake_control", "param": None, "code": None}
    return _json(status, {"error": error})
