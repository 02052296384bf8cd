"""The same door behind a socket: an ASGI application of our own, for any server, any event loop and no framework.

Streams are sent as they are read, one event a message, and are closed when the client goes away.
"""

from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from typing import Any
from urllib.parse import parse_qsl, quote

from anyio import CancelScope, create_task_group
from anyio.lowlevel import checkpoint

from .claims import Addresses, path_behind
from .errors import TransportFailure
from .headers import plain_headers
from .routing import Answers, Call, Reply

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

CONTROL = "/openai_fake"
"""What a test in another language drives the fake by; never part of the API."""

DROP = "openai_fake.drop"
"""The ASGI extension by which a server lets its connection be cut: a callable without arguments."""


class ASGIApp:
    """The fake as an ASGI application (scopes `http` and `lifespan`).

    A path under `base_path` is the API's, and so is whatever the fake answers on any host: Azure's and Fabric's shapes,
    and what carries the beta header. The rest gets the service's 404. `/openai_fake/…` is the control path.

    A transport failure that was arranged (`errors.TransportFailure`) cuts the connection where the server offers a way
    (`python -m openai_fake serve` does). Elsewhere ASGI has no word for it: an answer is begun and broken off by a
    `ConnectionResetError`, upon which servers close the connection.
    """

    def __init__(self, door: Answers, control: Answers, addresses: Addresses, base_path: str = "/v1") -> None:
        self._door = door
        self._control = control
        self._addresses = addresses
        self._base_path = "/" + base_path.strip("/") if base_path.strip("/") else ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or one life of a server."""
        if scope["type"] == "http":
            await self._serve(scope, receive, send)
        elif scope["type"] == "lifespan":
            await _live(receive, send)
        else:
            await receive()
            await send({"type": "websocket.close"})

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _whole_body(receive)
        if body is None:
            return
        try:
            reply = self._answer(scope, body)
        except TransportFailure as failure:
            await _break_off(scope, receive, send, failure, begun=False)
            return
        if isinstance(reply.body, bytes):
            await _send_whole(reply, reply.body, send, bare=scope["method"] == "HEAD")
        else:
            await _send_stream(reply, reply.body, scope, receive, send)

    def _answer(self, scope: Scope, body: bytes) -> Reply:
        path, query = _target(scope)
        headers = plain_headers((name, value) for name, value in scope["headers"])
        host, port = _host(headers.get("host", ""))
        control = path_behind(CONTROL, path)
        located = control or self._locate(scope, host, port, path, query)
        call = Call(
            method=scope["method"],
            host=host,
            path=located,
            query=tuple(parse_qsl(query, keep_blank_values=True)) if query else (),
            headers=headers,
            body=body,
            url_path=path,
        )
        return (self._control if control else self._door).answer(call)

    def _locate(self, scope: Scope, host: str, port: int | None, path: str, query: str) -> str:
        found = path_behind(self._base_path, path)
        if found is None:
            found = self._addresses.locate(host, port, path, query, scope["headers"])
        # What is not the API's must not be found by a route, and its warning should say why.
        return found if found is not None else f"/(not under {self._base_path}){path}"


def _target(scope: Scope) -> tuple[str, str]:
    """The path as it stands in the request line, without what the application is mounted under, and the query."""
    raw = scope.get("raw_path")
    path = raw.decode("latin-1").partition("?")[0] if raw else quote(scope["path"])
    mounted = scope.get("root_path", "")
    return path.removeprefix(mounted) if mounted else path, scope.get("query_string", b"").decode("latin-1")


def _host(header: str) -> tuple[str, int | None]:
    """The host and the port of a `Host` header, the port being `None` where there is none."""
    host, colon, port = header.rpartition(":")
    return (host.strip("[]"), int(port)) if colon and port.isdigit() else (header.strip("[]"), None)


async def _live(receive: Receive, send: Send) -> None:
    while True:
        told = (await receive())["type"]
        await send({"type": f"{told}.complete"})
        if told == "lifespan.shutdown":
            return


async def _whole_body(receive: Receive) -> bytes | None:
    """The body, or `None` if the client went away before it had sent it."""
    chunks = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        chunks.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(chunks)


async def _send_whole(reply: Reply, body: bytes, send: Send, *, bare: bool) -> None:
    """An answer of known length; `bare`: without its body, as HEAD has it."""
    await send(_start(reply, ("content-length", str(len(body)))))
    await send({"type": "http.response.body", "body": b"" if bare else body})


async def _send_stream(reply: Reply, body: Iterator[bytes], scope: Scope, receive: Receive, send: Send) -> None:
    """An answer as it is read; its source is closed at the end, whichever end that is."""
    broken: TransportFailure | None = None
    try:
        await send(_start(reply))
        async with create_task_group() as tasks:
            tasks.start_soon(_watch, receive, tasks.cancel_scope)
            try:
                for chunk in body:
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
                    await checkpoint()
                await send({"type": "http.response.body"})
            except TransportFailure as failure:
                broken = failure
            tasks.cancel_scope.cancel()
    finally:
        close = getattr(body, "close", None)
        if close is not None:
            close()
    if broken is not None:
        await _break_off(scope, receive, send, broken, begun=True)


async def _watch(receive: Receive, reading: CancelScope) -> None:
    """Stop reading as soon as the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        continue
    reading.cancel()


async def _break_off(scope: Scope, receive: Receive, send: Send, failure: TransportFailure, *, begun: bool) -> None:
    drop = (scope.get("extensions") or {}).get(DROP)
    if drop is None:
        if not begun:
            await send(_start(Reply(200, [("content-length", "1")], b"")))
        raise ConnectionResetError(f"{failure.class_name}: {failure.message}")
    drop()
    while (await receive())["type"] != "http.disconnect":
        continue


def _start(reply: Reply, *more: tuple[str, str]) -> Message:
    headers = [(name.lower().encode("latin-1"), value.encode("utf-8")) for name, value in (*reply.headers, *more)]
    return {"type": "http.response.start", "status": reply.status, "headers": headers}
