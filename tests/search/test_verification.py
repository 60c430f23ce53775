"""What the server answers when asked to verify: by its own store for its own credentials, never by a signature alone."""

import json
from typing import Any

import pytest

from issuer.draft import Numbered, credential
from issuer.revoke import revoke
from registry import keyfile, proof
from registry.installation import Office
from registry.publish import publish
from search.evidence import evidence_router
from search.verification import PostedVerifier
from tests.conftest import NOW, surroundings
from tests.registry.conftest import filled, state

__all__ = ["filled"]


def steps(verdict: dict[str, Any]) -> dict[str, str]:
    return {step["step"]: step["result"] for step in verdict["steps"]}


def logged(filled: Office) -> dict[str, Any]:
    document: dict[str, Any] = filled.reader.evidence("sample", "BC0000001", 2)["credential"]
    return document


def test_evidence_and_its_credential_alone_are_verified(filled: Office) -> None:
    verifier = PostedVerifier(filled.reader)
    evidence = verifier.judge(filled.reader.evidence("sample", "BC0000001", 2), NOW)
    alone = verifier.judge(logged(filled), NOW)
    assert (evidence["verdict"], alone["verdict"], alone["trusted"]) == ("verified", "verified", True)
    assert steps(evidence) == steps(alone)


def test_a_forged_credential_signed_with_our_real_key_is_not_verified(filled: Office) -> None:
    keys = keyfile.KeyFolder(filled.settings.keys, filled.settings.passphrase_file)
    forged = state("BC0000007", "NEVER LOGGED INC.", "7", "2020-05-06")
    list_id = filled.identity.status_list_id("revocation", "sample", 1)
    draft = credential(Numbered(forged, 1, list_id, 5), filled.identity, "Sample", "2026-01-02T03:04:05Z")
    method = f"{filled.identity.issuer_did('sample')}#credential-1"
    signed = proof.sign(draft, keys.signer("sample-credential"), method, "2026-01-02T03:04:05Z")
    verdict = PostedVerifier(filled.reader).judge(signed, NOW)
    assert steps(verdict)["proof_valid"] == "passed"
    assert steps(verdict)["entry_matches"] == "failed"
    assert verdict["verdict"] == "failed"


def test_a_changed_credential_fails_against_our_own_entry(filled: Office) -> None:
    document = logged(filled)
    document["credentialSubject"]["legalName"] = "ANOTHER LTD."
    verdict = PostedVerifier(filled.reader).judge(document, NOW)
    assert (steps(verdict)["proof_valid"], steps(verdict)["entry_matches"]) == ("failed", "failed")


def test_a_revoked_credential_fails_by_our_own_list(filled: Office) -> None:
    document = logged(filled)
    revoke(filled, "sample", "BC0000001", 2, "fraud", surroundings("revoke"), dry_run=False)
    publish(filled.store, filled.ledger_signer)
    verdict = PostedVerifier(filled.reader).judge(document, NOW)
    reason = next(step["reason"] for step in verdict["steps"] if step["step"] == "not_revoked")
    assert (verdict["verdict"], reason) == ("failed", "revoked")


def test_a_foreign_credential_is_never_verified(filled: Office) -> None:
    document = logged(filled) | {"issuer": {"id": "did:web:elsewhere.example", "name": "Elsewhere"}}
    verdict = PostedVerifier(filled.reader).judge(document, NOW)
    assert (verdict["verdict"], verdict["trusted"]) == ("indeterminate", False)
    assert set(list(steps(verdict).values())[4:]) == {"not_asked"}


@pytest.mark.parametrize(
    "changed", [{"id": "x"}, {"id": 7}, {"id": "http://localhost:8000/credentials/sample/BC0000001/9999999999"}]
)
def test_an_id_that_is_not_ours_is_not_in_our_ledger(filled: Office, changed: dict[str, Any]) -> None:
    verdict = PostedVerifier(filled.reader).judge(logged(filled) | changed, NOW)
    assert (verdict["verdict"], steps(verdict)["entry_matches"]) == ("failed", "failed")


@pytest.mark.parametrize("document", [{}, {"credentialSubject": 1}, {"v": 1}, {"credentialSubject": {}, "issuer": []}])
def test_anything_else_is_a_verdict(filled: Office, document: dict[str, Any]) -> None:
    assert PostedVerifier(filled.reader).judge(document, NOW)["verdict"] in ("failed", "indeterminate")


def test_the_routes_are_those_of_the_contract(filled: Office) -> None:
    paths = {getattr(route, "path", "") for route in evidence_router(filled.reader).routes}
    assert {
        "/credentials/{register}/{number}/{n}",
        "/credentials/{register}/{number}/{n}/evidence",
        "/api/v1/verify",
        "/api/v1/verify/batch",
        "/status/{purpose}/{name}",
        "/trust.json",
        "/checkpoint",
        "/.well-known/did.json",
        "/issuers/{register}/did.json",
    } <= paths


def test_a_batch_answers_in_order(live_server: str) -> None:
    import urllib.request

    def post(path: str, value: object) -> Any:
        request = urllib.request.Request(
            live_server + path, json.dumps(value).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    with urllib.request.urlopen(f"{live_server}/api/v1/organizations?limit=1", timeout=30) as answer:
        path = json.load(answer)["items"][0]["evidence"]
    with urllib.request.urlopen(live_server + path, timeout=30) as answer:
        evidence = json.load(answer)
    assert post("/api/v1/verify", evidence)["verdict"] == "verified"
    results = post("/api/v1/verify/batch", {"items": [evidence, {}, evidence["credential"]]})["results"]
    assert [result["verdict"] for result in results] == ["verified", "failed", "verified"]
