"""Multipart bodies, read by python-multipart: fields as text, files as they came. Nothing is written to disk."""

from collections.abc import Collection
from typing import Any, NamedTuple

from . import file_errors
from .body_errors import unknown_parameter
from .routing import Call


class Sent(NamedTuple):
    """A file of a form: its name and its bytes."""

    filename: str
    content: bytes


class SentForm:
    """A form: the last value of each field, and the last file of each name."""

    def __init__(self) -> None:
        self.fields: dict[str, str] = {}
        self.files: dict[str, Sent] = {}

    def refuse_unknown(self, known: Collection[str]) -> None:
        """Raise the service's 400 for the first name that is not among these."""
        for name in (*self.fields, *self.files):
            if name not in known:
                raise unknown_parameter(name, name, known)


class _Part:
    def __init__(self) -> None:
        self.headers: dict[bytes, bytes] = {}
        self.name = bytearray()
        self.value = bytearray()
        self.data = bytearray()


def parse_form(call: Call) -> SentForm:
    """The form of a request. Raises the service's 400 where it is none, or is broken."""
    # Imported when the first form comes: most tests upload nothing.
    from python_multipart.multipart import MultipartParser, parse_options_header

    content_type = call.headers.get("content-type", "")
    reader, form = _Reader(), SentForm()
    try:
        kind, options = parse_options_header(content_type)
        if kind != b"multipart/form-data":
            raise file_errors.not_a_form(content_type)
        parser = MultipartParser(options.get(b"boundary", b""), reader.callbacks())
        parser.write(call.body)
        parser.finalize()
    except ValueError as error:
        raise file_errors.broken_form(str(error)) from None
    if not reader.complete:
        raise file_errors.broken_form("the last part is not complete")
    for part in reader.parts:
        _add(form, part, *parse_options_header(part.headers.get(b"content-disposition", b"")))
    return form


def _add(form: SentForm, part: _Part, kind: bytes, options: dict[bytes, bytes]) -> None:
    name = options.get(b"name", b"").decode("utf-8", "replace")
    if kind != b"form-data" or not name:
        raise file_errors.broken_form("a part has no name")
    if b"filename" in options:
        form.files[name] = Sent(options[b"filename"].decode("utf-8", "replace"), bytes(part.data))
    else:
        form.fields[name] = part.data.decode("utf-8", "replace")


class _Reader:
    """What the parser tells, kept part by part."""

    def __init__(self) -> None:
        self.parts: list[_Part] = []
        self.complete = False

    def callbacks(self) -> Any:
        """What to call, as python-multipart names it."""
        return {
            "on_part_begin": lambda: self.parts.append(_Part()),
            "on_header_begin": self._header_begin,
            "on_header_field": lambda data, start, end: self.parts[-1].name.extend(data[start:end]),
            "on_header_value": lambda data, start, end: self.parts[-1].value.extend(data[start:end]),
            "on_header_end": self._header_end,
            "on_part_data": lambda data, start, end: self.parts[-1].data.extend(data[start:end]),
            "on_end": self._end,
        }

    def _header_begin(self) -> None:
        part = self.parts[-1]
        part.name, part.value = bytearray(), bytearray()

    def _header_end(self) -> None:
        part = self.parts[-1]
        part.headers[bytes(part.name).lower()] = bytes(part.value)

    def _end(self) -> None:
        self.complete = True
