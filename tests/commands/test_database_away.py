"""With the database server stopped, or refusing the user, every command says so by its code: no trace, and nothing made here."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.builders.command import ROOT, SOAK, Greffe, greffe_in
from tests.builders.postgresql import Server

COMMANDS = (
    *("publish", "evidence sample BC9000008", "follow", "serve", "issue --source table {extract}"),
    *("audit", "trust", "reindex", "init", "doctor", "export {folder}", "backup {folder}", "log keys"),
    *("revoke sample BC9000008 --reason fraud --yes", "erase sample BC9000008 --reason privacy_request --yes"),
)[: None if SOAK else 5]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.remove()


@pytest.fixture(scope="module")
def installation(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Greffe:
    folder = tmp_path_factory.mktemp("on-postgresql")
    lines = (ROOT / "sample_data" / "extract.csv").read_text("utf-8").splitlines()
    (folder / "extract.csv").write_text("\n".join(lines[:26]) + "\n", "utf-8")
    greffe = Greffe({**greffe_in(folder / "data").environ, "GREFFE_DATABASE_URL": server.new_database()})
    greffe("init")
    greffe("issue", "--source", "table", folder / "extract.csv")
    greffe("publish")
    return greffe


def run(greffe: Greffe, command: str, scratch: Path, expect: int) -> str:
    """What it says on stderr, or as the one finding of the doctor."""
    extract = greffe.data.parent / "extract.csv"
    done = greffe(*command.format(extract=extract, folder=scratch / "made").split(), expect=expect)
    assert "Traceback" not in done.stderr
    return done.stderr + done.stdout


def test_a_stopped_server_is_to_be_tried_later(installation: Greffe, server: Server, tmp_path: Path) -> None:
    server.stop()
    try:
        for command in COMMANDS:
            # the doctor reports what it finds, and an audit cannot say that all is well
            expect = {"doctor": 4}.get(command, 75)
            assert "does not answer" in run(installation, command, tmp_path, expect), command
    finally:
        server.start()
    assert not (installation.data / "ledger.db").exists()
    run(installation, "publish", tmp_path, 0)


def test_a_wrong_password_is_refused(installation: Greffe, server: Server, tmp_path: Path) -> None:
    server.ask("CREATE ROLE guarded LOGIN PASSWORD 'right'")
    server.ask_for_password("guarded")
    name = sa.make_url(installation.environ["GREFFE_DATABASE_URL"]).database
    wrong = Greffe({**installation.environ, "GREFFE_DATABASE_URL": server.url(str(name), "guarded:wrong")})
    for command in (*COMMANDS, "publish --every 1"):
        expect = {"doctor": 4}.get(command, 78)
        assert "refuses this user" in run(wrong, command, tmp_path, expect), command
    assert json.loads(installation("publish", "--json").stdout)["published"] is True
