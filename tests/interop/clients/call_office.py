"""Twenty calls of the office's app through the client that openapi-python-client made of its document.

Run in the environment of that client: `python call_office.py BASE TOKEN SITE`; SITE: the base URL of the installation.
"""

import sys
from io import BytesIO
from typing import Any

from greffe_office_client import AuthenticatedClient, Client
from greffe_office_client.api.default import (
    append_entries,
    change_status,
    create_challenge,
    get_liveness,
    issue_credential,
    issue_identity_anchor,
    open_status_list,
)
from greffe_office_client.models import AnchorRequest, ChallengeRequest, IssueRequest, ListRequest, StatusRequest
from greffe_office_client.types import File

calls: list[int] = []


def of(answer: Any, status: int = 200) -> Any:
    """The parsed body of an answer with that status."""
    calls.append(answer.status_code)
    assert answer.status_code == status, answer
    return answer.parsed


def draft(site: str, did: str, number: str) -> IssueRequest:
    subject = {
        "type": "RegisteredOrganization",
        "register": "sample",
        "registrationNumber": number,
        "entityType": "BC",
        "legalName": f"FERRY {number} LTD.",
        "registrationStatus": "Active",
        "names": [{"type": "OrganizationName", "nameText": f"FERRY {number} LTD.", "nameType": "legal"}],
        "registrationEvent": {"type": "RegistrationEvent", "eventId": number, "eventType": "FILE"},
    }
    credential = {
        "@context": ["https://www.w3.org/ns/credentials/v2", f"{site}/contexts/organization/v1"],
        "type": ["VerifiableCredential", "OrganizationRegistrationCredential"],
        "issuer": did,
        "credentialSubject": subject,
    }
    return IssueRequest.from_dict({"credential": credential})


def status(identifier: str, purpose: str, sets: bool) -> StatusRequest:
    named = {"type": "BitstringStatusListEntry", "statusPurpose": purpose}
    return StatusRequest.from_dict({"credentialId": identifier, "credentialStatus": named, "status": sets})


def main(base: str, token: str, site: str) -> None:
    client = AuthenticatedClient(base_url=base, token=token)
    did = f"did:web:{site.partition('//')[2].replace(':', '%3A')}:issuers:sample"
    assert of(get_liveness.sync_detailed(client=client)) == "ok\n"
    stranger = Client(base_url=base)
    assert of(create_challenge.sync_detailed(client=stranger, body=ChallengeRequest()), 401).code == "token"
    for n in range(6):
        body = draft(site, did, f"BC90081{n:02}")
        issued = of(issue_credential.sync_detailed(client=client, body=body), 201).verifiable_credential
        assert issued.id.endswith(f"/BC90081{n:02}/1")
        again = of(issue_credential.sync_detailed(client=client, body=body))
        assert again.verifiable_credential.to_dict() == issued.to_dict()
    for sets in (True, False):
        told = of(change_status.sync_detailed(client=client, body=status(issued.id, "suspension", sets)))
        assert (told.status, told.changed, told.credential_status.status_purpose) == (sets, True, "suspension")
    assert of(change_status.sync_detailed(client=client, body=status("urn:x", "revocation", True)), 404).code
    opened = ListRequest.from_dict({"statusPurpose": "revocation", "options": {"register": "sample"}})
    assert of(open_status_list.sync_detailed(client=client, body=opened), 201).id
    challenge = of(create_challenge.sync_detailed(client=client, body=ChallengeRequest()))
    anchor = AnchorRequest.from_dict(
        {"register": "sample", "number": "none", "challenge": challenge.challenge, "verifiablePresentation": {}}
    )
    assert of(issue_identity_anchor.sync_detailed(client=client, body=anchor), 404).code == "organization_unknown"
    notes = File(payload=BytesIO(b'{"kind": "note", "reason": "holiday"}\n' * 2), mime_type="application/x-ndjson")
    assert of(append_entries.sync_detailed(client=client, body=notes), 201).count == 2


if __name__ == "__main__":
    main(*sys.argv[1:])
    sys.stdout.write(f"{len(calls)}\n")
