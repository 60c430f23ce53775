"""A verification method of did:key or did:web leads to a public key.

DID Core 1.0, Controlled Identifiers 1.0. A did:key is read from its own name; the document of a did:web is fetched from the
place that its name says (did:web method specification, section 2.5.2), must call itself by that name, must control the method
and must list it under the purpose of the proof. Keys are Multikeys, or JSON Web Keys (RFC 7517) of the same three kinds.
Whether the DID is the credential's issuer is left to `verify`, how fetching is guarded to `fetcher`.
"""

import re
from datetime import datetime
from typing import Any

from registry.encoding import strict_json
from registry.encoding.base64url import unbase64url
from registry.errors import Malformed, Untrue
from registry.foreign import moment
from registry.foreign.retrieval import Fetch
from registry.keys import ED25519, P256, P384, PublicKey, from_multikey, jwk, multikey

PURPOSES = ("assertionMethod", "authentication")
_DID_WEB = re.compile(r"did:web:([A-Za-z0-9.-]+(?:%3[Aa][0-9]{1,5})?)((?::[A-Za-z0-9._~%-]+)*)")
#: (kty, crv) -> kind
_CURVES = {("OKP", "Ed25519"): ED25519, ("EC", "P-256"): P256, ("EC", "P-384"): P384}


def did_of(method: str) -> str:
    """The DID that a verification method's id belongs to."""
    return method.partition("#")[0]


def document_url(did: str) -> str:
    """Where the document of a did:web lies. Untrue `did`: not a did:web."""
    match = _DID_WEB.fullmatch(did)
    segments = match[2].split(":")[1:] if match else []
    if match is None or any(segment in (".", "..") or "%2f" in segment.lower() for segment in segments):
        raise Untrue("did", f"{did[:100]!r} is not a did:key or did:web")
    host = re.sub("%3[Aa]", ":", match[1])
    return f"https://{host}/{'/'.join(segments) if segments else '.well-known'}/did.json"


class Resolver:
    """Finds keys for one verification at the moment `at` (aware); `fetch` decides what is fetched at all."""

    def __init__(self, fetch: Fetch, at: datetime) -> None:
        self._fetch, self._at = fetch, at

    def key(self, method: Any, purpose: str) -> PublicKey:
        """The key of the verification method `method` (an absolute id), which may serve `purpose`.

        Untrue: `did`, `verification_method`. NotRetrieved: the DID document was not had.
        """
        if not isinstance(method, str) or "#" not in method or purpose not in PURPOSES:
            raise Untrue(
                "verification_method", "the proof names no verification method, or serves no purpose known here"
            )
        did = did_of(method)
        if did.startswith("did:key:"):
            return _key_of_did_key(did, method)
        url = document_url(did)
        try:
            document = strict_json.parse_object(self._fetch(url))
        except Malformed as error:
            raise Untrue("did", f"the document of {did[:100]} cannot be read: {error.message}") from None
        if document.get("id") != did:
            raise Untrue("did", f"the document at {url[:200]} is another's")
        return self._listed(document, did, method, purpose)

    def _listed(self, document: dict[str, Any], did: str, method: str, purpose: str) -> PublicKey:
        embedded = [entry for entry in _array(document.get(purpose)) if isinstance(entry, dict)]
        named = {_absolute(did, entry) for entry in _array(document.get(purpose))}
        if method not in named:
            raise Untrue("verification_method", f"{method[:100]} is not listed for {purpose}")
        described = [entry for entry in _array(document.get("verificationMethod")) if isinstance(entry, dict)]
        matching = [entry for entry in (*described, *embedded) if _absolute(did, entry) == method]
        if len(matching) != 1:
            raise Untrue("verification_method", f"{method[:100]} is not described once")
        return self._key(matching[0], did)

    def _key(self, entry: dict[str, Any], did: str) -> PublicKey:
        if entry.get("controller") != did:
            raise Untrue("verification_method", "the key is controlled by another")
        for name in ("expires", "revoked"):
            if name in entry and moment.parse(entry[name]) <= self._at:
                raise Untrue("verification_method", "the key has expired or is revoked")
        try:
            if entry.get("type") == "Multikey":
                return from_multikey(str(entry.get("publicKeyMultibase")))
            if entry.get("type") in ("JsonWebKey", "JsonWebKey2020"):
                return from_jwk(entry.get("publicKeyJwk"))
        except Malformed as error:
            raise Untrue("verification_method", error.message) from None
        raise Untrue("verification_method", f"keys of type {str(entry.get('type'))[:60]!r} are not known here")


def from_jwk(members: Any) -> PublicKey:
    """The key of a public JSON Web Key (RFC 7518 section 6.2.1, RFC 8037 section 2), which prints to the same again.

    Malformed `jwk`: of another kind, private, no point of its curve, or not in its one form.
    """
    given = members if isinstance(members, dict) else {}
    kind = _CURVES.get((str(given.get("kty")), str(given.get("crv")))) if "d" not in given else None
    if kind is None:
        raise Malformed("jwk", "not a public JSON Web Key of Ed25519, P-256 or P-384")
    x, y = _coordinate(given.get("x")), _coordinate(given.get("y", ""))
    key = PublicKey(kind, x if kind == ED25519 else bytes([2 + y[-1] % 2 if y else 2]) + x)
    printed = jwk(from_multikey(multikey(key)))
    if any(given.get(name) != value for name, value in printed.items()):
        raise Malformed("jwk", "the JSON Web Key is not in its one form")
    return key


def _key_of_did_key(did: str, method: str) -> PublicKey:
    text = did.removeprefix("did:key:")
    if method != f"{did}#{text}":
        raise Untrue("verification_method", "the key of a did:key is not named by it")
    try:
        return from_multikey(text)
    except Malformed as error:
        raise Untrue("did", error.message) from None


def _absolute(did: str, entry: Any) -> str | None:
    """The id of a verification method or of a reference to one; a fragment alone is the document's own."""
    name = entry.get("id") if isinstance(entry, dict) else entry
    if not isinstance(name, str):
        return None
    return did + name if name.startswith("#") else name


def _array(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _coordinate(text: Any) -> bytes:
    try:
        return unbase64url(str(text))
    except Malformed:
        raise Malformed("jwk", "a coordinate is not base64url") from None
