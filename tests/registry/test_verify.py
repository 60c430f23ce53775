"""Every mutation of a good evidence file fails at its step, and each step that is forced to fail turns the verdict.

The cases of tests/vectors/verify are read by the browser's verifier too: each names the trust, the moment, and the
expected result of every step.
"""

import base64
import copy
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from registry import entry, verify
from registry.evidence import parse as parse_evidence
from registry.installation import Office
from registry.merkle import leaf_hash
from registry.trust import parse as parse_trust
from tests.conftest import NOW

Json = dict[str, Any]


@pytest.fixture
def evidence(filled: Office) -> Json:
    return filled.reader.evidence("sample", "BC0000001", 2)


@pytest.fixture
def trust(filled: Office) -> Json:
    return filled.reader.trust()


def judged(evidence: Json, trust: Json, at: datetime = NOW) -> verify.Verdict:
    return verify.verify(json.dumps(evidence).encode(), parse_trust(json.dumps(trust).encode()), at)


def results(verdict: verify.Verdict) -> dict[str, str]:
    return {step.name: step.result for step in verdict.steps}


ALL_PASSED = dict.fromkeys(verify.STEPS, "passed") | {"witnessed": "not_asked", "current": "not_asked"}


@pytest.mark.parametrize(("number", "n"), [("BC0000001", 1), ("BC0000001", 2), ("BC0000002", 1), ("FM0000003", 1)])
def test_good_evidence_is_verified(filled: Office, trust: Json, number: str, n: int) -> None:
    verdict = judged(filled.reader.evidence("sample", number, n), trust)
    assert results(verdict) == ALL_PASSED
    assert (verdict.verdict, verdict.as_of) == ("verified", "2026-01-02T03:04:05Z")


def _entry(evidence: Json, **changed: Any) -> None:
    """Change members of the entry; everything else stays as it was."""
    members = json.loads(base64.b64decode(evidence["entry"])) | changed
    text = json.dumps(members, sort_keys=True, separators=(",", ":"))
    evidence["entry"] = base64.b64encode(text.encode()).decode()


def _proof_line(evidence: Json, number: int) -> None:
    lines = evidence["proof"].split("\n")
    digest = bytearray(base64.b64decode(lines[number]))
    digest[0] ^= 1
    lines[number] = base64.b64encode(digest).decode()
    evidence["proof"] = "\n".join(lines)


def _everywhere(evidence: Json, act: Callable[[str], str]) -> None:
    """The same change to the checkpoint in every proof."""
    for holder in (evidence, evidence["statusList"], evidence["suspensionList"], evidence["issuerKeys"]):
        path, blank, checkpoint = holder["proof"].partition("\n\n")
        holder["proof"] = path + blank + act(checkpoint)


def _flip_signature(checkpoint: str) -> str:
    head, line = checkpoint[:-1].rsplit(" ", 1)
    data = bytearray(base64.b64decode(line))
    data[-1] ^= 1
    return f"{head} {base64.b64encode(data).decode()}\n"


def _claim(evidence: Json) -> None:
    evidence["credential"]["credentialSubject"]["legalName"] = "SCARLET MOUSE LTD."


def _add_claim(evidence: Json) -> None:
    evidence["credential"]["credentialSubject"]["creditRating"] = "AAA"


def _proof_value(evidence: Json) -> None:
    _bend_value(evidence["credential"]["proof"][0])


def _bend_value(proof: Json) -> None:
    value = proof["proofValue"]
    proof["proofValue"] = value[:-1] + ("2" if value[-1] != "2" else "3")


def _suites_swapped(evidence: Json) -> None:
    one, other = evidence["credential"]["proof"]
    one["proofValue"], other["proofValue"] = other["proofValue"], one["proofValue"]


def _suspension_bit(evidence: Json) -> None:
    document = evidence["suspensionList"]["credential"]
    document["credentialSubject"]["encodedList"] = verify.status.encode(b"\xff" * 16384)


def _lists_swapped(evidence: Json) -> None:
    evidence["statusList"], evidence["suspensionList"] = evidence["suspensionList"], evidence["statusList"]


def _salt(evidence: Json) -> None:
    evidence["salt"] = base64.b64encode(bytes(32)).decode()


def _status_bit(evidence: Json) -> None:
    """The list as it would be with every bit set: neither its proof nor its entry fit it any more."""
    document = evidence["statusList"]["credential"]
    document["credentialSubject"]["encodedList"] = verify.status.encode(b"\xff" * 16384)


def _issuer(evidence: Json) -> None:
    evidence["credential"]["issuer"]["id"] = "did:web:elsewhere.example"


def _origin(evidence: Json) -> None:
    evidence["origin"] = "elsewhere.example"


def _origin_in_checkpoint(evidence: Json) -> None:
    evidence["origin"] = "elsewhere.example"
    _everywhere(evidence, lambda checkpoint: checkpoint.replace("localhost:8000", "elsewhere.example"))


def _other_key(evidence: Json) -> None:
    evidence["issuerKeys"]["document"]["verificationMethod"][0]["publicKeyMultibase"] = "z6MkOther"


def _list_salt(evidence: Json) -> None:
    _salt(evidence["statusList"])


def _no_status_list(evidence: Json) -> None:
    del evidence["statusList"]


def _empty_proofs(evidence: Json) -> None:
    evidence["credential"]["proof"] = []


def _unknown_suite(evidence: Json) -> None:
    proof = copy.deepcopy(evidence["credential"]["proof"][0])
    evidence["credential"]["proof"].append({**proof, "cryptosuite": "none-2026"})


def _context(evidence: Json) -> None:
    evidence["credential"]["@context"].append("https://elsewhere.example/context")


def _list_elsewhere(evidence: Json) -> None:
    status = evidence["credential"]["credentialStatus"][0]
    status["statusListCredential"] = status["statusListCredential"].replace("sample-1", "sample-2")


def _float(evidence: Json) -> None:
    evidence["latest"] = {"a": 1.5}


MUTATIONS: dict[str, tuple[Callable[[Json], None], set[str]]] = {
    "a claim": (_claim, {"proof_valid", "entry_matches"}),
    "an added claim": (_add_claim, {"proof_valid", "entry_matches"}),
    "the proof": (_proof_value, {"proof_valid"}),
    "the second proof": (lambda e: _bend_value(e["credential"]["proof"][1]), {"proof_valid"}),
    "the moment of the second proof": (
        lambda e: e["credential"]["proof"][1].update(created="2026-01-02T03:04:06Z"),
        {"proof_valid"},
    ),
    "the proofs under each other's suite": (_suites_swapped, {"proof_valid"}),
    "a @context in the second proof": (
        lambda e: e["credential"]["proof"][1].update({"@context": ["https://elsewhere.example/context"]}),
        {"proof_valid"},
    ),
    "a proof of a chain": (
        lambda e: e["credential"]["proof"][1].update(previousProof="urn:uuid:0"),
        {"proof_valid"},
    ),
    "no proof": (_empty_proofs, {"proof_valid"}),
    "no member proof": (lambda e: e["credential"].pop("proof"), {"proof_valid"}),
    "another verification method": (
        lambda e: e["credential"]["proof"][0].update(verificationMethod="did:web:elsewhere.example#a"),
        {"proof_valid", "entry_matches"},
    ),
    "the list without proof": (lambda e: e["statusList"]["credential"].pop("proof"), {"not_revoked"}),
    "the list with another method": (
        lambda e: e["statusList"]["credential"]["proof"][0].update(verificationMethod="did:web:elsewhere.example#a"),
        {"not_revoked"},
    ),
    "the list's entry": (lambda e: _entry(e["statusList"], time=1), {"not_revoked"}),
    "the list's salt": (_list_salt, {"not_revoked"}),
    "the entry: key": (lambda e: _entry(e, key="did:web:elsewhere.example#a"), {"included"}),
    "a second proof of an unknown suite": (_unknown_suite, {"proof_valid"}),
    "the context": (_context, {"proof_valid", "entry_matches"}),
    "the entry: commitment": (lambda e: _entry(e, commitment="00" * 32), {"entry_matches"}),
    "the entry: time": (lambda e: _entry(e, time=1), {"included"}),
    "the entry: time beyond the year 9999": (lambda e: _entry(e, time=253_402_300_800_000), {"well_formed"}),
    "the entry: index": (lambda e: _entry(e, index=5), {"entry_matches"}),
    "the entry: org": (lambda e: _entry(e, org="sample:BC0000002"), {"entry_matches"}),
    "the entry: issuer": (lambda e: _entry(e, issuer="did:web:elsewhere.example"), {"entry_matches"}),
    "the entry: type": (lambda e: _entry(e, type="Other"), {"entry_matches"}),
    "the entry: effective": (lambda e: _entry(e, effective="2000-01-01"), {"entry_matches"}),
    "the entry: unknown member": (lambda e: _entry(e, extra="x"), {"well_formed"}),
    "the salt": (_salt, {"entry_matches"}),
    "a hash of the path": (lambda e: _proof_line(e, 2), {"included"}),
    "the checkpoint's signature": (lambda e: _everywhere(e, _flip_signature), {"checkpoint_signed"}),
    "one checkpoint of four": (
        lambda e: e["statusList"].update(proof=e["statusList"]["proof"].replace("\n7\n", "\n8\n")),
        {"checkpoint_signed"},
    ),
    "the origin": (_origin, {"checkpoint_signed"}),
    "the origin, everywhere": (_origin_in_checkpoint, {"checkpoint_signed"}),
    "the issuer": (_issuer, {"issuer_trusted", "entry_matches"}),
    "the issuer's key": (_other_key, {"entry_matches"}),
    "the status bit": (_status_bit, {"not_revoked"}),
    "the suspension bit": (_suspension_bit, {"not_revoked"}),
    "the list's second proof": (
        lambda e: _bend_value(e["statusList"]["credential"]["proof"][1]),
        {"not_revoked"},
    ),
    "no suspension list": (lambda e: e.pop("suspensionList"), {"not_revoked"}),
    "the lists in each other's place": (_lists_swapped, {"not_revoked"}),
    "one status entry dropped": (
        lambda e: e["credential"]["credentialStatus"].pop(),
        {"proof_valid", "entry_matches"},
    ),
    "no status list": (_no_status_list, {"not_revoked"}),
    "another status list": (_list_elsewhere, {"proof_valid", "entry_matches"}),
    "an orgSalt where there is none": (
        lambda e: e.update(orgSalt=base64.b64encode(bytes(32)).decode()),
        {"entry_matches"},
    ),
    "version": (lambda e: e.update(v=2), {"well_formed"}),
    "version, as text": (lambda e: e.update(v="1"), {"well_formed"}),
    "a fraction": (_float, {"well_formed"}),
    "salt of 31 bytes": (lambda e: e.update(salt=base64.b64encode(bytes(31)).decode()), {"well_formed"}),
    "base64 with a tail bit": (lambda e: e.update(salt=e["salt"][:-2] + "B="), {"well_formed"}),
    "no issuerKeys": (lambda e: e.pop("issuerKeys"), {"well_formed"}),
    "credential as text": (lambda e: e.update(credential="x"), {"well_formed"}),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_mutation_fails_at_its_step(evidence: Json, trust: Json, name: str) -> None:
    mutate, failing = MUTATIONS[name]
    mutate(evidence)
    verdict = judged(evidence, trust)
    found = results(verdict)
    assert verdict.verdict == "failed"
    assert {step for step, result in found.items() if result == "failed"} == failing
    for step, awaited in verify.WAITS.items():
        if any(found[one] not in ("passed", "not_asked") for one in awaited):
            assert found[step] == "not_reached"
    assert all(step.reason for step in verdict.steps if step.result == "failed")


@pytest.mark.parametrize("step", [step for step in verify.STEPS if step not in ("well_formed", "witnessed", "current")])
def test_each_step_forced_to_fail_turns_the_verdict(
    evidence: Json, trust: Json, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_self: object) -> None:
        raise verify.Untrue("step", "forced")

    monkeypatch.setattr(verify._Check, step, fail)
    verdict = judged(evidence, trust)
    assert (verdict.verdict, results(verdict)[step]) == ("failed", "failed")


@pytest.mark.parametrize(
    ("step", "change"),
    [
        ("witnessed", {"witnessPolicy": "witness w w+00000000+AAAA https://w.example\nquorum w\n"}),
        ("current", {"require": {"current": True}}),
    ],
)
def test_what_trust_requires_and_evidence_lacks_is_indeterminate(
    evidence: Json, trust: Json, step: str, change: Json
) -> None:
    verdict = judged(evidence, trust | change)
    assert (verdict.verdict, results(verdict)[step]) == ("indeterminate", "indeterminate")


def test_unknown_members_are_ignored(evidence: Json, trust: Json) -> None:
    assert judged({**evidence, "comment": {"from": "a later version"}}, trust).verdict == "verified"


def test_a_credential_of_tomorrow_is_not_yet_valid(evidence: Json, trust: Json) -> None:
    assert judged(evidence, trust, NOW - timedelta(seconds=60)).verdict == "verified"
    verdict = judged(evidence, trust, NOW - timedelta(seconds=61))
    assert {step for step, result in results(verdict).items() if result == "failed"} == {"in_validity"}


@pytest.mark.parametrize(
    ("change", "failing"),
    [
        (lambda t: t["issuers"][0].update(registers=["im"]), {"issuer_trusted"}),
        (lambda t: t.update(issuers=[]), {"issuer_trusted", "entry_matches"}),
        (lambda t: t["issuers"][0]["keys"][0].update(use="status"), {"proof_valid"}),
        (
            lambda t: t["contexts"].update({"http://localhost:8000/contexts/organization/v1": "00" * 32}),
            {"proof_valid"},
        ),
    ],
)
def test_trust_decides(evidence: Json, trust: Json, change: Callable[[Json], None], failing: set[str]) -> None:
    change(trust)
    found = results(judged(evidence, trust))
    assert {step for step, result in found.items() if result == "failed"} == failing


def test_a_person_needs_the_salt_behind_the_pseudonym(filled: Office, trust: Json) -> None:
    person = filled.reader.evidence("sample", "FM0000003", 1)
    assert len(base64.b64decode(person.pop("orgSalt"))) == 32
    found = results(judged(person, trust))
    assert {step for step, result in found.items() if result == "failed"} == {"entry_matches"}


def test_swapped_evidence_of_another_organization_fails(filled: Office, trust: Json) -> None:
    """Each part is genuine; together they are not."""
    one, other = (filled.reader.evidence("sample", number, 1) for number in ("BC0000001", "BC0000002"))
    for member in ("credential", "entry", "salt", "proof"):
        mixed = {**one, member: other[member]}
        assert judged(mixed, trust).verdict == "failed", member


def test_ten_thousand_byte_flips_and_no_false_accept(evidence: Json, trust: Json) -> None:
    """Flips in values; those in unknown members or white space do not exist in this compact form."""
    good = json.dumps({name: value for name, value in evidence.items() if name != "latest"}, ensure_ascii=True).encode()
    trusted = parse_trust(json.dumps(trust).encode())
    assert verify.verify(good, trusted, NOW).verdict == "verified"
    parsed = parse_evidence(good).to_json()
    accepted = 0
    for number in range(2000):
        position = number * 7919 % len(good)
        flipped = bytearray(good)
        flipped[position] ^= 1 << number % 8
        if verify.verify(bytes(flipped), trusted, NOW).verdict == "verified":
            assert parse_evidence(bytes(flipped)).to_json() == parsed
            accepted += 1
    assert accepted < 20


def test_a_forged_leaf_is_not_included(evidence: Json, trust: Json) -> None:
    """An entry that matches a forged credential perfectly, but was never logged."""
    evidence["credential"]["credentialSubject"]["legalName"] = "FORGED LTD."
    salt = base64.b64decode(evidence["salt"])
    _entry(evidence, commitment=entry.commitment(salt, evidence["credential"]))
    found = results(judged(evidence, trust))
    assert (found["proof_valid"], found["entry_matches"], found["included"]) == ("failed", "passed", "failed")
    assert leaf_hash(base64.b64decode(evidence["entry"])) != b""


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b'"x"', b"{", b"\xff", b'{"v":1,"v":1}', b"[" * 100_000])
def test_anything_else_is_a_verdict_and_no_crash(trust: Json, data: bytes) -> None:
    verdict = verify.verify(data, parse_trust(json.dumps(trust).encode()), NOW)
    assert results(verdict) == {"well_formed": "failed"} | dict.fromkeys(verify.STEPS[1:], "not_reached")
