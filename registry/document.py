"""Read a document that nobody has checked yet: members that may be anything, and the closed schemas (schemas/*.schema.json).

What reads here never raises for the types that it meets; whether a document is true is left to `proof` and `verify`.
"""

from functools import cache
from typing import Any

import jsonschema_rs

import schemas
from registry.errors import Untrue


def text_at(value: Any, *path: str | int) -> str | None:
    """The string at a path below a JSON value, or None where there is none."""
    for name in path:
        if isinstance(value, dict) and isinstance(name, str):
            value = value.get(name)
        elif isinstance(value, list) and isinstance(name, int) and 0 <= name < len(value):
            value = value[name]
        else:
            return None
    return value if isinstance(value, str) else None


def issuer_of(credential: dict[str, Any]) -> str | None:
    """The issuer's DID, which VCDM 2.0 section 4.7 allows as a string or as an object with an `id`."""
    return text_at(credential, "issuer") or text_at(credential, "issuer", "id")


def listed_proofs(document: dict[str, Any]) -> list[Any]:
    """The proofs for a step that leaves it to `proof_valid` to demand that there are some."""
    proofs = document.get("proof")
    return proofs if isinstance(proofs, list) else []


def check_schema(name: str, document: dict[str, Any]) -> None:
    """Untrue `schema` unless the document fits the closed schema of that name, saying where it does not."""
    error = next(iter(_validator(name).iter_errors(document)), None)
    if error is not None:
        raise Untrue("schema", f"the closed schema does not fit at /{'/'.join(map(str, error.instance_path))[:100]}")


@cache
def _validator(schema: str) -> Any:
    """The compiled closed JSON Schema of that name (schemas.schema_document)."""
    return jsonschema_rs.Draft202012Validator(schemas.schema_document(schema))
