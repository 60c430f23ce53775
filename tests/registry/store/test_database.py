"""The SQLite store: what makes it durable, what it does when the disk is full or fails, and how an old one is brought forward."""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from registry.errors import Conflict, Refused, StorageFailed
from registry.installation.initialize import initialize
from registry.installation.office import Office
from registry.ledger.admission import Admission, Head, Statement
from registry.ledger.clock import Clock
from registry.ledger.ledger import Ledger
from registry.ledger.publish import publish
from registry.operations.doctor import seal_store
from registry.store import disk_room, document_rows, migrations, rows, sqlite, tables
from registry.store.database import Store
from registry.verify.trust import parse
from sample_data.make_expected import fixed_bytes as seeded
from tests.builders.command import NOW

HERE = Path(__file__).parent
SCRIPTS = sorted((Path(migrations.__file__).parent / "versions").glob("*.py"))
NOTE = Admission(Statement("note", reason="tested"))


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Store]:
    made = Store(f"sqlite:///{tmp_path / 'ledger.db'}")
    made.create()
    yield made
    made.engine.dispose()


def wal_of(store: Store) -> int:
    """The length of the write-ahead log."""
    file = Path(f"{store.path}-wal")
    return file.stat().st_size if file.exists() else 0


def put(store: Store, i: int, body: bytes = bytes(4000)) -> None:
    with store.write() as connection:
        document_rows.put_documents(connection, [(i, body, bytes(32))])


def documents(store: Store) -> int:
    with store.read() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(tables.documents)).scalar_one()


def test_the_settings_are_those_that_keep_what_was_committed(kept: Store) -> None:
    wanted = {
        "journal_mode": "wal", "synchronous": 2, "fullfsync": 1, "checkpoint_fullfsync": 1, "wal_autocheckpoint": 0,
        "secure_delete": 1, "foreign_keys": 1, "trusted_schema": 0, "cell_size_check": 1, "busy_timeout": 5000,
    }  # fmt: skip
    with kept.write() as connection:
        pragmas = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in wanted}
    assert pragmas == wanted


def test_a_long_write_ahead_log_is_moved_into_the_database(kept: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "WAL_BYTES", 100_000)
    kept.tidy()
    longest = 0
    for i in range(100):
        put(kept, i)
        longest = max(longest, wal_of(kept))
    assert 100_000 <= longest < 200_000
    kept.close()
    assert wal_of(kept) == 0
    assert documents(kept) == 100


def test_a_reader_in_the_way_of_the_log_is_no_error(kept: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "WAL_BYTES", 100_000)
    kept.tidy()
    put(kept, 0)
    reader = Store(str(kept.url), read_only=True)
    with reader.read() as snapshot:
        assert len(snapshot.execute(sa.select(tables.documents)).all()) == 1
        for i in range(1, 100):
            put(kept, i)
        assert wal_of(kept) > 400_000
        assert len(snapshot.execute(sa.select(tables.documents)).all()) == 1
    for i in range(100, 150):
        put(kept, i)
    assert wal_of(kept) < 200_000
    assert documents(kept) == 150


def test_a_file_that_a_starting_writer_has_not_made_ready_is_tried_later(kept: Store) -> None:
    put(kept, 0)
    kept.close()
    wal = Path(f"{kept.url.database}-wal")
    wal.unlink(missing_ok=True)
    wal.mkdir()
    reader = Store(str(kept.url), read_only=True)
    with pytest.raises(Conflict) as caught, reader.read() as snapshot:
        snapshot.execute(sa.select(tables.documents)).all()
    assert caught.value.code == "storage_away"
    reader.close()


@pytest.mark.parametrize("is_secure", [True, False])
def test_what_was_deleted_is_nowhere_in_the_files(kept: Store, is_secure: bool) -> None:
    """The control leaves secure_delete off, and finds what was deleted."""
    put(kept, 0)
    put(kept, 1, b"the body of an erased person " * 10)
    with kept.engine.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA secure_delete={'ON' if is_secure else 'OFF'}")
    with kept.write() as connection:
        connection.execute(sa.delete(tables.documents).where(tables.documents.c.i == 1))
    kept.tidy()
    assert kept.path is not None
    data = b"".join(file.read_bytes() for file in kept.path.parent.iterdir())
    assert (b"erased person" in data) is not is_secure


def fill(ledger: Ledger, batch: int) -> tuple[Head, Conflict]:
    """The head before the batch that was refused, and how it was."""
    for _ in range(1000):
        before = ledger.head
        try:
            ledger.append([NOTE] * batch, {}, NOW)
        except Conflict as refused:
            return before, refused
    pytest.fail("the disk never was full")


@pytest.mark.parametrize("batch", [1, 256])
def test_a_full_disk_stores_nothing_and_needs_no_restart(office: Office, batch: int) -> None:
    with office.writing() as ledger:
        ledger.append([NOTE] * batch, {}, NOW)
        with office.store.engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 10}")
        before, refused = fill(ledger, batch)
        assert (refused.code, ledger.head) == ("storage_full", before)
        with office.store.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count=1000000")
        assert ledger.append([NOTE] * batch, {}, NOW).size == before.size + batch
    assert publish(office.store, office.log_keys.signers).checkpoint.size == before.size + batch


def test_below_the_floor_batches_are_refused_and_the_rest_goes_on(office: Office) -> None:
    low = Store(str(office.store.url), floor=1 << 60)
    ledger = Ledger(low, office.identity, office.log_keys.genesis.print(), office.seals, Clock(list))
    with pytest.raises(Conflict, match="must stay free") as refused:
        ledger.append([NOTE], {}, NOW)
    assert refused.value.code == "storage_low"
    assert publish(low, office.log_keys.signers).checkpoint.size == 0
    low.close()
    with office.writing() as enough:
        assert enough.append([NOTE], {}, NOW).size == 1


@pytest.mark.parametrize(("disk", "floor"), [(1 << 30, 64 << 20), (10 << 30, 512 << 20), (1 << 40, 1 << 30)])
def test_the_floor_is_a_twentieth_within_bounds(disk: int, floor: int) -> None:
    assert disk_room.default_floor(disk) == floor


def test_after_a_failed_commit_nothing_more_is_written(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(connection: Any) -> None:
        connection.rollback()
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode, error.sqlite_errorname = sqlite3.SQLITE_IOERR_FSYNC, "SQLITE_IOERR_FSYNC"
        raise error

    with office.writing() as ledger:
        ledger.append([NOTE], {}, NOW)
        with monkeypatch.context() as patched:
            patched.setattr(office.store.engine.dialect, "do_commit", fail)
            with pytest.raises(StorageFailed, match="SQLITE_IOERR_FSYNC"):
                ledger.append([NOTE], {}, NOW)
        with pytest.raises(StorageFailed, match="earlier"):
            ledger.append([NOTE], {}, NOW)
        with pytest.raises(StorageFailed, match="earlier"):
            publish(office.store, office.log_keys.signers)
    with Office(office.settings).writing() as afterwards:
        assert afterwards.append([NOTE], {}, NOW).size == 2


def test_the_log_is_moved_before_anything_is_built_on_it(kept: Store) -> None:
    """What a crashed writer left may be in the kernel's memory alone."""
    put(kept, 0)
    assert wal_of(kept)
    again = Store(str(kept.url))
    with again.write():
        assert wal_of(kept) == 0
    again.close()


def first_store(file: Path) -> None:
    """A store as the first version made it."""
    file.unlink(missing_ok=True)
    connection = sqlite3.connect(file)
    connection.executescript((HERE / "first_store.sql").read_text("utf-8"))
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()


def differences(store: Store) -> list[Any]:
    with store.engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), tables.METADATA))


def test_a_store_of_the_first_version_is_brought_forward(office: Office) -> None:
    assert office.store.path is not None
    office.store.close()
    first_store(office.store.path)
    office.settings.sealed.unlink()  # these keys have made a store already
    for _ in range(2):
        initialize(office.settings, seeded("keys"))
    assert differences(office.store) == []
    with office.store.read() as connection:
        assert rows.read_published(connection) == rows.last_signed(connection)
        assert (rows.read_published(connection) or (0,))[0] == 3
    with pytest.raises(Refused, match="doctor --seal"), office.writing():
        pass
    trust = parse(office.settings.trust_file.read_bytes())
    assert [seal_store(office, trust, lambda _done, _total: None) for _ in range(2)] == [True, False]
    with office.writing() as ledger:
        assert ledger.head.size == 4
        ledger.append([NOTE], {}, NOW)
    assert publish(office.store, office.log_keys.signers).checkpoint.size == 5


def test_the_migrations_lead_to_the_tables_and_protect_them(kept: Store, tmp_path: Path) -> None:
    assert differences(kept) == []
    with kept.read() as connection:
        made = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'table'").all()
        triggers = connection.exec_driver_sql("SELECT count(*) FROM sqlite_master WHERE type = 'trigger'").scalar()
    assert triggers == 2 * len(tables.APPEND_ONLY)
    loose = [name for name, text in made if not text.rstrip().endswith("STRICT") and name != "alembic_version"]
    assert loose == []
    assert {name for name, _ in made} == {*tables.METADATA.tables, "alembic_version"}


def test_a_store_of_a_later_version_is_refused(kept: Store) -> None:
    with kept.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Refused, match="upgrade greffe") as refused:
        kept.create()
    assert refused.value.code == "store_newer"


_CHANGES = re.compile(
    r"\bop\.(?!create_table|create_index|execute)\w+\([^)]*[\"'](?:ledger|index)_"
    r"|\b(?:ALTER|DROP|TRUNCATE|UPDATE|DELETE\s+FROM|INSERT\s+INTO|REPLACE\s+INTO)\s+(?:TABLE\s+)?[\"']?(?:ledger|index)_",
    re.IGNORECASE,
)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_no_migration_touches_a_table_of_a_log(script: Path) -> None:
    assert _CHANGES.search(script.read_text("utf-8")) is None


@pytest.mark.parametrize(
    "planted",
    [
        'op.add_column("ledger_entry", sa.Column("x", sa.Text()))',
        'with op.batch_alter_table(\n    "index_tile"\n) as batch:',
        "op.drop_table('ledger_checkpoint')",
        'op.execute("update ledger_head set size = 0")',
        'op.execute("INSERT INTO ledger_entry SELECT * FROM document")',
        'op.execute("ALTER TABLE index_entry RENAME TO x")',
    ],
)
def test_control_a_migration_that_does_is_noticed(planted: str) -> None:
    assert _CHANGES.search(planted)
