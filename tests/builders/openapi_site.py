"""The public app over the chosen organizations of the sample, with what its OpenAPI document gives as examples."""

import json
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from registry.foreign.challenges import Challenges
from registry.installation.office import Office
from registry.ledger.admission import Admission, Statement
from registry.ledger.publish import publish
from registry.store.token_queue import IDENTITY_ANCHOR, VC_JWT, Requests
from registry.verify import anchor
from sample_data.make_expected import AT, journey
from search.app import Services, create_app
from search.index.embedded import EmbeddedIndex
from search.index.follow import follow
from search.verify.judge import PostedVerifier
from tests.builders.described import Described
from tests.builders.http_client import Client


@dataclass
class Site:
    """An app, and its document with what was reached of it. `headers`: of every request."""

    client: Client
    described: Described
    anchor: int = 0
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, address: str, status: int = 200, **headers: str) -> Any:
        answer = self.described.check(self.client.get(address, headers={**self.headers, **headers}))
        assert answer.status_code == status, f"{address}: {answer.status_code} {answer.text[:300]}"
        return answer

    def post(self, address: str, body: Any, status: int = 200, media_type: str = "application/json") -> Any:
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {**self.headers, "Content-Type": media_type}
        sent = self.client.request("POST", address, content=text, headers=headers)
        answer = self.described.check(sent)
        assert answer.status_code == status, f"{address}: {answer.status_code} {answer.text[:300]}"
        return answer


def _anchored(office: Office, requests: Requests) -> int:
    """An identity anchor's entry in the ledger; its token is there, whatever it says."""
    with office.writing() as ledger:
        index = ledger.head.size
        ledger.append([Admission(Statement("note", reason=anchor.REASON))], {}, AT)
    publish(office.store, office.log_keys.signers)
    requests.keep(IDENTITY_ANCHOR, str(index), b"e30.e30.AA")
    requests.keep(VC_JWT, "sample/BC9000001/1", b"e30.e30.AA")
    return index


def sample_site(folder: Path) -> Site:
    """The app over an installation below `folder`, as `sample_data/make_expected.py` fills it, with an identity anchor."""
    folder.mkdir(exist_ok=True)
    office = journey(folder).office
    requests = Requests(None)
    index = _anchored(office, requests)
    search_index = EmbeddedIndex(folder / "index.db")
    follow(office.reader, search_index)
    services = Services(
        PostedVerifier(office.reader), Challenges(secrets.token_bytes(32)), requests, rate_limit=1_000_000
    )
    client = Client(create_app(office.reader, search_index, services))
    return Site(client, Described(client.get("/openapi.json").json()), index)


ONE, FIRST, API = "/organizations/sample/BC9000001", "/credentials/sample/BC9000001/5", "/api/v1"
#: operation -> the address whose answer is its example
READ = {
    "searchOrganizations": f"{API}/organizations?q=harbourlight&limit=2",
    "suggestOrganizations": f"{API}/autocomplete?q=harbourlight&limit=2",
    "getOrganization": f"{API}{ONE}",
    "getHistory": f"{API}{ONE}/history",
    "listCredentials": f"{API}{ONE}/credentials",
    "listRelationships": f"{API}/organizations/permits/P-1001/relationships",
    "getStatusList": "/status/revocation/sample-1",
    "getContext": "/contexts/organization/v2",
    "getSchema": "/schemas/status-list/v1.json",
    "getOfficeDid": "/.well-known/did.json",
    "getIssuerDid": "/issuers/sample/did.json",
    "getIssuerDidLog": "/issuers/sample/did.jsonl",
    "getTrustFile": "/trust.json",
    "resolveCredential": FIRST,
    "getCredential": f"{API}{FIRST}",
    "resolveEvidence": f"{FIRST}/evidence",
    "getEvidence": f"{API}{FIRST}/evidence",
    "getLedgerCheckpoint": "/checkpoint",
    "getPendingLedgerCheckpoint": "/checkpoint/pending",
    "getMapCheckpoint": "/index/checkpoint",
    "getPendingMapCheckpoint": "/index/checkpoint/pending",
    "proveInclusion": f"{API}/proof/inclusion?index=1",
    "proveConsistency": f"{API}/proof/consistency?from=1",
    "getTlogProof": f"{API}/proof/tlog-proof?index=1",
    "proveCompleteness": f"{API}/proof/organization?register=sample&number=BC9000001",
    "getLiveness": "/livez",
    "getReadiness": "/readyz",
}


def examples(site: Site) -> dict[str, Any]:
    """By operation: `request`, the body that is posted, and the answer by its status."""
    read = {name: {"200": _body(site.get(address))} for name, address in READ.items()}
    anchored = site.get(f"/identity-anchors/{site.anchor}", Accept="application/json").json()
    credential, evidence = read["getCredential"]["200"], read["getEvidence"]["200"]
    name = credential["credentialSubject"]["legalName"]
    presentation = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "verifiableCredential": [anchored],
    }
    posted = {
        "matchNames": (f"{API}/match", {"queries": [{"id": 1, "name": name}, {"id": 2, "number": "BC9999999"}]}),
        "verify": (f"{API}/verify", evidence),
        "verifyBatch": (f"{API}/verify/batch", {"items": [{"v": 1, "origin": "localhost:8000"}, {"invoice": 4711}]}),
        "verifyCredential": ("/credentials/verify", {"verifiableCredential": credential}),
        "verifyPresentation": ("/presentations/verify", {"verifiablePresentation": presentation}),
        "createChallenge": ("/challenges", {}),
    }
    answered = {
        name: {"request": body, "200": _body(site.post(*call))} for name, call in posted.items() for body in call[1:]
    }
    return {**read, "getIdentityAnchor": {"200": anchored}, **answered}


def _body(answer: httpx.Response) -> Any:
    return answer.json() if answer.headers["content-type"].endswith("json") else answer.text
