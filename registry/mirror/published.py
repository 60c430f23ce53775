"""One published state is derived from the entries, and held against signed checkpoints.

Whoever writes the store's file can change every row of it, but not what a key of the ledger signed. So the tree is built anew
from the entries, and its root must be the signed one; a document must be what its entry commits to; and which of them is the
newest of its kind the entries tell, not the tables beside them. Proofs and did:webvh logs are left to `files`.
"""

from collections.abc import Callable
from typing import Any

from registry.credential.document import text_at
from registry.errors import LedgerDamaged, Malformed, NotPublished, Untrue
from registry.log import checkpoint, entry, note, tiles
from registry.log.checkpoint import Checkpoint
from registry.log.merkle import Frontier, leaf_hash, root_of
from registry.log.policy import Policy
from registry.records.committed import held
from registry.store import document_rows, rows
from registry.store.damage import UNREADABLE, is_passing, reason
from registry.store.database import Connection
from registry.store.tables import LEDGER, Log

PUBLIC_KINDS = ("key", "status", "policy")
#: JCS escapes every quotation mark within a text, so that these bytes stand nowhere else
_PUBLIC = tuple(f'"kind":"{kind}"'.encode() for kind in PUBLIC_KINDS)
#: a whole number of bundles
_STRIDE = 4 * tiles.WIDTH
#: a witness's clock may be behind ours by so much
_BEHIND_SECONDS = 60


class SignedTree:
    """The tree of a log, of which `head` is signed. `take`: is given each entry with its index, before the root is compared.

    LedgerDamaged `record_untrue`: the entries do not give that root, naming the first that is to blame.
    """

    def __init__(
        self, connection: Connection, log: Log, head: Checkpoint, take: Callable[[int, bytes], None] | None = None
    ) -> None:
        self._connection, self._log, self.head = connection, log, head
        #: every tile above the lowest level
        self._above: dict[tuple[int, int], bytearray] = {}
        frontier, leaves = Frontier(), list[bytes]()
        for start in range(0, head.size, _STRIDE):
            bodies = self._read(start, min(start + _STRIDE, head.size))
            leaves = [leaf_hash(body) for body in bodies]
            for level, first, hashes in frontier.extend(leaves):
                for tile_level, n, part in tiles.spread(level, first, hashes):
                    if tile_level:
                        self._above.setdefault((tile_level, n), bytearray()).extend(b"".join(part))
            if take is not None:
                for index, body in enumerate(bodies, start):
                    take(index, body)
        #: the hashes of the last bundle where it is not full
        self._last = leaves[len(leaves) - head.size % tiles.WIDTH :]
        if frontier.root() != head.root:
            raise self._untrue()

    def root_at(self, size: int) -> bytes:
        """The root of the first `size` entries, which are not more than the tree has."""
        return Frontier.of(size, tiles.subtree_from(self._hashes)).root()

    def tile(self, tile: tiles.Tile) -> bytes:
        """The bytes of a tile, as wide as the tree has it or narrower, as the entries give them.

        LedgerDamaged `record_untrue`: the store has other hashes there, which it hands out.
        """
        if tile.level is None:
            return b"".join(len(body).to_bytes(2, "big") + body for body in self._bundle(tile.n)[: tile.width])
        data = self._hashes(tile.level, tile.n)[: 32 * tile.width]
        try:
            stored = rows.read_tile(self._connection, tile.level, tile.n, self._log)
        except KeyError:
            stored = b""
        if not stored.startswith(data):
            raise LedgerDamaged(
                "record_untrue", f"the tile {tile.print()} of {self.head.origin} is not what its entries give"
            )
        return data

    def _hashes(self, level: int, n: int) -> bytes:
        if level:
            return bytes(self._above[level, n])
        return b"".join(leaf_hash(body) for body in self._bundle(n))

    def _bundle(self, n: int) -> list[bytes]:
        """The entries of a bundle, which are those that gave the root."""
        start = n * tiles.WIDTH
        bodies = self._read(start, min(start + tiles.WIDTH, self.head.size))
        leaves = [leaf_hash(body) for body in bodies]
        if len(leaves) == tiles.WIDTH:
            place = 32 * (n % tiles.WIDTH)
            is_same = root_of(leaves) == self._above[1, n // tiles.WIDTH][place : place + 32]
        else:
            is_same = leaves == self._last
        if not is_same:
            raise LedgerDamaged("record_untrue", f"the entries from {start} of {self.head.origin} have just changed")
        return bodies

    def _read(self, start: int, end: int) -> list[bytes]:
        """Those entries. LedgerDamaged, naming the first that cannot be read."""
        try:
            return rows.read_entries(self._connection, start, end, self._log)
        except UNREADABLE as error:
            if is_passing(error):
                raise
            why = reason(error)
        for index in range(start, end):
            try:
                rows.read_entries(self._connection, index, index + 1, self._log)
            except UNREADABLE as error:
                raise self._bad(index, f"cannot be read: {reason(error)}") from None
        raise self._bad(start, f"and those behind it cannot be read: {why}")

    def _untrue(self) -> LedgerDamaged:
        """The first entry that is not the one whose hash the next one names, or a tile has."""
        before: bytes | None = None
        for start in range(0, self.head.size, tiles.WIDTH):
            bodies = self._read(start, min(start + tiles.WIDTH, self.head.size))
            try:
                hashes = rows.read_tile(self._connection, 0, start // tiles.WIDTH, self._log)
            except (KeyError, *UNREADABLE):
                hashes = b""
            for index, body in enumerate(bodies, start):
                if self._log is LEDGER:
                    try:
                        logged = entry.parse(body)
                    except Malformed as error:
                        return self._bad(index, f"is none: {error}")
                    if before is not None and logged.prev != before.hex():
                        return self._bad(index - 1, "is not the one that was signed")
                before = leaf_hash(body)
                place = 32 * (index - start)
                if hashes[place : place + 32] != before:
                    return self._bad(index, "is not the one that was signed, or its hash in the tile is another")
        return LedgerDamaged("record_untrue", f"the entries of {self.head.origin} do not give the root that was signed")

    def _bad(self, index: int, what: str) -> LedgerDamaged:
        whose = "" if self._log is LEDGER else f" of {self.head.origin}"
        return LedgerDamaged("record_untrue", f"entry {index}{whose} {what}; see greffe audit")


class PublicRecords:
    """The entries of the ledger whose document everybody may have, under one signed head, and which is the newest of its kind."""

    def __init__(self, connection: Connection, head: Checkpoint) -> None:
        self._connection = connection
        #: by index, in their order
        self.entries: dict[int, entry.Entry] = {}
        self._bodies: dict[int, bytes] = {}
        #: the time of the last entry, and the hash that the first one has before it
        self.time, self.first_prev = 0, ""
        self.tree = SignedTree(connection, LEDGER, head, self._take)
        self.entries = {index: self._parsed(index, body) for index, body in self._bodies.items()}
        if head.size:
            ends = [rows.read_entries(connection, index, index + 1)[0] for index in (0, head.size - 1)]
            self.first_prev, self.time = self._parsed(0, ends[0]).prev, self._parsed(head.size - 1, ends[1]).time
        #: the newest entry with the document of each issuer, by its DID; and with each status list, by its id
        self.keys: dict[str, int] = {}
        self.lists: dict[str, int] = {}
        for index, logged in self.entries.items():
            document = self.document(index)
            if logged.kind == "key":
                self.keys[logged.issuer or ""] = index
            elif logged.kind == "status":
                self.lists[text_at(document, "id") or ""] = index

    def document(self, index: int) -> dict[str, Any]:
        """The document under a public entry, which commits to it. LedgerDamaged."""
        return held(self.entries[index], *self.read(index))

    def read(self, index: int) -> tuple[bytes, bytes]:
        """The bytes of that document, and its salt: not held against the entry. LedgerDamaged `body_missing`."""
        try:
            committed = document_rows.read_document(self._connection, index)
        except UNREADABLE as error:
            if is_passing(error):
                raise
            raise LedgerDamaged(
                "record_untrue", f"the document under entry {index} cannot be read: {reason(error)}"
            ) from None
        if committed is None:
            raise LedgerDamaged("body_missing", f"the document under entry {index} is missing: it cannot be mirrored")
        return committed

    def _take(self, index: int, body: bytes) -> None:
        if any(kind in body for kind in _PUBLIC):
            self._bodies[index] = body

    def _parsed(self, index: int, body: bytes) -> entry.Entry:
        try:
            logged = entry.parse(body)
        except Malformed as error:
            raise LedgerDamaged("record_untrue", f"entry {index} is none: {error}") from None
        if logged.index != index:
            raise LedgerDamaged("record_untrue", f"entry {index} says that it is another one")
        return logged


def read_shown(connection: Connection, log: Log, origin: str) -> tuple[Checkpoint, str]:
    """The published checkpoint of a log, which one of its keys signed, and its note.

    NotPublished before the first. LedgerDamaged `record_untrue`: it is another one.
    """
    try:
        published = rows.read_published(connection, log)
        if published is None:
            raise NotPublished("not_published", "no checkpoint is published yet: there is nothing to mirror")
        size, signed = published
        head = checkpoint.check(signed, [note.parse_vkey(vkey) for vkey, _ in rows.read_log_keys(connection, log)])
        if (head.origin, head.size) != (origin, size):
            raise Untrue("checkpoint", "it is of another origin or size")
    except NotPublished:
        raise
    except UNREADABLE as error:
        if is_passing(error):
            raise
        raise LedgerDamaged("record_untrue", f"the published checkpoint of {origin} is bad: {reason(error)}") from None
    return head, signed


def check_cosigned(policy: Policy | None, signed: str) -> None:
    """Untrue `quorum` unless the policy, where there is one, is met."""
    if policy is not None and not policy.is_met(policy.cosigned(note.parse(signed)).keys()):
        raise Untrue("quorum", "too few witnesses cosigned it")


def has_strange_lines(connection: Connection, log: Log, signed: str, policy: Policy) -> bool:
    """Whether a note bears a signature of nobody known, as a damaged line of a key that matters is; or twice of one key."""
    own = [note.parse_vkey(vkey) for vkey, _ in rows.read_log_keys(connection, log)]
    known = {(key.name, key.key_id) for key in (*own, *(witness.key for witness in policy.witnesses))}
    lines = [(line.name, line.key_id) for line in note.parse(signed).signatures]
    return not known.issuperset(lines) or len(set(lines)) < len(lines)


def check_cosigned_since(policy: Policy, signed: str, written: int) -> None:
    """Untrue `cosignature` where a witness cosigned a checkpoint before its last entry was `written` (POSIX seconds)."""
    for name, seconds in policy.cosigned(note.parse(signed)).items():
        if seconds < written - _BEHIND_SECONDS:
            raise Untrue("cosignature", f"{name} cosigned it before its last entry was written")
