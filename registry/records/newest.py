"""The newest entry of an organization, as the signed map has it.

The entries that the map does not cover yet are read. The store's own lists of an organization's entries are not believed: who
takes the last one out of them hides a filing. The root of the map is signed, and tells which entry is the newest, or that there
is none.
"""

from registry.errors import LedgerDamaged, Malformed, RegistryError
from registry.log import entry, map_log, map_tree
from registry.log.checkpoint import Checkpoint
from registry.log.merkle import Frontier, leaf_hash
from registry.records.signed_map import SignedMap, read_signed_map
from registry.store import map_rows, rows
from registry.store.database import Connection
from registry.store.rows import read_frontier

_STRIDE = 1024


def newest_entry(connection: Connection, org: str, head: Checkpoint) -> int | None:
    """The index of the newest entry of `org`, as entries name it, below `head`, which is believed; None: there is none.

    The keys of the map's log are believed too. LedgerDamaged `record_untrue`: map or entries are not what was signed.
    """
    try:
        signed = read_signed_map(connection)
        newest = None if signed is None else _in_map(connection, org, signed)
        since = _since(connection, org, signed, head)
    except RegistryError as error:
        raise LedgerDamaged("record_untrue", f"the newest entry of {org} cannot be proven: {error}") from None
    return newest if since is None else since


def _in_map(connection: Connection, org: str, signed: SignedMap) -> int | None:
    """The newest entry under the signed map."""
    covered, key = signed.covered, map_log.organization_key(org)
    way = map_tree.find(lambda node_id: map_rows.read_node(connection, node_id), covered.root_id, key)
    row = map_rows.newest(connection, key, covered.size)
    if row is not None:
        map_tree.check_present(covered.root, key, row.value, way.path)
        return row.index
    other = None if way.leaf is None else (way.leaf.key, way.leaf.left)
    map_tree.check_absent(covered.root, key, other, way.path)
    return None


def _since(connection: Connection, org: str, signed: SignedMap | None, head: Checkpoint) -> int | None:
    """The newest entry of `org` among those that the signed map does not cover; they must give the root of `head`."""
    start = 0 if signed is None else signed.head.size
    frontier, newest = read_frontier(connection, start) if start else Frontier(), None
    if signed is not None and frontier.root() != signed.head.root:
        raise Malformed("map", "the map was signed over other entries")
    for at in range(start, head.size, _STRIDE):
        for index, body in enumerate(rows.read_entries(connection, at, min(at + _STRIDE, head.size)), at):
            frontier.append(leaf_hash(body))
            if entry.parse(body).org == org:
                newest = index
    if frontier.root() != head.root:
        raise Malformed("entries", "the entries are not those that the office has written")
    return newest
