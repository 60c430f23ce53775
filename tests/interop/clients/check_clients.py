"""Clients that others' tools make of both OpenAPI documents compile and run; schemathesis finds no answer that is not described.

Called by `make clients`; GREFFE_CLIENT_EXAMPLES: how many requests schemathesis makes up for each operation (10).
"""

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.builders.command import ROOT, free_port, greffe_in, require, wait_for

HERE, NPM, TOOLS = Path(__file__).parent, ROOT / "tests" / "interop" / "npm", ROOT / "build" / "clients" / "bin"
EXAMPLES = os.environ.get("GREFFE_CLIENT_EXAMPLES", "10")
#: name -> the package that openapi-python-client makes
APPS = {"public": "greffe_client", "office": "greffe_office_client"}


@dataclass(frozen=True)
class Running:
    """Both apps over the sample, each with its document in a file. `site`, `office`: base URLs."""

    site: str
    office: str
    token: str
    folder: Path

    def arguments(self, app: str) -> list[str]:
        """What a program that calls an app wants to know."""
        return [self.site] if app == "public" else [self.office, self.token, self.site]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("clients")
    greffe, port = greffe_in(folder / "data", free_port()), free_port()
    greffe("init")
    for source in (ROOT / "sample_data", ROOT / "sample_data" / "permits"):
        greffe("issue", "--source", "table", source, expect=3)
    greffe("publish")
    servers = [greffe.start("serve"), greffe.start("office", "--port", str(port))]
    site, office = f"http://localhost:{greffe.environ['PORT']}", f"http://localhost:{port}"
    try:
        wait_for(site)
        token = (greffe.data / "keys" / "office-token").read_text().strip()
        for app, base in (("public", site), ("office", office)):
            (folder / f"{app}.json").write_bytes(_document(base, token))
        yield Running(site, office, token, folder)
    finally:
        for server in servers:
            server.terminate()
            server.wait(timeout=30)


def _document(base: str, token: str, seconds: float = 60) -> bytes:
    """The OpenAPI document, as soon as the app answers."""
    asked = urllib.request.Request(f"{base}/openapi.json", headers={"Authorization": f"Bearer {token}"})
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(asked, timeout=30) as answer:
                return bytes(answer.read())
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def _done(command: list[str | Path], folder: Path, **environ: str) -> str:
    """What a command printed, which ended well."""
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **environ}, capture_output=True, encoding="utf-8", timeout=1800
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-6000:]}\n{done.stderr[-2000:]}"
    return done.stdout


def _tool(name: str) -> Path:
    require((TOOLS / name).exists(), f"{name} (build/clients)")
    return TOOLS / name


@pytest.mark.parametrize("app", APPS)
def test_what_openapi_python_client_makes_runs(running: Running, app: str) -> None:
    made, config = running.folder / f"{app}-python", HERE / "openapi-python-client.yaml"
    command = [_tool("openapi-python-client"), "generate", "--path", running.folder / f"{app}.json", "--config", config]
    path = f"{TOOLS}{os.pathsep}{os.environ['PATH']}"  # it formats what it makes with ruff
    told = _done([*command, "--output-path", made, "--fail-on-warning"], running.folder, PATH=path)
    assert "Warning" not in told
    python = _tool("python")
    _done([python, "-W", "error", "-m", "compileall", "-q", made], running.folder)
    program = [python, HERE / f"call_{app}.py", *running.arguments(app)]
    assert int(_done(program, made, PYTHONPATH=str(made))) >= 20


@pytest.fixture(scope="module")
def compiled(running: Running) -> Path:
    """The folder with both programs, compiled against what openapi-typescript made."""
    programs = NPM / "node_modules" / ".bin"
    require(shutil.which("node") is not None and (programs / "openapi-typescript").exists(), "openapi-typescript (npm)")
    folder = running.folder / "typescript"
    folder.mkdir()
    (folder / "node_modules").symlink_to(NPM / "node_modules")
    (folder / "package.json").write_text(json.dumps({"type": "module", "private": True}))
    for source in (*HERE.glob("*.ts"), HERE / "tsconfig.json"):
        shutil.copy(source, folder)
    for app in APPS:
        document = running.folder / f"{app}.json"
        _done([programs / "openapi-typescript", document, "-o", folder / f"{app}-paths.ts"], folder)
    _done([programs / "tsc", "-p", "."], folder)
    return folder


@pytest.mark.parametrize("app", APPS)
def test_what_openapi_typescript_makes_compiles_strictly_and_runs(running: Running, compiled: Path, app: str) -> None:
    assert int(_done(["node", f"{app}.js", *running.arguments(app)], compiled)) >= 20


@pytest.mark.parametrize("app", APPS)
def test_schemathesis_finds_no_answer_that_is_not_described(running: Running, app: str) -> None:
    base = running.site if app == "public" else running.office
    command: list[str | Path] = [
        *(_tool("st"), "--config-file", HERE / "schemathesis.toml", "run", f"{base}/openapi.json"),
        *("--checks", "all", "--mode", "all", "--max-examples", EXAMPLES, "--continue-on-failure", "--no-color"),
        *("--suppress-health-check", "all"),
        # the public app wants none, and refuses a key that is none of its own
        *(("--header", f"Authorization: Bearer {running.token}") if app == "office" else ()),
        *("--report", "har", "--report-har-path", running.folder / f"{app}.har"),
    ]
    told = _done(command, running.folder, SCHEMATHESIS_HOOKS="hooks", PYTHONPATH=str(HERE), GREFFE_SITE=running.site)
    entries = json.loads((running.folder / f"{app}.har").read_text("utf-8"))["log"]["entries"]
    statuses = Counter((_post(entry, base), entry["response"]["status"] // 100) for entry in entries)
    paths = json.loads((running.folder / f"{app}.json").read_text("utf-8"))["paths"]
    assert f"Tested: {sum(map(len, paths.values()))}" in told
    assert not [place for place, status in statuses if status == 5]
    posting = {path for path, methods in paths.items() if "post" in methods}
    assert len(posting) == 6
    reached = {
        path: {status: count for (place, status), count in statuses.items() if place == path} for path in posting
    }
    sys.stdout.write(f"{told[told.index('SUMMARY') :]}\nposted, by the first figure of the status: {reached}\n")
    once = {"/identity-anchors", "/status-lists"}  # a challenge is answered once, and the next list opened once
    assert {path for path in posting - once if not {2, 4} <= reached[path].keys()} == set()


def _post(entry: dict[str, Any], base: str) -> str:
    """The path of what was posted; empty where something was read."""
    request = entry["request"]
    return str(request["url"]).removeprefix(base).partition("?")[0] if request["method"] == "POST" else ""
