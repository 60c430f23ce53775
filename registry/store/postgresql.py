"""PostgreSQL as the store: one writer, roles, and triggers that refuse.

Tables and statements are the same as for SQLite. Wants PostgreSQL 14 or newer and psycopg 3 (the extra `postgresql`). A writer
holds one advisory lock until its transaction ends (postgresql.org/docs, "Explicit Locking"), so that indexes have no gaps and
nobody retries; a reader sees one snapshot, on a replica too. The owner of the tables cannot log in; the office's role can add
rows and change the few that the design changes; the public app's role can only read. A superuser can undo all this: that is what
`audit` and witnesses are for.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import sql

from registry.errors import Conflict, Refused, RegistryError, StorageAway, StorageFailed
from registry.store import schema, tables

OWNER, APP, READER = "greffe_owner", "greffe_app", "greffe_reader"
#: "greffe" in ASCII: the lock that the one writer holds
_WRITER_LOCK = int.from_bytes(b"greffe")
#: seconds: for a connection of the pool, for a new one to the server, and for a server that says nothing any more
POOL_SECONDS = 5.0
_CONNECT_SECONDS = 3
_SILENT_SECONDS = 15
_CONNECTING = {
    "connect_timeout": _CONNECT_SECONDS,
    "keepalives_idle": _SILENT_SECONDS,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 1000 * _SILENT_SECONDS,
}
_SETTINGS = ("lock_timeout = '5s'", "synchronous_commit = on", "client_encoding = 'UTF8'")
#: by SQLSTATE (PostgreSQL, Appendix A): or its first two characters
_TRY_LATER = {
    "55P03": ("busy", "another process is writing to the store"),
    "53300": ("storage_busy", "the database server has no connection left"),
    "40": ("busy", "another transaction was in the way"),
    "53": ("storage_full", "the database server has no room: nothing of the batch was stored"),
    "57": ("storage_away", "the database server is shutting down or starting"),
    "08": ("storage_away", "the database server does not answer"),
}
#: SQLSTATE of what only an administrator can put right
_REFUSED = ("28", "3D")
#: what the server says, in its own language, where it has no connection left: before anybody has logged in there is no SQLSTATE
_CROWDED = ("too many clients", "too many connections", "connection slots")


class PostgreSQL:
    """One database on a server. `engine`: its connections, so many at most."""

    path: Path | None = None

    def __init__(self, url: sa.URL, *, read_only: bool, connections: int) -> None:
        self.engine = sa.create_engine(
            url,
            pool_pre_ping=True,
            pool_size=connections,
            max_overflow=0,
            pool_timeout=POOL_SECONDS,
            pool_use_lifo=True,
            connect_args={name: value for name, value in _CONNECTING.items() if name not in url.query},
        )
        sa.event.listen(self.engine, "connect", _on_connect_read_only if read_only else _on_connect)

    def version(self) -> object:
        """None: a server tells for no less than a statement what its commits are."""
        return None

    def snapshot(self, connection: sa.Connection) -> sa.Connection:
        """Begin to read: all statements see the same state."""
        return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    def begin(self, connection: sa.Connection) -> None:
        """Begin to write: the lock is taken first, and falls with the transaction."""
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})")

    def protect(self, connection: sa.Connection) -> None:
        """Triggers that refuse to change, delete or skip an entry; and the rights of the roles that are there."""
        schema.protect(connection)
        there = set(connection.exec_driver_sql("SELECT rolname FROM pg_roles").scalars())
        for role in {APP, READER} & there:
            for statement in grants(role):
                connection.exec_driver_sql(statement)

    def check_room(self) -> None:
        """The server looks after its own disk, and says when there is no room."""

    def tidy(self, *, fully: bool = False) -> None:
        """The server looks after its own log."""

    def faults(self, connection: sa.Connection) -> list[str]:
        """Whatever stands in the schema that greffe does not make.

        The server looks after its pages, by the checksums that its administrator switches on.
        """
        return schema.faults(connection)

    def close(self, *, has_failed: bool) -> None:  # noqa: ARG002 - it has no log to leave alone
        """Close every connection."""
        self.engine.dispose()

    def judge(self, error: sa.exc.DBAPIError) -> RegistryError | None:
        """What an error means to us; None when it is one of the caller's.

        After `storage_away` nobody knows whether a commit was done: look at the head before anything else. `storage_refused`: the
        password, the role or the database is another one, which no waiting puts right.
        """
        if not isinstance(error.orig, psycopg.Error):
            return None
        state = error.orig.sqlstate
        if state == "58030":
            return StorageFailed("storage_failed", "the disk of the database server failed: look at it")
        if state is None and isinstance(error.orig, psycopg.OperationalError):
            state = self._state_of(error.orig)
        if (state or "").startswith(_REFUSED):
            first = str(error.orig).strip().rpartition("\n")[2]
            return Refused("storage_refused", f"the database server refuses this user: {first[:200]}")
        code, message = _TRY_LATER.get(state or "") or _TRY_LATER.get((state or "")[:2]) or ("", "")
        if code == "storage_away":
            return StorageAway(code, message)
        return Conflict(code, message) if code else None

    def _state_of(self, error: psycopg.OperationalError) -> str:
        """The SQLSTATE that stands behind a connection that could not be made: the server is there, or it is not.

        One that has come back meanwhile is asked once more: it refuses a user only where it does so while it is there.
        """
        if any(words in str(error) for words in _CROWDED):
            return "53300"
        if isinstance(error, psycopg.errors.ConnectionTimeout):
            return "08"
        _, arguments = self.engine.dialect.create_connect_args(self.engine.url)
        known = {name: value for name, value in arguments.items() if name != "context"}
        conninfo = psycopg.conninfo.make_conninfo(**{**_CONNECTING, **known})
        if psycopg.pq.PGconn.ping(conninfo.encode()) != psycopg.pq.Ping.OK:
            return "08"
        try:
            psycopg.connect(conninfo).close()
        except psycopg.errors.ConnectionTimeout:
            return "08"
        except psycopg.OperationalError as again:
            return "53300" if any(words in str(again) for words in _CROWDED) else "28000"
        return "08"


def grants(role: str) -> list[str]:
    """The statements that give APP or READER what it needs of the tables, and nothing else."""
    every = ", ".join(sorted(tables.METADATA.tables))
    statements = [f"REVOKE ALL ON {every} FROM {role}", f"GRANT SELECT ON {every}, alembic_version TO {role}"]
    if role == APP:
        statements.append(f"GRANT INSERT ON {every} TO {role}")
        statements += [
            f"GRANT UPDATE ({', '.join(columns)}) ON {table} TO {role}" for table, columns in tables.CHANGED.items()
        ]
        statements.append(f"GRANT DELETE ON {', '.join(tables.ERASED)} TO {role}")
    return statements


def insert(connection: sa.Connection, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows by COPY, one statement however many."""
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
    raw: Any = connection.connection.driver_connection
    try:
        with raw.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except psycopg.Error as error:
        raise sa.exc.DBAPIError.instance(
            f"COPY {table}", None, error, psycopg.Error, dialect=connection.dialect
        ) from error


def _on_connect(connection: Any, _record: Any) -> None:
    for setting in _SETTINGS:
        connection.execute(f"SET {setting}")
    connection.commit()


def _on_connect_read_only(connection: Any, record: Any) -> None:
    connection.execute("SET default_transaction_read_only = on")
    _on_connect(connection, record)
