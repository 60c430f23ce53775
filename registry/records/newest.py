"""The newest entry of an organization, as the signed map has it, and the entries since.

The store's own lists of an organization's entries are not believed: whoever takes the last one out of them hides a filing. The
root of the map is signed, and tells which entry is the newest, or that there is none.
"""

from registry.credential.log_keys import DISOWNED
from registry.errors import LedgerDamaged, Malformed, RegistryError
from registry.log import checkpoint, entry, map_log, map_tree, note
from registry.log.checkpoint import Checkpoint
from registry.log.merkle import Frontier, leaf_hash
from registry.store import map_rows, rows
from registry.store.database import Connection
from registry.store.rows import read_frontier
from registry.store.tables import INDEX

_STRIDE = 1024


def newest_entry(connection: Connection, org: str, head: Checkpoint) -> int | None:
    """The index of the newest entry of `org`, as entries name it, below `head`, which is believed; None: there is none.

    The keys of the map's log are believed too. LedgerDamaged `record_untrue`: map or entries are not what was signed.
    """
    try:
        covered, newest = _in_map(connection, org)
        since = _since(connection, org, covered, head)
    except RegistryError as error:
        raise LedgerDamaged("record_untrue", f"the newest entry of {org} cannot be proven: {error}") from None
    return newest if since is None else since


def _in_map(connection: Connection, org: str) -> tuple[Checkpoint | None, int | None]:
    """The head that the newest signed map covers, and the newest entry under it; None, None before the first."""
    signed = rows.last_signed(connection, INDEX)
    if signed is None:
        return None, None
    keys = [note.parse_vkey(vkey) for vkey, state in rows.read_log_keys(connection, INDEX) if state != DISOWNED]
    index_head = checkpoint.check(signed[1], keys)
    body = rows.read_entries(connection, index_head.size - 1, index_head.size, INDEX)[0]
    frontier = read_frontier(connection, index_head.size - 1, INDEX)
    frontier.append(leaf_hash(body))
    if frontier.root() != index_head.root:
        raise Malformed("map", "the newest leaf of the map's log is not the one that was signed")
    leaf, key = map_log.parse(body), map_log.organization_key(org)
    way = map_tree.find(
        lambda node_id: map_rows.read_node(connection, node_id), map_rows.root_at(connection, index_head.size - 1), key
    )
    row = map_rows.newest(connection, key, leaf.head.size)
    if row is not None:
        map_tree.check_present(leaf.root, key, row.value, way.path)
        return leaf.head, row.index
    other = None if way.leaf is None else (way.leaf.key, way.leaf.left)
    map_tree.check_absent(leaf.root, key, other, way.path)
    return leaf.head, None


def _since(connection: Connection, org: str, covered: Checkpoint | None, head: Checkpoint) -> int | None:
    """The newest entry of `org` among those that the signed map does not cover; they must give the root of `head`."""
    start = 0 if covered is None else covered.size
    frontier, newest = read_frontier(connection, start) if start else Frontier(), None
    if covered is not None and frontier.root() != covered.root:
        raise Malformed("map", "the map was signed over other entries")
    for at in range(start, head.size, _STRIDE):
        for index, body in enumerate(rows.read_entries(connection, at, min(at + _STRIDE, head.size)), at):
            frontier.append(leaf_hash(body))
            if entry.parse(body).org == org:
                newest = index
    if frontier.root() != head.root:
        raise Malformed("entries", "the entries are not those that the office has written")
    return newest
