"""Appending: what an entry holds, what is refused, and that a batch is there whole or not at all."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from issuer.run.issue import issue
from registry.errors import Conflict, LedgerDamaged, Malformed, Refused, Untrue
from registry.installation.office import Office
from registry.keys import PublicKey
from registry.ledger.admission import Admission, Statement
from registry.ledger.clock import Clock
from registry.ledger.ledger import Ledger
from registry.ledger.publish import publish
from registry.log import entry
from registry.log.merkle import leaf_hash, root_of
from registry.records.seals import Seals
from registry.store import document_rows, place_rows, rows, tables
from registry.verify.trust import parse
from tests.builders.command import NOW, surroundings
from tests.builders.ledger import STATES, extract, state
from tests.mutations.bits import flip


def entries_of(office: Office) -> list[entry.Entry]:
    with office.store.read() as connection:
        head = rows.read_head(connection)
        assert head is not None
        return [entry.parse(body) for body in rows.read_entries(connection, 0, head[0])]


def test_the_first_batch_begins_with_key_and_status(filled: Office) -> None:
    entries = entries_of(filled)
    assert [logged.kind for logged in entries] == ["key", "status", "status", "issue", "supersede", "issue", "issue"]
    assert [logged.reason for logged in entries[1:3]] == ["opened", "opened"]
    assert entries[4].refers == (3,)
    assert [logged.org for logged in entries[3:6]] == ["sample:BC0000001", "sample:BC0000001", "sample:BC0000002"]
    assert entries[4].effective == "2021-02-03"
    assert {logged.time for logged in entries} == {int(NOW.timestamp()) * 1000}


def test_entries_are_chained_and_the_root_covers_them(filled: Office) -> None:
    entries = entries_of(filled)
    prev = entry.genesis_prev(filled.identity.origin, filled.log_keys.genesis.print())
    for index, logged in enumerate(entries):
        assert (logged.index, logged.prev) == (index, prev)
        prev = leaf_hash(logged.print()).hex()
    with filled.writing() as ledger:
        assert ledger.head.root == root_of([leaf_hash(logged.print()) for logged in entries])


def test_a_natural_person_is_a_pseudonym(filled: Office) -> None:
    person = entries_of(filled)[6]
    with filled.store.read() as connection:
        salt = place_rows.read_org_salt(connection, "sample", "FM0000003")
        company = place_rows.read_org_salt(connection, "sample", "BC0000001")
    assert salt is not None
    assert company is None
    assert person.org == entry.pseudonym(salt, "sample", "FM0000003")
    assert b"FM0000003" not in person.print()


def test_the_same_again_issues_nothing_and_a_change_one_supersede(filled: Office) -> None:
    assert issue(filled, "table", extract(STATES), surroundings("again")).to_json()["issued"] == 0
    assert len(entries_of(filled)) == 7
    renamed = [*STATES[:2], state("BC0000002", "HARBOUR SEALS INC.", "3", "2020-05-06"), STATES[3]]
    for changed in (renamed, STATES):
        report = issue(filled, "table", extract(changed), surroundings("change"))
        assert (report.issued, report.superseded, report.corrected) == (0, 1, 0)
    assert [logged.kind for logged in entries_of(filled)[7:]] == ["supersede", "supersede"]
    assert issue(filled, "table", extract(STATES), surroundings("again")).superseded == 0


def an_admission() -> tuple[Admission, dict[str, PublicKey]]:
    """A policy that may be appended; no key is asked for."""
    return Admission(Statement("policy"), b'{"policy":"quorum none"}', bytes(32)), {}


def test_a_document_that_its_proof_does_not_fit_is_not_admitted(filled: Office) -> None:
    with filled.store.read() as connection:
        row = document_rows.read_document(connection, 5)
    assert row is not None
    document = json.loads(row[0])
    document["credentialSubject"]["legalName"] = "ANOTHER INC."
    forged = Admission(Statement("issue", "did:web:x", "sample:BC0000002"), json.dumps(document).encode(), bytes(32))
    trusted = parse(filled.settings.trust_file.read_bytes())
    listed = trusted.issuers[filled.identity.issuer_did("sample")].keys
    keys = {method: key.public for method, key in listed.items()}
    with filled.writing() as ledger, pytest.raises(Untrue):
        ledger.append([forged], keys, NOW)
    assert len(entries_of(filled)) == 7


def test_a_clock_that_runs_behind_is_refused_and_a_little_is_not(filled: Office) -> None:
    admission, keys = an_admission()
    with filled.writing() as ledger:
        with pytest.raises(Refused, match="clock"):
            ledger.append([admission], keys, NOW - timedelta(seconds=61))
        ledger.append([admission], keys, NOW - timedelta(seconds=59))
    last = entries_of(filled)[-1]
    assert last.time == int(NOW.timestamp()) * 1000


def test_a_second_writer_is_told_to_come_back(filled: Office) -> None:
    with filled.writing(), pytest.raises(Conflict, match="another process"), Office(filled.settings).writing():
        pass


def test_compare_and_swap_refuses_a_ledger_that_moved(filled: Office) -> None:
    first, other = (
        Ledger(filled.store, filled.identity, filled.log_keys.genesis.print(), filled.seals, Clock(list))
        for _ in range(2)
    )
    admission, keys = an_admission()
    first.append([admission], keys, NOW)
    with pytest.raises(Conflict, match="somebody else"):
        other.append([admission], keys, NOW)
    assert other.head == first.head
    assert len(entries_of(filled)) == 8


def test_without_compare_and_swap_two_roots_would_stand_for_one_size(
    filled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the same race with the safety removed ends in a store that contradicts itself."""
    first, other = (
        Ledger(filled.store, filled.identity, filled.log_keys.genesis.print(), filled.seals, Clock(list))
        for _ in range(2)
    )
    admission, keys = an_admission()

    def swap(connection: sa.Connection, _old: tuple[int, bytes], new: tuple[int, bytes]) -> None:
        connection.execute(sa.update(tables.head).values(size=new[0], root=new[1]))

    opened = Seals.opened
    monkeypatch.setattr(rows, "swap_head", swap)
    monkeypatch.setattr(Seals, "opened", lambda self, connection, changed, _at: opened(self, connection, changed))
    first.append([admission], keys, NOW)
    with pytest.raises(sa.exc.IntegrityError):
        other.append([Admission(Statement("policy"), b'{"policy":"x"}', bytes(32))], keys, NOW)


def test_a_batch_that_fails_late_leaves_nothing(filled: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    admission, keys = an_admission()
    with filled.writing() as ledger:
        before = ledger.head
        with monkeypatch.context() as patched:
            patched.setattr("registry.ledger.effects._place", lambda *_: (_ for _ in ()).throw(RuntimeError("here")))
            with pytest.raises(RuntimeError):
                ledger.append([admission], keys, NOW)
        assert ledger.head == before
        ledger.append([admission], keys, NOW)
    assert [logged.kind for logged in entries_of(filled)[7:]] == ["policy"]


@pytest.mark.parametrize("table", ["ledger_entry", "ledger_checkpoint"])
@pytest.mark.parametrize("verb", ["DELETE FROM {}", "UPDATE {} SET rowid = rowid + 100"])
def test_what_was_appended_is_neither_changed_nor_deleted(filled: Office, table: str, verb: str) -> None:
    with pytest.raises(sa.exc.IntegrityError, match="append-only"), filled.store.write() as connection:
        connection.exec_driver_sql(verb.format(table))


def test_sqlite_is_durable(filled: Office) -> None:
    with filled.store.write() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2


def test_publishing_twice_gives_the_same_note(filled: Office) -> None:
    first = filled.reader.checkpoint()
    again = publish(filled.store, filled.log_keys.signers)
    assert not again.is_new
    assert again.note == first == filled.reader.checkpoint()


@pytest.mark.parametrize("what", ["entry", "tile", "root"])
@pytest.mark.parametrize("bit", range(0, 80, 9))
def test_a_bit_that_flipped_before_signing_is_never_signed(filled: Office, what: str, bit: int) -> None:
    """400 of 400 later; here each kind of place, with the write-protecting trigger out of the way."""
    issue(filled, "table", extract([*STATES, state("BC0000009", "LATE INC.", "9", "2025-01-01")]), surroundings("late"))
    with filled.store.write() as connection:
        if what == "entry":
            connection.exec_driver_sql("DROP TRIGGER ledger_entry_no_update")
            _flip(connection, "ledger_entry", "body", "i = 7", bit)
        elif what == "tile":
            _flip(connection, "ledger_tile", "hashes", "level = 0", bit + 8 * 32 * 7)
        else:
            _flip(connection, "ledger_head", "root", "id = 1", bit)
    before = filled.reader.published_size()
    with pytest.raises((LedgerDamaged, Malformed)):
        publish(filled.store, filled.log_keys.signers)
    assert filled.reader.published_size() == before


def _flip(connection: sa.Connection, table: str, column: str, where: str, bit: int) -> None:
    value = connection.exec_driver_sql(f"SELECT {column} FROM {table} WHERE {where}").scalar_one()
    connection.exec_driver_sql(f"UPDATE {table} SET {column} = ? WHERE {where}", (flip(value, bit),))
