"""Requests that fall into the other pitfalls of verifiers: places, purposes, proofs, moments, and the JSON itself.

VC Data Integrity 1.0, section 5. Each function gives the requests of one pitfall, and says where a naive verifier accepts them
(`asked`).
"""

import json
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

import schemas
from registry.credential.cryptosuites import ECDSA_JCS_2019, EDDSA_JCS_2022
from registry.encoding.base58 import base58, unbase58
from tests.builders.stranger import OTHER_KEY, P256_KEY, altered, draft, signed, signed_with
from tests.mutations.asked import (
    Asked,
    Change,
    Ground,
    Json,
    by_rdfc,
    naively_signed,
    naively_signed_by,
    subject,
    unproven,
)
from tests.mutations.bits import plus_order

INSIDE = "https://metadata.stranger.example/latest"
#: of the group of P-256
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def elsewhere(_: Ground) -> list[Asked]:
    """What would lead a verifier into its own network."""
    web = "did:web:metadata.stranger.example"
    local = ("http://127.0.0.1/", "file:///etc/passwd", "https://[::1]/", "https://169.254.169.254/latest", INSIDE)
    return [
        *(Asked(url, altered(by_rdfc(), lambda copy, url=url: copy["@context"].append(url))) for url in local),
        Asked("did:web", signed(draft(issuer=web), by=f"{web}#key-1")),
        Asked("did:web of an address", signed(draft(issuer="did:web:127.0.0.1"), by="did:web:127.0.0.1#key-1")),
        Asked("did:web with a port", signed(draft(issuer="did:web:localhost%3A80"), by="did:web:localhost%3A80#k")),
        Asked("related", signed(draft(relatedResource={"id": INSIDE, "digestSRI": "sha256-AA=="}))),
    ]


def expanding(_: Ground) -> list[Asked]:
    """Small or large, and dear to read."""
    inner: Any = {"a": "urn:x:a"}
    for _n in range(50):
        inner = {"a": {"@id": "urn:x:a", "@context": inner}}
    deep: Any = "x"
    for _n in range(60):
        deep = [deep]
    many = [{"id": f"urn:x:{n}"} for n in range(6000)]
    text = json.dumps(by_rdfc())
    return [
        Asked("contexts in contexts", unproven({**draft(), "@context": [schemas.CREDENTIALS_V2, inner]})),
        Asked("many contexts", unproven({**draft(), "@context": [schemas.CREDENTIALS_V2] * 2000})),
        Asked("wide", unproven(draft(credentialSubject=many))),
        Asked("one array", unproven(draft(credentialSubject={"id": "urn:x:s", "name": [f"{n}" for n in range(4900)]}))),
        Asked("deep", unproven(draft(credentialSubject={"id": "urn:x:s", "urn:x:p": deep}))),
        Asked("deeper than JSON may be", text.replace('"Somebody"', "[" * 5000 + "]" * 5000)),
        Asked("too many values", text.replace('"Somebody"', "[" + "1," * 110_000 + "1]")),
        Asked("too large", text.replace("Somebody", "x" * 300_000)),
    ]


def purposes(ground: Ground) -> list[Asked]:
    """Proofs made for something else, or by somebody else."""
    login = signed(draft(), purpose="authentication")
    own, (vm, _) = ground.own, ground.own["proof"][0]["verificationMethod"].split("#")
    replayed = altered(login, lambda copy: [proof.update(proofPurpose="assertionMethod") for proof in copy["proof"]])
    statement = {name: value for name, value in own.items() if name != "proof"}
    return [
        Asked("authentication", login, naive=True),
        Asked("authentication called assertion", replayed, naive=False),
        Asked("key of another DID", signed(draft(), OTHER_KEY), naive=True),
        Asked("own, a stranger's key", naively_signed(statement), naive=True),
        Asked("own, status key", naively_signed_by(statement, ground.status, f"{vm}#status-1"), naive=True),
    ]


def several(ground: Ground) -> list[Asked]:
    """Good proofs beside bad ones."""
    good = signed(draft())
    spoilt = base58(b"\1" * 64)
    changes: dict[str, Change] = {
        "one bad": lambda copy: copy["proof"][1].update(proofValue=f"z{spoilt}"),
        "unknown suite": lambda copy: copy["proof"].append({**copy["proof"][0], "cryptosuite": "bbs-2023"}),
        "unknown type": lambda copy: copy["proof"].append({**copy["proof"][0], "type": "Ed25519Signature2020"}),
        "nine": lambda copy: copy.update(proof=copy["proof"] * 5),
        "a chain to nothing": lambda copy: copy["proof"][0].update(previousProof="urn:uuid:1"),
        "none": lambda copy: copy.update(proof=[]),
        "no object": lambda copy: copy["proof"].append("x"),
    }
    stranger = naively_signed({name: value for name, value in ground.own.items() if name != "proof"})["proof"]
    return [
        *(Asked(name, altered(good, change)) for name, change in changes.items()),
        *(Asked(f"own {name}", altered(ground.own, change)) for name, change in changes.items()),
        Asked("own and a stranger's", {**ground.own, "proof": [*ground.own["proof"], *stranger]}, naive=True),
    ]


def moments(_: Ground) -> list[Asked]:
    """Too early, too late, or no moment."""
    future, past = "2999-01-01T00:00:00Z", "2001-01-01T00:00:00Z"
    return [
        Asked("created in the future", signed_with(draft(), {"created": future}), naive=True),
        Asked("expired", signed_with(draft(), {"expires": past}), naive=True),
        Asked("not yet valid", signed(draft(validFrom=future)), naive=True, verified=True),
        Asked("no longer valid", signed(draft(validFrom=None, validUntil=past)), naive=True, verified=True),
        Asked("naive validFrom", signed(draft(validFrom="2026-01-01T00:00:00")), naive=True),
        Asked("no day of the calendar", signed(draft(validFrom="2026-02-30T00:00:00Z")), naive=True),
        Asked("created is no moment", signed_with(draft(), {"created": "yesterday"}), naive=True),
    ]


def twice(ground: Ground) -> list[Asked]:
    """Members that two readers read differently."""
    foreign = json.dumps(by_rdfc())
    own = json.dumps(ground.own, ensure_ascii=False)
    status = '"registrationStatus": "Active"'
    return [
        Asked("subject", foreign.replace('"name": "Somebody"', '"name": "EVIL", "name": "Somebody"'), naive=True),
        Asked("top", foreign.replace('"issuer":', '"issuer": "did:example:evil", "issuer":'), naive=True),
        Asked("escaped", foreign.replace('"name": "Somebody"', '"nam\\u0065": "EVIL", "name": "Somebody"'), naive=True),
        Asked("own", own.replace(status, f'"registrationStatus": "Dissolved", {status}'), naive=True),
    ]


def numbers(_: Ground) -> list[Asked]:
    """Numbers that two readers read differently."""

    def counted(n: int) -> str:
        return json.dumps(naively_signed(draft(credentialSubject={"id": "urn:x:s", "urn:x:n": n})))

    spelled = [
        ("1.0", 1),
        ("1e0", 1),
        ("9007199254740993", 2**53 + 1),
        ("1e21", 1),
        ("NaN", 1),
        ("-0", 0),
        ("1E400", 1),
    ]
    return [
        Asked(text, counted(n).replace(f'"urn:x:n": {n}', f'"urn:x:n": {text}'), naive=True if text == "1.0" else None)
        for text, n in spelled
    ]


def forms(_: Ground) -> list[Asked]:
    """Signatures in another form."""
    eddsa = signed(draft(), suites=(EDDSA_JCS_2022,))
    ecdsa = signed(draft(P256_KEY), P256_KEY, suites=(ECDSA_JCS_2019,))

    def with_value(document: Json, change: Callable[[bytes], bytes], write: Callable[[bytes], str]) -> Json:
        value = unbase58(document["proof"][0]["proofValue"][1:])
        return altered(document, lambda copy: copy["proof"][0].update(proofValue=write(change(value))))

    def z(value: bytes) -> str:
        return "z" + base58(value)

    def der(value: bytes) -> bytes:
        return encode_dss_signature(*(int.from_bytes(half, "big") for half in (value[:32], value[32:])))

    return [
        Asked("DER", with_value(ecdsa, der, z)),
        Asked("S above the order", with_value(eddsa, plus_order, z)),
        Asked("leading zero", with_value(eddsa, lambda value: value, lambda value: "z1" + base58(value))),
        Asked("zero bytes after it", with_value(eddsa, lambda value: value + b"\0", z)),
        Asked("no base", with_value(eddsa, lambda value: value, base58)),
        Asked("hexadecimal", with_value(eddsa, lambda value: value, lambda value: "f" + value.hex())),
        Asked("zeros", with_value(ecdsa, lambda _value: bytes(64), z)),
        Asked("nothing", with_value(eddsa, lambda _value: b"", z)),
    ]


def other_half(document: Json) -> Json:
    """An ECDSA-signed document whose signature has the other s, which holds just as well."""
    signature = unbase58(document["proof"][0]["proofValue"][1:])
    s = P256_ORDER - int.from_bytes(signature[32:], "big")
    return altered(
        document, lambda it: it["proof"][0].update(proofValue="z" + base58(signature[:32] + s.to_bytes(32, "big")))
    )


def leaks(ground: Ground) -> list[Asked]:
    """Long texts that errors might repeat."""
    long, foreign = "x" * 5000, by_rdfc()
    changes: dict[str, Change] = {
        "context": lambda copy: copy["@context"].append(f"https://stranger.example/{long}"),
        "term": subject(**{long: "x"}),
        "iri": subject(id=f"urn:x:{long} y"),
        "language": subject(name={"@value": "x", "@language": long + " "}),
        "type": lambda copy: copy["type"].append(long),
        "suite": lambda copy: copy["proof"][0].update(cryptosuite=long),
        "method": lambda copy: copy["proof"][0].update(verificationMethod=f"did:web:{long}#x"),
        "no method": lambda copy: copy["proof"][0].update(verificationMethod=long),
        "chain": lambda copy: copy["proof"][0].update(previousProof=long),
        "created": lambda copy: copy["proof"][0].update(created=long),
        "validFrom": lambda copy: copy.update(validFrom=long),
        "id": lambda copy: copy.update(id=f"{copy['id']}/{long}"),
        "keyword": subject(**{f"@{long}": "x"}),
        "text for an object": lambda copy: copy.update(credentialSubject=long),
    }
    text = json.dumps(foreign)
    return [
        *(Asked(name, altered(foreign, change)) for name, change in changes.items()),
        *(Asked(f"own {name}", altered(ground.own, change)) for name, change in changes.items()),
        Asked("member twice", text.replace('"name": "Somebody"', f'"{long}": 1, "{long}": 2')),
        Asked("number", text.replace('"Somebody"', f"1.{'1' * 5000}")),
        Asked("integer", text.replace('"Somebody"', "1" * 5000)),
        Asked("no JSON", long),
        Asked("option", foreign, options={long: 1}),
    ]
