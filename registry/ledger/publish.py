"""A checkpoint is signed over the committed head, read anew, and then published.

A second path must come to the same root first. What was appended since the last signed checkpoint is read back from the store;
its leaf hashes are computed anew from the entry bytes, each entry is parsed and its `prev` compared, and the root is folded up
from the frontier of the last signed root. A bit that flipped between computing and signing is therefore never signed. Then the
map is brought to that size, its root is logged beside the ledger (`map_log`), and read back before that log's checkpoint is
signed too. The witnesses are asked last; what they sign is shown to the public when the policy is met, and until then the public
sees the checkpoint before.

Each step leaves the store such that the next `publish` takes it up: signing the same head again gives the same bytes (Ed25519 is
deterministic), and the head token (`head_token`) is moved before a signature is made, never after.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple, Protocol

from registry.errors import Conflict, LedgerDamaged, Untrue
from registry.keys import Signer
from registry.ledger import map_growth
from registry.log import checkpoint, entry, map_log, map_tree, note, tiles
from registry.log.merkle import Frontier, consistency_proof, leaf_hash
from registry.records.committed import read_last
from registry.records.seals import PUBLISHED, Seals
from registry.store import map_rows, rows
from registry.store.database import Connection, IntegrityError, Store
from registry.store.map_rows import Grown
from registry.store.rows import read_frontier
from registry.store.tables import INDEX, LEDGER, Log

#: of the keys of the map that changed, so many are looked up again before its root is signed
_LOOKED_UP = 500

#: the root of an earlier size, from the store
RootAt = Callable[[int], bytes]
#: the consistency proof from an older size of the log to the one that is signed
Prove = Callable[[int], list[bytes]]


class Cosigned(NamedTuple):
    """A note with the cosignatures that were had; whether the policy is met, and whether everyone who was asked gave one."""

    note: str
    is_met: bool
    is_whole: bool


class Witnesses(Protocol):
    """Asks the witnesses of a policy; `witnesses.PolicyWitnesses` is one."""

    def check(self, head: checkpoint.Checkpoint, root_at: RootAt) -> None:
        """Refused `store_behind`, `store_forked` where a witness shows that the log has signed what `head` does not continue."""

    def cosigned(self, signed: str, shown: str | None, prove: Prove) -> Cosigned:
        """`signed`: a checkpoint as a log signed it; `shown`: what the public sees of that log now."""


class Token(Protocol):
    """What was last signed, kept apart from the store (registry/store/head_token.py)."""

    def advance(self, log: str, head: checkpoint.Checkpoint, root_at: RootAt) -> None:
        """Refused unless the log still holds what was signed last; then `head` takes its place."""


@dataclass(frozen=True, slots=True)
class Signers:
    """The keys of the ledger and of the map's log: one each, or two while one takes over from the other.

    `seals`: what is signed must bear them.
    """

    ledger: tuple[Signer, ...]
    index: tuple[Signer, ...]
    seals: Seals


@dataclass(frozen=True, slots=True)
class Published:
    """The checkpoint that was signed, as the public sees it or would; whether it is a new one, and whether it is shown."""

    checkpoint: checkpoint.Checkpoint
    note: str
    is_new: bool
    is_shown: bool


def publish(
    store: Store,
    signers: Signers,
    *,
    witnesses: Witnesses | None = None,
    token: Token | None = None,
) -> Published:
    """Sign the committed head, log the map's root, ask the witnesses, and show what they cosigned.

    LedgerDamaged when the store does not hold what its head says; Refused when the token knows of a later head; Conflict when
    somebody else publishes.
    """
    try:
        return _Publisher(store, signers, witnesses, token).publish()
    except IntegrityError:
        raise Conflict("busy", "another process is publishing this ledger") from None


class _Publisher:
    def __init__(self, store: Store, signers: Signers, witnesses: Witnesses | None, token: Token | None) -> None:
        self._store, self._signers, self._witnesses, self._token = store, signers, witnesses, token

    def publish(self) -> Published:
        with self._store.write():
            pass  # what this process will read is on the disk: after a crash it may be in the kernel's memory alone
        with self._store.read() as connection:
            head, signed = self._verified_head(connection)
            covered, grown = map_growth.covered_before(connection), None
            if covered.size != head.size or not covered.leaves:
                grown = map_growth.grow_map(connection, head.size, covered)
            if signed is None:
                self._check_witnesses(connection, LEDGER, head)
            self._advance(connection, LEDGER, head)
        is_new = signed is None
        signed = signed or checkpoint.sign(head, *self._signers.ledger)
        with self._store.write() as connection:
            if is_new:
                rows.put_checkpoint(connection, head.size, signed)
            if grown is not None:
                map_growth.keep_map(connection, grown, signed)
        signed_index = self._signed_index(head, grown)
        return self._show(Published(head, signed, is_new, is_shown=False), signed_index)

    def _verified_head(self, connection: Connection) -> tuple[checkpoint.Checkpoint, str | None]:
        """The committed head, recomputed; and its note when that head is already signed."""
        size, root, origin, genesis_key = self._signers.seals.check(connection)
        head = checkpoint.Checkpoint(origin, size, root)
        last = rows.last_signed(connection)
        signed_size = 0
        if last is not None:
            signed = _own(last[1], origin, self._signers.ledger)
            if signed == head:
                return head, _as_signed(connection, LEDGER, last[1])
            signed_size = signed.size
            if signed_size >= size:
                raise LedgerDamaged(
                    "head_behind", f"the store ends at {size}, a checkpoint of {signed_size} was signed"
                )
            if read_frontier(connection, signed_size).root() != signed.root:
                raise LedgerDamaged("root_differs", f"the first {signed_size} entries no longer give the signed root")
        frontier = read_frontier(connection, signed_size)
        prev = entry.genesis_prev(origin, genesis_key)
        if signed_size:
            prev = leaf_hash(read_last(connection, signed_size, frontier.root())).hex()
        _read_back(connection, frontier, prev, size)
        if frontier.root() != root or read_frontier(connection, size).root() != root:
            raise LedgerDamaged("root_differs", "the stored entries, hashes and head do not agree: nothing was signed")
        return head, None

    def _advance(self, connection: Connection, log: Log, head: checkpoint.Checkpoint) -> None:
        if self._token is not None:
            self._token.advance(log.name, head, lambda size: read_frontier(connection, size, log).root())

    def _check_witnesses(self, connection: Connection, log: Log, head: checkpoint.Checkpoint) -> None:
        """Before each new head: another copy of this store may have been signed meanwhile, under sizes of its own."""
        if self._witnesses is not None:
            self._witnesses.check(head, lambda size: read_frontier(connection, size, log).root())

    def _signed_index(self, head: checkpoint.Checkpoint, grown: Grown | None) -> str:
        """The checkpoint of the map's log, signed after its leaf and what the map changed were read back."""
        origin = map_log.index_origin(head.origin)
        with self._store.read() as connection:
            size, _, root_id, _ = map_rows.last_covered(connection)
            last = rows.last_signed(connection, INDEX)
            leaf = rows.read_entries(connection, size - 1, size, INDEX)[0]
            frontier = read_frontier(connection, size - 1, INDEX)
            frontier.append(leaf_hash(leaf))
            root = frontier.root()
            logged = map_log.parse(leaf)
            if logged.head != head or read_frontier(connection, size, INDEX).root() != root:
                raise LedgerDamaged("map_differs", "the leaf of the map is not what was stored: nothing was signed")
            signed = None if last is None else _own(last[1], origin, self._signers.index)
            if last is not None and signed == checkpoint.Checkpoint(origin, size, root):
                return _as_signed(connection, INDEX, last[1])
            if signed is not None and read_frontier(connection, signed.size, INDEX).root() != signed.root:
                raise LedgerDamaged(
                    "root_differs", f"the first {signed.size} roots of the map are not those that were signed"
                )
            if grown is not None:
                _look_up(connection, grown, logged.root, root_id)
            index_head = checkpoint.Checkpoint(origin, size, root)
            self._check_witnesses(connection, INDEX, index_head)
            self._advance(connection, INDEX, index_head)
        made = checkpoint.sign(index_head, *self._signers.index)
        with self._store.write() as connection:
            rows.put_checkpoint(connection, size, made, INDEX)
        return made

    def _show(self, done: Published, signed_index: str) -> Published:
        """Ask the witnesses for both, and let the public see both where the policy is met."""
        ledger, index = (self._cosigned(signed, log) for signed, log in ((done.note, LEDGER), (signed_index, INDEX)))
        if not (ledger.is_met and index.is_met):
            return Published(done.checkpoint, ledger.note, done.is_new, is_shown=False)
        with self._store.write() as connection:
            sealing = self._signers.seals.opened(connection, (PUBLISHED,))
            for log, cosigned in ((LEDGER, ledger), (INDEX, index)):
                size = checkpoint.parse(note.parse(cosigned.note).text).size
                rows.put_published(connection, size, cosigned.note, log)
                sealing.put(PUBLISHED, (log.name, size, cosigned.note))
            sealing.close(sealing.head)
        return Published(done.checkpoint, ledger.note, done.is_new, is_shown=True)

    def _cosigned(self, signed: str, log: Log) -> Cosigned:
        if self._witnesses is None:
            return Cosigned(signed, is_met=True, is_whole=True)
        head = checkpoint.parse(note.parse(signed).text)
        size = head.size
        with self._store.read() as connection:
            shown = rows.read_published(connection, log)

        prove = prover(self._store, size, log)
        cosigned = self._witnesses.cosigned(signed, None if shown is None else shown[1], prove)
        if not cosigned.is_whole:
            with self._store.read() as connection:
                self._check_witnesses(connection, log, head)
        return cosigned


def prover(store: Store, size: int, log: Log = LEDGER) -> Prove:
    """What proves, from an older size, that the log's tree of that size continues it."""

    def prove(old: int) -> list[bytes]:
        with store.read() as connection:
            subtree = tiles.subtree_from(lambda level, n: rows.read_tile(connection, level, n, log))
            return consistency_proof(old, size, subtree)

    return prove


def _read_back(connection: Connection, frontier: Frontier, prev: str, size: int) -> None:
    """Grow the frontier to `size` by the stored entries; LedgerDamaged where chain or tiles are not what they give."""
    for start in range(frontier.size, size, 1024):
        derived: dict[tuple[int, int], dict[int, bytes]] = {}
        for index, body in enumerate(rows.read_entries(connection, start, min(start + 1024, size)), start):
            parsed = entry.parse(body)
            if (parsed.index, parsed.prev) != (index, prev):
                raise LedgerDamaged("chain_broken", f"entry {index} does not continue the chain")
            leaf = leaf_hash(body)
            prev = leaf.hex()
            for level, n, value in frontier.append(leaf):
                place = tiles.place_of(level, n)
                if place is not None:
                    derived.setdefault(place[:2], {})[place[2]] = value
        for (level, n), hashes in derived.items():
            try:
                stored = rows.read_tile(connection, level, n)
            except KeyError as error:
                raise LedgerDamaged("tile_missing", str(error)) from None
            if any(stored[32 * i : 32 * i + 32] != value for i, value in hashes.items()):
                raise LedgerDamaged("tile_differs", f"tile {n} at level {level} is not what the entries give")


def _own(signed: str, origin: str, signers: Sequence[Signer]) -> checkpoint.Checkpoint:
    """A checkpoint that this log has signed, by whichever of its keys."""
    return checkpoint.check(signed, [note.VerifierKey(origin, signer.public.raw) for signer in signers])


def _as_signed(connection: Connection, log: Log, signed: str) -> str:
    """A checkpoint with the signatures of the log's keys alone: what else the store has put under it is nobody's."""
    keys = [note.parse_vkey(vkey) for vkey, _ in rows.read_log_keys(connection, log)]
    checkpoint.check(signed, keys)
    parsed, own = note.parse(signed), {(key.name, key.key_id) for key in keys}
    return note.Note(parsed.text, tuple(line for line in parsed.signatures if (line.name, line.key_id) in own)).print()


def _look_up(connection: Connection, grown: Grown, root: bytes, root_id: int) -> None:
    """The stored map leads to what changed: every key where they are few, else many of them."""
    changed = {key for key, *_ in islice(reversed(grown.entries), _LOOKED_UP)}
    for key in changed:
        newest = map_rows.newest(connection, key, grown.size)
        way = map_tree.find(lambda node_id: map_rows.read_node(connection, node_id), root_id, key)
        value = newest.value if newest is not None else b""
        try:
            if way.leaf is None or (way.leaf.key, way.leaf.left) != (key, value):
                raise Untrue("map", "the leaf is another one")
            map_tree.check_present(root, key, value, way.path)
        except Untrue:
            raise LedgerDamaged(
                "map_differs", "the stored map does not hold what changed: nothing was signed"
            ) from None
