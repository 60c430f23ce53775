"""What does not change is remembered: folded tiles, nodes, what a publication proves.

A full tile never changes, one at the right edge only grows, nodes of the map are made and never changed; all else here belongs to
one publication and goes with it. Nothing is believed for being remembered: what is handed out was held against the signed root,
and where it does not lead there all is forgotten and read once more. Credentials are not remembered: they may be erased.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from registry.errors import LedgerDamaged
from registry.log import checkpoint, map_log, note, proof_text
from registry.log.map_tree import Node
from registry.log.merkle import Subtree, node_hash
from registry.store import rows
from registry.store.database import Connection
from registry.verify.evidence import Logged
from registry.verify.latest import Newest

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

#: a folded tile takes 16 KiB, a node 400 bytes, a root or the newest entry of a key less
_TILES, _NODES, _ROOTS, _NEWEST, _LOGGED = 1024, 65_536, 256, 4096, 64
#: levels of the tree that one tile stands for
_LEVELS = 8


class Lru(Generic[K, V]):
    """At most `most` values; the one goes that was not asked for longest. Safe to use from several threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[K, V] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: K) -> V | None:
        with self._lock:
            value = self._values.get(key)
            if value is not None:
                self._values.move_to_end(key)
            return value

    def put(self, key: K, value: V) -> V:
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            if len(self._values) > self._most:
                self._values.popitem(last=False)
        return value

    def clear(self) -> None:
        with self._lock:
            self._values.clear()


@dataclass(frozen=True, slots=True)
class Head:
    """A published checkpoint: how many entries it covers, the cosigned note, and the root in it."""

    size: int
    signed: str
    root: bytes


@dataclass(frozen=True, slots=True)
class MapProof:
    """The leaf of the map's log for a checkpoint, its proof, and the number of the map's root node."""

    map_root: map_log.MapRoot
    proof: proof_text.TlogProof
    root_id: int


@dataclass(slots=True)
class Publication:
    """The published heads by log, and what was proven under them.

    `newest`: by key of the map; `logged`: lists and issuers' keys, by entry; `versions`: the newest entry of a list, or of
    the keys of a register, by its name.
    """

    heads: dict[str, Head]
    map_proof: MapProof | None = None
    newest: Lru[bytes, Newest] = field(default_factory=lambda: Lru(_NEWEST))
    logged: Lru[int, Logged] = field(default_factory=lambda: Lru(_LOGGED))
    versions: Lru[str, int] = field(default_factory=lambda: Lru(_LOGGED))


class Memory:
    """What is remembered of one store. Safe to use from several threads."""

    def __init__(self) -> None:
        self._tiles: Lru[tuple[str, int, int], list[bytes]] = Lru(_TILES)
        self.nodes: Lru[int, Node] = Lru(_NODES)
        self.roots: Lru[tuple[str, int], bytes] = Lru(_ROOTS)
        #: the newest publication, and the store's version that it was read at
        self.newest: tuple[object, Publication] | None = None

    def forget(self) -> None:
        """Begin anew: something remembered, or in the store, is not what was signed."""
        for remembered in (self._tiles, self.nodes, self.roots):
            remembered.clear()
        self.newest = None

    def publication(self, connection: Connection, version: object = None) -> Publication:
        """The publication that a snapshot shows. `version`: of the store, from before the snapshot; None: not known."""
        published = rows.read_all_published(connection)
        before = self.newest[1] if self.newest else None
        if before and {name: (head.size, head.signed) for name, head in before.heads.items()} == published:
            publication = before
        else:
            publication = Publication(
                {
                    name: Head(size, signed, checkpoint.parse(note.parse(signed).text).root)
                    for name, (size, signed) in published.items()
                }
            )
        if version is not None or publication is not before:
            self.newest = (version, publication)
        return publication

    def subtree(self, log: str, read_tile: Callable[[int, int], bytes]) -> Subtree:
        """The hash of any complete subtree of a log, out of folded tiles. KeyError: it is missing."""

        def subtree(level: int, n: int) -> bytes:
            above = level % _LEVELS
            tile_level, first = level // _LEVELS, n << above
            name = (log, tile_level, first >> _LEVELS)
            start = 32 * ((first & 255) >> above)
            folded = self._tiles.get(name)
            if folded is None or len(folded[above]) < start + 32:
                folded = self._tiles.put(name, _folded(read_tile(tile_level, first >> _LEVELS)))
            value = folded[above][start : start + 32]
            if len(value) != 32:
                raise KeyError(f"no subtree {n} at level {level}")
            return value

        return subtree


def _folded(tile: bytes) -> list[bytes]:
    """The hashes of a tile, and those of the complete subtrees above them, level by level."""
    levels = [tile]
    for _ in range(_LEVELS - 1):
        below = levels[-1]
        pairs = range(0, len(below) // 64 * 64, 64)
        levels.append(b"".join(node_hash(below[at : at + 32], below[at + 32 : at + 64]) for at in pairs))
    return levels


_memories: "WeakKeyDictionary[Any, Memory]" = WeakKeyDictionary()
_lock = threading.Lock()


def memory_of(engine: Any) -> Memory:
    """What is remembered of the store behind that engine, as long as there is the engine."""
    with _lock:
        return _memories.setdefault(engine, Memory())


def untrue(what: str) -> LedgerDamaged:
    """The store does not hold what was signed."""
    return LedgerDamaged("record_untrue", what)
