"""A state as an unsigned credential: W3C Verifiable Credentials Data Model 2.0, our profile (docs/architecture.md)."""

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any

import jsonschema_rs

from registry.canonical import jcs
from registry.identity import Identity
from schemas import CREDENTIALS_V2, schema_document
from schemas.organization import State, to_subject

CREDENTIAL_TYPE = "OrganizationRegistrationCredential"
#: so that an evidence file stays below 64 kB, with the largest status list and the proofs of a ledger of any size
MAX_SUBJECT_BYTES = 28 * 1024
STATUS_LIST_TYPE = "BitstringStatusListCredential"


@dataclass(frozen=True, slots=True)
class Numbered:
    """A state with all that its credential needs besides: its number n, and its place in a status list."""

    state: State
    n: int
    list_id: str
    list_index: int


def digest(state: State) -> bytes:
    """What two states are compared by: SHA-256 of the claims, whatever n and installation. 32 bytes."""
    return sha256(jcs(to_subject(state, "", ""))).digest()


def refusal(state: State, identity: Identity) -> tuple[str, str] | None:
    """(code, reason) why no credential can say that state: it would be too large for an evidence file, or fit no schema."""
    credential_id = identity.credential_id(state.register, state.number, 1)
    subject = to_subject(state, identity.base_url, credential_id)
    size = len(jcs(subject))
    if size > MAX_SUBJECT_BYTES:
        return "organization_too_large", f"its claims take {size} bytes, a credential holds {MAX_SUBJECT_BYTES}"
    error = next(iter(_subject_schema().iter_errors(subject)), None)
    if error is not None:
        return "schema", f"the closed schema does not fit at /{'/'.join(map(str, error.instance_path))[:100]}"
    return None


@cache
def _subject_schema() -> Any:
    properties = schema_document("organization/v1")["properties"]
    return jsonschema_rs.Draft202012Validator(properties["credentialSubject"])


def credential(numbered: Numbered, identity: Identity, issuer_name: str, valid_from: str) -> dict[str, Any]:
    """The unsigned registration credential; `valid_from` is the batch's time, UTC in whole seconds with `Z`."""
    state = numbered.state
    credential_id = identity.credential_id(state.register, state.number, numbered.n)
    return {
        "@context": [CREDENTIALS_V2, identity.context_url],
        "id": credential_id,
        "type": ["VerifiableCredential", CREDENTIAL_TYPE],
        "issuer": {"id": identity.issuer_did(state.register), "name": issuer_name},
        "validFrom": valid_from,
        "credentialStatus": {
            "id": f"{numbered.list_id}#{numbered.list_index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": str(numbered.list_index),
            "statusListCredential": numbered.list_id,
        },
        "credentialSchema": {"id": identity.schema_url, "type": "JsonSchema"},
        "credentialSubject": to_subject(state, identity.base_url, credential_id),
    }


def status_list(list_id: str, issuer: str, issuer_name: str, encoded: str, valid_from: str) -> dict[str, Any]:
    """The unsigned credential of a revocation list (Bitstring Status List 1.0 section 2.2)."""
    return {
        "@context": [CREDENTIALS_V2],
        "id": list_id,
        "type": ["VerifiableCredential", STATUS_LIST_TYPE],
        "issuer": {"id": issuer, "name": issuer_name},
        "validFrom": valid_from,
        "credentialSubject": {
            "id": f"{list_id}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": encoded,
        },
    }
