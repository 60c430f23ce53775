"""Twenty and more calls of the public app through the client that openapi-python-client made of its document.

Run in the environment of that client: `python call_public.py BASE`. Each answer must be of the model that is declared.
"""

import sys
from datetime import date
from typing import Any

from greffe_client import Client
from greffe_client.api.evidence import (
    get_context,
    get_credential,
    get_evidence,
    get_issuer_did,
    get_office_did,
    get_schema,
    get_status_list,
    get_trust_file,
    verify,
    verify_batch,
)
from greffe_client.api.ledger import (
    get_ledger_checkpoint,
    get_ledger_tile,
    get_tlog_proof,
    prove_completeness,
    prove_consistency,
    prove_inclusion,
)
from greffe_client.api.organizations import (
    get_history,
    get_organization,
    list_credentials,
    list_relationships,
    match_names,
    search_organizations,
    suggest_organizations,
)
from greffe_client.api.vc_api import create_challenge, verify_credential
from greffe_client.models import (
    BatchRequest,
    ChallengeRequest,
    Judged,
    MatchRequest,
    NamedQuery,
    Problem,
    Verdict,
    VerifyCredentialRequest,
)

NAMED = "sample", "BC9000001"
calls: list[int] = []


def of(answer: Any, status: int = 200) -> Any:
    """The parsed body of an answer with that status."""
    calls.append(answer.status_code)
    assert answer.status_code == status, answer
    assert answer.parsed is not None or not answer.content, answer
    return answer.parsed


def main(base: str) -> None:
    client = Client(base_url=base)
    listed = of(search_organizations.sync_detailed(client=client, q="harbourlight", limit=2, at=date(2024, 6, 1)))
    assert listed.items[0].name, listed
    assert of(suggest_organizations.sync_detailed(client=client, q="harbourl")).items
    organization = of(get_organization.sync_detailed(*NAMED, client=client))
    assert organization.number == NAMED[1]
    assert of(get_history.sync_detailed(*NAMED, client=client)).items[-1].n == organization.n
    assert len(of(list_credentials.sync_detailed(*NAMED, client=client)).items) == organization.n
    of(list_relationships.sync_detailed(*NAMED, client=client, limit=5))
    missing = of(get_organization.sync_detailed("sample", "none", client=client), 404)
    assert isinstance(missing, Problem)
    assert missing.code == "organization_unknown"
    refused = of(search_organizations.sync_detailed(client=client, register="none"), 422)
    assert refused.code == "bad_parameter"
    rows = MatchRequest(queries=[NamedQuery(name=organization.name, id=1), NamedQuery(name="nobody at all")])
    assert of(match_names.sync_detailed(client=client, body=rows)).results[0].items[0].number == NAMED[1]

    n = str(organization.n)
    credential = of(get_credential.sync_detailed(*NAMED, n, client=client))
    assert credential.credential_subject["legalName"] == organization.name
    evidence = of(get_evidence.sync_detailed(*NAMED, n, client=client))
    verdict = of(verify.sync_detailed(client=client, body=Judged.from_dict(evidence.to_dict())))
    assert isinstance(verdict, Verdict)
    assert verdict.verdict == "verified", verdict
    items = BatchRequest.from_dict({"items": [evidence.to_dict(), {"invoice": 1}]})
    assert of(verify_batch.sync_detailed(client=client, body=items)).results[0].verdict == "verified"
    asked = VerifyCredentialRequest.from_dict({"verifiableCredential": credential.to_dict()})
    assert of(verify_credential.sync_detailed(client=client, body=asked)).verified is True
    assert of(create_challenge.sync_detailed(client=client, body=ChallengeRequest())).challenge

    assert of(get_trust_file.sync_detailed(client=client)).ledger_keys
    assert of(get_office_did.sync_detailed(client=client)).id.startswith("did:web:")
    assert of(get_issuer_did.sync_detailed("sample", client=client)).verification_method
    assert of(get_status_list.sync_detailed("revocation", "sample-1", client=client)).proof
    assert of(get_context.sync_detailed("organization", "v1", client=client)).context.to_dict()
    assert of(get_schema.sync_detailed("organization", "v1.json", client=client)).to_dict()["$schema"]
    assert of(get_ledger_checkpoint.sync_detailed(client=client)).count("\n") > 3
    assert len(of(get_ledger_tile.sync_detailed("0/000", client=client)).payload.read()) == 256 * 32
    inclusion = of(prove_inclusion.sync_detailed(client=client, index=1))
    assert inclusion.hashes
    assert of(prove_consistency.sync_detailed(client=client, from_=1, to=inclusion.size)).size == inclusion.size
    assert of(get_tlog_proof.sync_detailed(client=client, index=1)).startswith("c2sp.org/tlog-proof")
    proven = of(prove_completeness.sync_detailed(client=client, register="sample", number=NAMED[1]))
    assert len(proven.entries) == organization.n


if __name__ == "__main__":
    main(sys.argv[1])
    sys.stdout.write(f"{len(calls)}\n")
