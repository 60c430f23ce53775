"""The Merkle tree of RFC 6962, with inclusion and consistency proofs.

Leaf hash = SHA-256(0x00 || entry), node hash = SHA-256(0x01 || left || right), empty root = SHA-256("") (RFC 6962
section 2.1). Proofs are made over a callable that gives the hash of any complete subtree, so that the same code runs over
a database, over tiles or over a list; they are checked as RFC 9162 sections 2.1.3.2 and 2.1.4.2 say, with the strict
refusals that the RFC leaves open (sizes of zero, hashes that are not 32 bytes).
"""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

from registry.errors import Untrue

EMPTY_ROOT = sha256(b"").digest()

#: gives the hash of the complete subtree number `n` of 2^level leaves: leaves [n * 2^level, (n + 1) * 2^level)
Subtree = Callable[[int, int], bytes]


def leaf_hash(entry: bytes) -> bytes:
    """Hash of one entry (RFC 6962 section 2.1)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of two subtrees, each 32 bytes."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """The complete subtrees at the right edge of a tree of `size` leaves, largest first: all that an append needs."""

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        self.size = size
        self.hashes = list(hashes)
        if len(self.hashes) != size.bit_count():
            raise ValueError("a frontier has one hash for each bit of its size")

    def append(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Take one leaf hash; gives the subtrees it completed as (level, n, hash), lowest first."""
        done = [(0, self.size, leaf)]
        level, n, top = done[0]
        while n & 1:
            level, n, top = level + 1, n >> 1, node_hash(self.hashes.pop(), top)
            done.append((level, n, top))
        self.hashes.append(top)
        self.size += 1
        return done

    def extend(self, leaves: Sequence[bytes]) -> list[tuple[int, int, list[bytes]]]:
        """Take many leaf hashes; gives the subtrees they completed as (level, first n, hashes), lowest level first.

        The same as `append` of each, in fewer steps.
        """
        done = []
        level, n, row, known = 0, self.size, list(leaves), self.hashes
        rest: list[bytes] = []
        while row:
            done.append((level, n, row))
            pairs = [known.pop(), *row] if n & 1 else row
            if len(pairs) & 1:
                rest.append(pairs[-1])
            above = zip(pairs[::2], pairs[1::2], strict=False)
            level, n, row = level + 1, n >> 1, [sha256(b"\x01" + left + right).digest() for left, right in above]
        known += reversed(rest)
        self.size += len(leaves)
        return done

    def root(self) -> bytes:
        """The root of the tree so far, 32 bytes."""
        if not self.hashes:
            return EMPTY_ROOT
        top = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            top = node_hash(left, top)
        return top

    @staticmethod
    def of(size: int, subtree: Subtree) -> "Frontier":
        """The frontier of the tree of that size, read from its complete subtrees."""
        return Frontier(size, (subtree(level, n) for level, n in _edges(size)))


def _edges(size: int) -> list[tuple[int, int]]:
    edges = []
    start = 0
    for level in range(size.bit_length() - 1, -1, -1):
        if size >> level & 1:
            edges.append((level, start >> level))
            start += 1 << level
    return edges


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root of a whole list of leaf hashes, by the recursion of RFC 6962 section 2.1 (the second path)."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    half = _split(len(leaves))
    return node_hash(root_of(leaves[:half]), root_of(leaves[half:]))


def _split(size: int) -> int:
    """The largest power of two below `size` (at least 2)."""
    return 1 << (size - 1).bit_length() - 1


def _range_hash(start: int, end: int, subtree: Subtree) -> bytes:
    """MTH of leaves [start, end), where the range is a node of some tree."""
    size = end - start
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return subtree(level, start >> level)
    half = _split(size)
    return node_hash(_range_hash(start, start + half, subtree), _range_hash(start + half, end, subtree))


def inclusion_proof(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """The audit path of leaf `index` in the tree of `size` leaves, leaf's sibling first (RFC 6962 section 2.1.1)."""
    if not 0 <= index < size:
        raise ValueError("index is not in the tree")
    proof: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            proof.append(_range_hash(middle, end, subtree))
            end = middle
        else:
            proof.append(_range_hash(start, middle, subtree))
            start = middle
    proof.reverse()
    return proof


def consistency_proof(old: int, new: int, subtree: Subtree) -> list[bytes]:
    """The proof that the tree of `old` leaves is a prefix of that of `new` (RFC 6962 section 2.1.2); empty for 0."""
    if not 0 <= old <= new:
        raise ValueError("the old tree is larger than the new one")
    if old in (0, new):
        return []
    proof: list[bytes] = []
    start, end, whole = 0, new, True
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            proof.append(_range_hash(middle, end, subtree))
            end = middle
        else:
            proof.append(_range_hash(start, middle, subtree))
            start, whole = middle, False
    if not whole:
        proof.append(_range_hash(start, end, subtree))
    proof.reverse()
    return proof


def check_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Untrue `inclusion` unless `proof` shows that `leaf` is leaf `index` of the tree with that size and root."""
    _check_hashes(leaf, root, *proof)
    if not 0 <= index < size:
        raise Untrue("inclusion", f"index {index} is not in a tree of {size}")
    fn, sn, running = index, size - 1, leaf
    for sibling in proof:
        if sn == 0:
            raise Untrue("inclusion", "the proof is too long")
        if fn & 1 or fn == sn:
            running = node_hash(sibling, running)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            running = node_hash(running, sibling)
        fn, sn = fn >> 1, sn >> 1
    if sn:
        raise Untrue("inclusion", "the proof is too short")
    if running != root:
        raise Untrue("inclusion", "the proof leads to another root")


def check_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Untrue `consistency` unless the tree (old, old_root) is shown to be a prefix of (new, new_root)."""
    _check_hashes(old_root, new_root, *proof)
    if not 0 <= old <= new or (old == 0 and new):
        raise Untrue("consistency", f"no proof leads from a tree of {old} to one of {new}")
    if old == new:
        if proof or old_root != new_root or (new == 0 and new_root != EMPTY_ROOT):
            raise Untrue("consistency", "two roots for one size")
        return
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path:
        raise Untrue("consistency", "the proof is empty")
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for sibling in path[1:]:
        if sn == 0:
            raise Untrue("consistency", "the proof is too long")
        if fn & 1 or fn == sn:
            fr, sr = node_hash(sibling, fr), node_hash(sibling, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, sibling)
        fn, sn = fn >> 1, sn >> 1
    if sn or fr != old_root or sr != new_root:
        raise Untrue("consistency", "the proof does not lead to both roots")


def _check_hashes(*hashes: bytes) -> None:
    if any(len(value) != 32 for value in hashes):
        raise Untrue("hash_length", "a hash is not 32 bytes")
