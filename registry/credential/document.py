"""A document that nobody has checked yet is read without raising.

Members may be of any type. Whether a document fits its closed schema, and its canonical form under our two contexts, are
here too; whether it is true is left to `proof` and `verify/steps`.
"""

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

import jsonschema_rs

import schemas
from registry.credential.identity import own_contexts
from registry.credential.rdf import SHA256, Canonicalize
from registry.credential.rdf.bounded import Bounded
from registry.credential.rdf.compiled import Tables, Unsupported, compile_contexts, nquads
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
    """The proofs, none where there is no array; to demand that there are some is left to the step `proof_valid`."""
    proofs = document.get("proof")
    return proofs if isinstance(proofs, list) else []


def credential_schema(document: Mapping[str, Any]) -> str:
    """The name of the closed schema that a credential of ours names: `organization/v1`, or v2 or `permit/v1` where that is named.

    Where none of them is, the credential fits none, since its schema has an `id` of another installation or none.
    """
    named = text_at(document, "credentialSchema", "id") or ""
    names = schemas.CREDENTIAL_SCHEMAS
    return next((name for name in names if named.endswith(f"/schemas/{name}.json")), names[0])


def check_schema(name: str, document: dict[str, Any]) -> None:
    """Untrue `schema` unless the document fits the closed schema of that name, saying where it does not."""
    error = next(iter(_validator(name).iter_errors(document)), None)
    if error is not None:
        raise Untrue("schema", f"the closed schema does not fit at /{'/'.join(map(str, error.instance_path))[:100]}")


@cache
def our_tables() -> dict[str, Tables]:
    """The compiled contexts of our documents: of status lists (`credentials/v2`), of credentials (`organization/v1` and v2)."""
    w3c = schemas.context_document("credentials/v2")
    own = {name: compile_contexts([w3c, schemas.context_document(name)]) for name in schemas.OWN_CONTEXTS}
    return {"credentials/v2": compile_contexts([w3c]), **own}


@lru_cache(maxsize=8)
def canonicalize_ours(context_url: str) -> Canonicalize:
    """The canonical form of the documents of an installation, whose own contexts stand at `context_url` and beside it.

    What the compiled form does not understand is not of our profile, and Untrue `canonical`: there is no slow path for it.
    """
    tables = our_tables()
    by_context: dict[tuple[str, ...], Tables] = {
        (schemas.CREDENTIALS_V2,): tables["credentials/v2"],
        **{(schemas.CREDENTIALS_V2, url): tables[name] for name, url in own_contexts(context_url).items()},
    }

    # no blank node of ours needs a label, so that no digest matters
    def canonicalize(document: dict[str, Any], digest: str = SHA256) -> bytes:  # noqa: ARG001
        own_tables = by_context.get(_strings(document.get("@context")))
        try:
            if own_tables is not None:
                return nquads(own_tables, document)
        except Unsupported as reason:
            raise Untrue("canonical", f"the document has no canonical form known here: {reason}") from None
        raise Untrue("canonical", "the document has no canonical form known here")

    return canonicalize


def _strings(value: Any) -> tuple[str, ...]:
    """The strings of an array, none where it is anything else."""
    return tuple(value) if isinstance(value, list) and all(isinstance(item, str) for item in value) else ()


@lru_cache(maxsize=8)
def _general(context_url: str) -> Bounded:
    own = {url: schemas.context_document(name) for name, url in own_contexts(context_url).items()}
    return Bounded({schemas.CREDENTIALS_V2: schemas.context_document("credentials/v2"), **own})


def check_sample(signed: dict[str, Any], context_url: str) -> None:
    """Untrue `canonical_differs` where two canonicalizers disagree about a signed document of ours, or about its proofs' options.

    What is signed for software elsewhere rests on the compiled form; here it is held against the general one.
    """
    general, compiled = _general(context_url), canonicalize_ours(context_url)
    statement = {name: value for name, value in signed.items() if name != "proof"}
    options = [
        {"@context": signed["@context"], **{name: value for name, value in proof.items() if name != "proofValue"}}
        for proof in listed_proofs(signed)
    ]
    for document in (statement, *options):
        if compiled(document) != general.nquads(document):
            raise Untrue("canonical_differs", f"two canonicalizers disagree about {signed.get('id')}")


@cache
def _validator(schema: str) -> Any:
    """The compiled closed JSON Schema of that name (schemas.schema_document)."""
    return jsonschema_rs.Draft202012Validator(schemas.schema_document(schema))
