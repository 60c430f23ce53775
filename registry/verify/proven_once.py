"""What the files of one publication have in common is checked once.

Status lists, issuers' keys and the map's proofs are the same in every file of a publication. Each function is given all that its
answer depends on, as values, and sees nothing else; what fails is worked out each time (`encoding/remembered`).
"""

from dataclasses import dataclass
from typing import Any

import orjson

import schemas
from registry.credential import proof, status
from registry.credential.document import canonicalize_ours, check_schema, issuer_of, listed_proofs, text_at
from registry.encoding.base64url import base64url, unbase64url
from registry.encoding.remembered import remembered, remembered_values
from registry.errors import Malformed
from registry.keys import PublicKey
from registry.log import entry
from registry.log.merkle import check_inclusion, leaf_hash
from registry.verify.evidence import Logged
from registry.verify.latest import Newest
from registry.verify.trust import TrustedKey
from registry.verify.verdict import demand

LIST_TYPE = "BitstringStatusListCredential"
#: a list takes 16 KiB, one that a trusted issuer signed 1 MiB at most
_LISTS, _PLACES = 16, 512
_NO_KEY = "a proof's key does not stand in issuerKeys as the trust file gives it"


@dataclass(frozen=True, slots=True)
class Signer:
    """An issuer, known by the trust file's `keys`. `listed`: (id, Multikey) of its DID document; `context`: the URL of ours."""

    did: str | None
    keys: tuple[TrustedKey, ...]
    listed: tuple[tuple[str | None, str | None], ...]
    context: str

    def key(self, method: str, use: str) -> PublicKey | None:
        """The key of a verification method, where the trust file gives it for that use."""
        return next((key.public for key in self.keys if key.id == method and key.use == use), None)

    def check_listed(self, document: dict[str, Any]) -> None:
        """Each verification method of the document's proofs stands in issuerKeys with the key that the trust file gives."""
        listed = dict(self.listed)
        for candidate in listed_proofs(document):
            method = text_at(candidate, "verificationMethod") or ""
            multibase = next((key.multibase for key in self.keys if key.id == method), None)
            demand(multibase is not None and listed.get(method) == multibase, _NO_KEY)


@dataclass(frozen=True, slots=True)
class Place:
    """An entry in the tree of that size and root, as a proof shows it."""

    data: bytes
    index: int
    hashes: tuple[bytes, ...]
    size: int
    root: bytes


def place_of(logged: Logged, size: int, root: bytes) -> Place:
    """Where the proof of a logged document says that its entry is."""
    return Place(logged.entry_bytes, logged.proof.index, logged.proof.hashes, size, root)


def check_included(logged: Logged, size: int, root: bytes) -> None:
    """Untrue unless the entry is in the tree of that size and root."""
    demand(logged.proof.index == logged.entry.index, "the proof is of another index")
    _check_place(place_of(logged, size, root))


@remembered_values(_PLACES)
def _check_place(place: Place) -> None:
    check_inclusion(place.index, place.size, leaf_hash(place.data), place.hashes, place.root)


def check_commitment(logged: Logged, statement: bytes | None = None) -> None:
    """Untrue unless the entry commits to the document; `statement`: its JCS without the proof, where that was made already."""
    demand(logged.proof.index == logged.entry.index, "the proof is of another index")
    if statement is None:
        _demand_commits(_commitment(logged.salt, printed(logged.document)), logged.entry)
    else:
        _demand_commits(entry.commitment_to(logged.salt, statement), logged.entry)


@remembered(64)
def _commitment(salt: bytes, document: bytes) -> str:
    return entry.commitment(salt, orjson.loads(document))


def _demand_commits(commitment: str, own: entry.Entry) -> None:
    demand(commitment == own.commitment, "the entry commits to something else")


def printed(document: dict[str, Any]) -> bytes:
    """The document as bytes of which `orjson` gives it again: the strict reader has let nothing else in."""
    return orjson.dumps(document)


@remembered_values(64)
def check_newest(newest: Newest, root: bytes, key: bytes) -> None:
    """Untrue unless that is the newest entry under the key, in the map of that root."""
    newest.check(root, key)


def proven_list(logged: Logged, url: str, purpose: str, issuer: Signer, size: int, root: bytes) -> str:
    """The `encodedList` of the status list of that address and purpose: its form, proofs, entry and inclusion hold. Untrue."""
    place = place_of(logged, size, root)
    return _proven_list(printed(logged.document), logged.salt, place, url, purpose, issuer)


@remembered(_LISTS, 64 * 1024)
def _proven_list(data: bytes, salt: bytes, place: Place, url: str, purpose: str, issuer: Signer) -> str:
    document, list_entry = orjson.loads(data), entry.parse(place.data)
    check_schema("status-list/v1", document)
    demand(document["id"] == url, "the status list is another one")
    demand(document["credentialSubject"]["statusPurpose"] == purpose, "the status list has another purpose")
    demand(issuer_of(document) == issuer.did, "the status list is another issuer's")
    demand(document["@context"] == [schemas.CREDENTIALS_V2], "the status list's @context is not the pinned one")
    proof.check(document, lambda method: issuer.key(method, "status"), canonicalize_ours(issuer.context))
    issuer.check_listed(document)
    demand(place.index == list_entry.index, "the proof is of another index")
    _demand_commits(entry.commitment(salt, document), list_entry)
    demand(
        (list_entry.kind, list_entry.issuer, list_entry.type) == ("status", issuer.did, LIST_TYPE),
        "the status list's entry does not fit it",
    )
    _check_place(place)
    return str(document["credentialSubject"]["encodedList"])


@remembered(_LISTS, 64 * 1024)
def bits_of(encoded: str) -> bytes:
    """The bits of a list that was proven. Malformed, as `status.decode`, and where it is not the one base64url of its bytes."""
    bits = status.decode(encoded)
    if "u" + base64url(unbase64url(encoded[1:])) != encoded:
        raise Malformed("status_list", "encodedList is not gzip in base64url")
    return bits
