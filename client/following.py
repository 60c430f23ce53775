"""The ledger is followed from checkpoint to checkpoint, and shown to have only grown.

c2sp.org/tlog-checkpoint and tlog-tiles; RFC 6962 section 2.1.2. A bundle of entries is given once they lead, with what was there
before them, to a root that continues into the new checkpoint's: one more proof for each bundle. Whether an entry says what is
true is left to evidence.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache

from client.answers import parse_proof
from client.connection import Connection
from client.errors import BadAnswer, Behind, Forked, Misused, NotFound, NotProven
from registry.errors import Malformed, RegistryError, Untrue
from registry.log import checkpoint, entry, tiles
from registry.log.checkpoint import Checkpoint
from registry.log.entry import Entry
from registry.log.merkle import EMPTY_ROOT, Frontier, check_consistency, leaf_hash
from registry.log.tiles import Tile
from registry.verify.heads import check_witnessed
from registry.verify.trust import Trust
from registry.verify.verdict import Indeterminate

#: a bundle is never larger
_BUNDLE_BYTES = 256 * (2 + entry.MAX_BYTES)


class _NotGrown(NotProven):
    """What the site shows as the proof between two trees is none."""


class Growth:
    """What came since a checkpoint. `checkpoint`: the new one, to be stored once the entries are; `old`, `new`: sizes."""

    def __init__(self, connection: Connection, old: Checkpoint, new: Checkpoint, signed: str) -> None:
        self._connection, self._old, self._new = connection, old, new
        self.checkpoint, self.old, self.new = signed, old.size, new.size
        #: tiles of hashes, 8 KiB each; a bundle of entries is read once, and may have 16 MiB
        self._tile = lru_cache(64)(self._read)

    def __iter__(self) -> Iterator[Entry]:
        """The new entries in their order, each proven. NotProven; Unreachable, BadAnswer, Problem."""
        for bundle in self.bundles():
            yield from bundle

    def bundles(self) -> Iterator[tuple[Entry, ...]]:
        """The same, as many at once as come in one bundle."""
        if self.old == self.new:
            return
        frontier = self._frontier()
        while frontier.size < self.new:
            start = frontier.size
            end = min(self.new, (start // tiles.WIDTH + 1) * tiles.WIDTH)
            bodies = self._bodies(start, end)
            frontier.extend([leaf_hash(body) for body in bodies])
            _check_grown(self._connection, Checkpoint(self._new.origin, end, frontier.root()), self._new)
            yield tuple(_parsed(body, index) for index, body in enumerate(bodies, start))

    def _frontier(self) -> Frontier:
        """Of the old tree, out of the site's tiles, whose root must be the known one."""
        try:
            frontier = Frontier.of(self.old, tiles.subtree_from(self._tile))
        except KeyError:
            raise NotProven("a tile of the ledger is too short") from None
        if frontier.root() != self._old.root:
            raise NotProven("the tiles of the ledger are not those of the known checkpoint")
        return frontier

    def _bodies(self, start: int, end: int) -> list[bytes]:
        n = start // tiles.WIDTH
        try:
            bundle = tiles.unpack_bundle(self._read(None, n))[start - n * tiles.WIDTH : end - n * tiles.WIDTH]
        except Malformed as error:
            raise NotProven(error.message) from None
        if len(bundle) != end - start:
            raise NotProven(f"a bundle lacks entries before {end}")
        return bundle

    def _read(self, level: int | None, n: int) -> bytes:
        """A tile as wide as the new checkpoint has it; a mirror may have dropped it for the whole one."""
        most = _BUNDLE_BYTES if level is None else tiles.WIDTH * 32
        width = tiles.width_of(level, n, self.new)
        path = f"/tile/{Tile(level, n, width).print()}"
        try:
            return self._connection.get(path, most=most)
        except NotFound:
            if width == tiles.WIDTH:
                raise
            return self._connection.get(f"/tile/{Tile(level, n).print()}", most=most)


def follow(connection: Connection, trust: Trust, known: str | None, at: datetime) -> Growth:
    """What the ledger grew by since the checkpoint `known`. `at`: aware. As `Client.follow`."""
    old = Checkpoint(trust.origin, 0, EMPTY_ROOT)
    if known is not None:
        try:
            old = _checked(known, trust)
        except RegistryError as error:
            raise Misused(f"the known checkpoint is none of this ledger: {error.message}") from None
    try:
        signed = connection.get("/checkpoint").decode()
        new = _checked(signed, trust)
        if not trust.policy.is_none:
            check_witnessed(signed, trust.policy, at)
    except UnicodeDecodeError:
        raise BadAnswer("the checkpoint is no text") from None
    except RegistryError as error:
        raise NotProven(f"the checkpoint does not hold: {error.message}") from None
    except Indeterminate as error:
        raise NotProven(f"the checkpoint does not hold: {error}") from None
    if new.size < old.size:
        raise Behind(f"the site shows {new.size} entries, and {old.size} were seen")
    if known is not None:
        try:
            _check_grown(connection, old, new)
        except _NotGrown:
            raise Forked(known, signed) from None
    return Growth(connection, old, new, signed)


def _checked(signed: str, trust: Trust) -> Checkpoint:
    head = checkpoint.check(signed, trust.ledger_keys)
    if head.origin != trust.origin:
        raise Untrue("checkpoint", "it is of another origin")
    return head


def _check_grown(connection: Connection, old: Checkpoint, new: Checkpoint) -> None:
    """NotProven, unless the site shows that the one tree is the beginning of the other."""
    hashes: list[bytes] = []
    if 0 < old.size < new.size:
        sizes = {"from": str(old.size), "to": str(new.size)}
        try:
            hashes = parse_proof(connection.get("/api/v1/proof/consistency", sizes))
        except NotFound:
            raise NotProven("the site has no proof between two sizes of its ledger") from None
    elif old.size == 0:
        return
    try:
        check_consistency(old.size, new.size, old.root, new.root, hashes)
    except Untrue as error:
        raise _NotGrown(error.message) from None


def _parsed(body: bytes, index: int) -> Entry:
    try:
        parsed = entry.parse(body)
    except Malformed as error:
        raise NotProven(f"entry {index} is none: {error.message}") from None
    if parsed.index != index:
        raise NotProven(f"entry {index} says that it is another")
    return parsed
