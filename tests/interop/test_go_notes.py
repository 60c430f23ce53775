"""transparency-dev/formats and x/mod read our notes: checkpoints, tlog-proofs, cosignatures of both algorithms, policies."""

import base64
from collections import Counter
from collections.abc import Callable
from random import Random

import pytest

from registry.errors import Malformed, Untrue
from registry.keys import ED25519, ML_DSA_44, HeldKey, Signer
from registry.log import cosignature, note, proof_text
from registry.log import policy as tlog_policy
from registry.log.merkle import leaf_hash
from registry.verify import evidence
from registry.verify.evidence import Logged
from sample_data.make_expected import fixed_bytes as seeded
from tests.builders.grown_log import GrownLog
from tests.interop.peers import oracle
from tests.mutations.bits import flip

KINDS = {ED25519: 4, ML_DSA_44: 6}
SECONDS = 1_767_323_045
CASES = 200


def signer(kind: str, name: str) -> Signer:
    return HeldKey(kind, seeded(name)(32)).signer()


def cosigned(text: str, *witnesses: tuple[str, Signer]) -> note.Note:
    """A checkpoint with a cosignature of each of those witnesses."""
    signed = note.parse(text)
    lines = [cosignature.make(signed.text, name, key, SECONDS) for name, key in witnesses]
    return note.Note(signed.text, (*signed.signatures, *lines))


def logged(log: GrownLog) -> list[Logged]:
    """What the evidence files of some organizations prove: credentials, status lists, keys."""
    facts = []
    for record in log.office.reader.records(0, 60):
        if record.n is not None:
            assert record.register is not None
            assert record.number is not None
            file = log.office.reader.evidence(record.register, record.number, record.n)
            facts += evidence.from_json(file).logged
    return facts


def test_the_proofs_of_evidence_files_hold(log: GrownLog) -> None:
    proven = logged(log)
    asked = [
        {"ask": "proof", "note": fact.proof.print().encode(), "vkeys": [log.vkey], "leaf": leaf_hash(fact.entry_bytes)}
        for fact in proven
    ]
    answers = oracle(asked)
    assert len(answers) > 100
    assert [answer["formats"] for answer in answers] == [None] * len(proven)
    assert [answer["index"] for answer in answers] == [fact.entry.index for fact in proven]


def forgeries(proof: proof_text.TlogProof, fork: GrownLog) -> dict[str, proof_text.TlogProof]:
    index, hashes, signed = proof.index, proof.hashes, proof.checkpoint
    origin, size, rest = signed.split("\n", 2)
    return {
        "another index": proof_text.TlogProof(index ^ 1, hashes, signed),
        "a hash too few": proof_text.TlogProof(index, hashes[1:], signed),
        "another hash": proof_text.TlogProof(index, (bytes(32), *hashes[1:]), signed),
        "another size": proof_text.TlogProof(index, hashes, f"{origin}\n{int(size) + 1}\n{rest}"),
        "the fork's checkpoint": proof_text.TlogProof(index, hashes, fork.current),
        "no signature": proof_text.TlogProof(index, hashes, note.parse(signed).text + "\n"),
    }


def test_forged_proofs_are_refused(log: GrownLog, fork: GrownLog) -> None:
    fact = logged(log)[0]
    forged = forgeries(fact.proof, fork)
    leaf = leaf_hash(fact.entry_bytes)
    asked = [
        {"ask": "proof", "note": proof.print().encode(), "vkeys": [log.vkey], "leaf": leaf}
        for proof in (fact.proof, *forged.values())
    ]
    asked.append({**asked[0], "leaf": leaf_hash(fact.entry_bytes + b" ")})
    assert [answer["formats"] is None for answer in oracle(asked)] == [True] + [False] * (len(forged) + 1)


@pytest.mark.parametrize("kind", KINDS)
def test_our_cosignatures_are_accepted(log: GrownLog, kind: str) -> None:
    key = cosignature.verifier_key("witness.example/ours", signer(kind, "ours").public)
    signed = cosigned(log.current, (key.name, signer(kind, "ours")))
    wrong = signed.signatures[-1]
    forged = note.Signature(wrong.name, wrong.key_id, flip(wrong.signature, -8))
    later = note.Signature(wrong.name, wrong.key_id, bytes(8) + wrong.signature[8:])
    notes = [signed] + [note.Note(signed.text, (*signed.signatures[:-1], line)) for line in (forged, later)]
    answers = oracle({"ask": "note", "note": head.print().encode(), "vkeys": [log.vkey, key.print()]} for head in notes)
    assert answers[0] == {"formats": None, "signed": [log.key.name, key.name]}
    assert [answer["formats"] is None for answer in answers] == [True, False, False]
    assert cosignature.check(signed, key) == SECONDS
    for head in notes[1:]:
        with pytest.raises(Untrue):
            cosignature.check(head, key)


@pytest.mark.parametrize("kind", KINDS)
def test_their_cosignatures_are_accepted(log: GrownLog, fork: GrownLog, kind: str) -> None:
    asked = {"ask": "cosign", "name": "witness.example/theirs", "algorithm": KINDS[kind]}
    answer, another = oracle({**asked, "note": text.encode()} for text in (log.current, fork.current))
    key = note.parse_vkey(answer["vkey"], note.COSIGNATURES)
    signed = note.parse(base64.b64decode(answer["note"]).decode())
    assert cosignature.check(signed, key) > SECONDS
    note.check(signed, [log.key])
    moved = note.Note(note.parse(fork.current).text, signed.signatures)
    with pytest.raises(Untrue, match="wrong"):
        cosignature.check(moved, key)
    with pytest.raises(Untrue, match="has not cosigned"):
        cosignature.check(note.parse(base64.b64decode(another["note"]).decode()), key)


def test_notes_are_refused_as_x_mod_refuses_them(log: GrownLog, fork: GrownLog) -> None:
    stranger = note.VerifierKey(log.key.name, signer(ED25519, "stranger").public.raw)
    other_text = note.parse(fork.current).text + "\n" + log.current.rpartition("\n\n")[2]
    asked: list[tuple[str, note.VerifierKey]] = [
        (log.current, log.key), (fork.current, log.key), (log.current, stranger), (other_text, log.key),
        (log.current.rpartition("\n\n")[0] + "\n\n", log.key), (log.current[:-1], log.key), ("", log.key),
    ]  # fmt: skip
    answers = oracle({"ask": "note", "note": text.encode(), "vkeys": [key.print()]} for text, key in asked)
    ours = [holds(lambda text=text, key=key: note.check(note.parse(text), [key])) for text, key in asked]
    assert ours == [answer["formats"] is None for answer in answers] == [True, True, *[False] * 5]


def holds(check: Callable[[], object]) -> bool:
    try:
        check()
    except (Untrue, Malformed):
        return False
    return True


def policy(random: Random, keys: dict[str, note.VerifierKey]) -> str:
    """A random policy over those witnesses: groups of witnesses and of groups, each a member once, and a quorum."""
    lines = [f"witness {name} {key.print()} http://127.0.0.1:1/" for name, key in keys.items()]
    free = list(keys)
    for n in range(random.randint(0, 3)):
        if len(free) > 1:
            members = [free.pop(random.randrange(len(free))) for _ in range(random.randint(1, len(free)))]
            threshold = random.choice(("any", "all", str(random.randint(1, len(members)))))
            lines.append(f"group g{n} {threshold} {' '.join(members)}")
            free.append(f"g{n}")
    return "\n".join(["# a comment", *lines, "", f"quorum {random.choice([*free, 'none'])}"]) + "\n"


def test_policies_are_met_alike(log: GrownLog) -> None:
    random = Random(10)
    signers = {f"w{n}": signer(kind, f"w{n}") for n, kind in enumerate((*[ED25519] * 3, *[ML_DSA_44] * 2))}
    keys = {name: cosignature.verifier_key(f"witness.example/{name}", key.public) for name, key in signers.items()}
    cases = []
    for _ in range(CASES):
        chosen = random.sample(sorted(signers), random.randint(0, len(signers)))
        signed = cosigned(log.current, *((keys[name].name, signers[name]) for name in chosen))
        cases.append((policy(random, keys), chosen, signed))
    answers = oracle(
        {"ask": "policy", "policy": text.encode(), "note": head.print().encode()} for text, _, head in cases
    )
    counted: Counter[bool] = Counter()
    for (text, chosen, signed), answer in zip(cases, answers, strict=True):
        parsed = tlog_policy.parse(text)
        assert sorted(parsed.cosigned(signed)) == sorted(chosen)
        assert answer == {"formats": None, "met": parsed.is_met(chosen)}, text
        counted[answer["met"]] += 1
    assert min(counted[True], counted[False]) > CASES // 5


def test_bad_policies_are_refused_alike(log: GrownLog) -> None:
    key = cosignature.verifier_key("witness.example/w", signer(ED25519, "w").public)
    witness = f"witness w {key.print()} http://127.0.0.1:1/\n"
    good, bad = (
        (witness + "quorum w\n", witness + "group g all w\nquorum g\n", "quorum none\n"),
        (
            "", witness, "quorum w\n", witness + "group g 2 w\nquorum g\n", "group g all w\n" + witness + "quorum g\n",
            witness + witness + "quorum w\n", witness + "quorum\n", witness + "quorums w\n",
            witness + "group w any w\nquorum w\n",
            witness + "group g x w\nquorum g\n", witness.replace("+B", "+C") + "quorum w\n",
        ),
    )  # fmt: skip
    asked = ({"ask": "policy", "policy": text.encode(), "note": log.current.encode()} for text in (*good, *bad))
    expected = [True] * len(good) + [False] * len(bad)
    assert [answer["formats"] is None for answer in oracle(asked)] == expected
    assert [holds(lambda text=text: tlog_policy.parse(text)) for text in (*good, *bad)] == expected


def test_where_formats_differs(log: GrownLog) -> None:
    """formats v0.1.1 takes a log's key (0x01) for a witness's, and wants a URL for each; the specification says otherwise."""
    key = cosignature.verifier_key("witness.example/w", signer(ED25519, "w").public)
    wrong_kind, no_url = f"witness w {log.vkey} http://127.0.0.1:1/\nquorum w\n", f"witness w {key.print()}\nquorum w\n"
    asked = [{"ask": "policy", "policy": text.encode(), "note": log.current.encode()} for text in (wrong_kind, no_url)]
    assert [answer["formats"] is None for answer in oracle(asked)] == [True, False]
    assert [holds(lambda text=text: tlog_policy.parse(text)) for text in (wrong_kind, no_url)] == [False, True]
