"""Identity anchors: only for who controls the DID and answers our challenge; logged; verified by the one verifier."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from issuer.actions.anchors import DAYS, AnchorIssuer
from issuer.actions.standing import change_one, suspension
from issuer.actions.tokens import make_waiting
from issuer.office.app import create_office_app
from issuer.run.issue import issue
from registry.audit.audit import audit
from registry.credential import jwt
from registry.errors import Conflict, LedgerDamaged, NotFound, NotPublished, Untrue
from registry.foreign.challenges import Challenges
from registry.foreign.verify import ForeignVerifier
from registry.installation.office import Office
from registry.keys import SigningKey
from registry.ledger.publish import publish
from registry.store import document_rows
from registry.store.token_queue import IDENTITY_ANCHOR, Requests
from registry.verify import anchor, trust
from search.app import create_app, services_here
from search.index.embedded import EmbeddedIndex
from search.verify.judge import PostedVerifier
from tests.builders.command import NOW, surroundings
from tests.builders.holder import DID, presentation
from tests.builders.http_client import Client
from tests.builders.ledger import STATES, extract, state
from tests.builders.office import TOKEN


@pytest.fixture
def filled(filled: Office) -> Office:
    """With an organization whose day of registration is known."""
    organization = replace(state("BC0000042", "ANCHORED INC.", "9", "2020-05-06"), registered_on="2020-05-06")
    issue(filled, "table", extract([*STATES, organization]), surroundings("anchored"))
    publish(filled.store, filled.log_keys.signers)
    return filled


@pytest.fixture
def desk(filled: Office) -> AnchorIssuer:
    challenges = Challenges(bytes(32))
    return AnchorIssuer(
        filled, Requests(filled.settings.requests), ForeignVerifier(), challenges, surroundings("anchor")
    )


def judged(office: Office, token: str) -> dict[str, Any]:
    return PostedVerifier(office.reader).judge([jwt.enveloped(token)], NOW)[0]


def results(verdict: dict[str, Any]) -> dict[str, str]:
    return {step["step"]: step["result"] for step in verdict["steps"]}


def test_an_anchor_is_issued_logged_and_verified(filled: Office, desk: AnchorIssuer) -> None:
    challenge = desk.challenge()
    made = desk.issue("sample", "BC0000042", presentation(challenge, desk.domain), challenge)
    subject = made.document["credentialSubject"]
    assert (subject["id"], subject["registeredId"], subject["registerType"]) == (DID, "BC0000042", "business")
    assert subject["registeredName"] == "ANCHORED INC."
    assert made.document["type"] == ["DigitalIdentityAnchor", "VerifiableCredential"]
    assert jwt.parse(made.token).payload == made.document
    assert judged(filled, made.token)["verdict"] == "failed", "not before a checkpoint covers it"
    publish(filled.store, filled.log_keys.signers)
    verdict = judged(filled, made.token)
    assert (verdict["verdict"], verdict["trusted"]) == ("verified", True)
    assert results(verdict)["not_revoked"] == "not_asked"
    trusted = trust.parse(json.dumps(filled.reader.trust()).encode())
    assert audit(filled.store, trusted, lambda _done, _all: None).ok
    later = PostedVerifier(filled.reader).judge([jwt.enveloped(made.token)], NOW + timedelta(days=DAYS, seconds=1))
    assert (later[0]["verdict"], results(later[0])["in_validity"]) == ("failed", "failed")


def test_a_name_that_was_put_into_the_store_is_not_signed(filled: Office, desk: AnchorIssuer) -> None:
    index, challenge = filled.reader.organization("sample", "BC0000042")[-1].index, desk.challenge()
    with filled.store.write() as connection:
        row = document_rows.read_document(connection, index)
        assert row is not None
        document_rows.delete_documents(connection, [index])
        document_rows.put_documents(connection, [(index, row[0].replace(b"ANCHORED INC.", b"FALSE INC."), row[1])])
    size = filled.reader.size()
    with pytest.raises(LedgerDamaged, match=str(index)):
        desk.issue("sample", "BC0000042", presentation(challenge, desk.domain), challenge)
    assert filled.reader.size() == size, "nothing was logged"


def test_no_anchor_before_a_checkpoint_covers_the_credential(filled: Office, desk: AnchorIssuer) -> None:
    organization = replace(state("BC0000043", "TOO EARLY INC.", "9", "2020-05-06"), registered_on="2020-05-06")
    issue(filled, "table", extract([organization]), surroundings("early"))
    challenge = desk.challenge()
    with pytest.raises(NotPublished):
        desk.issue("sample", "BC0000043", presentation(challenge, desk.domain), challenge)
    publish(filled.store, filled.log_keys.signers)
    made = desk.issue("sample", "BC0000043", presentation(challenge, desk.domain), challenge)
    assert made.document["credentialSubject"]["registeredName"] == "TOO EARLY INC."


def test_it_is_handed_out_and_made_again_when_it_is_gone(filled: Office, desk: AnchorIssuer) -> None:
    challenge = desk.challenge()
    made = desk.issue("sample", "BC0000042", presentation(challenge, desk.domain), challenge)
    services = services_here(filled.reader)
    client = Client(create_app(filled.reader, EmbeddedIndex(filled.settings.index), services))
    path = made.document["id"].removeprefix(filled.identity.base_url)
    assert client.request("GET", path).status_code == 503
    assert make_waiting(filled, services.requests) == 0, "not before a checkpoint covers it"
    publish(filled.store, filled.log_keys.signers)
    make_waiting(filled, services.requests)
    answer = client.request("GET", path)
    assert answer.headers["content-type"] == "application/vc+jwt"
    assert jwt.parse(answer.text).payload == made.document
    enveloped = client.request("GET", path, headers={"accept": "application/json"}).json()
    assert enveloped["type"] == "EnvelopedVerifiableCredential"
    for nothing in ("/identity-anchors/0", "/identity-anchors/1", "/identity-anchors/99999", "/identity-anchors/x"):
        assert client.request("GET", nothing).status_code == 404
    assert Requests(filled.settings.requests).get(IDENTITY_ANCHOR, path.rsplit("/", 1)[1]).decode() == made.token


def test_another_statement_under_our_own_key_is_not_verified(filled: Office, desk: AnchorIssuer) -> None:
    challenge = desk.challenge()
    made = desk.issue("sample", "BC0000042", presentation(challenge, desk.domain), challenge)
    publish(filled.store, filled.log_keys.signers)
    forged = json.loads(json.dumps(made.document))
    forged["credentialSubject"]["id"] = "did:key:z6MkForged"
    kid = f"{filled.identity.issuer_did('sample')}#credential-1-jwk"
    verdict = judged(filled, jwt.sign(forged, filled.keys.signer("sample-credential"), kid))
    assert (verdict["verdict"], results(verdict)["entry_matches"]) == ("failed", "failed")
    other = {**made.document, "id": made.document["id"][:-1] + "1"}
    assert judged(filled, jwt.sign(other, filled.keys.signer("sample-credential"), kid))["verdict"] == "failed"
    by_status = jwt.sign(made.document, filled.keys.signer("sample-status"), kid.replace("credential", "status"))
    assert results(judged(filled, by_status))["proof_valid"] == "failed"


@pytest.mark.parametrize("what", ["challenge", "foreign challenge", "domain", "signer", "holder", "changed"])
def test_who_does_not_show_control_gets_none(filled: Office, desk: AnchorIssuer, what: str) -> None:
    challenge, size = desk.challenge(), filled.reader.size()
    shown = presentation(challenge, desk.domain)
    asked = challenge
    if what == "challenge":
        shown = presentation(desk.challenge() + "x", desk.domain)
    elif what == "foreign challenge":
        asked = "made elsewhere"
        shown = presentation(asked, desk.domain)
    elif what == "domain":
        shown = presentation(challenge, "elsewhere.example")
    elif what == "signer":
        shown = presentation(challenge, desk.domain, signer=SigningKey(b"\x08" * 32))
    elif what == "holder":
        del shown["holder"]
    else:
        shown["holder"] = "did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH"
    with pytest.raises(Untrue):
        desk.issue("sample", "BC0000042", shown, asked)
    assert filled.reader.size() == size


def test_a_presentation_serves_once(filled: Office, desk: AnchorIssuer) -> None:
    challenge = desk.challenge()
    shown = presentation(challenge, desk.domain)
    desk.issue("sample", "BC0000042", shown, challenge)
    size = filled.reader.size()
    with pytest.raises(Untrue):
        desk.issue("sample", "BC0000002", shown, challenge)
    assert filled.reader.size() == size


def test_only_organizations_that_stand_get_one(filled: Office, desk: AnchorIssuer) -> None:
    change_one(filled, "sample", "BC0000042", None, suspension("under_review"), surroundings("s"), dry_run=False)
    for number, error in (("BC0000001", Untrue), ("BC0000042", Untrue), ("BC0000099", NotFound)):
        challenge = desk.challenge()
        with pytest.raises(error):
            desk.issue("sample", number, presentation(challenge, desk.domain), challenge)


def test_an_anchor_is_named_by_its_entry_alone() -> None:
    base = "https://office.example"
    document = {"type": [anchor.TYPE, "VerifiableCredential"], "id": f"{base}/identity-anchors/7"}
    assert anchor.index_of(document, base) == 7
    for other in ("07", "x", "", "-1", "1" * 16, "7/"):
        assert anchor.index_of({**document, "id": f"{base}/identity-anchors/{other}"}, base) is None
    assert anchor.index_of({**document, "type": ["VerifiableCredential"]}, base) is None


def test_over_the_offices_app(filled: Office, desk: AnchorIssuer) -> None:
    client = Client(create_office_app(filled, surroundings("office"), TOKEN, desk))

    def post(path: str, **members: Any) -> Any:
        return client.request("POST", path, json=members, headers={"Authorization": f"Bearer {TOKEN}"})

    made = post("/challenges").json()
    shown = presentation(made["challenge"], made["domain"])
    asked = {"register": "sample", "number": "BC0000042", "challenge": made["challenge"]}
    answer = post("/identity-anchors", **asked, verifiablePresentation=shown)
    assert (answer.status_code, answer.headers["location"]) == (201, answer.json()["credential"]["id"])
    assert answer.json()["verifiableCredential"]["type"] == "EnvelopedVerifiableCredential"
    again = post("/identity-anchors", **asked, verifiablePresentation=shown)
    assert (again.status_code, again.json()["code"]) == (422, "challenge")
    for wrong in ({"number": 7}, {"verifiablePresentation": []}, {"challenge": None}):
        answer = post("/identity-anchors", **asked | {"verifiablePresentation": shown} | wrong)
        assert (answer.status_code, answer.json()["code"]) == (400, "member_value")
    assert client.request("POST", "/identity-anchors", json=asked).status_code == 401


def test_an_organization_that_is_suspended_meanwhile_gets_none(
    filled: Office, desk: AnchorIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = AnchorIssuer._holder

    def and_then_it_is_suspended(self: AnchorIssuer, *arguments: Any) -> str:
        holder = real(self, *arguments)
        change_one(filled, "sample", "BC0000042", None, suspension("fraud"), surroundings("meanwhile"), dry_run=False)
        return holder

    monkeypatch.setattr(AnchorIssuer, "_holder", and_then_it_is_suspended)
    challenge = desk.challenge()
    with pytest.raises(Untrue, match="does not stand"):
        desk.issue("sample", "BC0000042", presentation(challenge, desk.domain), challenge)
    assert [record for record in filled.reader.records(0, 100) if record.kind == "note"] == []


def test_a_challenge_is_not_used_up_while_another_process_writes(filled: Office, desk: AnchorIssuer) -> None:
    challenge = desk.challenge()
    shown = presentation(challenge, desk.domain)
    with Office(filled.settings).writing(), pytest.raises(Conflict):
        desk.issue("sample", "BC0000042", shown, challenge)
    assert desk.issue("sample", "BC0000042", shown, challenge).token
