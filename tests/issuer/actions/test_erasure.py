"""Erasure: bodies and salts go, the commitments stay, every old proof still holds, and nothing brings the organization back."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from issuer import sources
from issuer.actions import erasure, keys
from issuer.actions.erasure import erase
from issuer.actions.standing import change_one, revocation
from issuer.actions.tokens import make_waiting
from issuer.run.issue import issue
from registry.audit.audit import audit
from registry.audit.result import Audit
from registry.encoding.jcs import jcs
from registry.errors import Conflict, NotFound, NotReady, Usage
from registry.installation.office import Office
from registry.store import disk_room, document_rows, sqlite
from registry.store.token_queue import VC_JWT, Requests
from registry.verify import steps
from registry.verify.trust import parse
from sample_data import generate
from tests.builders.command import NOW, surroundings
from tests.builders.ledger import STATES, extract, state
from tests.builders.witnesses import publish_witnessed, witnessed_reader


def audited(office: Office) -> Audit:
    return audit(office.store, parse(jcs(office.reader.trust())), lambda _done, _total: None)


def on_disk(folder: Path, needle: bytes) -> list[str]:
    """The files of an installation that hold those bytes."""
    return sorted(file.name for file in folder.rglob("*") if file.is_file() and needle in file.read_bytes())


@pytest.mark.parametrize(
    ("number", "name", "entries"),
    [("BC0000001", "SCARLET MOOSE", (3, 4)), ("FM0000003", "JEAN'S BAKERY", (6,))],
)
def test_nothing_of_it_stays_and_every_old_proof_holds(
    filled: Office, number: str, name: str, entries: tuple[int, ...]
) -> None:
    publish_witnessed(filled)
    trust = parse(jcs(witnessed_reader(filled).trust()))
    files = [json.dumps(filled.reader.evidence("sample", number, n + 1)).encode() for n in range(len(entries))]
    assert on_disk(filled.settings.data, name.encode()) != []
    done = erase(filled, "sample", number, "privacy_request", surroundings("erase"), dry_run=False)
    assert (done.entries, done.head.size if done.head else 0) == (entries, 8)
    assert on_disk(filled.settings.data, name.encode()) == []
    assert filled.reader.organization("sample", number) == []
    with pytest.raises(NotFound):
        filled.reader.evidence("sample", number, 1)
    assert [record.document for record in filled.reader.records(entries[0], len(entries))] == [None] * len(entries)
    assert filled.reader.records(7, 1)[0].refers == entries
    report = audited(filled)
    assert (report.first_bad, report.failures, report.body_missing, report.erased) == (None, [], 0, len(entries))
    last = steps.verify(files[-1], trust, NOW)
    assert last.verdict == "verified", "whoever kept the evidence can still prove what was so"
    publish_witnessed(filled)
    assert (audited(filled).failures, filled.reader.published_size()) == ([], 8)


def test_the_same_row_is_rejected_later(filled: Office) -> None:
    erase(filled, "sample", "BC0000002", "retention_ended", surroundings("erase"), dry_run=False)
    size = filled.reader.size()
    report = issue(filled, "table", extract(STATES), surroundings("again"))
    tally = report.to_json()
    assert (filled.reader.size(), tally["issued"]) == (size, 0)


def test_its_rows_are_rejected_by_that_code(filled: Office, tmp_path: Path) -> None:
    file = tmp_path / "extract.csv"
    text, _ = generate.extract(organizations=12, planted=False)
    file.write_text(text, "utf-8", newline="")
    issue(filled, "table", sources.read("table", file), surroundings("more"))
    chosen = next(r for r in filled.reader.records(8, 50) if r.n == 1)
    erase(filled, str(chosen.register), str(chosen.number), "unlawful", surroundings("erase"), dry_run=False)
    tally = issue(filled, "table", sources.read("table", file), surroundings("again")).to_json()
    assert {rejection["code"] for rejection in tally["rejections"]} == {"erased"}
    assert tally["issued"] == 0
    assert tally["rows"]["read"] == tally["rows"]["unchanged"] + tally["rows"]["rejected"] > tally["rows"]["unchanged"]


def test_an_organization_with_a_set_bit_can_be_erased(filled: Office) -> None:
    change_one(filled, "sample", "BC0000002", None, revocation("fraud"), surroundings("revoke"), dry_run=False)
    erase(filled, "sample", "BC0000002", "court_order", surroundings("erase"), dry_run=False)
    report = audited(filled)
    assert (report.first_bad, report.failures, report.erased) == (None, [], 1)


def test_without_yes_and_without_a_reason_nothing_happens(filled: Office) -> None:
    planned = erase(filled, "sample", "BC0000001", "unlawful", surroundings(), dry_run=True)
    assert (planned.entries, planned.head, filled.reader.size()) == ((3, 4), None, 7)
    with pytest.raises(Usage, match="no reason"):
        erase(filled, "sample", "BC0000001", "because", surroundings(), dry_run=False)
    with pytest.raises(NotFound, match="holds nothing"):
        erase(filled, "sample", "BC0000009", "unlawful", surroundings(), dry_run=False)


def made(office: Office, number: str) -> bytes:
    """A piece of the vc+jwt that was made of an organization's first credential."""
    requests = Requests(office.settings.requests)
    with pytest.raises(NotReady):
        requests.get(VC_JWT, f"sample/{number}/1")
    assert make_waiting(office, requests) == 1
    token = requests.get(VC_JWT, f"sample/{number}/1")
    requests.close()
    return token[len(token) // 2 :][:60]


@pytest.mark.parametrize("is_old", [False, True])
def test_what_was_made_for_others_is_on_no_disk(filled: Office, is_old: bool) -> None:
    """The control deletes as an earlier version did, and finds the token in the file; the erasure overwrites that too."""
    token = made(filled, "BC0000001")
    assert on_disk(filled.settings.data, token) != []
    if is_old:
        with closing(sqlite3.connect(filled.settings.requests)) as connection, connection:
            connection.execute("PRAGMA secure_delete=OFF")
            connection.execute("DELETE FROM carrier")
        assert on_disk(filled.settings.data, token) != []
    erase(filled, "sample", "BC0000001", "privacy_request", surroundings("erase"), dry_run=False)
    assert on_disk(filled.settings.data, token) == []


@pytest.mark.parametrize("by_office", [False, True])
def test_an_erasure_that_was_killed_after_its_commit_is_ended(
    filled: Office, by_office: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, name = made(filled, "BC0000001"), b"SCARLET MOOSE"
    with monkeypatch.context() as patched:
        patched.setattr(erasure, "_finish", _killed)
        with pytest.raises(KeyboardInterrupt):
            erase(filled, "sample", "BC0000001", "privacy_request", surroundings("erase"), dry_run=False)
    assert filled.reader.organization("sample", "BC0000001") == []
    assert on_disk(filled.settings.data, token) != [], "the negative control: nothing but the commit was done"
    assert on_disk(filled.settings.data, name) != []
    planned = erase(filled, "sample", "BC0000001", "privacy_request", surroundings("again"), dry_run=True)
    assert (planned.already, on_disk(filled.settings.data, name) != []) == (True, True)
    office = Office(filled.settings)
    if by_office:
        erasure.finish_begun(office)
    else:
        again = erase(office, "sample", "BC0000001", "privacy_request", surroundings("again"), dry_run=False)
        assert (again.already, again.entries, office.reader.size()) == (True, (), 8)
    assert on_disk(filled.settings.data, token) == on_disk(filled.settings.data, name) == []
    assert not (filled.settings.data / "erasing").exists()


def _killed(_office: Office) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("file", ["ledger.db", "requests.db"])
def test_a_reader_in_the_way_is_told_of_and_never_passed_over(
    filled: Office, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "_BUSY_MS", 50)
    needle = made(filled, "BC0000001") if file == "requests.db" else b"SCARLET MOOSE"
    with closing(sqlite3.connect(filled.settings.data / file)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM sqlite_master").fetchone()
        for _ in range(2 if file == "ledger.db" else 1):  # it waits five seconds for the other
            with pytest.raises(Conflict) as conflict:
                erase(filled, "sample", "BC0000001", "privacy_request", surroundings("erase"), dry_run=False)
            assert conflict.value.code == "erasure_unfinished"
        assert (filled.settings.data / "erasing").exists()
        assert on_disk(filled.settings.data, needle) != [], "else there was nothing to tell of"
    done = erase(filled, "sample", "BC0000001", "privacy_request", surroundings("erase"), dry_run=False)
    assert (done.already, on_disk(filled.settings.data, needle)) == (True, [])


def test_a_body_that_was_kept_is_found(filled: Office) -> None:
    """The audit does not take an erase entry's word for it."""
    with filled.store.read() as connection:
        body, salt = document_rows.read_document(connection, 5) or (b"", b"")
    erase(filled, "sample", "BC0000002", "unlawful", surroundings("erase"), dry_run=False)
    with filled.store.write() as connection:
        document_rows.put_documents(connection, [(5, body, salt)])
    assert not audited(filled).ok


def test_below_the_floor_of_free_space_what_takes_away_still_goes(
    filled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk_room, "default_floor", lambda _total: 1 << 60)
    with pytest.raises(Conflict) as refused:
        issue(filled, "table", extract([state("BC0000009", "LATER INC.", "9", "2020-05-06")]), surroundings("more"))
    assert refused.value.code == "storage_low", "the control: the floor is there"
    assert erase(filled, "sample", "FM0000003", "privacy_request", surroundings("erase"), dry_run=False).entries
    change = revocation("court_order")
    assert change_one(filled, "sample", "BC0000002", None, change, surroundings("revoke"), dry_run=False).head
    assert keys.rotate(filled, "sample", "credential", surroundings("rotate")).state == "in use"
