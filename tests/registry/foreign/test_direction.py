"""A base direction in a stranger's credential: read where the standard allows it, and told where no proof signs it."""

from typing import Any

import pytest

from registry.credential.cryptosuites import EDDSA_JCS_2022, EDDSA_RDFC_2022, Cryptosuite
from registry.foreign.verify import ForeignVerifier
from tests.builders.stranger import AT, KEY, altered, did_key, draft, signed

WRITTEN = {"@value": "شركة الأمل", "@language": "ar", "@direction": "rtl"}


def steps(document: dict[str, Any]) -> tuple[bool, str, str | None]:
    result = ForeignVerifier().credential(document, AT)
    step = next(step for step in result.verdict().steps if step.name == "proof_valid")
    return result.is_verified, step.result, step.reason


PLACES: list[dict[str, Any]] = [
    {"name": WRITTEN},
    {"description": [WRITTEN, "plain"]},
    {"issuer": {"id": did_key(KEY), "name": WRITTEN}},
    {"credentialSubject": [{"id": "did:example:subject", "description": WRITTEN}]},
]


@pytest.mark.parametrize("members", PLACES)
def test_a_direction_that_a_proof_signs_is_good(members: dict[str, Any]) -> None:
    document = signed(draft(**members), suites=(EDDSA_JCS_2022, EDDSA_RDFC_2022))
    assert steps(document)[:2] == (True, "passed")
    turned = altered(document, _turn)
    assert steps(turned)[:2] == (False, "failed")


@pytest.mark.parametrize("members", PLACES)
def test_a_direction_that_no_proof_signs_is_told(members: dict[str, Any]) -> None:
    document = signed(draft(**members), suites=(EDDSA_RDFC_2022,))
    verified, result, reason = steps(document)
    assert (verified, result) == (True, "indeterminate")
    assert "direction" in (reason or "")
    assert steps(altered(document, _turn))[1] == "indeterminate"
    assert steps(signed(draft(), suites=(EDDSA_RDFC_2022,)))[1] == "passed"


@pytest.mark.parametrize("suite", [EDDSA_JCS_2022, EDDSA_RDFC_2022])
@pytest.mark.parametrize(
    "text",
    [
        {"@value": "x", "@direction": "up"},
        {"@value": "x", "@direction": ["rtl"]},
        {"@value": "x", "@direction": None},
        {"@value": "x", "@direction": "rtl", "@type": "http://www.w3.org/2001/XMLSchema#string"},
    ],
)
def test_other_directions_are_refused(suite: Cryptosuite, text: dict[str, Any]) -> None:
    good = signed(draft(credentialSubject={"id": "did:example:subject", "name": "x"}), suites=(suite,))
    assert steps(good)[1] == "passed"
    assert steps(altered(good, lambda credential: credential["credentialSubject"].update(name=text)))[1] == "failed"


def test_a_direction_within_data_is_data() -> None:
    """Where a context says that a member is JSON, adding a direction to it breaks the signature."""
    context = {"data": {"@id": "https://stranger.example/data", "@type": "@json"}}
    subject = {"id": "did:example:subject", "data": {"name": {"@value": "x"}}}
    base = draft()["@context"]
    document = signed(draft(**{"@context": [*base, context], "credentialSubject": subject}), suites=(EDDSA_RDFC_2022,))
    assert steps(document)[1] == "indeterminate", "what the context says is not signed"
    added = altered(
        document, lambda credential: credential["credentialSubject"]["data"]["name"].update({"@direction": "rtl"})
    )
    assert steps(added)[1] == "failed"


def _turn(document: dict[str, Any]) -> None:
    for holder in (document, document["issuer"], *_listed(document["credentialSubject"])):
        for name in ("name", "description"):
            for text in _listed(holder.get(name)):
                if isinstance(text, dict):
                    text["@direction"] = "ltr"


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
