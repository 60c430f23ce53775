"""`greffe audit` from outside: what it finds, what it only counts, with which exit code, and that `reindex` repairs the index.

What is changed is a copy of the sample's installation. The audit itself is tested in `tests/registry/audit/test_audit.py`.
"""

import json
import shutil
import signal
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest

from registry.installation.public import Public
from registry.installation.settings import from_environ
from sample_data import generate
from tests.builders.command import Greffe, greffe_in

Json = dict[str, Any]


@pytest.fixture(scope="module")
def indexed(live_installation: Greffe, tmp_path_factory: pytest.TempPathFactory) -> Greffe:
    """The sample issued, published and indexed; the index is our own, since the live one may just be growing."""
    folder = tmp_path_factory.mktemp("indexed") / "data"
    shutil.copytree(live_installation.data, folder, ignore=shutil.ignore_patterns("index*"))
    greffe = greffe_in(folder)
    greffe("follow")
    return greffe


@pytest.fixture
def own(indexed: Greffe, tmp_path: Path) -> Greffe:
    """A copy of it, to be changed at will."""
    shutil.copytree(indexed.data, tmp_path / "data", symlinks=True)
    return greffe_in(tmp_path / "data")


def answer_of(done: subprocess.CompletedProcess[str]) -> Json:
    answer: Json = json.loads(done.stdout)
    return answer


def test_an_empty_ledger_is_well(greffe: Greffe) -> None:
    greffe("init")
    empty = answer_of(greffe("audit", "--json"))
    keys = {"ok", "entries", "root", "checkpoints", "first_bad", "index_behind", "body_missing"}
    assert keys <= set(empty)
    nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert (empty["ok"], empty["entries"], empty["root"]) == (True, 0, nothing)
    assert greffe("audit").stdout.splitlines()[-1] == "ok"


def test_before_any_checkpoint_and_with_an_index_behind_it_is_well(greffe: Greffe, tmp_path: Path) -> None:
    file = tmp_path / "extract.csv"
    file.write_text(generate.extract(5, planted=False)[0], "utf-8", newline="")
    greffe("init")
    greffe("issue", "--source", "table", file)
    report = answer_of(greffe("audit", "--json"))
    assert (report["ok"], report["checkpoints"], report["index_behind"]) == (True, 0, report["entries"])
    assert report["entries"] > 5
    assert list(greffe.data.glob("index*")) == [], "the public app makes its index, as a user of its own"


def test_audit_beside_a_running_writer_and_at_every_acknowledged_size(greffe: Greffe, tmp_path: Path) -> None:
    text, _ = generate.extract(700, planted=False)
    file = tmp_path / "extract.csv"
    file.write_text(text, "utf-8", newline="")
    greffe("init")
    writer = greffe.start("issue", "--source", "table", file, stderr=subprocess.PIPE)
    assert writer.stderr is not None
    with writer.stderr:
        first = next(line for line in writer.stderr if line.startswith("committed")).split()
        writer.send_signal(signal.SIGSTOP)  # wherever it is: most likely within a transaction
        try:
            beside = answer_of(greffe("audit", "--size", first[1], "--json"))
        finally:
            writer.send_signal(signal.SIGCONT)
        lines = writer.stderr.readlines()
    assert writer.wait(timeout=60) == 0
    assert (beside["ok"], beside["root"]) == (True, first[2])
    acknowledged = [line.split()[1:] for line in lines if line.startswith("committed")]
    middle, last = acknowledged[len(acknowledged) // 2], acknowledged[-1]
    assert int(first[1]) <= beside["entries"] < int(last[0])
    assert answer_of(greffe("audit", "--size", middle[0], "--json"))["root"] == middle[1]
    assert answer_of(greffe("audit", "--json"))["root"] == last[1]
    assert "size" in greffe("audit", "--size", int(last[0]) + 1, expect=2).stderr


def damage(file: Path, *statements: str) -> None:
    connection = sqlite3.connect(file)
    try:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    finally:
        connection.close()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger_entry SET body = CAST(replace(CAST(body AS TEXT), 'sample:BC', 'sample:BD') AS BLOB) WHERE i = {}",
        "UPDATE document SET body = CAST(replace(CAST(body AS TEXT), 'Tidewrack', 'Tidewreck') AS BLOB) WHERE i = {}",
    ],
)
def test_a_tampered_store_is_found_and_the_entry_named(own: Greffe, change: str) -> None:
    first = Public(from_environ(own.environ)).reader.organization("sample", "BC9000001")[0].index
    damage(own.data / "ledger.db", "DROP TRIGGER ledger_entry_no_update", change.format(first))
    report = answer_of(own("audit", "--json", expect=1))
    assert (report["ok"], report["first_bad"]) == (False, first)
    assert f"first bad entry: {first}: " in own("audit", expect=1).stdout


def test_what_no_entry_commits_to_is_held_against_its_seals(own: Greffe) -> None:
    assert answer_of(own("audit", "--json"))["sealed"] == "passed"
    assert "sealed: passed" in own("audit").stdout.splitlines()
    first = Public(from_environ(own.environ)).reader.organization("sample", "BC9000001")[0].index
    damage(own.data / "ledger.db", f"UPDATE credential SET event = event || '1' WHERE i = {first}")
    report = answer_of(own("audit", "--json", expect=1))
    assert (report["ok"], report["sealed"], report["first_bad"]) == (False, "failed", first)
    assert "the places of 1 entries are not as the office wrote them" in report["failures"]


def test_not_asked_is_never_a_pass(own: Greffe) -> None:
    """Without the secret nobody can ask; a store that lost its seals is told from one that never had any."""
    damage(own.data / "ledger.db", "DELETE FROM seal")
    assert answer_of(own("audit", "--json", expect=1))["sealed"] == "failed"
    (own.data / "keys" / "sealed").unlink()
    report = answer_of(own("audit", "--json"))
    assert (report["ok"], report["sealed"]) == (True, "not_asked")
    [line] = [line for line in own("audit").stdout.splitlines() if line.startswith("sealed: ")]
    assert line.startswith("sealed: not_asked")
    assert "greffe doctor --seal" in line
    (own.data / "keys" / "sealed").touch()
    assert answer_of(own("audit", "--json", expect=1))["sealed"] == "failed"
    shutil.rmtree(own.data / "keys")
    assert answer_of(own("audit", "--json"))["sealed"] == "not_asked"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE org SET body = replace(body, 'Kelp', 'Help') WHERE number = 'BC9000001'",
        "UPDATE org SET number = 'BC0000001' WHERE number = 'BC9000001'",
    ],
)
def test_a_damaged_index_is_repairable(own: Greffe, change: str) -> None:
    damage(own.data / "index.db", change)
    report = answer_of(own("audit", "--json", expect=4))
    assert (report["ok"], report["first_bad"], report["index_behind"]) == (False, None, 0)
    assert "greffe reindex repairs it" in own("audit", expect=4).stdout
    own("reindex")
    assert answer_of(own("audit", "--json"))["ok"] is True


@pytest.mark.parametrize("junk", [b"", b"no database at all, " * 500])
def test_an_index_that_is_no_database_is_repairable(own: Greffe, junk: bytes) -> None:
    file = (own.data / "index.db").resolve()
    file.write_bytes(junk)
    for companion in ("-wal", "-shm"):
        file.with_name(file.name + companion).unlink(missing_ok=True)
    assert answer_of(own("audit", "--json", expect=4))["ok"] is False
    own("reindex")
    assert answer_of(own("audit", "--json"))["ok"] is True


def test_a_file_that_is_no_store_is_told_in_json(own: Greffe) -> None:
    file = own.data / "ledger.db"
    data = file.read_bytes()
    for junk in (b"", bytes(len(data)), b"no database at all, " * 500, data[:512], data[: len(data) // 2], data[4096:]):
        file.write_bytes(junk)
        report = answer_of(own("audit", "--json", expect=1))
        assert (report["ok"], report["index_behind"]) == (False, None)
        assert report["failures"]
        assert own("audit", expect=1).stdout.splitlines()[-1] == "NOT OK"


def test_what_was_never_made_is_no_damage(own: Greffe, tmp_path: Path) -> None:
    (own.data / "ledger.db").unlink()
    assert own("audit", "--json", expect=78).stdout == ""
    assert "greffe init" in greffe_in(tmp_path / "nowhere")("audit", expect=78).stderr
    (own.data / "trust.json").unlink()
    assert "no_trust" in own("audit", "--json", expect=2).stderr


def test_an_installation_of_before_the_seals_is_audited(tmp_path: Path) -> None:
    """The store has neither the table of MACs nor their column."""
    greffe = greffe_in(tmp_path / "data")
    file = tmp_path / "extract.csv"
    file.write_text(generate.extract(5, planted=False)[0], "utf-8", newline="")
    greffe("init")
    greffe("issue", "--source", "table", file)
    damage(greffe.data / "ledger.db", "DROP TABLE seal", "ALTER TABLE credential DROP COLUMN seal")
    damage(greffe.data / "ledger.db", "UPDATE alembic_version SET version_num = '0002'")
    (greffe.data / "keys" / "sealed").unlink()
    report = answer_of(greffe("audit", "--json"))
    assert (report["ok"], report["sealed"]) == (True, "not_asked")
