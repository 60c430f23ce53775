"""Where the ledger is kept: SQLAlchemy tables and transactions; rows in, rows out, no rule of the domain.

SQLite in WAL mode with synchronous=FULL (NORMAL may roll back a committed batch after a power loss, which would fork our own
log), STRICT tables, and triggers that refuse to change or delete what was appended. The same schema serves PostgreSQL.
Entries, tiles and head are the public ledger; documents, salts and places are beside it and can be erased.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from registry import tables
from registry.errors import Conflict, LedgerDamaged
from registry.tables import LEDGER, Log


class Store:
    """One database. Everything that writes goes through `write`, a transaction that holds the write lock from its start."""

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        self.url = sa.make_url(url)
        self._sqlite = self.url.get_backend_name() == "sqlite"
        if self._sqlite and read_only:
            self.engine = sa.create_engine(f"sqlite:///file:{self.url.database}?mode=ro&uri=true")
        else:
            self.engine = sa.create_engine(self.url)
        if self._sqlite:
            sa.event.listen(self.engine, "connect", _on_connect_read_only if read_only else _on_connect)

    @property
    def path(self) -> Path | None:
        """The file of an SQLite store."""
        return Path(str(self.url.database)) if self._sqlite else None

    def create(self) -> None:
        """Make the tables and triggers that are not there yet."""
        tables.METADATA.create_all(self.engine)
        if self._sqlite:
            with self.write() as connection:
                for table in tables.APPEND_ONLY:
                    for verb in ("UPDATE", "DELETE"):
                        connection.exec_driver_sql(
                            f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                        )

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """One snapshot: what is read within it belongs together."""
        with self.engine.connect() as connection:
            if self._sqlite:
                connection.exec_driver_sql("BEGIN")
            yield connection
            connection.rollback()

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """One transaction, durable when the block has ended; nothing of it remains when the block raises."""
        try:
            with self.engine.connect() as connection:
                if self._sqlite:
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                yield connection
                connection.commit()
        except sa.exc.OperationalError as error:
            if "locked" in str(error.orig):
                raise Conflict("busy", "another process is writing to the store") from error
            raise

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _on_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "fullfsync=1",
        "foreign_keys=1",
        "trusted_schema=0",
        "cell_size_check=1",
        "busy_timeout=5000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _on_connect_read_only(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in ("query_only=1", "trusted_schema=0", "cell_size_check=1", "busy_timeout=5000"):
        connection.execute(f"PRAGMA {pragma}")


def read_head(connection: sa.Connection) -> tuple[int, bytes, str, str] | None:
    """(size, root, origin, genesis key), or None before the ledger was opened."""
    kept = tables.head.c
    row = connection.execute(sa.select(kept.size, kept.root, kept.origin, kept.genesis_key)).one_or_none()
    return None if row is None else (row.size, bytes(row.root), row.origin, row.genesis_key)


def swap_head(connection: sa.Connection, old: tuple[int, bytes], new: tuple[int, bytes]) -> None:
    """Compare-and-swap on (size, root). Conflict `head_moved` when the head is no longer `old`."""
    kept = tables.head
    swapped = sa.update(kept).where(kept.c.size == old[0], kept.c.root == old[1]).values(size=new[0], root=new[1])
    changed = connection.execute(swapped)
    if changed.rowcount != 1:
        raise Conflict("head_moved", f"the ledger is no longer at size {old[0]}: somebody else appended")


def read_entries(connection: sa.Connection, start: int, end: int, log: Log = LEDGER) -> list[bytes]:
    """The bytes of entries [start, end). LedgerDamaged `entry_missing` when one is not there."""
    kept = log.entries.c
    chosen = sa.select(kept.i, kept.body).where(kept.i >= start, kept.i < end).order_by(kept.i)
    rows = connection.execute(chosen).all()
    for expected, row in zip(range(start, end), rows, strict=False):
        if row.i != expected:
            raise LedgerDamaged("entry_missing", f"entry {expected} is not in the store")
    if len(rows) != end - start:
        raise LedgerDamaged("entry_missing", f"entry {start + len(rows)} is not in the store")
    return [bytes(row.body) for row in rows]


def read_tile(connection: sa.Connection, level: int, n: int, log: Log = LEDGER) -> bytes:
    """The hashes of a tile. KeyError when there is none."""
    kept = log.tiles.c
    found = connection.execute(sa.select(kept.hashes).where(kept.level == level, kept.n == n)).scalar()
    if found is None:
        raise KeyError(f"no tile {n} at level {level}")
    return bytes(found)


def put_tile(connection: sa.Connection, level: int, n: int, hashes: bytes, log: Log = LEDGER) -> None:
    """Store the hashes of a tile that is new or has grown."""
    chosen = (log.tiles.c.level == level, log.tiles.c.n == n)
    if not connection.execute(sa.update(log.tiles).where(*chosen).values(hashes=hashes)).rowcount:
        connection.execute(sa.insert(log.tiles).values(level=level, n=n, hashes=hashes))


def grow_tile(connection: sa.Connection, level: int, n: int, hashes: Iterable[bytes], log: Log = LEDGER) -> None:
    """Add hashes at the right edge of a tile, which may be new."""
    try:
        before = read_tile(connection, level, n, log)
    except KeyError:
        before = b""
    put_tile(connection, level, n, before + b"".join(hashes), log)


def insert(connection: sa.Connection, table: sa.Table, rows: Iterable[dict[str, Any]]) -> None:
    """Insert rows, none is fine."""
    values = list(rows)
    if values:
        connection.execute(sa.insert(table), values)


def last_signed(connection: sa.Connection, log: Log = LEDGER) -> tuple[int, str] | None:
    """(size, note) of the newest checkpoint that the log signed; cosigned or not."""
    kept = log.checkpoints.c
    row = connection.execute(sa.select(kept.size, kept.note).order_by(kept.size.desc()).limit(1)).one_or_none()
    return None if row is None else (row.size, row.note)


def read_published(connection: sa.Connection, log: Log = LEDGER) -> tuple[int, str] | None:
    """(size, cosigned note) of the checkpoint that the public sees; None before the first."""
    kept = tables.published.c
    row = connection.execute(sa.select(kept.size, kept.note).where(kept.log == log.name)).one_or_none()
    return None if row is None else (row.size, row.note)


def put_published(connection: sa.Connection, size: int, note: str, log: Log = LEDGER) -> None:
    """Show the public that checkpoint from now on."""
    kept = tables.published
    changed = sa.update(kept).where(kept.c.log == log.name).values(size=size, note=note)
    if not connection.execute(changed).rowcount:
        connection.execute(sa.insert(kept).values(log=log.name, size=size, note=note))


def read_document(connection: sa.Connection, i: int) -> tuple[bytes, bytes] | None:
    """(body, salt) of the document under entry `i`; None when it was erased or is missing."""
    return read_documents(connection, i, i + 1).get(i)


def read_documents(connection: sa.Connection, start: int, end: int) -> dict[int, tuple[bytes, bytes]]:
    """(body, salt) of the documents under entries [start, end), as far as they are there."""
    chosen = sa.select(tables.documents).where(tables.documents.c.i >= start, tables.documents.c.i < end)
    return {row.i: (bytes(row.body), bytes(row.salt)) for row in connection.execute(chosen)}


_PLACES = (
    sa.select(tables.credentials)
    .where(
        tables.credentials.c.register == sa.bindparam("register"), tables.credentials.c.number == sa.bindparam("number")
    )
    .order_by(tables.credentials.c.n)
)
_ORG_SALT = sa.select(tables.org_salts.c.salt).where(
    tables.org_salts.c.register == sa.bindparam("register"), tables.org_salts.c.number == sa.bindparam("number")
)


def read_issuer(connection: sa.Connection, register: str) -> sa.Row[Any] | None:
    """The issuer of a register; None before its first batch."""
    return connection.execute(sa.select(tables.issuers).where(tables.issuers.c.register == register)).one_or_none()


def read_did_log(connection: sa.Connection, register: str) -> list[str]:
    """The lines of the did:webvh log of a register's issuer; none where it has no log."""
    chosen = (
        sa.select(tables.did_logs.c.line).where(tables.did_logs.c.register == register).order_by(tables.did_logs.c.n)
    )
    return list(connection.execute(chosen).scalars())


def read_places(connection: sa.Connection, register: str, number: str) -> Sequence[sa.Row[Any]]:
    """The places of an organization's credentials, in the order of n; empty when it has none."""
    return connection.execute(_PLACES, {"register": register, "number": number}).all()


def read_org_salt(connection: sa.Connection, register: str, number: str) -> bytes | None:
    """The salt behind an organization's pseudonym, 32 bytes; None when it has none."""
    found = connection.execute(_ORG_SALT, {"register": register, "number": number}).scalar()
    return None if found is None else bytes(found)


def read_pseudonymous(
    connection: sa.Connection, registers: Iterable[str], numbers: Iterable[str]
) -> set[tuple[str, str]]:
    """Those of the organizations (register, number) that have a pseudonym."""
    chosen = sa.select(tables.org_salts.c.register, tables.org_salts.c.number).where(
        tables.org_salts.c.register.in_(list(registers)), tables.org_salts.c.number.in_(list(numbers))
    )
    return {(row.register, row.number) for row in connection.execute(chosen)}
