"""Ways to tamper with a signed credential, each in something that its proof covers whatever the cryptosuite.

Every one must be refused by every verifier, ours and others'; the untouched credential is the control.
"""

import copy
from collections.abc import Callable
from typing import Any

Document = dict[str, Any]


def _change_claim(credential: Document, _proof: Document) -> None:
    credential["credentialSubject"]["legalName"] += " II"


def _add_claim(credential: Document, _proof: Document) -> None:
    subject = credential["credentialSubject"]
    subject["names"] = [*subject["names"], {**subject["names"][0], "id": f"{credential['id']}#name-99"}]


def _remove_claim(credential: Document, _proof: Document) -> None:
    del credential["credentialSubject"]["entityType"]


def _change_subject(credential: Document, _proof: Document) -> None:
    credential["credentialSubject"]["id"] += "0"


def _add_type(credential: Document, _proof: Document) -> None:
    credential["type"] = [*credential["type"], "BitstringStatusListCredential"]


def _change_issuer(credential: Document, _proof: Document) -> None:
    credential["issuer"]["id"] += ":other"


def _rename_issuer(credential: Document, _proof: Document) -> None:
    credential["issuer"]["name"] += " (another)"


def _change_valid_from(credential: Document, _proof: Document) -> None:
    credential["validFrom"] = "2020-01-01T00:00:00Z"


def _move_status(credential: Document, _proof: Document) -> None:
    first = credential["credentialStatus"][0]
    first["statusListIndex"] = str((int(first["statusListIndex"]) + 1) % 131_072)


def _remove_status(credential: Document, _proof: Document) -> None:
    del credential["credentialStatus"]


def _remove_schema(credential: Document, _proof: Document) -> None:
    del credential["credentialSchema"]


def _change_created(_credential: Document, proof: Document) -> None:
    proof["created"] = "2026-01-02T03:04:06Z"


def _change_purpose(_credential: Document, proof: Document) -> None:
    proof["proofPurpose"] = "authentication"


def _change_method(_credential: Document, proof: Document) -> None:
    proof["verificationMethod"] = proof["verificationMethod"].replace("#credential-", "#status-")


def _change_value(_credential: Document, proof: Document) -> None:
    value = proof["proofValue"]
    proof["proofValue"] = value[:-1] + ("2" if value[-1] != "2" else "3")


def _remove_value(_credential: Document, proof: Document) -> None:
    del proof["proofValue"]


def _remove_proof(credential: Document, proof: Document) -> None:
    if isinstance(credential["proof"], list):
        credential["proof"] = [member for member in credential["proof"] if member is not proof]
    else:
        del credential["proof"]


def _unknown_suite(_credential: Document, proof: Document) -> None:
    proof["cryptosuite"] = "no-such-suite"


_WAYS: tuple[Callable[[Document, Document], None], ...] = (
    _change_claim,
    _add_claim,
    _remove_claim,
    _change_subject,
    _add_type,
    _change_issuer,
    _rename_issuer,
    _change_valid_from,
    _move_status,
    _remove_status,
    _remove_schema,
    _change_created,
    _change_purpose,
    _change_method,
    _change_value,
    _remove_value,
    _remove_proof,
    _unknown_suite,
)
#: what was done -> does it to (credential, its proof)
WAYS = {way.__name__.strip("_").replace("_", " "): way for way in _WAYS}


def proof_of(credential: Document, suite: str) -> Document:
    """The proof by that cryptosuite, of a credential with one proof or a set."""
    given = credential["proof"]
    return next(proof for proof in (given if isinstance(given, list) else [given]) if proof["cryptosuite"] == suite)


def tampered(credentials: list[Document], suite: str) -> tuple[list[str], list[Document]]:
    """A tampered copy of each credential, the ways taking turns, and what was done to each."""
    names = [list(WAYS)[number % len(WAYS)] for number in range(len(credentials))]
    copies = copy.deepcopy(credentials)
    for name, credential in zip(names, copies, strict=True):
        WAYS[name](credential, proof_of(credential, suite))
    return names, copies
