"""Every statement on the stored map and the leaves of its log.

How the map grows is `ledger/map_growth`. What is stored here (`mini_log`, `map_node`) can be thrown away and derived
anew from the entries and the ids of the status lists that they log. The form of the map is `map_tree`, what it says is `map_log`.
"""

from dataclasses import dataclass
from typing import NamedTuple

import sqlalchemy as sa

from registry.errors import LedgerDamaged
from registry.log import map_log, map_tree
from registry.log.map_tree import Node
from registry.log.merkle import Frontier
from registry.store import database, tables
from registry.store.columns import blob, number

_KEYS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Grown:
    """The map over `size` entries, and what brings the store there; `index`: the place of its leaf in the map's log.

    `entries`: key, n, index, leaf hash and frontier before, of each new entry of a mini-log.
    """

    index: int
    size: int
    root: bytes
    root_id: int
    nodes: dict[int, Node]
    entries: list[tuple[bytes, int, int, bytes, bytes]]


class Covered(NamedTuple):
    """A map: the leaves of its log, the entries of the ledger that it covers, number and hash of its root node."""

    leaves: int
    size: int
    root_id: int
    root: bytes


NO_MAP = Covered(0, 0, map_tree.NOTHING, map_tree.EMPTY)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf of the map's log: its place there, its bytes, and the number of the map's root node."""

    index: int
    body: bytes
    root_id: int


@dataclass(frozen=True, slots=True)
class NewestRow:
    """The newest entry under a key, with the frontier of the mini-log before it, and the value of the key."""

    index: int
    leaf: bytes
    before: list[bytes]

    @property
    def value(self) -> bytes:
        """What the map holds under the key."""
        return map_log.value_after(self.before, self.index, self.leaf)


def last_covered(connection: sa.Connection) -> Covered:
    """The last map, as the store has it. Malformed: its leaf is none."""
    columns = tables.index_entries.c
    chosen = sa.select(columns.i, columns.size, columns.root_id, columns.body).order_by(columns.i.desc()).limit(1)
    row = connection.execute(chosen).one_or_none()
    return NO_MAP if row is None else Covered(row.i + 1, row.size, row.root_id, map_log.parse(blob(row.body)).root)


def leaf_at(connection: sa.Connection, size: int) -> Leaf | None:
    """The first leaf that was made at that size of the ledger; None where there is none."""
    columns = tables.index_entries.c
    chosen = sa.select(columns.i, columns.body, columns.root_id).where(columns.size == size)
    row = connection.execute(chosen.order_by(columns.i).limit(1)).one_or_none()
    return None if row is None else Leaf(row.i, blob(row.body), row.root_id)


def keep(connection: sa.Connection, grown: Grown, leaf: bytes) -> None:
    """Write what brings the map to its size, and the leaf of its log."""
    put_map(connection, grown)
    row = (grown.index, leaf, grown.size, grown.root_id)
    database.insert(connection, tables.index_entries, ("i", "body", "size", "root_id"), [row])


def read_leaves(connection: sa.Connection, start: int = 0) -> list[tuple[Leaf, int]]:
    """The leaves of the map's log from `start` on, in order, with the size of the ledger at which each was made."""
    leaves = tables.index_entries
    chosen = connection.execute(sa.select(leaves).where(leaves.c.i >= start).order_by(leaves.c.i)).all()
    return [(Leaf(row.i, blob(row.body), row.root_id), row.size) for row in chosen]


def delete_map(connection: sa.Connection) -> None:
    """Throw away all nodes and mini-logs; the leaves of the map's log stay."""
    for table in (tables.map_nodes, tables.mini_logs):
        connection.execute(sa.delete(table))


def put_map(connection: sa.Connection, grown: Grown) -> None:
    """Write nodes and mini-logs."""
    if grown.entries:
        database.insert(connection, tables.mini_logs, ("key", "n", "i", "leaf", "before"), grown.entries)
        nodes = [(node_id, *node) for node_id, node in grown.nodes.items()]
        database.insert(connection, tables.map_nodes, ("id", *Node._fields), nodes)


def root_at(connection: sa.Connection, index: int) -> int:
    """The number of the map's root node at a leaf of its log."""
    columns = tables.index_entries.c
    return int(connection.execute(sa.select(columns.root_id).where(columns.i == index)).scalar_one())


def read_node(connection: sa.Connection, node_id: int) -> Node:
    """A node of the map by its number. LedgerDamaged `map_differs`: there is none."""
    row = connection.execute(_NODE, {"id": node_id}).one_or_none()
    if row is None:
        raise LedgerDamaged("map_differs", f"node {node_id} of the map is missing")
    return Node(row.bit, blob(row.key), blob(row.left), blob(row.right), row.left_id, row.right_id)


_MINI = tables.mini_logs.c
_NEWEST = (
    sa.select(_MINI.i, _MINI.leaf, _MINI.before)
    .where(_MINI.key == sa.bindparam("of_key"), _MINI.i < sa.bindparam("below"))
    .order_by(_MINI.n.desc())
    .limit(1)
)
_NODE = sa.select(tables.map_nodes).where(tables.map_nodes.c.id == sa.bindparam("id"))


def newest(connection: sa.Connection, key: bytes, size: int) -> NewestRow | None:
    """The newest entry under a key among the first `size` of the ledger; None where there is none."""
    row = connection.execute(_NEWEST, {"of_key": key, "below": size}).one_or_none()
    return None if row is None else NewestRow(row.i, blob(row.leaf), map_log.split_hashes(blob(row.before)))


def numbered(connection: sa.Connection, key: bytes, index: int) -> tuple[int, NewestRow]:
    """(how many entries stand before it under the key, its row) of the entry of that index.

    LedgerDamaged `map_differs`: it is not under the key.
    """
    columns = tables.mini_logs.c
    chosen = sa.select(columns.n, columns.leaf, columns.before).where(columns.key == key, columns.i == index)
    row = connection.execute(chosen).one_or_none()
    if row is None:
        raise LedgerDamaged("map_differs", f"the map does not have entry {index} under its organization")
    return number(row.n), NewestRow(index, blob(row.leaf), map_log.split_hashes(blob(row.before)))


def listed(connection: sa.Connection, key: bytes, size: int) -> list[int]:
    """The indexes of all entries under a key among the first `size` of the ledger, in their order."""
    columns = tables.mini_logs.c
    chosen = sa.select(columns.i).where(columns.key == key, columns.i < size).order_by(columns.n)
    return list(connection.execute(chosen).scalars())


def read_frontiers(connection: sa.Connection, keys: list[bytes], size: int) -> dict[bytes, Frontier]:
    """The mini-logs of those keys over the first `size` entries; an empty one where the map has no such key yet."""
    frontiers = {key: Frontier() for key in keys}
    columns = tables.mini_logs.c
    for start in range(0, len(keys), _KEYS_AT_ONCE):
        chosen = sa.and_(columns.key.in_(keys[start : start + _KEYS_AT_ONCE]), columns.i < size)
        last = sa.select(columns.key, sa.func.max(columns.n).label("n")).where(chosen).group_by(columns.key).subquery()
        newest_rows = sa.select(columns.key, columns.n, columns.i, columns.leaf, columns.before).join(
            last, sa.and_(last.c.key == columns.key, last.c.n == columns.n)
        )
        for row in connection.execute(newest_rows):
            frontier = Frontier(row.n, map_log.split_hashes(blob(row.before)))
            frontier.append(map_log.mini_leaf(row.i, blob(row.leaf)))
            frontiers[blob(row.key)] = frontier
    return frontiers


def next_node_id(connection: sa.Connection) -> int:
    """The number that the next node of the map gets."""
    last = connection.execute(sa.select(sa.func.max(tables.map_nodes.c.id))).scalar()
    return 1 if last is None else int(last) + 1
