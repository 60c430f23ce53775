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
    kept, whole = Kept(), dict[bytes, bytes]()
    for batch in batches:
        kept.update(batch)
        whole |= batch
        assert kept.root == root_of(sorted(whole.items()))
    for key, value in whole.items():
        way = map_tree.find(kept.load, kept.root_id, key)
        assert way.leaf is not None
        assert (way.leaf.key, way.leaf.left) == (key, value)
        map_tree.check_present(kept.root, key, value, way.path)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(keys, values, max_size=20), keys)
def test_a_key_is_shown_present_or_absent_and_never_both(content: dict[bytes, bytes], key: bytes) -> None:
    kept = Kept()
    kept.update(content)
    way = map_tree.find(kept.load, kept.root_id, key)
    other = None if way.leaf is None else (way.leaf.key, way.leaf.left)
    if key in content:
        with pytest.raises(Untrue):
            map_tree.check_absent(kept.root, key, other, way.path)
    else:
        map_tree.check_absent(kept.root, key, other, way.path)
        with pytest.raises(Untrue):
            map_tree.check_present(kept.root, key, bytes(32), way.path)


def thousand() -> tuple[Kept, list[bytes]]:
    kept, found = Kept(), [sha256(b"%d" % n).digest() for n in range(1000)]
    kept.update({key: sha256(key).digest() for key in found})
    return kept, found


def test_earlier_roots_stay_provable() -> None:
    kept, found = thousand()
    before, before_id = kept.root, kept.root_id
    kept.update({found[0]: bytes(32), sha256(b"new").digest(): bytes(32)})
    assert kept.root != before
    way = map_tree.find(kept.load, before_id, found[0])
    map_tree.check_present(before, found[0], sha256(found[0]).digest(), way.path)
    assert len(way.path) // 33 < 30


def test_no_changed_bit_of_a_proof_holds() -> None:
    kept, found = thousand()
    lot = Random(5)
    for key in found[:100]:
        way = map_tree.find(kept.load, kept.root_id, key)
        assert way.leaf is not None
        bent = flip(way.path, lot.randrange(8 * len(way.path)))
        with pytest.raises(Untrue):
            map_tree.check_present(kept.root, key, way.leaf.left, bent)
        with pytest.raises(Untrue):
            map_tree.check_present(kept.root, key, way.leaf.left, way.path[33:])
        with pytest.raises(Untrue):
            map_tree.check_present(kept.root, key, bytes(32), way.path)


def test_a_present_key_cannot_be_shown_absent_by_another_leaf() -> None:
    """The attack of an operator who would hide an organization: every other leaf, with its own true way."""
    kept, found = thousand()
    for other in found[1:200]:
        way = map_tree.find(kept.load, kept.root_id, other)
        assert way.leaf is not None
        with pytest.raises(Untrue, match="does not lead"):
            map_tree.check_absent(kept.root, found[0], (other, way.leaf.left), way.path)


def test_proofs_of_another_form() -> None:
    kept, found = thousand()
    way = map_tree.find(kept.load, kept.root_id, found[0])
    with pytest.raises(Malformed):
        map_tree.check_present(kept.root, found[0], bytes(32), way.path[:-1])
    with pytest.raises(Untrue, match="32 bytes"):
        map_tree.check_present(kept.root, found[0][:31], bytes(33), way.path)
    with pytest.raises(Untrue, match="not empty"):
        map_tree.check_absent(kept.root, found[0], None, b"")
    map_tree.check_absent(EMPTY, found[0], None, b"")
    step = way.path[:33]
    with pytest.raises(Untrue, match="decrease"):
        map_tree.check_present(kept.root, found[0], bytes(32), step + step)
