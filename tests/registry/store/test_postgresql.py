"""PostgreSQL's own safeties: what each role may do, entries without gaps, one writer at a time."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from registry.audit.audit import audit
from registry.encoding.jcs import jcs
from registry.errors import Conflict
from registry.installation.initialize import initialize
from registry.installation.office import Office
from registry.installation.settings import from_environ
from registry.ledger.publish import publish
from registry.store import postgresql as dialect
from registry.store import rows, tables
from registry.store.database import Store
from registry.store.postgresql import APP, OWNER, READER
from registry.verify.trust import parse
from sample_data.make_expected import fixed_bytes as seeded
from tests.builders.command import NOW
from tests.builders.postgresql import Server
from tests.registry.store.test_database import NOTE


class Installed:
    """An installation made as docs/operations.md tells: tables of the owner, the office as APP, the public as READER."""

    def __init__(self, server: Server, data: Path) -> None:
        url = server.new_database()
        self.name = str(sa.make_url(url).database)
        self.server = server
        with psycopg.connect(f"host={server.folder} user=reg dbname={self.name}", autocommit=True) as administrator:
            for role, login in ((OWNER, "NOLOGIN"), (APP, "LOGIN"), (READER, "LOGIN")):
                if not administrator.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchall():
                    administrator.execute(f"CREATE ROLE {role} {login}")
            administrator.execute(f"ALTER DATABASE {self.name} OWNER TO {OWNER}")
        owner = Store(f"{url}&options=-c%20role%3D{OWNER}")
        owner.create()
        owner.close()
        environ = {"GREFFE_DATA": str(data), "GREFFE_DATABASE_URL": self.url(APP)}
        self.office: Office = initialize(from_environ(environ), seeded("keys"))

    def url(self, user: str) -> str:
        return self.server.url(self.name, user)

    def close(self) -> None:
        self.office.store.close()
        self.office.reader._store.close()


@pytest.fixture
def installed(postgresql: Server, tmp_path: Path) -> Iterator[Installed]:
    made = Installed(postgresql, tmp_path / "data")
    with made.office.writing() as ledger:
        ledger.append([NOTE] * 5, {}, NOW)
    publish(made.office.store, made.office.log_keys.signers)
    yield made
    made.close()


#: what the office's role is refused
REFUSED = (
    "UPDATE ledger_entry SET body = body WHERE i = 3",
    "DELETE FROM ledger_entry WHERE i = 4",
    "TRUNCATE ledger_entry",
    "DROP TABLE ledger_entry",
    "ALTER TABLE ledger_entry DISABLE TRIGGER ledger_entry_append_only",
    "SET session_replication_role = replica",
    "COPY ledger_entry TO PROGRAM 'cat'",
    "INSERT INTO ledger_entry (i, body) VALUES (6, '')",
)


def execute(url: str, statement: str) -> None:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
        connection.commit()


@pytest.mark.parametrize("statement", REFUSED)
def test_the_office_cannot_change_what_was_appended(installed: Installed, statement: str) -> None:
    with pytest.raises(sa.exc.DBAPIError) as refused:
        execute(installed.url(APP), statement)
    assert refused.value.orig is not None
    assert refused.value.orig.sqlstate in ("42501", "23001")


@pytest.mark.parametrize("statement", [*REFUSED, "INSERT INTO ledger_entry (i, body) VALUES (5, '')"])
def test_the_public_app_cannot_change_anything(installed: Installed, statement: str) -> None:
    with pytest.raises(sa.exc.DBAPIError) as refused:
        execute(installed.url(READER), statement)
    assert refused.value.orig is not None
    assert refused.value.orig.sqlstate == "42501"


@pytest.mark.parametrize("statement", [*REFUSED[:3], REFUSED[-1]])
def test_triggers_refuse_even_the_owner(installed: Installed, statement: str) -> None:
    owner = f"{installed.url('reg')}&options=-c%20role%3D{OWNER}"
    with pytest.raises(sa.exc.IntegrityError) as refused:
        execute(owner, statement)
    assert refused.value.orig is not None
    assert refused.value.orig.sqlstate == "23001"


def test_the_public_app_reads_and_an_audit_finds_what_a_superuser_did(installed: Installed) -> None:
    """The control: triggers and roles stop no superuser; the audit does."""
    trust = parse(jcs(installed.office.reader.trust()))
    reader = Store(installed.url(READER), read_only=True)
    assert audit(reader, trust, lambda _done, _total: None).entries == 5
    assert audit(reader, trust, lambda _done, _total: None).ok
    execute(
        installed.url("reg"),
        "SET session_replication_role = replica; UPDATE ledger_entry SET body = overlay(body PLACING 'x' FROM 40) WHERE i = 3",
    )
    report = audit(reader, trust, lambda _done, _total: None)
    assert report.first_bad is not None
    assert report.first_bad[0] == 3
    reader.close()


def test_every_table_is_in_somebodys_hands(installed: Installed) -> None:
    """A table that a later version adds must be granted too; what may change in place is what `tables` says, and no more."""
    with installed.office.store.read() as connection:
        verbs = connection.exec_driver_sql(
            "SELECT table_name, privilege_type FROM information_schema.role_table_grants WHERE grantee = %s", (APP,)
        ).all()
        columns = connection.exec_driver_sql(
            "SELECT table_name, column_name FROM information_schema.role_column_grants "
            "WHERE grantee = %s AND privilege_type = 'UPDATE'",
            (APP,),
        ).all()
    granted = {(table, verb) for table, verb in verbs if table != "alembic_version"}
    assert {table for table, verb in granted if verb == "INSERT"} == set(tables.METADATA.tables)
    assert {table for table, verb in granted if verb == "SELECT"} == set(tables.METADATA.tables)
    assert {table for table, verb in granted if verb == "DELETE"} == set(tables.ERASED)
    assert {tuple(row) for row in columns} == {
        (table, name) for table, names in tables.CHANGED.items() for name in names
    }
    assert not {table for table, verb in granted if verb in ("UPDATE", "TRUNCATE", "TRIGGER")}


def test_entries_have_no_gaps_and_come_after_the_last(postgresql: Server) -> None:
    store = Store(postgresql.new_database())
    store.create()

    def add(*places: int) -> None:
        with store.write() as connection:
            rows.put_entries(connection, [(i, bytes([i])) for i in places])

    with pytest.raises(sa.exc.IntegrityError, match="no entry before 1"):
        add(1)
    add(0, 1, 2)
    for wrong in ((4,), (3, 5), (2,)):
        with pytest.raises(sa.exc.IntegrityError):
            add(*wrong)
    add(3)
    with store.read() as connection:
        assert rows.read_entries(connection, 0, 4) == [b"\0", b"\1", b"\2", b"\3"]
    store.close()


def test_a_second_writer_is_told_to_come_back(postgresql: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialect, "_SETTINGS", ("lock_timeout = '50ms'",))
    url = postgresql.new_database()
    first, other = Store(url), Store(url)
    first.create()
    with first.write(), pytest.raises(Conflict, match="another process") as refused, other.write():
        pass
    assert refused.value.code == "busy"
    with other.write() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
    first.close()
    other.close()
