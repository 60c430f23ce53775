"""What a stranger's credential points at: its JSON Schemas and related resources.

VC JSON Schema 1.0; VCDM 2.0, section 5.3. Both are fetched where fetching is on. A schema may not lead any further: no
reference out of it is followed, and its patterns run in linear time.
"""

import base64
import hashlib
import hmac
from typing import Any
from urllib.parse import unquote

import jsonschema_rs

from registry.encoding import strict_json
from registry.encoding.base58 import unbase58
from registry.encoding.base64url import unbase64url
from registry.errors import Malformed
from registry.foreign.finding import Finding, failed, passed, unknown
from registry.foreign.retrieval import Fetch, NotRetrieved
from registry.foreign.shape import as_list

_DRAFTS = {
    "https://json-schema.org/draft/2020-12/schema": jsonschema_rs.Draft202012Validator,
    "https://json-schema.org/draft/2019-09/schema": jsonschema_rs.Draft201909Validator,
    "http://json-schema.org/draft-07/schema": jsonschema_rs.Draft7Validator,
}
#: subschemas that a schema may come to once its references are followed; UNTP's come to some hundreds
_MOST_SUBSCHEMAS = 10_000
_SHA256_MULTIHASH, _SHA384_MULTIHASH = b"\x12\x20", b"\x20\x30"


def check_schemas(credential: dict[str, Any], fetch: Fetch) -> list[Finding]:
    """One finding per `credentialSchema`."""
    return [_schema(named, credential, fetch) for named in as_list(credential.get("credentialSchema"))]


def _schema(named: dict[str, Any], credential: dict[str, Any], fetch: Fetch) -> Finding:
    about = "credentialSchema"
    if "JsonSchema" not in as_list(named["type"]):
        return unknown(about, "MALFORMED_VALUE_ERROR", "a schema of that type is not read here", named)
    try:
        schema = strict_json.parse_object(fetch(named["id"]))
        validator = _DRAFTS[str(schema.get("$schema")).rstrip("#")]
        _check_affordable(schema)
        fits = validator(schema, offline=True, pattern_options=jsonschema_rs.RegexOptions())
        error = next(iter(fits.iter_errors(credential)), None)
    except NotRetrieved as refused:
        return unknown(about, "MALFORMED_VALUE_ERROR", f"the schema was not had: {refused.message}", named)
    except (Malformed, KeyError, TypeError, IndexError, ValueError, RecursionError, jsonschema_rs.ReferencingError):
        return unknown(about, "MALFORMED_VALUE_ERROR", "the schema cannot be read here", named)
    if error is not None:
        place = "/".join(map(str, error.instance_path))[:100]
        return failed(about, "MALFORMED_VALUE_ERROR", f"the schema does not fit at /{place}", named)
    return passed(about, named)


def _check_affordable(schema: dict[str, Any]) -> None:
    """ValueError: its references lead out of it or in a circle, or multiply beyond `_MOST_SUBSCHEMAS`.

    Validation has no deadline of its own, and the author of the schema may have written the credential too.
    """
    costs: dict[int, int] = {}
    under_way: set[int] = set()

    def cost(value: Any) -> int:
        if not isinstance(value, dict | list):
            return 0
        if id(value) in under_way:
            raise ValueError("a reference leads in a circle")
        if id(value) not in costs:
            under_way.add(id(value))
            members = value.values() if isinstance(value, dict) else value
            total = 1 + sum(cost(member) for member in members)
            if isinstance(value, dict):
                total += _cost_of_references(value)
            if total > _MOST_SUBSCHEMAS:
                raise ValueError("its references multiply")
            under_way.remove(id(value))
            costs[id(value)] = total
        return costs[id(value)]

    def _cost_of_references(value: dict[str, Any]) -> int:
        if value is not schema and isinstance(value.get("$id"), str):
            raise ValueError("a part of it has a name of its own")
        if "$dynamicRef" in value or "$recursiveRef" in value:
            raise ValueError("a reference is not settled in it")
        return cost(_target(schema, value["$ref"])) if isinstance(value.get("$ref"), str) else 0

    cost(schema)


def _target(schema: dict[str, Any], reference: str) -> Any:
    """What a JSON Pointer in a fragment (RFC 6901 section 6) leads to. KeyError, ValueError: nowhere in the schema."""
    if not reference.startswith("#/"):
        raise ValueError("a reference leads out of it")
    part: Any = schema
    for step in reference[2:].split("/"):
        name = unquote(step).replace("~1", "/").replace("~0", "~")
        part = part[int(name)] if isinstance(part, list) else part[name]
    return part


def check_related(document: dict[str, Any], fetch: Fetch) -> list[Finding]:
    """One finding per `relatedResource`: whether what lies there has each digest that is named."""
    return [_related(named, fetch) for named in as_list(document.get("relatedResource"))]


def _related(named: dict[str, Any], fetch: Fetch) -> Finding:
    about = "relatedResource"
    try:
        resource = fetch(named["id"])
    except NotRetrieved as refused:
        return unknown(about, "CRYPTOGRAPHIC_SECURITY_ERROR", f"the resource was not had: {refused.message}", named)
    matches = [_is_sri(named["digestSRI"], resource)] if "digestSRI" in named else []
    matches += [_is_multibase(named["digestMultibase"], resource)] if "digestMultibase" in named else []
    if not all(matches):
        return failed(
            about, "CRYPTOGRAPHIC_SECURITY_ERROR", "the resource has another digest, or one of an unknown form", named
        )
    return passed(about, named)


def _is_sri(text: str, resource: bytes) -> bool:
    """Whether a digest as in Subresource Integrity (section 3.5) is that of the bytes."""
    name, _, digest = text.partition("-")
    if name not in ("sha256", "sha384", "sha512"):
        return False
    expected = base64.b64encode(hashlib.new(name, resource).digest()).decode()
    return hmac.compare_digest(digest.encode(), expected.encode())


def _is_multibase(text: str, resource: bytes) -> bool:
    """Whether a multibase multihash (Controlled Identifiers 1.0, section 2.5) is that of the bytes."""
    try:
        digest = unbase58(text[1:]) if text.startswith("z") else unbase64url(text.removeprefix("u"))
    except Malformed:
        return False
    expected = (
        _SHA256_MULTIHASH + hashlib.sha256(resource).digest(),
        _SHA384_MULTIHASH + hashlib.sha384(resource).digest(),
    )
    return text[:1] in ("z", "u") and any(hmac.compare_digest(digest, multihash) for multihash in expected)
