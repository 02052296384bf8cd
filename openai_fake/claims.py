"""Which requests are the fake's own, and what their path is once the base prefix is gone.

Pure text work, no HTTP library: asked of every request of the process, it answers in a few µs.
"""

import os
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

RESOURCES = frozenset({"assistants", "threads", "vector_stores", "files", "uploads"})
"""The first segments of what the Assistants API serves."""

_NEIGHBOURS = frozenset({"chatkit", "containers", "organization"})
"""The first segments of what else the platform serves, with a segment of ours inside: `/containers/{id}/files`."""

_HOST = "api.openai.com"
_PREFIXES = ("/openai/v1", "/api/v1", "/openai", "/v1")
_AZURE_HOSTS = (".azure.com", ".azure.us", ".azure.cn")


class Addresses:
    """The base URLs that a fake answers: OpenAI's, Azure's, Fabric's, `$OPENAI_BASE_URL`, and those given.

    `$OPENAI_BASE_URL` is read at every request that is not OpenAI's own anyway, so it may be set before or after the
    fake is opened; a value once seen stays claimed, because clients made under it keep it.
    """

    def __init__(self, base_urls: Iterable[str] = ()) -> None:
        """Claim `base_urls` as well. Raises `ValueError` for one that is no absolute http(s) URL."""
        given = (base_urls,) if isinstance(base_urls, str) else tuple(base_urls)
        self._bases: dict[tuple[str, int | None], tuple[str, ...]] = {}
        self._last_seen = ""
        for base_url in given:
            if not self._add(base_url):
                raise ValueError(
                    f"base_urls: {base_url!r} is not an absolute http or https URL; "
                    "give one such as 'https://gateway.example/v1'."
                )
        self._named = self._bases
        self._look_at_environment()

    def names(self, host: str, port: int | None, path: str) -> bool:
        """Whether a request is under one of the base URLs that were given, and not only of a known form."""
        return any(_behind(base, path) is not None for base in self._named.get((host, port), ()))

    def locate(
        self,
        host: str,
        port: int | None,
        path: str,
        query: str = "",
        headers: Iterable[tuple[bytes, bytes]] = (),
    ) -> str | None:
        """The API path behind the base prefix, with its leading `/`; `None` if the request is not ours.

        `path` and `query` are as they stand in the request line, `port` is `None` for the scheme's own. The
        answer is percent-decoded, except for `%2F`, which would otherwise make two segments of one.
        """
        if host == _HOST and path.startswith("/v1/") and (host, port) not in self._bases:
            # Most requests by far.
            found: str | None = path[len("/v1") :]
        else:
            found = self._find(host, port, path, query, headers)
        if found is not None and found.startswith("/deployments/"):
            found = _without_deployment(found)
        return _decoded(found) if found is not None and "%" in found else found

    def _find(
        self, host: str, port: int | None, path: str, query: str, headers: Iterable[tuple[bytes, bytes]]
    ) -> str | None:
        if host != _HOST or not path.startswith("/v1/"):
            self._look_at_environment()
        for base in self._bases.get((host, port), ()):
            rest = _behind(base, path)
            if rest is not None:
                return rest if base else _without_prefix(rest)
        if host == _HOST or host.endswith(f".{_HOST}"):
            rest = _behind("/v1", path)
            if rest is not None:
                return rest
        rest = _behind_openai_segment(host, path, query)
        if rest is not None:
            return rest
        return _without_prefix(path) if _asks_for_assistants(headers) else None

    def _look_at_environment(self) -> None:
        current = os.environ.get("OPENAI_BASE_URL", "")
        if current != self._last_seen:
            self._add(current)
            self._last_seen = current

    def _add(self, base_url: str) -> bool:
        try:
            parts = urlsplit(base_url.strip())
            host, port = parts.hostname, parts.port
        except ValueError:
            return False
        if parts.scheme not in ("http", "https") or not host:
            return False
        if port == (443 if parts.scheme == "https" else 80):
            port = None
        known = self._bases.get((host, port), ())
        bases = {*known, parts.path.rstrip("/")}
        self._bases = {**self._bases, (host, port): tuple(sorted(bases, key=len, reverse=True))}
        return True


def _behind(base: str, path: str) -> str | None:
    """What follows `base` in `path`, or `None` where `base` is not a whole-segment prefix of it."""
    if not path.startswith(base):
        return None
    rest = path[len(base) :]
    if not rest:
        return "/"
    return rest if rest[0] == "/" else None


def _behind_openai_segment(host: str, path: str, query: str) -> str | None:
    """Azure's and Fabric's shapes: `…/openai/…?api-version=…`, `…/openai/v1/…`, `…/aiassistant/openai/…`.

    Others serve `…/openai/v1/…` too (Groq's chat): on a host not Azure's, only this API's paths count.
    """
    at = path.find("/openai/")
    if at < 0:
        return None
    rest = path[at + len("/openai") :]
    versioned = _behind("/v1", rest)
    if versioned is not None:
        rest = versioned
    elif "api-version=" in query:
        return rest
    if host.endswith(_AZURE_HOSTS) or path.endswith("/aiassistant", 0, at):
        return rest
    return rest if versioned is not None and _first_segment(rest) in RESOURCES else None


def _without_deployment(path: str) -> str:
    """Azure clients of early SDKs name a deployment before every path; the Assistants API has none."""
    rest = "/" + "/".join(path.split("/")[3:])
    return rest if _first_segment(rest) in RESOURCES else path


def _asks_for_assistants(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    return any(b"assistants=" in value and name.lower() == b"openai-beta" for name, value in headers)


def _without_prefix(path: str) -> str:
    """The path behind a usual prefix; behind an unknown one, from the first segment that names a resource."""
    rest = path
    for prefix in _PREFIXES:
        behind = _behind(prefix, path)
        if behind is not None:
            rest = behind
            break
    if _first_segment(rest) in RESOURCES:
        return rest
    segments = path.split("/")
    for index, segment in enumerate(segments):
        if segment in _NEIGHBOURS:
            break
        if segment in RESOURCES:
            return "/" + "/".join(segments[index:])
    return rest


def _first_segment(path: str) -> str:
    return path[1:].partition("/")[0]


def is_served(path: str) -> bool:
    """Whether a located path belongs to the Assistants API, not to a neighbour under the same base URL."""
    return _first_segment(path) in RESOURCES


def path_anywhere(path: str) -> str | None:
    """The API path in the path of any URL, decoded as `locate` does it; `None` where no segment names a resource."""
    found = _without_prefix(path)
    return _decoded(found) if is_served(found) else None


def path_behind(base: str, path: str) -> str | None:
    """What follows a base path, decoded as `locate` does it; `None` where the path is not under it."""
    rest = _behind(base.rstrip("/"), path)
    return None if rest is None else _decoded(rest)


def _decoded(path: str) -> str:
    return unquote(path.replace("%2F", "%252F").replace("%2f", "%252F"))
