"""What is held waits one by one: an approval issues exactly what was shown, and another delivery voids it."""

from dataclasses import replace

import pytest

from issuer.actions.correction import correct
from issuer.actions.withdrawal import revoke_all
from issuer.run import held
from issuer.run.approve import approve
from issuer.run.issue import issue
from issuer.run.report import Report
from issuer.timeline.changes import Change, Dossier, Extract, InputFile, Rejection, Row
from registry.errors import Conflict, NotFound
from registry.installation.office import Office
from schemas.organization import Event, State
from tests.builders.command import surroundings
from tests.builders.ledger import state

LIVE = replace(state("BC0000001", "LIVE LTD.", "1", "2020-01-01"), event=None)
DEAD = replace(LIVE, status="Historical", register_status="HDV")


def snapshot(*states: State) -> Extract:
    dossiers = [
        Dossier(
            "sample",
            claimed.number,
            (Row(0, n, n + 2),),
            (Change("sample", claimed.number, "", (), claimed),),
            snapshot=True,
        )
        for n, claimed in enumerate(states)
    ]
    return Extract("sample", [InputFile("register.csv", len(dossiers))], dossiers, [])


def run(office: Office, *states: State, seed: str = "run") -> Report:
    return issue(office, "table", snapshot(*states), surroundings(seed))


def waiting(office: Office) -> list[held.Held]:
    with office.desk() as desk:
        return list(held.every(desk))


@pytest.fixture
def restored(office: Office) -> held.Held:
    """An organization that was dissolved, and is live again without an event that says why."""
    run(office, LIVE, seed="1")
    run(office, DEAD, seed="2")
    report = run(office, LIVE, seed="3")
    assert report.hold_codes == {"status_regression": 1}
    [item] = waiting(office)
    assert report.to_json()["holds"][0]["id"] == item.id
    return item


def test_an_approval_issues_what_was_shown_once(office: Office, restored: held.Held) -> None:
    assert approve(office, [restored], "a person", "seen the court order", surroundings("4")) == (1, [])
    assert office.reader.organization("sample", "BC0000001")[-1].kind == "supersede"
    assert waiting(office) == []
    with pytest.raises(Conflict, match="another delivery"):
        approve(office, [restored], "a person", "again", surroundings("5"))
    assert run(office, LIVE, seed="6").to_json()["rows"]["unchanged"] == 1
    with office.desk() as desk:
        [decision] = held.decisions(desk)
    assert (decision["decision"], decision["by"], decision["reason"]) == (
        "approved",
        "a person",
        "seen the court order",
    )


def test_another_delivery_voids_what_was_shown(office: Office, restored: held.Held) -> None:
    run(office, replace(LIVE, legal_name="OTHER LTD."), seed="4")
    [item] = waiting(office)
    assert item.id != restored.id
    with pytest.raises(Conflict, match="another delivery"):
        approve(office, [restored], "a person", "too late", surroundings("5"))
    with office.desk() as desk, pytest.raises(NotFound):
        held.named(desk, restored.id)
    run(office, DEAD, seed="6")
    assert waiting(office) == []


def test_what_was_rejected_stays_held_and_is_not_asked_about_again(office: Office, restored: held.Held) -> None:
    with office.writing(), office.desk() as desk:
        held.reject(desk, restored, "a person", "a clerk's error", "2026-01-02T00:00:00Z")
        desk.write()
    assert run(office, LIVE, seed="4").hold_codes == {"status_regression": 1}
    [item] = waiting(office)
    assert (item.id, item.status, item.why) == (restored.id, held.REJECTED, "a clerk's error")


def test_an_organization_with_a_rejected_row_is_not_approvable(office: Office) -> None:
    rows = (Row(0, 0, 2), Row(0, 1, 3))
    refused = Dossier("sample", "BC0000001", rows[1:], (), ("organization_incomplete", "line 2 was rejected"))
    extract = Extract("sample", [InputFile("extract.csv", 2)], [refused], [Rejection(rows[0], "quote", "no row")])
    issue(office, "table", extract, surroundings("1"))
    [item] = waiting(office)
    assert (item.code, item.rows, item.to_json()["approvable"]) == (
        "organization_incomplete",
        (("extract.csv", 3),),
        False,
    )
    with pytest.raises(Conflict, match="rows are all well"):
        approve(office, [item], "a person", "", surroundings("2"))


def test_a_mass_change_waits_as_one_delivery(office: Office) -> None:
    companies = [replace(LIVE, number=f"BC{n:07d}") for n in range(600)]
    run(office, *companies, seed="1")
    renamed = [replace(claimed, legal_name="RENAMED LTD.") for claimed in companies[:501]]
    assert run(office, *renamed, seed="2").hold_codes == {"mass_change": 501}
    with office.desk() as desk:
        [(name, items)] = held.deliveries(desk).items()
        assert held.chosen(desk, name) == items
        assert held.chosen(desk, items[0].id) == items[:1]
    assert approve(office, items, "a person", "a new act", surroundings("3")) == (501, [])
    assert waiting(office) == []


def test_of_two_who_decide_at_once_the_second_is_told(office: Office, restored: held.Held) -> None:
    with office.writing(), office.desk() as desk:
        held.reject(desk, restored, "a person", "a clerk's error", "2026-01-02T00:00:00Z")
        desk.write()
    with pytest.raises(Conflict, match="decided"):
        approve(office, [restored], "another person", "fine", surroundings("4"))
    [item] = waiting(office)
    assert approve(office, [item], "another person", "seen who rejected it, and why", surroundings("5")) == (1, [])


def test_what_was_corrected_since_is_not_approved_as_it_was_shown(office: Office, restored: held.Held) -> None:
    values = {"legal-name": "ALIVE LTD."}
    correct(office, "sample", LIVE.number, values, "clerical_error", "a person", surroundings("4"), dry_run=False)
    with pytest.raises(Conflict, match="corrected since"):
        approve(office, [restored], "a person", "", surroundings("5"))


@pytest.mark.parametrize("approve_held", [False, True])
def test_what_does_not_tell_its_whole_history_is_never_approved(office: Office, approve_held: bool) -> None:
    later, earlier = (replace(LIVE, event=Event("FILE", event, None, f"2021-01-0{event}")) for event in "21")
    for claimed, order in ((later, ("2021-01-02",)), (earlier, ("2021-01-01",))):
        change = Change("sample", LIVE.number, order[0], order, claimed)
        dossier = Dossier("sample", LIVE.number, (Row(0, 0, 2),), (change,))
        extract = Extract("sample", [InputFile("x.csv", 1)], [dossier], [])
        issue(office, "table", extract, surroundings(str(order)), approve_held=approve_held)
    [item] = waiting(office)
    with pytest.raises(Conflict, match="whole history"):
        approve(office, [item], "a person", "", surroundings("2"))
    assert len(office.reader.organization("sample", LIVE.number)) == 1


def test_somebody_who_may_be_a_person_issued_already_is_not_approvable(office: Office, restored: held.Held) -> None:
    unknown = replace(restored, code=held.PERSON_UNKNOWN)
    assert unknown.to_json()["approvable"] is False
    with pytest.raises(Conflict) as refusal:
        approve(office, [unknown], "a person", "", surroundings("4"))
    assert refusal.value.code == "not_approvable"


def filing(*, is_withdrawn: bool, number: str = "BC0000002") -> Extract:
    """A filing, and perhaps the word that it was withdrawn before it took effect."""
    claimed = state(number, "NEVER LTD.", "1", "2020-01-01")
    change = Change("sample", number, "1", ("2020-01-01", 1), claimed)
    dossier = (
        Dossier("sample", number, (Row(0, 0, 2),), (), withdrawn=frozenset({"1"}))
        if is_withdrawn
        else Dossier("sample", number, (Row(0, 0, 2),), (change,))
    )
    return Extract("sample", [InputFile("register.csv", 1)], [dossier], [])


def test_what_was_revoked_by_an_approval_is_unchanged_when_told_so_and_issued_when_told_again(office: Office) -> None:
    issue(office, "table", filing(is_withdrawn=False), surroundings("1"))
    with office.desk() as desk:
        desk.drop("rules", "sample")
        desk.write()
    assert issue(office, "table", filing(is_withdrawn=True), surroundings("2")).hold_codes == {"rule_change": 1}
    [item] = waiting(office)
    issued, revokes = approve(office, [item], "a person", "it was withdrawn", surroundings("3"))
    assert (issued, revokes) == (0, ["BC0000002"])
    assert revoke_all(office, "sample", revokes, surroundings("4")) == 1
    assert issue(office, "table", filing(is_withdrawn=True), surroundings("5")).to_json()["rows"]["unchanged"] == 1
    assert issue(office, "table", filing(is_withdrawn=False), surroundings("6")).to_json()["corrected"] == 1
    assert issue(office, "table", filing(is_withdrawn=False), surroundings("7")).to_json()["rows"]["unchanged"] == 1
