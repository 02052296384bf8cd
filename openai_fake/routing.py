"""A request and an answer as plain values, and the table of operations that turns one into the other.

A new endpoint is one function decorated with `@operation`, in `operations/` and nowhere else.
"""

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any, NamedTuple, Protocol, TypeVar
from urllib.parse import unquote

from .checking import hint
from .objects.base import Body, Query

F = TypeVar("F", bound=Callable[..., Any])
NO_HEADERS: Mapping[str, str] = {}


class Call(NamedTuple):
    """One request, free of any HTTP library; never changed.

    `path` is what follows the base prefix, with its leading `/`. `read_timeout`: how long the client waits for a byte,
    in seconds.
    """

    method: str
    host: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = NO_HEADERS
    body: bytes = b""
    url_path: str = ""
    read_timeout: float | None = None

    def __repr__(self) -> str:
        """Without the headers, which hold keys."""
        return f"Call({self.method!r}, {self.host!r}, {self.path!r}, query={self.query!r}, body={self.body!r})"


Rendered = Callable[[], bytes]
"""What a body was made of: it needs less memory than the bytes, where others hold it too."""


class Reply(NamedTuple):
    """One answer. A `body` that is no bytes is an iterator with `close()`: it is read lazily, and once.

    `again`: what gives the same bytes again, where there is such a thing.
    """

    status: int
    headers: list[tuple[str, str]]
    body: bytes | Iterator[bytes]
    again: Rendered | None = None


class Answers(Protocol):
    """Whatever turns a call into a reply: the door, from afar."""

    def answer(self, call: Call) -> Reply:
        """Answer one call. Called from any thread; may raise `errors.TransportFailure`."""
        ...


class Operation(NamedTuple):
    """An endpoint: its public name, its route, the function behind it, and what the function is given.

    `body`, `query`: the models of what it takes, if any. `beta`: whether the service asked for the beta header.
    `polled`: whether clients poll it, so that an unfinished answer says when to ask again.
    """

    name: str
    method: str
    template: str
    perform: Callable[..., Any]
    body: type[Body] | None
    query: type[Query] | None
    takes_call: bool
    beta: bool
    polled: bool


Found = tuple[Operation, dict[str, str]] | None
"""The operation of a request and the ids in its path, by their names in the route."""

_OPERATIONS: dict[str, Operation] = {}
_LATER: list[Callable[[], None]] = []
_BY_SHAPE: dict[tuple[str, int], list[tuple[tuple[str | None, ...], tuple[str, ...], Operation]]] = {}


def operation(name: str, route: str, *, beta: bool = True, polled: bool = False) -> Callable[[F], F]:
    """Register a function as the operation `name` at `route` (`"GET /threads/{thread_id}"`).

    The function takes the world, then the ids of the path, then what it names of `body` and `query` (typed by their
    models) and `call` (the bare request).
    """
    method, _, template = route.partition(" ")

    def register(function: F) -> F:
        parameters = _parameters(function)
        body = parameters["body"].annotation if "body" in parameters else None
        query = parameters["query"].annotation if "query" in parameters else None
        made = Operation(name, method, template, function, body, query, "call" in parameters, beta, polled)
        parts = template.strip("/").split("/")
        fixed = tuple(None if part.startswith("{") else part for part in parts)
        names = tuple(part[1:-1] for part in parts if part.startswith("{"))
        _check_parameters(made, tuple(parameters)[1:], names)
        # An operation of that name is replaced: the module was imported anew, or a test has written it again.
        shapes = [shape for shape in _BY_SHAPE.get((method, len(parts)), ()) if shape[2].name != name]
        if any(shape[0] == fixed for shape in shapes):
            raise ValueError(f"@operation({name!r}, {route!r}): another operation has this route already.")
        _OPERATIONS[name] = made
        _BY_SHAPE[method, len(parts)] = shapes
        shapes.append((fixed, names, made))
        shapes.sort(key=lambda shape: sum(part is None for part in shape[0]))
        find.cache_clear()
        return function

    return register


def _parameters(function: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    found = inspect.signature(function).parameters
    if any(isinstance(parameter.annotation, str) for parameter in found.values()):
        # To look them up takes long, and only a module that puts off its annotations needs it.
        found = inspect.signature(function, eval_str=True).parameters
    return found


def _check_parameters(made: Operation, given: tuple[str, ...], ids: tuple[str, ...]) -> None:
    """Raise `TypeError` where a function cannot be called as an operation is."""
    rest = set(given[len(ids) :])
    if given[: len(ids)] != ids or rest - {"body", "query", "call"} or {"body", "call"} <= rest:
        expected = ", ".join(["world", *ids])
        raise TypeError(
            f"@operation({made.name!r}): its function takes ({expected}), and behind them what it needs of body "
            f"or call, and query; not (…, {', '.join(given)})."
        )


def later(register: Callable[[], None]) -> Callable[[], None]:
    """Have operations that most tests do without registered when something is asked for that is not there."""
    _LATER.append(register)
    return register


def all_operations() -> dict[str, Operation]:
    """All operations, by their names."""
    for register in _LATER:
        register()
    return _OPERATIONS


def is_known(pattern: str) -> bool:
    """Whether there is an operation of that name; `*` and `?` match as in a shell."""

    def fits(names: Iterable[str]) -> bool:
        return any(fnmatchcase(name, pattern) for name in names)

    return fits([*_OPERATIONS]) or fits(all_operations())


def meant(name: str) -> str:
    """` Did you mean …?` of the operation that is nearest to a name, which may have the SDK's whole way to it."""
    known = all_operations()
    for prefix in ("beta.", "threads.", "runs."):
        if name not in known and "." in name.removeprefix(prefix):
            name = name.removeprefix(prefix)
    return hint(name, known)


@lru_cache(1_000)
def find(method: str, path: str) -> Found:
    """The operation of a request and the ids in its path, or `None`. Kept and given again, so not to be changed."""
    found = _found(method, path)
    if found is None:
        all_operations()
        found = _found(method, path)
    return found


def _found(method: str, path: str) -> Found:
    # Another thread may be registering: what is not there then is looked for again.
    parts = path.strip("/").split("/")
    for fixed, names, found in _BY_SHAPE.get((method, len(parts)), ()):
        ids = _ids(fixed, parts)
        if ids is not None:
            return found, dict(zip(names, ids, strict=True))
    return None


def _ids(fixed: tuple[str | None, ...], parts: list[str]) -> list[str] | None:
    """What stands in the places of a route that are not fixed; `None` where the rest does not fit."""
    ids = []
    for want, part in zip(fixed, parts, strict=True):
        if want is None and part:
            ids.append(unquote(part) if "%" in part else part)
        elif want != part:
            return None
    return ids


def asks_for_beta(path: str) -> bool:
    """Whether the service asked for the beta header under the first segment of a path, also where no route fits."""
    resource = _resource(path)
    return any(known.beta and _resource(known.template) == resource for known in _OPERATIONS.values())


def _resource(path: str) -> str:
    return path.strip("/").partition("/")[0]


def nearest(method: str, path: str) -> str | None:
    """The operation whose route is most like a request that fits none: the same path by another method, or else a path
    that is nearly the same. `None` where nothing is near and the first segment is no operation's either.
    """
    near = _by_another_method(method, path) or _nearly(method, path)
    return near and f"{near.name} ({near.method} {near.template})"


def instead_of(method: str, path: str) -> str:
    """What there is in the place of a request that fits no route: a sentence, without its full stop."""
    near = nearest(method, path)
    if near:
        return f"The nearest operation is {near}"
    return (
        "It is no part of the Assistants API: in Python, a respx route of your own can answer it, for httpx and httpx2 "
        'alike one of respx.mock(using="openai_fake") inside the fake'
    )


def _by_another_method(method: str, path: str) -> Operation | None:
    fitting = {other: found[0] for other in ("POST", "GET", "DELETE") if (found := find(other, path)) is not None}
    # What is changed by PUT and PATCH elsewhere is changed by POST here.
    return fitting.get("GET") if method == "HEAD" else next(iter(fitting.values()), None)


def _nearly(method: str, path: str) -> Operation | None:
    known = all_operations().values()
    there = [operation for operation in known if _resource(operation.template) == _resource(path)]
    routes = {f"{o.method} {re.sub('{.+?}', '{id}', o.template)}": o for o in there or known}
    blurred = re.sub(r"/(?=[^/]*\d)[^/]+", "/{id}", path)
    close = get_close_matches(f"{method} {blurred}", routes, n=1, cutoff=0 if there else 0.75)
    return routes[close[0]] if close else None
