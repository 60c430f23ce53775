"""The rules of the house, executed: who may import whom, no circles, no large or vaguely named files, pure means pure."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

from registry.installation import settings
from registry.verify import steps

ROOT = Path(__file__).parent.parent
ROOMS = ("schemas", "registry", "issuer", "search", "sample_data")
MAY_IMPORT = {
    "schemas": set(),
    "registry": {"schemas"},
    "issuer": {"schemas", "registry"},
    "search": {"schemas", "registry"},
    "sample_data": {"schemas", "registry", "issuer"},
}
MAX_LINES = 400
VAGUE = re.compile(r"(utils?|helpers?|common|core|base|misc|manager)\.(py|js)")
#: files at the edge: they may touch files, sockets, databases and clocks
EDGE = {
    "schemas": {
        "schemas/__init__.py",
        "schemas/codes.py",
    },
    "registry": {
        "registry/audit/audit.py",
        "registry/store/rows.py",
        "registry/installation/seen.py",
        "registry/installation/public.py",
        "registry/installation/locks.py",
        "registry/installation/key_store.py",
        "registry/installation/initialize.py",
        "registry/ledger/effects.py",
        "registry/audit/lists.py",
        "registry/audit/documents.py",
        "registry/audit/log_keys.py",
        "registry/audit/map.py",
        "registry/audit/seeds.py",
        "registry/commands/audit.py",
        "registry/commands/exits.py",
        "registry/commands/ledger.py",
        "registry/commands/log.py",
        "registry/commands/operations.py",
        "registry/commands/witness.py",
        "registry/edge/bounded_connection.py",
        "registry/edge/disk.py",
        "registry/edge/listen.py",
        "registry/foreign/fetcher.py",
        "registry/installation/key_folder.py",
        "registry/installation/office.py",
        "registry/installation/pkcs11.py",
        "registry/installation/sequencer.py",
        "registry/ledger/guards.py",
        "registry/ledger/ledger.py",
        "registry/ledger/publish.py",
        "registry/mirror/audit.py",
        "registry/mirror/derive.py",
        "registry/mirror/files.py",
        "registry/mirror/replay.py",
        "registry/mirror/source.py",
        "registry/operations/backup.py",
        "registry/operations/copy_store.py",
        "registry/operations/export.py",
        "registry/operations/log_change.py",
        "registry/operations/private_export.py",
        "registry/operations/restore.py",
        "registry/reading/prover.py",
        "registry/reading/public_log.py",
        "registry/reading/reader.py",
        "registry/store/database.py",
        "registry/store/head_token.py",
        "registry/store/map_rows.py",
        "registry/store/postgresql.py",
        "registry/store/sqlite.py",
        "registry/store/tables.py",
        "registry/store/token_queue.py",
        "registry/witness/client.py",
        "registry/witness/server.py",
    },
    "issuer": {
        "issuer/actions/anchors.py",
        "issuer/actions/erasure.py",
        "issuer/signing/erased.py",
        "issuer/actions/keys.py",
        "issuer/actions/standing.py",
        "issuer/actions/tokens.py",
        "issuer/commands/issue.py",
        "issuer/commands/keys.py",
        "issuer/commands/office.py",
        "issuer/office/app.py",
        "issuer/office/door.py",
        "issuer/office/entries.py",
        "issuer/run/batches.py",
        "issuer/run/issue.py",
        "issuer/signing/did_log.py",
        "issuer/signing/issuer.py",
        "issuer/signing/workers.py",
    },
}
#: modules that no pure file imports
IMPURE = {
    "os",
    "time",
    "random",
    "secrets",
    "socket",
    "sqlite3",
    "sqlalchemy",
    "fastapi",
    "starlette",
    "pathlib",
    "typer",
}


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [ROOT / name for name in listed.stdout.split() if (ROOT / name).exists()]


SOURCES = [path for path in tracked("*.py") if path.relative_to(ROOT).parts[0] in ROOMS]


def imports(path: Path) -> set[str]:
    """The dotted modules that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def test_there_is_something_to_check() -> None:
    assert len(SOURCES) > 50


@pytest.mark.parametrize("path", SOURCES, ids=module)
def test_arrows_run_one_way(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    others = {name.split(".")[0] for name in imports(path)} & set(ROOMS) - {room}
    assert others <= MAY_IMPORT[room]
    if room == "registry":
        assert not {"schemas.organization", "schemas.codes"} & imports(path), (
            "registry knows credentials, never companies"
        )


def test_no_circles() -> None:
    known = {module(path): path for path in SOURCES}
    arrows = {name: (imports(path) & known.keys()) - {name} for name, path in known.items()}
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


@pytest.mark.parametrize("path", SOURCES, ids=module)
def test_pure_files_are_pure(path: Path) -> None:
    room, *_ = path.relative_to(ROOT).parts
    place = path.relative_to(ROOT).as_posix()
    if room not in EDGE or place in EDGE[room] or {"sources", "migrations"} & set(path.parts):
        return
    allowed = {"pathlib"} if path.name == "settings.py" else set()
    assert not ({name.split(".")[0] for name in imports(path)} & IMPURE) - allowed


def test_search_opens_no_key() -> None:
    for path in SOURCES:
        if path.relative_to(ROOT).parts[0] == "search":
            assert not imports(path) & {
                "registry.installation.key_folder",
                "registry.installation.office.Office",
                "registry.keys.SigningKey",
            }


def test_nobody_names_a_package_host_or_a_path_of_one_machine() -> None:
    host = re.compile(
        r"(index-url|resolved\"?:|registry ?=)\s*\"?https?://|https?://(files|registry|repo1?|deb|proxy|index|simple)\.[a-z]"
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
    for path in SOURCES:
        if "os.environ" in path.read_text("utf-8"):
            assert module(path) == "registry.commands.ledger"


def test_the_steps_have_one_order_everywhere() -> None:
    javascript = (ROOT / "search/web/static/verify/steps.js").read_text("utf-8")
    positions = [javascript.find(step) for step in steps.STEPS]
    assert -1 not in positions
    assert positions == sorted(positions)
    readme = (ROOT / "docs/architecture.md").read_text("utf-8")
    assert re.findall(r"^\| `([a-z_]+)` \| (?:nothing|`)", readme, re.M) == list(steps.STEPS)
