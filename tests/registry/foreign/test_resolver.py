"""did:key and did:web: the key that is found, and each lie of a DID document that is not believed."""

import base64
import copy
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from registry.errors import Malformed, Untrue
from registry.foreign.resolver import Resolver, document_url, from_jwk
from registry.foreign.retrieval import NotRetrieved, no_fetch
from registry.keys import ED25519, P256, P384, EcdsaKey, Signer, SigningKey, jwk, multikey

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
DID = "did:web:stranger.example"
KEYS: dict[str, Signer] = {
    ED25519: SigningKey(bytes([7]) * 32),
    P256: EcdsaKey(P256, bytes([7]) * 32),
    P384: EcdsaKey(P384, bytes([7]) * 48),
}
KEY = KEYS[ED25519].public
METHOD = f"{DID}#key-1"
DOCUMENT: dict[str, Any] = {
    "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
    "id": DID,
    "verificationMethod": [{"id": METHOD, "type": "Multikey", "controller": DID, "publicKeyMultibase": multikey(KEY)}],
    "assertionMethod": [METHOD],
}


def key_in(document: Any, method: str = METHOD, purpose: str = "assertionMethod") -> Any:
    """The key that is found when that document lies where the DID says."""
    there = {"https://stranger.example/.well-known/did.json": json.dumps(document).encode()}
    return Resolver(there.__getitem__, AT).key(method, purpose)


def changed(**members: Any) -> dict[str, Any]:
    """The document with the members of its verification method changed; None takes one away."""
    document = copy.deepcopy(DOCUMENT)
    method = document["verificationMethod"][0]
    method.update(members)
    for name in [name for name, value in members.items() if value is None]:
        del method[name]
    return document


@pytest.mark.parametrize("kind", KEYS)
def test_did_key_is_its_own_document(kind: str) -> None:
    text = multikey(KEYS[kind].public)
    for purpose in ("assertionMethod", "authentication"):
        assert Resolver(no_fetch, AT).key(f"did:key:{text}#{text}", purpose) == KEYS[kind].public


@pytest.mark.parametrize(
    "method",
    [
        "did:key:{0}", "did:key:{0}#", "did:key:{0}#key-1", "did:key:{0}#{1}", "did:key:{0}#{0}#{0}", "did:key:{0}?x#{0}",
        "did:key:z6Mk#z6Mk", "did:key:#", "did:key:u7QE#u7QE", "{0}#{0}", "did:example:1#key-1", "did:web:#key-1", "#key-1", "",
        "https://stranger.example/#key-1", "did:web:stranger.example:..:x#key-1", "did:web:a%2Fb#key-1", "did:web:a:b%2fc#k",
        None, 7, ["did:key:{0}#{0}"],
    ],
)  # fmt: skip
def test_what_is_no_method_of_a_known_did_is_refused(method: Any) -> None:
    own, other = (multikey(KEYS[kind].public) for kind in (ED25519, P256))
    named = method.format(own, other) if isinstance(method, str) else method
    with pytest.raises(Untrue):
        Resolver(no_fetch, AT).key(named, "assertionMethod")


@pytest.mark.parametrize(
    ("did", "url"),
    [
        ("did:web:stranger.example", "https://stranger.example/.well-known/did.json"),
        ("did:web:stranger.example:issuers:im", "https://stranger.example/issuers/im/did.json"),
        ("did:web:stranger.example%3A8443", "https://stranger.example:8443/.well-known/did.json"),
        ("did:web:stranger.example%3a443:a", "https://stranger.example:443/a/did.json"),
    ],
)
def test_where_the_document_of_a_did_web_lies(did: str, url: str) -> None:
    assert document_url(did) == url


def test_did_web_is_found_as_multikey_as_jwk_embedded_and_by_fragment() -> None:
    assert key_in(DOCUMENT) == KEY
    assert key_in(changed(type="JsonWebKey", publicKeyJwk=jwk(KEY), publicKeyMultibase=None)) == KEY
    assert key_in(changed(expires="2026-01-02T03:04:06Z")) == KEY
    assert key_in({**changed(id="#key-1"), "assertionMethod": ["#key-1"]}) == KEY
    embedded = {**DOCUMENT, "verificationMethod": [], "assertionMethod": DOCUMENT["verificationMethod"]}
    assert key_in(embedded) == KEY


@pytest.mark.parametrize(
    ("why", "document"),
    [
        ("another's document", {**DOCUMENT, "id": "did:web:other.example"}),
        ("no id", {name: value for name, value in DOCUMENT.items() if name != "id"}),
        ("not listed for the purpose", {**DOCUMENT, "assertionMethod": []}),
        ("listed for another purpose", {**DOCUMENT, "assertionMethod": None, "authentication": [METHOD]}),
        ("described nowhere", {**DOCUMENT, "verificationMethod": []}),
        ("described twice", {**DOCUMENT, "verificationMethod": DOCUMENT["verificationMethod"] * 2}),
        ("controlled by another", changed(controller="did:web:other.example")),
        ("controlled by nobody", changed(controller=None)),
        ("expired", changed(expires="2026-01-02T03:04:05Z")),
        ("revoked", changed(revoked="2025-01-01T00:00:00Z")),
        ("revoked, who knows when", changed(revoked="yesterday")),
        ("of an unknown type", changed(type="X25519KeyAgreementKey2020")),
        ("no key", changed(publicKeyMultibase=None)),
        ("a broken key", changed(publicKeyMultibase=multikey(KEY)[:-1])),
        ("a private key", changed(type="JsonWebKey", publicKeyJwk={**jwk(KEY), "d": "AA"})),
        ("not an object", [DOCUMENT]),
        ("methods that are no array", {**DOCUMENT, "verificationMethod": {"id": METHOD}, "assertionMethod": METHOD}),
    ],
)
def test_a_document_that_does_not_bear_the_key_out_is_refused(why: str, document: Any) -> None:
    with pytest.raises((Untrue, Malformed)):
        key_in(document)


def test_a_key_for_authentication_does_not_assert() -> None:
    document = {**DOCUMENT, "authentication": [METHOD], "assertionMethod": []}
    assert key_in(document, purpose="authentication") == KEY
    for purpose in ("assertionMethod", "capabilityInvocation", "verificationMethod", "id"):
        with pytest.raises(Untrue):
            key_in(document, purpose=purpose)


def test_a_document_with_a_member_given_twice_is_refused() -> None:
    text = json.dumps(DOCUMENT)[:-1] + f', "id": "{DID}"}}'
    with pytest.raises(Untrue, match="twice"):
        Resolver(lambda _: text.encode(), AT).key(METHOD, "assertionMethod")


def test_a_document_that_is_not_had_is_not_a_key_that_fails() -> None:
    with pytest.raises(NotRetrieved) as refused:
        Resolver(no_fetch, AT).key(METHOD, "assertionMethod")
    assert refused.value.code == "fetch_off"


@pytest.mark.parametrize("kind", KEYS)
def test_a_jwk_is_read_in_its_one_form(kind: str) -> None:
    own = jwk(KEYS[kind].public)
    assert from_jwk(own) == KEYS[kind].public
    assert from_jwk({**own, "kid": "x", "alg": "y"}) == KEYS[kind].public
    wrong = [
        {**own, "crv": "secp256k1"},
        {**own, "kty": "RSA"},
        {**own, "x": own["x"] + "="},
        {**own, "x": own["x"][:-2]},
    ]
    wrong += [{**own, "x": None}, {**own, "d": "AA"}, {"kty": [], "crv": []}, [], None]
    if kind != ED25519:
        y = base64.urlsafe_b64decode(own["y"] + "=" * (-len(own["y"]) % 4))
        other = base64.urlsafe_b64encode(y[:-1] + bytes([y[-1] ^ 2])).rstrip(b"=").decode()
        wrong += [{**own, "y": other}, {**own, "y": ""}, {name: own[name] for name in ("kty", "crv", "x")}]
    for given in wrong:
        with pytest.raises(Malformed):
            from_jwk(given)
