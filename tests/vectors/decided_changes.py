"""What is changed in an evidence file, so that one reading of the published page is decided and no other.

`make_decided` judges each; `CREDENTIALS` and `PROOFS` speak of the credential, `FILES` of the file, `points` of curves.
"""

import base64
import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

from registry.encoding.base58 import base58, unbase58
from registry.encoding.jcs import jcs
from tests.mutations.bits import flip
from tests.vectors import handmade
from tests.vectors.handmade import signed

Json = dict[str, Any]
Change = Callable[[Json], Any]
#: name, base, the changed file (None: as it is), what the case has besides: members of the trust file, and `on`
Row = tuple[str, str, Json | None, Json]

# --- the credential: what is changed before it is signed again (its entry then commits to something else)


def _schema(text: str) -> Change:
    return lambda document: document["credentialSchema"].update(id=text)


def _at(member: str, text: str) -> Change:
    return lambda document: document.update({member: text})


ELSEWHERE, HERE = "https://elsewhere.example", handmade.IDENTITY.base_url
CREDENTIALS: tuple[tuple[Any, ...], ...] = (
    ("signed again", lambda _: None),
    ("a member that the schema does not know", lambda document: document.update(name="x")),
    ("another installation's schema", _schema(f"{ELSEWHERE}/schemas/organization/v1.json")),
    ("a schema of a name that is not ours", _schema(f"{HERE}/schemas/organization/v9.json")),
    ("no schema's address at all", _schema("urn:x:y")),
    (
        "another installation's schema, and a member that it does not know",
        lambda document: (document.update(name="x"), _schema(f"{ELSEWHERE}/schemas/organization/v1.json")(document)),
    ),
    ("another subject", lambda document: document["credentialSubject"].update(id=f"{HERE}/organizations/sample/BC2")),
    ("another number in the credential's id", _at("id", f"{HERE}/credentials/sample/BC0000002/1")),
    ("a credential's id that counts from 0", _at("id", f"{HERE}/credentials/sample/BC0000001/0")),
    ("a credential's id with a leading nought", _at("id", f"{HERE}/credentials/sample/BC0000001/01")),
    ("a credential's id of nine digits", _at("id", f"{HERE}/credentials/sample/BC0000001/999999999")),
    ("a credential's id of ten digits", _at("id", f"{HERE}/credentials/sample/BC0000001/1000000000")),
    ("a credential's id of another installation", _at("id", f"{ELSEWHERE}/credentials/sample/BC0000001/1")),
    ("signed by a key of lists", lambda _: None, "status-1"),
    ("signed by a key of credentials and by one of lists", lambda _: None, "credential-1", "status-1"),
    ("signed by keys of three kinds", lambda _: None, "credential-1", "credential-2", "credential-3"),
)


def without_proof(document: Json) -> Json:
    """The document without its proofs."""
    return {name: value for name, value in document.items() if name != "proof"}


def resigned(evidence: Json, change: Change, *keys: str) -> Json:
    """The file with its credential changed, and signed again by those keys."""
    document = copy.deepcopy(without_proof(evidence["credential"]))
    change(document)
    return {**evidence, "credential": signed(document, *(keys or ("credential-1",)))}


# --- its proofs: what is wrong with them, several faults at once


def bend_value(proof: Json) -> None:
    """Makes a signature wrong."""
    proof["proofValue"] = "z" + base58(flip(unbase58(proof["proofValue"][1:]), -3))


UNKNOWN = {"verificationMethod": f"{handmade.DID}#credential-9"}
BELL = {"legalName": "\x07"}
#: what is done to the credential and its two proofs, JCS first
PROOFS: dict[str, Callable[[Json, Json, Json], Any]] = {
    "an unknown key": lambda _, jcs_one, rdf: jcs_one.update(UNKNOWN),
    "an unknown key and an unknown suite": lambda _, jcs_one, rdf: jcs_one.update(UNKNOWN, cryptosuite="none-2026"),
    "an unknown key and another type": lambda _, jcs_one, rdf: jcs_one.update(UNKNOWN, type="Proof"),
    "an unknown key in a chain": lambda _, jcs_one, rdf: jcs_one.update(UNKNOWN, previousProof="urn:x:y"),
    "a wrong signature, then an unknown key": lambda _, jcs_one, rdf: (bend_value(jcs_one), rdf.update(UNKNOWN)),
    "an unknown key, then a wrong signature": lambda _, jcs_one, rdf: (jcs_one.update(UNKNOWN), bend_value(rdf)),
    "an unknown key, then no object": lambda document, jcs_one, rdf: (
        jcs_one.update(UNKNOWN), document.update(proof=[jcs_one, "x"]),
    ),
    "an unknown key in the first of nine": lambda document, jcs_one, rdf: (
        jcs_one.update(UNKNOWN), document.update(proof=[jcs_one] + [rdf] * 8),
    ),
    "no canonical form": lambda document, jcs_one, rdf: (
        document["credentialSubject"].update(BELL), document.update(proof=[rdf]),
    ),
    "no canonical form, and a value that is no base58": lambda document, jcs_one, rdf: (
        document["credentialSubject"].update(BELL), rdf.update(proofValue="z0"), document.update(proof=[rdf]),
    ),
    "no canonical form, and another purpose": lambda document, jcs_one, rdf: (
        document["credentialSubject"].update(BELL),
        rdf.update(proofPurpose="authentication"),
        document.update(proof=[rdf]),
    ),
    "no canonical form, and an unknown key": lambda document, jcs_one, rdf: (
        document["credentialSubject"].update(BELL), rdf.update(UNKNOWN), document.update(proof=[rdf]),
    ),
}  # fmt: skip


def bent(evidence: Json, act: Callable[[Json, Json, Json], Any]) -> Json:
    """The file with its credential and proofs changed."""
    changed = copy.deepcopy(evidence)
    act(changed["credential"], *changed["credential"]["proof"])
    return changed


def changed(evidence: Json, act: Change) -> Json:
    """The file changed."""
    changed = copy.deepcopy(evidence)
    act(changed)
    return changed


# --- the file


def _entry(**members: Any) -> Change:
    def act(evidence: Json) -> None:
        own = json.loads(base64.b64decode(evidence["entry"]))
        evidence["entry"] = base64.b64encode(jcs({**own, **members})).decode()

    return act


def _refers(below: int) -> Change:
    def act(evidence: Json) -> None:
        index = json.loads(base64.b64decode(evidence["entry"]))["index"]
        _entry(kind="supersede", refers=[index - below])(evidence)

    return act


def _created(text: str) -> Change:
    return lambda evidence: evidence["credential"]["proof"][1].update(created=text)


def _valid_from(text: str) -> Change:
    return lambda evidence: evidence["credential"].update(validFrom=text)


FILES: dict[str, Change] = {
    "an entry that refers to itself": _refers(0),
    "an entry that refers to the one before it": _refers(1),
    "later is null, and nothing came later": lambda evidence: evidence.update(later=None),
    "later is null, and latest is not of the organization": lambda evidence: (
        evidence.update(later=None), evidence["latest"].pop("organization"),
    ),
    "no later entries, and none are told": lambda evidence: evidence.update(later=[]),
    "the way up the map is another": lambda evidence: evidence["latest"]["organization"].update(path=""),
    "valid from sixty seconds ahead": _valid_from("2026-01-02T03:05:05Z"),
    "valid from sixty-one seconds ahead": _valid_from("2026-01-02T03:05:06Z"),
    "signed sixty-one seconds ahead": _created("2026-01-02T03:05:06Z"),
    "valid from 30 February": _valid_from("2021-02-30T00:00:00Z"),
    "valid from the year 0": _valid_from("0000-01-01T00:00:00Z"),
    "valid from a day": _valid_from("2021-02-03"),
    "valid from a time in another zone": _valid_from("2021-02-03T00:00:00+00:00"),
    "valid from a part of a second": _valid_from("2021-02-03T00:00:00.5Z"),
    "valid from ahead, and signed at no time": lambda evidence: (
        _valid_from("2026-01-02T03:05:06Z")(evidence), _created("x")(evidence),
    ),
    "valid from no time, and signed ahead": lambda evidence: (
        _valid_from("x")(evidence), _created("2026-01-02T03:05:06Z")(evidence),
    ),
}  # fmt: skip

# --- P-256 and P-384

ORDERS = {
    "P-256": 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    "P-384": int(
        "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973", 16
    ),
}


def points(bases: dict[str, str]) -> Iterator[Row]:
    """Signatures of curves: of the credential alone, which its entry does not commit to."""
    for kind, order in ORDERS.items():
        width = 32 if kind == "P-256" else 48
        for n, suite in enumerate(("ecdsa-jcs-2019", "ecdsa-rdfc-2019")):
            changed = json.loads(bases[kind])
            bend_value(changed["credential"]["proof"][n])
            yield f"{kind}, {suite}, a wrong signature", kind, changed, {}
        for name, act in (
            ("the other of two values of s", lambda r, s, n: (r, n - s)),
            ("an s that is not below the order", lambda r, s, n: (r, s + n)),
            ("an r of 0", lambda _, s, n: (0, s)),
        ):
            changed = json.loads(bases[kind])
            proof = changed["credential"]["proof"][0]
            value = unbase58(proof["proofValue"][1:])
            r, s = act(int.from_bytes(value[:width]), int.from_bytes(value[width:]), order)
            if max(r, s) < 1 << 8 * width:
                proof["proofValue"] = "z" + base58(r.to_bytes(width) + s.to_bytes(width))
                yield f"{kind}, {name}", kind, changed, {}
        for name, act in (
            ("a signature in DER", _in_der),
            ("a suite of Ed25519", lambda proof, _: proof.update(cryptosuite="eddsa-jcs-2022")),
            ("the suites in each other's place", lambda proof, _: proof.update(cryptosuite="ecdsa-rdfc-2019")),
            ("a byte before the signature", lambda proof, width: proof.update(
                proofValue="z1" + proof["proofValue"][1:]
            )),
        ):  # fmt: skip
            changed = json.loads(bases[kind])
            act(changed["credential"]["proof"][0], width)
            yield f"{kind}, {name}", kind, changed, {}
    changed = json.loads(bases["P-256"])
    changed["credential"]["proof"][0].update(verificationMethod=f"{handmade.DID}#credential-3")
    yield "P-256, a key of the other curve is named", "P-256", changed, {}


def _in_der(proof: Json, width: int) -> None:
    value = unbase58(proof["proofValue"][1:])
    numbers = b""
    for half in (value[:width], value[width:]):
        number = half.lstrip(b"\0")
        number = b"\0" + number if number[0] & 0x80 else number
        numbers += bytes([2, len(number)]) + number
    proof["proofValue"] = "z" + base58(bytes([0x30, len(numbers)]) + numbers)
