"""A correction is signed as it was shown, and overlays the register's word until that says a third thing."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from issuer.actions.correction import Corrected, correct
from issuer.run import corrections, held
from issuer.run.approve import approve
from issuer.run.issue import issue
from issuer.run.report import Report
from issuer.timeline.changes import Change, Dossier, Extract, InputFile, Row
from registry.errors import Malformed, NotFound, RegistryError, Usage
from registry.installation.office import Office
from schemas.organization import Name, State
from search.views.timeline import holding
from tests.builders.command import surroundings
from tests.builders.ledger import state

NUMBER = "BC0000001"
WRONG = state(NUMBER, "HARBUOR SEAL INC.", "1", "2020-01-02")
RIGHT = "HARBOUR SEAL INC."


def deliver(office: Office, *states: State, seed: str = "run") -> Report:
    rows = tuple(Row(0, n, n + 2) for n in range(len(states)))
    changes = []
    for claimed in states:
        assert claimed.event is not None
        event = claimed.event.id or ""
        changes.append(Change("sample", NUMBER, event, (claimed.event.effective, int(event)), claimed))
    dossier = Dossier("sample", NUMBER, rows, tuple(changes))
    return issue(office, "table", Extract("sample", [InputFile("x.csv", len(rows))], [dossier], []), surroundings(seed))


def right(
    office: Office, value: str = RIGHT, *, field: str = "legal-name", dry_run: bool = False, seed: str = "right"
) -> Corrected:
    return correct(
        office, "sample", NUMBER, {field: value}, "clerical_error", "a person", surroundings(seed), dry_run=dry_run
    )


def told(office: Office) -> Sequence[tuple[str, str | None, Any]]:
    records = office.reader.organization("sample", NUMBER)
    return [
        (record.kind, record.reason, record.document and record.document["credentialSubject"]["legalName"])
        for record in records
    ]


@pytest.fixture
def wrong(office: Office) -> Office:
    """An office that has issued a name with two letters in the wrong order."""
    deliver(office, WRONG, seed="1")
    return office


def test_a_preview_signs_nothing_and_the_act_signs_what_was_shown(wrong: Office) -> None:
    preview = right(wrong, dry_run=True)
    assert (preview.before["legalName"], preview.after["legalName"], preview.index) == (
        "HARBUOR SEAL INC.",
        RIGHT,
        None,
    )
    assert len(told(wrong)) == 1
    done = right(wrong)
    record = wrong.reader.organization("sample", NUMBER)[-1]
    assert (record.kind, record.reason, record.refers, record.index) == (
        "correct",
        "clerical_error",
        (done.refers,),
        done.index,
    )
    assert record.document is not None
    subject = record.document["credentialSubject"]
    assert subject == preview.after == done.after, "what was shown is what is signed"
    assert [(name["nameText"], name["nameType"]) for name in subject["names"]] == [(RIGHT, "legal")]
    with wrong.desk() as desk:
        [decision] = held.decisions(desk)
    assert (decision["by"], decision["reason"], decision["number"]) == ("a person", "clerical_error", NUMBER)


def test_the_same_word_of_the_register_changes_nothing_any_more(wrong: Office) -> None:
    right(wrong)
    assert deliver(wrong, WRONG, seed="3").to_json()["rows"]["unchanged"] == 1
    assert len(told(wrong)) == 2


def test_a_later_filing_that_carries_the_error_on_is_issued_with_what_is_so(wrong: Office) -> None:
    right(wrong)
    report = deliver(wrong, WRONG, state(NUMBER, "HARBUOR SEAL INC.", "2", "2021-01-02"), seed="3")
    assert (report.superseded, report.hold_codes) == (1, {})
    assert told(wrong)[-1] == ("supersede", None, RIGHT)
    assert holding(wrong.reader.organization("sample", NUMBER), "2020-06-01") is not None


def test_once_the_register_agrees_nothing_is_issued(wrong: Office) -> None:
    right(wrong)
    report = deliver(wrong, state(NUMBER, RIGHT, "1", "2020-01-02"), seed="3")
    assert (report.to_json()["rows"]["unchanged"], len(told(wrong))) == (1, 2)


def test_a_third_word_waits_for_a_person_and_is_the_registers_from_then_on(wrong: Office) -> None:
    right(wrong)
    third = state(NUMBER, "OTHER INC.", "2", "2021-01-02")
    report = deliver(wrong, WRONG, third, seed="3")
    assert report.hold_codes == {corrections.CORRECTED_AGAIN: 1}
    assert len(told(wrong)) == 2
    with wrong.desk() as desk:
        [item] = held.every(desk)
    assert approve(wrong, [item], "a person", "it is so", surroundings("4")) == (1, [])
    assert told(wrong)[-1] == ("supersede", None, "OTHER INC.")
    again = deliver(wrong, WRONG, third, seed="5")
    assert (again.to_json()["rows"]["unchanged"], again.hold_codes) == (2, {})
    fourth = deliver(wrong, WRONG, third, state(NUMBER, "OTHER INC.", "3", "2022-01-02"), seed="6")
    assert (fourth.superseded, fourth.hold_codes) == (1, {})


def test_a_correction_of_a_correction_knows_what_the_register_said_first(wrong: Office) -> None:
    right(wrong, "HARBOR SEAL INC.", seed="2")
    right(wrong, seed="3")
    assert [name for _, _, name in told(wrong)] == ["HARBUOR SEAL INC.", "HARBOR SEAL INC.", RIGHT]
    assert deliver(wrong, WRONG, seed="4").to_json()["rows"]["unchanged"] == 1


@pytest.mark.parametrize(
    ("field", "value", "error", "code"),
    [
        ("legal-name", "HARBUOR SEAL INC.", Usage, "nothing_to_correct"),
        ("legal-name", "HARBOUR\u200bSEAL", Malformed, "text_characters"),
        ("registered-on", "2020-02-31", Malformed, "date_invalid"),
        ("registered-on", "2999-01-01", Malformed, "date_future"),
        ("register-status", "GONE", Malformed, "status_unknown"),
        ("number", "BC0000002", Usage, "field_unknown"),
    ],
)
def test_what_may_not_be_signed_is_refused(
    wrong: Office, field: str, value: str, error: type[RegistryError], code: str
) -> None:
    with pytest.raises(error) as refusal:
        right(wrong, value, field=field)
    assert refusal.value.code == code
    assert len(told(wrong)) == 1


def test_nobody_is_corrected_who_was_not_issued(office: Office) -> None:
    with pytest.raises(NotFound):
        right(office)


def test_a_status_is_corrected_with_what_it_means(wrong: Office) -> None:
    right(wrong, "HDV", field="register-status")
    record = wrong.reader.organization("sample", NUMBER)[-1]
    assert record.document is not None
    assert record.document["credentialSubject"]["registrationStatus"] == "Historical"


def test_a_status_is_corrected_with_what_it_means_whatever_is_delivered_after(wrong: Office) -> None:
    right(wrong, "HDV", field="register-status")
    assert deliver(wrong, WRONG, seed="2").to_json()["rows"]["unchanged"] == 1
    record = wrong.reader.organization("sample", NUMBER)[-1]
    assert record.document is not None
    subject = record.document["credentialSubject"]
    assert (subject["registerStatus"], subject["registrationStatus"]) == ("HDV", "Historical")


def test_a_legal_name_that_is_taken_away_stands_nowhere(wrong: Office) -> None:
    done = right(wrong, "")
    assert "legalName" not in done.after
    assert all(name["nameType"] != "legal" for name in done.after.get("names", []))


def test_a_correction_leaves_the_same_name_of_another_time_alone(office: Office) -> None:
    names = (
        Name(WRONG.legal_name or "", "legal", since="2022-01-02"),
        Name(WRONG.legal_name or "", "former", since="2020-01-02"),
    )
    deliver(office, replace(WRONG, names=names), seed="1")
    done = right(office)
    assert [(name["nameText"], name["nameType"]) for name in done.after["names"]] == [
        (RIGHT, "legal"),
        (WRONG.legal_name, "former"),
    ]
    assert deliver(office, replace(WRONG, names=names), seed="2").to_json()["rows"]["unchanged"] == 1


def forget_desk(office: Office) -> None:
    """As after a kill between the commit and the desk, or a restore without the desk."""
    office.settings.desk.unlink()
    office.settings.desk_revision.unlink()


def test_a_correction_of_which_the_desk_knows_nothing_is_not_undone_in_silence(wrong: Office) -> None:
    right(wrong)
    later = state(NUMBER, "HARBUOR SEAL INC.", "2", "2021-01-02")
    assert deliver(wrong, WRONG, seed="2").issued == 0, "the control: with its desk nothing waits"
    forget_desk(wrong)
    for seed, states in (("3", (WRONG,)), ("4", (WRONG, later))):
        report = deliver(wrong, *states, seed=seed)
        assert [hold.code for hold, _ in report.holds] == [corrections.CORRECTED_AGAIN]
        assert told(wrong)[-1][2] == RIGHT
    with wrong.desk() as desk:
        [item] = held.every(desk)
    assert approve(wrong, [item], "a person", "the register is right", surroundings("5"))[0] == 2
    assert told(wrong)[-1][2] == "HARBUOR SEAL INC."
    assert not deliver(wrong, WRONG, later, seed="6").holds
    assert not deliver(wrong, WRONG, later, state(NUMBER, "NEW NAME INC.", "3", "2022-01-02"), seed="7").holds
