"""A batch holds only what its register's issuer speaks for; what it does not is never signed."""

from dataclasses import replace

import pytest

from issuer.run import held
from issuer.run.issue import issue
from issuer.signing import workers
from issuer.signing.issuer import open_issuer
from issuer.signing.workers import Batch
from issuer.timeline import draft
from issuer.timeline.changes import Extract
from issuer.timeline.draft import Numbered
from registry.encoding.jcs import jcs
from registry.errors import Refused, Untrue
from registry.installation.office import Office
from registry.ledger import ledger
from schemas.organization import State
from tests.builders.command import NOW, surroundings
from tests.builders.ledger import extract, state
from tests.builders.mirror import audited
from tests.builders.permits import IN_FORCE, permits

#: each with codes of its register, so that nothing but its type is wrong
PERMIT_OF_THE_SAMPLE = replace(IN_FORCE, register="sample", number="BC0000007", entity_type="BC", register_status="ACT")
ORGANIZATION_OF_PERMITS = replace(
    state("P-0007", "NO PERMIT LTD.", "7", "2020-01-01"), register="permits", entity_type="KELP", register_status="INF"
)
WRONG = {"sample": PERMIT_OF_THE_SAMPLE, "permits": ORGANIZATION_OF_PERMITS}


def delivery(register: str, wrong: State) -> Extract:
    return extract([wrong]) if register == "sample" else permits([wrong])


@pytest.mark.parametrize("register", WRONG)
def test_what_an_issuer_does_not_speak_for_is_held_and_never_signed(filled: Office, register: str) -> None:
    size = filled.reader.size()
    report = issue(filled, "table", delivery(register, WRONG[register]), surroundings())
    with filled.desk() as desk:
        waiting = held.find(desk, register, WRONG[register].number)
    assert (report.issued, waiting and waiting.code) == (0, "issuer_type")
    assert filled.reader.size() == size
    signer = open_issuer(filled, register, surroundings().random).batch_signer()
    with pytest.raises(Refused, match="does not speak for"):
        signer.sign(Batch([Numbered(WRONG[register], 1, (), 0)], NOW))


@pytest.mark.parametrize("register", WRONG)
def test_control_each_guard_holds_when_those_before_it_are_gone(
    filled: Office, register: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Judged, signed, admitted: without the first two the ledger refuses, without it the audit and every verifier tell."""
    issue(filled, "table", permits(), surroundings("permits"))
    monkeypatch.setattr(draft, "judge", _unjudged)
    monkeypatch.setattr("issuer.timeline.plan.judge", _unjudged)
    with pytest.raises(Refused, match="does not speak for"):
        issue(filled, "table", delivery(register, WRONG[register]), surroundings("wrong"))
    monkeypatch.setattr(workers, "_check_type", lambda numbered: None)
    with pytest.raises(Untrue, match="does not speak for"):
        issue(filled, "table", delivery(register, WRONG[register]), surroundings("wrong"))
    assert audited(filled).ok
    monkeypatch.setattr(ledger, "_check_type", lambda document, stated: None)
    assert issue(filled, "table", delivery(register, WRONG[register]), surroundings("wrong")).issued == 1
    bad = audited(filled).first_bad
    assert bad is not None
    assert "does not speak for" in bad[1]
    monkeypatch.setattr("registry.audit.documents.DocumentAudit._check_type", lambda self, logged: None)
    assert audited(filled).first_bad is None, "that is the check which tells"


def _unjudged(of: State) -> draft.Judged:
    return draft.Judged(jcs(of.number).ljust(32, b" "), None)
