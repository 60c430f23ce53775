"""The suites of the ledger, the audit and the public log once more, with PostgreSQL behind the same installation."""

import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from registry.errors import LedgerDamaged, Malformed
from registry.installation.initialize import initialize
from registry.installation.office import Office
from registry.installation.settings import from_environ
from registry.ledger.publish import publish
from registry.store import rows, tables
from sample_data.make_expected import fixed_bytes as seeded
from tests.builders import ledger
from tests.builders.command import NOW
from tests.builders.postgresql import Server
from tests.mutations.bits import flip
from tests.registry.audit import test_audit
from tests.registry.ledger import test_ledger
from tests.registry.reading import test_public_log
from tests.registry.store.test_database import NOTE, differences

#: what speaks of SQLite itself; test_store.py's and this file's own tests have their counterparts
SQLITE_ONLY = {
    "test_what_was_appended_is_neither_changed_nor_deleted",
    "test_sqlite_is_durable",
    "test_a_bit_that_flipped_before_signing_is_never_signed",
}
#: suite -> the fixtures whose tests are run again; what is about a file or about none at all is not
STORED = {
    test_ledger: {"filled", "office"},
    test_audit: {"filled", "trusted"},
    test_public_log: {"log"},
}
trusted = test_audit.trusted
SAME = {
    name: test
    for suite, fixtures in STORED.items()
    for name, test in vars(suite).items()
    if name.startswith("test_")
    and name not in SQLITE_ONLY
    and fixtures & (arguments := set(inspect.signature(test).parameters))
    and "store_file" not in arguments
}
globals().update(SAME)


def environ(folder: Path, server: Server) -> dict[str, str]:
    return {"GREFFE_DATA": str(folder / "data"), "GREFFE_DATABASE_URL": server.new_database()}


@pytest.fixture
def office(tmp_path: Path, postgresql: Server) -> Iterator[Office]:
    """In the place of the one on SQLite."""
    made = initialize(from_environ(environ(tmp_path, postgresql)), seeded("keys"))
    yield made
    made.store.close()
    made.reader._store.close()


@pytest.fixture
def filled(office: Office) -> Office:
    return ledger.fill(office)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory, postgresql: Server) -> Iterator[Office]:
    made = test_public_log.grown_log(environ(tmp_path_factory.mktemp("log"), postgresql))
    yield made
    made.store.close()
    made.reader._store.close()


def test_the_suites_are_not_empty(filled: Office) -> None:
    assert len(SAME) >= 17
    assert filled.store.engine.dialect.name == "postgresql"


def test_the_tables_are_the_same(office: Office) -> None:
    assert differences(office.store) == []
    office.store.create()
    assert differences(office.store) == []


def test_what_is_read_is_one_snapshot(office: Office) -> None:
    with office.store.read() as connection, office.writing() as ledger:
        assert (rows.read_head(connection) or (None,))[0] == 0
        ledger.append([NOTE], {}, NOW)
        assert (rows.read_head(connection) or (None,))[0] == 0
    with pytest.raises(sa.exc.InternalError, match="read-only"), office.store.read() as connection:
        connection.execute(sa.delete(tables.documents))


@pytest.mark.parametrize("what", ["entry", "tile", "root"])
def test_a_bit_that_flipped_before_signing_is_never_signed(office: Office, what: str) -> None:
    with office.writing() as ledger:
        ledger.append([NOTE] * 9, {}, NOW)
    table, column, row = {
        "entry": (tables.entries, "body", tables.entries.c.i == 7),
        "tile": (tables.tiles, "hashes", tables.tiles.c.level == 0),
        "root": (tables.head, "root", tables.head.c.id == 1),
    }[what]
    with office.store.write() as connection:
        connection.exec_driver_sql("ALTER TABLE ledger_entry DISABLE TRIGGER ledger_entry_append_only")
        value = connection.execute(sa.select(table.c[column]).where(row)).scalar_one()

    def put(changed: bytes) -> None:
        with office.store.write() as connection:
            connection.execute(sa.update(table).where(row).values({column: changed}))

    for bit in range(0, 80, 9):
        put(flip(value, bit))
        with pytest.raises((LedgerDamaged, Malformed)):
            publish(office.store, office.log_keys.signers)
    put(value)
    assert publish(office.store, office.log_keys.signers).checkpoint.size == 9
