"""Witness policies: the shared vectors, random ones against a second reading, and whose cosignatures a policy counts."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry import keys
from registry.errors import Malformed, Untrue
from registry.log import checkpoint, cosignature, note
from registry.log import policy as tlog_policy
from tests.builders.command import ROOT

VECTORS = json.loads((ROOT / "schemas/vectors/policies.json").read_text("utf-8"))
SIGNERS = [keys.SigningKey(bytes([number]) * 32) for number in range(1, 7)]
KEYS = [cosignature.verifier_key(f"w{number}.example", signer.public) for number, signer in enumerate(SIGNERS)]


@pytest.mark.parametrize("case", VECTORS["accepted"], ids=lambda case: case["name"])
def test_policies_that_are_met_and_that_are_not(case: dict[str, Any]) -> None:
    policy = tlog_policy.parse(case["text"])
    assert [names for names in case["met"] if not policy.is_met(set(names))] == []
    assert [names for names in case["unmet"] if policy.is_met(set(names))] == []
    assert policy.is_none == policy.is_met(set())


@pytest.mark.parametrize("case", VECTORS["refused"], ids=lambda case: case["name"])
def test_policies_that_are_refused(case: dict[str, str]) -> None:
    with pytest.raises(Malformed) as refused:
        tlog_policy.parse(case["text"])
    assert refused.value.code == "policy"


def test_what_a_policy_holds() -> None:
    log = note.VerifierKey("log.example", SIGNERS[0].public.raw)
    text = f"log {log.print()} https://log.example\nwitness one {KEYS[1].print()} https://w1.example/\nquorum one\n"
    policy = tlog_policy.parse(text + f"witness two {KEYS[2].print()}\n")
    assert policy.logs == (log,)
    assert policy.witnesses == (
        tlog_policy.Witness("one", KEYS[1], "https://w1.example/"),
        tlog_policy.Witness("two", KEYS[2], None),
    )
    assert not policy.is_none


def test_where_a_policy_is_wrong_is_told() -> None:
    with pytest.raises(Malformed, match="line 3 of the policy: X is not defined above"):
        tlog_policy.parse("# one\n\nquorum X\n")


def test_whose_cosignatures_are_counted() -> None:
    head = checkpoint.Checkpoint("log.example", 3, bytes(32)).print()
    lines = "".join(f"witness W{number} {KEYS[number].print()}\n" for number in range(3))
    policy = tlog_policy.parse(lines + "group G 2 W0 W1 W2\nquorum G\n")
    made = [cosignature.make(head, f"w{n}.example", SIGNERS[n], 1_700_000_000 + n) for n in range(4)]
    times = policy.cosigned(note.Note(head, (made[0], made[2], made[3])))
    assert times == {"W0": 1_700_000_000, "W2": 1_700_000_002}
    assert policy.is_met(times.keys())
    assert not policy.is_met(policy.cosigned(note.Note(head, (made[0], made[3]))).keys())
    wrong = note.Signature(made[1].name, made[1].key_id, made[1].signature[:-1] + b"\0")
    with pytest.raises(Untrue):
        policy.cosigned(note.Note(head, (made[0], made[2], wrong)))


trees = st.recursive(
    st.just("witness"),
    lambda below: st.tuples(st.lists(below, min_size=1, max_size=3), st.integers(0, 4)),
    max_leaves=6,
)
spaces = st.sampled_from([" ", "\t", "  \t "])


@given(trees, st.sets(st.integers(0, 5)), spaces, st.booleans())
@settings(max_examples=200)
def test_random_policies_mean_what_they_say(tree: Any, cosigning: set[int], space: str, comments: bool) -> None:
    lines: list[str] = []
    witnesses: list[str] = []
    groups: list[str] = []

    def define(part: Any) -> tuple[str, bool]:
        """Write the lines of a part of the policy; its name, and whether it is met."""
        if part == "witness":
            number = len(witnesses)
            name = f"W{number}"
            witnesses.append(name)
            lines.append(f"witness {name} {KEYS[number].print()}")
            return name, number in cosigning
        below = [define(member) for member in part[0]]
        wanted = {0: "all", 4: "any"}.get(part[1], str(min(part[1], len(below))))
        enough = {"all": len(below), "any": 1}.get(wanted) or int(wanted)
        groups.append(f"G{len(groups)}")
        lines.append(f"group {groups[-1]} {wanted} {' '.join(name for name, _ in below)}")
        return groups[-1], sum(is_met for _, is_met in below) >= enough

    quorum, is_met = define(tree)
    lines.append(f"quorum {quorum}")
    text = ("\n# why\n\n" if comments else "\n").join(line.replace(" ", space) for line in lines) + "\n"
    policy = tlog_policy.parse(text)
    assert [witness.name for witness in policy.witnesses] == witnesses
    assert list(policy.groups) == groups
    assert policy.is_met({f"W{number}" for number in cosigning}) == is_met


words = st.one_of(
    st.sampled_from(["log", "witness", "group", "quorum", "all", "any", "1", "none", "#", "A", "B", "\n"]),
    st.sampled_from([key.print() for key in KEYS]),
    st.text(max_size=3),
)


@given(st.lists(words, max_size=20))
@settings(max_examples=200)
def test_any_text_is_a_policy_or_malformed(said: list[str]) -> None:
    try:
        policy = tlog_policy.parse(" ".join(said))
    except Malformed:
        return
    assert policy.is_met({witness.name for witness in policy.witnesses})
