"""A credential as a JSON Web Token, `application/vc+jwt`.

Securing Verifiable Credentials using JOSE and COSE, section 3.1. The payload is the credential itself, without `proof`: the
same statement as that under the Data Integrity proofs, so that the same ledger entry commits to it. Compact form alone
(RFC 7515 section 7.1), three algorithms, one per kind of key; a token re-prints to the same text. Written here because the
signer may be an HSM, which no JOSE library takes as it is. Whose key it is, and for what, is left to the verifier.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from registry.encoding import strict_json
from registry.encoding.base64url import base64url, unbase64url
from registry.encoding.jcs import jcs
from registry.errors import Malformed, Untrue
from registry.keys import ED25519, P256, P384, PublicKey, Signer
from schemas import CREDENTIALS_V2

MEDIA_TYPE = "application/vc+jwt"
_TYPE, _CONTENT = "vc+jwt", "vc"
#: kind of key -> `alg` (RFC 8037 section 3.1, RFC 7518 section 3.4)
_ALGORITHMS = {ED25519: "EdDSA", P256: "ES256", P384: "ES384"}
MAX_CHARACTERS = 256 * 1024
_PREFIX = f"data:{MEDIA_TYPE},"


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

    def check_claims(self, issuer: str | None, at: datetime, skew: timedelta) -> None:
        """Untrue `proof`: what the token says besides as a JWT (RFC 7519 section 4.1) forbids its use now, or contradicts."""
        now, late = int(at.timestamp()), int((at + skew).timestamp())
        for name in ("exp", "nbf", "iat"):
            if type(self.payload.get(name, 0)) is not int:
                raise Untrue("proof", f"the token's {name} is not a whole number")
        if self.payload.get("exp", now + 1) <= now:
            raise Untrue("proof", "the token has expired")
        if self.payload.get("nbf", now) > late or self.payload.get("iat", now) > late:
            raise Untrue("proof", "the token is not yet valid")
        if self.payload.get("iss", issuer) != issuer:
            raise Untrue("proof", "the token names another issuer than the credential")


def sign(statement: dict[str, Any], signer: Signer, kid: str) -> str:
    """The token of a credential (without `proof`) by the key whose verification method is `kid`."""
    header = {"alg": _ALGORITHMS[signer.public.kind], "cty": _CONTENT, "kid": kid, "typ": _TYPE}
    signed = f"{base64url(jcs(header))}.{base64url(json.dumps(statement, ensure_ascii=False, separators=(',', ':')).encode())}"
    return f"{signed}.{base64url(signer.sign(signed.encode()))}"


def parse(text: str) -> Token:
    """The token of a text. Malformed `jwt`: of another form, type or algorithm; Malformed, as `strict_json`."""
    parts = text.split(".") if len(text) <= MAX_CHARACTERS else []
    if len(parts) != 3:
        raise Malformed("jwt", "not a JSON Web Token in compact form")
    header, payload = (strict_json.parse_object(_read(part)) for part in parts[:2])
    if header.get("typ") != _TYPE or header.get("cty", _CONTENT) != _CONTENT or "crit" in header or "b64" in header:
        raise Malformed("jwt", "the token is not declared as vc+jwt, or asks for more")
    algorithm, kid = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in _ALGORITHMS.values() or not isinstance(kid, str):
        raise Malformed("jwt", "the token names no alg or kid known here")
    return Token(kid, algorithm, payload, f"{parts[0]}.{parts[1]}".encode(), _read(parts[2]))


def enveloped(token: str) -> dict[str, Any]:
    """The token as a member of JSON: an EnvelopedVerifiableCredential (VCDM 2.0 section 4.13)."""
    return {
        "@context": CREDENTIALS_V2,
        "type": "EnvelopedVerifiableCredential",
        "id": f"data:{MEDIA_TYPE},{token}",
    }


def is_enveloped(document: dict[str, Any]) -> bool:
    """Whether the document says that it is a token in an envelope."""
    kinds = document.get("type")
    listed = kinds if isinstance(kinds, list) else [kinds]
    return any(kind in ("EnvelopedVerifiableCredential", "EnvelopedVerifiablePresentation") for kind in listed)


def token_of(document: dict[str, Any]) -> Token | None:
    """The token in an enveloped credential, None where the document is no envelope. Malformed, as `parse`.

    An envelope says nothing beside its token: any other member would be taken for signed.
    """
    if not is_enveloped(document):
        return None
    kinds = document["type"] if isinstance(document["type"], list) else [document["type"]]
    contexts = document.get("@context")
    contexts = contexts if isinstance(contexts, list) else [contexts]
    url = document.get("id")
    if (
        document.keys() != {"@context", "type", "id"}
        or kinds != ["EnvelopedVerifiableCredential"]
        or contexts != [CREDENTIALS_V2]
        or not isinstance(url, str)
        or not url.startswith(_PREFIX)
    ):
        raise Malformed("jwt", "an envelope holds a vc+jwt as its id, and nothing else")
    return parse(url.removeprefix(_PREFIX))


def _read(text: str) -> bytes:
    try:
        data = unbase64url(text)
    except Malformed:
        data = b""
    if not data or base64url(data) != text:
        raise Malformed("jwt", "a part of the token is not base64url")
    return data
