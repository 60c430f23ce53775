"""Data Integrity proofs: sign a document and check its proofs, side by side.

Cryptosuite eddsa-jcs-2022 (VC Data Integrity EdDSA Cryptosuites 1.0, section 3.3): the signed bytes are SHA-256 of the JCS
of the proof options, then SHA-256 of the JCS of the document without `proof`. The options repeat the document's
`@context`. A document's `proof` is an array; every proof of it must hold, and an unknown suite never counts as checked.
Whose key it is, and for what, is judged by `verify`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from registry.canonical import jcs
from registry.errors import Malformed, Untrue
from registry.keys import Signer, base58, is_signed, unbase58


@dataclass(frozen=True, slots=True)
class Cryptosuite:
    """A cryptosuite: its name, and the bytes that it signs for (proof options, document without proof)."""

    name: str
    signed_bytes: Callable[[dict[str, Any], dict[str, Any]], bytes]


def _jcs_sha256(options: dict[str, Any], statement: dict[str, Any]) -> bytes:
    return sha256(jcs(options)).digest() + sha256(jcs(statement)).digest()


EDDSA_JCS_2022 = Cryptosuite("eddsa-jcs-2022", _jcs_sha256)
SUITES = {suite.name: suite for suite in (EDDSA_JCS_2022,)}


def sign(document: dict[str, Any], signer: Signer, method: str, created: str) -> dict[str, Any]:
    """`document` (without `proof`) with an eddsa-jcs-2022 proof by the key `method`, made at `created` (UTC, `Z`)."""
    options = {
        "type": "DataIntegrityProof",
        "cryptosuite": EDDSA_JCS_2022.name,
        "created": created,
        "verificationMethod": method,
        "proofPurpose": "assertionMethod",
        "@context": document["@context"],
    }
    value = signer.sign(EDDSA_JCS_2022.signed_bytes(options, document))
    return {**document, "proof": [{**options, "proofValue": "z" + base58(value)}]}


def proofs_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The proofs of a document. Malformed `proof`: none, or not an array of 1 to 8 objects."""
    proofs = document.get("proof")
    if not isinstance(proofs, list) or not 1 <= len(proofs) <= 8 or not all(isinstance(one, dict) for one in proofs):
        raise Malformed("proof", "proof is not an array of 1 to 8 objects")
    return proofs


def check(document: dict[str, Any], public_key: Callable[[str], bytes | None]) -> None:
    """Untrue `proof` unless every proof of the document holds; `public_key` gives the key of a verification method.

    Malformed `proof`: there is none, or not in an array.
    """
    statement = {name: value for name, value in document.items() if name != "proof"}
    for one in proofs_of(document):
        suite = SUITES.get(str(one.get("cryptosuite")))
        if suite is None or one.get("type") != "DataIntegrityProof":
            raise Untrue("proof", f"the cryptosuite {str(one.get('cryptosuite'))[:40]!r} is not known here")
        if one.get("proofPurpose") != "assertionMethod":
            raise Untrue("proof", "the proof was not made to assert")
        if one.get("@context") != document.get("@context"):
            raise Untrue("proof", "the proof speaks of another @context")
        key = public_key(str(one.get("verificationMethod")))
        if key is None:
            raise Untrue("proof", "the proof's key is not known")
        options = {name: value for name, value in one.items() if name != "proofValue"}
        if not is_signed(key, _signature(one.get("proofValue")), suite.signed_bytes(options, statement)):
            raise Untrue("proof", "the signature does not fit the document")


def _signature(value: Any) -> bytes:
    if not isinstance(value, str) or not value.startswith("z"):
        raise Untrue("proof", "proofValue is not base58-btc multibase")
    try:
        return unbase58(value[1:])
    except Malformed as error:
        raise Untrue("proof", error.message) from None
