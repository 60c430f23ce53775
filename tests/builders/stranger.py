"""A stranger who issues: keys, credentials, status lists and presentations, made as anybody's software would make them."""

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import schemas
from registry.credential import proof, status
from registry.credential.cryptosuites import (
    ECDSA_JCS_2019,
    ECDSA_RDFC_2019,
    EDDSA_JCS_2022,
    EDDSA_RDFC_2022,
    Cryptosuite,
)
from registry.foreign.contexts import Contexts
from registry.foreign.retrieval import Fetch, NotRetrieved, no_fetch
from registry.foreign.verify import BUNDLED
from registry.keys import P256, P384, EcdsaKey, Signer, SigningKey, multikey

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
MADE = "2026-01-01T00:00:00Z"
KEY = SigningKey(b"\x07" * 32)
OTHER_KEY = SigningKey(b"\x08" * 32)
P256_KEY = EcdsaKey(P256, b"\x07" * 32)
P384_KEY = EcdsaKey(P384, b"\x07" * 48)
WEB = "did:web:stranger.example"
LIST_URL = "https://stranger.example/status/1"
SCHEMA_URL = "https://stranger.example/schema.json"
SUITES: list[tuple[Cryptosuite, Signer]] = [
    (EDDSA_JCS_2022, KEY),
    (EDDSA_RDFC_2022, KEY),
    (ECDSA_JCS_2019, P256_KEY),
    (ECDSA_RDFC_2019, P256_KEY),
    (ECDSA_JCS_2019, P384_KEY),
    (ECDSA_RDFC_2019, P384_KEY),
]


def did_key(signer: Signer) -> str:
    """The did:key of a key."""
    return f"did:key:{multikey(signer.public)}"


def method(signer: Signer) -> str:
    """The one verification method of its did:key."""
    return f"{did_key(signer)}#{multikey(signer.public)}"


def draft(signer: Signer = KEY, **members: Any) -> dict[str, Any]:
    """An unsigned credential of that key's did:key; None takes a member away."""
    made: dict[str, Any] = {
        "@context": [schemas.CREDENTIALS_V2],
        "id": "https://stranger.example/credentials/1",
        "type": ["VerifiableCredential"],
        "issuer": {"id": did_key(signer), "name": "Stranger"},
        "validFrom": MADE,
        "credentialSubject": {"id": "did:example:subject", "name": "Somebody"},
        **members,
    }
    return {name: value for name, value in made.items() if value is not None}


def signed(
    document: dict[str, Any],
    signer: Signer = KEY,
    by: str | None = None,
    suites: tuple[Cryptosuite, ...] | None = None,
    fetch: Fetch = no_fetch,
    purpose: str = proof.ASSERTION,
) -> dict[str, Any]:
    """The document with proofs by that key, as the method `by`."""
    reading = Contexts(BUNDLED).reading(document, fetch)
    made = by or method(signer)
    return proof.sign(document, signer, made, MADE, reading.canonicalize, suites=suites, purpose=purpose)


def signed_with(
    document: dict[str, Any],
    options: dict[str, Any],
    signer: Signer = KEY,
    suite: Cryptosuite = EDDSA_RDFC_2022,
) -> dict[str, Any]:
    """The document with one proof of exactly those options besides the usual ones; None takes one away."""
    reading = Contexts(BUNDLED).reading(document, no_fetch)
    usual = {
        "type": "DataIntegrityProof",
        "cryptosuite": suite.name,
        "created": MADE,
        "verificationMethod": method(signer),
        "proofPurpose": "assertionMethod",
    }
    made = {name: value for name, value in {**usual, **options}.items() if value is not None}
    value = signer.sign(suite.signed_bytes(made, document, signer.public.kind, reading.canonicalize))
    return {**document, "proof": {**made, "proofValue": "z" + proof.base58(value)}}


def entry(index: int = 5, purpose: str = "revocation", **members: Any) -> dict[str, Any]:
    """A `credentialStatus`."""
    return {
        "id": f"{LIST_URL}#{index}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": purpose,
        "statusListIndex": str(index),
        "statusListCredential": LIST_URL,
        **members,
    }


def status_list(*set_bits: int, purpose: str = "revocation", signer: Signer = KEY, **members: Any) -> dict[str, Any]:
    """An unsigned status list with those bits set."""
    bits = bytearray(status.LENGTH // 8)
    for index in set_bits:
        bits[index // 8] |= 0x80 >> index % 8
    subject = {"type": "BitstringStatusList", "statusPurpose": purpose, "encodedList": status.encode(bytes(bits))}
    types = ["VerifiableCredential", "BitstringStatusListCredential"]
    usual = {"id": LIST_URL, "type": types, "credentialSubject": {"id": f"{LIST_URL}#list", **subject}}
    return draft(signer, **{**usual, **members})


def did_document(signer: Signer = KEY, did: str = WEB, **members: Any) -> dict[str, Any]:
    """A did:web document with that key as `#key-1`, for assertions and authentication."""
    entry = {"id": f"{did}#key-1", "type": "Multikey", "controller": did, "publicKeyMultibase": multikey(signer.public)}
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": did,
        "verificationMethod": [entry],
        "assertionMethod": [entry["id"]],
        "authentication": [entry["id"]],
        **members,
    }


def serving(**documents: Any) -> tuple[Fetch, list[str]]:
    """A fetch that finds those documents (name of the place -> document or bytes), and the list of what was asked for."""
    return serving_at({PLACES[name]: document for name, document in documents.items()})


PLACES = {
    "did": "https://stranger.example/.well-known/did.json",
    "list": LIST_URL,
    "schema": SCHEMA_URL,
    "context": "https://stranger.example/context.json",
}


def serving_at(there: dict[str, Any]) -> tuple[Fetch, list[str]]:
    """As `serving`, by URL."""
    asked: list[str] = []

    def fetch(url: str) -> bytes:
        asked.append(url)
        if url not in there:
            raise NotRetrieved("fetch_status", "the server answered with status 404")
        resource = there[url]
        return resource if isinstance(resource, bytes) else json.dumps(resource).encode()

    return fetch, asked


def altered(document: dict[str, Any], change: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    """A copy to which something was done."""
    copied = copy.deepcopy(document)
    change(copied)
    return copied
