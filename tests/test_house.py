"""The rules of the house that no other tool checks."""

import ast
import re
import sys
from pathlib import Path

import pytest

from tests import conftest
from tests.counts import thorough
from tests.sessions import LIGHT
from tests.transport_kit import run_python

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "openai_fake"
MODULES = sorted(PACKAGE.rglob("*.py"))
NAMES = [path.relative_to(PACKAGE).as_posix() for path in MODULES]

HTTP_LIBRARIES = {"httpx", "httpx2", "httpcore", "httpcore2", "respx", "httpx_aiohttp", "aiohttp"}
KNOW_HTTP = {*(name for name in NAMES if name.startswith("transport/")), "scenario/record.py"}

REAL_TIME = re.compile(r"\btime\.time\(|\bdatetime\.now\(|\bdatetime\.utcnow\(|\bsleep\(")
# The command line and the socket live in real time, `sleeping` is about it, and `start="now"` reads it once.
KNOW_REAL_TIME = {"__main__.py", "serve.py", "asgi.py", "sleeping.py"}
MAY_CALL = {"clock.py": {"time.time", "datetime.now"}}

of_every_module = pytest.mark.parametrize("path", MODULES, ids=NAMES)


def relative(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def imported_packages(path: Path) -> set[str]:
    """The top-level names of every absolute import in a file, also of those inside functions."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def modules_loaded_by(statement: str, after: str = "pass") -> set[str]:
    """The modules that a statement adds in a fresh interpreter."""
    new = "set(sys.modules) - before"
    program = f"import sys; {after}; before = set(sys.modules); {statement}; print(*sorted({new}))"
    done = run_python(program)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def loaded_by(statement: str, after: str = "pass") -> set[str]:
    """The top-level names of those modules."""
    return {name.partition(".")[0] for name in modules_loaded_by(statement, after)}


@of_every_module
def test_a_module_says_what_it_is_for(path: Path) -> None:
    source = path.read_text("utf-8")
    assert not source.strip() or ast.get_docstring(ast.parse(source)), "begins with no docstring"


@of_every_module
def test_a_module_is_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 300


@of_every_module
def test_a_function_is_read_at_a_glance(path: Path) -> None:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    tree = ast.walk(ast.parse(path.read_text("utf-8")))
    long = [
        f"{node.name}: {length}"
        for node in tree
        if isinstance(node, functions) and (length := (node.end_lineno or 0) - node.lineno + 1) > 60
    ]
    assert not long


@of_every_module
def test_only_the_clock_tells_the_time(path: Path) -> None:
    calls = {
        ast.unparse(node.func)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and REAL_TIME.search(f"{ast.unparse(node.func)}(")
    }
    assert not calls - MAY_CALL.get(relative(path), set()) or relative(path) in KNOW_REAL_TIME


@of_every_module
def test_only_the_transport_knows_an_http_library(path: Path) -> None:
    assert not imported_packages(path) & HTTP_LIBRARIES or relative(path) in KNOW_HTTP


def test_importing_the_package_imports_no_sdk_and_no_test_library() -> None:
    assert not loaded_by("import openai_fake") & {"openai", "faker", "hypothesis", "pytest", "_pytest"}


BUILT = """
import openai_fake
from openai_fake.objects.base import Body, Query, Wire

def below(kind):
    for model in kind.__subclasses__():
        yield from (model, *below(model))

print(*sorted(model.__name__ for kind in (Body, Query, Wire) for model in below(kind) if model.__pydantic_complete__))
"""


def test_importing_the_package_builds_no_model() -> None:
    """The first that is built costs ten milliseconds; most tests need a few of them, and not at once."""
    done = run_python(BUILT)
    assert (done.stdout, done.stderr) == ("\n", "")


FILES_AND_STORES = {
    f"openai_fake.{name}"
    for name in ("library", "stores", "objects.files", "objects.uploads", "objects.vector_stores", "operations.files")
}
A_CONVERSATION = """from openai_fake import OpenAIFake
with OpenAIFake() as fake:
    fake.add_assistant("asst_1")
    fake.add_thread("thread_1")
    fake.add_message("thread_1", content="Hi!")
    run = fake.add_run("thread_1", status="in_progress")
    fake.play_next(run.id)
    print(fake.transcript(), file=sys.stderr)
"""


def test_a_conversation_without_files_imports_nothing_of_files() -> None:
    assert not modules_loaded_by(f"exec({A_CONVERSATION!r})") & FILES_AND_STORES


WITHOUT_ASKING = {f"openai_fake.{name}" for name in ("faults", "views", "entries", "decorating", "verdict", "scenario")}


def test_importing_the_package_imports_nothing_that_most_tests_never_ask_for() -> None:
    assert not modules_loaded_by("import openai_fake") & WITHOUT_ASKING


def test_faults_and_strategies_are_there_without_an_import_of_their_own() -> None:
    asked = "import openai_fake; openai_fake.OpenAIFake().inject(openai_fake.faults.server_error)"
    assert modules_loaded_by(asked) & WITHOUT_ASKING == {"openai_fake.faults"}
    assert "hypothesis" in modules_loaded_by("import openai_fake; openai_fake.strategies.faults")


def test_what_files_need_comes_with_the_first_of_them() -> None:
    puts = f"exec({A_CONVERSATION!r}); fake.add_vector_store(file_ids=[fake.add_file().id])"
    assert modules_loaded_by(puts) >= FILES_AND_STORES - {"openai_fake.objects.uploads", "openai_fake.operations.files"}


FORGOTTEN = """
import sys
from unittest import mock
from openai_fake import OpenAIFake

def filled():
    fake = OpenAIFake()
    fake.add_vector_store("vs_1", file_ids=[fake.add_file("file-1", "a.txt", b"The cat sat.").id])
    return fake

with mock.patch.dict(sys.modules):
    first = filled()
print("openai_fake.stores" in sys.modules, first.scenario().dumps() == filled().scenario().dumps())
print(*(line.get("id", line.get("file")) for line in first.scenario().there))
"""


def test_a_test_that_puts_the_modules_back_harms_no_files() -> None:
    done = run_python(FORGOTTEN)
    assert (done.stdout.split(), done.stderr) == (["False", "True", "file-1", "vs_1"], "")


SEARCHED = """
import sys
from unittest import mock
from openai_fake import OpenAIFake

url = "https://api.openai.com/v1/vector_stores"
fake = OpenAIFake()
client = fake.http_client("httpx")
with mock.patch.dict(sys.modules):
    fake.add_vector_store("vs_1", file_ids=[fake.add_file("file-1", "a.txt", b"The cat sat.").id])
    assert client.get(url).status_code == 200
print("openai_fake.objects.searching" in sys.modules)
for kind in ("eq", "like"):
    filters = {"type": "or", "filters": [{"type": "and", "filters": [{"type": kind, "key": "a", "value": 1}]}]}
    print(client.post(f"{url}/vs_1/search", json={"query": "cat", "filters": filters}).status_code)
"""


def test_a_test_that_puts_the_modules_back_harms_no_search() -> None:
    done = run_python(SEARCHED)
    assert (done.stdout.split(), done.stderr) == (["False", "200", "400"], "")


HELD = """
import sys
from unittest import mock
from openai_fake import OpenAIFake

with mock.patch.dict(sys.modules):
    from openai_fake import faults
    OpenAIFake().inject(faults.server_error())
known = "openai_fake.faults" in sys.modules
fake = OpenAIFake()
held = fake.inject(faults.server_error(), on="*")
answer = fake.http_client("httpx").get("https://api.openai.com/v1/assistants")
print(known, answer.status_code, held)
"""


def test_a_test_that_puts_the_modules_back_harms_no_faults() -> None:
    done = run_python(HELD)
    assert (done.stdout, done.stderr) == ("False 500 <faults.server_error() on '*': met 1 of 1>\n", "")


KEPT = """
import sys
from unittest import mock
from openai_fake import OpenAIFake

with mock.patch.dict(sys.modules):
    from openai_fake import Scenario
    scenario = Scenario([])
print("openai_fake.scenario.scenario" in sys.modules)
with OpenAIFake(scenario=scenario) as fake:
    print(fake.scenario().dumps() == scenario.dumps())
"""


def test_a_test_that_puts_the_modules_back_harms_no_scenario() -> None:
    done = run_python(KEPT)
    assert (done.stdout.split(), done.stderr) == (["False", "True"], "")


def test_importing_the_plugin_imports_pytest_alone() -> None:
    loaded = loaded_by("import conftest_plugin", after="import pytest")
    assert loaded - sys.stdlib_module_names == {"conftest_plugin"}


def test_the_http_libraries_that_are_forbidden_are_the_ones_in_use() -> None:
    users = {relative(path) for path in MODULES if imported_packages(path) & HTTP_LIBRARIES}
    assert users <= KNOW_HTTP


def test_no_file_holds_a_note_to_self() -> None:
    marks = re.compile(r"\b(TODO|FIXME|XXX)\b|pragma: no cover")
    files = [*MODULES, *sorted((ROOT / "conftest_plugin").rglob("*.py"))]
    assert not [str(path) for path in files if marks.search(path.read_text("utf-8"))]


BREACHES = """
    import asyncio, socket, time
    import httpx, pytest

    def test_far(): pytest.raises(OSError, socket.create_connection, ("192.0.2.1", 80), 1)
    def test_name(): pytest.raises(httpx.ConnectError, httpx.get, "http://example.test")
    def test_near(): pytest.raises(OSError, socket.create_connection, ("127.0.0.1", 1), 1)
    def test_patched(): httpx.HTTPTransport.handle_request = lambda *_: None
    def test_mended(): httpx.HTTPTransport.handle_request = method

    @pytest.mark.loopback
    def test_allowed():
        with socket.create_server(("127.0.0.1", 0)) as server:
            socket.create_connection(server.getsockname()).close()

    @pytest.mark.loopback
    def test_allowed_but_far(): pytest.raises(OSError, socket.create_connection, ("192.0.2.1", 80), 1)

    def test_event_loop(): asyncio.run(asyncio.sleep(0))
    method = httpx.HTTPTransport.handle_request
"""


@pytest.mark.parametrize(
    "workers", [pytest.param((), id="alone"), pytest.param(("-n", "1"), id="under xdist", marks=thorough)]
)
def test_a_breach_is_found_and_named(
    pytester: pytest.Pytester, workers: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makeini("[pytest]\nmarkers = loopback: x")
    pytester.makeconftest((ROOT / "tests" / "conftest.py").read_text("utf-8"))
    pytester.makepyfile(BREACHES)
    done = pytester.runpytest_subprocess(*LIGHT, *workers)
    done.assert_outcomes(passed=8, errors=5)
    for name in ("far", "name", "near", "patched", "allowed_but_far"):
        done.stdout.fnmatch_lines([f"ERROR *::test_{name} *"])
    # A connection asks for the address first, and one refused there goes no further.
    done.stdout.re_match_lines([r"network events: 4, to loopback: [23]"])


def test_an_event_between_the_tests_fails_the_run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makeini("[pytest]\nmarkers = loopback: x")
    pytester.makeconftest((ROOT / "tests" / "conftest.py").read_text("utf-8"))
    pytester.makepyfile("import socket, pytest\npytest.raises(OSError, socket.getaddrinfo, 'x', 1)\ndef test(): pass")
    done = pytester.runpytest_subprocess(*LIGHT)
    assert done.ret == pytest.ExitCode.TESTS_FAILED
    done.stdout.fnmatch_lines(["*outside of every test: socket.getaddrinfo 'x'*", "*1 passed*"])


@pytest.mark.parametrize(
    ("args", "workers"),
    [([], 2), (["-q"], 2), (["-n", "3"], 3), *(([arg], None) for arg in ("--pdb", "--trace", "-s", "--co", "-x"))],
    ids=str,
)
def test_a_bare_run_goes_over_two_workers(
    args: list[str], workers: int | None, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    config = pytester.parseconfig(*args)
    # The fixture has added a folder of its own.
    given = pytest.Config.InvocationParams(args=args, plugins=None, dir=pytester.path)
    monkeypatch.setattr(config, "invocation_params", given)
    conftest.pytest_cmdline_main(config)
    assert config.option.numprocesses == workers


def test_a_worker_of_a_bare_run_has_none_of_its_own(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    config = pytester.parseconfig()
    given = pytest.Config.InvocationParams(args=[], plugins=None, dir=pytester.path)
    monkeypatch.setattr(config, "invocation_params", given)
    config.workerinput = {}  # type: ignore[attr-defined]
    conftest.pytest_cmdline_main(config)
    assert config.option.numprocesses is None
