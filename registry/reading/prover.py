"""A prover makes proofs under one published checkpoint, within one snapshot.

They show that an entry is in the ledger, and what the map says of a key.
"""

from collections.abc import Mapping
from functools import cache

from registry.errors import LedgerDamaged, NotFound, NotPublished, Untrue
from registry.log import checkpoint, entry, map_log, map_tree, note, proof_text, tiles
from registry.log.map_tree import Way
from registry.log.merkle import Frontier, Subtree, check_inclusion, inclusion_proof, leaf_hash
from registry.records.committed import held
from registry.store import document_rows, map_rows, rows
from registry.store.database import Connection
from registry.store.tables import INDEX, LEDGER, Log
from registry.verify import completeness, evidence, latest
from registry.verify.completeness import Completeness, Included
from registry.verify.evidence import Logged
from registry.verify.later import MOST, Later


class Prover:
    """One published state of the ledger. NotPublished before the first checkpoint."""

    def __init__(self, connection: Connection) -> None:
        published = rows.read_published(connection)
        if published is None:
            raise NotPublished("not_published", "no checkpoint is published yet")
        self._connection = connection
        #: how many entries the checkpoint covers, and the cosigned note
        self.size, self.signed = published
        self._root = checkpoint.parse(note.parse(self.signed).text).root
        self._subtrees = {log.name: _subtree(connection, log) for log in (LEDGER, INDEX)}

    def entry(self, index: int) -> tuple[bytes, list[bytes]]:
        """The bytes of an entry, and the proof that it is in the ledger. LedgerDamaged `record_untrue`: it is another one."""
        body = rows.read_entries(self._connection, index, index + 1)[0]
        hashes = inclusion_proof(index, self.size, self._subtrees[LEDGER.name])
        try:
            check_inclusion(index, self.size, leaf_hash(body), hashes, self._root)
        except Untrue as error:
            raise LedgerDamaged("record_untrue", f"entry {index} is not the one that was signed: {error}") from None
        return body, hashes

    def logged(self, index: int) -> Logged:
        """The document under an entry, with the proof that the entry is in the ledger.

        NotFound: its body is gone. LedgerDamaged `record_untrue`: it is not what was logged.
        """
        committed = document_rows.read_document(self._connection, index)
        if committed is None:
            raise NotFound("body_missing", f"the body under entry {index} is not in this store")
        body, hashes = self.entry(index)
        logged = entry.parse(body)
        document = held(logged, *committed)
        proof = proof_text.TlogProof(index, tuple(hashes), self.signed)
        return evidence.Logged(document, logged, body, committed[1], proof)

    def later(self, key: bytes, index: int) -> tuple[Later, ...] | None:
        """The entries under a key of the map after that of an index, in their order; None where they are too many."""
        indexes = [later for later in map_rows.listed(self._connection, key, self.size) if later > index]
        if len(indexes) > MOST:
            return None
        bodies = [self.entry(later)[0] for later in indexes]
        return tuple(Later(entry.parse(body), body) for body in bodies)

    def latest(self, keys: Mapping[str, bytes], own: int | None = None) -> latest.Latest | None:
        """What is the newest entry under each key of the map, by member; None where no map belongs to the checkpoint yet.

        `own`: the index of the organization's entry that is shown in the place of its newest, since the later ones travel too.
        """
        proven = self._map()
        if proven is None:
            return None
        map_root, proof, root_id = proven
        newest = {}
        for member, key in keys.items():
            row = map_rows.newest(self._connection, key, self.size)
            if row is not None:
                path = self._way(root_id, key).path
                _check_present(map_root.root, key, row.value, path)
                n = None
                if own is not None and member == latest.ORGANIZATION:
                    n, row = map_rows.numbered(self._connection, key, own)
                newest[member] = latest.Newest(row.index, row.leaf, b"".join(row.before), path, n)
        return latest.Latest(map_root, proof, newest)

    def organization(self, register: str, number: str) -> Completeness:
        """All entries of an organization under its plain number, or the proof that there are none.

        Malformed `organization`. NotPublished: no map belongs to the checkpoint yet.
        """
        org, proven = completeness.organization(register, number), self._map()
        if proven is None:
            raise NotPublished("not_published", "no map of the published checkpoint is published yet")
        map_root, proof, root_id = proven
        key = map_log.organization_key(org)
        leaf, path = self._way(root_id, key)
        entries = [self.entry(index) for index in map_rows.listed(self._connection, key, self.size)]
        _check_listed(org, [body for body, _ in entries], leaf.left if leaf is not None and leaf.key == key else None)
        return Completeness(
            origin=map_root.head.origin,
            register=register,
            number=number,
            signed=self.signed,
            map_root=map_root,
            proof=proof,
            path=path,
            other=None if leaf is None or leaf.key == key else (leaf.key, leaf.left),
            entries=tuple(Included(entry.parse(body), body, tuple(hashes)) for body, hashes in entries),
        )

    def _map(self) -> tuple[map_log.MapRoot, proof_text.TlogProof, int] | None:
        """The leaf of the map's log for this checkpoint, its proof, and the number of the map's root node."""
        published, leaf = rows.read_published(self._connection, INDEX), map_rows.leaf_at(self._connection, self.size)
        if published is None or leaf is None or leaf.index >= published[0]:
            return None
        size, signed = published
        hashes = inclusion_proof(leaf.index, size, self._subtrees[INDEX.name])
        try:
            root = checkpoint.parse(note.parse(signed).text).root
            check_inclusion(leaf.index, size, leaf_hash(leaf.body), hashes, root)
        except Untrue as error:
            raise LedgerDamaged(
                "record_untrue", f"the root of the map is not the one that was signed: {error}"
            ) from None
        return map_log.parse(leaf.body), proof_text.TlogProof(leaf.index, tuple(hashes), signed), leaf.root_id

    def _way(self, root_id: int, key: bytes) -> Way:
        return map_tree.find(lambda node_id: map_rows.read_node(self._connection, node_id), root_id, key)


def _check_present(root: bytes, key: bytes, value: bytes, path: bytes) -> None:
    try:
        map_tree.check_present(root, key, value, path)
    except Untrue as error:
        raise LedgerDamaged("record_untrue", f"the store does not hold the map that was signed: {error}") from None


def _check_listed(org: str, bodies: list[bytes], value: bytes | None) -> None:
    """LedgerDamaged `record_untrue` unless those entries give the value in the map; None: it has none, nor are there entries."""
    mini = Frontier()
    for body in bodies:
        mini.append(map_log.mini_leaf(entry.parse(body).index, leaf_hash(body)))
    if (mini.root() if mini.size else None) != value:
        raise LedgerDamaged("record_untrue", f"the entries of {org} are not those that the signed map has")


def _subtree(connection: Connection, log: Log) -> Subtree:
    return tiles.subtree_from(cache(lambda level, n: rows.read_tile(connection, level, n, log)))
