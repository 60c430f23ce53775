"""The signed test vectors of the W3C specifications verify, and do not once anything in them is changed."""

import copy
import json
import os
from pathlib import Path
from typing import Any

import pytest

from registry.credential import proof, rdf
from schemas import CREDENTIALS_V2, context_document
from tests.builders.issued import key_of

HERE = Path(__file__).parent / "w3c"
EXAMPLES_V2 = "https://www.w3.org/ns/credentials/examples/v2"
COMMITTED = sorted(HERE.glob("*.json"))
#: below the folder of a specification's checkout: every credential that is signed with one of our suites
IN_CHECKOUTS = {
    "vc-di-eddsa/TestVectors/eddsa-jcs-2022/signedJCS.json": 1,
    "vc-di-eddsa/TestVectors/eddsa-rdfc-2022/signedDataInt.json": 1,
    "vc-di-eddsa/TestVectors/proof-set-chain/signedProofSet1.json": 1,
    "vc-di-eddsa/TestVectors/proof-set-chain/signedProofSet2.json": 2,
    "vc-di-eddsa/TestVectors/proof-set-chain/signedProofChain1.json": 3,
    "vc-di-eddsa/TestVectors/proof-set-chain/signedProofChain2.json": 4,
    "vc-di-ecdsa/TestVectors/ecdsa-jcs-2019-p256/signedJCSECDSAP256.json": 1,
    "vc-di-ecdsa/TestVectors/ecdsa-jcs-2019-p384/signedJCSECDSAP384.json": 1,
    "vc-di-ecdsa/TestVectors/ecdsa-rdfc-2019-p256/signedECDSAP256.json": 1,
    "vc-di-ecdsa/TestVectors/ecdsa-rdfc-2019-p384/signedECDSAP384.json": 1,
}
CANONICALIZE = rdf.canonicalizer(
    {
        CREDENTIALS_V2: context_document("credentials/v2"),
        EXAMPLES_V2: json.loads((HERE / "credentials-examples-v2.jsonld").read_text("utf-8")),
    }
)


def reasons(credential: dict[str, Any]) -> list[str | None]:
    return proof.check_each(credential, key_of, CANONICALIZE)


def check_vector(credential: dict[str, Any], proofs: int) -> None:
    """All proofs hold; with a claim, or a proof's `created`, changed none of those that sign it does."""
    assert reasons(credential) == [None] * proofs
    changed = copy.deepcopy(credential)
    changed["credentialSubject"]["alumniOf"] += " and Counterexamples"
    assert None not in reasons(changed)
    changed = copy.deepcopy(credential)
    for options in changed["proof"] if isinstance(changed["proof"], list) else [changed["proof"]]:
        options["created"] = "2023-02-24T23:36:39Z"
    assert None not in reasons(changed)


@pytest.mark.parametrize("path", COMMITTED, ids=lambda path: path.stem)
def test_a_committed_vector_verifies(path: Path) -> None:
    check_vector(json.loads(path.read_text("utf-8")), 1)


def test_there_are_committed_vectors() -> None:
    assert len(COMMITTED) == 3


@pytest.mark.parametrize(("path", "proofs"), IN_CHECKOUTS.items(), ids=IN_CHECKOUTS)
def test_a_vector_of_a_checkout_verifies(path: str, proofs: int) -> None:
    folder = os.environ.get("W3C_SUITES")
    if not folder:
        pytest.skip("W3C_SUITES names no folder with checkouts of the specifications: not proven here")
    check_vector(json.loads((Path(folder) / path).read_text("utf-8")), proofs)


def test_a_link_taken_out_of_a_chain_is_noticed() -> None:
    folder = os.environ.get("W3C_SUITES")
    if not folder:
        pytest.skip("W3C_SUITES names no folder with checkouts of the specifications: not proven here")
    path = Path(folder) / "vc-di-eddsa/TestVectors/proof-set-chain/signedProofChain2.json"
    credential = json.loads(path.read_text("utf-8"))
    del credential["proof"][0]
    assert [reason is None for reason in reasons(credential)] == [True, False, True]
