"""Presentations by the VC API, and the challenges that they answer."""

from datetime import timedelta
from typing import Any

import pytest

import schemas
from registry.credential import proof
from registry.errors import Conflict, Untrue
from registry.foreign.challenges import Challenges
from registry.installation.office import Office
from search.verify.judge import PostedVerifier
from tests.builders.stranger import AT, KEY, OTHER_KEY, altered, did_key, draft, signed, signed_with
from tests.builders.vc_client import CHALLENGES, PRESENT, SECRET, Post, own, posting, strangers, titles


def presentation(to: str, *credentials: dict[str, Any], holder: str | None = None, **options: Any) -> dict[str, Any]:
    """A presentation that answers a challenge."""
    made: dict[str, Any] = {"@context": [schemas.CREDENTIALS_V2], "type": ["VerifiablePresentation"]}
    made |= {"holder": holder or did_key(KEY)} | ({"verifiableCredential": list(credentials)} if credentials else {})
    usual = {"proofPurpose": "authentication", "challenge": to, "domain": "office.example"}
    return signed_with(made, {**usual, **options})


def presented(post: Post, document: dict[str, Any], **options: Any) -> dict[str, Any]:
    body = {"verifiablePresentation": document, "options": {"domain": "office.example", **options}}
    answer: dict[str, Any] = post(PRESENT, body).json()
    return answer


def test_a_presentation_answers_one_challenge_once() -> None:
    post = posting(strangers())
    challenge = post(CHALLENGES, {}).json()["challenge"]
    document = presentation(challenge, signed(draft()))
    answer = presented(post, document, challenge=challenge, returnPresentation=True)
    assert (answer["verified"], answer["usable"], answer["trusted"]) == (True, True, False)
    assert answer["verifiablePresentation"] == document
    results = answer["results"]["presentation"]
    assert all(
        result["verified"] for result in (results["challenge"], results["domain"], results["holder"], *results["proof"])
    )
    assert [result["verified"] for result in answer["results"]["credentials"]] == [True]
    again = presented(post, document, challenge=challenge)
    assert (again["verified"], titles(again)) == (False, ["INVALID_CHALLENGE_ERROR"])
    assert not again["results"]["presentation"]["challenge"]["verified"]


def test_a_failed_presentation_does_not_use_the_challenge_up() -> None:
    post = posting(strangers())
    challenge = post(CHALLENGES).json()["challenge"]
    document = presentation(challenge)
    wrong = altered(document, lambda copy: copy.update(holder=did_key(OTHER_KEY)))
    assert not presented(post, wrong, challenge=challenge)["verified"]
    assert presented(post, document, challenge=challenge)["verified"]


@pytest.mark.parametrize(
    ("options", "asked", "problem"),
    [
        ({}, {"challenge": "another"}, "INVALID_CHALLENGE_ERROR"),
        ({}, {}, "INVALID_CHALLENGE_ERROR"),
        ({"challenge": None}, {"challenge": "theirs"}, "INVALID_CHALLENGE_ERROR"),
        ({"domain": "evil.example"}, {"challenge": "theirs"}, "INVALID_DOMAIN_ERROR"),
        ({"proofPurpose": "assertionMethod"}, {"challenge": "theirs"}, "PROOF_VERIFICATION_ERROR"),
        ({"holder": did_key(OTHER_KEY)}, {"challenge": "theirs"}, "CRYPTOGRAPHIC_SECURITY_ERROR"),
    ],
)
def test_a_presentation_to_somebody_else_is_not_verified(
    options: dict[str, Any], asked: dict[str, Any], problem: str
) -> None:
    post = posting(strangers())
    assert presented(post, presentation("theirs"), challenge="theirs")["verified"], (
        "another application's own challenge"
    )
    answer = presented(post, presentation("theirs", **options), **asked)
    assert (answer["verified"], problem in titles(answer)) == (False, True)


def test_every_credential_in_a_presentation_must_be_verified(filled: Office) -> None:
    post = posting(PostedVerifier(filled.reader))
    good, theirs = own(filled), signed(draft())
    forged = altered(good, lambda copy: copy.update(id=copy["id"] + "9"))
    stale = signed(draft(validUntil="2026-01-01T00:00:00Z"))
    for carried, verified, usable, trusted in (
        ([theirs, theirs], True, True, False),
        ([theirs, stale], True, False, False),
        ([theirs, forged], False, False, False),
    ):
        unsigned = {"verifiableCredential": carried}
        document = signed_with(
            {"@context": [schemas.CREDENTIALS_V2], "type": ["VerifiablePresentation"], **unsigned, "id": "urn:uuid:1"},
            {
                "proofPurpose": "authentication",
                "challenge": "c",
                "domain": "office.example",
                "@context": [schemas.CREDENTIALS_V2],
            },
            suite=proof.SUITES["eddsa-jcs-2022"],
        )
        if forged in carried:
            assert document["verifiableCredential"][1]["id"] == forged["id"]
        answer = presented(post, document, challenge="c")
        assert [answer["usable"], answer["trusted"]] == [usable, trusted], answer["problemDetails"]
        assert answer["verified"] == verified


def test_challenges_end_are_sealed_and_bounded() -> None:
    challenges = Challenges(SECRET, seconds=300, most=2)
    names = [challenges.make(bytes([number]) * 16, AT) for number in range(4)]
    assert len(set(names)) == 4
    later = AT + timedelta(seconds=301)
    for act in (challenges.check, challenges.answer):
        with pytest.raises(Untrue):
            act(names[0], later)
    challenges.answer(names[0], AT + timedelta(seconds=299))
    with pytest.raises(Untrue):
        challenges.answer(names[0], AT)
    challenges.answer(names[1], AT)
    with pytest.raises(Conflict):
        challenges.answer(names[2], AT)
    renewed = challenges.make(b"x" * 16, later)
    challenges.answer(renewed, later)
    for foreign in ("", "u", "theirs", "é" + names[3]):
        for _ in range(2):
            challenges.answer(foreign, AT)
    for made_up in (names[3][:-1], names[3] + "A", "greffe-", Challenges(b"y" * 32).make(b"z" * 16, AT)):
        for act in (challenges.check, challenges.answer):
            with pytest.raises(Untrue):
                act(made_up, AT)


def test_when_no_more_challenges_can_be_remembered_the_answer_is_try_later() -> None:
    post = posting(strangers(), Challenges(SECRET, most=0))
    challenge = post(CHALLENGES).json()["challenge"]
    body = {"verifiablePresentation": presentation(challenge), "options": {"challenge": challenge}}
    response = post(PRESENT, body)
    assert (response.status_code, response.json()["code"]) == (503, "challenges_full")
    assert response.headers["retry-after"]
