"""openvc-core (PyPI) accepts what we issue, one proof at a time, and refuses what was tampered with.

Its whole pipeline is asked: key by DID document, issuer bound to the key, proof, validity, both status lists.
"""

from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from openvc.did.base import DidDocument, DidResolverRegistry, parse_did_document
from openvc.errors import OpenvcError
from openvc.verify import VerificationPolicy, verify_credential

from tests.builders.command import SOAK
from tests.builders.issued import COUNT, Issued, single_proof
from tests.mutations.tampering import tampered

#: how many credentials: its context validation takes some 50 ms each
FEW = COUNT if SOAK else COUNT // 8
SUITES = {"eddsa-jcs-2022": COUNT, "eddsa-rdfc-2022": FEW, "ecdsa-jcs-2019": COUNT, "ecdsa-rdfc-2019": FEW}
POLICY = VerificationPolicy(require_status_issuer_binding=True)


class _Documents:
    """Resolves the DIDs of the documents that are there, and no other."""

    def __init__(self, documents: dict[str, dict[str, Any]]) -> None:
        self._documents = documents

    def supports(self, did: str) -> bool:
        return did in self._documents

    def resolve(self, did: str) -> DidDocument:
        return parse_did_document(self._documents[did])


def openvc(suite: str, issued: Issued, credentials: list[dict[str, Any]]) -> list[str | None]:
    """Why it refuses each credential, None where it accepts."""
    resolver = DidResolverRegistry([_Documents(issued.documents)])

    def verify(credential: dict[str, Any], **more: Any) -> Any:
        return verify_credential(credential, policy=POLICY, resolver=resolver, extra_contexts=issued.contexts, **more)

    @cache
    def verified_list(url: str) -> Any:
        return verify(single_proof(issued.documents[url], suite)).credential

    answers: list[str | None] = []
    for credential in credentials:
        try:
            verify(credential, resolve_status_list=verified_list)
        except OpenvcError as error:
            answers.append(f"{type(error).__name__}: {error}")
        else:
            answers.append(None)
    return answers


@pytest.mark.parametrize("suite", SUITES)
def test_every_credential_is_accepted(issued_for: Callable[[str], Issued], suite: str) -> None:
    issued = issued_for(suite)
    answers = openvc(suite, issued, issued.with_one_proof(suite)[: SUITES[suite]])
    assert Counter(answers) == {None: SUITES[suite]}


@pytest.mark.parametrize("suite", SUITES)
def test_every_tampered_credential_is_refused(issued_for: Callable[[str], Issued], suite: str) -> None:
    issued = issued_for(suite)
    ways, credentials = tampered(issued.with_one_proof(suite), suite)
    answers = openvc(suite, issued, credentials)
    assert [way for way, reason in zip(ways, answers, strict=True) if reason is None] == []
