"""Passes calls on to a server that speaks the protocol, and keeps what was asked and answered.

Of the headers only the beta header and the content type are kept. The standard library's client is used: the fake's
own hook lies on the transports of httpx and httpx2, and would answer what is meant for the server.
"""

import json
import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from threading import Lock
from typing import Any
from urllib.parse import quote, urlencode, urlsplit
from weakref import WeakSet

from ..calls import CallLog
from ..clock import Clock
from ..errors import TransportFailure
from ..logged import LoggedCall
from ..routing import Call, Reply, find
from ..secrets import FAKE_KEY
from .events import parsed_events
from .exchanges import ASKED_ON, Exchange, Recording, as_json, is_download, seconds
from .importing import imported
from .scenario import Scenario

log = logging.getLogger("openai_fake")
_HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "content-length", "host"}
    | {"accept-encoding", "proxy-authorization", "proxy-authenticate"}
)
_OF_ONE_REQUEST = frozenset({"limit", "order", "after", "before", "include", "include[]", "run_id", "filter"})
_TIMEOUT_SECONDS = 600
_A_KEY = re.compile(r"(?=.*\d).{8,}|.{16,}")
"""What is given to a server that wants any key, `anything` for one, may stand in any text."""


class Recorder:
    """A door that passes every call on to `upstream`, a base URL, and remembers it. Used from any thread.

    The log has the instants of the fake's own clock, which an upstream server does not move.
    """

    def __init__(self, upstream: str, calls: CallLog, clock: Clock) -> None:
        url = urlsplit(upstream)
        if url.scheme not in ("http", "https") or not url.hostname:
            raise ValueError(
                f"upstream={upstream!r}: give an absolute http or https URL, such as 'http://host:8080/v1'."
            )
        self._secure, self._host, self._port = url.scheme == "https", url.hostname, url.port
        self._base = url.path.rstrip("/")
        self._calls = calls
        self._clock = clock
        self._lock = Lock()
        self._exchanges: list[Exchange] = []
        self._streams: WeakSet[_Stream] = WeakSet()
        self._headers: Mapping[str, str] = {}
        self._query: tuple[tuple[str, str], ...] = ()
        self._keys: dict[str, None] = {}

    def answer(self, call: Call) -> Reply:
        """The server's own reply. Raises `TransportFailure` where it cannot be reached."""
        found = find(call.method, call.path)
        logged = LoggedCall(found[0].name if found else "", call, self._clock.now)
        self._calls.add(logged)
        if found is not None and found[0].beta:
            # What every request about a conversation has on this server, such as Azure's api-version.
            self._headers = {name: value for name, value in call.headers.items() if not name.startswith("content")}
            self._query = tuple((name, value) for name, value in call.query if name not in _OF_ONE_REQUEST)
        sent = (call.headers.get("authorization", "").removeprefix("Bearer "), call.headers.get("api-key", ""))
        self._keys.update(dict.fromkeys(sent))
        try:
            return self._passed_on(call, logged)
        except TransportFailure as failure:
            logged.failed(failure.class_name, self._clock.now)
            raise

    def _passed_on(self, call: Call, logged: LoggedCall) -> Reply:
        connection, response = self._send(call)
        headers = [(name.lower(), value) for name, value in response.getheaders()]
        kept = [(name, value) for name, value in headers if name not in _HOP_BY_HOP]
        exchange = _Kept(self, call, response.status, dict(headers))
        if dict(headers).get("content-type", "").startswith("text/event-stream"):
            logged.answered(response.status, None, self._clock.now)
            stream = _Stream(connection, response, exchange, logged)
            self._streams.add(stream)
            return Reply(response.status, kept, stream)
        body = self._read(connection, response)
        logged.answered(response.status, body, self._clock.now)
        exchange.keep(body)
        return Reply(response.status, kept, body)

    def scenario(self) -> Scenario:
        """What was passed on by now, as a scenario."""
        with self._lock:
            return imported(Recording("", tuple(self._exchanges)))

    def ask_on(self) -> None:
        """Ask for every run, its steps and messages: a client that only polled has not seen what was said, and one
        that left a stream early does not know how the run ended."""
        for stream in list(self._streams):
            stream.close()
        for thread_id, run_id in self._runs():
            path = f"/threads/{thread_id}/runs/{run_id}"
            self._ask(path)
            for listed in (f"{path}/steps", f"/threads/{thread_id}/messages"):
                page, known = self._ask(listed, ("order", "asc"), ("limit", "100")), set[Any]()
                while page.get("has_more") and page.get("last_id") not in (None, *known):
                    known.add(page["last_id"])
                    page = self._ask(listed, ("order", "asc"), ("limit", "100"), ("after", str(page["last_id"])))

    def _ask(self, path: str, *query: tuple[str, str]) -> Mapping[str, Any]:
        """Ask by ourselves, and keep the answer. Where there is none, what the client was shown has to do."""
        call = Call("GET", self._host, path, (*self._query, *query), self._headers)
        with suppress(TransportFailure):
            connection, response = self._send(call)
            body = self._read(connection, response)
            if response.status != 200:
                # A thread that the client has deleted since is no loss.
                level = logging.DEBUG if response.status == 404 else logging.WARNING
                log.log(level, "recording: GET %s was answered %s, so less is known of it.", path, response.status)
            else:
                self.keep(call, response.status, {"content-type": "application/json"}, body, ASKED_ON)
                answer = as_json(body)
                return answer if isinstance(answer, dict) else {}
        return {}

    def keys(self) -> list[str]:
        """The keys that clients have sent: in no text that is kept may one of them stand."""
        return [key for key in self._keys if key != FAKE_KEY and _A_KEY.fullmatch(key)]

    def _runs(self) -> list[tuple[str, str]]:
        shown = [item for exchange in self._exchanges for item in exchange.objects()]
        return list(
            {run["id"]: (run["thread_id"], run["id"]) for run in shown if run["object"] == "thread.run"}.values()
        )

    def keep(self, call: Call, status: int, headers: dict[str, str], body: bytes, origin: str = "") -> None:
        """Remember a call and its whole answer."""
        content_type = headers.get("content-type", "")
        is_stream = content_type.startswith("text/event-stream")
        with self._lock:
            is_file = is_download(call.method, call.path) and 200 <= status < 300
            exchange = Exchange(
                number=len(self._exchanges),
                method=call.method,
                path=call.path,
                status=status,
                query=call.query,
                beta=call.headers.get("openai-beta"),
                request=_json(call.body),
                content_type=content_type,
                response=None if is_stream else as_json(body),
                events=tuple(parsed_events(body.decode("utf-8", "replace"))) if is_stream else None,
                content=body if is_file else None,
                at=seconds(headers.get("date")),
                origin=origin,
            )
            self._exchanges.append(exchange)

    def _send(self, call: Call) -> tuple[HTTPConnection, HTTPResponse]:
        kind = HTTPSConnection if self._secure else HTTPConnection
        connection = kind(self._host, self._port, timeout=call.read_timeout or _TIMEOUT_SECONDS)
        headers = {name: value for name, value in call.headers.items() if name not in _HOP_BY_HOP}
        query = f"?{urlencode(call.query)}" if call.query else ""
        try:
            connection.request(call.method, f"{self._base}{quote(call.path)}{query}", call.body or None, headers)
            return connection, connection.getresponse()
        except (OSError, HTTPException) as error:
            connection.close()
            raise self._failure(error) from error

    def _read(self, connection: HTTPConnection, response: HTTPResponse) -> bytes:
        try:
            return response.read()
        except (OSError, HTTPException) as error:
            raise self._failure(error) from error
        finally:
            connection.close()

    def _failure(self, error: Exception) -> TransportFailure:
        kind = "ReadTimeout" if isinstance(error, TimeoutError) else "ConnectError"
        return TransportFailure(kind, f"The upstream server {self._host}:{self._port or ''} did not answer: {error!r}")


class _Kept:
    """A call whose answer is still on its way."""

    def __init__(self, recorder: Recorder, call: Call, status: int, headers: dict[str, str]) -> None:
        self._recorder = recorder
        self._call = call
        self._status = status
        self._headers = headers

    def keep(self, body: bytes) -> None:
        """Remember it, now that the answer is complete."""
        self._recorder.keep(self._call, self._status, self._headers, body)


class _Stream(Iterator[bytes]):
    """A stream as it comes. What was read of it is kept when it ends, or is closed."""

    def __init__(self, connection: HTTPConnection, response: HTTPResponse, exchange: _Kept, logged: LoggedCall) -> None:
        self._connection = connection
        self._response = response
        self._logged = logged
        self._exchange: _Kept | None = exchange
        self._pieces: list[bytes] = []

    def __next__(self) -> bytes:
        try:
            piece = self._response.read1(65_536) if self._exchange is not None else b""
        except (OSError, HTTPException) as error:
            self.close()
            kind = "ReadTimeout" if isinstance(error, TimeoutError) else "ReadError"
            self._logged.failed(kind, self._logged.at)
            raise TransportFailure(kind, f"The upstream server broke its stream off: {error!r}") from error
        if not piece:
            self.close()
            raise StopIteration
        self._pieces.append(piece)
        return piece

    def close(self) -> None:
        """Read no more of it."""
        if self._exchange is not None:
            exchange, self._exchange = self._exchange, None
            self._connection.close()
            exchange.keep(b"".join(self._pieces))


def _json(body: bytes) -> object:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return None
