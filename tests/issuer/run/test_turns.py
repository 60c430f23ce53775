"""What cannot wait has its turn between two batches of a bulk issue, and the run goes on as if nobody had come."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from issuer.actions.correction import correct
from issuer.actions.erasure import erase
from issuer.actions.keys import compromise, rotate
from issuer.actions.standing import change_one, revocation, suspension
from issuer.run.batches import Run
from issuer.run.issue import issue
from registry.audit.audit import audit
from registry.encoding.jcs import jcs
from registry.errors import Conflict, LedgerDamaged
from registry.installation.locks import is_locked
from registry.installation.office import Office
from registry.installation.sequencer import Sequencer
from registry.ledger import ledger as ledger_module
from registry.ledger.admission import Admission, Statement
from registry.ledger.clock import Clock
from registry.ledger.ledger import Ledger
from registry.ledger.publish import publish
from registry.verify.trust import parse
from schemas.organization import State
from tests.builders.command import NOW, surroundings
from tests.builders.ledger import extract, state

#: states of one organization each, so that some organizations stand in two batches
_STATES = [
    state(f"BC{100 + n // 3:07d}", f"LONG RUN {n} LTD.", str(1000 + n), f"20{10 + n % 3}-01-01") for n in range(900)
]


def running(
    office: Office, acts: Callable[[], None], states: list[State] = _STATES, *, waits: bool = False
) -> list[Exception]:
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
            until = time.monotonic() + 20
            while thread.is_alive() and not is_locked(office.settings.data / "door.lock") and time.monotonic() < until:
                time.sleep(0.01)
        if waits and len(commits) == 3:
            thread.join(60)

    issue(office, "table", extract(states), replace(surroundings("run"), committed=committed))
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


def erasing(office: Office, number: str) -> Callable[[], None]:
    def act() -> None:
        erase(office, "sample", number, "court_order", surroundings("erase"), dry_run=False)

    return act


def numbers_after(office: Office, kind: str) -> set[str | None]:
    """The organizations that got an entry behind the first one of that kind which the run did not make."""
    records = list(office.reader.records(0, office.reader.size()))
    first = next(record.index for record in reversed(records) if record.kind == kind)
    return {record.number for record in records[first:] if record.n is not None}


def test_an_erasure_has_its_turn_and_the_run_ends_behind_it(filled: Office) -> None:
    issue(filled, "table", extract(_STATES[-3:-2]), surroundings("before"))
    other, there = Office(filled.settings), filled.reader.size()
    with pytest.raises(Conflict) as ended:
        running(filled, erasing(other, "BC0000399"))
    assert ended.value.code == "overtaken"
    assert there + 250 < filled.reader.size() < there + 900
    assert kinds(filled)[-1] == "erase"
    issue(filled, "table", extract(_STATES), surroundings("again"))
    assert "BC0000399" not in numbers_after(filled, "erase")
    assert len(filled.reader.organization("sample", "BC0000398")) == 3
    publish(filled.store, filled.log_keys.signers)
    assert audit(filled.store, parse(jcs(filled.reader.trust())), lambda _done, _total: None).ok


def test_control_a_run_that_went_on_would_issue_what_was_erased(
    filled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_module, "COME_BETWEEN", ("status", "note", "erase"))
    issue(filled, "table", extract(_STATES[-3:-2]), surroundings("before"))
    other = Office(filled.settings)
    assert not running(filled, erasing(other, "BC0000399"))
    assert "BC0000399" in numbers_after(filled, "erase")


def test_a_stolen_key_is_replaced_between_two_batches_and_signs_nothing_more(filled: Office) -> None:
    other, since = Office(filled.settings), datetime(2020, 1, 1, tzinfo=UTC)

    def disown() -> None:
        compromise(other, "sample", "credential-1", since, surroundings("theft"), reissue=False, dry_run=False)

    with pytest.raises(Conflict) as ended:
        running(filled, disown)
    assert ended.value.code == "overtaken"
    named = max(n for n, kind in enumerate(kinds(filled)) if kind == "key")
    assert numbers_after(filled, "key") == set()
    issue(filled, "table", extract(_STATES), surroundings("again"))
    assert len(numbers_after(filled, "key")) > 50
    with filled.records() as records:
        keys = {records.entry(n).key for n in range(named, records.head.size) if records.entry(n).kind == "supersede"}
    assert {key.partition("#")[2] for key in keys if key} == {"credential-2"}
    check_sound(filled)


def test_what_may_not_come_between_is_refused_at_once(filled: Office) -> None:
    other, took = Office(filled.settings), list[float]()

    def act() -> None:
        for refused in (
            lambda: rotate(other, "sample", "credential", surroundings("rotate")),
            lambda: correct(
                other,
                "sample",
                "BC0000002",
                {"legal-name": "X LTD."},
                "clerical_error",
                "me",
                surroundings(),
                dry_run=False,
            ),
        ):
            start = time.monotonic()
            with pytest.raises(Conflict, match="may not come between its batches"):
                refused()
            took.append(time.monotonic() - start)

    assert not running(filled, act, waits=True)
    assert max(took) < 10
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
