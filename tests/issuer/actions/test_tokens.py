"""vc+jwt: asked for by the public app, made by the office, and the same statement as the logged credential."""

import base64
import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from issuer.actions import keys as key_change
from issuer.actions.tokens import make_waiting
from issuer.run.issue import issue
from registry.credential import did, proof
from registry.credential import jwt as jose
from registry.credential.cryptosuites import EDDSA_JCS_2022, EDDSA_RDFC_2022, Cryptosuite
from registry.credential.document import canonicalize_ours
from registry.encoding.base64url import base64url
from registry.errors import Malformed, NotReady, RegistryError, Untrue
from registry.installation.office import Office
from registry.keys import P256, HeldKey, secret_of
from registry.ledger.publish import publish
from registry.log import entry
from registry.store.token_queue import IDENTITY_ANCHOR, VC_JWT, Requests
from search.app import create_app, services_here
from search.index.embedded import EmbeddedIndex
from search.verify.judge import PostedVerifier
from tests.builders.command import NOW, surroundings
from tests.builders.http_client import Client
from tests.builders.ledger import STATES, extract

NAME = "sample/BC0000001/2"


def token_of(office: Office, requests: Requests, name: str = NAME) -> str:
    with pytest.raises(NotReady):
        requests.get(VC_JWT, name)
    assert make_waiting(office, requests) == 1
    return requests.get(VC_JWT, name).decode()


def judged(office: Office, document: dict[str, Any]) -> dict[str, Any]:
    return PostedVerifier(office.reader).judge([document], NOW)[0]


def results(verdict: dict[str, Any]) -> dict[str, str]:
    return {step["step"]: step["result"] for step in verdict["steps"]}


def test_the_token_says_what_was_logged_and_verifies(filled: Office) -> None:
    token = jose.parse(token_of(filled, Requests(None)))
    document = filled.reader.credential("sample", "BC0000001", 2).document or {}
    assert token.payload == {name: value for name, value in document.items() if name != "proof"}
    keys = filled.reader.issuer_document("sample")
    assert token.kid == f"{keys['id']}#credential-1-jwk"
    assert token.kid in keys["assertionMethod"]
    token.check(did.keys_of(keys)["credential-1"])
    evidence = filled.reader.evidence("sample", "BC0000001", 2)
    logged = entry.parse(base64.b64decode(evidence["entry"]))
    salt = base64.b64decode(evidence["salt"])
    assert entry.commitment(salt, token.payload) == logged.commitment, "one entry for every carrier"


def test_every_carrier_of_one_statement_gets_the_same_verdict(filled: Office) -> None:
    document = filled.reader.credential("sample", "BC0000001", 2).document or {}
    token = token_of(filled, Requests(None))
    carriers = [
        document,
        *({**document, "proof": [single]} for single in document["proof"]),
        jose.enveloped(token),
    ]
    verdicts = [judged(filled, carrier) for carrier in carriers]
    assert {verdict["verdict"] for verdict in verdicts} == {"verified"}
    assert all(verdict["trusted"] for verdict in verdicts)


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_token_that_was_changed_is_not_verified(filled: Office, part: int) -> None:
    token = token_of(filled, Requests(None))
    for place in range(0, len(token.split(".")[part]), 97 if part == 1 else 7):
        parts = token.split(".")
        character = parts[part][place]
        parts[part] = parts[part][:place] + ("A" if character != "A" else "B") + parts[part][place + 1 :]
        assert judged(filled, jose.enveloped(".".join(parts)))["verdict"] != "verified"


def test_a_statement_that_was_never_logged_is_not_verified_under_our_own_key(filled: Office) -> None:
    document = filled.reader.credential("sample", "BC0000001", 2).document or {}
    forged = json.loads(json.dumps({name: value for name, value in document.items() if name != "proof"}))
    forged["credentialSubject"]["legalName"] = "NEVER LOGGED LTD."
    kid = f"{filled.identity.issuer_did('sample')}#credential-1-jwk"
    verdict = judged(filled, jose.enveloped(jose.sign(forged, filled.keys.signer("sample-credential"), kid)))
    assert (verdict["verdict"], results(verdict)["entry_matches"]) == ("failed", "failed")


def test_a_status_key_signs_no_credential(filled: Office) -> None:
    document = filled.reader.credential("sample", "BC0000001", 2).document or {}
    statement = {name: value for name, value in document.items() if name != "proof"}
    kid = f"{filled.identity.issuer_did('sample')}#status-1"
    verdict = judged(filled, jose.enveloped(jose.sign(statement, filled.keys.signer("sample-status"), kid)))
    steps = results(verdict)
    assert (steps["proof_valid"], steps["not_revoked"], steps["included"]) == ("failed", "not_reached", "passed")


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "HS256"},
        {"typ": "JWT"},
        {"cty": "vp"},
        {"crit": ["exp"]},
        {"b64": False},
        {"kid": None},
        {"alg": "ES256"},
    ],
)
def test_headers_that_ask_for_something_else(filled: Office, header: dict[str, Any]) -> None:
    signer = filled.keys.signer("sample-credential")
    protected = {"alg": "EdDSA", "cty": "vc", "kid": "did:web:a.example#b", "typ": "vc+jwt", **header}
    signed = f"{base64url(json.dumps(protected).encode())}.{base64url(b'{}')}"
    token = f"{signed}.{base64url(signer.sign(signed.encode()))}"
    with pytest.raises((Malformed, Untrue)):
        jose.parse(token).check(signer.public)


def test_a_p256_key_signs_es256(filled: Office) -> None:
    signer = HeldKey(P256, secret_of(P256, bytes(32))).signer()
    token = jose.parse(jose.sign({"a": 1}, signer, "did:web:a.example#b"))
    token.check(signer.public)
    assert token.algorithm == "ES256"
    with pytest.raises(Untrue):
        token.check(filled.keys.signer("sample-credential").public)


def test_over_http_503_until_it_is_made_and_one_url_for_every_form(filled: Office) -> None:
    services = services_here(filled.reader)
    client = Client(create_app(filled.reader, EmbeddedIndex(filled.settings.index), services))
    url = f"/credentials/{NAME}"
    jwt = {"accept": "application/vc+jwt"}
    waiting = client.request("GET", url, headers=jwt)
    assert (waiting.status_code, waiting.json()["code"]) == (503, "not_signed_yet")
    assert int(waiting.headers["retry-after"]) > 0
    make_waiting(filled, services.requests)
    made = client.request("GET", url, headers=jwt)
    assert (made.status_code, made.headers["content-type"], made.headers["vary"]) == (
        200, "application/vc+jwt", "Accept, Accept-Encoding",
    )  # fmt: skip
    assert jose.parse(made.text).payload["id"].endswith(NAME)
    for accept, form in (
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/vc", "application/vc"),
        ("application/ld+json, */*;q=0.1", "application/ld+json"),
        ("application/vc+jwt;q=0.5, application/vc", "application/vc"),
    ):
        answer = client.request("GET", url, headers={"accept": accept})
        assert (answer.status_code, answer.headers["content-type"]) == (200, form), accept
        assert len(answer.json()["proof"]) == 2
    person = client.request("GET", url, headers={"accept": "text/html,*/*;q=0.8", "accept-language": "fr"})
    assert (person.status_code, person.headers["location"]) == (303, "/fr/organizations/sample/BC0000001")
    posted = client.request("POST", "/credentials/verify", json={"verifiableCredential": jose.enveloped(made.text)})
    assert (posted.status_code, posted.json()["verified"]) == (200, True)


def test_nobody_fills_the_queue(filled: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.store.token_queue.MAX_WAITING", 3)
    requests = Requests(tmp_path / "requests.db")
    for n in range(9):
        with pytest.raises(NotReady):
            requests.get(VC_JWT, f"sample/BC{n:07d}/1")
    assert len(requests.waiting()) == 3
    assert make_waiting(filled, requests) == 2, "BC0000001 and BC0000002 are there"
    assert requests.waiting() == [], "what cannot be made is forgotten"


def test_what_a_disowned_key_signed_is_made_again(office: Office) -> None:
    issue(office, "table", extract(STATES), surroundings())
    publish(office.store, office.log_keys.signers)
    requests = Requests(office.settings.requests)
    token_of(office, requests)
    key_change.compromise(office, "sample", "credential-1", NOW, surroundings("x"), reissue=False, dry_run=False)
    assert jose.parse(token_of(office, requests)).kid.endswith("#credential-2-jwk")


def signed_anew(office: Office, key: str, suites: Sequence[Cryptosuite] | None = None) -> dict[str, Any]:
    """The logged statement under proofs that the key of that name makes today."""
    document = office.reader.credential("sample", "BC0000001", 2).document or {}
    statement = {name: value for name, value in document.items() if name != "proof"}
    signer = office.keys.signer(f"sample-{key.removesuffix('-1')}")
    method = f"{office.identity.issuer_did('sample')}#{key}"
    canonicalize = canonicalize_ours(office.identity.context_url)
    return proof.sign(statement, signer, method, "2026-01-02T03:04:05Z", canonicalize, suites=suites)


@pytest.mark.parametrize("suites", [None, (EDDSA_JCS_2022,), (EDDSA_RDFC_2022,)])
def test_a_statement_signed_anew_by_the_next_key_is_the_same_entry(
    filled: Office, suites: Sequence[Cryptosuite] | None
) -> None:
    logged = judged(filled, filled.reader.credential("sample", "BC0000001", 2).document or {})
    key_change.rotate(filled, "sample", "credential", surroundings("rotate"))
    anew = signed_anew(filled, "credential-2", suites)
    assert judged(filled, anew)["verdict"] == "failed", "no published checkpoint covers the entry of its key yet"
    publish(filled.store, filled.log_keys.signers)
    assert {new_proof["verificationMethod"].partition("#")[2] for new_proof in anew["proof"]} == {"credential-2"}
    size, evidence = filled.reader.size(), filled.reader.evidence("sample", "BC0000001", 2)
    statement = {name: value for name, value in anew.items() if name != "proof"}
    committed = entry.parse(base64.b64decode(evidence["entry"])).commitment
    assert entry.commitment(base64.b64decode(evidence["salt"]), statement) == committed
    verdict = judged(filled, anew)
    assert (verdict["verdict"], results(verdict)) == ("verified", results(logged))
    assert filled.reader.size() == size, "no entry of its own"
    changed = {**anew, "validFrom": "2026-01-01T00:00:00Z"}
    assert judged(filled, changed)["verdict"] == "failed"


def test_a_statement_signed_anew_by_a_key_that_may_not_is_not_verified(filled: Office) -> None:
    assert judged(filled, signed_anew(filled, "credential-1"))["verdict"] == "verified"
    verdict = judged(filled, signed_anew(filled, "status-1"))
    assert (verdict["verdict"], results(verdict)["proof_valid"]) == ("failed", "failed")
    key_change.rotate(filled, "sample", "credential", surroundings("rotate"))
    named = signed_anew(filled, "credential-2")
    lied = [{**genuine, "verificationMethod": genuine["verificationMethod"][:-1] + "1"} for genuine in named["proof"]]
    assert judged(filled, {**named, "proof": lied})["verdict"] == "failed"


def test_a_token_by_the_key_before_still_verifies(filled: Office) -> None:
    requests = Requests(None)
    token = token_of(filled, requests)
    key_change.rotate(filled, "sample", "credential", surroundings("rotate"))
    assert judged(filled, jose.enveloped(token))["verdict"] == "verified"
    assert requests.get(VC_JWT, NAME).decode() == token, "and is handed out as it is"
    newer = token_of(filled, Requests(None))
    assert jose.parse(newer).kid.endswith("#credential-2-jwk")
    assert judged(filled, jose.enveloped(newer))["verdict"] == "verified"
    key_change.retire(filled, "sample", "credential-1")
    assert judged(filled, jose.enveloped(token))["verdict"] == "verified", "the public key stays"


def test_a_token_by_a_key_that_was_disowned_is_believed_for_what_was_logged_alone(filled: Office) -> None:
    token = token_of(filled, Requests(None))
    later = NOW + timedelta(days=2)
    key_change.compromise(
        filled, "sample", "credential-1", later, surroundings("x", later), reissue=False, dry_run=False
    )
    assert judged(filled, jose.enveloped(token))["verdict"] == "verified", "logged before the theft"
    with pytest.raises(RegistryError):
        signed_anew(filled, "credential-1")


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (VC_JWT, f"sample/BC0000001/{2**63}"),
        (VC_JWT, "sample/BC0000001/99999999999999999999999999"),
        (IDENTITY_ANCHOR, "999999999999999"),
        ("no kind", "x" * 100_000),
        (VC_JWT, "sample/\x00/1"),
    ],
)
def test_whatever_stands_in_the_queue_the_others_are_made(filled: Office, kind: str, name: str) -> None:
    publish(filled.store, filled.log_keys.signers)
    requests = Requests(filled.settings.requests)
    for asked in ((kind, name), (VC_JWT, "sample/BC0000002/1")):
        with pytest.raises(NotReady):
            requests.get(*asked)
    assert make_waiting(filled, requests) == 1
    assert make_waiting(filled, requests) == 0
    assert requests.waiting() == []
    requests.close()


def test_what_is_no_text_in_the_queue_is_dropped(filled: Office) -> None:
    publish(filled.store, filled.log_keys.signers)
    requests = Requests(filled.settings.requests)
    with pytest.raises(NotReady):
        requests.get(VC_JWT, "sample/BC0000002/1")
    with closing(sqlite3.connect(filled.settings.requests)) as connection:
        connection.execute("INSERT INTO carrier VALUES ('vc+jwt', CAST(x'ff00fe' AS TEXT), NULL)")
        connection.commit()
    assert make_waiting(filled, requests) == 1
    assert requests.waiting() == []
    requests.close()
