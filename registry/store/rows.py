"""Statements on the tables of the two logs, for both databases.

These are head, entries, tiles, checkpoints and keys; no rule of the domain. Each statement on the store stands once, in this file
or in one of its siblings: `document_rows`, `issuer_rows`, `place_rows`, `map_rows`. Transactions are `database`.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from registry.errors import Conflict, LedgerDamaged
from registry.log import tiles
from registry.log.merkle import Frontier
from registry.store import tables
from registry.store.columns import blob, number, text
from registry.store.database import insert
from registry.store.tables import LEDGER, Log


class HeadRow(NamedTuple):
    """How many entries the ledger has, their root, its origin and its first key (a vkey)."""

    size: int
    root: bytes
    origin: str
    genesis_key: str


def has_tables(connection: sa.Connection) -> bool:
    """Whether the tables of a ledger were made."""
    return sa.inspect(connection).has_table(tables.log_keys.name)


def read_head(connection: sa.Connection) -> HeadRow | None:
    """The head, or None before the ledger was opened."""
    columns = tables.head.c
    chosen = sa.select(columns.size, columns.root, columns.origin, columns.genesis_key)
    row = connection.execute(chosen).one_or_none()
    return None if row is None else HeadRow(number(row.size), blob(row.root), text(row.origin), text(row.genesis_key))


def put_head(connection: sa.Connection, head: HeadRow) -> None:
    """Store the first head."""
    insert(connection, tables.head, ("id", *HeadRow._fields), [(1, *head)])


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


def count_entries(connection: sa.Connection, log: Log = LEDGER) -> int:
    """How many entries a log has."""
    return connection.execute(sa.select(sa.func.count()).select_from(log.entries)).scalar_one()


def end_of_entries(connection: sa.Connection) -> int:
    """The index that follows the last entry of the ledger; 0 where there is none."""
    last = connection.execute(sa.select(sa.func.max(tables.entries.c.i))).scalar()
    return 0 if last is None else number(last) + 1


def read_entries(connection: sa.Connection, start: int, end: int, log: Log = LEDGER) -> list[bytes]:
    """The bytes of entries [start, end). LedgerDamaged `entry_missing` when one is missing."""
    entries = connection.execute(_entries_statement(log.entries), {"start": start, "end": end}).all()
    for expected, row in zip(range(start, end), entries, strict=False):
        if row.i != expected:
            raise LedgerDamaged("entry_missing", f"entry {expected} is not in the store")
    if len(entries) != end - start:
        raise LedgerDamaged("entry_missing", f"entry {start + len(entries)} is not in the store")
    return [blob(row.body) for row in entries]


@cache
def _entries_statement(table: sa.Table) -> sa.Select[Any]:
    columns = table.c
    chosen = (columns.i >= sa.bindparam("start"), columns.i < sa.bindparam("end"))
    return sa.select(columns.i, columns.body).where(*chosen).order_by(columns.i)


def put_entries(connection: sa.Connection, entries: Sequence[tuple[int, bytes]]) -> None:
    """Append entries (index, bytes) to the ledger."""
    insert(connection, tables.entries, ("i", "body"), entries)


@cache
def _tile_statements(table: sa.Table) -> tuple[sa.Select[Any], sa.Update]:
    """Read, and change, one tile: made once, since every batch runs them."""
    columns = table.c
    chosen = (columns.level == sa.bindparam("at_level"), columns.n == sa.bindparam("at_n"))
    return sa.select(columns.hashes).where(*chosen), sa.update(table).where(*chosen).values(hashes=sa.bindparam("new"))


def read_tile(connection: sa.Connection, level: int, n: int, log: Log = LEDGER) -> bytes:
    """The hashes of a tile. KeyError when there is none."""
    read, _ = _tile_statements(log.tiles)
    hashes = connection.execute(read, {"at_level": level, "at_n": n}).scalar()
    if hashes is None:
        raise KeyError(f"no tile {n} at level {level}")
    return blob(hashes)


def grow_tile(connection: sa.Connection, level: int, n: int, hashes: Iterable[bytes], log: Log = LEDGER) -> None:
    """Add hashes at the right edge of a tile, which may be new."""
    more = b"".join(hashes)
    try:
        before = read_tile(connection, level, n, log)
    except KeyError:
        insert(connection, log.tiles, ("level", "n", "hashes"), [(level, n, more)])
        return
    _, change = _tile_statements(log.tiles)
    connection.execute(change, {"at_level": level, "at_n": n, "new": before + more})


def read_frontier(connection: sa.Connection, size: int, log: Log = LEDGER) -> Frontier:
    """The right edge of the tree of that size, from the tiles. LedgerDamaged `tile_missing`."""
    try:
        return Frontier.of(size, tiles.subtree_from(lambda level, n: read_tile(connection, level, n, log)))
    except KeyError as error:
        raise LedgerDamaged("tile_missing", str(error)) from None


def last_signed(connection: sa.Connection, log: Log = LEDGER) -> tuple[int, str] | None:
    """(size, note) of the newest checkpoint that the log signed; cosigned or not."""
    columns = log.checkpoints.c
    chosen = sa.select(columns.size, columns.note).order_by(columns.size.desc()).limit(1)
    row = connection.execute(chosen).one_or_none()
    return None if row is None else (number(row.size), text(row.note))


def put_checkpoint(connection: sa.Connection, size: int, note: str, log: Log = LEDGER) -> None:
    """Store a checkpoint as the log signed it. `database.IntegrityError`: that of this size is there already."""
    insert(connection, log.checkpoints, ("size", "note"), [(size, note)])


def read_published(connection: sa.Connection, log: Log = LEDGER) -> tuple[int, str] | None:
    """(size, cosigned note) of the checkpoint that the public sees; None before the first."""
    columns = tables.published.c
    chosen = sa.select(columns.size, columns.note).where(columns.log == log.name)
    row = connection.execute(chosen).one_or_none()
    return None if row is None else (number(row.size), text(row.note))


_PUBLISHED = sa.select(tables.published)


def read_all_published(connection: sa.Connection) -> dict[str, tuple[int, str]]:
    """By the name of a log, what `read_published` says; without a log that has nothing published."""
    return {text(row.log): (number(row.size), text(row.note)) for row in connection.execute(_PUBLISHED)}


def put_published(connection: sa.Connection, size: int, note: str, log: Log = LEDGER) -> None:
    """Show the public that checkpoint from now on."""
    table = tables.published
    changed = sa.update(table).where(table.c.log == log.name).values(size=size, note=note)
    if not connection.execute(changed).rowcount:
        connection.execute(sa.insert(table).values(log=log.name, size=size, note=note))


def read_log_keys(connection: sa.Connection, log: Log) -> list[tuple[str, int]]:
    """(vkey, what it does: `log_keys.SIGNS`, RETIRED, DISOWNED) of every key that the log has had, in their order."""
    columns = tables.log_keys.c
    chosen = sa.select(columns.vkey, columns.signs).where(columns.log == log.name).order_by(columns.n)
    return [(text(row.vkey), number(row.signs)) for row in connection.execute(chosen)]


def put_log_key(connection: sa.Connection, log: str, n: int, vkey: str, state: int) -> None:
    """Let that be the n-th key of a log (`ledger`, `index`). `state`: `log_keys.SIGNS`, RETIRED or DISOWNED."""
    table = tables.log_keys
    changed = sa.update(table).where(table.c.log == log, table.c.n == n).values(vkey=vkey, signs=state)
    if not connection.execute(changed).rowcount:
        connection.execute(sa.insert(table).values(log=log, n=n, vkey=vkey, signs=state))
