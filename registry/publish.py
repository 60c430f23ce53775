"""Sign and publish the checkpoint: only a committed head, and only after a second path came to the same root.

What was appended since the last published checkpoint is read back from the store; its leaf hashes are computed anew from
the entry bytes, each entry is parsed and its `prev` compared, and the root is folded up from the frontier of the last
signed root. A bit that flipped between computing and signing is therefore never signed. Signing the same head again gives
the same bytes (Ed25519 is deterministic), so a crash before storing the note does no harm.
"""

from dataclasses import dataclass

from sqlalchemy import Connection

from registry import checkpoint, entry, note, store, tables
from registry.errors import LedgerDamaged
from registry.keys import Signer
from registry.ledger import read_frontier
from registry.merkle import leaf_hash


@dataclass(frozen=True, slots=True)
class Published:
    """The checkpoint now published, and whether it is a new one."""

    checkpoint: checkpoint.Checkpoint
    note: str
    is_new: bool


def publish(kept: store.Store, signer: Signer) -> Published:
    """Sign the committed head and store the note. LedgerDamaged when the store does not hold what its head says."""
    with kept.read() as connection:
        head, verified = _verified_head(connection, signer)
    if verified is not None:
        return Published(head, verified, is_new=False)
    signed = checkpoint.sign(head, signer)
    with kept.write() as connection:
        last = store.last_signed(connection)
        if last is None or last[0] < head.size:
            store.insert(connection, tables.checkpoints, [{"size": head.size, "note": signed}])
            store.put_published(connection, head.size, signed)
    return Published(head, signed, is_new=True)


def _verified_head(connection: Connection, signer: Signer) -> tuple[checkpoint.Checkpoint, str | None]:
    """The committed head, recomputed; and its note when that head is already published."""
    found = store.read_head(connection)
    if found is None:
        raise LedgerDamaged("head_damaged", "the store has no head")
    size, root, origin, genesis_key = found
    head = checkpoint.Checkpoint(origin, size, root)
    last = store.last_signed(connection)
    signed_size = 0
    if last is not None:
        signed = checkpoint.check(last[1], [note.VerifierKey(origin, signer.public.raw)])
        if signed == head:
            return head, last[1]
        signed_size = signed.size
        if signed_size >= size:
            raise LedgerDamaged("head_behind", f"the store ends at {size}, a checkpoint of {signed_size} was published")
        if read_frontier(connection, signed_size).root() != signed.root:
            raise LedgerDamaged("root_differs", f"the first {signed_size} entries no longer give the published root")
    frontier = read_frontier(connection, signed_size)
    prev = entry.genesis_prev(origin, genesis_key)
    if signed_size:
        prev = leaf_hash(store.read_entries(connection, signed_size - 1, signed_size)[0]).hex()
    for start in range(signed_size, size, 1024):
        for index, body in enumerate(store.read_entries(connection, start, min(start + 1024, size)), start):
            parsed = entry.parse(body)
            if (parsed.index, parsed.prev) != (index, prev):
                raise LedgerDamaged("chain_broken", f"entry {index} does not continue the chain")
            leaf = leaf_hash(body)
            prev = leaf.hex()
            frontier.append(leaf)
    if frontier.root() != root or read_frontier(connection, size).root() != root:
        raise LedgerDamaged("root_differs", "the stored entries, hashes and head do not agree: nothing was signed")
    return head, None
