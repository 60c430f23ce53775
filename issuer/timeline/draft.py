"""A state as an unsigned credential (W3C VCDM 2.0), in our profile."""

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any

import jsonschema_rs

from registry.credential.identity import Identity
from registry.encoding.jcs import jcs
from schemas import CREDENTIALS_V2, schema_document
from schemas.organization import State, to_subject

#: what registration credentials are held against, the oldest first
SCHEMAS = ("organization/v1", "organization/v2")
CREDENTIAL_TYPE = "OrganizationRegistrationCredential"
#: so that an evidence file stays below 64 kB in a ledger of any size, with one bit in twenty set in each status list
MAX_CLAIMS_BYTES = 18 * 1024
#: names, addresses and relationships that no such claims can hold: each takes more than 128 bytes
MAX_NODES = MAX_CLAIMS_BYTES // 128
#: why an organization with more of them is not folded
TOO_LARGE = (
    "organization_too_large",
    f"it has more than {MAX_NODES} names, addresses and relationships: a credential holds fewer",
)
#: ids of the usual length, so that claims can be judged before their credential has a number
_ANYWHERE, _ANY_CREDENTIAL = "urn:greffe:any-installation-whatever", "urn:greffe:any-installation-whatever:credential"


@dataclass(frozen=True, slots=True)
class Numbered:
    """A state with all that its credential needs besides: its number n, and its place in the status lists.

    `lists`: (purpose, list id) of each list; the credential has the same index in all of them.
    """

    state: State
    n: int
    lists: tuple[tuple[str, str], ...]
    list_index: int


@dataclass(frozen=True, slots=True)
class Judged:
    """What a state's claims come to. `digest`: what two states are compared by, whatever n and installation (32 bytes);
    `refusal`: (code, reason) why no credential can say it, None when one can.
    """

    digest: bytes
    refusal: tuple[str, str] | None


def is_too_large(state: State) -> bool:
    """Whether a state has more nodes than any credential can say: told by their number, before anything is made of it."""
    return len(state.names) + len(state.addresses) + len(state.relationships) > MAX_NODES


def judge(state: State) -> Judged:
    """The claims of a state, digested and held against the closed schema and the size of an evidence file."""
    subject = to_subject(state, _ANYWHERE, _ANY_CREDENTIAL)
    claims = jcs(subject)
    refusal = None
    if len(claims) > MAX_CLAIMS_BYTES:
        refusal = (
            "organization_too_large",
            f"its claims take {len(claims)} bytes, a credential holds {MAX_CLAIMS_BYTES}",
        )
    elif (error := next(iter(_subject_schema(SCHEMAS[-1]).iter_errors(subject)), None)) is not None:
        refusal = "schema", f"the closed schema does not fit at /{'/'.join(map(str, error.instance_path))[:100]}"
    return Judged(sha256(claims).digest(), refusal)


def schema_of(subject: dict[str, Any]) -> str:
    """The first of our schemas that a subject fits, so that older verifiers read whatever they can; else the last."""
    return next((name for name in SCHEMAS if _subject_schema(name).is_valid(subject)), SCHEMAS[-1])


@cache
def _subject_schema(name: str) -> Any:
    properties = schema_document(name)["properties"]
    return jsonschema_rs.Draft202012Validator(properties["credentialSubject"])


def credential(numbered: Numbered, identity: Identity, issuer_name: str, valid_from: str) -> dict[str, Any]:
    """The unsigned registration credential; `valid_from` is the batch's time, UTC in whole seconds with `Z`."""
    state = numbered.state
    credential_id = identity.credential_id(state.register, state.number, numbered.n)
    subject = to_subject(state, identity.base_url, credential_id)
    return {
        "@context": [CREDENTIALS_V2, identity.context_url],
        "id": credential_id,
        "type": ["VerifiableCredential", CREDENTIAL_TYPE],
        "issuer": {"id": identity.issuer_did(state.register), "name": issuer_name},
        "validFrom": valid_from,
        "credentialStatus": [
            {
                "id": f"{list_id}#{numbered.list_index}",
                "type": "BitstringStatusListEntry",
                "statusPurpose": purpose,
                "statusListIndex": str(numbered.list_index),
                "statusListCredential": list_id,
            }
            for purpose, list_id in numbered.lists
        ],
        "credentialSchema": {"id": identity.schema_url(schema_of(subject)), "type": "JsonSchema"},
        "credentialSubject": subject,
    }
