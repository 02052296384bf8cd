"""Every refusal of the service, with its status and its words.

Raised where a fault is found, rendered once, at the door (`api.py`). A text that the wire notes hold stands here
as it was recorded; a text that nobody recorded is marked «not recorded» and follows the nearest template.
"""

from collections.abc import Iterable, Sequence


class ServiceError(Exception):
    """A refusal as the service sends it: an HTTP status and the `error` object of the envelope."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        type: str | None = "invalid_request_error",
        param: str | None = None,
        code: str | None = None,
        headers: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.type = type
        self.param = param
        self.code = code
        self.headers = tuple(headers)

    def envelope(self) -> dict[str, object]:
        """The body: `{"error": {"message", "type", "param", "code"}}`, in the recorded order."""
        error = {"message": self.message, "type": self.type, "param": self.param, "code": self.code}
        return {"error": error}


class Misuse(Exception):
    """The fake was used wrongly: answered with 501, remembered, and told again when the fake closes."""


class Trouble(Exception):
    """A transport failure to be raised as the caller's own HTTP library would raise it.

    `class_name` names the exception class that httpx and httpx2 share, such as `"ReadTimeout"`.
    """

    def __init__(self, class_name: str, message: str) -> None:
        super().__init__(message)
        self.class_name = class_name
        self.message = message


def quoted(values: Iterable[object], last: str = "and") -> str:
    """`'a'`, `'a' and 'b'`, `'a', 'b', and 'c'`: how the service lists values."""
    names = [f"'{value}'" for value in values]
    if len(names) < 3:
        return f" {last} ".join(names)
    return f"{', '.join(names[:-1])}, {last} {names[-1]}"
