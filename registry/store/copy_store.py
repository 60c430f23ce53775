"""A whole store is copied into another, perhaps of the other database.

Every row is read in one snapshot and written in one transaction. Nothing is derived on the way, so that root, tiles and notes are
the same bytes; what must agree is compared before the copy is committed. Auditing it is left to the caller.
"""

import sqlalchemy as sa

from registry.errors import LedgerDamaged, Refused
from registry.store import rows, seal_rows, tables
from registry.store.database import Store, insert

_ROWS = 1000


def copy_store(source: Store, target: Store) -> None:
    """Copy `source` into `target`, which holds no entry yet; both have the newest schema then.

    Refused `store_not_empty`, `identity_disagrees`; LedgerDamaged `copy_differs`.
    """
    target.create()
    with source.read() as reading, target.write() as writing:
        if writing.execute(sa.select(tables.entries.c.i).limit(1)).first() is not None:
            raise Refused("store_not_empty", "the store that is copied into holds entries")
        _copy_head(reading, writing)
        for log in (tables.LEDGER, tables.INDEX):
            for n, (vkey, state) in enumerate(rows.read_log_keys(reading, log), 1):
                rows.put_log_key(writing, log.name, n, vkey, state)  # opening the ledger has made the first ones
        for table in tables.METADATA.sorted_tables:
            if table not in (tables.head, tables.seals):
                _copy_table(reading, writing, table)
        for name, mac in seal_rows.read_seals(reading).items():
            seal_rows.put_seal(writing, name, mac)
        _compare(reading, writing)


def _copy_head(reading: sa.Connection, writing: sa.Connection) -> None:
    there, head = rows.read_head(writing), rows.read_head(reading)
    if head is None:
        return
    if there is None:
        rows.put_head(writing, head)
    elif (there.origin, there.genesis_key) != (head.origin, head.genesis_key):
        raise Refused("identity_disagrees", "the store that is copied into is of another ledger")
    else:
        rows.swap_head(writing, there[:2], head[:2])


def _copy_table(reading: sa.Connection, writing: sa.Connection, table: sa.Table) -> None:
    """Every row, in the order of the key; those that opening the ledger has made are there already."""
    names = [column.name for column in table.columns]
    there = {tuple(row) for row in writing.execute(sa.select(table))}
    source = reading.execution_options(yield_per=_ROWS).execute(sa.select(table).order_by(*table.primary_key))
    for part in source.partitions(_ROWS):
        insert(writing, table, names, [tuple(row) for row in part if tuple(row) not in there])


def _compare(reading: sa.Connection, writing: sa.Connection) -> None:
    both = (reading, writing)
    for table in tables.METADATA.sorted_tables:
        count = sa.select(sa.func.count()).select_from(table)
        counts = {connection.execute(count).scalar() for connection in both}
        if len(counts) > 1:
            raise LedgerDamaged("copy_differs", f"the copy of {table.name} has another number of rows")
    for log in (tables.LEDGER, tables.INDEX):
        sizes = {connection: rows.count_entries(connection, log) for connection in both}
        roots = {rows.read_frontier(connection, size, log).root() for connection, size in sizes.items()}
        if len(roots) > 1:
            raise LedgerDamaged("copy_differs", f"the copy of the {log.name} has another root")
