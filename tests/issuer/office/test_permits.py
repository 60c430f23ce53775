"""A permit that is posted is issued as one that is delivered; an issuer that does not speak for permits issues none."""

from typing import Any

import pytest

from issuer.run.issue import issue
from registry.installation.office import Office
from schemas import CREDENTIALS_V2, PERMIT, REGISTRATION
from schemas.organization import to_subject
from tests.builders.command import surroundings
from tests.builders.office import ISSUE, draft, posting
from tests.builders.permits import IN_FORCE, OPEN, permits


def posted(office: Office, **changed: Any) -> dict[str, Any]:
    """A permit as a ministry posts it."""
    subject = to_subject(OPEN, office.identity.base_url, "urn:greffe:unnamed")
    for node in (subject, *subject["relationships"], subject["registrationEvent"]):
        del node["id"]
    return {
        "@context": [CREDENTIALS_V2, office.identity.context_urls["organization/v2"]],
        "type": ["VerifiableCredential", PERMIT],
        "issuer": office.identity.issuer_did("permits"),
        "credentialSubject": subject,
    } | changed


@pytest.fixture
def ministry(filled: Office) -> Office:
    """An office whose register of permits is open."""
    issue(filled, "table", permits([IN_FORCE]), surroundings("permits"))
    return filled


def test_a_posted_permit_is_issued(ministry: Office) -> None:
    answer = posting(ministry)(ISSUE, {"credential": posted(ministry)})
    assert answer.status_code == 201, answer.text
    signed = answer.json()["verifiableCredential"]
    assert signed["type"][1] == PERMIT
    assert signed["credentialSchema"]["id"].endswith("/schemas/permit/v1.json")
    assert [record.n for record in ministry.reader.organization("permits", "P-0002")] == [1]


def test_what_an_issuer_does_not_speak_for_is_refused(ministry: Office) -> None:
    size = ministry.reader.size()
    of_the_sample = posted(ministry, issuer=ministry.identity.issuer_did("sample"))
    of_the_sample["credentialSubject"] |= {"register": "sample", "registrationNumber": "BC0000009", "entityType": "BC"}
    of_the_sample["credentialSubject"] |= {"registerStatus": "ACT"}
    organization = draft(ministry, register="permits", registrationNumber="P-0009", entityType="KELP")
    organization["issuer"] = ministry.identity.issuer_did("permits")
    for credential, code in (
        (of_the_sample, "issuer_type"),
        (organization, "issuer_type"),
        (posted(ministry, type=["VerifiableCredential", REGISTRATION]), "credential_type"),
        (posted(ministry, type=["VerifiableCredential", REGISTRATION, PERMIT]), "credential_type"),
        (posted(ministry, **{"@context": [CREDENTIALS_V2, ministry.identity.context_url]}), "context"),
    ):
        answer = posting(ministry)(ISSUE, {"credential": credential})
        assert (answer.status_code, answer.json()["code"]) == (400, code), answer.text
    assert ministry.reader.size() == size
