"""A log as the public reads it, from the store, without a key.

Checkpoint, tiles, bundles and proofs follow c2sp.org/tlog-tiles v0.1.0. The ledger and the log of its map are two logs of one
form.

Only what a published checkpoint covers is handed out. Partial tiles are rendered from the row that grows at the right edge:
the first hashes of it are those of every smaller tree, so each size that was ever published stays servable for nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass

from registry.errors import Malformed, NotFound, NotPublished, Untrue
from registry.log import tiles
from registry.log.merkle import Frontier, Subtree, check_inclusion, consistency_proof, inclusion_proof
from registry.reading.memory import Publication, memory_of, untrue
from registry.store import rows
from registry.store.database import Connection, Store
from registry.store.tables import LEDGER, Log


@dataclass(frozen=True, slots=True)
class Proof:
    """Hashes (32 bytes each) that lead to `root` of the tree of `size`."""

    size: int
    root: bytes
    hashes: list[bytes]


class PublicLog:
    """A read-only view of the published part of a log."""

    def __init__(self, store: Store, log: Log = LEDGER) -> None:
        self._store = store
        self._log = log

    def checkpoint(self) -> str:
        """The published checkpoint, a cosigned note. NotPublished before the first."""
        with self._store.read() as connection:
            return _note(rows.read_published(connection, self._log))

    def pending(self) -> str:
        """The newest checkpoint that the log has signed, whether enough witnesses have cosigned it or not. NotPublished."""
        with self._store.read() as connection:
            return _note(rows.last_signed(connection, self._log))

    def tile(self, path: str) -> bytes:
        """The bytes at a path below `/tile/`: hashes, or entries each behind its length (2 bytes, big endian).

        Malformed `tile`; NotFound `tile_unknown`: the published tree has no such tile, or not that wide.
        """
        tile = tiles.parse_tile(path)
        with self._store.read() as connection:
            size = self._published(connection)
            if tile.width > tiles.width_of(tile.level, tile.n, size):
                raise NotFound("tile_unknown", "the published log has no such tile")
            return tile_bytes(connection, tile, self._log)

    def inclusion(self, index: int, size: int | None = None) -> Proof:
        """The proof that entry `index` is in the published tree, or in that of an earlier `size`.

        NotFound `entry_unknown`, `size_unknown`. LedgerDamaged `record_untrue`: the store holds another tree.
        """
        size, root = self._tree(size)
        if not 0 <= index < size:
            raise NotFound("entry_unknown", f"a tree of {size} entries has no entry {index}")

        def prove() -> list[bytes]:
            subtree = self._subtree()
            hashes = inclusion_proof(index, size, subtree)
            check_inclusion(index, size, subtree(0, index), hashes, root or self._root(size))
            return hashes

        hashes = self._trusted(prove)
        return Proof(size, root or self._root(size), hashes)

    def consistency(self, old: int, size: int | None = None) -> Proof:
        """The proof that the tree of `old` entries is a prefix of the published one, or of that of an earlier `size`."""
        size, root = self._tree(size)
        if not 0 < old <= size:
            raise Malformed("proof_sizes", f"no proof leads from a tree of {old} to one of {size}")
        hashes = self._trusted(lambda: consistency_proof(old, size, self._subtree()))
        return Proof(size, root or self._root(size), hashes)

    def _tree(self, size: int | None) -> tuple[int, bytes | None]:
        """The size of the tree that is asked for, and its root where that is the published one."""
        head = self._publication().heads.get(self._log.name)
        published = head.size if head else 0
        if size is not None and size > published:
            raise NotFound("size_unknown", f"the published log has {published} entries")
        return (published, head.root) if head and size in (None, published) else (size or 0, None)

    def _publication(self) -> Publication:
        """What is published now. The store is read where it has changed since, or does not say whether it has."""
        memory, version = memory_of(self._store.engine), self._store.version()
        newest = memory.newest
        if version is not None and newest is not None and newest[0] == version:
            return newest[1]
        with self._store.read() as connection:
            return memory.publication(connection, version)

    def _root(self, size: int) -> bytes:
        memory, name = memory_of(self._store.engine), (self._log.name, size)
        return memory.roots.get(name) or memory.roots.put(name, Frontier.of(size, self._subtree()).root())

    def _subtree(self) -> Subtree:
        return memory_of(self._store.engine).subtree(self._log.name, self._read_tile)

    def _read_tile(self, level: int, n: int) -> bytes:
        with self._store.read() as connection:
            return rows.read_tile(connection, level, n, self._log)

    def _trusted(self, prove: Callable[[], list[bytes]]) -> list[bytes]:
        """As `Prover` does it: where it does not lead to the signed root, once more from the store alone."""
        try:
            return prove()
        except (KeyError, Untrue):
            memory_of(self._store.engine).forget()
        try:
            return prove()
        except (KeyError, Untrue) as error:
            raise untrue(f"the store does not hold the tree that was signed: {error}") from None

    def _published(self, connection: Connection) -> int:
        published = rows.read_published(connection, self._log)
        return published[0] if published else 0


def tile_bytes(connection: Connection, tile: tiles.Tile, log: Log = LEDGER) -> bytes:
    """The bytes of a tile that the tree in the store has."""
    if tile.level is not None:
        return rows.read_tile(connection, tile.level, tile.n, log)[: 32 * tile.width]
    start = tile.n * tiles.WIDTH
    bodies = rows.read_entries(connection, start, start + tile.width, log)
    return b"".join(len(body).to_bytes(2, "big") + body for body in bodies)


def _note(signed: tuple[int, str] | None) -> str:
    if signed is None:
        raise NotPublished("not_published", "no checkpoint is published yet")
    return signed[1]
