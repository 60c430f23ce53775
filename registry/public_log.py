"""The ledger as its public log (c2sp.org/tlog-tiles v0.1.0): tiles, entry bundles and proofs, from the store, without any key.

Only what a published checkpoint covers is handed out. Partial tiles are rendered from the row that grows at the right edge:
the first hashes of it are those of every smaller tree, so each size that was ever published stays servable for nothing.
"""

from dataclasses import dataclass

from sqlalchemy import Connection

from registry import store, tiles
from registry.errors import Malformed, NotFound
from registry.merkle import Frontier, consistency_proof, inclusion_proof


@dataclass(frozen=True, slots=True)
class Proof:
    """Hashes (32 bytes each) that lead to `root` of the tree of `size`."""

    size: int
    root: bytes
    hashes: list[bytes]


class PublicLog:
    """A read-only view of the published part of a ledger."""

    def __init__(self, kept: store.Store) -> None:
        self._store = kept

    def tile(self, path: str) -> bytes:
        """The bytes at a path below `/tile/`: hashes, or entries each behind its length (2 bytes, big endian).

        Malformed `tile`; NotFound `tile_unknown`: the published tree has no such tile, or not that wide.
        """
        tile = tiles.parse_tile(path)
        with self._store.read() as connection:
            size = _published(connection)
            if tile.width > tiles.width_of(tile.level, tile.n, size):
                raise NotFound("tile_unknown", "the published ledger has no such tile")
            if tile.level is not None:
                return store.read_tile(connection, tile.level, tile.n)[: 32 * tile.width]
            start = tile.n * tiles.WIDTH
            bodies = store.read_entries(connection, start, start + tile.width)
        return b"".join(len(body).to_bytes(2, "big") + body for body in bodies)

    def inclusion(self, index: int, size: int | None = None) -> Proof:
        """The proof that entry `index` is in the published tree, or in that of an earlier `size`."""
        with self._store.read() as connection:
            size = _size(connection, size)
            if not 0 <= index < size:
                raise NotFound("entry_unknown", f"a tree of {size} entries has no entry {index}")
            subtree = tiles.subtree_from(lambda level, n: store.read_tile(connection, level, n))
            return Proof(size, Frontier.of(size, subtree).root(), inclusion_proof(index, size, subtree))

    def consistency(self, old: int, size: int | None = None) -> Proof:
        """The proof that the tree of `old` entries is a prefix of the published one, or of that of an earlier `size`."""
        with self._store.read() as connection:
            size = _size(connection, size)
            if not 0 < old <= size:
                raise Malformed("proof_sizes", f"no proof leads from a tree of {old} to one of {size}")
            subtree = tiles.subtree_from(lambda level, n: store.read_tile(connection, level, n))
            return Proof(size, Frontier.of(size, subtree).root(), consistency_proof(old, size, subtree))


def _published(connection: Connection) -> int:
    found = store.read_published(connection)
    return found[0] if found else 0


def _size(connection: Connection, asked: int | None) -> int:
    published = _published(connection)
    if asked is not None and asked > published:
        raise NotFound("size_unknown", f"the published ledger has {published} entries")
    return published if asked is None else asked
