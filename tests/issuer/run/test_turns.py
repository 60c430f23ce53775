"""What cannot wait has its turn between two batches of a bulk issue, and the run goes on as if nobody had come."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from issuer.actions.standing import change_one, revocation, suspension
from issuer.run.batches import Run
from issuer.run.issue import issue
from registry.audit.audit import audit
from registry.encoding.jcs import jcs
from registry.errors import Conflict, LedgerDamaged
from registry.installation.office import Office
from registry.installation.sequencer import Sequencer
from registry.ledger.admission import Admission, Statement
from registry.ledger.clock import Clock
from registry.ledger.ledger import Ledger
from registry.ledger.publish import publish
from registry.verify.trust import parse
from tests.builders.command import NOW, surroundings
from tests.builders.ledger import extract, state

#: states of one organization each, so that some organizations stand in two batches
_STATES = [
    state(f"BC{100 + n // 3:07d}", f"LONG RUN {n} LTD.", str(1000 + n), f"20{10 + n % 3}-01-01") for n in range(900)
]


def running(office: Office, acts: Callable[[], None], *, waits: bool = False) -> list[Exception]:
    """Issues all of them; what `acts` does begins after the second batch, in another thread, and has ended with the run.

    `waits`: the run does not go on after the third batch until it has.
    """
    failed, commits = list[Exception](), list[int]()

    def act() -> None:
        try:
            acts()
        except Exception as error:
            failed.append(error)

    thread = threading.Thread(target=act)

    def committed(head: object) -> None:
        commits.append(1)
        if len(commits) == 2:
            thread.start()
            time.sleep(0.2)  # until it stands at the door
        if waits and len(commits) == 3:
            thread.join(60)

    issue(office, "table", extract(_STATES), replace(surroundings("run"), committed=committed))
    thread.join(60)
    return failed


def kinds(office: Office) -> list[str]:
    return [record.kind for record in office.reader.records(0, office.reader.size())]


def check_sound(office: Office) -> None:
    """The audit is clean, and each later state of an organization refers to the one before it."""
    publish(office.store, office.log_keys.signers)
    assert audit(office.store, parse(jcs(office.reader.trust())), lambda _done, _total: None).ok
    for n in range(300):
        first, *others = office.reader.organization("sample", f"BC{100 + n:07d}")
        assert len(others) == 2
        assert first.refers == ()
        for before, after in zip((first, *others), others, strict=False):
            assert after.refers == (before.index,)


@pytest.mark.parametrize("change", [revocation("court_order"), suspension("under_review")])
def test_a_revocation_does_not_wait_for_the_end_of_a_run(filled: Office, change: object) -> None:
    other, there = Office(filled.settings), filled.reader.size()

    def revoke() -> None:
        assert change_one(other, "sample", "BC0000002", 1, change, surroundings("revoke"), dry_run=False).head

    assert not running(filled, revoke)
    where = kinds(filled).index("status", there)
    assert there + 500 < where < filled.reader.size() - 256
    check_sound(filled)
    record = filled.reader.credential("sample", "BC0000002", 1)
    assert filled.reader.standing(record) in ("revoked", "suspended")


def test_notes_are_appended_between_the_batches_of_a_run(filled: Office) -> None:
    sequencer = Sequencer(Office(filled.settings), lambda: NOW, lambda error: pytest.fail(str(error)))

    def append() -> None:
        for _ in range(3):
            sequencer.submit([Admission(Statement("note", reason="hello"))] * 5).result(60)

    assert not running(filled, append)
    sequencer.close()
    assert kinds(filled).count("note") == 15
    assert kinds(filled)[-1] != "note"
    check_sound(filled)


def test_without_giving_way_it_waits_for_the_end(filled: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control."""
    monkeypatch.setattr(Office, "give_way", lambda _office: None)
    other = Office(filled.settings)
    change = revocation("court_order")
    assert not running(
        filled, lambda: change_one(other, "sample", "BC0000002", 1, change, surroundings("r"), dry_run=False)
    )
    assert kinds(filled)[-1] == "status"


def test_without_its_true_places_a_run_would_refer_to_others(filled: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: entries that refer to each other across somebody else's are counted anew."""
    monkeypatch.setattr(Run, "_actual", lambda _run, index: index)
    other = Office(filled.settings)
    change = revocation("court_order")
    running(filled, lambda: change_one(other, "sample", "BC0000002", 1, change, surroundings("r"), dry_run=False))
    with pytest.raises(AssertionError):
        check_sound(filled)


def test_everything_else_is_told_to_come_back(filled: Office) -> None:
    other = Office(filled.settings)

    def write() -> None:
        for gives_way in (False, True):
            with pytest.raises(Conflict) as refused, other.writing(gives_way=gives_way):
                pass
            assert refused.value.code == "busy"

    assert not running(filled, write, waits=True)
    check_sound(filled)


def test_a_run_does_not_go_on_behind_what_it_does_not_know(filled: Office, tmp_path: Path) -> None:
    """A credential of somebody else, or another store in its place: the run ends, what was committed stands."""
    other = Office(filled.settings)
    with filled.writing(gives_way=True) as ledger:
        filled._turns.give_way = lambda: True  # type: ignore[method-assign]
        known = Ledger(other.store, other.identity, other.log_keys.genesis.print(), other.seals, Clock(list))
        known.append([Admission(Statement("note", reason="hello"))], {}, NOW)
        filled.give_way()
        assert ledger.head == known.head
        Run(other, known, "sample", surroundings("other")).append(_one_more(other), 1)
        with pytest.raises(Conflict) as refused:
            filled.give_way()
        assert refused.value.code == "overtaken"
        ledger._frontier.hashes[-1] = bytes(32)
        ledger.head = replace(ledger.head, size=ledger.head.size)
        with pytest.raises(LedgerDamaged, match="does not continue"):
            filled.give_way()


def _one_more(office: Office) -> list[object]:
    from issuer.run.issue import _Planner
    from issuer.run.report import Report

    delivered = extract([state("BC0000050", "OTHER LTD.", "50", "2020-01-01")])
    with office.desk() as desk:
        report = Report("table", delivered)
        return list(_Planner(office, desk, delivered, report, surroundings("plan"), False).work())
