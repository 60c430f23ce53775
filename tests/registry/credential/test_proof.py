"""Signing in batches: the same proofs as one by one, whatever the documents share; and what a check gives."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from registry.credential import proof
from registry.credential.cryptosuites import SUITES
from registry.credential.rdf import canonicalizer
from registry.errors import Untrue
from registry.keys import EcdsaKey, Signer, SigningKey
from registry.log import entry
from tests.mutations.rdf_records import CONTEXTS, CREATED, documents, registration, revocations

METHOD = "did:web:localhost%3A8000:issuers:sample#credential-1"
CANONICALIZE = canonicalizer(CONTEXTS)


def mixed() -> Iterator[dict[str, Any]]:
    """Documents whose `@context` changes from one to the next."""
    for pair in zip(documents(registration, 10, "mixed"), documents(revocations, 10, "mixed"), strict=True):
        yield from pair


@pytest.mark.parametrize("signer", [SigningKey(bytes(32)), EcdsaKey("P-256", b"\1" * 32)], ids=["Ed25519", "P-256"])
def test_a_stamp_signs_a_batch_as_its_documents_one_by_one(signer: Signer) -> None:
    stamp = proof.Stamp(signer, METHOD, CREATED, CANONICALIZE)
    for document in mixed():
        signed = stamp.sign(document)
        assert signed == proof.sign(document, signer, METHOD, CREATED, CANONICALIZE)
        for stamped in signed["proof"]:
            options = {name: value for name, value in stamped.items() if name != "proofValue"}
            message = SUITES[stamped["cryptosuite"]].signed_bytes(options, document, signer.public.kind, CANONICALIZE)
            assert stamped["proofValue"] == "z" + proof.base58(signer.sign(message))
        proof.check(signed, {METHOD: signer.public}.get, CANONICALIZE)


def test_a_stamp_notices_a_context_that_is_changed_in_place() -> None:
    signer = SigningKey(bytes(32))
    stamp = proof.Stamp(signer, METHOD, CREATED, CANONICALIZE)
    document = next(documents(revocations, 1, "changed"))
    first = copy.deepcopy(stamp.sign(document))
    document["@context"].extend(url for url in CONTEXTS if url not in document["@context"])
    second = stamp.sign(document)
    assert second["proof"] != first["proof"]
    for signed in (first, second):
        proof.check(signed, {METHOD: signer.public}.get, CANONICALIZE)


def test_what_was_checked_is_what_the_commitment_is_made_of() -> None:
    signer = SigningKey(bytes(32))
    document = next(documents(registration, 1, "checked"))
    signed = proof.sign(document, signer, METHOD, CREATED, CANONICALIZE)
    statement = proof.check(signed, {METHOD: signer.public}.get, CANONICALIZE)
    assert statement.members == document
    assert entry.commitment_to(bytes(32), statement.jcs) == entry.commitment(bytes(32), signed)
    with pytest.raises(Untrue):
        proof.check({**signed, "validFrom": "2020-01-01T00:00:00Z"}, {METHOD: signer.public}.get, CANONICALIZE)
