"""A verifiable map: 32-byte keys to 32-byte values under one root.

The Merkle Patricia tree of rsc.io/tmp/mpt:

    empty = SHA-256("")   leaf = SHA-256(key || value)   inner = SHA-256(left || right || u8 bit)

`bit` is the first bit (0 is the most significant) in which the two sides differ, so the tree depends on its content alone. A
proof is the way from a leaf up: `u8 bit || 32-byte sibling` for each inner node, bits strictly decreasing. That a key is
absent is shown by the leaf to which its bits lead, which is another key's. Nodes are immutable and known by number, so that
an update makes new ones along the changed ways and every earlier root stays provable. Where nodes are stored is left to the
caller.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import NamedTuple

from registry.errors import Malformed, Untrue

EMPTY = sha256(b"").digest()
BITS = 256
#: the number that stands for the empty map
NOTHING = 0


class Node(NamedTuple):
    """One node. Inner: `bit` 0 to 255, `key` of its leftmost leaf, hashes and numbers of its children. Leaf: `bit` 256, its
    key, the value in `left`, `right` empty, no children.
    """

    bit: int
    key: bytes
    left: bytes
    right: bytes
    left_id: int = NOTHING
    right_id: int = NOTHING

    @property
    def hash(self) -> bytes:
        """The hash of the node, 32 bytes."""
        if self.bit == BITS:
            return sha256(self.key + self.left).digest()
        return sha256(self.left + self.right + bytes([self.bit])).digest()


#: gives the node of a number
Load = Callable[[int], Node]


class Updated(NamedTuple):
    """A map after an update: its root, the number of its root node, and the nodes that are new, by number.

    `replaced`: the value before, of each key that had one.
    """

    root: bytes
    root_id: int
    made: dict[int, Node]
    replaced: dict[bytes, bytes]


class Way(NamedTuple):
    """The leaf to which the bits of a key lead (None in the empty map), and the proof from there up."""

    leaf: Node | None
    path: bytes


def update(load: Load, root_id: int, changes: dict[bytes, bytes], next_id: int) -> Updated:
    """Set the value of each key; new nodes are numbered from `next_id` (at least 1)."""
    maker = _Maker(load, changes, next_id)
    if not changes:
        return Updated(load(root_id).hash if root_id else EMPTY, root_id, {}, {})
    top_id, top = maker.merge(root_id, 0, len(changes)) if root_id else maker.build(0, len(changes))
    return Updated(top, top_id, maker.made, maker.replaced)


class _Maker:
    """One update: the changes in the order of their keys, and the nodes made so far."""

    def __init__(self, load: Load, changes: dict[bytes, bytes], next_id: int) -> None:
        self._load, self._next_id = load, next_id
        self._changes = sorted(changes.items())
        self._numbers = [int.from_bytes(key) for key, _ in self._changes]
        self.made: dict[int, Node] = {}
        self.replaced: dict[bytes, bytes] = {}

    def build(self, start: int, end: int) -> tuple[int, bytes]:
        """The tree of changes [start, end) alone; its number and hash."""
        if end - start == 1:
            return self._leaf(start)
        bit = _diverges(self._numbers[start], self._numbers[end - 1])
        middle = self._split(start, end, bit)
        return self._inner(bit, self._changes[start][0], self.build(start, middle), self.build(middle, end))

    def merge(self, node_id: int, start: int, end: int) -> tuple[int, bytes]:
        """The tree of node `node_id` with changes [start, end), at least one; its number and hash."""
        node = self._load(node_id)
        number = int.from_bytes(node.key)
        bit = min(_diverges(number, self._numbers[start]), _diverges(number, self._numbers[end - 1]))
        if bit < node.bit:
            self._reach_leaf(node)
            middle = self._split(start, end, bit)
            if number >> BITS - 1 - bit & 1:
                left = self.build(start, middle)
                right = self._merged(node_id, node.hash, middle, end)
                return self._inner(bit, self._changes[start][0], left, right)
            left, right = self._merged(node_id, node.hash, start, middle), self.build(middle, end)
            return self._inner(bit, self._leftmost(left[0], node.key), left, right)
        if node.bit == BITS:
            self.replaced[node.key] = node.left
            return self._leaf(start)
        middle = self._split(start, end, node.bit)
        left = self._merged(node.left_id, node.left, start, middle)
        right = self._merged(node.right_id, node.right, middle, end)
        return self._inner(node.bit, self._leftmost(left[0], node.key), left, right)

    def _reach_leaf(self, node: Node) -> None:
        """Load what lies leftmost below a node whose key decides: `load` may know the leaf alone by its hash."""
        while node.bit != BITS:
            node = self._load(node.left_id)

    def _merged(self, node_id: int, known: bytes, start: int, end: int) -> tuple[int, bytes]:
        return self.merge(node_id, start, end) if start < end else (node_id, known)

    def _leftmost(self, node_id: int, before: bytes) -> bytes:
        made = self.made.get(node_id)
        return made.key if made is not None else before

    def _split(self, start: int, end: int, bit: int) -> int:
        """Where the changes [start, end), alike before that bit, begin to have it set."""
        weight = BITS - 1 - bit
        first_set = (self._numbers[start] >> weight | 1) << weight
        return bisect_left(self._numbers, first_set, start, end)

    def _leaf(self, place: int) -> tuple[int, bytes]:
        key, value = self._changes[place]
        return self._made(Node(BITS, key, value, b""))

    def _inner(self, bit: int, key: bytes, left: tuple[int, bytes], right: tuple[int, bytes]) -> tuple[int, bytes]:
        return self._made(Node(bit, key, left[1], right[1], left[0], right[0]))

    def _made(self, node: Node) -> tuple[int, bytes]:
        node_id, self._next_id = self._next_id, self._next_id + 1
        self.made[node_id] = node
        return node_id, node.hash


def _diverges(first: int, second: int) -> int:
    """The first bit in which two keys differ; 256 where they are the same."""
    return BITS - (first ^ second).bit_length()


def _bit(key: bytes, bit: int) -> int:
    return key[bit >> 3] >> (7 - (bit & 7)) & 1


def find(load: Load, root_id: int, key: bytes) -> Way:
    """Where the bits of `key` lead in the map of that root. Untrue `map`: to no leaf."""
    if not root_id:
        return Way(None, b"")
    steps: list[bytes] = []
    node = load(root_id)
    while node.bit != BITS:
        if len(steps) == BITS:
            raise Untrue("map", "its nodes lead nowhere")
        is_right = _bit(key, node.bit)
        steps.append(bytes([node.bit]) + (node.left if is_right else node.right))
        node = load(node.right_id if is_right else node.left_id)
    return Way(node, b"".join(reversed(steps)))


def check_present(root: bytes, key: bytes, value: bytes, path: bytes) -> None:
    """Untrue `map` unless the map of that root holds `value` under `key`."""
    if _fold(key, value, path) != root:
        raise Untrue("map", "the map does not hold that under the key")


def check_absent(root: bytes, key: bytes, other: tuple[bytes, bytes] | None, path: bytes) -> None:
    """Untrue `map` unless the map of that root holds nothing under `key`; `other`: key and value of the leaf it leads to."""
    if other is None:
        if path or root != EMPTY:
            raise Untrue("map", "the map is not empty")
        return
    if other[0] == key:
        raise Untrue("map", "the leaf shown is that of the key itself")
    if any(_bit(key, bit) != _bit(other[0], bit) for bit, _ in _steps(path)):
        raise Untrue("map", "the key does not lead to the leaf that is shown")
    if _fold(*other, path) != root:
        raise Untrue("map", "the leaf shown is not in the map")


def _fold(key: bytes, value: bytes, path: bytes) -> bytes:
    if len(key) != 32 or len(value) != 32:
        raise Untrue("map", "keys and values have 32 bytes")
    top = sha256(key + value).digest()
    last = BITS
    for bit, sibling in _steps(path):
        if bit >= last:
            raise Untrue("map", "the bits of a proof decrease")
        last = bit
        sides = sibling + top if _bit(key, bit) else top + sibling
        top = sha256(sides + bytes([bit])).digest()
    return top


def _steps(path: bytes) -> Sequence[tuple[int, bytes]]:
    if len(path) % 33:
        raise Malformed("map", "a proof is made of steps of 33 bytes")
    return [(path[start], path[start + 1 : start + 33]) for start in range(0, len(path), 33)]
