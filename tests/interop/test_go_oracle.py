"""Thousands of proofs of our log, whole and mutated: our verdict is that of transparency-dev/merkle and of x/mod's tlog.

Seeded, so that a disagreement can be told by its number. Where the two differ from each other, a test of its own says so.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import pytest

from registry.errors import Untrue
from registry.log.merkle import (
    EMPTY_ROOT,
    check_consistency,
    check_inclusion,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
)
from tests.builders.grown_log import GrownLog
from tests.interop.peers import oracle
from tests.mutations.bits import flip

#: how many proofs of each kind; each is asked once as it is, and once for each mutation
PROOFS = 1500


@dataclass(frozen=True)
class Inclusion:
    index: int
    size: int
    leaf: bytes
    hashes: list[bytes]
    root: bytes

    def ours(self) -> bool:
        return holds(check_inclusion, self.index, self.size, self.leaf, self.hashes, self.root)

    def asked(self) -> dict[str, Any]:
        return {"ask": "inclusion", **vars(self)}


@dataclass(frozen=True)
class Consistency:
    old: int
    size: int
    old_root: bytes
    hashes: list[bytes]
    root: bytes

    def ours(self) -> bool:
        return holds(check_consistency, self.old, self.size, self.old_root, self.root, self.hashes)

    def asked(self) -> dict[str, Any]:
        return {"ask": "consistency", **vars(self)}


def holds(check: Callable[..., None], *arguments: Any) -> bool:
    try:
        check(*arguments)
    except Untrue:
        return False
    return True


def flipped(random: Random, value: bytes) -> bytes:
    return flip(value, random.randrange(256))


def near(random: Random, number: int, least: int) -> int:
    """Another number: a neighbour, one bit off, or any."""
    other = random.choice((number - 1, number + 1, number ^ 1 << random.randrange(18), random.randrange(1 << 20)))
    return other if other >= least and other != number else number + 1


#: what is done to the hashes of a proof
HASHES: dict[str, Callable[[Random, list[bytes]], list[bytes]]] = {
    "a bit of a hash": lambda random, hashes: put(hashes, random, lambda digest: [flipped(random, digest)]),
    "a hash too few": lambda random, hashes: put(hashes, random, lambda _: []),
    "a hash too many": lambda random, hashes: put(
        [*hashes, bytes(32)], random, lambda digest: [digest, random.randbytes(32)]
    ),
    "a hash twice": lambda random, hashes: put(hashes, random, lambda digest: [digest, digest]),
    "another order": lambda _, hashes: hashes[::-1],
    "no hash": lambda _random, _hashes: [],
}


def put(hashes: list[bytes], random: Random, do: Callable[[bytes], list[bytes]]) -> list[bytes]:
    if not hashes:
        return [bytes(32)]
    place = random.randrange(len(hashes))
    return [*hashes[:place], *do(hashes[place]), *hashes[place + 1 :]]


def mutated_inclusions(random: Random, proof: Inclusion) -> dict[str, Inclusion]:
    return {name: replace(proof, hashes=do(random, proof.hashes)) for name, do in HASHES.items()} | {
        "another index": replace(proof, index=near(random, proof.index, 0)),
        "an index beyond the end": replace(proof, index=proof.size + random.randrange(3)),
        "another size": replace(proof, size=near(random, proof.size, 1)),
        "a bit of the leaf": replace(proof, leaf=flipped(random, proof.leaf)),
        "a bit of the root": replace(proof, root=flipped(random, proof.root)),
        "the leaf as root": replace(proof, root=proof.leaf),
    }


def mutated_consistencies(random: Random, proof: Consistency) -> dict[str, Consistency]:
    return {name: replace(proof, hashes=do(random, proof.hashes)) for name, do in HASHES.items()} | {
        "another old size": replace(proof, old=near(random, proof.old, 1)),
        "another size": replace(proof, size=near(random, proof.size, 1)),
        "the sizes the other way round": replace(proof, old=proof.size, size=proof.old),
        "a bit of the old root": replace(proof, old_root=flipped(random, proof.old_root)),
        "a bit of the root": replace(proof, root=flipped(random, proof.root)),
        "the roots the other way round": replace(proof, old_root=proof.root, root=proof.old_root),
    }


def sizes(random: Random, largest: int) -> int:
    """Small trees as often as large ones; powers of two and of 256, and what is beside them, more often than chance."""
    edge = 1 << random.randrange(17)
    size = random.choice((random.randint(1, 40), random.randint(1, largest), edge - 1, edge, edge + 1))
    return min(max(size, 1), largest)


def inclusions(log: GrownLog) -> list[Inclusion]:
    random, subtree, proofs = Random(6), log.subtree(), []
    for _ in range(PROOFS):
        size = sizes(random, log.size)
        index = random.choice((0, size - 1, random.randrange(size)))
        proofs.append(
            Inclusion(index, size, leaf_hash(log.entry(index)), inclusion_proof(index, size, subtree), log.root(size))
        )
    return proofs


def consistencies(log: GrownLog) -> list[Consistency]:
    random, subtree, proofs = Random(7), log.subtree(), []
    for _ in range(PROOFS):
        old, size = sorted((sizes(random, log.size), sizes(random, log.size)))
        proofs.append(Consistency(old, size, log.root(old), consistency_proof(old, size, subtree), log.root(size)))
    return proofs


def compare(cases: list[tuple[str, Any]]) -> Counter[tuple[str, bool]]:
    """Ask all about all; how often each kind of case was accepted and refused, where all agree."""
    counted: Counter[tuple[str, bool]] = Counter()
    for (name, proof), answer in zip(cases, oracle(proof.asked() for _, proof in cases), strict=True):
        verdicts = {"ours": proof.ours(), "merkle": answer["merkle"] is None, "xmod": answer["xmod"] is None}
        assert len(set(verdicts.values())) == 1, f"{name}: {verdicts}\n{proof}\n{answer}"
        counted[name, verdicts["ours"]] += 1
    return counted


def judged(proofs: list[Any], mutated: Callable[[Random, Any], dict[str, Any]]) -> Counter[tuple[str, bool]]:
    """All proofs as they are, and each mutation of each that changes it."""
    random = Random(8)
    cases = [("whole", proof) for proof in proofs]
    cases += [(name, other) for proof in proofs for name, other in mutated(random, proof).items() if other != proof]
    return compare(cases)


@pytest.mark.parametrize(
    ("proofs", "mutated"), [(inclusions, mutated_inclusions), (consistencies, mutated_consistencies)]
)
def test_proofs_are_judged_alike(log: GrownLog, proofs: Any, mutated: Any) -> None:
    counted = judged(proofs(log), mutated)
    assert (counted["whole", True], counted["whole", False]) == (PROOFS, 0)
    assert counted.total() > 12 * PROOFS
    # a path does not tell the tree's size: it fits every size whose path has the same turns
    assert {name for name, accepted in counted if accepted} == {"whole", "another size"}


def test_a_flawed_check_would_be_noticed(log: GrownLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.interop.test_go_oracle.check_inclusion", lambda *_: None)
    flawed = [("a bit of the leaf", replace(proof, leaf=bytes(32))) for proof in inclusions(log)[:10]]
    with pytest.raises(AssertionError, match="a bit of the leaf"):
        compare(flawed)


def test_where_others_differ() -> None:
    """merkle v0.0.2 lets a tree of size 0 grow into anything, and takes hashes of any length; we and x/mod refuse both."""
    leaf, longer = leaf_hash(b"entry"), bytes(33)
    from_nothing = Consistency(0, 1, EMPTY_ROOT, [], leaf)
    long_hash = Inclusion(0, 2, leaf, [longer], node_hash(leaf, longer))
    answers = oracle([from_nothing.asked(), long_hash.asked()])
    assert [answer["merkle"] for answer in answers] == [None, None]
    assert [answer["xmod"] is None for answer in answers] == [False, False]
    assert [from_nothing.ours(), long_hash.ours()] == [False, False]
