"""Tiles hold the hashes of the tree, 256 to a tile.

c2sp.org/tlog-tiles v0.1.0. Tile (L, N) holds, at place i, the hash of the complete subtree of 256^L leaves number
256 N + i. A tile row grows at the right edge and never changes otherwise; every other subtree is folded from one tile.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from registry.errors import Malformed
from registry.log.merkle import Subtree, node_hash

WIDTH = 256
_STEP = 8

#: gives the hashes of tile (L, N): up to 256 times 32 bytes
ReadTile = Callable[[int, int], bytes]


def place_of(level: int, n: int) -> tuple[int, int, int] | None:
    """(L, N, i) where the subtree (level, n) stands in a tile; None when tiles do not keep that level."""
    if level % _STEP:
        return None
    return level // _STEP, n // WIDTH, n % WIDTH


def spread(level: int, n: int, hashes: Sequence[bytes]) -> Iterator[tuple[int, int, Sequence[bytes]]]:
    """(L, N, hashes) of each tile at whose right edge the subtrees (level, n), (level, n + 1) and so on are added."""
    while hashes and (place := place_of(level, n)) is not None:
        tile_level, tile, start = place
        fits = WIDTH - start
        yield tile_level, tile, hashes[:fits]
        n, hashes = n + fits, hashes[fits:]


def subtree_from(read_tile: ReadTile) -> Subtree:
    """The hash of any complete subtree, folded from the one tile that holds its parts. KeyError: it is missing."""

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


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile, or one bundle of entries, as its path names it.

    `level`: 0 to 63, None for a bundle of entries; `n`: its number; `width`: 1 to 256 hashes or entries. A path is
    `<level>/<n>` or `entries/<n>`, with `.p/<width>` behind it when the width is below 256; n in groups of three digits,
    all but the last with an `x` before: `0/x001/x234/067.p/8`.
    """

    level: int | None
    n: int
    width: int = WIDTH

    def print(self) -> str:
        """The path below `/tile/`; `parse_tile` of it gives the same tile."""
        digits = str(self.n)
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[start : start + 3] for start in range(0, len(digits), 3)]
        number = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
        kind = "entries" if self.level is None else str(self.level)
        return f"{kind}/{number}" + ("" if self.width == WIDTH else f".p/{self.width}")


_PATH = re.compile(r"(entries|[0-9]{1,2})/((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


def parse_tile(path: str) -> Tile:
    """The tile of a path below `/tile/`. Malformed `tile`: another form, or not the one form of its tile."""
    match = _PATH.fullmatch(path)
    if match is None:
        raise Malformed("tile", "not the path of a tile")
    level = None if match[1] == "entries" else int(match[1])
    tile = Tile(level, int(match[2].replace("x", "").replace("/", "")), int(match[3] or WIDTH))
    if tile.print() != path or tile.width > WIDTH or (level or 0) > 63:
        raise Malformed("tile", "not the one form of a tile's path")
    return tile


def width_of(level: int | None, n: int, size: int) -> int:
    """How many hashes (or entries) that tile has in a tree of that size, 0 to 256."""
    whole = size >> _STEP * (level or 0)
    return max(0, min(WIDTH, whole - n * WIDTH))


def tiles_of(size: int) -> Iterator[Tile]:
    """Every tile of a tree of that size, and every bundle of its entries; at most one of each level is partial."""
    for level in (None, *range(-(-size.bit_length() // _STEP))):
        for n in range(-(-(size >> _STEP * (level or 0)) // WIDTH)):
            yield Tile(level, n, width_of(level, n, size))


def unpack_bundle(data: bytes) -> list[bytes]:
    """The entries of a bundle, each behind its length (2 bytes, big endian). Malformed `bundle`: cut off."""
    entries = []
    start = 0
    while start < len(data):
        end = start + 2 + int.from_bytes(data[start : start + 2], "big")
        if end > len(data):
            raise Malformed("bundle", "the bundle of entries is cut off")
        entries.append(data[start + 2 : end])
        start = end
    return entries
