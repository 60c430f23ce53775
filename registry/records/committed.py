"""A document is held against its entry, and the entry against a root.

Whoever writes the store's file can change a document, its salt and its entry, and say that another one is meant. They cannot make
the entry fit a checkpoint that a key of the ledger signed, nor a head that bears the office's seal. So the way leads from such a
root to the entry, and from its commitment to the document.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

from registry.encoding import strict_json
from registry.errors import LedgerDamaged, Malformed, NotFound, NotPublished, Untrue
from registry.log import checkpoint, entry, note, tiles
from registry.log.checkpoint import Checkpoint
from registry.log.merkle import check_inclusion, inclusion_proof, leaf_hash
from registry.store import document_rows, rows
from registry.store.database import Connection


def read_signed_head(connection: Connection, keys: Iterable[note.VerifierKey]) -> Checkpoint:
    """The newest checkpoint of the ledger, which one of `keys` signed; the keys come from where the private ones lie.

    NotPublished: there is none yet, or the keys have changed since. LedgerDamaged `record_untrue`: it is no checkpoint.
    """
    signed = rows.last_signed(connection)
    if signed is None:
        raise NotPublished("not_published", "no checkpoint is signed yet")
    try:
        return checkpoint.check(signed[1], keys)
    except Malformed as error:
        raise LedgerDamaged("record_untrue", f"the newest checkpoint in the store is none: {error}") from None
    except Untrue:
        raise NotPublished("not_published", "the newest checkpoint is not signed by a key at hand") from None


def read_entry(connection: Connection, index: int, head: Checkpoint) -> entry.Entry:
    """The entry at that index of the tree of `head`, which is believed. LedgerDamaged `record_untrue`: it is another one."""
    body = rows.read_entries(connection, index, index + 1)[0]
    subtree = tiles.subtree_from(cache(lambda level, n: rows.read_tile(connection, level, n)))
    try:
        check_inclusion(index, head.size, leaf_hash(body), inclusion_proof(index, head.size, subtree), head.root)
        return entry.parse(body)
    except (KeyError, Malformed, Untrue) as error:
        raise LedgerDamaged("record_untrue", f"entry {index} is not the one that was logged: {error}") from None


def read_last(connection: Connection, size: int, root: bytes) -> bytes:
    """The last of the first `size` entries, whose root is believed: what comes next is chained to it.

    LedgerDamaged `record_untrue`: it is another one.
    """
    body, frontier = rows.read_entries(connection, size - 1, size)[0], rows.read_frontier(connection, size - 1)
    frontier.append(leaf_hash(body))
    if frontier.root() != root:
        raise LedgerDamaged("record_untrue", f"entry {size - 1} is not the one that was logged")
    return body


def read_committed(connection: Connection, index: int, head: Checkpoint) -> dict[str, Any]:
    """The document under an entry, as both stand in the tree of `head`, which is believed.

    NotFound `body_missing`. NotPublished: `head` does not cover the entry yet. LedgerDamaged `record_untrue`: they are not
    what was logged.
    """
    if index >= head.size:
        raise NotPublished("not_published", f"no signed checkpoint covers entry {index} yet")
    committed = document_rows.read_document(connection, index)
    if committed is None:
        raise NotFound("body_missing", f"the body under entry {index} is not in this store")
    return held(read_entry(connection, index, head), *committed)


def held(logged: entry.Entry, data: bytes, salt: bytes) -> dict[str, Any]:
    """The document of those bytes, to which the entry commits under that salt. LedgerDamaged `record_untrue`."""
    try:
        document = strict_json.parse_object(data)
    except Malformed as error:
        raise LedgerDamaged("record_untrue", f"the document under entry {logged.index} is none: {error}") from None
    if entry.commitment(salt, document) != logged.commitment:
        raise LedgerDamaged("record_untrue", f"the document under entry {logged.index} is not the one that was logged")
    return document
