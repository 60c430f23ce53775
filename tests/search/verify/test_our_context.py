"""Our own context is known: presentations that carry our credential verify, and strangers' credentials that use it."""

from typing import Any

import pytest

import schemas
from registry.credential import proof
from registry.credential.cryptosuites import ECDSA_JCS_2019, ECDSA_RDFC_2019, EDDSA_JCS_2022, EDDSA_RDFC_2022
from registry.foreign.contexts import Contexts
from registry.foreign.retrieval import no_fetch
from registry.foreign.verify import ForeignVerifier, contexts_known_at
from registry.installation.office import Office
from search.verify.judge import PostedVerifier
from search.verify.worker import open_posted
from tests.builders.stranger import KEY, MADE, P256_KEY, did_key, draft, method
from tests.builders.vc_client import CHALLENGES, PRESENT, VERIFY, Post, own, posting
from tests.mutations.tampering import proof_of

Document = dict[str, Any]
DOMAIN = "office.example"
SUITES = [(EDDSA_JCS_2022, KEY), (EDDSA_RDFC_2022, KEY), (ECDSA_JCS_2019, P256_KEY), (ECDSA_RDFC_2019, P256_KEY)]


@pytest.fixture
def post(filled: Office) -> Post:
    return posting(verifier_of(filled))


def verifier_of(office: Office) -> PostedVerifier:
    return PostedVerifier(office.reader, ForeignVerifier(contexts=contexts_known_at(office.identity.context_url)))


def presented(
    office: Office, challenge: str, suite: Any, signer: Any, *credentials: Document, **changed: Any
) -> Document:
    """A presentation of those credentials by a holder with a key of their own, as anybody's software makes it."""
    made: Document = {
        "@context": [schemas.CREDENTIALS_V2],
        "type": ["VerifiablePresentation"],
        "holder": did_key(signer),
        "verifiableCredential": list(credentials),
    }
    reading = Contexts(contexts_known_at(office.identity.context_url)).reading(made, no_fetch)
    options = {
        **({"@context": made["@context"]} if "jcs" in suite.name else {}),
        "type": "DataIntegrityProof",
        "cryptosuite": suite.name,
        "created": MADE,
        "verificationMethod": method(signer),
        "proofPurpose": "authentication",
        "challenge": challenge,
        "domain": DOMAIN,
    }
    value = signer.sign(suite.signed_bytes(options, made, signer.public.kind, reading.canonicalize))
    return {**made, "proof": {**options, "proofValue": "z" + proof.base58(value)}, **changed}


def answer_to(post: Post, document: Document, challenge: str) -> Document:
    options = {"challenge": challenge, "domain": DOMAIN}
    answer: Document = post(PRESENT, {"verifiablePresentation": document, "options": options}).json()
    return answer


@pytest.mark.parametrize(("suite", "signer"), SUITES, ids=lambda value: getattr(value, "name", ""))
@pytest.mark.parametrize("form", ["set", "eddsa-jcs-2022", "eddsa-rdfc-2022"])
def test_a_presentation_of_our_credential_verifies_once(
    filled: Office, post: Post, suite: Any, signer: Any, form: str
) -> None:
    credential = own(filled)
    if form != "set":
        credential = {**credential, "proof": proof_of(credential, form)}
    challenge = post(CHALLENGES, {}).json()["challenge"]
    document = presented(filled, challenge, suite, signer, credential)
    answer = answer_to(post, document, challenge)
    assert (answer["verified"], answer["trusted"], answer["problemDetails"]) == (True, True, [])
    again = answer_to(post, document, challenge)
    assert not again["verified"]
    assert [problem["title"] for problem in again["problemDetails"]] == ["INVALID_CHALLENGE_ERROR"]


def test_one_presentation_may_carry_ours_and_strangers(filled: Office, post: Post) -> None:
    challenge = post(CHALLENGES, {}).json()["challenge"]
    theirs = signed_by_a_stranger(filled)
    document = presented(filled, challenge, EDDSA_RDFC_2022, KEY, own(filled), theirs)
    answer = answer_to(post, document, challenge)
    assert (answer["verified"], answer["trusted"]) == (True, False)
    assert [result["trusted"] for result in answer["results"]["credentials"]] == [True, False]


@pytest.mark.parametrize("suite", [EDDSA_JCS_2022, EDDSA_RDFC_2022], ids=lambda suite: suite.name)
def test_a_changed_credential_in_a_presentation_fails(filled: Office, post: Post, suite: Any) -> None:
    credential = own(filled)
    subject = {**credential["credentialSubject"], "legalName": "SOMEBODY ELSE INC."}
    challenge = post(CHALLENGES, {}).json()["challenge"]
    document = presented(filled, challenge, suite, KEY, {**credential, "credentialSubject": subject})
    assert not answer_to(post, document, challenge)["verified"]
    document = presented(filled, challenge, suite, KEY, credential)
    document["verifiableCredential"] = [{**credential, "credentialSubject": subject}]
    assert not answer_to(post, document, challenge)["verified"]


def signed_by_a_stranger(office: Office) -> Document:
    """A credential in our context, about our subject, by a key that nobody here knows."""
    unsigned = draft(
        **{
            "@context": [schemas.CREDENTIALS_V2, office.identity.context_url],
            "type": ["VerifiableCredential", "OrganizationRegistrationCredential"],
            "credentialSubject": {
                "type": "RegisteredOrganization",
                "id": "https://stranger.example/organizations/1",
                "legalName": "STRANGER LTD.",
            },
        }
    )
    reading = Contexts(contexts_known_at(office.identity.context_url)).reading(unsigned, no_fetch)
    return proof.sign(unsigned, KEY, method(KEY), MADE, reading.canonicalize, suites=(EDDSA_JCS_2022, EDDSA_RDFC_2022))


def test_a_strangers_credential_in_our_context_verifies_as_a_strangers(filled: Office, post: Post) -> None:
    answer = post(VERIFY, {"verifiableCredential": signed_by_a_stranger(filled)}).json()
    assert (answer["verified"], answer["trusted"], answer["problemDetails"]) == (True, False, [])


def test_control_without_our_context_neither_is_verified(filled: Office) -> None:
    post = posting(PostedVerifier(filled.reader, ForeignVerifier()))
    assert not post(VERIFY, {"verifiableCredential": signed_by_a_stranger(filled)}).json()["verified"]
    challenge = post(CHALLENGES, {}).json()["challenge"]
    document = presented(filled, challenge, EDDSA_RDFC_2022, KEY, own(filled))
    assert not answer_to(post, document, challenge)["verified"]


def test_what_verifies_by_default_knows_our_context(filled: Office) -> None:
    post = posting(PostedVerifier(filled.reader))
    assert post(VERIFY, {"verifiableCredential": signed_by_a_stranger(filled)}).json()["verified"]
    challenge = post(CHALLENGES, {}).json()["challenge"]
    document = presented(filled, challenge, EDDSA_RDFC_2022, KEY, own(filled))
    assert answer_to(post, document, challenge)["verified"]


def test_the_verifying_processes_know_our_context(filled: Office) -> None:
    post = posting(open_posted(filled.settings, no_fetch))
    assert post(VERIFY, {"verifiableCredential": signed_by_a_stranger(filled)}).json()["verified"]
