"""The source bc-colin: joins, order and names on a small set of ours, and the real scrambled histories where at hand."""

from collections import Counter
from datetime import date
from pathlib import Path

import jsonschema_rs
import pytest

from issuer import sources
from issuer.timeline import history
from schemas import schema_document
from schemas.organization import Name, State, to_subject
from tests.builders.command import shared_data

TODAY = date(2026, 1, 1)
TABLES = {
    "corporation": """corp_num,corp_typ_cd,recognition_dts,bn_9
9000001,BC,2001-02-03 00:00:00,123456789
A9000002,A,2001-02-03 00:00:00,""",
    "event": """event_id,corp_num,event_typ_cd,event_timestmp
11,9000001,CONVICORP,2001-02-03 00:00:00
12,9000001,FILE,2004-05-06 10:00:00
13,9000001,FILE,2004-05-06 11:00:00
14,9000001,FILE,2003-01-01 00:00:00
11,A9000002,FILE,2001-02-03 00:00:00""",
    "filing": """event_id,filing_typ_cd,effective_dt
12,NOALA,2004-06-01 00:01:00
13,CO_BC,2004-06-01 00:01:00
14,NOCAD,2003-01-01 00:00:00
11,REGS2,2001-02-04 00:00:00""",
    "corp_name": """corp_num,corp_name_typ_cd,start_event_id,corp_name_seq_num,end_event_id,corp_nme
9000001,NB,11,0,12,9000001 B.C. LTD.
9000001,CO,12,1,13,PLANTD LTD.
9000001,CO,13,2,,PLANTED LTD.
9000001,TR,12,0,,PLANTÉE LTÉE
A9000002,CO,11,0,,HOME NAME LTD.
A9000002,AS,11,0,,ASSUMED LTD.""",
    "corp_state": """corp_num,start_event_id,end_event_id,state_typ_cd
9000001,11,13,ACT
9000001,13,,HDV""",
    "jurisdiction": """corp_num,start_event_id,end_event_id,can_jur_typ_cd,othr_juris_desc
A9000002,11,,ON,""",
    "office": """corp_num,office_typ_cd,start_event_id,end_event_id,mailing_addr_id,delivery_addr_id
9000001,RG,11,14,501,501
9000001,RG,14,,502,503""",
    "address": """addr_id,province,country_typ_cd,postal_cd,addr_line_1,addr_line_2,city,unit_no,civic_no,street_name,street_type
501,BC,CA,V0A 0A0,1 LANTERN STREET,FLOOR 2 ,KELMERE,,,,
502,BC,CA,V0A 0A0,PO BOX 9,,KELMERE,,,,
503,BC,CA,V0A 0A0,,,KELMERE,4,20,HERON,TERR""",
}


@pytest.fixture
def colin(tmp_path: Path) -> Path:
    for name, text in TABLES.items():
        (tmp_path / f"{name}.csv").write_text(text + "\n", "utf-8")
    return tmp_path


def states(path: Path) -> dict[str, list[history.TimelineState]]:
    timelines = {}
    for dossier in sources.read("bc-colin", path).dossiers:
        folded = history.fold(dossier, TODAY)
        assert isinstance(folded, history.Timeline), folded
        timelines[dossier.number] = list(folded.states)
    return timelines


def test_events_make_states_in_the_order_of_effective_day_timestamp_and_id(colin: Path) -> None:
    timelines = states(colin)
    assert list(timelines) == ["A9000002", "BC9000001"]
    assert [moment.event for moment in timelines["BC9000001"]] == ["11", "14", "12", "13"]
    assert [moment.correction for moment in timelines["BC9000001"]] == [False, False, False, True]
    events = [moment.state.event for moment in timelines["BC9000001"]]
    assert [(event.kind, event.filing, event.effective) for event in events if event] == [
        ("CONVICORP", "REGS2", "2001-02-04"),
        ("FILE", "NOCAD", "2003-01-01"),
        ("FILE", "NOALA", "2004-06-01"),
        ("FILE", "CO_BC", "2004-06-01"),
    ]


def test_names_as_of_each_event(colin: Path) -> None:
    first, _, third, last = (moment.state for moment in states(colin)["BC9000001"])
    assert first.names == (Name("9000001 B.C. LTD.", "legal", None, "2001-02-04"),)
    assert (third.legal_name, last.legal_name) == ("PLANTD LTD.", "PLANTED LTD.")
    assert last.names == (
        Name("PLANTED LTD.", "legal", None, "2004-06-01"),
        Name("PLANTÉE LTÉE", "translated", None, "2004-06-01"),
        Name("9000001 B.C. LTD.", "former", None, "2001-02-04", "2004-06-01"),
        Name("PLANTD LTD.", "former", None, "2004-06-01", "2004-06-01"),
    )


def test_status_addresses_and_jurisdiction_as_of_each_event(colin: Path) -> None:
    timelines = states(colin)
    first, second, _, last = (moment.state for moment in timelines["BC9000001"])
    assert (first.status, first.register_status, first.status_since) == ("Active", "ACT", "2001-02-04")
    assert (last.status, last.register_status, last.status_since) == ("Historical", "HDV", "2004-06-01")
    assert [(address.role, address.street) for address in first.addresses] == [("RG", "1 LANTERN STREET, FLOOR 2")]
    assert [address.street for address in second.addresses] == ["4-20 HERON TERR", "PO BOX 9"]
    assert (first.business_number, first.registered_on, first.home_jurisdiction) == ("123456789", "2001-02-03", None)
    [extraprovincial] = timelines["A9000002"]
    assert extraprovincial.state.home_jurisdiction == "CA-ON"
    assert [(name.text, name.kind) for name in extraprovincial.state.names] == [
        ("HOME NAME LTD.", "legal"),
        ("ASSUMED LTD.", "assumed"),
    ]


def test_the_order_of_rows_changes_nothing(colin: Path, tmp_path: Path) -> None:
    before = states(colin)
    for file in colin.glob("*.csv"):
        header, *rows = file.read_text("utf-8").splitlines()
        file.write_text("\n".join([header, *reversed(rows)]) + "\n", "utf-8")
    assert states(colin) == before


def test_a_filing_belongs_to_every_corporation_with_its_event(colin: Path) -> None:
    extract = sources.read("bc-colin", colin)
    holders = [
        dossier.number
        for dossier in extract.dossiers
        for row in dossier.rows
        if extract.files[row.file].name == "filing.csv" and row.line == 5
    ]
    assert holders == ["A9000002", "BC9000001"]


def check_schema(organizations: list[State]) -> None:
    validator = jsonschema_rs.validator_for(schema_document("organization/v2")["properties"]["credentialSubject"])
    base = "http://localhost:8000"
    for state in organizations:
        validator.validate(to_subject(state, base, f"{base}/credentials/bc/{state.number}/1"))


@pytest.mark.parametrize(
    ("part", "corporations", "events", "shared"),
    [("history", 175, 777, 24), ("types", 50, 396, 18), ("", 225, 1173, 42)],
)
def test_the_real_histories(part: str, corporations: int, events: int, shared: int) -> None:
    extract = sources.read("bc-colin", shared_data("bc-colin-histories") / part)
    timelines, used = {}, set()
    for dossier in extract.dossiers:
        folded = history.fold(dossier, TODAY)
        assert isinstance(folded, history.Timeline), folded
        timelines[dossier.number] = folded
        used.update(dossier.rows)
    moments = [moment for timeline in timelines.values() for moment in timeline.states]
    assert (len(timelines), len(moments)) == (corporations, events)
    assert sum(count > 1 for count in Counter(moment.event for moment in moments).values()) == shared
    assert extract.unknown_columns == extract.left_out == {}
    check_schema([moment.state for moment in moments])
    rejected = Counter(rejection.row for rejection in extract.rejections)
    assert set(rejected.values()) == {1}
    assert not used & set(rejected)
    assert len(used) + len(rejected) == sum(file.rows for file in extract.files)
    assert {rejection.code for rejection in extract.rejections} == {"dangling_row", "duplicate_row"}


def test_states_that_refer_to_missing_events_dangle() -> None:
    extract = sources.read("bc-colin", shared_data("bc-colin-histories") / "history")
    numbers = {dossier.number for dossier in extract.dossiers}
    places = Counter(
        (extract.files[rejection.row.file].name, rejection.code)
        for rejection in extract.rejections
        if rejection.code == "dangling_row"
    )
    assert places["corp_state.csv", "dangling_row"] == 17
    assert {"BC4888387", "BC1558087"} <= numbers
