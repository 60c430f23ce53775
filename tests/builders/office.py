"""Posts to the office's app, and what is posted: for tests."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx

from issuer.office.app import create_office_app
from registry.installation.office import Office
from schemas import CREDENTIALS_V2
from tests.builders.command import NOW, surroundings
from tests.builders.described import Described
from tests.builders.http_client import Client

TOKEN = "t" * 43
ISSUE, STANDING, LISTS = "/credentials/issue", "/credentials/status", "/status-lists"
Post = Callable[..., httpx.Response]


def posting(office: Office, token: str | None = TOKEN) -> Post:
    """Posts to the app of that office, with the token in the header, or none. Each answer is as the document says."""
    client = Client(create_office_app(office, surroundings("office", NOW + timedelta(hours=1)), TOKEN))
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}

    def post(path: str, body: Any = None, **more: Any) -> httpx.Response:
        given = {} if body is None else {"json": body}
        answer = client.request("POST", path, headers={**headers, **more.pop("headers", {})}, **given, **more)
        described = _described(client)
        return described.check(answer) if described.has(path) else answer

    return post


_documents: list[Described] = []


def _described(client: Client) -> Described:
    """The document of the office's app, which is the same for every office, with what was reached of it so far."""
    if not _documents:
        document = client.get("/openapi.json", headers={"Authorization": f"Bearer {TOKEN}"}).json()
        _documents.append(Described(document))
    return _documents[0]


def draft(office: Office, **claims: Any) -> dict[str, Any]:
    """What a caller posts: a new organization, without anything that the office gives."""
    subject = {
        "type": "RegisteredOrganization",
        "register": "sample",
        "registrationNumber": "BC0000009",
        "entityType": "BC",
        "legalName": "NEW FERRY CO. LTD.",
        "registrationStatus": "Active",
        "names": [{"type": "OrganizationName", "nameText": "NEW FERRY CO. LTD.", "nameType": "legal"}],
        "registrationEvent": {
            "type": "RegistrationEvent",
            "eventId": "9",
            "eventType": "FILE",
            "eventDate": "2025-12-01",
        },
        **claims,
    }
    return {
        "@context": [CREDENTIALS_V2, office.identity.context_url],
        "type": ["VerifiableCredential", "OrganizationRegistrationCredential"],
        "issuer": office.identity.issuer_did("sample"),
        "credentialSubject": {name: value for name, value in subject.items() if value is not None},
    }


def standing(office: Office, purpose: str, sets: bool, **more: Any) -> dict[str, Any]:
    return {
        "credentialId": office.identity.credential_id("sample", "BC0000002", 1),
        "credentialStatus": {"type": "BitstringStatusListEntry", "statusPurpose": purpose, **more},
        "status": sets,
    }
