"""Every statement on the tables of the ledger, once, for both databases: rows in, rows out.

No rule of the domain; transactions are `database`, the map's rows `map_rows`.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa

from registry.errors import Conflict, LedgerDamaged
from registry.log import tiles
from registry.log.merkle import Frontier
from registry.store import sqlite, tables
from registry.store.tables import LEDGER, Log


def read_head(connection: sa.Connection) -> tuple[int, bytes, str, str] | None:
    """(size, root, origin, genesis key), or None before the ledger was opened."""
    kept = tables.head.c
    row = connection.execute(sa.select(kept.size, kept.root, kept.origin, kept.genesis_key)).one_or_none()
    return None if row is None else (row.size, bytes(row.root), row.origin, row.genesis_key)


_SWAP_HEAD = (
    sa.update(tables.head)
    .where(tables.head.c.size == sa.bindparam("old_size"), tables.head.c.root == sa.bindparam("old_root"))
    .values(size=sa.bindparam("new_size"), root=sa.bindparam("new_root"))
)


def swap_head(connection: sa.Connection, old: tuple[int, bytes], new: tuple[int, bytes]) -> None:
    """Compare-and-swap on (size, root). Conflict `head_moved` when the head is no longer `old`."""
    values = {"old_size": old[0], "old_root": old[1], "new_size": new[0], "new_root": new[1]}
    if connection.execute(_SWAP_HEAD, values).rowcount != 1:
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


@cache
def _tile_statements(table: sa.Table) -> tuple[sa.Select[Any], sa.Update]:
    """Read, and change, one tile: made once, since every batch runs them."""
    kept = table.c
    chosen = (kept.level == sa.bindparam("at_level"), kept.n == sa.bindparam("at_n"))
    return sa.select(kept.hashes).where(*chosen), sa.update(table).where(*chosen).values(hashes=sa.bindparam("new"))


def read_tile(connection: sa.Connection, level: int, n: int, log: Log = LEDGER) -> bytes:
    """The hashes of a tile. KeyError when there is none."""
    read, _ = _tile_statements(log.tiles)
    found = connection.execute(read, {"at_level": level, "at_n": n}).scalar()
    if found is None:
        raise KeyError(f"no tile {n} at level {level}")
    return bytes(found)


def grow_tile(connection: sa.Connection, level: int, n: int, hashes: Iterable[bytes], log: Log = LEDGER) -> None:
    """Add hashes at the right edge of a tile, which may be new."""
    more = b"".join(hashes)
    try:
        before = read_tile(connection, level, n, log)
    except KeyError:
        insert(connection, log.tiles, [{"level": level, "n": n, "hashes": more}])
        return
    _, change = _tile_statements(log.tiles)
    connection.execute(change, {"at_level": level, "at_n": n, "new": before + more})


def insert(connection: sa.Connection, table: sa.Table, rows: Iterable[dict[str, Any]]) -> None:
    """Insert rows, all of the same columns; none is fine."""
    values = list(rows)
    if values:
        insert_rows(connection, table, tuple(values[0]), [tuple(row.values()) for row in values])


def insert_rows(
    connection: sa.Connection, table: sa.Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Insert rows of those columns, at least one."""
    if connection.dialect.name == "sqlite":
        sqlite.insert(connection, table.name, columns, rows)
    else:
        from registry.store import postgresql  # as in `_backend`

        postgresql.insert(connection, table.name, columns, rows)


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


def read_log_keys(connection: sa.Connection, log: Log) -> list[tuple[str, int]]:
    """(vkey, what it does: `log_keys.SIGNS`, RETIRED, DISOWNED) of every key that the log has had, in their order."""
    kept = tables.log_keys.c
    rows = connection.execute(sa.select(kept.vkey, kept.signs).where(kept.log == log.name).order_by(kept.n))
    return [(row.vkey, row.signs) for row in rows]


def put_log_key(connection: sa.Connection, log: str, n: int, vkey: str, state: int) -> None:
    """Let that be the n-th key of a log (`ledger`, `index`). `state`: `log_keys.SIGNS`, RETIRED or DISOWNED."""
    kept = tables.log_keys
    changed = sa.update(kept).where(kept.c.log == log, kept.c.n == n).values(vkey=vkey, signs=state)
    if not connection.execute(changed).rowcount:
        connection.execute(sa.insert(kept).values(log=log, n=n, vkey=vkey, signs=state))


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


def read_frontier(connection: sa.Connection, size: int, log: Log = LEDGER) -> Frontier:
    """The right edge of the tree of that size, from the tiles. LedgerDamaged `tile_missing`."""
    try:
        return Frontier.of(size, tiles.subtree_from(lambda level, n: read_tile(connection, level, n, log)))
    except KeyError as error:
        raise LedgerDamaged("tile_missing", str(error)) from None
