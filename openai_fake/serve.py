"""`python -m openai_fake serve`: the fake behind a real socket, on uvicorn, for other languages and processes.

It listens on loopback unless told otherwise, says so in one line when it is ready, and ends cleanly on a signal.
"""

import asyncio
import logging
import signal
import socket
import sys
import warnings
from contextlib import suppress
from typing import Any

import uvicorn

from .asgi import DROP, ASGIApp, Receive, Scope, Send
from .fake import OpenAIFake
from .secrets import redact

_SECONDS_TO_END = 1
"""How long open streams may go on after a signal."""


def serve(*, host: str, port: int, base_path: str, **options: Any) -> int:
    """Serve until a signal comes; gives the exit status. `options` are those of `OpenAIFake`.

    Port 0 is any free one. Raises `OSError` where the address cannot be listened on.
    """
    with _listening(host, port) as listener:
        fake = OpenAIFake(**options).open()
        try:
            url = f"http://{_shown(listener)}{'/' + base_path.strip('/') if base_path.strip('/') else ''}"
            _run(fake.asgi(base_path), listener, f"openai_fake serves {url}")
        finally:
            complaints = fake.complaints()
            fake.close(failed=True)
    for complaint in complaints:
        print(redact(complaint), file=sys.stderr)
    return 0


def _speak_plainly() -> None:
    """Say what there is to say without the lines of Python and the libraries' noise, which mean nothing elsewhere."""
    warnings.showwarning = lambda message, *_: print(message, file=sys.stderr)
    logging.getLogger("python_multipart").setLevel(logging.CRITICAL)
    # Of a stream that was open when the signal came.
    logging.getLogger("uvicorn.error").addFilter(lambda record: "graceful shutdown" not in record.getMessage())


def _run(app: ASGIApp, listener: socket.socket, ready: str) -> None:
    config = uvicorn.Config(
        _droppable(app),
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=_SECONDS_TO_END,
    )
    _speak_plainly()
    # uvicorn ends on a signal and then raises it again, for whoever was there before.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    _Server(config, ready).run(sockets=[listener])


class _Server(uvicorn.Server):
    """A server that says when it is ready."""

    def __init__(self, config: uvicorn.Config, ready: str) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        print(self._ready, flush=True)


def _droppable(app: ASGIApp) -> Any:
    """The application, with a way to cut the connection: uvicorn has one, ASGI has none."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        transport = getattr(getattr(send, "__self__", None), "transport", None)
        if transport is not None:
            scope.setdefault("extensions", {})[DROP] = transport.abort
        try:
            await app(scope, receive, send)
        except asyncio.CancelledError:
            # The server ends, and somebody has not read his stream to its end.
            if transport is not None:
                transport.abort()
            with suppress(asyncio.CancelledError):
                await receive()

    return wrapped


def _listening(host: str, port: int) -> socket.socket:
    (family, kind, protocol, _, address), *_ = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    # Only where a socket says that it is TCP does asyncio send small answers at once (TCP_NODELAY).
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError:
        listener.close()
        raise
    return listener


def _shown(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
