"""SQLite as the store: connections, transactions, the write-ahead log, and errors.

WAL mode with synchronous=FULL: NORMAL may roll back a committed batch after a power loss, which would fork our own log
(sqlite.org/pragma.html). SQLite's own checkpoints of the WAL come at the end of some commit and hide a failed fsync, so they are
off; the one writer moves the WAL into the database itself, and looks at the result. What the tables hold is `tables`.
"""

import os
import sqlite3
import threading
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from registry.errors import Conflict, RegistryError, StorageFailed
from registry.store import schema
from registry.store.disk_room import check_disk_room

#: once the write-ahead log is that long, it is moved into the database
WAL_BYTES = 16 << 20
#: in a URL, of a store that is only read: nobody writes to the file, and what lies beside it is no part of it
IMMUTABLE = "immutable"
_BUSY_MS = 5000
#: rows in one statement
_ROWS = 128
_SETTINGS = ("trusted_schema=0", "cell_size_check=1", f"busy_timeout={_BUSY_MS}")
_WRITER_SETTINGS = (
    *_SETTINGS,
    "journal_mode=WAL",
    "synchronous=FULL",
    "fullfsync=1",
    "checkpoint_fullfsync=1",
    "wal_autocheckpoint=0",
    "foreign_keys=1",
    "secure_delete=ON",
)


class SQLite:
    """One database file. `engine`: its connections."""

    def __init__(self, url: sa.URL, *, read_only: bool, floor: int | None) -> None:
        self.path: Path | None = Path(str(url.database))
        self._folder = self.path.parent
        self._wal = Path(f"{self.path}-wal")
        self._floor, self._is_read_only = floor, read_only
        self._tidy_at = 0
        mode = "ro&immutable=1" if IMMUTABLE in url.query else "ro"
        name = f"sqlite:///file:{url.database}?mode={mode}&uri=true" if read_only else url
        self._uri = f"file:{url.database}?mode={mode}"
        self._watcher: sqlite3.Connection | None = None
        self._watching = threading.Lock()
        self.engine = sa.create_engine(name)
        sa.event.listen(self.engine, "connect", _on_connect_read_only if read_only else _on_connect)

    def version(self) -> object:
        """SQLite's own count of what other connections have committed (PRAGMA data_version), from one that commits nothing."""
        with self._watching:
            if self._watcher is None:
                self._watcher = sqlite3.connect(self._uri, uri=True, check_same_thread=False, isolation_level=None)
            return self._watcher.execute("PRAGMA data_version").fetchone()[0]

    def snapshot(self, connection: sa.Connection) -> sa.Connection:
        """Begin to read."""
        connection.exec_driver_sql("BEGIN")
        return connection

    def begin(self, connection: sa.Connection) -> None:
        """Begin to write: the write lock is taken first."""
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    def protect(self, connection: sa.Connection) -> None:
        """Triggers that refuse to change or delete what was appended."""
        schema.protect(connection)

    def check_room(self) -> None:
        """Conflict `storage_low` when less is free on the disk than the floor."""
        check_disk_room(self._folder, self._floor)

    def tidy(self, *, fully: bool = False) -> None:
        """Move a long write-ahead log into the database and cut it; `fully`: however short it is.

        At the first call always: after a crash the log may hold what the disk does not, and nothing may be built on that. A
        reader in the way is no error: its pages are moved later. `fully` waits for it some seconds, and then says so: Conflict
        `erasure_unfinished`. StorageFailed: the folder with the log's name is not durable.
        """
        length = self._wal.stat().st_size if self._wal.exists() else 0
        if length < self._tidy_at and not fully:
            return
        is_first = not self._tidy_at
        is_cut = self._cut(_BUSY_MS if fully else 0)
        if is_first:
            _sync_folder(self._folder)
        self._tidy_at = (0 if is_cut else length) + WAL_BYTES
        if fully and not is_cut:
            raise Conflict("erasure_unfinished", "the log of the store still holds what was deleted: run again")

    def _cut(self, wait_ms: int) -> bool:
        """Move the log and cut it; False where a reader was in the way that long, or there was no room."""
        with self.engine.connect() as connection:
            connection.exec_driver_sql(f"PRAGMA busy_timeout={wait_ms}")
            try:
                return cut_log(connection)
            except sa.exc.OperationalError as error:
                if not _is_full(error):
                    raise
                return False
            finally:
                connection.exec_driver_sql(f"PRAGMA busy_timeout={_BUSY_MS}")

    def faults(self, connection: sa.Connection) -> list[str]:
        """An index that leads elsewhere than its table, a value of another type than its column, a damaged page.

        And whatever stands in the schema that greffe does not make.
        """
        lines = connection.exec_driver_sql("PRAGMA integrity_check").scalars()
        return [*(f"SQLite: {line}" for line in lines if line != "ok"), *schema.faults(connection)]

    def close(self, *, has_failed: bool) -> None:
        """Move the log, and close every connection; SQLite would move it too, but hide an error."""
        if self._tidy_at and not has_failed:
            self._cut(0)
        self._tidy_at = 0
        with self._watching:
            if self._watcher is not None:
                self._watcher.close()
                self._watcher = None
        self.engine.dispose()

    def _is_reading(self) -> bool:
        """Whether this only reads a file that is there: then its writer is what is missing, or is just starting."""
        return self._is_read_only and self.path is not None and self.path.exists()

    def judge(self, error: sa.exc.DBAPIError) -> RegistryError | None:
        """What an error while writing means to us; None when it is one of the caller's."""
        name = getattr(error.orig, "sqlite_errorname", None) or ""
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            return Conflict("busy", "another process is writing to the store")
        if _is_full(error):
            return Conflict("storage_full", "the disk is full: nothing of the batch was stored")
        # a user who may not write makes no -shm file: it is there while somebody has the store open (sqlite.org/wal.html)
        if name.startswith("SQLITE_READONLY") or (name.startswith("SQLITE_CANTOPEN") and self._is_reading()):
            return Conflict("storage_away", "no process of the office has the store open: start greffe publish --every")
        if name.startswith("SQLITE_IOERR"):
            return StorageFailed("storage_failed", f"the disk failed ({name}): end this process, look at the disk")
        return None


def cut_log(connection: sa.Connection) -> bool:
    """Move the write-ahead log into the database and cut it; False: a reader is in the way for longer than busy_timeout."""
    is_busy, _, _ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
    return not is_busy


def copy_file(source: Path, target: Path) -> None:
    """Copy all pages as of one moment, in one transaction of the target. sqlite3.Error."""
    reading = sqlite3.connect(f"file:{source}?mode=ro", uri=True)
    writing = sqlite3.connect(target)
    try:
        writing.execute("PRAGMA synchronous=FULL")
        reading.backup(writing)
    finally:
        writing.close()
        reading.close()


def leave_one_file(path: Path) -> None:
    """Let a database be one durable file, so that reading it leaves no files beside it. sqlite3.Error, OSError."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=DELETE")
    connection.close()
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def insert(connection: sa.Connection, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows: many in one statement, which takes less time, and the rest by a statement for each."""
    into = f"INSERT INTO {table} ({', '.join(columns)}) VALUES "  # noqa: S608 - names of our own tables
    places = f"({', '.join('?' * len(columns))})"
    whole = len(rows) - len(rows) % _ROWS
    for start in range(0, whole, _ROWS):
        values = tuple(chain.from_iterable(rows[start : start + _ROWS]))
        connection.exec_driver_sql(into + ", ".join([places] * _ROWS), values)
    if whole < len(rows):
        connection.exec_driver_sql(into + places, list(rows[whole:]))


def _sync_folder(folder: Path) -> None:
    """Make the names of new files durable; SQLite does so too, and says nothing when it fails."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        raise StorageFailed("storage_failed", f"{folder} cannot be synced: {error.strerror}") from error
    finally:
        os.close(descriptor)


def _is_full(error: sa.exc.DBAPIError) -> bool:
    return getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL


def _on_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in _WRITER_SETTINGS:
        connection.execute(f"PRAGMA {pragma}")


def _on_connect_read_only(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in ("query_only=1", *_SETTINGS):
        connection.execute(f"PRAGMA {pragma}")
