"""Tiles (c2sp.org/tlog-tiles v0.1.0): where the hashes of the tree are kept, 256 to a tile.

Tile (L, N) holds, at place i, the hash of the complete subtree of 256^L leaves number 256 N + i. A tile row grows at the
right edge and never changes otherwise; every other subtree is folded from one tile.
"""

from collections.abc import Callable

from registry.merkle import Subtree, node_hash

WIDTH = 256
_STEP = 8

#: gives the hashes of tile (L, N): up to 256 times 32 bytes
ReadTile = Callable[[int, int], bytes]


def place_of(level: int, n: int) -> tuple[int, int, int] | None:
    """(L, N, i) where the subtree (level, n) stands in a tile; None when tiles do not keep that level."""
    if level % _STEP:
        return None
    return level // _STEP, n // WIDTH, n % WIDTH


def subtree_from(read_tile: ReadTile) -> Subtree:
    """The hash of any complete subtree, folded from the one tile that holds its parts. KeyError when it is not there."""

    def subtree(level: int, n: int) -> bytes:
        above = level % _STEP
        first = n << above
        data = read_tile(level // _STEP, first // WIDTH)
        start = first % WIDTH
        hashes = [data[32 * i : 32 * i + 32] for i in range(start, start + (1 << above))]
        if len(hashes[-1]) != 32:
            raise KeyError(f"no subtree {n} at level {level}")
        while len(hashes) > 1:
            hashes = [node_hash(hashes[i], hashes[i + 1]) for i in range(0, len(hashes), 2)]
        return hashes[0]

    return subtree
