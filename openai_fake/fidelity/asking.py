"""A recorded request as a call to the fake, and the fake's reply in the form of a recorded answer."""

import json
from typing import Any

from ..routing import Call, Reply, all_operations
from ..scenario.events import parsed_events
from ..scenario.exchanges import Exchange, as_json
from .names import Names

_BOUNDARY = "recorded"
KEY = "fake-key-of-the-measure"


def call_of(exchange: Exchange, names: Names) -> Call:
    """The call; ids of the recording become those of the fake, and what a recording left out is filled in."""
    path = "/".join(names.fake(part) for part in exchange.path.split("/"))
    headers = {"authorization": f"Bearer {'another-key' if exchange.status == 401 else KEY}"}
    beta = exchange.beta
    if beta is None and exchange.went_well and all_operations()[exchange.operation].beta:
        beta = "assistants=v2"
    if beta is not None:
        headers["openai-beta"] = beta
    query = tuple((name, names.fake(value)) for name, value in exchange.query)
    body = b""
    if exchange.operation in _UPLOADS:
        headers["content-type"] = f"multipart/form-data; boundary={_BOUNDARY}"
        body = _multipart(exchange)
    elif exchange.request is not None:
        headers["content-type"] = "application/json"
        body = _body(exchange.request, names)
    return Call(exchange.method, "api.openai.com", path, query, headers, body, f"/v1{path}")


def answer_of(reply: Reply) -> Exchange:
    """What came back. A stream is read to its end."""
    body = reply.body if isinstance(reply.body, bytes) else b"".join(reply.body)
    content_type = next((value for name, value in reply.headers if name == "content-type"), "")
    if content_type.startswith("text/event-stream"):
        events = tuple(parsed_events(body.decode()))
        return Exchange(0, "", "", reply.status, content_type=content_type, events=events)
    return Exchange(0, "", "", reply.status, content_type=content_type, response=as_json(body))


def _body(request: Any, names: Names) -> bytes:
    if isinstance(request, str):
        return request.encode()
    return json.dumps(names.translated(request), ensure_ascii=False).encode()


_UPLOADS = {"files.create": "file", "uploads.parts.create": "data"}


def _multipart(exchange: Exchange) -> bytes:
    """A form that would make the file that was made: recordings do not keep the bytes."""
    made = exchange.response if isinstance(exchange.response, dict) else {}
    fields = {"purpose": made.get("purpose", "assistants")} if exchange.operation == "files.create" else {}
    lines = [f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items()]
    name = json.dumps(made.get("filename", "file.txt"), ensure_ascii=False)
    disposition = f'form-data; name="{_UPLOADS[exchange.operation]}"; filename={name}'
    lines.append(f"--{_BOUNDARY}\r\nContent-Disposition: {disposition}\r\nContent-Type: text/plain\r\n\r\n")
    return "".join(lines).encode() + b" " * int(made.get("bytes") or 1) + f"\r\n--{_BOUNDARY}--\r\n".encode()
