"""The map and its log are derived anew, entry by entry, and compared.

Compared are every root, hash and node in the store. The numbers of the nodes follow from the order of the checkpoints, so what is
stored must be the same node for node.
"""

from collections.abc import Iterable
from itertools import groupby

import sqlalchemy as sa

from registry.errors import RegistryError, Untrue
from registry.log import checkpoint, map_log, map_tree, note
from registry.log.entry import Entry
from registry.log.map_tree import Node
from registry.log.merkle import Frontier, leaf_hash
from registry.log.note import VerifierKey
from registry.log.tiles import place_of
from registry.store import rows, tables
from registry.store.columns import blob, number, text
from registry.store.tables import INDEX


class MapAudit:
    """The map beside a walk over the entries. `keys`: of the map's log; `failures`: takes a line for each fault."""

    def __init__(
        self, connection: sa.Connection, origin: str, keys: Iterable[VerifierKey], failures: list[str]
    ) -> None:
        self._connection, self._failures = connection, failures
        self._origin, self._keys = map_log.index_origin(origin), list(keys)
        self._mini_logs: dict[bytes, Frontier] = {}
        #: the value of each key under the last leaf
        self._values: dict[bytes, bytes] = {}
        self._changed: set[bytes] = set()
        self._nodes: dict[int, Node] = {}
        self._root, self._root_id = map_tree.EMPTY, map_tree.NOTHING
        columns = tables.index_entries.c
        leaves = connection.execute(
            sa.select(columns.i, columns.size, columns.root_id, columns.body).order_by(columns.i)
        ).all()
        self._leaves = [(row.size, row.root_id, blob(row.body)) for row in leaves]
        if [row.i for row in leaves] != list(range(len(leaves))):
            failures.append("the leaves of the map's log are not numbered one by one")
        self._next = 0

    def at(self, frontier: Frontier) -> None:
        """The walk has come to a size of the ledger: compare the leaf of the map that was made there, if one was."""
        while self._next < len(self._leaves) and self._leaves[self._next][0] == frontier.size:
            _, root_id, body = self._leaves[self._next]
            changes = {key: self._mini_logs[key].root() for key in self._changed}
            made = map_tree.update(self._nodes.__getitem__, self._root_id, changes, len(self._nodes) + 1)
            self._nodes |= made.made
            self._root, self._root_id = made.root, made.root_id
            self._values |= changes
            self._changed = set()
            try:
                leaf = map_log.parse(body)
                is_same = (leaf.head.size, leaf.head.root) == (frontier.size, frontier.root())
                if not is_same or (leaf.root, root_id) != (self._root, self._root_id):
                    raise Untrue("map", "it is not what the entries give")
            except RegistryError as error:
                self._failures.append(f"leaf {self._next} of the map's log is bad: {error}")
            self._next += 1

    def take(self, logged: Entry, leaf: bytes, list_id: str | None) -> None:
        """One entry, and the id of the status list whose version it logs."""
        if logged.org is not None:
            key = map_log.organization_key(logged.org)
        elif list_id is not None:
            key = map_log.list_key(list_id)
        else:
            return
        self._mini_logs.setdefault(key, Frontier()).append(map_log.mini_leaf(logged.index, leaf))
        self._changed.add(key)

    def finish(self) -> None:
        """The walk is over: compare what is stored beside the leaves."""
        if self._next != len(self._leaves):
            self._failures.append(f"leaf {self._next} of the map's log belongs to no size of the ledger")
        self._check_log()
        self._check_ledger_checkpoints()
        self._check_mini_logs()
        stored = {
            row.id: Node(row.bit, blob(row.key), blob(row.left), blob(row.right), row.left_id, row.right_id)
            for row in self._connection.execute(sa.select(tables.map_nodes))
        }
        if stored != self._nodes:
            self._failures.append(
                "the nodes kept of the map are not what the entries give: greffe restore --map makes them anew"
            )

    def _check_mini_logs(self) -> None:
        """The rows under each key give the value that the map has of it, and none is of another key."""
        columns = tables.mini_logs.c
        chosen = self._connection.execute(sa.select(tables.mini_logs).order_by(columns.key, columns.n))
        count, is_same = 0, True
        for key, own in groupby(chosen, lambda row: blob(row.key)):
            mini_log = Frontier()
            for row in own:
                is_same &= (number(row.n), blob(row.before)) == (mini_log.size, b"".join(mini_log.hashes))
                mini_log.append(map_log.mini_leaf(number(row.i), blob(row.leaf)))
            is_same &= self._values.get(key) == mini_log.root()
            count += 1
        if not is_same or count != len(self._values):
            self._failures.append(
                "what is kept of each organization's entries is not what the entries give: greffe restore --map makes it anew"
            )

    def _check_ledger_checkpoints(self) -> None:
        """Each leaf repeats a checkpoint of the ledger, which stands in the store as well."""
        signed = dict(self._connection.execute(sa.select(tables.checkpoints.c.size, tables.checkpoints.c.note)).all())
        for index, (size, _, body) in enumerate(self._leaves):
            if body.partition(b"\n")[2] != text(signed.get(size, "")).encode():
                self._failures.append(
                    f"the checkpoint of size {size}, which leaf {index} of the map's log repeats, is not in the store"
                )

    def _check_log(self) -> None:
        """The hashes and the signed checkpoints of the map's log, and the one that is shown."""
        frontier, derived, roots = Frontier(), dict[tuple[int, int], bytearray](), {0: Frontier().root()}
        for _, _, body in self._leaves:
            for level, n, value in frontier.append(leaf_hash(body)):
                place = place_of(level, n)
                if place is not None:
                    derived.setdefault(place[:2], bytearray()).extend(value)
            roots[frontier.size] = frontier.root()
        stored = {(row.level, row.n): blob(row.hashes) for row in self._connection.execute(sa.select(INDEX.tiles))}
        if stored != derived:
            self._failures.append("the tiles of the map's log are not what its leaves give")
        signed = {number(row.size): text(row.note) for row in self._connection.execute(sa.select(INDEX.checkpoints))}
        shown = rows.read_published(self._connection, INDEX)
        if shown is not None and shown[0] not in signed:
            self._failures.append("the published checkpoint of the map's log is not one that was signed")
        names = {(key.name, key.key_id) for key in self._keys}
        for size, signed_text in [*signed.items(), *([shown] if shown is not None else [])]:
            try:
                head = checkpoint.check(signed_text, self._keys)
                if (head.origin, head.size, head.root) != (self._origin, size, roots.get(size)):
                    raise Untrue("checkpoint", "it is not of what the log holds")
                lines = [(line.name, line.key_id) for line in note.parse(signed_text).signatures]
                if signed.get(size) == signed_text and (not names.issuperset(lines) or len(set(lines)) < len(lines)):
                    raise Untrue("checkpoint", "it bears a signature of nobody known, or one twice")
            except RegistryError as error:
                self._failures.append(f"the checkpoint of size {size} of the map's log is bad: {error}")
