"""The ledger's database: its transactions, and rows inserted in bulk.

It knows no rule of the domain. The tables are `tables`, the statements `rows` and its siblings, for both databases; what each of
the two needs stands in `sqlite` and `postgresql`. A failed fsync is never tried again: the kernel may have dropped what it could
not write (the errors of fsync(2)), so after `storage_failed` this store takes no write, and the process is to end.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa

from registry.errors import Conflict, Refused, RegistryError, StorageFailed
from registry.store import sqlite

#: to a database server, for each process
CONNECTIONS = 10
#: what a statement runs on; other packages hand it on and know nothing else of the database
Connection = sa.Connection
#: a row is there already: another process has added it meanwhile
IntegrityError = sa.exc.IntegrityError
#: what a database raises where it is none of our own errors
ERRORS = (sa.exc.SQLAlchemyError, sqlite3.Error)


class Backend(Protocol):
    """What differs between the databases. See `sqlite.SQLite`."""

    engine: sa.Engine
    path: Path | None

    def version(self) -> object: ...
    def snapshot(self, connection: sa.Connection) -> sa.Connection: ...
    def begin(self, connection: sa.Connection) -> None: ...
    def protect(self, connection: sa.Connection) -> None: ...
    def check_room(self) -> None: ...
    def tidy(self, *, fully: bool = False) -> None: ...
    def faults(self, connection: sa.Connection) -> list[str]: ...
    def close(self, *, has_failed: bool) -> None: ...
    def judge(self, error: sa.exc.DBAPIError) -> RegistryError | None: ...


class Store:
    """One database. Everything that writes goes through `write`, a transaction that holds the write lock from its start.

    `floor`: bytes that must stay free on an SQLite store's disk; None: `disk_room.default_floor`. `connections`: at most so many
    to a database server at once; who finds none free waits some seconds.
    """

    def __init__(
        self, url: str, *, read_only: bool = False, floor: int | None = None, connections: int = CONNECTIONS
    ) -> None:
        self.url = sa.make_url(url)
        self._backend = _backend(self.url, read_only=read_only, floor=floor, connections=connections)
        self.engine = self._backend.engine
        self._has_failed = False

    @property
    def path(self) -> Path | None:
        """The file of an SQLite store."""
        return self._backend.path

    def create(self, revision: str = "head") -> None:
        """Make an empty store, or bring an older one to the newest schema. Refused `store_newer`: it is of a later version.

        `revision`: the version of the schema to stop at, for a copy of an older store.
        """
        from registry.store.migrations import bring_forward  # loads Alembic, which no other command waits for

        with self.write() as connection:
            if bring_forward(connection, revision):
                self._backend.protect(connection)

    def check_start(self) -> None:
        """As `schema.check_start`."""
        from registry.store import schema  # knows both databases

        with self.read() as connection:
            schema.check_start(connection)

    def version(self) -> object:
        """What changes with every commit of whatever process, for next to nothing; None where no such thing is known."""
        return self._backend.version()

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """One snapshot: what is read within it belongs together.

        StorageAway: the server does not answer. Conflict `storage_busy`: no connection was free for some seconds. Refused
        `storage_refused`: the server does not let this user in.
        """
        try:
            with self.engine.connect() as connection:
                yield self._backend.snapshot(connection)
                connection.rollback()
        except sa.exc.TimeoutError as error:
            raise _crowded() from error
        except sa.exc.DBAPIError as error:
            own = self._backend.judge(error)
            if own is not None and not isinstance(own, StorageFailed):
                raise own from error
            raise

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """One transaction, durable when the block has ended; nothing of it remains when the block raises.

        Conflict: `busy`, another process writes; `storage_full`, nothing was stored, and it works again once there is room;
        `storage_away`, the server does not answer. StorageFailed: the disk failed, now or earlier.
        """
        if self._has_failed:
            raise StorageFailed("storage_failed", "the disk failed earlier: end this process")
        with self._judged():
            self._backend.tidy()
            with self.engine.connect() as connection:
                self._backend.begin(connection)
                yield connection
                connection.commit()

    def check_room(self) -> None:
        """Conflict `storage_low` when the disk is nearly full: a batch is refused while all else still has room."""
        self._backend.check_room()

    def faults(self, connection: sa.Connection) -> list[str]:
        """What the database itself finds wrong with its pages and indexes; empty when nothing is."""
        return self._backend.faults(connection)

    def tidy(self) -> None:
        """Leave nothing of what was deleted in the write-ahead log. StorageFailed; Conflict `erasure_unfinished`."""
        with self._judged():
            self._backend.tidy(fully=True)

    def close(self) -> None:
        """Close every connection. StorageFailed: what was committed stands, but this process may write no more."""
        with self._judged():
            self._backend.close(has_failed=self._has_failed)

    @contextmanager
    def _judged(self) -> Iterator[None]:
        """Turn what the database says into one of our errors, where it is no fault of the caller."""
        try:
            yield
        except StorageFailed:
            self._has_failed = True
            raise
        except sa.exc.TimeoutError as error:
            raise _crowded() from error
        except sa.exc.DBAPIError as error:
            own = self._backend.judge(error)
            if own is None:
                raise
            self._has_failed = self._has_failed or isinstance(own, StorageFailed)
            raise own from error


def _crowded() -> Conflict:
    return Conflict("storage_busy", "all connections of this process to the database are in use")


def insert(connection: sa.Connection, table: sa.Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows of those columns; none is fine."""
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        sqlite.insert(connection, table.name, columns, rows)
    else:
        from registry.store import postgresql  # as in `_backend`

        postgresql.insert(connection, table.name, columns, rows)


def _backend(url: sa.URL, *, read_only: bool, floor: int | None, connections: int) -> Backend:
    if url.get_backend_name() == "sqlite":
        return sqlite.SQLite(url, read_only=read_only, floor=floor)
    try:
        from registry.store.postgresql import PostgreSQL  # an optional extra: only who names a server needs it
    except ImportError:
        raise Refused("postgresql", "PostgreSQL needs psycopg: install greffe[postgresql]") from None
    return PostgreSQL(url, read_only=read_only, connections=connections)
