"""One bad organization never stops a run, an older extract never puts an old state back, and no person is logged in clear."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from issuer.run.issue import issue
from issuer.run.report import Report
from issuer.sources import read
from issuer.timeline.changes import Change, Dossier, Extract, InputFile, Row
from registry.errors import Malformed
from registry.installation.office import Office
from registry.log import entry
from registry.store import rows
from schemas.organization import Name, Relationship, State
from tests.builders.command import surroundings
from tests.builders.ledger import state

GOOD = [state("BC0000001", "FIRST INC.", "1", "2020-01-01"), state("BC0000003", "THIRD INC.", "1", "2020-01-01")]


def extract_of(states: Iterable[State]) -> Extract:
    """An extract with one row for each state."""
    by_number: dict[str, list[State]] = {}
    for claimed in states:
        by_number.setdefault(claimed.number, []).append(claimed)
    dossiers, count = [], 0
    for number, own in sorted(by_number.items()):
        told_by = tuple(Row(0, count + n, count + n + 2) for n in range(len(own)))
        count += len(own)
        dossiers.append(Dossier("sample", number, told_by, tuple(_change(claimed) for claimed in own)))
    return Extract("sample", [InputFile("extract.csv", count)], dossiers, [])


def _change(claimed: State) -> Change:
    assert claimed.event is not None
    assert claimed.event.id is not None
    return Change("sample", claimed.number, claimed.event.id, (claimed.event.effective, int(claimed.event.id)), claimed)


def run(office: Office, states: Sequence[State], *, approve_held: bool = False) -> Report:
    report = issue(office, "table", extract_of(states), surroundings(f"{len(states)}"), approve_held=approve_held)
    counts = report.to_json()["rows"]
    assert counts["read"] == len(states) == sum(counts[name] for name in ("used", "unchanged", "rejected", "held"))
    return report


def orgs(office: Office) -> list[str | None]:
    with office.store.read() as connection:
        return [entry.parse(body).org for body in rows.read_entries(connection, 3, office.reader.size())]


TOO_MANY = tuple(Relationship("doesBusinessAs", f"FM{n:07d}") for n in range(1001))
TOO_LONG = tuple(Name("N" * 480 + str(n), "former") for n in range(100))


@pytest.mark.parametrize("bad", [{"relationships": TOO_MANY}, {"names": TOO_LONG}])
@pytest.mark.parametrize("approve_held", [False, True])
def test_an_organization_that_fits_no_evidence_file_waits_and_the_others_are_issued(
    office: Office, bad: dict[str, tuple[object, ...]], approve_held: bool
) -> None:
    large = replace(state("BC0000002", "LARGE INC.", "1", "2020-01-01"), **bad)  # type: ignore[arg-type]
    report = run(office, [*GOOD, large], approve_held=approve_held)
    assert (report.issued, report.hold_codes) == (2, {"organization_too_large": 1})
    assert orgs(office) == ["sample:BC0000001", "sample:BC0000003"]


def test_a_state_that_fits_no_schema_waits_and_the_others_are_issued(office: Office) -> None:
    odd = replace(state("BC0000002", "ODD INC.", "1", "2020-01-01"), status="Dormant")
    report = run(office, [*GOOD, odd])
    assert (report.issued, report.hold_codes) == (2, {"schema": 1})


def test_an_older_extract_does_not_put_an_old_state_back(office: Office) -> None:
    old, new = state("BC0000001", "OLD INC.", "1", "2020-01-01"), state("BC0000001", "NEW INC.", "2", "2021-01-01")
    run(office, [old, new])
    report = run(office, [old])
    assert report.superseded == 0
    assert report.hold_codes == {"state_regression": 1}


def test_an_update_with_later_events_alone_issues_each_of_them(office: Office) -> None:
    events = [state("BC0000001", f"NAME {n} INC.", str(n), f"202{n}-01-01") for n in range(5)]
    run(office, events[:2])
    assert run(office, events[2:]).superseded == 3
    assert run(office, events[2:]).superseded == 0


def test_a_late_event_takes_its_place_and_the_present_stays_the_newest(office: Office) -> None:
    first, late, last = (state("BC0000001", f"NAME {n} INC.", n, f"202{n}-01-01") for n in ("1", "2", "3"))
    run(office, [first, last])
    report = run(office, [first, late, last])
    assert (report.superseded, report.corrected, report.hold_codes) == (1, 1, {})
    records = office.reader.organization("sample", "BC0000001")
    names = [record.document["credentialSubject"]["legalName"] for record in records if record.document]
    assert names == ["NAME 1 INC.", "NAME 3 INC.", "NAME 2 INC.", "NAME 3 INC."]
    kinds = [(record.kind, record.reason, record.refers) for record in records[2:]]
    own = [record.index for record in records]
    assert kinds == [("supersede", None, (own[0],)), ("correct", "late_filing", (own[1],))]
    again = run(office, [first, late, last])
    assert (again.superseded, again.corrected) == (0, 0)


def test_whoever_ever_was_a_natural_person_is_a_pseudonym_throughout(office: Office) -> None:
    person = state("FM0000009", "JANE DOE", "1", "2020-01-01", "SP")
    run(office, [person, state("FM0000009", "JANE DOE INC.", "2", "2021-01-01", "BC")])
    pseudonyms = orgs(office)
    assert len(pseudonyms) == 2
    assert len(set(pseudonyms)) == 1
    assert (pseudonyms[0] or "").startswith("~")


def test_a_table_that_is_there_but_is_no_file_is_not_an_absent_table(tmp_path: Path) -> None:
    (tmp_path / "corporation.csv").write_text("corp_num,corp_typ_cd,recognition_dts,bn_9\n")
    (tmp_path / "event.csv").write_text("event_id,corp_num,event_typ_cd,event_timestmp\n")
    (tmp_path / "filing.csv").symlink_to(tmp_path / "nowhere.csv")
    with pytest.raises(Malformed, match=r"filing\.csv is not a file"):
        read("bc-colin", tmp_path)


def test_a_device_is_not_an_extract() -> None:
    with pytest.raises(Malformed):
        read("table", Path("/dev/zero"))


def test_names_that_look_alike_and_words_of_two_scripts_are_issued_with_a_flag(office: Office) -> None:
    names = ["ACME INC.", "АСМЕ INC.", "PАYPAL INC.", "OTHER INC."]
    report = run(office, [state(f"BC000000{n}", name, "1", "2020-01-01") for n, name in enumerate(names, 1)])
    assert report.issued == 4
    assert [(flag["line"], flag["code"]) for flag in report.to_json()["flags"]] == [
        (2, "name_alike"),
        (3, "name_alike"),
        (4, "mixed_scripts"),
    ]
    assert report.is_clean
