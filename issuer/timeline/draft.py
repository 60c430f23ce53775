"""A state as an unsigned credential (W3C VCDM 2.0), in our profile.

The type of a credential follows from what its state is of; whether the register's issuer speaks for that type is judged before
anything is signed. Relationships that do not fit are left to the credentials of the other sides (`fitted`).
"""

from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from typing import Any

import jsonschema_rs

import schemas
from registry.credential.identity import Identity
from registry.encoding.jcs import jcs
from schemas import CREDENTIALS_V2, schema_document
from schemas.organization import ORGANIZATION, PERMIT, State, to_subject

#: what credentials are held against, by what they are of, the oldest first
SCHEMAS = {ORGANIZATION: ("organization/v1", "organization/v2"), PERMIT: ("permit/v1",)}
TYPES = {ORGANIZATION: schemas.REGISTRATION, PERMIT: schemas.PERMIT}
#: claims that context v1 has no term for
_OF_V2 = "relationshipsOmitted"
#: so that an evidence file stays below 64 kB in a ledger of any size, with one bit in twenty set in each status list
MAX_CLAIMS_BYTES = 18 * 1024
#: names and addresses that no such claims can hold: each takes more than 128 bytes
MAX_NODES = MAX_CLAIMS_BYTES // 128
#: relationships that are read of an organization; those that do not fit are left to the other sides
MAX_RELATIONSHIPS = 1000
#: why an organization with more of them is not folded
TOO_LARGE = (
    "organization_too_large",
    f"it has more than {MAX_NODES} names and addresses, or {MAX_RELATIONSHIPS} relationships: a credential holds fewer",
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
    return len(state.names) + len(state.addresses) > MAX_NODES or len(state.relationships) > MAX_RELATIONSHIPS


def credential_type(state: State) -> str:
    """The type of the credential of a state, by what it is of."""
    return TYPES[state.subject]


def fitted(state: State) -> State:
    """The state as a credential says it: as it is, or where its claims are too large without its last relationships.

    Left out are only those that name the other side's number, so that the other side's own credential can say them; how many
    there are is said. The same state always loses the same ones.
    """
    if not state.relationships or len(_claims(state)) <= MAX_CLAIMS_BYTES:
        return state
    places = [place for place, link in enumerate(state.relationships) if link.number is not None]
    least, most = 0, len(places) - 1  # of those that may go, how many can stay
    if not places or len(_claims(_without(state, places))) > MAX_CLAIMS_BYTES:
        return state
    while least < most:
        middle = (least + most + 1) // 2
        if len(_claims(_without(state, places[middle:]))) <= MAX_CLAIMS_BYTES:
            least = middle
        else:
            most = middle - 1
    return _without(state, places[least:])


def _without(state: State, places: list[int]) -> State:
    gone = set(places)
    left = tuple(link for place, link in enumerate(state.relationships) if place not in gone)
    return replace(state, relationships=left, relationships_omitted=(state.relationships_omitted or 0) + len(gone))


def _claims(state: State) -> bytes:
    return jcs(to_subject(state, _ANYWHERE, _ANY_CREDENTIAL))


def judge(state: State) -> Judged:
    """The claims of a state, digested and held against the closed schema and the size of an evidence file.

    `issuer_type`: the issuer of its register does not speak for credentials of its type.
    """
    subject = to_subject(state, _ANYWHERE, _ANY_CREDENTIAL)
    claims = jcs(subject)
    if len(claims) > MAX_CLAIMS_BYTES:
        subject = to_subject(fitted(state), _ANYWHERE, _ANY_CREDENTIAL)
        claims = jcs(subject)
    refusal = None
    if credential_type(state) != schemas.credential_type(state.register):
        refusal = (
            "issuer_type",
            f"the issuer of {state.register} does not speak for credentials of the type {credential_type(state)}",
        )
    elif len(claims) > MAX_CLAIMS_BYTES:
        refusal = (
            "organization_too_large",
            f"its claims take {len(claims)} bytes, a credential holds {MAX_CLAIMS_BYTES}",
        )
    elif (error := next(iter(_subject_schema(SCHEMAS[state.subject][-1]).iter_errors(subject)), None)) is not None:
        refusal = "schema", f"the closed schema does not fit at /{'/'.join(map(str, error.instance_path))[:100]}"
    return Judged(sha256(claims).digest(), refusal)


def schema_of(subject: dict[str, Any]) -> str:
    """The first of our schemas that a subject fits, so that older verifiers read whatever they can; else the last."""
    names = SCHEMAS[subject["type"]]
    return next((name for name in names if _subject_schema(name).is_valid(subject)), names[-1])


def context_of(subject: dict[str, Any]) -> str:
    """The name of our context whose terms a subject needs: the first one wherever these suffice."""
    needs_second = subject["type"] == PERMIT or _OF_V2 in subject
    return schemas.OWN_CONTEXTS[1 if needs_second else 0]


@cache
def _subject_schema(name: str) -> Any:
    properties = schema_document(name)["properties"]
    return jsonschema_rs.Draft202012Validator(properties["credentialSubject"])


def credential(numbered: Numbered, identity: Identity, issuer_name: str, valid_from: str) -> dict[str, Any]:
    """The unsigned credential; `valid_from` is the batch's time, UTC in whole seconds with `Z`."""
    state = fitted(numbered.state)
    credential_id = identity.credential_id(state.register, state.number, numbered.n)
    subject = to_subject(state, identity.base_url, credential_id)
    return {
        "@context": [CREDENTIALS_V2, identity.context_urls[context_of(subject)]],
        "id": credential_id,
        "type": ["VerifiableCredential", credential_type(state)],
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
