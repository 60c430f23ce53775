"""`greffe export`, `audit --mirror`, `backup` and `restore` from outside: a machine is lost, another one carries on.

Each test runs `greffe` itself, over the sample register.
"""

import functools
import http.server
import json
import shutil
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from registry.encoding.jcs import jcs
from registry.installation.public import Public
from registry.installation.settings import from_environ
from tests.builders.command import ROOT, SOAK, Greffe, greffe_in

Json = dict[str, Any]


@pytest.fixture(scope="module")
def kept(live_installation: Greffe, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is kept of the sample's installation: mirror, sealed export, backup, and its identity and keys."""
    folder = tmp_path_factory.mktemp("kept")
    exported = answer_of(live_installation("export", folder / "mirror", "--private", folder / "private", "--json"))
    assert exported["written"] == exported["files"]
    assert answer_of(live_installation("export", folder / "mirror", "--json"))["written"] == 0
    live_installation("backup", folder / "backup")
    shutil.copytree(live_installation.data / "keys", folder / "keys")
    shutil.copy(live_installation.data / "identity.json", folder)
    return folder


@pytest.fixture
def other(kept: Path, tmp_path: Path, live_installation: Greffe) -> Greffe:
    """Another machine with the same identity and keys, and nothing else."""
    (tmp_path / "data").mkdir()
    shutil.copytree(kept / "keys", tmp_path / "data" / "keys")
    shutil.copy(kept / "identity.json", tmp_path / "data")
    greffe = greffe_in(tmp_path / "data", int(live_installation.environ["PORT"]))
    greffe("init")
    return greffe


@pytest.fixture
def served(kept: Path) -> Iterator[str]:
    """The mirror on any file server."""

    class Silent(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Nothing is told."""

    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Silent, directory=str(kept / "mirror"))
    )
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def answer_of(done: subprocess.CompletedProcess[str]) -> Json:
    answer: Json = json.loads(done.stdout)
    return answer


def issued(greffe: Greffe) -> Json:
    """The sample once more; its planted bad rows are rejected again."""
    return answer_of(greffe("issue", "--source", "table", ROOT / "sample_data", "--json", expect=3))


def test_a_mirror_is_audited_with_a_trust_file_alone(kept: Path, live_installation: Greffe, tmp_path: Path) -> None:
    own = answer_of(live_installation("audit", "--json"))
    stranger = greffe_in(tmp_path / "nothing")
    trust = live_installation.data / "trust.json"
    report = answer_of(stranger("audit", "--mirror", kept / "mirror", "--trust", trust, "--json"))
    same = ("ok", "entries", "root", "checkpoints", "first_bad", "failures")
    assert {name: report[name] for name in same} == {name: own[name] for name in same}
    assert (report["body_missing"] > 100, own["body_missing"], report["index_behind"]) == (True, 0, 0)
    assert not (tmp_path / "nothing").exists()
    stranger("audit", "--mirror", kept / "mirror", expect=2)  # nobody to trust
    shutil.copytree(kept / "mirror", tmp_path / "mirror")
    (tmp_path / "mirror" / "tile" / "0" / "999").write_bytes(b"")
    assert "tile/0/999" in stranger("audit", "--mirror", tmp_path / "mirror", "--trust", trust, expect=1).stdout


def test_from_a_mirror_alone_the_ledger_goes_on_with_corrections(
    kept: Path, served: str, other: Greffe, live_installation: Greffe
) -> None:
    records = Public(from_environ(live_installation.environ)).reader.records(0, 10_000)
    organizations = {record.number for record in records if record.number is not None}
    before = answer_of(other("restore", "--from-mirror", served, "--json"))
    root = (kept / "mirror" / "checkpoint").read_text("utf-8").splitlines()[1]
    assert (str(before["size"]), before["appended"], before["ok"]) == (root, before["size"], True)
    audited = answer_of(other("audit", "--json"))
    assert (audited["ok"], audited["body_missing"]) == (True, before["body_missing"])
    again = answer_of(other("restore", "--from-mirror", kept / "mirror", "--json"))
    assert (again["appended"], again["body_missing"]) == (0, before["body_missing"])

    report = issued(other)
    holds = Counter(hold["code"] for hold in report["holds"])
    assert (report["issued"], report["superseded"]) == (0, 0)
    assert holds["person_unknown"] > 50
    assert report["corrected"] + holds["person_unknown"] == len(organizations)
    rows = report["rows"]
    assert rows["read"] == rows["used"] + rows["unchanged"] + rows["rejected"] + rows["held"]
    second = issued(other)
    assert (second["issued"], second["superseded"], second["corrected"]) == (0, 0, 0)
    other("publish")
    assert answer_of(other("audit", "--json"))["ok"]

    returned = answer_of(other("restore", "--private", kept / "private", "--json"))
    assert returned["bodies"] == before["body_missing"]
    assert returned["body_missing"] == 0
    third = issued(other)
    assert (third["issued"], third["superseded"], third["corrected"]) == (0, 0, 0)
    assert "person_unknown" not in {hold["code"] for hold in third["holds"]}


def test_with_the_sealed_export_all_is_as_it_was(kept: Path, other: Greffe, live_installation: Greffe) -> None:
    report = answer_of(other("restore", "--from-mirror", kept / "mirror", "--private", kept / "private", "--json"))
    assert (report["body_missing"], report["ok"]) == (0, True)
    assert answer_of(other("audit", "--json"))["ok"]
    assert issued(other)["corrected"] == 0
    evidence = other.data.parent / "own.evidence.json"
    other("evidence", "sample", "BC9000008", "-o", evidence)
    live_installation("verify", evidence)


def test_a_backup_is_put_into_an_empty_store_once_the_loss_is_accepted(kept: Path, other: Greffe) -> None:
    """On a new machine, with the keys and nobody to compare with."""
    said = other("restore", "--from-backup", kept / "backup", expect=78).stderr
    assert said.startswith("greffe: nothing_to_compare: "), said
    report = answer_of(other("restore", "--from-backup", kept / "backup", "--accept-loss", "--json"))
    assert (report["ok"], report["body_missing"]) == (True, 0)
    other("publish")


@pytest.mark.parametrize("who", ["from mirror", "setting", "token"] if SOAK else ["setting"])
def test_a_backup_that_somebody_vouches_for_is_put_back(
    kept: Path, other: Greffe, live_installation: Greffe, who: str
) -> None:
    """A mirror, by either way; or the head token, where the store alone was lost."""
    more: tuple[str | Path, ...] = ()
    if who == "from mirror":
        more = ("--from-mirror", kept / "mirror")
    if who == "setting":
        other = replace(other, environ={**other.environ, "GREFFE_MIRROR": str(kept / "mirror")})
    if who == "token":
        shutil.copy(live_installation.data / "head-token.db", other.data)
    report = answer_of(other("restore", "--from-backup", kept / "backup", *more, "--json"))
    assert (report["ok"], report["appended"], report["body_missing"]) == (True, 0, 0)
    other("publish")
    assert answer_of(other("audit", "--json"))["ok"]


def test_a_backup_without_its_mac_needs_the_loss_to_be_accepted(kept: Path, other: Greffe, tmp_path: Path) -> None:
    """So does one that an older version made: its manifest has none."""
    folder = tmp_path / "backup"
    shutil.copytree(kept / "backup", folder)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    del manifest["mac"]
    (folder / "manifest.json").write_bytes(jcs(manifest) + b"\n")
    from_both = ("restore", "--from-backup", folder, "--from-mirror", kept / "mirror")
    said = other(*from_both, expect=78).stderr
    assert said.startswith("greffe: backup_unauthenticated: "), said
    (folder / "manifest.json").write_bytes(jcs({**manifest, "mac": "0" * 64}) + b"\n")
    for more in ((), ("--accept-loss",)):
        assert other(*from_both, *more, expect=1).stderr.startswith("greffe: backup_damaged: ")
    (folder / "manifest.json").write_bytes(jcs(manifest) + b"\n")
    other(*from_both, "--accept-loss")


def test_what_is_not_there_or_not_ours(kept: Path, other: Greffe, tmp_path: Path) -> None:
    other("restore", expect=2)
    for typo in (tmp_path / "nowhere", "htps://mirror.example/", "ftp://mirror.example/"):
        for command in (("restore", "--from-mirror"), ("audit", "--mirror")):
            assert "greffe: mirror: " in other(*command, typo, expect=2).stderr
    (tmp_path / "empty").mkdir()
    other("restore", "--from-mirror", tmp_path / "empty", expect=1)
    other("restore", "--from-mirror", "http://localhost:1", expect=75)
    other("restore", "--private", tmp_path / "nowhere", expect=2)
    stranger = greffe_in(tmp_path / "stranger", int(other.environ["PORT"]))
    stranger("init")
    stranger("restore", "--from-backup", kept / "backup", expect=78)
    assert "no trusted key" in stranger("restore", "--from-mirror", kept / "mirror", expect=1).stderr


def test_an_old_store_refuses_to_write_while_the_mirror_is_ahead(kept: Path, other: Greffe) -> None:
    watched = replace(other, environ={**other.environ, "GREFFE_MIRROR": str(kept / "mirror")})
    refused = watched("issue", "--source", "table", ROOT / "sample_data", expect=78)
    assert "the store has 0 entries" in refused.stderr
    watched("publish", expect=78)
    watched("restore", "--from-mirror", kept / "mirror")
    watched("publish")
