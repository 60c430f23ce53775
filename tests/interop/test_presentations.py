"""Presentations that Digital Bazaar's npm libraries make verify once at the public app, and never again."""

from collections.abc import Callable
from typing import Any

import pytest

from registry.encoding.moment import print_utc
from registry.installation.office import Office
from schemas import CREDENTIALS_V2, context_document
from search.verify.judge import PostedVerifier
from tests.builders.issued import single_proof
from tests.builders.stranger import AT, MADE
from tests.builders.vc_client import CHALLENGES, PRESENT, VERIFY, Post, own, posting
from tests.interop.peers import node

Document = dict[str, Any]
DOMAIN = "office.example"
#: the moment at which all of this is judged; our credentials begin then
CREATED = print_utc(AT)
HOLDERS = ("eddsa-rdfc-2022", "eddsa-jcs-2022", "ecdsa-rdfc-2019")
FORMS: dict[str, Callable[[Document], Document]] = {
    "the proof set": lambda credential: credential,
    "eddsa-jcs-2022 alone": lambda credential: single_proof(credential, "eddsa-jcs-2022"),
    "eddsa-rdfc-2022 alone": lambda credential: single_proof(credential, "eddsa-rdfc-2022"),
}


@pytest.fixture
def post(filled: Office) -> Post:
    return posting(PostedVerifier(filled.reader))


def made(office: Office, post: Post, wanted: list[Document]) -> list[Document]:
    """The presentations that the libraries make, each answering a challenge of its own."""
    documents = {
        CREDENTIALS_V2: context_document("credentials/v2"),
        office.identity.context_url: context_document("organization/v1"),
    }
    asked = [
        {"credentials": [], "unsigned": [], "domain": DOMAIN, "challenge": post(CHALLENGES, {}).json()["challenge"]}
        | each
        for each in wanted
    ]
    return list(node("present.mjs", {"documents": documents, "created": CREATED, "presentations": asked}))


def answer_to(post: Post, document: Document) -> Document:
    options = {"challenge": document["proof"]["challenge"], "domain": DOMAIN}
    answer: Document = post(PRESENT, {"verifiablePresentation": document, "options": options}).json()
    return answer


def of_a_stranger(office: Office) -> Document:
    """What somebody else says in our context, not signed yet."""
    return {
        "@context": [CREDENTIALS_V2, office.identity.context_url],
        "id": "https://stranger.example/credentials/1",
        "type": ["VerifiableCredential", "OrganizationRegistrationCredential"],
        "validFrom": MADE,
        "credentialSubject": {
            "id": "https://stranger.example/organizations/1",
            "type": "RegisteredOrganization",
            "legalName": "STRANGER LTD.",
        },
    }


def test_each_presentation_of_our_credential_verifies_once(filled: Office, post: Post) -> None:
    wanted = [{"suite": suite, "credentials": [shape(own(filled))]} for suite in HOLDERS for shape in FORMS.values()]
    presentations = made(filled, post, wanted)
    first = [answer_to(post, each) for each in presentations]
    assert [(each["verified"], each["trusted"], each["problemDetails"]) for each in first] == [(True, True, [])] * 9
    for each in map(answer_to, [post] * 9, presentations):
        assert not each["verified"]
        assert [problem["title"] for problem in each["problemDetails"]] == ["INVALID_CHALLENGE_ERROR"]


def test_a_presentation_answers_its_own_challenge_and_no_other(filled: Office, post: Post) -> None:
    (document,) = made(filled, post, [{"suite": HOLDERS[0], "credentials": [own(filled)]}])
    another = post(CHALLENGES, {}).json()["challenge"]
    for options in ({"challenge": another, "domain": DOMAIN}, {}, {"challenge": another}):
        answer = post(PRESENT, {"verifiablePresentation": document, "options": options}).json()
        assert not answer["verified"]
    assert answer_to(post, document)["verified"], "control: nothing of that has used its challenge up"


def test_a_changed_claim_is_not_verified(filled: Office, post: Post) -> None:
    wanted = [{"suite": suite, "credentials": [own(filled)]} for suite in HOLDERS]
    for document in made(filled, post, wanted):
        document["verifiableCredential"][0]["credentialSubject"]["legalName"] = "SOMEBODY ELSE INC."
        assert not answer_to(post, document)["verified"]


@pytest.mark.parametrize("carries_ours", [False, True], ids=["alone", "beside ours"])
def test_a_strangers_credential_in_our_context_is_a_strangers(filled: Office, post: Post, carries_ours: bool) -> None:
    ours = [own(filled)] if carries_ours else []
    wanted = [{"suite": suite, "credentials": ours, "unsigned": [of_a_stranger(filled)]} for suite in HOLDERS]
    for document in made(filled, post, wanted):
        answer = answer_to(post, document)
        assert (answer["verified"], answer["trusted"], answer["problemDetails"]) == (True, False, [])
        assert [each["trusted"] for each in answer["results"]["credentials"]] == [True] * len(ours) + [False]
        theirs = document["verifiableCredential"][-1]
        alone = post(VERIFY, {"verifiableCredential": theirs}).json()
        assert (alone["verified"], alone["trusted"]) == (True, False)
        assert alone["verdict"] == "indeterminate", "never more, for what is not of this ledger"
