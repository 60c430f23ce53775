"""Attacks that once made a verifier say yes: each stays refused."""

import json
from datetime import timedelta
from typing import Any

import pytest

import schemas
from issuer.actions.standing import change_one, revocation
from issuer.actions.tokens import make_waiting
from registry.credential import jwt
from registry.credential.cryptosuites import EDDSA_JCS_2022, EDDSA_RDFC_2022
from registry.encoding.base64url import base64url
from registry.errors import Malformed, NotReady
from registry.foreign.verify import ForeignVerifier
from registry.installation.office import Office
from registry.keys import SigningKey
from registry.ledger.publish import publish
from registry.store.token_queue import VC_JWT, Requests
from search.verify.judge import PostedVerifier
from tests.builders.command import NOW, surroundings
from tests.builders.stranger import AT, KEY, altered, did_key, draft, entry, signed


def judged(office: Office, document: dict[str, Any]) -> dict[str, Any]:
    return PostedVerifier(office.reader).judge([document], NOW)[0]


def token_of(office: Office) -> str:
    requests, name = Requests(None), "sample/BC0000001/2"
    with pytest.raises(NotReady):
        requests.get(VC_JWT, name)
    make_waiting(office, requests)
    return requests.get(VC_JWT, name).decode()


def forged(office: Office) -> dict[str, Any]:
    document = json.loads(json.dumps(office.reader.credential("sample", "BC0000001", 2).document))
    document["credentialSubject"]["legalName"] = "EVIL CORP."
    return dict(document)


def test_an_envelope_carries_no_claims_beside_its_token(filled: Office) -> None:
    """The token was verified, and the claims around it were believed."""
    token = token_of(filled)
    assert judged(filled, jwt.enveloped(token))["verdict"] == "verified"
    envelope = {**forged(filled), **jwt.enveloped(token)}
    for document in (
        envelope,
        {**envelope, "type": [*forged(filled)["type"], "EnvelopedVerifiableCredential"]},
        {**jwt.enveloped(token), "credentialSubject": forged(filled)["credentialSubject"]},
        {**jwt.enveloped(token), "type": ["EnvelopedVerifiableCredential", "VerifiableCredential"]},
        {**jwt.enveloped(token), "@context": [schemas.CREDENTIALS_V2, filled.identity.context_url]},
        {**jwt.enveloped(token), "type": "EnvelopedVerifiablePresentation"},
        {**forged(filled), "type": [*forged(filled)["type"], "EnvelopedVerifiableCredential"]},
    ):
        assert judged(filled, document)["verdict"] != "verified"
        for result in PostedVerifier(filled.reader).credentials([document], NOW):
            assert result.verdict.verdict != "verified"
            assert result.foreign is not None
            assert not result.foreign.is_verified


@pytest.mark.parametrize(
    "claim", [{"exp": 1}, {"nbf": 99_999_999_999}, {"iss": "did:web:elsewhere.example"}, {"exp": "1"}]
)
def test_what_a_strangers_token_says_of_itself_counts(claim: dict[str, Any]) -> None:
    statement = {name: value for name, value in draft().items() if name != "proof"}
    kid = f"{did_key(KEY)}#{did_key(KEY).removeprefix('did:key:')}"
    good = jwt.enveloped(jwt.sign(statement, KEY, kid))
    assert ForeignVerifier().credential(good, AT).is_verified
    odd = jwt.enveloped(jwt.sign({**statement, **claim}, KEY, kid))
    assert not ForeignVerifier().credential(odd, AT).is_verified


END = "https://www.w3.org/2018/credentials#validUntil"
DATE = "http://www.w3.org/2001/XMLSchema#dateTime"
#: contexts that give `validUntil` another name, and that name
HIDING: dict[str, tuple[dict[str, Any], str]] = {
    "a term": ({"hiddenEnd": {"@id": END, "@type": DATE}}, "hiddenEnd"),
    "a prefix": ({"c": "https://www.w3.org/2018/credentials#", "end": {"@id": "c:validUntil", "@type": DATE}}, "end"),
    "a vocabulary": (
        {"@vocab": "https://www.w3.org/2018/credentials#valid", "Until": {"@id": END, "@type": DATE}},
        "Until",
    ),
}


@pytest.mark.parametrize("how", HIDING)
def test_an_end_is_not_hidden_by_another_name_for_it(how: str) -> None:
    """The same statements, said with a context that renames `validUntil`: the RDF signature holds, the end is not seen."""
    context, name = HIDING[how]
    ended = (AT - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    document = signed(draft(validUntil=ended), suites=(EDDSA_RDFC_2022,))

    def hide(copy: dict[str, Any]) -> None:
        copy["@context"] = [schemas.CREDENTIALS_V2, context]
        copy[name] = copy.pop("validUntil")

    honest = ForeignVerifier().credential(document, AT)
    assert (honest.is_verified, honest.is_usable) == (True, False)
    hidden = ForeignVerifier().credential(altered(document, hide), AT)
    assert (hidden.is_verified, hidden.is_usable) == (False, False)


def test_a_status_is_not_hidden_by_another_name_for_its_type() -> None:
    document = signed(draft(credentialStatus=entry(5)), suites=(EDDSA_RDFC_2022,))
    listed = "https://www.w3.org/ns/credentials/status#BitstringStatusListEntry"

    def hide(copy: dict[str, Any]) -> None:
        copy["@context"] = [schemas.CREDENTIALS_V2, {"Remark": listed}]
        copy["credentialStatus"]["type"] = "Remark"

    assert not ForeignVerifier().credential(altered(document, hide), AT).is_verified


def test_honest_contexts_that_call_things_otherwise_are_read_where_a_jcs_proof_signs_them() -> None:
    """Aliases, a term of one's own called as one of the standard's, a compact name for the same: none hides anything."""
    for more in (
        {"kind": "@type", "uri": "@id"},
        {"cred": "https://www.w3.org/2018/credentials#", "owner": "cred:holder"},
        {"about": "https://schema.org/description"},
        {"Permit": {"@id": "urn:x:Permit", "@context": {"validUntil": "urn:x:until"}}},
    ):
        unsigned = draft(**{"@context": [schemas.CREDENTIALS_V2, more]})
        both, alone = (signed(unsigned, suites=suites) for suites in (None, (EDDSA_RDFC_2022,)))
        assert ForeignVerifier().credential(both, AT).is_usable
        result = ForeignVerifier().credential(alone, AT)
        assert (result.is_verified, result.is_usable) == (True, False)


def test_a_strangers_jcs_proof_beside_the_issuers_rdf_proof_signs_no_names() -> None:
    own = [schemas.CREDENTIALS_V2, {"isMinor": "https://stranger.example/terms#isMinor"}]
    subject = {"id": "did:example:subject", "isMinor": "true"}
    unsigned = draft(**{"@context": own, "credentialSubject": subject})
    by_issuer = signed(unsigned, suites=(EDDSA_RDFC_2022,))
    flipped = altered(by_issuer, lambda copy: copy["@context"].__setitem__(1, {"isAdult": own[1]["isMinor"]}))
    flipped["credentialSubject"]["isAdult"] = flipped["credentialSubject"].pop("isMinor")
    statement = {name: value for name, value in flipped.items() if name != "proof"}
    by_stranger = signed(statement, SigningKey(b"\x09" * 32), suites=(EDDSA_JCS_2022,))
    proofs = [*proofs_in(flipped), *proofs_in(by_stranger)]
    result = ForeignVerifier().credential({**flipped, "proof": proofs}, AT)
    assert [finding.result for finding in result.about("proof")] == ["passed", "passed"]
    assert not result.is_usable


def proofs_in(document: dict[str, Any]) -> list[dict[str, Any]]:
    proofs = document["proof"]
    return proofs if isinstance(proofs, list) else [proofs]


def test_nothing_is_moved_to_another_object_of_the_same_id() -> None:
    """One node of the graph may stand as two objects: an end in `termsOfUse` is the credential's own, and nobody looks there."""
    ended = (AT - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    name = "https://stranger.example/credentials/7"
    unsigned = draft(
        id=name, validUntil=ended, credentialStatus=entry(5), termsOfUse={"id": name, "type": "VerifiableCredential"}
    )
    document = signed(unsigned, suites=(EDDSA_RDFC_2022,))

    def move(copy: dict[str, Any]) -> None:
        for member in ("validUntil", "credentialStatus"):
            copy["termsOfUse"][member] = copy.pop(member)

    result = ForeignVerifier().credential(altered(document, move), AT)
    assert [finding.result for finding in result.about("proof")] == ["passed"], "the signature does hold"
    assert (result.is_verified, result.is_usable) == (False, False)


def test_two_status_entries_of_one_id_are_not_told_apart() -> None:
    entries = [entry(5, "revocation", id="urn:x:status"), entry(7, "suspension", id="urn:x:status")]
    document = signed(draft(credentialStatus=entries), suites=(EDDSA_RDFC_2022,))
    assert not ForeignVerifier().credential(document, AT).is_verified


def test_a_claim_that_may_be_the_issuers_own_is_not_usable() -> None:
    unsigned = draft(credentialSubject={"id": did_key(KEY), "name": "x"})
    unsigned["issuer"] = {"id": did_key(KEY), "description": "y"}
    result = ForeignVerifier().credential(signed(unsigned, suites=(EDDSA_RDFC_2022,)), AT)
    assert (result.is_verified, result.is_usable) == (True, False)
    assert ForeignVerifier().credential(signed(unsigned), AT).is_usable


def test_a_status_is_not_hidden_behind_a_decoy() -> None:
    """Under a brought term another member was renamed `credentialStatus`, so that the names were told as often as meant."""
    note = {"@id": "https://stranger.example/terms#note", "@context": {"text": "https://stranger.example/terms#text"}}
    own = [schemas.CREDENTIALS_V2, {"note": note}]
    subject = {"id": "did:example:subject", "note": {"id": "urn:x:note", "text": "x"}}
    unsigned = draft(**{"@context": own, "credentialSubject": subject, "credentialStatus": entry(5)})
    document = signed(unsigned, suites=(EDDSA_RDFC_2022,))
    assert ForeignVerifier().credential(document, AT).is_verified

    def hide(copy: dict[str, Any]) -> None:
        scoped = {"credentialStatus": "https://stranger.example/terms#text"}
        status = {"@id": "https://www.w3.org/2018/credentials#credentialStatus", "@type": "@id"}
        copy["@context"] = [schemas.CREDENTIALS_V2, {"note": {**note, "@context": scoped}, "foo": status}]
        copy["credentialSubject"]["note"]["credentialStatus"] = copy["credentialSubject"]["note"].pop("text")
        copy["foo"] = copy.pop("credentialStatus")

    assert not ForeignVerifier().credential(altered(document, hide), AT).is_verified


@pytest.mark.parametrize("name", ["validUntil", "credentialStatus"])
def test_nothing_is_hidden_under_its_full_name(name: str) -> None:
    ended = (AT - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    document = signed(draft(validUntil=ended, credentialStatus=entry(5)), suites=(EDDSA_RDFC_2022,))

    def hide(copy: dict[str, Any]) -> None:
        value = copy.pop(name)
        typed = value if isinstance(value, dict) else {"@value": value, "@type": DATE}
        copy[f"https://www.w3.org/2018/credentials#{name}"] = typed

    result = ForeignVerifier().credential(altered(document, hide), AT)
    assert (result.is_verified, result.is_usable) == (False, False)


def test_a_claim_of_its_own_context_may_be_verified_and_is_never_usable() -> None:
    """`isAdult` of one context may be `isMinor` of another: what it means is not known here."""
    own = [schemas.CREDENTIALS_V2, {"isMinor": "https://stranger.example/terms#isMinor"}]
    subject = {"id": "did:example:subject", "isMinor": "true"}
    document = signed(draft(**{"@context": own, "credentialSubject": subject}), suites=(EDDSA_RDFC_2022,))

    def flip(copy: dict[str, Any]) -> None:
        copy["@context"] = [schemas.CREDENTIALS_V2, {"isAdult": "https://stranger.example/terms#isMinor"}]
        copy["credentialSubject"]["isAdult"] = copy["credentialSubject"].pop("isMinor")

    for variant in (document, altered(document, flip)):
        result = ForeignVerifier().credential(variant, AT)
        assert (result.is_usable, result.verdict().verdict) == (False, "indeterminate")
        steps = {step.name: step.result for step in result.verdict().steps}
        assert steps["proof_valid"] == "indeterminate"


def test_old_evidence_of_what_was_revoked_is_judged_by_our_newest_list(filled: Office) -> None:
    publish(filled.store, filled.log_keys.signers)
    evidence = filled.reader.evidence("sample", "BC0000001", 2)
    assert judged(filled, evidence)["verdict"] == "verified"
    change_one(filled, "sample", "BC0000001", 2, revocation("fraud"), surroundings("revoke"), dry_run=False)
    verdict = judged(filled, evidence)
    by_step = {step["step"]: (step["result"], step["reason"]) for step in verdict["steps"]}
    assert (verdict["verdict"], by_step["not_revoked"]) == ("failed", ("failed", "revoked"))


def test_the_single_proof_form_that_we_hand_out_is_verified_here(filled: Office) -> None:
    document = filled.reader.credential("sample", "BC0000001", 2).document or {}
    for proof in document["proof"]:
        assert judged(filled, {**document, "proof": proof})["verdict"] == "verified"
        assert judged(filled, {**forged(filled), "proof": proof})["verdict"] == "failed"


def test_a_presentation_token_is_no_credential() -> None:
    signer = SigningKey(bytes(32))
    token = jwt.sign({"a": 1}, signer, "did:key:z#z")
    header = base64url(b'{"alg":"EdDSA","kid":"did:key:z#z","typ":"vp+jwt"}')
    with pytest.raises(Malformed):
        jwt.parse(".".join([header, *token.split(".")[1:]]))


def test_strangers_contexts_take_the_path_that_is_limited() -> None:
    """Ever new combinations of thousands of types took the tables seconds."""
    names = [f"T{n}" for n in range(1500)]
    context = {name: {"@id": f"https://stranger.example/{name}", "@context": {}} for name in names}
    subjects = [{"id": f"urn:x:{n}", "type": [names[n], names[-1 - n]]} for n in range(700)]
    document = draft(**{"@context": [schemas.CREDENTIALS_V2, context], "credentialSubject": subjects})
    result = ForeignVerifier().credential({**document, "proof": {"type": "DataIntegrityProof"}}, AT)
    assert {finding.about: finding.result for finding in result.findings}["context"] == "failed"
