"""Reads the forms that recordings come in: vcrpy, Ruby VCR, the Azure SDK's test proxy, and the plain form.

The rule: an entry that cannot be understood is named, never passed over in silence.
"""

import base64
import re
import zlib
from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from ..claims import RESOURCES
from .events import parsed_events
from .exchanges import Exchange, NotARecording, Recording, as_json, is_download, plain, seconds
from .keys import PLAIN, PROXY, RECORDINGS, RUBY, VCRPY

Json = Mapping[str, Any]


def recording_of(path: Path, data: Any) -> Recording:
    """The recording that a parsed file holds. Raises `NotARecording`, with the file and the entry named."""
    if isinstance(data, Mapping) and PLAIN in data:
        return plain(path, data)
    form, entries = _form(path, data)
    made = []
    for number, entry in enumerate(entries):
        try:
            made.append(form(number, entry, path.name))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            told = f"{type(error).__name__}: {error}"
            raise NotARecording(f"{path}: entry {number} cannot be understood: {told}.") from None
    return Recording(path.stem, tuple(made), (path.name,))


def _form(path: Path, data: Any) -> tuple[Any, list[Any]]:
    if isinstance(data, Mapping):
        for key, form in ((VCRPY, _vcrpy), (RUBY, _ruby), (PROXY, _proxy)):
            if isinstance(data.get(key), list):
                return form, data[key]
    *known, last = (f"{name} ({key})" for key, name in RECORDINGS.items())
    raise NotARecording(f"{path}: this is no recording that is known: {', '.join(known)}, or {last}.")


def _vcrpy(number: int, entry: Json, origin: str) -> Exchange:
    request, response = entry["request"], entry["response"]
    status = response.get("status", response.get("status_code"))
    code = status["code"] if isinstance(status, Mapping) else status
    body = response.get("body", response.get("content"))
    sent = request.get("body", request.get("content"))
    return _exchange(
        number,
        origin,
        request["method"],
        request.get("uri") or request["url"],
        _headers(request.get("headers")),
        sent,
        int(code),
        _headers(response.get("headers")),
        body,
    )


def _ruby(number: int, entry: Json, origin: str) -> Exchange:
    request, response = entry["request"], entry["response"]
    return _exchange(
        number,
        origin,
        request["method"],
        request["uri"],
        _headers(request.get("headers")),
        request.get("body"),
        int(response["status"]["code"]),
        _headers(response.get("headers")),
        response.get("body"),
        at=entry.get("recorded_at"),
    )


def _proxy(number: int, entry: Json, origin: str) -> Exchange:
    headers = _headers(entry.get("ResponseHeaders"))
    return _exchange(
        number,
        origin,
        entry["RequestMethod"],
        entry["RequestUri"],
        _headers(entry.get("RequestHeaders")),
        entry.get("RequestBody"),
        int(entry["StatusCode"]),
        headers,
        _proxy_body(entry.get("ResponseBody"), headers.get("content-type", "")),
    )


def _proxy_body(body: Any, content_type: str) -> Any:
    """The proxy keeps in base64 what its type does not call a text."""
    if isinstance(body, str) and content_type and not _IS_TEXT.search(content_type):
        with suppress(ValueError):
            return base64.b64decode(body, validate=True)
    return body


_IS_TEXT = re.compile(r"^text/|json|xml|urlencoded|charset=", re.IGNORECASE)


def _exchange(
    number: int,
    origin: str,
    method: str,
    uri: str,
    sent: dict[str, str],
    body: Any,
    status: int,
    headers: dict[str, str],
    answer: Any,
    at: Any = None,
) -> Exchange:
    url = urlsplit(uri)
    raw = _raw(answer, headers.get("content-encoding", ""))
    request, response = _text(_raw(body)), _text(raw)
    path, content_type = _path(url.path), headers.get("content-type", "")
    is_stream = content_type.startswith("text/event-stream") or _looks_streamed(response)
    events = tuple(parsed_events(response)) if is_stream and isinstance(response, str) else None
    is_form = sent.get("content-type", "").startswith("multipart/")
    return Exchange(
        number=number,
        method=str(method).upper(),
        path=path,
        status=status,
        query=tuple((name, value) for name, value in parse_qsl(url.query, keep_blank_values=True) if name != _VERSION),
        beta=sent.get("openai-beta") or ("assistants=v2" if _VERSION in url.query else None),
        request=None if is_form else as_json(request),
        content_type=content_type,
        response=None if events is not None else as_json(response),
        events=events,
        content=_content(raw) if is_download(str(method).upper(), path) else None,
        at=seconds(headers.get("date")) or _instant(at),
        origin=origin,
    )


_VERSION = "api-version"


def _path(path: str) -> str:
    """The path from the resource on: a base prefix is whatever stands before it."""
    parts = path.split("/")
    for place, part in enumerate(parts):
        if part in RESOURCES:
            return "/" + "/".join(parts[place:])
    return re.sub(r"^/(openai/)?v1(?=/)", "", path) or "/"


def _headers(given: Any) -> dict[str, str]:
    """Headers by their names in lower case, the first value of each."""
    pairs = given.items() if isinstance(given, Mapping) else (given or ())
    found: dict[str, str] = {}
    for name, value in pairs:
        first = value[0] if isinstance(value, list) and value else value
        found[str(name).lower()] = first.decode("latin-1") if isinstance(first, bytes) else str(first or "")
    return found


def _raw(body: Any, encoding: str = "") -> Any:
    """A body as bytes or text, or as the JSON value it was kept as. A stream may be kept as a list of its pieces."""
    if isinstance(body, Mapping):
        if set(body) & {"string", "base64_string", "encoding"}:
            encoded = body.get("base64_string")
            return _raw(base64.b64decode(encoded) if encoded else body.get("string"), encoding)
        return body
    if isinstance(body, bytes):
        return _unpacked(body, encoding)
    if isinstance(body, list) and body and all(isinstance(piece, str) for piece in body):
        return "".join(body)
    return body


def _text(raw: Any) -> Any:
    return raw.decode("utf-8", "replace") if isinstance(raw, bytes) else raw


def _content(raw: Any) -> bytes | None:
    """The bytes of a file, if they are known: a JSON value does not tell how it was written."""
    if isinstance(raw, str):
        return None if "\ufffd" in raw else raw.encode()
    return raw if isinstance(raw, bytes) else None


def _unpacked(body: bytes, encoding: str) -> bytes:
    """Bytes as they were before they were compressed, if they still are, as far as they go."""
    try:
        if body.startswith(_GZIP):
            return _members(body)
        if encoding == "deflate":
            return zlib.decompress(body)
        if encoding == "br":
            unpacked: bytes = import_module("brotli").decompress(body)
            return unpacked
    except (zlib.error, ImportError, ValueError, RuntimeError):
        # Not packed any more, or in a way that is not known here: what it is not is told where it is read.
        return body
    return body


_GZIP = b"\x1f\x8b"


def _members(body: bytes) -> bytes:
    """The members of a gzip file, one behind another, the last as far as it goes."""
    found = b""
    while body.startswith(_GZIP):
        member = zlib.decompressobj(zlib.MAX_WBITS | 16)
        found += member.decompress(body)
        body = member.unused_data
    return found


def _looks_streamed(body: Any) -> bool:
    return isinstance(body, str) and body.startswith("event: ")


def _instant(stamp: Any) -> int | None:
    """When an entry was recorded, where no header of the answer says so."""
    return seconds(stamp) if stamp is not None else None
