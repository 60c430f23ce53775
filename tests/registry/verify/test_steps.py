"""Every mutation of a good evidence file fails at its step, and each step that is forced to fail turns the verdict.

The cases of schemas/vectors/verify.json are read by the browser's verifier too: each names the trust, the moment, and the
expected result of every step.
"""

import base64
import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from registry.errors import Untrue
from registry.installation.office import Office
from registry.keys import SigningKey
from registry.log import cosignature, entry, note
from registry.log.merkle import leaf_hash
from registry.verify import steps
from registry.verify.evidence import parse as parse_evidence
from registry.verify.trust import parse as parse_trust
from registry.verify.verdict import Verdict
from tests.builders.command import NOW
from tests.builders.witnesses import publish_witnessed, witnessed_reader
from tests.mutations.bits import flip
from tests.mutations.named import MUTATIONS, change_entry, everywhere, latest_checkpoint

Json = dict[str, Any]


@pytest.fixture
def evidence(filled: Office, trust: Json) -> Json:
    return filled.reader.evidence("sample", "BC0000001", 2)


@pytest.fixture
def trust(filled: Office) -> Json:
    """It asks for a witness and for the latest; `filled` is published with that witness."""
    publish_witnessed(filled)
    return witnessed_reader(filled).trust()


def judged(evidence: Json, trust: Json, at: datetime = NOW) -> Verdict:
    return steps.verify(json.dumps(evidence).encode(), parse_trust(json.dumps(trust).encode()), at)


def results(verdict: Verdict) -> dict[str, str]:
    return {step.name: step.result for step in verdict.steps}


ALL_PASSED = dict.fromkeys(steps.STEPS, "passed")


@pytest.mark.parametrize(("number", "n"), [("BC0000001", 2), ("BC0000002", 1), ("FM0000003", 1)])
def test_good_evidence_is_verified(filled: Office, trust: Json, number: str, n: int) -> None:
    verdict = judged(filled.reader.evidence("sample", number, n), trust)
    assert results(verdict) == ALL_PASSED
    assert (verdict.verdict, verdict.as_of) == ("verified", "2026-01-02T03:04:05Z")


def test_a_superseded_credential_is_genuine_but_not_current(filled: Office, trust: Json) -> None:
    verdict = judged(filled.reader.evidence("sample", "BC0000001", 1), trust)
    assert results(verdict) == ALL_PASSED | {"current": "failed"}
    assert (verdict.verdict, verdict.steps[-1].code) == ("superseded", "superseded")
    assert verdict.steps[-1].reason == "another state has taken its place: entry 4 of the ledger"
    assert verdict.subject.to_json() == {
        "on": None,
        "organization": {
            "register": "sample",
            "number": "BC0000001",
            "name": "ORIGNAL ÉCARLATE LTÉE",
            "status": "Active",
            "since": "2020-01-01",
        },
        "inForce": {"from": "2020-01-01", "until": "2021-02-03"},
        "replacedBy": {"index": 4, "kind": "supersede", "effective": "2021-02-03"},
    }


def test_evidence_of_before_knows_that_it_is_not_the_newest_and_no_more(filled: Office, trust: Json) -> None:
    """It has no `later`: the map names another entry as the newest."""
    evidence, newest = (filled.reader.evidence("sample", "BC0000001", n) for n in (1, 2))
    del evidence["later"]
    verdict = judged(evidence | {"latest": newest["latest"]}, trust)
    assert (verdict.verdict, verdict.steps[-1].code) == ("failed", "not_latest")


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("2019-12-31", ("failed", "not_in_force_on")),
        ("2020-01-01", ("verified", None)),
        ("2021-02-02", ("verified", None)),
        ("2021-02-03", ("failed", "not_in_force_on")),
        ("2026-01-02", ("failed", "not_in_force_on")),
        ("2026-01-03", ("indeterminate", "day_unknown")),
    ],
)
def test_a_state_is_asked_about_a_day(filled: Office, trust: Json, on: str, expected: tuple[str, str | None]) -> None:
    data = json.dumps(filled.reader.evidence("sample", "BC0000001", 1)).encode()
    verdict = steps.verify(data, parse_trust(json.dumps(trust).encode()), NOW, date.fromisoformat(on))
    assert (verdict.verdict, verdict.steps[-1].code) == expected
    assert verdict.subject.on == on


def test_what_the_trust_file_does_not_ask_is_no_tick(filled: Office, trust: Json) -> None:
    """And the answer then speaks of the time of the status list."""
    lax = trust | {"witnessPolicy": "quorum none\n", "require": {"current": False}}
    verdict = judged(filled.reader.evidence("sample", "BC0000001", 2), lax)
    assert results(verdict) == ALL_PASSED | {"witnessed": "not_asked", "current": "not_asked"}
    assert (verdict.verdict, verdict.as_of) == ("verified", "2026-01-02T03:04:05Z")


def test_as_of_is_the_newest_cosignature_or_else_the_newest_entry_proven(filled: Office, trust: Json) -> None:
    publish_witnessed(filled, NOW + timedelta(minutes=7))
    later = NOW + timedelta(minutes=8)
    shown = filled.reader.evidence("sample", "BC0000002", 1)
    assert judged(shown, trust, later).as_of == "2026-01-02T03:11:05Z"
    assert judged(shown, trust | {"witnessPolicy": "quorum none\n"}, later).as_of == "2026-01-02T03:04:05Z"
    early = judged(shown, trust, NOW)
    assert {step.name for step in early.steps if step.result == "failed"} == {"witnessed", "current"}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_mutation_fails_at_its_step(evidence: Json, trust: Json, name: str) -> None:
    mutate, failing = MUTATIONS[name]
    mutate(evidence)
    verdict = judged(evidence, trust)
    outcomes = results(verdict)
    assert verdict.verdict == "failed"
    assert {step for step, result in outcomes.items() if result == "failed"} == failing
    for step, awaited in steps.WAITS.items():
        if any(outcomes[earlier] not in ("passed", "not_asked") for earlier in awaited):
            assert outcomes[step] == "not_reached"
    assert all(step.reason for step in verdict.steps if step.result == "failed")


@pytest.mark.parametrize("step", [step for step in steps.STEPS if step != "well_formed"])
def test_each_step_forced_to_fail_turns_the_verdict(
    evidence: Json, trust: Json, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_self: object) -> None:
        raise Untrue("step", "forced")

    monkeypatch.setattr(steps._Check, step, fail)
    verdict = judged(evidence, trust)
    assert (verdict.verdict, results(verdict)[step]) == ("failed", "failed")


def _without_cosignatures(evidence: Json) -> None:
    everywhere(evidence, lambda checkpoint: checkpoint[:-1].rsplit("\n", 1)[0] + "\n")


@pytest.mark.parametrize(
    ("step", "change"),
    [
        ("witnessed", _without_cosignatures),
        ("current", lambda e: e.update(latest=None)),
        ("current", lambda e: e.pop("latest")),
        ("current", lambda e: e["latest"].pop("organization")),
        ("current", lambda e: e["latest"].pop("suspensionList")),
        ("current", lambda e: latest_checkpoint(e, lambda text: text[:-1].rsplit("\n", 1)[0] + "\n")),
    ],
)
def test_what_trust_requires_and_evidence_lacks_is_indeterminate(
    evidence: Json, trust: Json, step: str, change: Callable[[Json], None]
) -> None:
    change(evidence)
    verdict = judged(evidence, trust)
    assert (verdict.verdict, results(verdict)[step]) == ("indeterminate", "indeterminate")


def test_the_map_needs_its_witness_only_where_the_policy_names_its_log(evidence: Json, trust: Json) -> None:
    latest_checkpoint(evidence, lambda text: text[:-1].rsplit("\n", 1)[0] + "\n")
    lines = [line for line in trust["witnessPolicy"].splitlines() if "/index+" not in line]
    assert judged(evidence, trust | {"witnessPolicy": "\n".join(lines)}).verdict == "verified"


def test_a_witness_with_a_wrong_clock_takes_nobody_with_it(evidence: Json, trust: Json) -> None:
    """Its cosignature does not count; the other one is enough."""
    ahead, key = int(NOW.timestamp()) + 3600, SigningKey(b"\x03" * 32)
    other = cosignature.verifier_key("witness.example/w2", key.public).print()
    either = trust["witnessPolicy"].replace("quorum w1", f"witness w2 {other}\ngroup either any w1 w2\nquorum either")

    def cosign(checkpoint: str) -> str:
        line = cosignature.make(note.parse(checkpoint).text, "witness.example/w2", key, ahead).line()
        return f"{checkpoint}{line}\n"

    everywhere(evidence, cosign)
    verdict = judged(evidence, trust | {"witnessPolicy": either})
    assert (verdict.verdict, verdict.as_of) == ("verified", "2026-01-02T03:04:05Z")
    only = judged(evidence, trust | {"witnessPolicy": either.replace("quorum either", "quorum w2")})
    assert results(only)["witnessed"] == "failed"


def test_a_quorum_of_two_is_not_met_by_one(evidence: Json, trust: Json) -> None:
    other = cosignature.verifier_key("witness.example/w2", SigningKey(b"\x03" * 32).public).print()
    two = trust["witnessPolicy"].replace("quorum w1", f"witness w2 {other}\ngroup both all w1 w2\nquorum both")
    outcomes = results(judged(evidence, trust | {"witnessPolicy": two}))
    assert {step for step, result in outcomes.items() if result == "failed"} == {"witnessed", "current"}


def test_unknown_members_are_ignored(evidence: Json, trust: Json) -> None:
    assert judged({**evidence, "comment": {"from": "a later version"}}, trust).verdict == "verified"


def test_a_credential_of_tomorrow_is_not_yet_valid(evidence: Json, trust: Json) -> None:
    assert judged(evidence, trust, NOW - timedelta(seconds=60)).verdict == "verified"
    verdict = judged(evidence, trust, NOW - timedelta(seconds=61))
    failing = {step for step, result in results(verdict).items() if result == "failed"}
    assert failing == {"in_validity", "witnessed", "current"}, "a cosignature of tomorrow is none either"


@pytest.mark.parametrize(
    ("change", "failing"),
    [
        (lambda t: t["issuers"][0].update(registers=["im"]), {"issuer_trusted"}),
        (lambda t: t["issuers"][0].update(types=["PermitCredential"]), {"issuer_trusted"}),
        (lambda t: t["issuers"][0].update(types=[]), {"issuer_trusted"}),
        (lambda t: t["issuers"][0].update(types=["A", "OrganizationRegistrationCredential"]), set()),
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
    outcomes = results(judged(evidence, trust))
    assert {step for step, result in outcomes.items() if result == "failed"} == failing


def test_a_person_needs_the_salt_behind_the_pseudonym(filled: Office, trust: Json) -> None:
    person = filled.reader.evidence("sample", "FM0000003", 1)
    assert len(base64.b64decode(person.pop("orgSalt"))) == 32
    outcomes = results(judged(person, trust))
    assert {step for step, result in outcomes.items() if result == "failed"} == {"entry_matches"}


def test_swapped_evidence_of_another_organization_fails(filled: Office, trust: Json) -> None:
    """Each part is genuine; together they are not."""
    first, other = (filled.reader.evidence("sample", number, 1) for number in ("BC0000001", "BC0000002"))
    for member in ("credential", "entry", "salt", "proof"):
        mixed = {**first, member: other[member]}
        assert judged(mixed, trust).verdict == "failed", member


def test_ten_thousand_byte_flips_and_no_false_accept(evidence: Json, trust: Json) -> None:
    """Flips in values; those in unknown members or white space do not exist in this compact form."""
    good = json.dumps(evidence, ensure_ascii=True).encode()
    trusted = parse_trust(json.dumps(trust).encode())
    assert steps.verify(good, trusted, NOW).verdict == "verified"
    parsed = parse_evidence(good).to_json()
    accepted = 0
    for number in range(2000):
        position = number * 7919 % len(good)
        flipped = flip(good, 8 * position + number % 8)
        if steps.verify(flipped, trusted, NOW).verdict == "verified":
            assert parse_evidence(flipped).to_json() == parsed
            accepted += 1
    assert accepted < 20


def test_a_forged_leaf_is_not_included(evidence: Json, trust: Json) -> None:
    """An entry that matches a forged credential perfectly, but was never logged."""
    evidence["credential"]["credentialSubject"]["legalName"] = "FORGED LTD."
    salt = base64.b64decode(evidence["salt"])
    change_entry(evidence, commitment=entry.commitment(salt, evidence["credential"]))
    outcomes = results(judged(evidence, trust))
    assert (outcomes["proof_valid"], outcomes["entry_matches"], outcomes["included"]) == ("failed", "passed", "failed")
    assert leaf_hash(base64.b64decode(evidence["entry"])) != b""


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b'"x"', b"{", b"\xff", b'{"v":1,"v":1}', b"[" * 100_000])
def test_anything_else_is_a_verdict_and_no_crash(trust: Json, data: bytes) -> None:
    verdict = steps.verify(data, parse_trust(json.dumps(trust).encode()), NOW)
    assert results(verdict) == {"well_formed": "failed"} | dict.fromkeys(steps.STEPS[1:], "not_reached")
