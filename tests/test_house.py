"""The rules of the house, executed from `house_plan`: arrows, circles, purity, sizes, names, and nothing forgotten."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.installation import settings
from registry.verify import steps
from tests import house_plan as plan
from tests.house_rules import MODULES, ROOT, SOURCES, faults, imports, may_import, module_of, package_of, tracked

MAX_LINES = 400
VAGUE = re.compile(r"(utils?|helpers?|common|core|base|misc|manager)\.(py|js)")


def test_there_is_something_to_check() -> None:
    assert len(SOURCES) > 150


@pytest.mark.parametrize("place", SOURCES, ids=module_of)
def test_every_file_keeps_to_the_plan(place: str) -> None:
    assert list(faults(place, SOURCES[place].read_text("utf-8"))) == []


#: where it stands, what it says, what is said of it
FORBIDDEN = {
    "an arrow back": ("registry/log/x.py", "from registry.store import rows", "registry/log may not import registry/store"),
    "a room that it does not know": ("issuer/run/x.py", "import search.app", "issuer may not import search"),
    "upwards": ("registry/ledger/x.py", "from issuer.run import issue", "registry may not import issuer"),
    "the ground floor upwards": ("schemas/codes.py", "import registry.errors", "schemas may not import registry"),
    "companies": ("registry/verify/x.py", "from schemas import codes", "the registry knows credentials, never companies"),
    "a package of the registry": ("search/api/x.py", "from registry.ledger import ledger", "search/api may not import"),
    "the store": ("search/api/x.py", "from registry.store import rows", "search may not import registry.store.rows"),
    "the installation": ("search/verify/judge.py", "from registry.installation import office", "may not import registry.ins"),
    "the disk from a pure package": ("registry/log/x.py", "from pathlib import Path", "is pure, and imports pathlib"),
    "a clock in a pure package": ("issuer/timeline/x.py", "import time", "is pure, and imports time"),
    "the edge from a pure package": ("registry/foreign/x.py", "from registry.edge import disk", "imports registry.edge.disk"),
    "a database": ("search/api/x.py", "import sqlalchemy as sa", "may not import a database"),
    "a web framework": ("registry/reading/x.py", "from fastapi import FastAPI", "may not import a web framework"),
    "a private name": ("issuer/run/x.py", "from issuer.signing.workers import _sign", "imports the private"),
    "a name in an __init__": ("registry/log/__init__.py", '"""."""\nfrom registry.log.note import sign', "more than a docs"),
    "a relative import": ("registry/log/x.py", "from ..store import rows", "has a relative import"),
    "an import at run time": ("search/api/x.py", "import importlib", "has importlib"),
    "an import by a built-in": ("search/api/x.py", "__import__('sqlite3')", "has __import__"),
    "all names": ("search/api/x.py", "from registry.reading.reader import *", "an import of all names"),
    "a name at second hand": ("search/api/x.py", "from registry.reading.reader import Store", "borrows registry.reading"),
    "a network module": ("registry/log/x.py", "import urllib.request", "is pure, and imports urllib"),
    "an open file": ("registry/log/x.py", "open('x')", "is pure, and calls open"),
    "a clock without import": ("issuer/timeline/x.py", "datetime.now()", "is pure, and calls datetime.now"),
    "no package": ("registry/new/x.py", "", "stands in no package"),
}  # fmt: skip


@pytest.mark.parametrize("kind", FORBIDDEN)
def test_control_what_is_forbidden_is_noticed(kind: str) -> None:
    place, text, expected = FORBIDDEN[kind]
    assert any(expected in fault for fault in faults(place, text)), list(faults(place, text))


def test_no_permission_is_stale() -> None:
    within: set[tuple[str, str, str]] = set()
    of_registry: set[tuple[str, str, str]] = set()
    for place, path in SOURCES.items():
        room, package = package_of(module_of(place))
        for name in imports(ast.parse(path.read_text("utf-8"))) & MODULES:
            other, target = package_of(name)
            if other == room:
                within.add((room, package, target))
            elif other == "registry":
                of_registry.add((room, package, target))
    for table, used in ((plan.WITHIN, within), (plan.OF_REGISTRY, of_registry)):
        allowed = {
            (room, package, target) for room in table for package in table[room] for target in table[room][package]
        }
        assert allowed - used == set(), "the plan allows what no file needs"
    packages = {package_of(name) for name in MODULES}
    assert {(room, package) for room in plan.WITHIN for package in plan.WITHIN[room]} == packages
    for modules, allowed in ((plan.DATABASE_MODULES, plan.DATABASE), (plan.WEB_MODULES, plan.WEB)):
        importing = {
            place
            for place, path in SOURCES.items()
            if {name.split(".")[0] for name in imports(ast.parse(path.read_text("utf-8")))} & modules
        }
        assert {item for item in allowed if not any(may_import(place, {item}) for place in importing)} == set()
    for place in (*plan.EDGE_FILES, *plan.PURE_FILES, *plan.FULL_INITS):
        assert place in SOURCES


def test_no_circles() -> None:
    arrows = {
        module_of(place): (imports(ast.parse(path.read_text("utf-8"))) & MODULES) - {module_of(place)}
        for place, path in SOURCES.items()
    }
    done: set[str] = set()

    def walk(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, " -> ".join((*way, name))
        if name not in done:
            for target in sorted(arrows[name]):
                walk(target, (*way, name))
            done.add(name)

    for name in sorted(arrows):
        walk(name, ())


@pytest.mark.parametrize("path", [path for path in tracked("*.py", "*.js") if "vectors" not in path.parts], ids=str)
def test_files_are_small_and_say_what_they_hold(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.count("\n") <= MAX_LINES
    assert not VAGUE.fullmatch(path.name)
    assert "TYPE_CHECKING" not in text or path == Path(__file__)
    if path.suffix == ".py" and text:
        assert ast.get_docstring(ast.parse(text)), "the first line says what the file is for"


#: they say nothing of the thing: a reader must look up what was assigned
EMPTY_NAMES = {"found", "one", "told", "kept", "some", "held"}
MAX_WORDS = 14


def empty_names(tree: ast.AST) -> set[str]:
    """The variables and parameters of a file that say nothing."""
    stored = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return EMPTY_NAMES & (stored | {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)})


@pytest.mark.parametrize("place", SOURCES, ids=module_of)
def test_variables_are_nouns_and_first_lines_short(place: str) -> None:
    tree = ast.parse(SOURCES[place].read_text("utf-8"))
    assert not empty_names(tree)
    assert isinstance(tree, ast.Module)
    first = (ast.get_docstring(tree) or "").split("\n\n")[0]
    assert len(first.split()) <= MAX_WORDS, first


def test_control_a_variable_that_says_nothing_is_noticed() -> None:
    assert empty_names(ast.parse("def f(told): return [one for one in told if (found := one)]")) == {
        "told",
        "one",
        "found",
    }


def test_tests_stand_where_their_sources_stand() -> None:
    folders = {Path(place).parent for place in SOURCES}
    for path in tracked("tests/*.py"):
        place = path.relative_to(ROOT / "tests")
        if place.parts[0] in plan.WITHIN and path.name.startswith("test_") and place.parts[0] != "schemas":
            assert place.parent in folders, place


def conftest_faults(place: str, text: str) -> Iterator[str]:
    """Fixtures alone stand in a conftest, and pytest alone reads it: what tests import stands in `tests/builders`."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            modules = [node.module or "", *(alias.name for alias in node.names)]
        if any(module.split(".")[-1] == "conftest" for module in modules):
            yield f"{place} imports from a conftest"
    if place.endswith("conftest.py"):
        for node in tree.body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and not (
                node.name.startswith("pytest_") or "fixture" in "".join(map(ast.unparse, node.decorator_list))
            ):
                yield f"{place} holds {node.name}, which is no fixture"


def test_a_conftest_holds_fixtures_and_nobody_imports_it() -> None:
    for path in tracked("tests/*.py", "tools/*.py"):
        assert list(conftest_faults(path.relative_to(ROOT).as_posix(), path.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("tests/web/test_x.py", "from tests.web.conftest import browser"),
        ("tests/web/test_x.py", "import tests.conftest"),
        ("tests/web/test_x.py", "from tests import conftest"),
        ("tests/web/conftest.py", "def state() -> None: ..."),
    ],
)
def test_control_what_a_conftest_may_not_is_noticed(place: str, text: str) -> None:
    assert len(list(conftest_faults(place, text))) == 1


def test_search_opens_no_key() -> None:
    for place, path in SOURCES.items():
        if place.startswith("search/"):
            names = imports(ast.parse(path.read_text("utf-8")))
            forbidden = {"key_folder", "key_store", "office", "pkcs11", "initialize"}
            assert not names & {f"registry.installation.{name}" for name in forbidden}, place
            assert "SigningKey" not in path.read_text("utf-8"), place


def test_nobody_names_a_package_host_or_a_path_of_one_machine() -> None:
    host = re.compile(
        r"(index-url|resolved\"?:|registry ?=)\s*\"?https?://|https?://(files|registry|repo1?|deb|proxy|index|simple)\.(?!example\b)[a-z]"
    )
    local = re.compile(r"(^|[^A-Za-z0-9_.])/(work|home|root|farm)/", re.M)
    for path in tracked():
        if path.suffix in (".png", ".gz") or path == Path(__file__):
            continue
        text = path.read_bytes().decode("utf-8", "replace")
        assert not re.search(host, text), path
        assert not re.search(local, text), path


def test_every_setting_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    listed = set(re.findall(r"^\| `(GREFFE_[A-Z0-9_]+|PORT)` \|", readme, re.M))
    assert listed == set(settings.VARIABLES)


def test_settings_are_read_at_the_door_only() -> None:
    reading = {place for place, path in SOURCES.items() if "os.environ" in path.read_text("utf-8")}
    assert reading == {"registry/commands/ledger.py"}


def test_the_steps_have_one_order_everywhere() -> None:
    javascript = (ROOT / "search/web/static/verify/steps.js").read_text("utf-8")
    positions = [javascript.find(step) for step in steps.STEPS]
    assert -1 not in positions
    assert positions == sorted(positions)
    page = (ROOT / "docs/architecture.md").read_text("utf-8")
    assert re.findall(r"^\| `([a-z_]+)` \| (?:nothing|`)", page, re.M) == list(steps.STEPS)


@pytest.mark.parametrize(
    "page",
    [page for page in tracked("*.md") if "interop" not in page.parts],
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_pages_name_files_that_exist(page: Path) -> None:
    """A path in backticks that begins with one of our folders leads somewhere."""
    folders = {path.name for path in ROOT.iterdir() if path.is_dir()}
    named = re.findall(r"`([a-z_]+/[A-Za-z0-9_./-]+)`", page.read_text("utf-8"))
    for path in named:
        if path.split("/")[0] in folders:
            assert (ROOT / path).exists(), path
