"""The map grows at each checkpoint, from the entries since the last one.

It can be thrown away and derived anew from the entries and the ids of the status lists that they log. The form of the map is
`log/map_tree`, what it says `log/map_log`, where it is kept `store/map_rows`.
"""

from registry.errors import LedgerDamaged
from registry.log import map_log, map_tree, tiles
from registry.log.merkle import Frontier, leaf_hash
from registry.store import map_rows, rows
from registry.store.database import Connection, Store
from registry.store.map_rows import Grown
from registry.store.rows import read_frontier
from registry.store.tables import INDEX

_STRIDE = 1024


def grow_map(connection: Connection, size: int, since: tuple[int, int, int] | None = None) -> Grown:
    """The map over `size` entries, from the last one (or that of `since`) and the entries since; nothing is written yet."""
    index, covered, root_id = since or map_rows.last_root(connection)
    entries: list[tuple[bytes, int, int, bytes, bytes]] = []
    frontiers: dict[bytes, Frontier] = {}
    for start in range(covered, size, _STRIDE):
        keyed = list(map_rows.read_keyed(connection, start, min(start + _STRIDE, size)))
        unknown = {key for key, _, _ in keyed} - frontiers.keys()
        frontiers |= map_rows.read_frontiers(connection, sorted(unknown))
        for key, i, leaf in keyed:
            frontier = frontiers[key]
            before = b"".join(frontier.hashes)
            entries.append((key, frontier.size, i, leaf, before))
            frontier.append(map_log.mini_leaf(i, leaf))
    changes = {key: frontier.root() for key, frontier in frontiers.items()}
    updated = map_tree.update(
        lambda node_id: map_rows.read_node(connection, node_id), root_id, changes, map_rows.next_node_id(connection)
    )
    return Grown(index, size, updated.root, updated.root_id, updated.made, entries)


def keep_map(connection: Connection, grown: Grown, signed: str) -> None:
    """Write the map, its leaf, and the hashes of its log. `signed`: the ledger's checkpoint of that size."""
    leaf = map_log.MapRoot(grown.root, signed).print()
    map_rows.keep(connection, grown, leaf)
    frontier = read_frontier(connection, grown.index, INDEX)
    for level, n, value in frontier.append(leaf_hash(leaf)):
        place = tiles.place_of(level, n)
        if place is not None:
            rows.grow_tile(connection, *place[:2], [value], INDEX)


def rebuild_map(store: Store) -> int:
    """Throw the map away and derive it anew, checkpoint by checkpoint; how many roots were compared.

    LedgerDamaged `map_differs`: a root is not the one that was logged, and everything stays as it was.
    """
    with store.write() as connection:
        map_rows.delete_map(connection)
        since = (0, 0, map_tree.NOTHING)
        for leaf, size in map_rows.read_leaves(connection):
            grown = grow_map(connection, size, since)
            if (grown.root, grown.root_id) != (map_log.parse(leaf.body).root, leaf.root_id):
                raise LedgerDamaged(
                    "map_differs", f"root {leaf.index} of the map is not what the entries give: see the audit"
                )
            map_rows.put_map(connection, grown)
            since = (leaf.index + 1, size, leaf.root_id)
    return since[0]
