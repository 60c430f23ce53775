"""The developers' page: every example on it runs as it stands, against the site that serves it."""

import html
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from registry.installation.public import Public
from registry.installation.settings import from_environ
from registry.log.tiles import unpack_bundle
from search.app import create_app
from search.index.embedded import EmbeddedIndex
from search.views.developer_tasks import tasks
from tests.builders.command import ROOT, Greffe, require
from tests.builders.http_client import Client
from tests.builders.ledger import copied
from tests.builders.site import serving

TASKS = ("look-up", "match", "verify", "follow", "embed")
BLOCK = re.compile(r'<pre data-example="([a-z-]+) (sh|mjs|py)">(.*?)</pre>', re.S)
NAME = "Harbourlight Kelp Works Ltd."
#: what an example must print, among other things
PRINTED = {
    ("before", "sh"): "localhost:",
    ("look-up", "sh"): '"number":"BC9000001"',
    ("look-up", "mjs"): f"sample BC9000001 {NAME} (Tidewrack Provisions Ltd.)",
    ("look-up", "py"): f"{NAME} verified ",
    ("match", "sh"): '"match":true',
    ("match", "mjs"): "BC9000001 BC9000001 true",
    ("match", "py"): "Tidewrack Provisions,BC9000001",
    ("match-csv", "sh"): "1 rows matched for certain",
    ("verify", "sh"): '"verdict":"verified"',
    ("verify", "mjs"): f"verified {NAME}",
    ("verify", "py"): "proof_valid passed",
    ("verify-offline", "sh"): NAME,
    ("follow", "sh"): '"hashes":[',
    ("follow", "mjs"): "issue sample:BC9000001 1954-01-06",
    ("follow", "py"): "the ledger only grew: 0 ",
    ("embed", "sh"): f'"name":"{NAME}"',
    ("embed", "mjs"): f"textContent: '{NAME} (Active)'",
    ("embed", "py"): f"/organizations/sample/BC9000001\">{NAME}</a>",
}  # fmt: skip


def page(base: str, language: str) -> str:
    with urlopen(f"{base}/{language}/developers", timeout=30) as answer:
        return answer.read().decode()


def examples(text: str) -> dict[tuple[str, str], str]:
    """(task, kind) -> the code of a page, in its order."""
    return {(name, kind): html.unescape(code) for name, kind, code in BLOCK.findall(text)}


@pytest.fixture(scope="module")
def shown(live_server: str) -> dict[tuple[str, str], str]:
    return examples(page(live_server, "en"))


def test_five_tasks_each_in_three_languages_and_both_pages_alike(live_server: str, shown: object) -> None:
    for language in ("en", "fr"):
        text = page(live_server, language)
        assert examples(text) == shown
        assert text.count("<pre") == len(PRINTED), "no example is left out of the test"
        assert re.findall(r'<h2 id="([a-z-]+)">', text)[:6] == ["before", *TASKS]
    assert {task.name for task in tasks(live_server)} == {*TASKS}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, live_installation: Greffe) -> tuple[Path, dict[str, str]]:
    """A folder with a list in it, and an environment in which `greffe` and `greffe.client` are there."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "list.csv").write_text("name\nTidewrack Provisions\nNobody of That Name\n", "utf-8")
    command = folder / "bin" / "greffe"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {sys.executable} {ROOT / "greffe.py"} "$@"\n')
    command.chmod(0o755)
    path = f"{command.parent}{os.pathsep}{os.environ['PATH']}"
    return folder, {**live_installation.environ, "PATH": path, "PYTHONPATH": str(ROOT)}


def run(desk: tuple[Path, dict[str, str]], kind: str, code: str) -> subprocess.CompletedProcess[str]:
    folder, environ = desk
    program = {"sh": ["sh", "-e"], "mjs": ["node"], "py": [sys.executable, "-W", "error::SyntaxWarning"]}[kind]
    file = folder / f"example.{kind}"
    file.write_text(code, "utf-8")
    return subprocess.run(
        [*program, file.name], cwd=folder, env=environ, capture_output=True, text=True, timeout=120, check=False
    )


def test_every_example_runs_as_it_stands(shown: dict[tuple[str, str], str], desk: tuple[Path, dict[str, str]]) -> None:
    for program in ("curl", "node"):
        require(shutil.which(program) is not None, program)
    assert [*shown] == [*PRINTED]
    for (name, kind), code in shown.items():
        ran = run(desk, kind, code)
        assert ran.returncode == 0, (name, kind, ran.stdout, ran.stderr)
        assert PRINTED[name, kind] in ran.stdout + ran.stderr, (name, kind, ran.stdout, ran.stderr)
    folder, _ = desk
    assert "BC9000001" in (folder / "matched.csv").read_text("utf-8")


def test_control_the_python_examples_refuse_what_is_forged(
    shown: dict[tuple[str, str], str], desk: tuple[Path, dict[str, str]], live_server: str
) -> None:
    """The trust file names other issuers: no example prints a name that it did not verify."""
    folder, environ = desk
    with urlopen(f"{live_server}/trust.json", timeout=30) as answer:
        text = answer.read().decode()
    stranger = folder / "stranger"
    stranger.mkdir()
    (stranger / "trust.json").write_text(text.replace("issuers:sample", "issuers:simple"), "utf-8")
    ran = run((stranger, environ), "py", shown["embed", "py"])
    assert ran.returncode != 0
    assert "NotVerified" in ran.stderr
    assert ran.stdout == ""


def test_following_works_on_a_ledger_of_any_size(
    desk: tuple[Path, dict[str, str]],
    filled_installation: Path,
    tmp_path: Path,
    shown: dict[tuple[str, str], str],
    live_server: str,
) -> None:
    """Bundles of a small ledger are all partial; the examples are those of every site."""
    office = copied(filled_installation, tmp_path / "data")
    size = office.reader.published_size()
    assert size < 256
    folder = tmp_path / "small"
    folder.mkdir()
    (folder / "trust.json").write_bytes(office.settings.trust_file.read_bytes())
    with serving(create_app(office.reader, EmbeddedIndex(tmp_path / "index.db"))) as base:
        printed = {}
        for kind in ("sh", "mjs", "py"):
            ran = run((folder, desk[1]), kind, shown["follow", kind].replace(live_server, base))
            assert ran.returncode == 0, (kind, ran.stdout, ran.stderr)
            printed[kind] = ran.stdout
        again = run((folder, desk[1]), "py", shown["follow", "py"].replace(live_server, base))
    assert len(unpack_bundle((folder / "entries").read_bytes())) == size
    assert [line.split()[0] for line in printed["mjs"].splitlines()] == [str(index) for index in range(size)]
    assert f"the ledger only grew: 0 {size}" in printed["py"]
    assert again.stdout == f"the ledger only grew: {size} {size}\n"


def test_the_policy_of_this_site_is_stated(live_server: str, live_installation: Greffe, tmp_path: Path) -> None:
    for language, words in (("en", "Nobody needs a key."), ("fr", "Aucune clé n’est nécessaire.")):
        text = html.unescape(page(live_server, language))
        assert '"default";q=1000000;w=60' in text
        assert words in text
        assert "429" in text
    public = Public(from_environ(live_installation.environ))
    uncounted = Client(create_app(public.reader, EmbeddedIndex(tmp_path / "index.db")))
    assert "RateLimit-Policy" not in uncounted.get("/en/developers").text, "control"
