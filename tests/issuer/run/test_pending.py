"""Filings of later days wait, and are issued on their day: by the register's own calendar, once, whatever comes in between."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from issuer.actions import standing
from issuer.actions.withdrawal import revoke_all
from issuer.run import held, pending
from issuer.run.approve import approve
from issuer.run.days import local_day
from issuer.run.issue import issue
from issuer.run.report import Report
from issuer.timeline.changes import Change, Dossier, Extract, InputFile, Row
from registry.installation.office import Office
from schemas.organization import State
from tests.builders.command import surroundings
from tests.builders.ledger import state

NUMBER = "BC0000001"
NOW = state(NUMBER, "NOW LTD.", "1", "2020-01-02")
LATER = state(NUMBER, "LATER LTD.", "2", "2026-02-03")


def extract_of(states: Iterable[State], withdrawn: frozenset[str] = frozenset()) -> Extract:
    """A row for each state, all of one organization."""
    changes = []
    for n, claimed in enumerate(states):
        assert claimed.event is not None
        event = claimed.event.id or ""
        order = (claimed.event.effective, int(event))
        changes.append(Change("sample", NUMBER, event, order, claimed, rows=(Row(0, n, n + 2),)))
    rows = tuple(row for change in changes for row in change.rows)
    dossier = Dossier("sample", NUMBER, rows, tuple(changes), withdrawn=withdrawn)
    return Extract("sample", [InputFile("extract.csv", len(rows))], [dossier], [])


NOTHING = Extract("sample", [], (), [])


def run(office: Office, extract: Extract, day: str) -> Report:
    """A run at noon in Vancouver on that day."""
    now = datetime.fromisoformat(f"{day}T20:00:00+00:00")
    return issue(office, "table", replace(extract, dossiers=list(extract.dossiers)), surroundings(day, now))


def names(office: Office) -> list[str]:
    records = office.reader.organization("sample", NUMBER)
    return [record.document["credentialSubject"]["legalName"] for record in records if record.document]


def test_the_organization_is_issued_as_of_today_and_its_later_state_on_its_day(office: Office) -> None:
    report = run(office, extract_of([NOW, LATER]), "2026-01-05")
    figures = report.to_json()
    assert (names(office), report.is_clean) == (["NOW LTD."], True)
    assert figures["rows"] == {"read": 2, "used": 1, "unchanged": 0, "rejected": 0, "held": 1}
    [hold] = figures["holds"]
    assert (hold["code"], hold["number"], hold["rows"]) == ("future", NUMBER, [{"file": "extract.csv", "line": 3}])
    assert run(office, NOTHING, "2026-02-02").superseded == 0
    assert run(office, NOTHING, "2026-02-03").superseded == 1
    assert names(office) == ["NOW LTD.", "LATER LTD."]
    assert run(office, NOTHING, "2026-02-04").superseded == 0
    after = run(office, extract_of([NOW, LATER]), "2026-02-04").to_json()
    assert (after["rows"]["unchanged"], after["superseded"], after["holds"]) == (2, 0, [])


def test_an_organization_of_which_nothing_holds_yet_waits_whole(office: Office) -> None:
    report = run(office, extract_of([LATER]), "2026-01-05")
    assert (report.issued, report.is_clean, report.to_json()["rows"]["held"]) == (0, True, 1)
    with office.desk() as desk:
        assert pending.registers(desk) == ["sample"]
    assert run(office, NOTHING, "2026-02-03").issued == 1
    with office.desk() as desk:
        assert pending.registers(desk) == []


def test_what_waits_is_withdrawn_by_a_delivery_that_says_so(office: Office) -> None:
    run(office, extract_of([NOW, LATER]), "2026-01-05")
    run(office, extract_of([NOW], frozenset({"2", "3"})), "2026-01-06")
    assert run(office, NOTHING, "2026-02-03").superseded == 0
    assert names(office) == ["NOW LTD."]


def test_an_update_of_one_filing_leaves_what_waits(office: Office) -> None:
    run(office, extract_of([NOW, LATER]), "2026-01-05")
    run(office, extract_of([state(NUMBER, "BETWEEN LTD.", "3", "2026-01-10")]), "2026-01-12")
    assert run(office, NOTHING, "2026-02-03").superseded == 1
    assert names(office) == ["NOW LTD.", "BETWEEN LTD.", "LATER LTD."]


def test_a_delivery_on_the_day_itself_issues_it_once(office: Office) -> None:
    run(office, extract_of([NOW, LATER]), "2026-01-05")
    assert run(office, extract_of([NOW, LATER]), "2026-02-03").superseded == 1
    assert run(office, NOTHING, "2026-02-05").superseded == 0


def test_a_dry_run_lets_nothing_wait(office: Office) -> None:
    issue(office, "table", extract_of([NOW, LATER]), surroundings("dry"), dry_run=True)
    with office.desk() as desk:
        assert pending.registers(desk) == []


@pytest.mark.parametrize(
    ("register", "moment", "day"),
    [
        ("bc", "2026-02-03T07:59:59", "2026-02-02"),
        ("bc", "2026-02-03T08:00:00", "2026-02-03"),
        ("sample", "2026-07-01T06:59:59", "2026-06-30"),
        ("sample", "2026-07-01T07:00:00", "2026-07-01"),
        ("im", "2026-06-30T23:00:00", "2026-07-01"),
        ("im", "2026-12-31T23:59:59", "2026-12-31"),
    ],
)
def test_today_is_the_day_where_the_register_is_kept(register: str, moment: str, day: str) -> None:
    assert local_day(register, datetime.fromisoformat(moment).replace(tzinfo=UTC)).isoformat() == day


def held_codes(office: Office) -> list[str]:
    with office.desk() as desk:
        return [item.code for item in held.every(desk)]


def test_while_an_organization_is_held_its_later_state_waits_too(office: Office) -> None:
    """Its day would issue what the register may have taken back, and what is held would be forgotten."""
    run(office, extract_of([NOW, LATER]), "2026-01-05")
    run(office, extract_of([state(NUMBER, "EARLY LTD.", "3", "2019-01-02")]), "2026-01-06")
    report = run(office, NOTHING, "2026-02-03")
    assert (report.superseded, report.is_clean, held_codes(office)) == (0, False, ["state_regression"])
    early = [state(NUMBER, "EARLY LTD.", "3", "2019-01-02"), NOW, LATER]
    assert run(office, extract_of(early), "2026-02-04").to_json()["rows"]["used"] == 3
    assert held_codes(office) == []


def test_a_delivery_that_forgets_all_that_waits_of_a_new_organization_is_held(office: Office) -> None:
    run(office, extract_of([LATER]), "2026-01-05")
    other = extract_of([state(NUMBER, "OTHER LTD.", "3", "2026-03-04")])
    assert run(office, other, "2026-01-06").hold_codes == {"state_regression": 1}
    assert run(office, extract_of([LATER]), "2026-01-07").hold_codes == {"future": 1}
    assert run(office, NOTHING, "2026-02-03").issued == 1


def test_rows_of_a_withdrawn_filing_beside_one_of_a_later_day_are_used(office: Office) -> None:
    waits = extract_of([LATER], frozenset({"1", "3"}))
    [dossier] = waits.dossiers
    ghost = Row(0, 1, 3)
    both = replace(
        waits,
        files=[InputFile("extract.csv", 2)],
        dossiers=[replace(dossier, rows=(*dossier.rows, ghost))],
    )
    for outcome in ("used", "unchanged"):
        rows = run(office, both, "2026-01-05").to_json()["rows"]
        assert (rows["read"], rows[outcome], rows["held"]) == (2, 1, 1)


def test_an_event_that_comes_back_by_itself_refers_to_what_is_in_effect_before_it(office: Office) -> None:
    run(office, extract_of([NOW, LATER]), "2026-02-03")
    again = [NOW, state(NUMBER, "LATER LTD.", "2", "2026-04-05")]
    assert run(office, extract_of(again), "2026-02-04").hold_codes == {"future": 1, "state_regression": 1}
    with office.desk() as desk:
        items = list(held.every(desk))
    now = datetime.fromisoformat("2026-02-05T20:00:00+00:00")
    assert approve(office, items, "a person", "moved", surroundings("ok", now)) == (1, [])
    assert run(office, NOTHING, "2026-04-05").superseded == 1
    records = office.reader.organization("sample", NUMBER)
    assert [record.kind for record in records] == ["issue", "supersede", "correct", "supersede"]
    assert records[-1].refers == (records[-2].index,)


def test_what_was_withdrawn_revoked_and_is_told_again_stands_again(office: Office) -> None:
    def deliver(states: Iterable[State], withdrawn: str, day: str) -> Report:
        told = extract_of(states, frozenset(withdrawn))
        [dossier] = told.dossiers
        rows = (Row(0, 0, 2),)
        told = replace(told, files=[InputFile("x.csv", 1)], dossiers=[replace(dossier, rows=rows)])
        report = run(office, told, day)
        now = datetime.fromisoformat(f"{day}T20:00:00+00:00")
        report.revoked = revoke_all(office, "sample", report.revocations, surroundings(f"{day}r", now))
        return report

    deliver([NOW], "", "2026-01-05")
    assert deliver([], "1", "2026-01-06").revoked == 1
    assert deliver([], "1", "2026-01-07").revoked == 0
    assert deliver([NOW], "", "2026-01-08").corrected == 1
    records = office.reader.organization("sample", NUMBER)
    assert (records[-1].kind, records[-1].refers) == ("correct", (records[0].index,))
    assert deliver([NOW], "", "2026-01-09").to_json()["rows"]["unchanged"] == 1
    values = standing.revocation("issued_in_error")
    by_hand = surroundings("by hand", datetime.fromisoformat("2026-01-09T21:00:00+00:00"))
    standing.change_one(office, "sample", NUMBER, None, values, by_hand, dry_run=False)
    assert deliver([NOW], "", "2026-01-10").to_json()["rows"]["unchanged"] == 1, "revoked by hand, it stays so"


def test_an_update_that_is_delivered_again_leaves_what_waits(office: Office) -> None:
    """The newest event alone is not the whole history."""
    run(office, extract_of([NOW, LATER]), "2026-01-05")
    update = extract_of([state(NUMBER, "MOVED LTD.", "3", "2026-01-06")])
    assert run(office, update, "2026-01-07").superseded == 1
    assert run(office, update, "2026-01-08").to_json()["rows"]["unchanged"] == 1
    assert run(office, NOTHING, "2026-02-03").superseded == 1
    assert names(office) == ["NOW LTD.", "MOVED LTD.", "LATER LTD."]
