"""Whatever stands in a store that greffe does not make is named, in both databases; stores of every age are right as they are."""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from registry.errors import LedgerDamaged
from registry.store import schema
from registry.store.database import Store
from registry.store.migrations import bring_forward
from tests.builders.postgresql import Server
from tests.registry.store.test_database import first_store


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("made") / "store.db"
    store = Store(f"sqlite:///{file}")
    store.create()
    store.close()
    return file


@pytest.fixture
def file(made: Path, tmp_path: Path) -> Path:
    """A copy of an empty store, to be changed at will."""
    return Path(shutil.copy(made, tmp_path / "store.db"))


def faults(file: Path) -> list[str]:
    store = Store(f"sqlite:///{file}", read_only=True)
    try:
        with store.read() as connection:
            lines = schema.faults(connection)
            assert set(lines) <= set(store.faults(connection))
            return lines
    finally:
        store.close()


def changed(file: Path, *statements: str) -> None:
    connection = sqlite3.connect(file)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


#: the text of a table or trigger, changed past SQLite
_REWRITE = "UPDATE sqlite_master SET sql = replace(sql, '{}', '{}') WHERE name = '{}'"


def test_a_store_that_greffe_has_made_has_no_fault(file: Path) -> None:
    assert faults(file) == []


@pytest.mark.parametrize(
    ("named", "statements"),
    [
        (
            "the trigger extra is none",
            ("CREATE TRIGGER extra AFTER UPDATE ON status_list BEGIN DELETE FROM erased; END",),
        ),
        ("the trigger ledger_entry_no_update is missing", ("DROP TRIGGER ledger_entry_no_update",)),
        (
            "the trigger ledger_entry_no_update is not",
            (
                "DROP TRIGGER ledger_entry_no_update",
                (
                    "CREATE TRIGGER ledger_entry_no_update BEFORE UPDATE ON ledger_entry WHEN new.i < 0 "
                    "BEGIN SELECT RAISE(ABORT, 'ledger_entry is append-only'); END"
                ),
            ),
        ),
        (
            "the trigger ledger_entry_no_update is not",
            (
                "DROP TRIGGER ledger_entry_no_update",
                (
                    "CREATE TRIGGER ledger_entry_no_update BEFORE UPDATE ON ledger_entry "
                    "BEGIN SELECT RAISE(ABORT, 'Ledger_entry is append-only'); END"
                ),
            ),
        ),
        ("the view extra is none", ("CREATE VIEW extra AS SELECT * FROM document",)),
        (
            "the view published is none",
            ("ALTER TABLE published RENAME TO shown", "CREATE VIEW published AS SELECT * FROM shown"),
        ),
        ("the table extra is none", ("CREATE TABLE extra (i INTEGER)",)),
        ("the table sqlite_sequence is none", ("CREATE TABLE extra (i INTEGER PRIMARY KEY AUTOINCREMENT)",)),
        ("the table erased is missing", ("DROP TABLE erased",)),
        (
            "the table erased is not",
            ("DROP TABLE erased", "CREATE TABLE erased (digest BLOB NOT NULL, PRIMARY KEY (digest))"),
        ),
        (
            "the table erased is not",
            (
                "DROP TABLE erased",
                "CREATE TABLE erased (digest BLOB NOT NULL, PRIMARY KEY (digest)) STRICT, WITHOUT ROWID",
            ),
        ),
        (
            "the table erased is not",
            (
                "DROP TABLE erased",
                "CREATE TABLE erased (digest BLOB NOT NULL CHECK (digest = x''), PRIMARY KEY (digest)) STRICT",
            ),
        ),
        (
            "the column digest of erased is not",
            ("DROP TABLE erased", "CREATE TABLE erased (digest TEXT NOT NULL, PRIMARY KEY (digest)) STRICT"),
        ),
        (
            "the table erased is not",
            ("DROP TABLE erased", "CREATE TABLE erased (digest BLOB, PRIMARY KEY (digest)) STRICT"),
        ),
        ("the column more of issuer is none", ("ALTER TABLE issuer ADD COLUMN more TEXT",)),
        (
            "the column more of issuer is none",
            ("ALTER TABLE issuer ADD COLUMN more TEXT GENERATED ALWAYS AS (name || 'x') VIRTUAL",),
        ),
        ("the column seal of credential is missing", ("ALTER TABLE credential DROP COLUMN seal",)),
        (
            "the table credential is not",
            (
                "PRAGMA writable_schema = 1",
                _REWRITE.format("UNIQUE (register, number, n)", "UNIQUE (register, number, event)", "credential"),
            ),
        ),
        (
            "the table credential is not",
            (
                "ALTER TABLE credential DROP COLUMN seal",
                "ALTER TABLE credential ADD COLUMN seal BLOB DEFAULT (x'00') NOT NULL",
            ),
        ),
        ("the index extra is none", ("CREATE INDEX extra ON document (i)",)),
        ("the index status_version_list is missing", ("DROP INDEX status_version_list",)),
        (
            "the index status_version_list is not",
            ("DROP INDEX status_version_list", "CREATE INDEX status_version_list ON status_version (list_id, i DESC)"),
        ),
        (
            "the table issuer is not",
            (
                "PRAGMA writable_schema = 1",
                _REWRITE.format("name TEXT NOT NULL", "name TEXT NOT NULL COLLATE NOCASE", "issuer"),
            ),
        ),
        ("the setting user_version is not", ("PRAGMA user_version = 7",)),
        ("names 0 versions", ("DROP TABLE alembic_version",)),
        ("names 2 versions", ("INSERT INTO alembic_version VALUES ('0002')",)),
        ("the store's schema is 9999", ("UPDATE alembic_version SET version_num = '9999'",)),
        ("the table seal is none", ("UPDATE alembic_version SET version_num = '0002'",)),
    ],
)
def test_what_greffe_does_not_make_is_named(file: Path, named: str, statements: tuple[str, ...]) -> None:
    """The control is the store before: it has no fault."""
    changed(file, *statements)
    assert [line for line in faults(file) if named in line] != [], faults(file)


def test_what_is_temporary_does_not_matter(file: Path) -> None:
    store = Store(f"sqlite:///{file}")
    with store.engine.connect() as connection:
        connection.exec_driver_sql("CREATE TEMP TABLE mine (i INTEGER)")
        connection.exec_driver_sql("CREATE TEMP TRIGGER passing AFTER INSERT ON erased BEGIN SELECT 1; END")
        assert schema.faults(connection) == []
    store.close()


def test_a_store_from_before_alembic_is_as_right_once_it_was_brought_forward(tmp_path: Path) -> None:
    """Its tables were written in another layout."""
    file = tmp_path / "first.db"
    first_store(file)
    assert faults(file) == ["the store names 0 versions of its schema instead of one"]
    store = Store(f"sqlite:///{file}")
    store.create()
    store.close()
    assert faults(file) == []


@pytest.mark.parametrize("revision", ["0001", "0002", "0003"])
def test_a_store_of_an_older_version_is_right_as_it_is(tmp_path: Path, revision: str) -> None:
    file = tmp_path / "old.db"
    store = Store(f"sqlite:///{file}")
    store.create(revision)
    assert faults(file) == []
    with store.read() as connection:
        assert schema.read_revision(connection) == revision
    store.create()
    store.close()
    assert faults(file) == []


def test_the_faults_are_told_in_one_error(file: Path) -> None:
    changed(file, *(f"CREATE VIEW v{n} AS SELECT 1" for n in range(9)))
    store = Store(f"sqlite:///{file}", read_only=True)
    with (
        store.read() as connection,
        pytest.raises(LedgerDamaged, match=r"the store has another schema: .* more$") as error,
    ):
        schema.check(connection, "the store")
    assert error.value.code == "schema_differs"
    store.close()


@pytest.fixture(scope="module")
def on_server(postgresql: Server) -> Iterator[Store]:
    store = Store(postgresql.new_database())
    store.create()
    yield store
    store.close()


def test_postgresql_has_no_fault_either(on_server: Store) -> None:
    with on_server.read() as connection:
        assert on_server.faults(connection) == []


@pytest.mark.parametrize("revision", ["0001", "0002"])
def test_an_older_store_on_postgresql_is_right_as_it_is(postgresql: Server, revision: str) -> None:
    store = Store(postgresql.new_database())
    with store.write() as connection:
        bring_forward(connection, revision)
        schema.protect(connection)
    with store.read() as connection:
        assert store.faults(connection) == []
    store.close()


_EATS = "CREATE FUNCTION eats() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"


@pytest.mark.parametrize(
    ("named", "statements"),
    [
        (
            "the trigger eats of status_list is none",
            (_EATS, "CREATE TRIGGER eats BEFORE UPDATE ON status_list FOR EACH ROW EXECUTE FUNCTION eats()"),
        ),
        ("the function eats() is none", (_EATS,)),
        (
            "the trigger ledger_entry_append_only of ledger_entry is not",
            ("ALTER TABLE ledger_entry DISABLE TRIGGER ledger_entry_append_only",),
        ),
        (
            "the trigger ledger_entry_append_only of ledger_entry is missing",
            ("DROP TRIGGER ledger_entry_append_only ON ledger_entry",),
        ),
        (
            "the trigger ledger_entry_continues of ledger_entry is not",
            (
                "DROP TRIGGER ledger_entry_continues ON ledger_entry",
                (
                    "CREATE TRIGGER ledger_entry_continues BEFORE INSERT ON ledger_entry "
                    "FOR EACH STATEMENT EXECUTE FUNCTION greffe_continues()"
                ),
            ),
        ),
        (
            "the function greffe_append_only() is not",
            (
                (
                    "CREATE OR REPLACE FUNCTION greffe_append_only() RETURNS trigger LANGUAGE plpgsql AS "
                    "'BEGIN RETURN NULL; END'"
                ),
            ),
        ),
        (
            "the function greffe_continues() is not",
            ("ALTER FUNCTION greffe_continues() SET session_replication_role = origin",),
        ),
        ("the rule skip of issuer is none", ("CREATE RULE skip AS ON UPDATE TO issuer DO INSTEAD NOTHING",)),
        (
            "the policy none of erased is none",
            ("CREATE POLICY none ON erased USING (false)",),
        ),
        ("the table erased is not", ("ALTER TABLE erased ENABLE ROW LEVEL SECURITY",)),
        ("the table erased is not", ("ALTER TABLE erased SET UNLOGGED",)),
        (
            "the view published is none",
            ("ALTER TABLE published RENAME TO shown", "CREATE VIEW published AS SELECT * FROM shown"),
        ),
        ("the table extra is none", ("CREATE TABLE extra (i bigint)",)),
        ("the heir public.child of erased is none", ("CREATE TABLE child () INHERITS (erased)",)),
        ("the column more of issuer is none", ("ALTER TABLE issuer ADD COLUMN more text",)),
        (
            "the column more of issuer is none",
            ("ALTER TABLE issuer ADD COLUMN more text GENERATED ALWAYS AS (name || 'x') STORED",),
        ),
        ("the column name of issuer is not", ("ALTER TABLE issuer ALTER name DROP NOT NULL",)),
        ("the column name of issuer is not", ("ALTER TABLE issuer ALTER name SET DEFAULT 'x'",)),
        ("the column name of issuer is not", ('ALTER TABLE issuer ALTER name TYPE text COLLATE "C"',)),
        ("the column issued of issuer is not", ("ALTER TABLE issuer ALTER issued TYPE integer",)),
        (
            "the constraint CHECK ((issued < 5)) of issuer is none",
            ("ALTER TABLE issuer ADD CHECK (issued < 5)",),
        ),
        (
            "the constraint UNIQUE (register, number, n) of credential is missing",
            ("ALTER TABLE credential DROP CONSTRAINT credential_register_number_n_key",),
        ),
        ("the index extra of document is none", ("CREATE INDEX extra ON document (i) WHERE i = 1",)),
        (
            "the index status_version_list of status_version is not",
            (
                "DROP INDEX status_version_list",
                "CREATE UNIQUE INDEX status_version_list ON status_version (list_id, i)",
            ),
        ),
        ("the operator + is none", ("CREATE OPERATOR + (FUNCTION = textcat, LEFTARG = text, RIGHTARG = text)",)),
        ("names 0 versions", ("DELETE FROM alembic_version",)),
        (
            "the table public.erased is none",
            ("CREATE SCHEMA reg", "CREATE TABLE reg.erased (digest bytea PRIMARY KEY)"),
        ),
        (
            "the view extra is none",
            (
                (
                    'CREATE FUNCTION concat_ws(text, "char", "char", boolean, boolean, boolean) RETURNS text LANGUAGE sql '
                    "AS $$ SELECT 'r p f f f' $$"
                ),
                "CREATE VIEW extra AS SELECT 1",
            ),
        ),
    ],
)
def test_on_postgresql_too(on_server: Store, named: str, statements: tuple[str, ...]) -> None:
    """What its owner has changed; nothing of it stays. The control is the store before."""
    with on_server.engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
        lines = on_server.faults(connection)
        connection.rollback()
    assert [line for line in lines if named in line] != [], lines
    with on_server.read() as connection:
        assert on_server.faults(connection) == []


def test_to_look_changes_nothing_of_the_session(on_server: Store) -> None:
    with on_server.engine.connect() as connection:
        connection.exec_driver_sql("SET LOCAL search_path TO pg_catalog, public")
        schema.faults(connection)
        assert connection.execute(sa.text("SHOW search_path")).scalar() == "pg_catalog, public"
