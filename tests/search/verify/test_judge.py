"""What the server answers when asked to verify: by its own store for its own credentials, never by a signature alone."""

import json
import re
import urllib.error
import urllib.request
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest

from issuer.actions.standing import StandingChange, change_one, revocation, suspension
from issuer.timeline.draft import Numbered, credential
from registry.credential import proof
from registry.credential.document import canonicalize_ours
from registry.errors import Conflict
from registry.installation import key_folder
from registry.installation.office import Office
from registry.ledger.publish import publish
from search.api.credentials import credentials_router
from search.api.documents import documents_router
from search.api.verify import verify_router
from search.app import create_app, services_here
from search.index.embedded import EmbeddedIndex
from search.verify.judge import PostedVerifier
from tests.builders.command import NOW, surroundings
from tests.builders.http_client import Client
from tests.builders.ledger import state


def steps(verdict: dict[str, Any]) -> dict[str, str]:
    return {step["step"]: step["result"] for step in verdict["steps"]}


def judged(filled: Office, document: dict[str, Any]) -> dict[str, Any]:
    return PostedVerifier(filled.reader).judge([document], NOW)[0]


def post(server: str, path: str, body: str) -> Any:
    request = urllib.request.Request(server + path, body.encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def logged(filled: Office) -> dict[str, Any]:
    document: dict[str, Any] = filled.reader.evidence("sample", "BC0000001", 2)["credential"]
    return document


def test_evidence_and_its_credential_alone_are_verified(filled: Office) -> None:
    evidence = judged(filled, filled.reader.evidence("sample", "BC0000001", 2))
    alone = judged(filled, logged(filled))
    assert (evidence["verdict"], alone["verdict"], alone["trusted"]) == ("verified", "verified", True)
    assert steps(evidence) == steps(alone)


def test_a_forged_credential_signed_with_our_real_key_is_not_verified(filled: Office) -> None:
    keys = key_folder.KeyFolder(filled.settings.keys, filled.settings.passphrase_file)
    forged = state("BC0000007", "NEVER LOGGED INC.", "7", "2020-05-06")
    list_id = filled.identity.status_list_id("revocation", "sample", 1)
    draft = credential(
        Numbered(forged, 1, (("revocation", list_id),), 5), filled.identity, "Sample", "2026-01-02T03:04:05Z"
    )
    method = f"{filled.identity.issuer_did('sample')}#credential-1"
    signed = proof.sign(
        draft,
        keys.signer("sample-credential"),
        method,
        "2026-01-02T03:04:05Z",
        canonicalize_ours(filled.identity.context_url),
    )
    verdict = judged(filled, signed)
    assert steps(verdict)["proof_valid"] == "passed"
    assert steps(verdict)["entry_matches"] == "failed"
    assert verdict["verdict"] == "failed"


def test_a_changed_credential_fails_against_our_own_entry(filled: Office) -> None:
    document = logged(filled)
    document["credentialSubject"]["legalName"] = "ANOTHER LTD."
    verdict = judged(filled, document)
    assert (steps(verdict)["proof_valid"], steps(verdict)["entry_matches"]) == ("failed", "failed")


def test_a_revoked_credential_fails_by_our_own_list(filled: Office) -> None:
    document = logged(filled)
    change_one(filled, "sample", "BC0000001", 2, revocation("fraud"), surroundings("revoke"), dry_run=False)
    for act in (lambda: None, lambda: publish(filled.store, filled.log_keys.signers)):
        act()
        verdict = judged(filled, document)
        reason = next(step["reason"] for step in verdict["steps"] if step["step"] == "not_revoked")
        assert (verdict["verdict"], reason) == ("failed", "revoked"), "committed is enough, published or not"


def test_a_foreign_credential_is_never_verified(filled: Office) -> None:
    document = logged(filled) | {"issuer": {"id": "did:web:elsewhere.example", "name": "Elsewhere"}}
    verdict = judged(filled, document)
    assert (verdict["verdict"], verdict["trusted"]) == ("indeterminate", False)
    assert set(list(steps(verdict).values())[4:]) == {"not_asked"}


@pytest.mark.parametrize(
    "changed", [{"id": "x"}, {"id": 7}, {"id": "http://localhost:8000/credentials/sample/BC0000001/9999999999"}]
)
def test_an_id_that_is_not_ours_is_not_in_our_ledger(filled: Office, changed: dict[str, Any]) -> None:
    verdict = judged(filled, logged(filled) | changed)
    assert (verdict["verdict"], steps(verdict)["entry_matches"]) == ("failed", "failed")


@pytest.mark.parametrize("document", [{}, {"v": 1}, {"name": "another program's"}, {"type": "Completeness"}])
def test_what_is_no_evidence_gets_no_verdict(filled: Office, document: dict[str, Any]) -> None:
    assert judged(filled, document) == {"verdict": None, "code": "not_evidence"}


@pytest.mark.parametrize("document", [{"credentialSubject": 1}, {"credentialSubject": {}, "issuer": []}])
def test_anything_else_is_a_verdict(filled: Office, document: dict[str, Any]) -> None:
    assert judged(filled, document)["verdict"] in ("failed", "indeterminate")


def test_the_routes_are_those_of_the_contract(filled: Office) -> None:
    services = services_here(filled.reader)
    routers = (
        documents_router(filled.reader),
        verify_router(services.verifier),
        credentials_router(filled.reader, services.requests),
    )
    paths = {getattr(route, "path", "") for router in routers for route in router.routes}
    assert {
        "/credentials/{register}/{number}/{n}",
        "/credentials/{register}/{number}/{n}/evidence",
        "/api/v1/verify",
        "/api/v1/verify/batch",
        "/status/{purpose}/{name}",
        "/trust.json",
        "/.well-known/did.json",
        "/issuers/{register}/did.json",
    } <= paths


def test_a_batch_answers_in_order(live_server: str) -> None:
    with urllib.request.urlopen(f"{live_server}/api/v1/organizations?limit=1", timeout=30) as answer:
        path = json.load(answer)["items"][0]["evidence"]
    with urllib.request.urlopen(live_server + path, timeout=30) as answer:
        evidence = json.load(answer)
    assert post(live_server, "/api/v1/verify", json.dumps(evidence))["verdict"] == "verified"
    items = {"items": [evidence, {}, evidence["credential"]]}
    results = post(live_server, "/api/v1/verify/batch", json.dumps(items))["results"]
    assert [result["verdict"] for result in results] == ["verified", None, "verified"]


@pytest.mark.parametrize(
    "body",
    [
        '{"a":1,"a":2}',
        '{"a":1,"\\u0061":2}',
        '{"a":NaN}',
        '{"a":1e400}',
        '{"a":1.5}',
        '{"a":9007199254740993}',
        '{"a":' + "9" * 5000 + "}",
        '{"a":"\\ud800"}',
        "{" + ",".join(f'"{n}":{n}' for n in range(18_000)) + ',"0":0}',
    ],
)
def test_json_that_two_readers_might_read_differently_is_a_verdict(live_server: str, body: str) -> None:
    """It is an object, so there is a verdict; and it comes at once, however many members there are."""
    verdict = post(live_server, "/api/v1/verify", body)
    assert verdict["verdict"] == "failed"
    assert steps(verdict) == {"well_formed": "failed"} | dict.fromkeys(list(steps(verdict))[1:], "not_reached")


def test_a_credential_with_one_proof_alone(live_server: str) -> None:
    with urllib.request.urlopen(
        f"{live_server}/credentials/sample/BC9000001/1?cryptosuite=eddsa-jcs-2022", timeout=30
    ) as answer:
        assert json.load(answer)["proof"]["cryptosuite"] == "eddsa-jcs-2022"


def test_a_batch_takes_many_genuine_files_and_no_item_that_is_too_large(live_server: str) -> None:
    """A state that another has replaced is genuine, and no longer current."""
    with urllib.request.urlopen(f"{live_server}/credentials/sample/BC9000001/1/evidence", timeout=30) as answer:
        replaced = json.load(answer)
    with urllib.request.urlopen(f"{live_server}/api/v1/organizations?q=BC9000001", timeout=30) as answer:
        path = json.load(answer)["items"][0]["evidence"]
    with urllib.request.urlopen(live_server + path, timeout=30) as answer:
        evidence = json.load(answer)
    (verdict,) = post(live_server, "/api/v1/verify/batch", json.dumps({"items": [replaced]}))["results"]
    assert {name for name, result in steps(verdict).items() if result == "failed"} == {"current"}
    results = post(live_server, "/api/v1/verify/batch", json.dumps({"items": [evidence] * 300}))["results"]
    assert {result["verdict"] for result in results} == {"verified"}
    with pytest.raises(urllib.error.HTTPError, match="413"):
        post(live_server, "/api/v1/verify/batch", json.dumps({"items": [{"a": "x" * 270_000}]}))


@pytest.mark.parametrize("act", [revocation("fraud"), suspension("under_review")], ids=["revoked", "suspended"])
def test_the_page_and_the_api_judge_old_evidence_alike(filled: Office, tmp_path: Path, act: StandingChange) -> None:
    """By the newest status lists of this server, whatever lists the evidence carries."""
    client = Client(create_app(filled.reader, EmbeddedIndex(tmp_path / "index")))
    evidence = json.dumps(filled.reader.evidence("sample", "BC0000001", 2))

    def verdicts() -> list[str]:
        pages = [
            client.request("POST", f"/{language}/verify", content="evidence=" + quote_plus(evidence)).text
            for language in ("en", "fr")
        ]
        api = client.request("POST", "/api/v1/verify", content=evidence, headers={"Content-Type": "application/json"})
        on_pages = [re.findall(r'data-verdict="(\w+)"', page)[0] for page in pages]
        return [api.json()["verdict"], *on_pages]

    assert verdicts() == ["verified"] * 3
    change_one(filled, "sample", "BC0000001", 2, act, surroundings("change"), dry_run=False)
    assert verdicts() == ["failed"] * 3


def test_the_page_asks_the_verifier_and_says_when_it_is_busy(filled: Office, tmp_path: Path) -> None:
    """Verification takes place where the app was told, never in the web process by itself."""

    class Busy(PostedVerifier):
        def judge(self, documents: list[dict[str, Any]], at: datetime, on: date | None = None) -> list[dict[str, Any]]:
            raise Conflict("busy", "too many documents wait to be verified")

    services = replace(services_here(filled.reader), verifier=Busy(filled.reader))
    client = Client(create_app(filled.reader, EmbeddedIndex(tmp_path / "index"), services))
    answer = client.request("POST", "/fr/verify", content="evidence=" + quote_plus('{"credential":1}'))
    assert answer.status_code == 503
    assert "Trop de documents sont en cours de vérification." in answer.text
