"""One log of a mirror is read, and proven against its signed checkpoint.

The checkpoint is signed by a key that the caller trusts; all else that a mirror shows is only a way to its root. Each run of
entries is proven by a consistency proof (RFC 6962 section 2.1.2) made of the mirror's own tiles, so a wrong tile proves nothing.
A mirror that grew since its checkpoint was read may have dropped a partial tile: then the full one is read.
"""

from collections.abc import Callable
from functools import lru_cache

from registry.errors import Malformed, RegistryError, Untrue
from registry.log import checkpoint, note, tiles
from registry.log.merkle import Frontier, check_consistency, consistency_proof, leaf_hash
from registry.log.tiles import Tile
from registry.mirror.source import Mirror

_TILES_KEPT = 512


class BadEntry(Untrue):
    """An entry of a mirror is not what it should be, for the reason that `error` gives. `index`: which."""

    def __init__(self, index: int, error: RegistryError) -> None:
        super().__init__(error.code, f"entry {index} of the mirror is bad: {error}")
        self.index, self.error = index, error


class MirrorLog:
    """The log below `prefix` of a mirror. `keys`: of those who sign it; `signed`: its checkpoint, where another file has it.

    Untrue, Malformed `note`, `checkpoint`: no checkpoint of the origin stands there that one of the keys signed.
    """

    def __init__(
        self, mirror: Mirror, prefix: str, origin: str, keys: list[note.VerifierKey], signed: str | None = None
    ) -> None:
        self._mirror, self._prefix = mirror, prefix
        data = mirror.read(f"{prefix}checkpoint") if signed is None else signed.encode()
        if data is None:
            raise Untrue("mirror_incomplete", f"the mirror has no {prefix}checkpoint")
        try:
            #: the checkpoint as the public sees it, with its cosignatures
            self.signed = data.decode()
        except UnicodeDecodeError:
            raise Malformed("note", f"{prefix}checkpoint is no text") from None
        self.head = checkpoint.check(self.signed, keys)
        if self.head.origin != origin:
            raise Untrue("mirror_foreign", f"the mirror is of {self.head.origin}, not of {origin}")
        #: the note as the log itself signed it
        self.own = _own(self.signed, keys)
        self._tile: Callable[[int | None, int], bytes] = lru_cache(_TILES_KEPT)(self._read)

    def entries(self, start: int, end: int) -> list[bytes]:
        """The entries [start, end), within one bundle; not proven yet. Untrue `mirror_incomplete`; Malformed `bundle`."""
        n = start // tiles.WIDTH
        bundle = tiles.unpack_bundle(self._tile(None, n))
        if len(bundle) < end - n * tiles.WIDTH:
            raise Untrue("mirror_incomplete", f"a bundle of the mirror lacks entry {n * tiles.WIDTH + len(bundle)}")
        return bundle[start - n * tiles.WIDTH : end - n * tiles.WIDTH]

    def leaf(self, index: int) -> bytes:
        """The leaf hash of an entry, as a tile has it: not proven."""
        place = index % tiles.WIDTH
        return self._tile(0, index // tiles.WIDTH)[32 * place : 32 * place + 32]

    def check_prefix(self, size: int, root: bytes) -> None:
        """Untrue unless the tree of that size and root is the beginning of the mirror's."""
        if size:
            proof = consistency_proof(size, self.head.size, self._subtree)
            check_consistency(size, self.head.size, root, self.head.root, proof)

    def root_at(self, size: int) -> bytes:
        """The root of the first `size` entries, proven to be the beginning of what the checkpoint covers. Untrue."""
        root = Frontier.of(size, self._subtree).root()
        self.check_prefix(size, root)
        return root

    def first_bad(self, start: int, entries: list[bytes]) -> int:
        """The first of those entries, not all of which are under the checkpoint, that a tile has otherwise."""
        for index, body in enumerate(entries, start):
            if self.leaf(index) != leaf_hash(body):
                return index
        return start

    def _subtree(self, level: int, n: int) -> bytes:
        try:
            return tiles.subtree_from(self._tile)(level, n)
        except KeyError as error:
            raise Untrue("mirror_incomplete", f"a tile of the mirror is too short: {error}") from None

    def _read(self, level: int | None, n: int) -> bytes:
        width = tiles.width_of(level, n, self.head.size)
        for tile in (Tile(level, n, width), Tile(level, n)):
            data = self._mirror.read(f"{self._prefix}tile/{tile.print()}")
            if data is not None:
                return data
        raise Untrue("mirror_incomplete", f"the mirror has no {self._prefix}tile/{Tile(level, n, width).print()}")


def _own(signed: str, keys: list[note.VerifierKey]) -> str:
    """The note with the signatures of the log alone."""
    parsed = note.parse(signed)
    known = {(key.name, key.key_id) for key in keys}
    own = tuple(line for line in parsed.signatures if (line.name, line.key_id) in known)
    return note.Note(parsed.text, own).print()
