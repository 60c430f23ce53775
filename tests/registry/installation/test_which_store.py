"""No process begins another store than that of its installation, nor works with one that was migrated by halves."""

import sqlite3
from pathlib import Path

import pytest

from registry.errors import LedgerDamaged, Refused
from registry.installation.initialize import initialize
from registry.installation.office import Office
from registry.installation.public import Public
from registry.installation.settings import from_environ
from registry.store import schema
from sample_data.make_expected import fixed_bytes
from tests.builders import ledger
from tests.builders.command import Greffe
from tests.builders.postgresql import Server


@pytest.fixture
def on_postgresql(tmp_path: Path, postgresql: Server) -> dict[str, str]:
    environ = {"GREFFE_DATA": str(tmp_path / "data"), "GREFFE_DATABASE_URL": postgresql.new_database()}
    ledger.closed(initialize(from_environ(environ), fixed_bytes("keys")))
    return environ


@pytest.mark.parametrize("start", [Office, Public, initialize])
def test_without_its_setting_a_postgresql_installation_begins_no_sqlite_store(
    on_postgresql: dict[str, str], start: type
) -> None:
    lost = from_environ({"GREFFE_DATA": on_postgresql["GREFFE_DATA"]})
    with pytest.raises(Refused) as refused:
        start(lost)
    assert refused.value.code == "store_elsewhere"
    assert not (lost.data / "ledger.db").exists()
    ledger.closed(Office(from_environ(on_postgresql)))


def test_without_the_note_it_would(on_postgresql: dict[str, str]) -> None:
    """The control; and the note comes back with the next one that has the setting."""
    lost = from_environ({"GREFFE_DATA": on_postgresql["GREFFE_DATA"]})
    lost.store_kind.unlink()
    ledger.closed(initialize(lost))
    assert (lost.data / "ledger.db").exists()
    office = Office(from_environ(on_postgresql))
    office.check_store(asks=False)
    ledger.closed(office)
    assert lost.store_kind.read_text() == "postgresql\n"
    for path in lost.data.glob("ledger.db*"):
        path.unlink()
    with pytest.raises(Refused, match="GREFFE_DATABASE_URL"):
        Office(lost)


def test_every_command_says_so(on_postgresql: dict[str, str], greffe: Greffe) -> None:
    lost = Greffe({**greffe.environ, "GREFFE_DATA": on_postgresql["GREFFE_DATA"]})
    for command in ("init", "publish", "audit", "follow", "serve", "trust"):
        assert "store_elsewhere" in lost(command, expect=78).stderr, command


def spoil(office: Office, *statements: str) -> None:
    assert office.store.path is not None
    ledger.closed(office)
    connection = sqlite3.connect(office.store.path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    ("statement", "lacks"),
    [("DROP TABLE seal", "seal"), ("ALTER TABLE credential DROP COLUMN seal", "credential.seal")],
)
def test_a_schema_that_was_migrated_by_halves_is_noticed_at_start(filled: Office, statement: str, lacks: str) -> None:
    spoil(filled, statement)
    office = Office(filled.settings)
    for act in (office.check_store, lambda: initialize(filled.settings), Public(filled.settings).store.check_start):
        with pytest.raises(LedgerDamaged, match=lacks) as refused:
            act()
        assert refused.value.code == "schema_differs"
    ledger.closed(office)


def test_a_store_of_another_version_is_told_apart(filled: Office) -> None:
    spoil(filled, "UPDATE alembic_version SET version_num = '0002'")
    for version, code in (("0002", "store_older"), ("0004", "store_newer"), (None, "store_older")):
        connection = sqlite3.connect(str(filled.store.path))
        connection.execute("DELETE FROM alembic_version")
        if version is not None:
            connection.execute("INSERT INTO alembic_version VALUES (?)", (version,))
        connection.commit()
        connection.close()
        with pytest.raises(Refused) as refused:
            Office(filled.settings).check_store()
        assert refused.value.code == code


def test_a_whole_store_passes_on_both_databases(filled: Office, on_postgresql: dict[str, str]) -> None:
    """The control; and the version that is looked for is that of the last migration."""
    filled.store.check_start()
    office = Office(from_environ(on_postgresql))
    office.store.check_start()
    with office.store.read() as connection:
        assert schema.read_revision(connection) == schema.REVISION
        assert schema.faults(connection) == []
    ledger.closed(office)
