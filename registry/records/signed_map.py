"""The map is believed as far as its root was signed.

The root of the map stands in the newest leaf of its log that a signed checkpoint covers; from there its nodes are believed as far
as their hashes lead.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from registry.credential.log_keys import DISOWNED
from registry.errors import LedgerDamaged, RegistryError
from registry.log import checkpoint, entry, map_log, map_tree, note
from registry.log.checkpoint import Checkpoint
from registry.log.map_tree import BITS, Node
from registry.log.merkle import leaf_hash
from registry.records.committed import held
from registry.store import document_rows, map_rows, rows
from registry.store.database import Connection
from registry.store.map_rows import Covered
from registry.store.rows import read_frontier
from registry.store.tables import INDEX


class SignedMap(NamedTuple):
    """A map whose root was signed, and the head of the ledger that it covers."""

    covered: Covered
    head: Checkpoint


def read_signed_map(connection: Connection) -> SignedMap | None:
    """The newest map that was signed; None before the first. The keys of its log are believed.

    LedgerDamaged `map_differs`: checkpoint or leaf are not what was signed.
    """
    signed = rows.last_signed(connection, INDEX)
    if signed is None:
        return None
    keys = [note.parse_vkey(vkey) for vkey, state in rows.read_log_keys(connection, INDEX) if state != DISOWNED]
    try:
        head = checkpoint.check(signed[1], keys)
        body = rows.read_entries(connection, head.size - 1, head.size, INDEX)[0]
        frontier = read_frontier(connection, head.size - 1, INDEX)
        frontier.append(leaf_hash(body))
        leaf = map_log.parse(body)
    except RegistryError as error:
        raise _differs(f"the newest signed leaf of the map's log cannot be read: {error}") from None
    if frontier.root() != head.root:
        raise _differs("the newest signed leaf of the map's log is not the one that was signed")
    root_id = map_rows.root_at(connection, head.size - 1)
    return SignedMap(Covered(head.size, leaf.head.size, root_id, leaf.root), leaf.head)


def checked_nodes(connection: Connection, covered: Covered) -> map_tree.Load:
    """What gives the nodes of that map, each held against the hash that leads to it. LedgerDamaged `map_differs`."""
    return _Nodes(lambda node_id: map_rows.read_node(connection, node_id), covered).load


class _Nodes:
    """Nodes reached from a root that is believed.

    The key of an inner node is in no hash: it is that of its leftmost leaf, so that the left child has the same one, and the
    right child one that agrees with it before the bit in which the two sides differ.
    """

    def __init__(self, read: Callable[[int], Node], covered: Covered) -> None:
        self._read = read
        self._expected: dict[int, tuple[bytes, bytes, int]] = {covered.root_id: (covered.root, b"", 0)}

    def load(self, node_id: int) -> Node:
        node = self._read(node_id)
        known = self._expected.get(node_id)
        if known is None or node.hash != known[0] or not _continues(node, *known[1:]):
            raise _differs(f"node {node_id} of the map is not the one that was signed")
        if node.bit != BITS:
            self._expected[node.left_id] = (node.left, node.key, BITS)
            self._expected[node.right_id] = (node.right, node.key, node.bit)
        return node


def _continues(node: Node, parent_key: bytes, bit: int) -> bool:
    """Whether the node's key agrees with that of its parent before `bit`, and differs there."""
    if not parent_key:
        return len(node.key) == len(map_tree.EMPTY)
    difference = BITS - (int.from_bytes(node.key) ^ int.from_bytes(parent_key)).bit_length()
    return len(node.key) == len(parent_key) and difference == bit


def read_keyed(connection: Connection, start: int, end: int) -> Iterator[tuple[bytes, int, bytes]]:
    """(key, index, leaf hash) of the entries [start, end) that the map speaks of; the entries are believed.

    A status list is named by the document that its entry commits to. LedgerDamaged `record_untrue`: that is another one.
    """
    for index, body in enumerate(rows.read_entries(connection, start, end), start):
        logged = entry.parse(body)
        if logged.org is not None:
            yield map_log.organization_key(logged.org), index, leaf_hash(body)
        elif logged.kind == "status":
            yield map_log.list_key(_list_id(connection, logged)), index, leaf_hash(body)


def _list_id(connection: Connection, logged: entry.Entry) -> str:
    committed = document_rows.read_document(connection, logged.index)
    list_id = None if committed is None else held(logged, *committed).get("id")
    if not isinstance(list_id, str):
        raise LedgerDamaged("record_untrue", f"entry {logged.index} logs a status list that is not in the store")
    return list_id


def _differs(what: str) -> LedgerDamaged:
    return LedgerDamaged("map_differs", f"{what}: nothing is signed; greffe restore --map derives the map anew")
