"""Two offices witness each other, from outside: what `publish` says, what a stranger can check, and what an old store is told."""

import json
import shutil
from pathlib import Path

import pytest

from tests.builders.command import ROOT, Greffe, greffe_in
from tests.commands.test_witness import running


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    """A few organizations of the sample; the rest for later."""
    lines = (ROOT / "sample_data" / "extract.csv").read_text("utf-8").splitlines()
    file = tmp_path / "extract.csv"
    file.write_text("\n".join(lines[:12]) + "\n", "utf-8")
    (tmp_path / "more.csv").write_text("\n".join(lines[:25]) + "\n", "utf-8")
    return file


def office(folder: Path, port: int, extract: Path) -> Greffe:
    greffe = greffe_in(folder, port)
    greffe("init")
    greffe("issue", "--source", "table", extract)
    return greffe


def logs_of(greffe: Greffe) -> list[str]:
    trust = json.loads((greffe.data / "trust.json").read_bytes())
    return [*trust["ledgerKeys"], *trust["indexKeys"]]


def watched(greffe: Greffe, other: Greffe) -> list[str]:
    """The arguments of that office's witness of the other office."""
    return [word for vkey in logs_of(other) for word in ("--log", vkey)]


def rely_on(greffe: Greffe, lines: list[str]) -> None:
    """Write the policy: the witness that printed those lines, its key and URL, for both logs."""
    vkey, url = lines
    logs = "".join(f"log {log}\n" for log in logs_of(greffe))
    (greffe.data / "witness-policy").write_text(f"{logs}witness other {vkey} {url}\nquorum other\n", "utf-8")


def steps(greffe: Greffe, file: Path, expect: int = 0) -> dict[str, str]:
    verdict = json.loads(greffe("verify", file, "--json", expect=expect).stdout)
    return {step["step"]: step["result"] for step in verdict["steps"]} | {"asOf": verdict["asOf"]}


def test_two_offices_witness_each_other(tmp_path: Path, extract: Path) -> None:
    here, there = office(tmp_path / "one", 8000, extract), office(tmp_path / "two", 8001, extract)
    with running(there, *watched(there, here)) as (_, of_one), running(here, *watched(here, there)) as (_, of_two):
        rely_on(here, of_one)
        rely_on(there, of_two)
        for greffe in (here, there):
            greffe("publish")
            evidence = tmp_path / "evidence.json"
            greffe("evidence", "sample", "BC9000001", "-o", evidence)
            results = steps(greffe, evidence)
            assert set(results.values()) - {results["asOf"]} == {"passed"}
            assert greffe("audit", "--json").returncode == 0


def test_without_its_witness_an_office_goes_on_and_publishes_nothing(tmp_path: Path, extract: Path) -> None:
    greffe, other = office(tmp_path / "one", 8000, extract), office(tmp_path / "two", 8001, extract)
    with running(other, *watched(other, greffe)) as (_, lines):
        rely_on(greffe, lines)
        greffe("publish")
        shutil.copy(greffe.data / "ledger.db", tmp_path / "backup.db")
    greffe("issue", "--source", "table", tmp_path / "more.csv")
    silent = greffe("publish", "--json", expect=75)
    assert json.loads(silent.stdout)["published"] is False
    assert "the witness other did not cosign" in silent.stderr
    greffe("evidence", "sample", "BC9000001", "-o", tmp_path / "still.json")
    assert steps(greffe, tmp_path / "still.json")["witnessed"] == "passed", "what was published stays"
    with running(other, *watched(other, greffe)) as (_, lines):
        rely_on(greffe, lines)
        assert json.loads(greffe("publish", "--json").stdout)["published"] is True
        for name in ("ledger.db", "ledger.db-wal", "ledger.db-shm", "head-token.db"):
            (greffe.data / name).unlink(missing_ok=True)
        shutil.copy(tmp_path / "backup.db", greffe.data / "ledger.db")
        refused = greffe("publish", expect=78).stderr
        assert "store_behind" in refused
        assert "the witness other knows" in refused
        assert "store_behind" in greffe("issue", "--source", "table", tmp_path / "more.csv", expect=78).stderr


def test_a_policy_that_is_none_is_refused(tmp_path: Path, extract: Path) -> None:
    greffe = office(tmp_path / "one", 8000, extract)
    (greffe.data / "witness-policy").write_text("witness w\n", "utf-8")
    for command in ("publish", "trust", "audit"):
        assert "witness_policy" in greffe(command, expect=78).stderr
