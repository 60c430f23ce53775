"""The tree against the published roots of RFC 6962 implementations, and every proof of every small tree."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import Untrue
from registry.log import tiles
from registry.log.merkle import (
    EMPTY_ROOT,
    Frontier,
    check_consistency,
    check_inclusion,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of,
)
from tests.mutations.bits import flip

VECTORS = Path(__file__).parents[3] / "schemas" / "vectors"

# leaves and roots of the reference tests of certificate transparency (RFC 6962)
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
SIZE = 65


class Tree:
    """A tree of `size` leaves with every complete subtree at hand."""

    def __init__(self, size: int) -> None:
        self.leaves = [leaf_hash(n.to_bytes(2, "big")) for n in range(size)]
        self.subtrees: dict[tuple[int, int], bytes] = {}
        frontier = Frontier()
        self.roots = [frontier.root()]
        for leaf in self.leaves:
            for level, n, value in frontier.append(leaf):
                self.subtrees[level, n] = value
            self.roots.append(frontier.root())

    def subtree(self, level: int, n: int) -> bytes:
        return self.subtrees[level, n]


TREE = Tree(SIZE)


def test_published_roots() -> None:
    leaves = [leaf_hash(bytes.fromhex(leaf)) for leaf in LEAVES]
    assert [root_of(leaves[:size]).hex() for size in range(9)] == ROOTS


def test_published_hashes() -> None:
    assert leaf_hash(b"L123456").hex() == "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
    assert node_hash(b"N123", b"N456").hex() == "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb"


def test_frontier_and_recursion_agree() -> None:
    for size in range(SIZE + 1):
        assert TREE.roots[size] == root_of(TREE.leaves[:size])
        assert Frontier.of(size, TREE.subtree).root() == TREE.roots[size]


def test_every_inclusion_proof_of_every_small_tree() -> None:
    for size in range(1, SIZE + 1):
        for index in range(size):
            proof = inclusion_proof(index, size, TREE.subtree)
            check_inclusion(index, size, TREE.leaves[index], proof, TREE.roots[size])
            with pytest.raises(Untrue):
                check_inclusion((index + 1) % (size + 1), size, TREE.leaves[index], proof, TREE.roots[size])
            with pytest.raises(Untrue):
                check_inclusion(index, size, TREE.leaves[index], [*proof, TREE.leaves[0]], TREE.roots[size])


def test_every_consistency_proof_of_every_small_tree() -> None:
    for new in range(1, SIZE + 1):
        for old in range(1, new + 1):
            proof = consistency_proof(old, new, TREE.subtree)
            check_consistency(old, new, TREE.roots[old], TREE.roots[new], proof)
            with pytest.raises(Untrue):
                check_consistency(old, new, TREE.roots[old - 1], TREE.roots[new], proof)


@given(st.integers(1, SIZE), st.data())
def test_a_flipped_bit_is_always_refused(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, TREE.subtree)
    parts = [TREE.leaves[index], TREE.roots[size], *proof]
    which = data.draw(st.integers(0, len(parts) - 1))
    bit = data.draw(st.integers(0, 255))
    parts[which] = flip(parts[which], bit)
    with pytest.raises(Untrue):
        check_inclusion(index, size, parts[0], parts[2:], parts[1])


@pytest.mark.parametrize(
    ("old", "new", "old_root", "new_root", "proof"),
    [
        (0, 4, EMPTY_ROOT, TREE.roots[4], []),
        (0, 0, TREE.roots[1], TREE.roots[1], []),
        (4, 4, TREE.roots[4], TREE.roots[4], [TREE.leaves[0]]),
        (4, 4, TREE.roots[4], TREE.roots[3], []),
        (5, 4, TREE.roots[5], TREE.roots[4], []),
        (4, 8, TREE.roots[4], TREE.roots[8], []),
        (3, 8, TREE.roots[3], TREE.roots[8], []),
        (2, 8, TREE.roots[2][:31], TREE.roots[8], consistency_proof(2, 8, TREE.subtree)),
    ],
)
def test_strict_refusals(old: int, new: int, old_root: bytes, new_root: bytes, proof: list[bytes]) -> None:
    with pytest.raises(Untrue):
        check_consistency(old, new, old_root, new_root, proof)


def test_vectors_for_every_reader() -> None:
    cases = json.loads((VECTORS / "inclusion.json").read_text("utf-8"))
    assert len(cases) >= 10
    for case in cases:
        index, size = case["index"], case["size"]
        leaf, root = bytes.fromhex(case["leaf"]), bytes.fromhex(case["root"])
        proof = [bytes.fromhex(text) for text in case["proof"]]
        if case["refuse"]:
            with pytest.raises(Untrue):
                check_inclusion(index, size, leaf, proof, root)
        else:
            check_inclusion(index, size, leaf, proof, root)


@given(st.integers(0, 700), st.lists(st.integers(0, 300), max_size=4))
def test_many_at_once_are_the_same_as_one_by_one(start: int, counts: list[int]) -> None:
    """In the frontier, in the subtrees that are completed, and in the tiles."""
    leaves = [leaf_hash(n.to_bytes(2, "big")) for n in range(start + sum(counts))]
    single, many = Frontier(), Frontier()
    single_tiles, many_tiles = dict[tuple[int, int], list[bytes]](), dict[tuple[int, int], list[bytes]]()
    place = 0
    for count in (start, *counts):
        for leaf in leaves[place : place + count]:
            for level, n, value in single.append(leaf):
                tile = tiles.place_of(level, n)
                if tile is not None:
                    single_tiles.setdefault(tile[:2], []).append(value)
        for level, n, hashes in many.extend(leaves[place : place + count]):
            for tile_level, number, more in tiles.spread(level, n, hashes):
                many_tiles.setdefault((tile_level, number), []).extend(more)
        place += count
        assert (many.size, many.hashes, many_tiles) == (single.size, single.hashes, single_tiles)
    assert many.root() == root_of(leaves)
