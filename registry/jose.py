"""A credential as a JSON Web Token: `application/vc+jwt` (Securing Verifiable Credentials using JOSE and COSE, section 3.1).

The payload is the credential itself, without `proof`: the same statement as that under the Data Integrity proofs, so that the
same ledger entry commits to it. Compact form alone (RFC 7515 section 7.1), three algorithms, one per kind of key; a token
re-prints to the same text. Written here because the signer may be an HSM, which no JOSE library takes as it is. Whose key it
is, and for what, is judged by the verifier.
"""

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Any

from registry import strict_json
from registry.canonical import jcs
from registry.errors import Malformed, Untrue
from registry.keys import ED25519, P256, P384, PublicKey, Signer

MEDIA_TYPE = "application/vc+jwt"
PRESENTATION = "vp+jwt"
_TYPES = {"vc+jwt": "vc", PRESENTATION: "vp"}
#: kind of key -> `alg` (RFC 8037 section 3.1, RFC 7518 section 3.4)
_ALGORITHMS = {ED25519: "EdDSA", P256: "ES256", P384: "ES384"}
MAX_CHARACTERS = 256 * 1024
_PREFIXES = {f"data:application/{typ},": typ for typ in _TYPES}
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Token:
    """A parsed token: whose key says to have signed it, what it says, and the bytes that were signed."""

    kid: str
    algorithm: str
    payload: dict[str, Any]
    signed: bytes
    signature: bytes

    def check(self, key: PublicKey) -> None:
        """Untrue `proof` unless the token is signed by that key, with the algorithm of its kind."""
        if self.algorithm != _ALGORITHMS[key.kind]:
            raise Untrue("proof", "the key is not of a kind that the token's alg takes")
        if not key.is_signed(self.signature, self.signed):
            raise Untrue("proof", "the signature does not fit the token")


def sign(statement: dict[str, Any], signer: Signer, kid: str) -> str:
    """The token of a credential (without `proof`) by the key whose verification method is `kid`."""
    header = {"alg": _ALGORITHMS[signer.public.kind], "cty": "vc", "kid": kid, "typ": "vc+jwt"}
    signed = (
        f"{_print(jcs(header))}.{_print(json.dumps(statement, ensure_ascii=False, separators=(',', ':')).encode())}"
    )
    return f"{signed}.{_print(signer.sign(signed.encode()))}"


def parse(text: str, typ: str = "vc+jwt") -> Token:
    """The token of a text. Malformed `jwt`: of another form, type or algorithm; Malformed, as `strict_json`."""
    parts = text.split(".") if len(text) <= MAX_CHARACTERS else []
    if len(parts) != 3:
        raise Malformed("jwt", "not a JSON Web Token in compact form")
    header, payload = (strict_json.parse_object(_read(part)) for part in parts[:2])
    if header.get("typ") != typ or header.get("cty", _TYPES[typ]) != _TYPES[typ] or "crit" in header or "b64" in header:
        raise Malformed("jwt", f"the token is not declared as {typ}, or asks for more")
    algorithm, kid = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in _ALGORITHMS.values() or not isinstance(kid, str):
        raise Malformed("jwt", "the token names no alg or kid known here")
    return Token(kid, algorithm, payload, f"{parts[0]}.{parts[1]}".encode(), _read(parts[2]))


def enveloped(token: str) -> dict[str, Any]:
    """The token as a member of JSON: an EnvelopedVerifiableCredential (VCDM 2.0 section 4.13)."""
    return {
        "@context": "https://www.w3.org/ns/credentials/v2",
        "type": "EnvelopedVerifiableCredential",
        "id": f"data:{MEDIA_TYPE},{token}",
    }


def is_enveloped(document: dict[str, Any]) -> bool:
    """Whether the document says that it is a token in an envelope."""
    kinds = document.get("type")
    listed = kinds if isinstance(kinds, list) else [kinds]
    return any(kind in ("EnvelopedVerifiableCredential", "EnvelopedVerifiablePresentation") for kind in listed)


def token_of(document: dict[str, Any]) -> Token | None:
    """The token in an enveloped credential or presentation, None where it is none. Malformed, as `parse`."""
    if not is_enveloped(document):
        return None
    url = str(document.get("id", ""))
    for prefix, typ in _PREFIXES.items():
        if url.startswith(prefix):
            return parse(url.removeprefix(prefix), typ)
    raise Malformed("jwt", "an enveloped credential's id is not a data URL of a vc+jwt")


def _print(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _read(text: str) -> bytes:
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)) if _BASE64URL.fullmatch(text) else b""
    except binascii.Error:
        data = b""
    if not data or _print(data) != text:
        raise Malformed("jwt", "a part of the token is not base64url")
    return data
