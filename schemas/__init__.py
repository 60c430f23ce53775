"""The shape of a record: JSON-LD context, closed JSON Schemas, code tables.

Ground floor: knows nobody. The only reader of the files beside it. The bytes of our own context are the same in every
installation (its terms map to one constant vocabulary); only the URL at which an installation serves it differs.
W3C contexts stand here unchanged, with their hash (see `contexts/README.md`).
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent

CREDENTIALS_V2 = "https://www.w3.org/ns/credentials/v2"

#: file name of each context, by the name under which `context_document` gives it
_CONTEXTS = {
    "credentials/v2": "credentials-v2.jsonld",
    "organization/v1": "organization-v1.jsonld",
    "organization/v2": "organization-v2.jsonld",
}

#: what an issuer speaks for where its register declares nothing else
REGISTRATION, PERMIT = "OrganizationRegistrationCredential", "PermitCredential"
#: our own contexts and schemas, as an installation serves them: what is new stands beside what was signed under, for ever
OWN_CONTEXTS = ("organization/v1", "organization/v2")
CREDENTIAL_SCHEMAS = ("organization/v1", "organization/v2", "permit/v1")

#: file name of each JSON Schema, by the path under which an installation serves it (`<base>/schemas/<name>.json`)
_SCHEMAS = {
    "completeness/v1": "completeness-v1.schema.json",
    "entry/v1": "entry-v1.schema.json",
    "evidence/v1": "evidence-v1.schema.json",
    "organization/v1": "organization-v1.schema.json",
    "organization/v2": "organization-v2.schema.json",
    "permit/v1": "permit-v1.schema.json",
    "status-list/v1": "status-list-v1.schema.json",
    "trust/v1": "trust-v1.schema.json",
    "verdict/v1": "verdict-v1.schema.json",
}
SCHEMAS = tuple(_SCHEMAS)
#: the vectors that verifiers in any language share, by name; `/en/formats` says what each holds
VECTORS = tuple(sorted(path.stem for path in (_HERE / "vectors").glob("*.json")))


def vectors_bytes(name: str) -> bytes:
    """The bytes of the vectors of that name. KeyError: no such."""
    if name not in VECTORS:
        raise KeyError(name)
    return (_HERE / "vectors" / f"{name}.json").read_bytes()


def context_bytes(name: str) -> bytes:
    """The bytes of a bundled JSON-LD context: `credentials/v2`, `organization/v1` or v2. KeyError: no such context."""
    return (_HERE / "contexts" / _CONTEXTS[name]).read_bytes()


@cache
def context_document(name: str) -> dict[str, Any]:
    """The parsed JSON-LD context of that name. KeyError: no such context."""
    document: dict[str, Any] = json.loads(context_bytes(name))
    return document


def schema_bytes(name: str) -> bytes:
    """The bytes of a JSON Schema (draft 2020-12) of `SCHEMAS`; those of what is signed, and of an entry, are closed.

    KeyError: no such.
    """
    return (_HERE / _SCHEMAS[name]).read_bytes()


@cache
def schema_document(name: str) -> dict[str, Any]:
    """The parsed JSON Schema of that name. KeyError: no such schema."""
    document: dict[str, Any] = json.loads(schema_bytes(name))
    return document


@cache
def credential_type(register: str) -> str:
    """The type of the credentials that a register's issuer speaks for, as its code table declares (`credential_type`)."""
    file = _HERE / "codes" / f"{register}.json"
    declared: str = REGISTRATION
    if register.isalnum() and file.exists():
        declared = json.loads(file.read_text("utf-8")).get("credential_type", REGISTRATION)
    return declared
