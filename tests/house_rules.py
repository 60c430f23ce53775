"""What is wrong with a file by the plan of the house: arrows, purity, hidden and borrowed imports."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests import house_plan as plan

ROOT = Path(__file__).parent.parent


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [ROOT / name for name in listed.stdout.split() if (ROOT / name).exists()]


def module_of(place: str) -> str:
    """`registry/log/note.py` -> `registry.log.note`."""
    return place.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


SOURCES = {
    place: path for path in tracked("*.py") if (place := path.relative_to(ROOT).as_posix()).split("/")[0] in plan.WITHIN
}
MODULES = {module_of(place) for place in SOURCES}


def imports(tree: ast.AST) -> set[str]:
    """The dotted names that a file imports: modules of ours as such, else what stands behind `from`."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            whole = {f"{node.module}.{alias.name}" for alias in node.names}
            names |= {name if name in MODULES else node.module for name in whole}
    return names


def hidden_imports(tree: ast.AST) -> Iterator[str]:
    """Imports that the table of arrows could not see: relative ones, all names at once, by a name made at run time."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            yield "a relative import"
        elif isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
            yield "an import of all names"
        elif isinstance(node, ast.Name) and node.id == "__import__":
            yield "__import__"
    yield from ("importlib" for name in imports(tree) if name.split(".")[0] == "importlib")


@cache
def defined_in(module: str) -> frozenset[str]:
    """What a module of ours defines itself; a package with a full `__init__` may hand on what it imports."""
    file = module.replace(".", "/")
    place = f"{file}.py" if f"{file}.py" in SOURCES else f"{file}/__init__.py"
    tree = ast.parse(SOURCES[place].read_text("utf-8"))
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}
    names |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    if place in plan.FULL_INITS:
        names |= {
            alias.asname or alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names
        }
    return frozenset(names)


def borrowed_names(tree: ast.AST) -> Iterator[str]:
    """Names taken from a module of ours that only imports them itself."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in MODULES:
            for alias in node.names:
                if f"{node.module}.{alias.name}" not in MODULES and alias.name not in defined_in(node.module):
                    yield f"{node.module}.{alias.name}"


def outer_acts(tree: ast.AST) -> Iterator[str]:
    """Calls that reach a file or a clock without an import."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if name in ("open", "input", "print") or name.endswith((".now", ".today", ".utcnow")):
                yield name


def private_imports(tree: ast.AST) -> set[str]:
    """The names beginning with `_` that a file imports from a module of ours."""
    return {
        f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in plan.WITHIN
        for alias in node.names
        if alias.name.startswith("_")
    }


def package_of(module: str) -> tuple[str, str]:
    """(room, package); a file beside the packages is one of its own."""
    room, _, rest = module.partition(".")
    return room, rest.split(".")[0]


def is_pure(place: str) -> bool:
    if place in plan.PURE_FILES:
        return True
    room, package = package_of(module_of(place))
    return package in plan.PURE.get(room, set()) and place not in plan.EDGE_FILES


def may_import(place: str, allowed: set[str]) -> bool:
    return any(place == item or place.startswith(f"{item}/") for item in allowed)


def faults(place: str, text: str) -> Iterator[str]:
    """What is wrong with a file that stands at that place."""
    tree = ast.parse(text)
    room, package = package_of(module_of(place))
    if package not in plan.WITHIN[room]:
        yield f"{place} stands in no package of the plan"
        return
    names = imports(tree)
    for name in sorted(names):
        outer, _, _ = name.partition(".")
        if name in MODULES:
            yield from _arrow_faults(place, room, package, name)
        elif is_pure(place) and not {name, outer} & plan.PURE_MODULES:
            yield f"{place} is pure, and imports {outer}"
        if outer in plan.DATABASE_MODULES and not may_import(place, plan.DATABASE):
            yield f"{place} may not import a database"
        if outer in plan.WEB_MODULES and not may_import(place, plan.WEB):
            yield f"{place} may not import a web framework"
    yield from (f"{place} has {what}" for what in hidden_imports(tree))
    yield from (f"{place} borrows {name}" for name in borrowed_names(tree))
    if is_pure(place):
        yield from (f"{place} is pure, and calls {name}" for name in outer_acts(tree))
    for name in sorted(private_imports(tree)):
        if package_of(name)[:2] != (room, package):
            yield f"{place} imports the private {name}"
    if place.endswith("/__init__.py") and place not in plan.FULL_INITS and len(tree.body) != 1:
        yield f"{place} holds more than a docstring"


def _arrow_faults(place: str, room: str, package: str, name: str) -> Iterator[str]:
    other, target = package_of(name)
    if other == room:
        if target not in {package, "errors"} | plan.WITHIN[room][package]:
            yield f"{room}/{package} may not import {room}/{target}"
    elif other == "schemas":
        if room not in plan.KNOW_SCHEMAS:
            yield f"{room} may not import schemas"
        if room == "registry" and name in plan.COMPANIES:
            yield "the registry knows credentials, never companies"
    elif other == "registry" and room in plan.OF_REGISTRY:
        if target not in {"errors"} | plan.OF_REGISTRY[room].get(package, set()):
            yield f"{room}/{package} may not import registry/{target}"
        parent = f"registry.{target}"
        if name not in plan.ONLY.get((room, parent), {name}):
            yield f"{room} may not import {name}"
        if place not in plan.ONLY_IN.get((room, parent), {place}):
            yield f"{place} may not import {parent}"
    elif other not in plan.OTHER_ROOMS.get(room, set()):
        yield f"{room} may not import {other}"
    if is_pure(place) and not is_pure_module(name):
        yield f"{place} is pure, and imports {name}"


def is_pure_module(name: str) -> bool:
    file = name.replace(".", "/")
    place = f"{file}.py" if f"{file}.py" in SOURCES else f"{file}/__init__.py"
    return is_pure(place) or name.split(".")[0] == "schemas"
