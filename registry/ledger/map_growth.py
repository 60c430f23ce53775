"""The map grows at each checkpoint, from the entries since the last one.

It can be thrown away and derived anew from the entries and the status lists that they log. The form of the map is
`log/map_tree`, what it says `log/map_log`, where it is kept `store/map_rows`.
"""

from registry.credential.log_keys import DISOWNED
from registry.errors import LedgerDamaged
from registry.log import checkpoint, map_log, map_tree, note, tiles
from registry.log.merkle import Frontier, leaf_hash
from registry.records.signed_map import checked_nodes, read_keyed, read_signed_map
from registry.store import map_rows, rows
from registry.store.database import Connection, Store
from registry.store.map_rows import NO_MAP, Covered, Grown
from registry.store.rows import read_frontier
from registry.store.tables import INDEX, LEDGER

_STRIDE = 1024


def grow_map(connection: Connection, size: int, since: Covered) -> Grown:
    """The map over `size` entries, from that of `since` and the entries since; nothing is written yet.

    The root of `since` and the entries are believed, what is stored of the map is not. LedgerDamaged `map_differs`.
    """
    entries: list[tuple[bytes, int, int, bytes, bytes]] = []
    frontiers: dict[bytes, Frontier] = {}
    before_values: dict[bytes, bytes] = {}
    for start in range(since.size, size, _STRIDE):
        keyed = list(read_keyed(connection, start, min(start + _STRIDE, size)))
        unknown = {key for key, _, _ in keyed} - frontiers.keys()
        stored = map_rows.read_frontiers(connection, sorted(unknown), since.size)
        before_values |= {key: frontier.root() for key, frontier in stored.items() if frontier.size}
        frontiers |= stored
        for key, i, leaf in keyed:
            frontier = frontiers[key]
            before = b"".join(frontier.hashes)
            entries.append((key, frontier.size, i, leaf, before))
            frontier.append(map_log.mini_leaf(i, leaf))
    changes = {key: frontier.root() for key, frontier in frontiers.items()}
    nodes = checked_nodes(connection, since)
    updated = map_tree.update(nodes, since.root_id, changes, map_rows.next_node_id(connection))
    _check_replaced(updated.replaced, before_values)
    return Grown(since.leaves, size, updated.root, updated.root_id, updated.made, entries)


def _check_replaced(replaced: dict[bytes, bytes], expected: dict[bytes, bytes]) -> None:
    """LedgerDamaged unless the values that stood in the signed map are those of the mini-logs that were continued."""
    if replaced != expected:
        raise LedgerDamaged(
            "map_differs", "what is kept of an organization's entries is not what was signed: greffe restore --map"
        )


def covered_before(connection: Connection) -> Covered:
    """The last map, as far as it is believed: signed, or derived anew from the last that was.

    LedgerDamaged `map_differs`: what is stored is another map.
    """
    signed = read_signed_map(connection)
    covered = NO_MAP if signed is None else signed.covered
    keys = [note.parse_vkey(vkey) for vkey, state in rows.read_log_keys(connection, LEDGER) if state != DISOWNED]
    for leaf, size in map_rows.read_leaves(connection, covered.leaves):
        grown, logged = grow_map(connection, size, covered), map_log.parse(leaf.body)
        head = checkpoint.check(logged.signed, keys)
        if (head.size, head.root, logged.root) != (size, read_frontier(connection, size).root(), grown.root):
            raise LedgerDamaged("map_differs", f"leaf {leaf.index} of the map's log is not what the entries give")
        covered = Covered(leaf.index + 1, size, leaf.root_id, grown.root)
    return covered


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
        since = NO_MAP
        for leaf, size in map_rows.read_leaves(connection):
            grown = grow_map(connection, size, since)
            if (grown.root, grown.root_id) != (map_log.parse(leaf.body).root, leaf.root_id):
                raise LedgerDamaged(
                    "map_differs", f"root {leaf.index} of the map is not what the entries give: see the audit"
                )
            map_rows.put_map(connection, grown)
            since = Covered(leaf.index + 1, size, leaf.root_id, grown.root)
    return since.leaves
