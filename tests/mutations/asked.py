"""A request to verify a credential, and what a verifier says of it that takes libraries as they come: the negative control.

That verifier is plain PyLD, JSON read as Python reads it, every signature checked, and nothing else. It also signs what our own
code would refuse to sign.
"""

import copy
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pyld import jsonld  # type: ignore[import-untyped]

import schemas
from registry.credential.cryptosuites import EDDSA_RDFC_2022
from registry.encoding.base58 import base58, unbase58
from registry.keys import PublicKey, Signer, from_multikey
from tests.builders.stranger import KEY, MADE, draft, method, signed

Json = dict[str, Any]
Change = Callable[[Json], Any]


@dataclass(frozen=True)
class Ground:
    """What the requests are made of. `own`: a credential of the installation; `keys`: its methods; `status`: its status key."""

    own: Json
    keys: dict[str, PublicKey] = field(default_factory=dict)
    status: Signer = KEY

    def own_by(self, suite: str) -> Json:
        """Our credential under its one proof of that suite."""
        return {**self.own, "proof": [proof for proof in self.own["proof"] if proof["cryptosuite"] == suite]}


@dataclass(frozen=True)
class Asked:
    """One request. `document`: the credential, or the text of one; `naive`: whether a naive verifier accepts it, None: not asked.

    `verified`: for what is signed rightly and still may not be used; `options`: of the request.
    """

    name: str
    document: Json | str
    naive: bool | None = None
    verified: bool = False
    options: Json | None = None

    @property
    def body(self) -> bytes:
        """What is posted to the VC API."""
        options = "" if self.options is None else f', "options": {json.dumps(self.options)}'
        return f'{{"verifiableCredential": {self.text}{options}}}'.encode()

    @property
    def text(self) -> str:
        """The credential alone, as JSON."""
        return self.document if isinstance(self.document, str) else json.dumps(self.document, ensure_ascii=False)


def naively_verified(text: str, keys: dict[str, PublicKey]) -> bool:
    """What a verifier says that takes libraries as they come; `keys`: of did:web methods."""
    document = json.loads(text)
    proofs = document["proof"] if isinstance(document["proof"], list) else [document["proof"]]
    return all(_naively_holds(document, proof, keys) for proof in proofs)


def naively_signed(document: Json, signer: Signer = KEY) -> Json:
    """The document with an eddsa-rdfc-2022 proof over whatever plain PyLD makes of it."""
    options = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-rdfc-2022",
        "created": MADE,
        "verificationMethod": method(signer),
        "proofPurpose": "assertionMethod",
    }
    value = signer.sign(_naive_bytes(document, options))
    return {**document, "proof": [{**options, "proofValue": "z" + base58(value)}]}


def _naively_holds(document: Json, proof: Json, keys: dict[str, PublicKey]) -> bool:
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    key = keys.get(proof["verificationMethod"]) or from_multikey(proof["verificationMethod"].partition("#")[2])
    return key.is_signed(unbase58(proof["proofValue"][1:]), _naive_bytes(document, options))


def _naive_bytes(document: Json, options: Json) -> bytes:
    statement = {name: value for name, value in document.items() if name != "proof"}
    if "rdfc" in options["cryptosuite"]:
        parts = [_plain_pyld({**options, "@context": document["@context"]}), _plain_pyld(statement)]
    else:
        parts = [_plain_jcs(options), _plain_jcs(statement)]
    return b"".join(hashlib.sha256(part).digest() for part in parts)


def _plain_jcs(value: Json) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _plain_pyld(document: Json) -> bytes:
    options = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": _load}
    text: str = jsonld.normalize(document, options)
    return text.encode()


def _load(url: str, _options: Any) -> Json:
    name = "organization/v1" if url.endswith("organization/v1") else "credentials/v2"
    document = schemas.context_document(name)
    return {"contextUrl": None, "documentUrl": url, "document": copy.deepcopy(document), "tag": "static"}


def naively_signed_by(statement: Json, signer: Signer, by: str) -> Json:
    options = {**naively_signed(statement)["proof"][0], "verificationMethod": by}
    del options["proofValue"]
    value = signer.sign(_naive_bytes(statement, options))
    return {**statement, "proof": [{**options, "proofValue": "z" + base58(value)}]}


def subject(**members: Any) -> Change:
    """Adds to the (first) subject."""
    return lambda document: document["credentialSubject"].update(members)


def by_rdfc(**members: Any) -> Json:
    return signed(draft(**members), suites=(EDDSA_RDFC_2022,))


def unproven(document: Json) -> Json:
    return {**document, "proof": {**by_rdfc()["proof"][0], "proofValue": "z" + base58(b"\1" * 64)}}
