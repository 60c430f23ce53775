"""Strangers' presentations: the holder proves itself, to this challenge and this domain."""

from typing import Any

import pytest

import schemas
from registry.foreign.finding import FAILED
from registry.foreign.verify import ForeignVerifier
from tests.builders.stranger import AT, KEY, P256_KEY, altered, did_key, draft, signed, signed_with


def presented(holder: Any = None, **members: Any) -> dict[str, Any]:
    """A presentation of the key's own."""
    made = {"@context": [schemas.CREDENTIALS_V2], "type": ["VerifiablePresentation"], "holder": holder or did_key(KEY)}
    return {**made, **members}


ANSWER = {"proofPurpose": "authentication", "challenge": "c1", "domain": "office.example"}


@pytest.mark.parametrize(
    ("about", "problem", "options", "members"),
    [
        (None, None, {}, {}),
        (None, None, {"domain": ["x", "office.example"]}, {"holder": {"id": did_key(KEY)}}),
        ("proof", "INVALID_CHALLENGE_ERROR", {"challenge": "c2"}, {}),
        ("proof", "INVALID_CHALLENGE_ERROR", {"challenge": None}, {}),
        ("proof", "INVALID_DOMAIN_ERROR", {"domain": "evil.example"}, {}),
        ("proof", "INVALID_DOMAIN_ERROR", {"domain": None}, {}),
        ("proof", "PROOF_VERIFICATION_ERROR", {"proofPurpose": "assertionMethod"}, {}),
        ("holder", "CRYPTOGRAPHIC_SECURITY_ERROR", {}, {"holder": did_key(P256_KEY)}),
        ("shape", "MALFORMED_VALUE_ERROR", {}, {"holder": "z6Mk"}),
        ("shape", "MALFORMED_VALUE_ERROR", {}, {"verifiableCredential": "https://stranger.example/credentials/1"}),
    ],
)
def test_a_presentation_answers_its_challenge(about: Any, problem: Any, options: dict[str, Any], members: Any) -> None:
    document = signed_with(presented(), {**ANSWER, **options})
    if members:
        unsigned = {**presented(), **members}
        document = signed_with(unsigned, {**ANSWER, **options}) if about != "shape" else {**document, **members}
    result = ForeignVerifier().presentation(document, AT, "c1", "office.example")
    assert [(finding.about, finding.problem) for finding in result.findings if finding.result == FAILED][:1] == (
        [(about, problem)] if about else []
    )
    assert result.is_verified == (about is None)


def test_a_presentation_carries_credentials_with_contexts_of_their_own() -> None:
    carried = signed(draft())
    document = signed_with(presented(verifiableCredential=[carried]), ANSWER)
    assert ForeignVerifier().presentation(document, AT, "c1", None).is_verified
    swapped = altered(
        document, lambda presentation: presentation["verifiableCredential"][0]["credentialSubject"].update(name="Other")
    )
    assert not ForeignVerifier().presentation(swapped, AT, "c1", None).is_verified
    assert not ForeignVerifier().presentation(presented(verifiableCredential=[carried]), AT, "c1", None).is_verified
