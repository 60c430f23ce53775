"""A whole store is copied into another, perhaps of the other database.

Every row is read in one snapshot and written in one transaction. Rows alone are copied, into tables that greffe has made: no
trigger, view or page of the source comes along, and the schema of both is compared with what greffe makes before a row is read.
Nothing is derived on the way, so that root, tiles and notes are the same bytes; what must agree is compared before the copy is
committed. Auditing it is left to the caller.
"""

import sqlalchemy as sa

from registry.errors import LedgerDamaged, Refused
from registry.store import rows, schema, seal_rows, tables
from registry.store.database import Store, insert

_ROWS = 1000


def copy_store(source: Store, target: Store) -> None:
    """Copy `source` into `target`, which holds nothing yet but what opening the ledger makes; it has the newest schema then.

    Refused `store_not_empty`, `identity_disagrees`; LedgerDamaged `copy_differs`, `schema_differs`.
    """
    with source.read() as reading:
        schema.check(reading, "the store that is copied")
        target.create(schema.read_revision(reading))
        with target.write() as writing:
            _copy(reading, writing)
    target.create()


def _copy(reading: sa.Connection, writing: sa.Connection) -> None:
    schema.check(writing, "the store that is copied into")
    columns = _columns(reading)
    if _columns(writing) != columns:
        raise Refused("store_older", "the store that is copied is of an older version than the one that it goes into")
    if writing.execute(sa.select(tables.entries.c.i).limit(1)).first() is not None:
        raise Refused("store_not_empty", "the store that is copied into holds entries")
    _copy_head(reading, writing)
    for log in (tables.LEDGER, tables.INDEX):
        for n, (vkey, state) in enumerate(rows.read_log_keys(reading, log), 1):
            rows.put_log_key(writing, log.name, n, vkey, state)  # opening the ledger has made the first ones
    for name, names in columns.items():
        if name not in (tables.head.name, tables.log_keys.name, tables.seals.name):
            _copy_table(reading, writing, tables.METADATA.tables[name], names)
    if tables.seals.name in columns:
        for name, mac in seal_rows.read_seals(reading).items():
            seal_rows.put_seal(writing, name, mac)
    _compare(reading, writing, columns)


def _columns(connection: sa.Connection) -> dict[str, list[str]]:
    """The columns of each table that is there: a store of an older version has fewer."""
    inspector = sa.inspect(connection)
    there = set(inspector.get_table_names())
    return {
        table.name: sorted(column["name"] for column in inspector.get_columns(table.name))
        for table in tables.METADATA.sorted_tables
        if table.name in there
    }


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


def _copy_table(reading: sa.Connection, writing: sa.Connection, table: sa.Table, names: list[str]) -> None:
    """Every row, in the order of the key, so many at once."""
    chosen = sa.select(*(table.c[name] for name in names)).order_by(*table.primary_key)
    if writing.execute(chosen.limit(1)).first() is not None:
        raise Refused("store_not_empty", f"the store that is copied into has rows of {table.name}")
    source = reading.execution_options(yield_per=_ROWS).execute(chosen)
    for part in source.partitions(_ROWS):
        insert(writing, table, names, [tuple(row) for row in part])


def _compare(reading: sa.Connection, writing: sa.Connection, names: dict[str, list[str]]) -> None:
    both = (reading, writing)
    for name in names:
        count = sa.select(sa.func.count()).select_from(tables.METADATA.tables[name])
        counts = {connection.execute(count).scalar() for connection in both}
        if len(counts) > 1:
            raise LedgerDamaged("copy_differs", f"the copy of {name} has another number of rows")
    for log in (tables.LEDGER, tables.INDEX):
        sizes = {connection: rows.count_entries(connection, log) for connection in both}
        roots = {rows.read_frontier(connection, size, log).root() for connection, size in sizes.items()}
        if len(roots) > 1:
            raise LedgerDamaged("copy_differs", f"the copy of the {log.name} has another root")
