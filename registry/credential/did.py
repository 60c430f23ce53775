"""DID documents of this installation are generated from its keys, never edited.

DID Core 1.0, did:web, Controlled Identifiers 1.0. A key is a Multikey method `#{use}-{n}`: n counts the keys of that use,
and the last one that may assert is the one in use. A credential key has a twin `#{use}-{n}-jwk` besides, by which JOSE
finds it. A key once named is never dropped; one that was compromised may no longer assert. What the keys of the logs may
do is left to `log_keys`.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from registry.encoding import members
from registry.errors import Malformed
from registry.keys import PublicKey, from_multikey, jwk, multikey

CONTEXT = ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"]
JWK_CONTEXT = "https://w3id.org/security/jwk/v1"
#: the use whose keys sign JSON Web Tokens as well
CREDENTIAL = "credential"
STATUS = "status"
_FRAGMENT = re.compile(r"([a-z]+)-([1-9][0-9]{0,5})")


def did_web(base_url: str, *path: str) -> str:
    """The did:web of a base URL and path: `http://localhost:8000`, `issuers`, `im`: `did:web:localhost%3A8000:issuers:im`."""
    parts = urlsplit(base_url)
    inner = [segment for segment in parts.path.split("/") if segment]
    return ":".join(["did:web", quote(parts.netloc, safe=".-"), *(quote(part, safe=".-_") for part in (*inner, *path))])


def document(
    did: str,
    keys: Mapping[str, PublicKey],
    *,
    compromised: Collection[str] = (),
    also_known_as: Collection[str] = (),
) -> dict[str, Any]:
    """The DID document of `did` with those keys, by fragment (`credential-1`); `compromised` ones may not assert."""
    methods: list[dict[str, Any]] = []
    asserting = []
    for fragment, key in keys.items():
        method: dict[str, Any] = {"id": f"{did}#{fragment}", "controller": did}
        named = [{**method, "type": "Multikey", "publicKeyMultibase": multikey(key)}]
        if fragment.startswith(f"{CREDENTIAL}-"):
            twin = jwk_method(method["id"])
            named.append({**method, "id": twin, "type": "JsonWebKey", "publicKeyJwk": jwk(key)})
        methods += named
        if fragment not in compromised:
            asserting += [form["id"] for form in named]
    has_twins = any("publicKeyJwk" in method for method in methods)
    return {
        "@context": [*CONTEXT, JWK_CONTEXT] if has_twins else CONTEXT,
        "id": did,
        **({"alsoKnownAs": list(also_known_as)} if also_known_as else {}),
        "verificationMethod": methods,
        "assertionMethod": asserting,
    }


def with_keys(
    known: Mapping[str, Any], keys: Mapping[str, PublicKey], *, compromised: Collection[str] = ()
) -> dict[str, Any]:
    """A document of ours with those keys; a key of its own that may not assert still may not."""
    asserting = set(known["assertionMethod"])
    disowned = {fragment for fragment in keys_of(known) if f"{known['id']}#{fragment}" not in asserting}
    names = known.get("alsoKnownAs", ())
    return document(known["id"], keys, compromised=disowned | set(compromised), also_known_as=names)


def jwk_method(method: str) -> str:
    """The id of the twin by which JOSE finds the key of a verification method."""
    return f"{method}-jwk"


def keys_of(document: Mapping[str, Any]) -> dict[str, PublicKey]:
    """Fragment -> key of each Multikey in a document of ours, in their order. Malformed `object`, or as `from_multikey`."""
    methods = [
        method for method in members.list_of(document, "verificationMethod", dict) if "publicKeyMultibase" in method
    ]
    return {
        members.text(method, "id").partition("#")[2]: from_multikey(members.text(method, "publicKeyMultibase"))
        for method in methods
    }


def use_of(fragment: str) -> tuple[str, int]:
    """What a key is for, and its number. Malformed `object`: not a fragment of ours."""
    match = _FRAGMENT.fullmatch(fragment)
    if match is None:
        raise Malformed("object", f"{fragment[:100]!r} names no key of ours")
    return match[1], int(match[2])


def in_use(document: dict[str, Any], use: str) -> str:
    """The fragment of the key that signs now for that use: the last one that may assert. KeyError: there is none."""
    asserting = set(document["assertionMethod"])
    fragments = [
        fragment
        for fragment in keys_of(document)
        if use_of(fragment)[0] == use and f"{document['id']}#{fragment}" in asserting
    ]
    if not fragments:
        raise KeyError(use)
    return fragments[-1]
