"""The office's app over the chosen organizations of the sample, with what its OpenAPI document gives as examples."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from issuer.actions.anchors import AnchorIssuer
from issuer.office.app import create_office_app
from registry.foreign.challenges import Challenges
from registry.foreign.verify import ForeignVerifier
from registry.installation.office import Office
from registry.installation.sequencer import Sequencer
from registry.store.token_queue import Requests
from sample_data.make_expected import AT, journey
from tests.builders.command import surroundings
from tests.builders.described import Described
from tests.builders.holder import presentation
from tests.builders.http_client import Client
from tests.builders.office import ISSUE, LISTS, STANDING, TOKEN, draft
from tests.builders.openapi_site import Site

NOTES = b'{"kind": "note", "reason": "holiday", "text": "Closed on 1 May"}'
ANCHORED = {"register": "sample", "number": "BC9000004"}


@contextmanager
def office_site(folder: Path) -> Iterator[tuple[Site, Office]]:
    """The app over an installation below `folder`, with all that it can do, at a stopped clock."""
    folder.mkdir(exist_ok=True)
    office = journey(folder).office
    around = surroundings("office", AT + timedelta(hours=1))
    anchors = AnchorIssuer(office, Requests(None), ForeignVerifier(), Challenges(bytes(32)), around)
    sequencer = Sequencer(office, around.now, print)
    client = Client(create_office_app(office, around, TOKEN, anchors, sequencer))
    headers = {"Authorization": f"Bearer {TOKEN}"}
    described = Described(client.get("/openapi.json", headers=headers).json())
    try:
        yield Site(client, described, headers=headers), office
    finally:
        sequencer.close()


def requests(office: Office) -> dict[str, tuple[str, Any, int]]:
    """Operation -> its address, the body of its example, and the status of the answer; to be posted in this order."""
    identity = office.identity
    suspended = {
        "credentialId": identity.credential_id("sample", "BC9000001", 5),
        "credentialStatus": {"type": "BitstringStatusListEntry", "statusPurpose": "suspension"},
        "status": True,
        "options": {"reason": "under_review"},
    }
    opened = {"statusPurpose": "revocation", "options": {"register": "sample"}}
    return {
        "issueCredential": (ISSUE, {"credential": draft(office, registrationNumber="BC9000900")}, 201),
        "changeStatus": (STANDING, suspended, 200),
        "openStatusList": (LISTS, opened, 201),
        "createChallenge": ("/challenges", {}, 200),
    }


def examples(site: Site, office: Office) -> dict[str, Any]:
    """By operation: `request`, the body that is posted, and the answer by its status."""
    answered: dict[str, Any] = {}
    for name, (address, body, status) in requests(office).items():
        answered[name] = {"request": body, str(status): site.post(address, body, status).json()}
    challenge, domain = answered["createChallenge"]["200"].values()
    anchored = {**ANCHORED, "challenge": challenge, "verifiablePresentation": presentation(challenge, domain)}
    answered["issueIdentityAnchor"] = {
        "request": anchored,
        "201": site.post("/identity-anchors", anchored, 201).json(),
    }
    noted = site.post("/entries", NOTES, 201, "application/x-ndjson").json()
    answered["appendEntries"] = {"request": NOTES.decode(), "201": noted}
    return {**answered, "getLiveness": {"200": site.get("/livez").text}}
