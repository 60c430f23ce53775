"""Copy a whole store into another one, which may be of the other database: every row, in one snapshot, in one transaction.

Nothing is derived on the way, so that root, tiles and notes are the same bytes; what must agree is compared before the copy is
committed. Auditing it is left to the caller.
"""

import sqlalchemy as sa

from registry.errors import LedgerDamaged, Refused
from registry.store import rows as store_rows
from registry.store import tables
from registry.store.database import Store
from registry.store.rows import read_frontier

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
            for n, (vkey, state) in enumerate(store_rows.read_log_keys(reading, log), 1):
                store_rows.put_log_key(writing, log.name, n, vkey, state)  # opening the ledger has made the first ones
        for table in tables.METADATA.sorted_tables:
            if table is not tables.head:
                _copy_table(reading, writing, table)
        _compare(reading, writing)


def _copy_head(reading: sa.Connection, writing: sa.Connection) -> None:
    there, found = store_rows.read_head(writing), store_rows.read_head(reading)
    if found is None:
        return
    if there is None:
        values = dict(zip(("size", "root", "origin", "genesis_key"), found, strict=True))
        store_rows.insert(writing, tables.head, [{"id": 1, **values}])
    elif there[2:] != found[2:]:
        raise Refused("identity_disagrees", "the store that is copied into is of another ledger")
    else:
        store_rows.swap_head(writing, there[:2], found[:2])


def _copy_table(reading: sa.Connection, writing: sa.Connection, table: sa.Table) -> None:
    """Every row, in the order of the key; those that opening the ledger has made are there already."""
    names = [column.name for column in table.columns]
    there = {tuple(row) for row in writing.execute(sa.select(table))}
    rows = reading.execution_options(yield_per=_ROWS).execute(sa.select(table).order_by(*table.primary_key))
    for some in rows.partitions(_ROWS):
        new = [tuple(row) for row in some if tuple(row) not in there]
        if new:
            store_rows.insert_rows(writing, table, names, new)


def _compare(reading: sa.Connection, writing: sa.Connection) -> None:
    for table in tables.METADATA.sorted_tables:
        counts = {one.execute(sa.select(sa.func.count()).select_from(table)).scalar() for one in (reading, writing)}
        if len(counts) > 1:
            raise LedgerDamaged("copy_differs", f"the copy of {table.name} has another number of rows")
    for log in (tables.LEDGER, tables.INDEX):
        size = sa.select(sa.func.count()).select_from(log.entries)
        roots = {read_frontier(one, one.execute(size).scalar_one(), log).root() for one in (reading, writing)}
        if len(roots) > 1:
            raise LedgerDamaged("copy_differs", f"the copy of the {log.name} has another root")
