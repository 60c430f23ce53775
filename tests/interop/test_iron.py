"""Iron (Java: other authors, another JSON-LD processor, another canonicalizer) accepts our single-proof forms."""

from collections import Counter
from collections.abc import Callable

import pytest

from tests.builders.command import SOAK
from tests.builders.issued import COUNT, Issued
from tests.interop.peers import iron
from tests.mutations.tampering import WAYS, tampered

SUITES = ("eddsa-rdfc-2022", "ecdsa-rdfc-2019")
#: its ECDSA takes some 50 ms, twice a credential
ACCEPTED, TAMPERED = (COUNT, 3 * len(WAYS)) if SOAK else (COUNT // 4, len(WAYS))


@pytest.mark.parametrize("suite", SUITES)
def test_every_credential_is_accepted(issued_for: Callable[[str], Issued], suite: str) -> None:
    issued = issued_for(suite)
    answers = iron(suite, issued.documents, issued.with_one_proof(suite)[:ACCEPTED])
    assert Counter(answer.reason for answer in answers) == {None: ACCEPTED}


@pytest.mark.parametrize("suite", SUITES)
def test_every_tampered_credential_is_refused(issued_for: Callable[[str], Issued], suite: str) -> None:
    issued = issued_for(suite)
    ways, credentials = tampered(issued.with_one_proof(suite)[:TAMPERED], suite)
    answers = iron(suite, issued.documents, credentials)
    assert len(answers) == TAMPERED
    assert [way for way, answer in zip(ways, answers, strict=True) if answer.verified] == []
