"""A prover makes proofs under one published checkpoint, within one snapshot.

They show that an entry is in the ledger, and what the map says of a key. What does not change is in `memory`.
"""

from collections.abc import Callable, Mapping
from typing import TypeVar

from registry.errors import LedgerDamaged, NotFound, NotPublished, Untrue
from registry.log import entry, map_log, map_tree, proof_text
from registry.log.map_tree import Node, Way
from registry.log.merkle import Frontier, check_inclusion, inclusion_proof, leaf_hash
from registry.reading.memory import Head, MapProof, memory_of, untrue
from registry.records.committed import held
from registry.store import document_rows, issuer_rows, map_rows, rows
from registry.store.database import Connection
from registry.store.document_rows import RecordRow
from registry.store.tables import INDEX, LEDGER, Log
from registry.verify import completeness, evidence, latest
from registry.verify.completeness import Completeness, Included
from registry.verify.evidence import Logged
from registry.verify.later import MOST, Later
from registry.verify.latest import Newest

T = TypeVar("T")
#: kinds of entries whose documents are public and are never erased
_LASTING = ("status", "key")


class Prover:
    """One published state of the ledger. NotPublished before the first checkpoint."""

    def __init__(self, connection: Connection) -> None:
        self._memory = memory_of(connection.engine)
        self._publication = self._memory.publication(connection)
        head = self._publication.heads.get(LEDGER.name)
        if head is None:
            raise NotPublished("not_published", "no checkpoint is published yet")
        self._connection, self._head = connection, head
        #: how many entries the checkpoint covers, and the cosigned note
        self.size, self.signed = head.size, head.signed

    def entry(self, index: int) -> tuple[bytes, list[bytes]]:
        """The bytes of an entry, and the proof that it is in the ledger. LedgerDamaged `record_untrue`: it is another one."""
        body = rows.read_entries(self._connection, index, index + 1)[0]
        return body, self._included(LEDGER, self._head, index, body)

    def logged(self, index: int) -> Logged:
        """The document under an entry, with the proof that the entry is in the ledger.

        NotFound: its body is gone. LedgerDamaged `record_untrue`: it is not what was logged.
        """
        remembered = self._publication.logged.get(index)
        if remembered is not None:
            return remembered
        committed = document_rows.read_document(self._connection, index)
        if committed is None:
            raise NotFound("body_missing", f"the body under entry {index} is not in this store")
        body, hashes = self.entry(index)
        made = self._logged(body, hashes, *committed)
        return self._publication.logged.put(index, made) if made.entry.kind in _LASTING else made

    def logged_row(self, row: RecordRow) -> Logged:
        """As `logged`, of an entry and a document that were read together. NotPublished: the checkpoint does not cover it."""
        index = entry.parse(row.body).index
        if index >= self.size:
            raise NotPublished("not_published", "no published checkpoint covers this credential yet")
        if row.document is None or row.salt is None:
            raise NotFound("body_missing", f"the body under entry {index} is not in this store")
        return self._logged(row.body, self._included(LEDGER, self._head, index, row.body), row.document, row.salt)

    def _logged(self, body: bytes, hashes: list[bytes], document: bytes, salt: bytes) -> Logged:
        logged = entry.parse(body)
        proof = proof_text.TlogProof(logged.index, tuple(hashes), self.signed)
        return evidence.Logged(held(logged, document, salt), logged, body, salt, proof)

    def status_list(self, list_id: str) -> Logged:
        """The newest version of a status list. NotFound `status_list_unknown`; LedgerDamaged, as `logged`."""
        return self.logged(self._version(list_id, issuer_rows.newest_list_version, "status_list_unknown"))

    def issuer_keys(self, register: str) -> Logged:
        """The newest DID document of a register's issuer. NotFound `register_unknown`; LedgerDamaged, as `logged`."""
        return self.logged(self._version(register, issuer_rows.newest_key_entry, "register_unknown"))

    def _version(self, name: str, read: Callable[[Connection, str, int], int | None], unknown: str) -> int:
        index = self._publication.versions.get(name)
        if index is None:
            index = read(self._connection, name, self.size)
            if index is None:
                raise NotFound(unknown, f"the ledger holds nothing of {name[:100]}")
            self._publication.versions.put(name, index)
        return index

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
        newest = {member: self._newest(proven, key) for member, key in keys.items()}
        known = {member: value for member, value in newest.items() if value is not None}
        if own is not None and latest.ORGANIZATION in known:
            n, row = map_rows.numbered(self._connection, keys[latest.ORGANIZATION], own)
            path = known[latest.ORGANIZATION].path
            known[latest.ORGANIZATION] = Newest(row.index, row.leaf, b"".join(row.before), path, n)
        return latest.Latest(proven.map_root, proven.proof, known)

    def organization(self, register: str, number: str) -> Completeness:
        """All entries of an organization under its plain number, or the proof that there are none.

        Malformed `organization`. NotPublished: no map belongs to the checkpoint yet.
        """
        org, proven = completeness.organization(register, number), self._map()
        if proven is None:
            raise NotPublished("not_published", "no map of the published checkpoint is published yet")
        key = map_log.organization_key(org)
        leaf, path = self._trusted(lambda: self._way(proven, key))
        entries = [self.entry(index) for index in map_rows.listed(self._connection, key, self.size)]
        _check_listed(org, [body for body, _ in entries], leaf.left if leaf is not None and leaf.key == key else None)
        return Completeness(
            origin=proven.map_root.head.origin,
            register=register,
            number=number,
            signed=self.signed,
            map_root=proven.map_root,
            proof=proven.proof,
            path=path,
            other=None if leaf is None or leaf.key == key else (leaf.key, leaf.left),
            entries=tuple(Included(entry.parse(body), body, tuple(hashes)) for body, hashes in entries),
        )

    def _newest(self, proven: MapProof, key: bytes) -> Newest | None:
        """The newest entry under a key, as the map holds it; None where the store has none."""
        remembered = self._publication.newest.get(key)
        if remembered is not None:
            return remembered
        row = map_rows.newest(self._connection, key, self.size)
        if row is None:
            return None

        def path() -> bytes:
            way = self._way(proven, key)
            map_tree.check_present(proven.map_root.root, key, row.value, way.path)
            return way.path

        newest = Newest(row.index, row.leaf, b"".join(row.before), self._trusted(path))
        return self._publication.newest.put(key, newest)

    def _map(self) -> MapProof | None:
        """The leaf of the map's log for this checkpoint, its proof, and the number of the map's root node."""
        publication, head = self._publication, self._publication.heads.get(INDEX.name)
        if publication.map_proof is None and head is not None:
            leaf = map_rows.leaf_at(self._connection, self.size)
            if leaf is not None and leaf.index < head.size:
                hashes = self._included(INDEX, head, leaf.index, leaf.body)
                proof = proof_text.TlogProof(leaf.index, tuple(hashes), head.signed)
                publication.map_proof = MapProof(map_log.parse(leaf.body), proof, leaf.root_id)
        return publication.map_proof

    def _included(self, log: Log, head: Head, index: int, body: bytes) -> list[bytes]:
        """The proof that an entry is in a log, held against its signed root. LedgerDamaged `record_untrue`."""
        subtree = self._memory.subtree(log.name, lambda level, n: rows.read_tile(self._connection, level, n, log))

        def proof() -> list[bytes]:
            hashes = inclusion_proof(index, head.size, subtree)
            check_inclusion(index, head.size, leaf_hash(body), hashes, head.root)
            return hashes

        try:
            return self._trusted(proof)
        except LedgerDamaged as error:
            raise untrue(f"entry {index} is not the one that was signed: {error}") from None

    def _way(self, proven: MapProof, key: bytes) -> Way:
        """Where a key leads in the signed map: to its own leaf or, by a checked proof of absence, to another. Untrue."""
        way = map_tree.find(self._node, proven.root_id, key)
        leaf = way.leaf
        if leaf is not None and leaf.key == key:
            map_tree.check_present(proven.map_root.root, key, leaf.left, way.path)
        else:
            other = None if leaf is None else (leaf.key, leaf.left)
            map_tree.check_absent(proven.map_root.root, key, other, way.path)
        return way

    def _node(self, node_id: int) -> Node:
        node = self._memory.nodes.get(node_id)
        return node or self._memory.nodes.put(node_id, map_rows.read_node(self._connection, node_id))

    def _trusted(self, prove: Callable[[], T]) -> T:
        """What `prove` makes; once more from the store alone where what is remembered does not lead to the signed root.

        LedgerDamaged `record_untrue`.
        """
        try:
            return prove()
        except (KeyError, Untrue):
            self._memory.forget()
        try:
            return prove()
        except (KeyError, Untrue) as error:
            raise untrue(f"the store does not hold what was signed: {error}") from None


def _check_listed(org: str, bodies: list[bytes], value: bytes | None) -> None:
    """LedgerDamaged `record_untrue` unless those entries give the value in the map; None: it has none, nor are there entries."""
    mini = Frontier()
    for body in bodies:
        mini.append(map_log.mini_leaf(entry.parse(body).index, leaf_hash(body)))
    if (mini.root() if mini.size else None) != value:
        raise LedgerDamaged("record_untrue", f"the entries of {org} are not those that the signed map has")
