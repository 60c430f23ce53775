"""The command line from outside: files, exit codes, and the JSON that programs read. Each test runs `greffe` itself.

A small installation is issued, published and indexed once; tests that change it take a copy.
"""

import fcntl
import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import greffe as front_door
from registry.installation.public import Public
from registry.installation.settings import from_environ
from registry.verify.steps import STEPS
from tests.builders.command import ROOT, Greffe, greffe_in

Json = dict[str, Any]
#: of a witness that cosigned nothing here
WITNESS = "witness.example/w1+df1c0a35+BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU"
COMMANDS = (
    *("init", "issue", "publish", "follow", "reindex", "serve", "evidence", "trust", "verify", "revoke", "audit"),
)


@pytest.fixture(scope="module")
def small_extract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nine organizations of the sample in 24 rows, and a tenth whose only row has a date that no calendar has."""
    lines = (ROOT / "sample_data" / "extract.csv").read_text("utf-8").splitlines()
    bad = lines[1].replace("BC9000001,700001", "BC9999999,799999").replace("1954-01-06", "1954-02-30")
    file = tmp_path_factory.mktemp("small") / "extract.csv"
    file.write_text("\n".join([*lines[:25], bad]) + "\n", "utf-8")
    return file


@pytest.fixture(scope="module")
def issued(small_extract: Path) -> tuple[Greffe, subprocess.CompletedProcess[str]]:
    """An installation that has issued and not published, and what `issue --json` said."""
    greffe = greffe_in(small_extract.parent / "issued")
    greffe("init")
    return greffe, greffe("issue", "--source", "table", small_extract, "--json", expect=3)


@pytest.fixture(scope="module")
def published(issued: tuple[Greffe, Any]) -> Greffe:
    """The same, published and followed; nobody changes it."""
    greffe = copy_of(issued[0], issued[0].data.with_name("published"))
    greffe("publish")
    greffe("follow")
    return greffe


@pytest.fixture
def own(published: Greffe, tmp_path: Path) -> Greffe:
    """A copy of the published installation, to be changed at will."""
    return copy_of(published, tmp_path / "data")


def copy_of(greffe: Greffe, folder: Path) -> Greffe:
    shutil.copytree(greffe.data, folder, symlinks=True)
    return greffe_in(folder)


def answer_of(done: subprocess.CompletedProcess[str]) -> Json:
    answer: Json = json.loads(done.stdout)
    return answer


def with_environ(greffe: Greffe, **changed: str) -> Greffe:
    return replace(greffe, environ={**greffe.environ, **changed})


def files_of(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Relative path -> mode and bytes of every file and folder, but for what SQLite keeps beside a file while it is open."""
    return {
        str(path.relative_to(folder)): (stat.S_IMODE(path.stat().st_mode), path.read_bytes() if path.is_file() else b"")
        for path in folder.rglob("*")
        if not path.name.endswith("-shm") and not (path.name.endswith("-wal") and path.stat().st_size == 0)
    }


def acknowledgements(done: subprocess.CompletedProcess[str]) -> dict[int, str]:
    words = [line.split() for line in done.stderr.splitlines() if line.startswith("committed ")]
    return {int(size): root for _, size, root in words}


def reader_of(greffe: Greffe) -> Any:
    return Public(from_environ(greffe.environ)).reader


def test_every_command_has_help(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def help_of(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["greffe", *arguments, "--help"])
        with pytest.raises(SystemExit) as ended:
            front_door.main()
        assert ended.value.code == 0
        return capsys.readouterr().out

    overview = help_of()
    for command in COMMANDS:
        assert command in overview
        assert f"{command} [OPTIONS]" in help_of(command)


def test_without_arguments_and_with_wrong_ones_it_says_how(greffe: Greffe) -> None:
    assert "Usage" in greffe(expect=2).stdout
    assert "Usage" in greffe("isssue", expect=2).stderr
    assert "Usage" in greffe("issue", "--source", "table", expect=2).stderr


def test_init_is_idempotent_and_keeps_keys_to_itself(greffe: Greffe) -> None:
    first = greffe("init", "--json")
    before = files_of(greffe.data)
    assert answer_of(first)["origin"] == "localhost:8000"
    assert {"identity.json", "trust.json", "ledger.db", "keys/ledger.pem", "keys/passphrase"} <= set(before)
    modes = {name: mode for name, (mode, _) in before.items() if name.startswith("keys")}
    assert modes == {
        "keys": 0o700,
        "keys/ledger.pem": 0o600,
        "keys/index.pem": 0o600,
        "keys/secrets.pem": 0o600,
        "keys/sealed": 0o600,
        "keys/passphrase": 0o600,
    }
    assert b"ENCRYPTED" in before["keys/ledger.pem"][1]
    assert answer_of(greffe("init", "--json")) == answer_of(first)
    assert files_of(greffe.data) == before
    assert reader_of(greffe).size() == 0


@pytest.mark.parametrize(
    ("command", "name"), [("init", "GREFFE_BASE_URL"), ("publish", "GREFFE_ORIGIN"), ("audit", "GREFFE_BASE_URL")]
)
def test_an_environment_that_disagrees_is_refused(published: Greffe, command: str, name: str) -> None:
    done = with_environ(published, **{name: "https://office.example"})(command, expect=78)
    assert "identity_disagrees" in done.stderr
    assert done.stdout == ""


def test_a_port_is_no_identity(published: Greffe) -> None:
    assert answer_of(with_environ(published, PORT="9999")("audit", "--json"))["ok"] is True


def test_without_init_and_with_a_wrong_setting_nothing_starts(greffe: Greffe) -> None:
    for command in (("publish",), ("audit",), ("evidence", "sample", "BC9000001")):
        assert "not_initialized" in greffe(*command, expect=78).stderr
    assert not greffe.data.exists()
    assert "setting" in with_environ(greffe, PORT="eight")("init", expect=2).stderr


def test_the_report_has_its_shape_and_its_sums(issued: tuple[Greffe, Any], small_extract: Path) -> None:
    report = answer_of(issued[1])
    counts = ("read", "unchanged", "issued", "superseded", "corrected", "revoked", "rejected", "held")
    assert {"source", *counts, "organizations", "nameless", "rows", "rejections", "files"} <= set(report)
    rows = {"read": 25, "used": 24, "unchanged": 0, "rejected": 1, "held": 0}
    assert report["rows"] == rows
    assert report["files"] == [{"file": small_extract.name, "rows": rows}]
    assert (report["read"], report["unchanged"], report["rejected"], report["held"]) == (25, 0, 1, 0)
    assert (report["issued"], report["superseded"], report["corrected"], report["revoked"]) == (9, 14, 1, 0)
    assert (report["source"], report["organizations"], report["nameless"]) == ("table", 10, 0)
    [rejection] = report["rejections"]
    assert set(rejection) == {"file", "line", "code", "reason"}
    assert (rejection["file"], rejection["line"], rejection["code"]) == ("extract.csv", 26, "date_invalid")
    [size] = acknowledgements(issued[1])
    assert size == 3 + 24


def test_the_same_again_is_unchanged_for_people_and_programs(own: Greffe, small_extract: Path) -> None:
    again = answer_of(own("issue", "--source", "table", small_extract, "--json", expect=3))
    assert again["rows"] == {"read": 25, "used": 0, "unchanged": 24, "rejected": 1, "held": 0}
    done = own("issue", "--source", "table", small_extract, expect=3)
    assert "issued 0, superseded 0, corrected 0; 10 organizations" in done.stdout
    assert "rows: 25 read, 0 used, 24 unchanged, 1 rejected, 0 held" in done.stdout
    assert "extract.csv:26: date_invalid" in done.stdout
    assert acknowledgements(done) == {}


def test_a_dry_run_tells_the_same_and_writes_nothing(
    greffe: Greffe, issued: tuple[Greffe, Any], small_extract: Path
) -> None:
    greffe("init")
    before = files_of(greffe.data)
    dry = greffe("issue", "--source", "table", small_extract, "--dry-run", "--json", expect=3)
    assert answer_of(dry) == answer_of(issued[1])
    assert acknowledgements(dry) == {}
    assert files_of(greffe.data) == before


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--source", "elsewhere"), "source"),
        (("--source", "isle-of-man"), "header"),
    ],
)
def test_a_source_that_does_not_fit_is_wrong_usage(own: Greffe, small_extract: Path, arguments: Any, code: str) -> None:
    before = files_of(own.data)
    done = own("issue", *arguments, small_extract, expect=2)
    assert code in done.stderr
    assert done.stderr.startswith("greffe: ")
    assert files_of(own.data) == before


def test_evidence_before_publication_is_to_be_asked_for_later(issued: tuple[Greffe, Any], tmp_path: Path) -> None:
    file = tmp_path / "x.evidence.json"
    assert "not_published" in issued[0]("evidence", "sample", "BC9000001", "-o", file, expect=75).stderr
    assert not file.exists()


@pytest.mark.parametrize("who", [("sample", "BC0000000"), ("nowhere", "' OR 1=1")])
def test_an_unknown_organization_has_no_evidence(published: Greffe, who: tuple[str, str]) -> None:
    assert "organization_unknown" in published("evidence", *who, expect=2).stderr


NOWHERE = {"GREFFE_DATA": "/nowhere/at/all"}
BLOCKER = """
import socket, sqlite3

def refuse(*_arguments, **_named):
    raise RuntimeError("blocked: no network and no database here")

socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = socket.create_connection = refuse
sqlite3.connect = sqlite3.dbapi2.connect = refuse
"""


@pytest.fixture
def blocked(tmp_path: Path) -> Callable[[Greffe], Greffe]:
    """Python with sockets and SQLite taken away, through a sitecustomize of its own."""
    folder = tmp_path / "blocked"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(BLOCKER, "utf-8")
    return lambda greffe: with_environ(greffe, PYTHONPATH=str(folder))


def can_unshare() -> bool:
    """Whether this process may make itself a network namespace without a network."""
    tool = shutil.which("unshare")
    return tool is not None and subprocess.run([tool, "-rn", "true"], capture_output=True).returncode == 0


def test_evidence_is_verified_with_network_and_database_gone(
    published: Greffe, blocked: Callable[[Greffe], Greffe], tmp_path: Path
) -> None:
    file, trust = tmp_path / "kelp.evidence.json", tmp_path / "trust.json"
    published("evidence", "sample", "BC9000001", "-o", file)
    published("trust", "-o", trust)
    assert json.loads(trust.read_bytes()) == json.loads((published.data / "trust.json").read_bytes())
    offline = blocked(with_environ(published, **NOWHERE))
    control = blocked(published)
    assert "blocked: no network" in control("evidence", "sample", "BC9000001", expect=1).stderr
    verdict = answer_of(offline("verify", file, "--trust", trust, "--json"))
    assert verdict["verdict"] == "verified"
    assert [step["step"] for step in verdict["steps"]] == list(STEPS)
    assert {step["result"] for step in verdict["steps"]} == {"passed", "not_asked"}
    assert datetime.fromisoformat(verdict["asOf"]).utcoffset() is not None
    text = with_environ(offline, GREFFE_TRUST=str(trust))("verify", file).stdout
    assert all(step in text for step in STEPS)
    assert text.splitlines()[-1].startswith("verified: genuine, and no newer state has replaced it, as of ")
    if can_unshare():
        command = ["unshare", "-rn", *offline.command("verify", file, "--trust", trust)]
        assert subprocess.run(command, env=offline.environ, cwd=ROOT, capture_output=True).returncode == 0


def test_a_verdict_has_its_exit_code(published: Greffe, tmp_path: Path) -> None:
    file, changed, asking = tmp_path / "a.json", tmp_path / "b.json", tmp_path / "asking.json"
    published("evidence", "sample", "FM9000002", "-o", file)
    evidence, trust = json.loads(file.read_bytes()), json.loads((published.data / "trust.json").read_bytes())
    evidence["credential"]["credentialSubject"]["legalName"] = "Kelp & Crumb Cafe"
    changed.write_text(json.dumps(evidence), "utf-8")
    trust["witnessPolicy"] = f"witness w {WITNESS}\nquorum w\n"
    asking.write_text(json.dumps(trust), "utf-8")
    results = {step["step"]: step for step in answer_of(published("verify", changed, "--json", expect=1))["steps"]}
    assert results["proof_valid"]["result"] == results["entry_matches"]["result"] == "failed"
    assert results["included"]["result"] == results["not_revoked"]["result"] == "not_reached"
    assert answer_of(published("verify", file, "--trust", asking, "--json", expect=5))["verdict"] == "indeterminate"
    assert (
        answer_of(published("verify", file, "--at", "2020-01-01T00:00:00Z", "--json", expect=1))["verdict"] == "failed"
    )
    for arguments in ((tmp_path / "none.json",), (file, "--trust", tmp_path / "none.json"), (file, "--at", "noon")):
        assert published("verify", *arguments, expect=2).stdout == ""
    assert "no_trust" in with_environ(published, **NOWHERE)("verify", file, expect=2).stderr
    changed.write_bytes(b'{"credential":\xff')
    assert answer_of(published("verify", changed, "--json", expect=1))["steps"][0]["result"] == "failed"
    for text in (
        "https://localhost/organizations/sample/FM9000002",
        "%PDF-1.7",
        "[]",
        '{"name": "another program\'s"}',
    ):
        changed.write_text(text, "utf-8")
        assert "not_evidence" in published("verify", changed, expect=2).stderr


def test_evidence_as_of_a_date(published: Greffe) -> None:
    def name_at(day: str) -> str:
        evidence = answer_of(published("evidence", "sample", "BC9000001", "--at", day))
        return str(evidence["credential"]["credentialSubject"]["legalName"])

    assert name_at("1956-01-09") == "Tidewrack Provisions Ltd."
    assert name_at("1956-01-10") == "Harbourlight Kelp Works Ltd."
    assert "organization_unknown" in published("evidence", "sample", "BC9000001", "--at", "1953-01-01", expect=2).stderr
    assert "date" in published("evidence", "sample", "BC9000001", "--at", "1953-02-30", expect=2).stderr


def test_revoking_is_a_dry_run_until_yes_and_new_evidence_tells(own: Greffe, tmp_path: Path) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    own("evidence", "sample", "BC9000008", "-o", old)
    before = files_of(own.data)
    reason = ("--reason", "fraud")
    dry = answer_of(own("revoke", "sample", "BC9000008", *reason, "--json"))
    assert (dry["revoked"], dry["dryRun"], dry["already"]) == (0, True, False)
    assert "would revoke" in own("revoke", "sample", "BC9000008", *reason).stdout
    assert files_of(own.data) == before
    done = own("revoke", "sample", "BC9000008", *reason, "--yes", "--json")
    assert answer_of(done)["revoked"] == 1
    assert list(acknowledgements(done)) == [28]
    again = own("revoke", "sample", "BC9000008", *reason, "--yes", "--json")
    assert (answer_of(again)["already"], answer_of(again)["revoked"], acknowledgements(again)) == (True, 0, {})
    own("publish")
    own("evidence", "sample", "BC9000008", "-o", new)
    failed = answer_of(own("verify", new, "--json", expect=1))
    results = {step["step"]: step for step in failed["steps"]}
    assert (results["not_revoked"]["result"], results["not_revoked"]["reason"]) == ("failed", "revoked")
    assert results["included"]["result"] == "passed"
    passed = answer_of(own("verify", old, "--json"))
    records = reader_of(own).records(0, 100)
    times = [record.time_ms for record in records if record.kind == "status" and record.index != 2]
    assert [datetime.fromisoformat(verdict["asOf"]).timestamp() * 1000 for verdict in (passed, failed)] == times
    assert (records[-1].reason, len(records[-1].refers)) == ("fraud", 1)
    assert answer_of(own("audit", "--json"))["ok"] is True


def test_revoking_what_is_not_there_or_for_no_published_reason(own: Greffe) -> None:
    for arguments in (
        ("sample", "BC0000000", "--reason", "fraud"),
        ("sample", "BC9000008", "--credential", "9", "--reason", "fraud"),
        ("sample", "BC9000008", "--reason", "because"),
    ):
        own("revoke", *arguments, "--yes", expect=2)
    assert reader_of(own).size() == 27


def test_a_second_writer_is_told_to_come_back(own: Greffe, small_extract: Path) -> None:
    descriptor = os.open(own.data / "ledger.lock", os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        assert "busy" in own("issue", "--source", "table", small_extract, expect=75).stderr
        assert "busy" in own("revoke", "sample", "BC9000008", "--reason", "fraud", "--yes", expect=75).stderr
        own("issue", "--source", "table", small_extract, "--dry-run", expect=3)
        own("publish")
    finally:
        os.close(descriptor)
    own("issue", "--source", "table", small_extract, expect=3)


@pytest.mark.parametrize("environ", [{"LC_ALL": "C"}, {"LC_ALL": "tr_TR.UTF-8", "TERM": "dumb"}])
def test_no_locale_and_no_terminal_changes_a_result(published: Greffe, environ: dict[str, str], tmp_path: Path) -> None:
    greffe = with_environ(published, **environ)
    here, there = tmp_path / "here.json", tmp_path / "there.json"
    published("evidence", "sample", "BC9000004", "-o", here)
    greffe("evidence", "sample", "BC9000004", "-o", there)
    assert here.read_bytes() == there.read_bytes()
    assert "verified" in greffe("verify", there).stdout
    assert answer_of(greffe("evidence", "sample", "BC9000004")) == json.loads(here.read_bytes())


def test_no_control_character_of_an_argument_reaches_the_terminal(greffe: Greffe) -> None:
    greffe("init")
    colour, reordered = "a\x1b[31mb\x9b2J", "\u202ec"
    for arguments in (("evidence", colour, reordered), ("verify", reordered + colour)):
        done = greffe(*arguments, expect=2)
        assert not set("\x1b\x9b\u202e") & set(done.stdout + done.stderr), arguments
        assert "\\x1b[31m" in done.stderr
