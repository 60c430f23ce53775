"""Digital Bazaar's npm libraries and ours accept each other's credentials, and refuse what was tampered with."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from registry.credential import proof, rdf, status
from registry.errors import RegistryError
from schemas import CREDENTIALS_V2, context_document
from tests.builders.issued import COUNT, Issued, key_of
from tests.interop.peers import digital_bazaar, node
from tests.mutations.tampering import WAYS, tampered

SUITES = ("eddsa-rdfc-2022", "eddsa-jcs-2022", "ecdsa-rdfc-2019")
CONTEXTS = {CREDENTIALS_V2: context_document("credentials/v2")}
SIGNED_BY_THEM = SOME = 50


@pytest.mark.parametrize("suite", SUITES)
def test_every_credential_is_accepted(issued_for: Callable[[str], Issued], suite: str) -> None:
    issued = issued_for(suite)
    answers = digital_bazaar(suite, issued.documents, issued.credentials)
    assert Counter(answer.reason for answer in answers) == {None: COUNT}


@pytest.mark.parametrize("suite", SUITES)
def test_the_single_proof_form_is_accepted(issued_for: Callable[[str], Issued], suite: str) -> None:
    issued = issued_for(suite)
    answers = digital_bazaar(suite, issued.documents, issued.with_one_proof(suite)[:SOME])
    assert Counter(answer.reason for answer in answers) == {None: SOME}


@pytest.mark.parametrize("suite", SUITES)
def test_every_tampered_credential_is_refused(issued_for: Callable[[str], Issued], suite: str) -> None:
    issued = issued_for(suite)
    ways, credentials = tampered(issued.credentials, suite)
    answers = digital_bazaar(suite, issued.documents, credentials)
    assert len(answers) == COUNT
    assert set(ways) == set(WAYS)
    assert [way for way, answer in zip(ways, answers, strict=True) if answer.verified] == []


@pytest.mark.parametrize("suite", SUITES)
def test_an_undefined_term_is_refused(issued_for: Callable[[str], Issued], suite: str) -> None:
    issued = issued_for(suite)
    credential = issued.credentials[2]
    undefined = {**credential, "credentialSubject": {**credential["credentialSubject"], "undefinedTerm": "x"}}
    answers = digital_bazaar(suite, issued.documents, [undefined, credential])
    assert [answer.verified for answer in answers] == [False, True]


@pytest.mark.parametrize("suite", SUITES)
def test_a_revoked_and_a_suspended_credential_are_refused(issued_for: Callable[[str], Issued], suite: str) -> None:
    issued = issued_for(suite)
    answers = digital_bazaar(suite, issued.after_change, issued.credentials[:SOME])
    assert [answer.reason for answer in answers[:2]] == ["bit set: revocation", "bit set: suspension"]
    assert Counter(answer.reason for answer in answers[2:]) == {None: SOME - 2}


@pytest.mark.parametrize("suite", SUITES)
def test_a_status_list_that_was_tampered_with_is_refused(issued_for: Callable[[str], Issued], suite: str) -> None:
    """A bit cleared again in a list that says revoked: without its proof the credential would be accepted."""
    issued = issued_for(suite)
    (list_id,) = (
        url for url, document in issued.after_change.items() if document != issued.documents[url] and "revoc" in url
    )
    signed = issued.after_change[list_id]
    cleared = {**signed, "credentialSubject": issued.documents[list_id]["credentialSubject"]}
    answers = digital_bazaar(suite, issued.after_change | {list_id: cleared}, issued.credentials[:1])
    assert [(answer.verified, "Invalid signature." in str(answer.reason)) for answer in answers] == [(False, True)]


def test_their_decoder_finds_the_bits_that_we_set() -> None:
    """Index 0 is the left-most bit of the first byte (Bitstring Status List 1.0 section 2.1.2), in theirs and ours."""
    wanted = [[], [0], [7, 8], [1, 2, 3, 4_095, 65_536], [status.LENGTH - 1], list(range(0, status.LENGTH, 97))]
    clear = bytes(status.LENGTH // 8)
    lists = [status.encode(status.with_bits(clear, indices, to=True)) for indices in wanted]
    assert list(node("bits.mjs", lists)) == [{"length": status.LENGTH, "set": indices} for indices in wanted]


@pytest.fixture(scope="module")
def theirs() -> list[dict[str, Any]]:
    """Credentials of general shape by did:key issuers: Ed25519, P-256 and P-384, both kinds of canonical form."""
    lines = list(node("sign.mjs", {"documents": CONTEXTS}))
    assert Counter(line["suite"] for line in lines) == {
        "eddsa-rdfc-2022": 13,
        "eddsa-jcs-2022": 13,
        "ecdsa-rdfc-2019": 24,
    }
    return [line["credential"] for line in lines]


def verified_by_us(credential: dict[str, Any]) -> bool:
    try:
        return proof.check_each(credential, key_of, rdf.canonicalizer(CONTEXTS)) == [None]
    except RegistryError:
        return False


def test_we_accept_every_credential_that_they_signed(theirs: list[dict[str, Any]]) -> None:
    canonicalize = rdf.canonicalizer(CONTEXTS)
    reasons = [proof.check_each(credential, key_of, canonicalize) for credential in theirs]
    assert reasons == [[None]] * SIGNED_BY_THEM


def test_we_refuse_what_they_signed_once_it_is_tampered_with(theirs: list[dict[str, Any]]) -> None:
    for credential in theirs:
        their_proof = credential["proof"]
        changed = [
            {**credential, "validFrom": "2026-01-01T00:00:01Z"},
            {**credential, "description": "another"},
            {**credential, "issuer": "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"},
            {**credential, "proof": {**their_proof, "created": "2026-01-01T00:00:02Z"}},
            {**credential, "proof": {**their_proof, "proofPurpose": "authentication"}},
            {**credential, "proof": {**their_proof, "proofValue": theirs[0]["proof"]["proofValue"]}},
            {name: value for name, value in credential.items() if name != "proof"},
        ]
        if credential is theirs[0]:
            del changed[5]
        assert not any(map(verified_by_us, changed))
