"""The audit finds what was changed in the store, and names the first bad entry; what is merely missing it counts.

A change of the store is made with SQLite itself, past the triggers. Four hundred flips of single bits anywhere in the file: each
is found, or nothing that the audit reads has changed.
"""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
import sqlalchemy as sa

from issuer.actions.standing import change_one, revocation
from issuer.run.issue import issue
from registry.audit.audit import audit
from registry.audit.result import Audit
from registry.credential import status
from registry.encoding.jcs import jcs
from registry.installation.office import Office
from registry.keys import SigningKey
from registry.ledger.publish import publish
from registry.log import checkpoint
from registry.log.merkle import leaf_hash, root_of
from registry.store import database, rows, tables
from registry.verify.trust import Trust, parse
from tests.builders.command import SOAK, surroundings
from tests.builders.ledger import STATES, extract, state
from tests.mutations.bits import flip

FLIPS = 400 if SOAK else 120
#: what the audit does not read: what the planning of a run looks at, and the seals
NOT_READ = {"credential": ("event", "event_order", "digest", "seal")}

Look = Callable[[Path], Audit]


@pytest.fixture
def trusted(filled: Office) -> Trust:
    return parse(jcs(filled.reader.trust()))


def audited(file: Path, trust: Trust) -> Audit:
    store = database.Store(f"sqlite:///{file}", read_only=True)
    try:
        return audit(store, trust, lambda _done, _total: None)
    finally:
        store.close()


def changed(file: Path, *statements: str | tuple[str, tuple[object, ...]]) -> None:
    """Run statements on the store, with no trigger in their way; then they are there again."""
    connection = sqlite3.connect(file)
    triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        connection.execute(*(statement if isinstance(statement, tuple) else (statement,)))
    for _, text in triggers:
        connection.execute(text)
    connection.commit()
    connection.close()


def flip_in_file(file: Path, table: str, column: str, where: str, bit: int) -> None:
    connection = sqlite3.connect(file)
    [[value]] = connection.execute(f"SELECT {column} FROM {table} WHERE {where}").fetchall()
    connection.close()
    changed(file, (f"UPDATE {table} SET {column} = ? WHERE {where}", (flip(value, bit),)))


def contents(file: Path) -> dict[str, list[tuple[object, ...]]]:
    """All that the audit reads, table by table. sqlite3.Error when the file cannot be read."""
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    try:
        content = {}
        for table in set(tables.METADATA.sorted_tables) - {tables.seals}:
            columns = [column.name for column in table.columns if column.name not in NOT_READ.get(table.name, ())]
            content[table.name] = connection.execute(
                f"SELECT {', '.join(columns)} FROM {table.name} ORDER BY 1"
            ).fetchall()
        return content
    finally:
        connection.close()


def test_the_untouched_ledger_is_well(store_file: Path, trusted: Trust) -> None:
    report = audited(store_file, trusted)
    assert (report.ok, report.entries, report.checkpoints, report.body_missing) == (True, 7, 1, 0)
    with sqlite3.connect(store_file) as connection:
        bodies = [body for (body,) in connection.execute("SELECT body FROM ledger_entry ORDER BY i")]
    assert report.root == root_of([leaf_hash(body) for body in bodies])


def test_flipped_bits_are_found_or_change_nothing(store_file: Path, trusted: Trust, tmp_path: Path) -> None:
    lot, data = Random(FLIPS), store_file.read_bytes()
    before = contents(store_file)
    copy = tmp_path / "flipped.db"
    used = [place for place, byte in enumerate(data) if byte]  # most of a small file is empty: hit what is written
    found_bad = 0
    for _ in range(FLIPS):
        copy.write_bytes(flip(data, lot.choice(used) * 8 + lot.randrange(8)))
        is_found = not audited(copy, trusted).ok
        found_bad += is_found
        if not is_found:
            assert contents(copy) == before
    assert found_bad > FLIPS / 2
    store_file.write_bytes(data)
    assert audited(store_file, trusted).ok


@pytest.mark.parametrize("place", range(7))
@pytest.mark.parametrize(("table", "column"), [("ledger_entry", "body"), ("document", "body"), ("document", "salt")])
def test_the_first_bad_entry_is_named(store_file: Path, trusted: Trust, table: str, column: str, place: int) -> None:
    lot = Random(f"{table} {column} {place}")
    flip_in_file(store_file, table, column, f"i = {place}", lot.randrange(32 * 8))
    report = audited(store_file, trusted)
    assert report.first_bad is not None
    if table == "document":
        assert report.first_bad[0] == place
        assert report.failures == []
    else:  # a bit in a place that no claim depends on shows in the next entry's prev, or in the hashes
        assert report.first_bad[0] in (place, place + 1)
        assert any("head" in failure for failure in report.failures)


def test_the_earlier_of_two_bad_entries_is_named(store_file: Path, trusted: Trust) -> None:
    flip_in_file(store_file, "document", "salt", "i = 5", 9)
    flip_in_file(store_file, "document", "salt", "i = 3", 9)
    report = audited(store_file, trusted)
    assert report.first_bad is not None
    assert report.first_bad[0] == 3


@pytest.mark.parametrize("table", ["ledger_entry", "document"])
def test_rows_that_changed_places_are_found(store_file: Path, trusted: Trust, table: str) -> None:
    moves = [f"UPDATE {table} SET i = {new} WHERE i = {old}" for old, new in ((4, 99), (5, 4), (99, 5))]
    changed(store_file, *moves)
    report = audited(store_file, trusted)
    assert report.first_bad is not None
    assert report.first_bad[0] == 4


@pytest.mark.parametrize("place", [0, 1, 2, 3, 6])
def test_a_missing_body_is_counted_and_no_failure(store_file: Path, trusted: Trust, place: int) -> None:
    changed(store_file, f"DELETE FROM document WHERE i = {place}")
    report = audited(store_file, trusted)
    assert (report.ok, report.body_missing, report.entries) == (True, 1, 7)


@pytest.mark.parametrize("place", [0, 3, 5])
def test_a_missing_entry_is_a_failure(store_file: Path, trusted: Trust, place: int) -> None:
    changed(store_file, f"DELETE FROM ledger_entry WHERE i = {place}")
    report = audited(store_file, trusted)
    assert report.first_bad is not None
    assert report.first_bad[0] == place
    assert f"entry {place} is not in the store" in report.first_bad[1]
    assert (
        "the entries do not give the stored head" not in report.failures
    )  # the walk goes on with the hash in the tile


def test_a_checkpoint_of_another_key_is_a_failure(store_file: Path, trusted: Trust) -> None:
    with sqlite3.connect(store_file) as connection:
        [[note]] = connection.execute("SELECT note FROM ledger_checkpoint").fetchall()
    head = checkpoint.check(note, [trusted.genesis_key])
    forged = checkpoint.sign(head, SigningKey(bytes(32)))
    changed(store_file, ("UPDATE ledger_checkpoint SET note = ?", (forged,)))
    report = audited(store_file, trusted)
    assert report.first_bad is None
    assert "checkpoint of size 7 is bad" in report.failures[0]


@pytest.mark.parametrize("size", [3, 7, 9])
def test_a_signed_checkpoint_of_another_tree_is_a_failure(
    filled: Office, store_file: Path, trusted: Trust, size: int
) -> None:
    """Our own key has signed another root, or a tree that the store lacks."""
    forged = checkpoint.sign(checkpoint.Checkpoint(trusted.origin, size, bytes(32)), filled.log_keys.signers.ledger[0])
    changed(store_file, ("UPDATE ledger_checkpoint SET size = ?, note = ?", (size, forged)))
    report = audited(store_file, trusted)
    assert report.first_bad is None
    assert any(f"checkpoint of size {size}" in failure for failure in report.failures)


def test_the_head_and_the_tiles_are_what_the_entries_give(store_file: Path, trusted: Trust, tmp_path: Path) -> None:
    for number, statement in enumerate(
        (
            "UPDATE ledger_head SET root = zeroblob(32)",
            "UPDATE ledger_head SET size = 5",
            "UPDATE ledger_tile SET hashes = zeroblob(224)",
            "DELETE FROM ledger_tile",
            "INSERT INTO ledger_tile VALUES (1, 0, zeroblob(32))",
            "DELETE FROM ledger_head",
        )
    ):
        copy = tmp_path / f"{number}.db"
        shutil.copy(store_file, copy)
        changed(copy, statement)
        report = audited(copy, trusted)
        assert not report.ok, statement
        assert report.failures


@pytest.mark.parametrize(
    ("statement", "first"),
    [
        ("UPDATE credential SET number = 'BC0000009' WHERE i = 5", 5),
        ("UPDATE credential SET n = 3 WHERE i = 4", 4),
        ("UPDATE credential SET list_index = list_index + 1 WHERE i = 3", 3),
        ("UPDATE credential SET list_id = list_id || '1' WHERE i = 3", 3),
        ("UPDATE credential SET register = 'other' WHERE i = 6", 6),
        ("DELETE FROM credential WHERE i = 5", 5),
        ("UPDATE org_salt SET salt = zeroblob(32)", 6),
        ("UPDATE status_list SET seed = zeroblob(32)", 3),
        ("UPDATE status_list SET seed = zeroblob(32) WHERE purpose = 'suspension'", 3),
        ("DELETE FROM status_list", 1),
        ("DELETE FROM status_list WHERE purpose = 'suspension'", 2),
    ],
)
def test_a_changed_place_is_found_at_its_entry(store_file: Path, trusted: Trust, statement: str, first: int) -> None:
    changed(store_file, statement)
    report = audited(store_file, trusted)
    assert report.first_bad is not None
    assert report.first_bad[0] == first


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE issuer SET did = did || '1'", "the issuer of sample"),
        ("UPDATE issuer SET key_entry = 1", "the issuer of sample"),
        ("UPDATE issuer SET issued = 3", "the issuer of sample"),
        ("UPDATE status_version SET i = 3 WHERE i = 2", "versions of status lists"),
        ("UPDATE status_version SET list_id = 'elsewhere'", "versions of status lists"),
        ("DELETE FROM status_version", "versions of status lists"),
        ("UPDATE status_list SET m = 2", "the list kept as"),
        ("UPDATE status_list SET register = 'other'", "the list kept as"),
        ("INSERT INTO key_version VALUES (3, 'sample')", "the key entries"),
        (
            "INSERT INTO status_list SELECT id || '1', register, purpose, 11, seed, bits FROM status_list",
            "the list kept as",
        ),
    ],
)
def test_what_is_kept_beside_the_entries_is_checked(
    store_file: Path, trusted: Trust, statement: str, what: str
) -> None:
    changed(store_file, statement)
    report = audited(store_file, trusted)
    assert report.first_bad is None
    assert any(what in failure for failure in report.failures)


def test_a_file_that_cannot_be_read_is_a_failure(store_file: Path, trusted: Trust) -> None:
    changed(store_file, "DROP TABLE document")
    report = audited(store_file, trusted)
    assert report.first_bad == (0, "its body or salt cannot be read: no such table: document")


def test_a_status_bit_that_no_entry_set_is_found(store_file: Path, trusted: Trust) -> None:
    flip_in_file(store_file, "status_list", "bits", "purpose = 'suspension'", 77)
    report = audited(store_file, trusted)
    assert not report.ok
    assert "bits kept for" in report.failures[0]


def test_a_list_is_checked_against_the_entries_that_revoke(filled: Office, trusted: Trust) -> None:
    change_one(filled, "sample", "BC0000002", None, revocation("fraud"), surroundings("revoke"), dry_run=False)
    publish(filled.store, filled.log_keys.signers)
    report = audit(filled.store, trusted, lambda _done, _total: None)
    assert (report.ok, report.entries, report.checkpoints) == (True, 8, 2)
    with filled.store.write() as connection:
        chosen = sa.select(tables.status_lists.c.bits).where(tables.status_lists.c.purpose == "revocation")
        bits = bytes(connection.execute(chosen).scalar_one())
        assert sum(byte.bit_count() for byte in bits) == 1
        connection.execute(sa.update(tables.status_lists).values(bits=bytes(status.LENGTH // 8)))
    assert not audit(filled.store, trusted, lambda _done, _total: None).ok


def test_the_audit_believes_the_trust_file_and_not_the_store(store_file: Path, trusted: Trust, filled: Office) -> None:
    """With another installation's trust file every signed document is untrusted, and so is the checkpoint."""
    document = filled.reader.trust()
    for key in document["issuers"][0]["keys"]:
        key["publicKeyMultibase"] = document["issuers"][0]["keys"][0]["publicKeyMultibase"]
    report = audited(store_file, parse(jcs(document)))
    assert report.first_bad is not None
    assert report.first_bad[0] == 1
    document["issuers"] = []
    report = audited(store_file, parse(jcs(document)))
    assert report.first_bad is not None


def test_the_root_at_a_size_is_the_root_at_that_size(filled: Office, trusted: Trust) -> None:
    issue(filled, "table", extract([*STATES, state("BC0000009", "LATE INC.", "9", "2025-01-01")]), surroundings("late"))
    with filled.store.read() as connection:
        leaves = [leaf_hash(body) for body in rows.read_entries(connection, 0, 8)]
    for size in range(9):
        report = audit(filled.store, trusted, lambda _done, _total: None, size)
        assert (report.ok, report.entries, report.root) == (True, 8, root_of(leaves[:size]))


def test_a_value_of_another_type_than_its_column_is_a_failure(store_file: Path, trusted: Trust) -> None:
    """As a damaged page may hold one; SQLite itself refuses to write it while the table is strict."""
    strict = "UPDATE sqlite_master SET sql = {} WHERE name = 'ledger_entry'"
    changed(store_file, "PRAGMA writable_schema = ON", strict.format("replace(sql, ' STRICT', '')"))
    changed(store_file, "UPDATE ledger_entry SET body = CAST(body AS TEXT) WHERE i = 2")
    changed(store_file, "PRAGMA writable_schema = ON", strict.format("sql || ' STRICT'"))
    report = audited(store_file, trusted)
    assert any("non-BLOB value" in failure for failure in report.failures)
    assert report.first_bad == (2, "it cannot be read: a str stands where the store keeps bytes")


def test_the_id_of_a_list_that_is_none_is_found_at_its_entry(store_file: Path, trusted: Trust) -> None:
    changed(store_file, "UPDATE credential SET list_id = 'none' WHERE i = 3")
    report = audited(store_file, trusted)
    assert report.first_bad is not None
    assert report.first_bad[0] == 3


#: what somebody may write once STRICT is gone from the table, and the database itself finds nothing wrong
OF_ANOTHER_TYPE = {
    "ledger_head": ["root = 'x'", "size = 'x'"],
    "ledger_entry": ["body = 5", "body = 'x'"],
    "ledger_tile": ["hashes = 7", "hashes = 'x'"],
    "ledger_checkpoint": ["note = 7", "note = x'00ff'"],
    "index_entry": ["body = 7", "size = 'x'", "root_id = 'x'"],
    "index_tile": ["hashes = -1"],
    "index_checkpoint": ["note = 7"],
    "published": ["note = 7", "size = 'x'"],
    "log_key": ["vkey = 7", "signs = 'x'"],
    "map_node": ["key = 7", "bit = 'x'", "left = 'x'"],
    "mini_log": ["leaf = 'x'", "before = -1", "i = 'x'"],
    "document": ["body = 'x'", "body = -1", "salt = -5", "salt = 'x'"],
    "credential": ["list_id = 7", "list_index = 'x'", "n = 'x' WHERE i = 3", "register = 7"],
    "org_salt": ["salt = 7"],
    "issuer": ["did = 7", "key_entry = 'x'", "issued = 'x'"],
    "did_log": ["line = 7", "line = x'ff'"],
    "status_list": ["seed = 'abc'", "seed = -1", "bits = -1", "bits = 'x'", "m = 'x'"],
    "status_version": ["list_id = 7"],
}


@pytest.mark.parametrize(
    ("table", "change"), [(table, change) for table, changes in OF_ANOTHER_TYPE.items() for change in changes]
)
def test_values_of_another_type_in_a_table_that_is_strict_no_more(
    store_file: Path, trusted: Trust, table: str, change: str
) -> None:
    plain = f"UPDATE sqlite_master SET sql = replace(sql, ' STRICT', '') WHERE name = '{table}'"
    changed(store_file, "PRAGMA writable_schema = ON", plain)
    changed(store_file, f"UPDATE {table} SET {change}")
    assert not audited(store_file, trusted).ok


@pytest.mark.parametrize("mistake", [TypeError, KeyError, ValueError, AttributeError])
@pytest.mark.parametrize("place", ["registry.credential.webvh.resolve", "registry.audit.documents.check_schema"])
def test_a_mistake_of_ours_is_no_damage(
    filled: Office, trusted: Trust, monkeypatch: pytest.MonkeyPatch, place: str, mistake: type[Exception]
) -> None:
    def broken(*_: object) -> None:
        raise mistake("a mistake of ours")

    monkeypatch.setattr(place, broken)
    with pytest.raises(mistake, match="of ours"):
        audit(filled.store, trusted, lambda _done, _total: None)
