"""Requests with one fault each, made from good ones: for every operation, whatever its models let be spoilt."""

import copy
from collections.abc import Iterator
from functools import cache
from typing import Any

from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from openai_fake import expire, reply, tool_call
from openai_fake.routing import Operation, all_operations
from tests.good_bodies import GOOD
from tests.kit import Api, api

Path = tuple[str | int, ...]

FREE = {"parameters", "schema", "hybrid_search", "attributes", "annotations"}
"""Objects whose content is the client's own business."""

DECIMALS = {"temperature", "top_p", "score_threshold"}
OTHER_KINDS: dict[str, Any] = {
    "string": "x",
    "integer": 5,
    "decimal": 1.5,
    "boolean": True,
    "array": [],
    "object": {},
    "null": None,
}

BEYOND: dict[str, list[Any]] = {
    "name": ["x" * 257],
    "description": ["x" * 513],
    "content": ["x" * 256_001, []],
    "metadata": [{f"k{n}": "v" for n in range(17)}, {"k" * 65: "v"}, {"k": "v" * 513}],
    "file_ids": [["file-1"] * 21],
    "vector_store_ids": [["vs_1", "vs_2"]],
    "vector_stores": [[{}, {}]],
    "temperature": [-0.1, 2.01, 3, -1],
    "top_p": [-0.1, 1.01, 2],
    "score_threshold": [-0.01, 1.01],
    "max_num_results": [0, 51, -5],
    "max_prompt_tokens": [15, 0, -1],
    "max_completion_tokens": [15],
    "last_messages": [0, -1],
    "bytes": [-1, 2**40],
    "seconds": [3599, 2_592_001],
    "anchor": ["last_active_at"],
    "purpose": ["world_domination"],
    "role": ["system", "", "User"],
    "type": ["retrieval", ""],
    "detail": ["medium"],
    "reasoning_effort": ["extreme"],
    "ranker": ["best"],
    "tool_choice": ["any"],
    "response_format": ["json"],
}
"""Values that the service's limits leave out, by the name of the field."""

BAD_QUERIES: list[tuple[str, str]] = [
    *(("limit", value) for value in ("0", "-1", "101", "1000", "many", "1.5", "9" * 5000)),
    *(("order", value) for value in ("newest", "ASC", "1")),
]


def furnished() -> Api:
    """A world with a thing of every kind, a finished run and one that waits for outputs among them."""
    it = api()
    fake = it.fake
    fake.add_assistant("asst_1", instructions="Help.")
    fake.add_thread("thread_1", messages=[{"role": "user", "content": "Hello!"}])
    fake.add_thread("thread_2", messages=[{"role": "user", "content": "Hello!"}])
    fake.add_file("file-1", content=b"abc")
    fake.add_vector_store("vs_1")
    fake.script(reply("Hi"), thread="thread_1")
    fake.script(tool_call("f"), expire(), thread="thread_2", optional=True)
    for thread in ("thread_1", "thread_2"):
        it.settle(it.run(thread, "asst_1"))
    return it


def good_path(it: Api, operation: Operation) -> str:
    """The operation's path, with ids of things that are there wherever the furnished world has them."""
    step = it.fake.thread("thread_1").steps[0]
    message = it.fake.thread("thread_1").messages[0]
    ids = {"assistant_id": "asst_1", "thread_id": "thread_1", "run_id": step.run_id, "step_id": step.id}
    ids |= {"message_id": message.id, "file_id": "file-1", "vector_store_id": "vs_1"}
    path = operation.template
    for name in placeholders(operation):
        path = path.replace(f"{{{name}}}", ids.get(name, "unknown_1"))
    return path


def placeholders(operation: Operation) -> list[str]:
    """The names of the ids in an operation's path."""
    return [part[1:-1] for part in operation.template.split("/") if part.startswith("{")]


def good_body(operation: Operation) -> Any:
    """A body with as much in it as is known of the operation."""
    return copy.deepcopy(GOOD.get(operation.name, {}))


def nodes(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every place of a JSON value but its root, and those whose content is free."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key), item
        if key not in FREE:
            yield from nodes(item, (*path, key))


def replaced(body: Any, path: Path, value: Any) -> Any:
    """The body with another value in one place."""
    body = copy.deepcopy(body)
    *way, last = path
    holder = body
    for part in way:
        holder = holder[part]
    holder[last] = value
    return body


def without(body: Any, path: Path) -> Any:
    """The body with one key taken out."""
    body = copy.deepcopy(body)
    *way, last = path
    holder = body
    for part in way:
        holder = holder[part]
    del holder[last]
    return body


def kind_of(value: Any) -> str:
    """The JSON type of a value."""
    kinds = {bool: "boolean", int: "integer", float: "decimal", str: "string", list: "array", dict: "object"}
    return kinds[type(value)]


def mistyped(body: Any) -> list[Any]:
    """Every body that has a value of another type in one place."""
    found = []
    for path, value in nodes(body):
        last = path[-1]
        legal = {kind_of(value)}
        if last in DECIMALS:
            legal |= {"integer", "decimal"}
        if last == "content":
            legal.add("string")
        if isinstance(last, str) and path[-2:-1] != ("metadata",):
            legal.add("null")
        found += [replaced(body, path, other) for kind, other in OTHER_KINDS.items() if kind not in legal]
    return found


def incomplete(model: type[BaseModel], body: Any) -> list[Any]:
    """Every body that lacks something that is required."""
    candidates = [without(body, path) for path, _ in nodes(body) if isinstance(path[-1], str)]
    return [candidate for candidate in candidates if not fits(model, candidate)]


def enlarged(body: Any) -> list[Any]:
    """Every body with an unknown key in one of its closed objects."""
    places = [path for path, value in nodes(body) if isinstance(value, dict) and path[-1] not in {*FREE, "metadata"}]
    return [{**body, "unknown_key": 1}, *(replaced(body, (*path, "unknown_key"), None) for path in places)]


def exceeding(operation: Operation, body: Any) -> list[Any]:
    """Every body with a value beyond a limit in one place."""
    found = []
    for path, _ in nodes(body):
        for value in BEYOND.get(str(path[-1]), []):
            if path[-1] in ("name", "description") and len(path) > 1:
                continue
            found.append(replaced(body, path, value))
        if path[-2:] == ("function", "name") and "tools" in path:
            found += [replaced(body, path, name) for name in ("x" * 65, "a name", "")]
    if operation.name.startswith("assistants.") and "tools" in body:
        # The instructions and tools of a run have no limit in the notes.
        found += [{**body, "tools": [{"type": "code_interpreter"}] * 129}, {**body, "instructions": "x" * 256_001}]
    return found


def fits(model: type[BaseModel], body: Any) -> bool:
    """Whether a model takes a body."""
    try:
        model.model_validate(body)
    except ValidationError:
        return False
    return True


NOT_JSON = [
    b"{",
    b"}",
    b'{"a":}',
    b"nonsense",
    b'{"a":1,}',
    b"{'a': 1}",
    b'{"a": NaN}',
    b"\x00",
    b'"\\ud800"',
    b"[" * 5000,
]
NOT_UTF8 = [b"\xff\xfe", b'{"a": "\xff"}', '{"a": "ü"}'.encode("latin-1"), b'{"\xc3\x28": 1}']
NOT_AN_OBJECT = [b"null", b"true", b"1", b"1.5", b'"x"', b"[]", b"[{}]"]

BODY_FAULTS = ("mistyped", "incomplete", "enlarged", "exceeding")
"""What can be wrong in a body that is an object."""


@cache
def faulty_bodies(operation: Operation, kind: str) -> list[Any]:
    """Every body with one fault of a kind."""
    body = good_body(operation)
    if operation.body is None:
        return []
    made = {
        "mistyped": lambda: mistyped(body),
        "incomplete": lambda: incomplete(operation.body, body),
        "enlarged": lambda: enlarged(body),
        "exceeding": lambda: exceeding(operation, body),
    }
    return list(made[kind]())


def faults(operation: Operation) -> list[str]:
    """The kinds of fault that a request of an operation can have."""
    kinds = [kind for kind in BODY_FAULTS if faulty_bodies(operation, kind)]
    if operation.body is not None or (operation.takes_call and operation.method == "POST"):
        kinds.append("raw")
    if bad_queries(operation):
        kinds.append("query")
    if placeholders(operation):
        kinds.append("id")
    if operation.beta:
        kinds.append("beta")
    return kinds


def bad_queries(operation: Operation) -> list[tuple[str, str]]:
    """The faults that a query of the operation can have."""
    queries: list[tuple[str, str]] = []
    names = operation.query.model_fields if operation.query is not None else {}
    if operation.query is not None and "limit" in names:
        # Files are listed by up to ten thousand.
        queries += [query for query in BAD_QUERIES if not fits(operation.query, dict([query]))]
    queries += [(name, id) for name in ("after", "before") if name in names for id in ("nothing_1", "\ud7ff\x00")]
    if "include" in names:
        queries += [("include[]", "everything"), ("include", "step_details")]
    return queries


bad_ids = st.sampled_from(["undefined", "None", "null", "..", "%2F", "thread", "thread_unknown", "x" * 5000]) | st.text(
    st.characters(codec="utf-8", exclude_characters="/?#"), min_size=1, max_size=30
)

GOOD_NAMES = [name for name, operation in all_operations().items() if operation.body is not None]
