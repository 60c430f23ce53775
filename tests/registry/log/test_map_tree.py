"""The verifiable map against a recursion that is plainly its definition; its proofs, and ways to bend them."""

from hashlib import sha256
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.errors import Malformed, Untrue
from registry.log import map_tree
from registry.log.map_tree import EMPTY, NOTHING, Node
from tests.mutations.bits import flip

#: few bits that differ, and at many places: long common prefixes as well as early branches
keys = st.builds(
    lambda head, tail: bytes([head]) + bytes(30) + bytes([tail]), st.integers(0, 255), st.integers(0, 255)
) | st.binary(min_size=32, max_size=32)
values = st.binary(min_size=32, max_size=32)


def root_of(items: list[tuple[bytes, bytes]], bit: int = 0) -> bytes:
    """The root by the definition: split at the first bit in which two keys differ."""
    if not items:
        return EMPTY
    if len(items) == 1:
        return sha256(items[0][0] + items[0][1]).digest()
    while True:
        sides: tuple[list[tuple[bytes, bytes]], ...] = ([], [])
        for key, value in items:
            sides[key[bit // 8] >> (7 - bit % 8) & 1].append((key, value))
        if all(sides):
            return sha256(root_of(sides[0], bit + 1) + root_of(sides[1], bit + 1) + bytes([bit])).digest()
        bit += 1


class Kept:
    """A map that keeps its nodes, updated batch by batch."""

    def __init__(self) -> None:
        self.nodes: dict[int, Node] = {}
        self.root, self.root_id = EMPTY, NOTHING

    def load(self, node_id: int) -> Node:
        return self.nodes[node_id]

    def update(self, changes: dict[bytes, bytes]) -> None:
        made = map_tree.update(self.load, self.root_id, changes, len(self.nodes) + 1)
        assert not made.made.keys() & self.nodes.keys(), "a node is never changed"
        self.nodes |= made.made
        self.root, self.root_id = made.root, made.root_id


@settings(max_examples=200, deadline=None)
@given(st.lists(st.dictionaries(keys, values, max_size=12), max_size=6))
def test_batch_by_batch_gives_the_root_of_the_whole(batches: list[dict[bytes, bytes]]) -> None:
    tree, whole = Kept(), dict[bytes, bytes]()
    for batch in batches:
        tree.update(batch)
        whole |= batch
        assert tree.root == root_of(sorted(whole.items()))
    for key, value in whole.items():
        way = map_tree.find(tree.load, tree.root_id, key)
        assert way.leaf is not None
        assert (way.leaf.key, way.leaf.left) == (key, value)
        map_tree.check_present(tree.root, key, value, way.path)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(keys, values, max_size=20), keys)
def test_a_key_is_shown_present_or_absent_and_never_both(content: dict[bytes, bytes], key: bytes) -> None:
    tree = Kept()
    tree.update(content)
    way = map_tree.find(tree.load, tree.root_id, key)
    other = None if way.leaf is None else (way.leaf.key, way.leaf.left)
    if key in content:
        with pytest.raises(Untrue):
            map_tree.check_absent(tree.root, key, other, way.path)
    else:
        map_tree.check_absent(tree.root, key, other, way.path)
        with pytest.raises(Untrue):
            map_tree.check_present(tree.root, key, bytes(32), way.path)


def thousand() -> tuple[Kept, list[bytes]]:
    tree, map_keys = Kept(), [sha256(b"%d" % n).digest() for n in range(1000)]
    tree.update({key: sha256(key).digest() for key in map_keys})
    return tree, map_keys


def test_earlier_roots_stay_provable() -> None:
    tree, map_keys = thousand()
    before, before_id = tree.root, tree.root_id
    tree.update({map_keys[0]: bytes(32), sha256(b"new").digest(): bytes(32)})
    assert tree.root != before
    way = map_tree.find(tree.load, before_id, map_keys[0])
    map_tree.check_present(before, map_keys[0], sha256(map_keys[0]).digest(), way.path)
    assert len(way.path) // 33 < 30


def test_no_changed_bit_of_a_proof_holds() -> None:
    tree, map_keys = thousand()
    lot = Random(5)
    for key in map_keys[:100]:
        way = map_tree.find(tree.load, tree.root_id, key)
        assert way.leaf is not None
        bent = flip(way.path, lot.randrange(8 * len(way.path)))
        with pytest.raises(Untrue):
            map_tree.check_present(tree.root, key, way.leaf.left, bent)
        with pytest.raises(Untrue):
            map_tree.check_present(tree.root, key, way.leaf.left, way.path[33:])
        with pytest.raises(Untrue):
            map_tree.check_present(tree.root, key, bytes(32), way.path)


def test_a_present_key_cannot_be_shown_absent_by_another_leaf() -> None:
    """The attack of an operator who would hide an organization: every other leaf, with its own true way."""
    tree, map_keys = thousand()
    for other in map_keys[1:200]:
        way = map_tree.find(tree.load, tree.root_id, other)
        assert way.leaf is not None
        with pytest.raises(Untrue, match="does not lead"):
            map_tree.check_absent(tree.root, map_keys[0], (other, way.leaf.left), way.path)


def test_proofs_of_another_form() -> None:
    tree, map_keys = thousand()
    way = map_tree.find(tree.load, tree.root_id, map_keys[0])
    with pytest.raises(Malformed):
        map_tree.check_present(tree.root, map_keys[0], bytes(32), way.path[:-1])
    with pytest.raises(Untrue, match="32 bytes"):
        map_tree.check_present(tree.root, map_keys[0][:31], bytes(33), way.path)
    with pytest.raises(Untrue, match="not empty"):
        map_tree.check_absent(tree.root, map_keys[0], None, b"")
    map_tree.check_absent(EMPTY, map_keys[0], None, b"")
    step = way.path[:33]
    with pytest.raises(Untrue, match="decrease"):
        map_tree.check_present(tree.root, map_keys[0], bytes(32), step + step)
