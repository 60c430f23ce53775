"""Somebody with a DID, who shows control of it."""

from typing import Any

import schemas
from registry.credential import proof
from registry.credential.rdf import canonicalizer
from registry.foreign.verify import BUNDLED
from registry.keys import Signer, SigningKey, multikey

HOLDER = SigningKey(b"\x07" * 32)
DID = f"did:key:{multikey(HOLDER.public)}"


def presentation(challenge: str, domain: str, *, signer: Signer = HOLDER, holder: str = DID) -> dict[str, Any]:
    document = {
        "@context": [schemas.CREDENTIALS_V2],
        "type": ["VerifiablePresentation"],
        "holder": holder,
    }
    key = multikey(signer.public)
    options = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-rdfc-2022",
        "created": "2026-01-02T03:04:05Z",
        "verificationMethod": f"did:key:{key}#{key}",
        "proofPurpose": "authentication",
        "challenge": challenge,
        "domain": domain,
    }
    suite = proof.SUITES["eddsa-rdfc-2022"]
    value = signer.sign(suite.signed_bytes(options, document, signer.public.kind, canonicalizer(BUNDLED)))
    return {**document, "proof": {**options, "proofValue": "z" + proof.base58(value)}}
