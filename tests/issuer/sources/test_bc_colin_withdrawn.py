"""What COLIN says of filings that never took effect, of later days, of unknown days, and of names that ended."""

from datetime import date
from pathlib import Path

import pytest

from issuer import sources
from issuer.timeline import history
from issuer.timeline.changes import Extract
from schemas.organization import Name, State

TODAY = date(2026, 11, 29)
COLUMNS = {
    "corporation": "corp_num,corp_typ_cd,recognition_dts",
    "event": "event_id,corp_num,event_typ_cd,event_timestmp",
    "filing": "event_id,filing_typ_cd,effective_dt,withdrawn_event_id",
    "conv_event": "event_id,effective_dt",
    "corp_name": "corp_num,corp_name_typ_cd,start_event_id,corp_name_seq_num,end_event_id,corp_nme",
    "corp_state": "corp_num,start_event_id,end_event_id,state_typ_cd",
    "jurisdiction": "corp_num,start_event_id,end_event_id,can_jur_typ_cd,home_company_nme",
}
CORP = "7100001"


def tables(folder: Path, **rows: str) -> Extract:
    """The tables with those rows, one a line; `events`: `id day filing [notice]` makes an event and its filing."""
    events, filings = [], []
    for line in rows.pop("events", "").split("\n"):
        event, day, filing, *notice = line.split()
        events.append(f"{event},{CORP},FILE,{day if len(day) == 10 else day[:10]} 10:00:00")
        filings.append(f"{event},{filing},{day} 10:00:00,{''.join(notice)}")
    rows = {"corporation": f"{CORP},BC,2019-05-01 00:00:00", **rows}
    rows["event"] = "\n".join([*events, *filter(None, [rows.get("event", "")])])
    rows["filing"] = "\n".join([*filings, *filter(None, [rows.get("filing", "")])])
    for name, text in rows.items():
        (folder / f"{name}.csv").write_text(f"{COLUMNS[name]}\n{text}\n", "utf-8")
    return sources.read("bc-colin", folder)


def timeline(folder: Path, **rows: str) -> history.Timeline:
    [dossier] = tables(folder, **rows).dossiers
    folded = history.fold(dossier, TODAY)
    assert isinstance(folded, history.Timeline), folded
    return folded


def last(folder: Path, **rows: str) -> State:
    return timeline(folder, **rows).states[-1].state


def test_a_withdrawn_name_never_was_and_its_notice_restores_nothing(tmp_path: Path) -> None:
    told = timeline(
        tmp_path,
        events="10 2019-05-01 ICORP\n11 2020-02-17 NOALA 12\n12 2020-02-17 NWITH",
        corp_name=f"{CORP},CO,10,0,11,STEADY LTD.\n{CORP},CO,11,1,12,NEVER LTD.\n{CORP},CO,12,2,,STEADY LTD.",
        corp_state=f"{CORP},10,,ACT",
    )
    assert [moment.event for moment in told.states] == ["10"]
    assert told.withdrawn == {"11", "12"}
    assert told.states[0].state.names == (Name("STEADY LTD.", "legal", None, "2019-05-01"),)


def test_a_withdrawn_dissolution_never_was(tmp_path: Path) -> None:
    state = last(
        tmp_path,
        events="10 2019-05-01 ICORP\n13 2020-03-01 ADVD2 14\n14 2020-03-01 NWITH\n15 2021-01-01 ANNBC",
        corp_state=f"{CORP},10,13,ACT\n{CORP},13,14,HDV\n{CORP},14,,ACT",
    )
    assert (state.status, state.register_status, state.status_since) == ("Active", "ACT", "2019-05-01")


def test_where_the_notice_restored_no_row_what_was_goes_on(tmp_path: Path) -> None:
    state = last(
        tmp_path,
        events="10 2019-05-01 ICORP\n11 2020-02-17 NOALA 12\n12 2020-02-17 NWITH\n15 2021-01-01 ANNBC",
        corp_name=f"{CORP},CO,10,0,11,STEADY LTD.\n{CORP},CO,11,1,12,NEVER LTD.",
    )
    assert state.names == (Name("STEADY LTD.", "legal", None, "2019-05-01"),)


def test_what_was_restored_ends_when_a_later_filing_ends_it(tmp_path: Path) -> None:
    state = last(
        tmp_path,
        events="10 2019-05-01 ICORP\n11 2020-02-17 NOALA 12\n12 2020-02-18 NWITH\n15 2021-01-01 NOALA",
        corp_name=f"{CORP},CO,10,0,11,STEADY LTD.\n{CORP},CO,11,1,12,NEVER LTD.\n{CORP},CO,12,2,15,STEADY LTD.\n"
        f"{CORP},CO,15,3,,NEXT LTD.",
    )
    assert state.names == (
        Name("NEXT LTD.", "legal", None, "2021-01-01"),
        Name("STEADY LTD.", "former", None, "2019-05-01", "2021-01-01"),
    )


def test_two_withdrawals_one_after_the_other(tmp_path: Path) -> None:
    state = last(
        tmp_path,
        events="10 2019-05-01 ICORP\n11 2020-01-01 NOALA 12\n12 2020-01-02 NWITH\n13 2020-02-01 NOALA 14\n14 2020-02-02 NWITH",
        corp_name=f"{CORP},CO,10,0,11,STEADY LTD.\n{CORP},CO,11,1,12,FIRST LTD.\n{CORP},CO,12,2,13,STEADY LTD.\n"
        f"{CORP},CO,13,3,14,SECOND LTD.\n{CORP},CO,14,4,,STEADY LTD.",
    )
    assert state.names == (Name("STEADY LTD.", "legal", None, "2019-05-01"),)


def test_a_withdrawal_that_was_itself_withdrawn_withdraws_nothing(tmp_path: Path) -> None:
    told = timeline(
        tmp_path,
        events="10 2019-05-01 ICORP\n11 2020-01-01 NOALA 12\n12 2020-01-02 NWITH 13\n13 2020-01-03 NWITH",
        corp_name=f"{CORP},CO,10,0,11,STEADY LTD.\n{CORP},CO,11,1,,TAKEN LTD.",
    )
    assert [moment.event for moment in told.states] == ["10", "11"]
    assert told.states[-1].state.legal_name == "TAKEN LTD."


def test_two_filings_that_name_each_other_end(tmp_path: Path) -> None:
    assert timeline(tmp_path, events="10 2019-05-01 ICORP\n11 2020-01-01 NOALA 12\n12 2020-01-02 NOALA 11").states


def test_a_notice_that_the_extract_lacks_withdraws_all_the_same(tmp_path: Path) -> None:
    told = timeline(tmp_path, events="10 2019-05-01 ICORP\n11 2020-01-01 NOALA 99", corp_state=f"{CORP},10,,ACT")
    assert ([moment.event for moment in told.states], told.withdrawn) == (["10"], {"11"})


def test_an_assumed_name_of_a_withdrawn_filing_leaves_those_of_others_alone(tmp_path: Path) -> None:
    state = last(
        tmp_path,
        events="10 2019-05-01 ICORP\n11 2020-01-01 NOALA 12\n12 2020-01-02 NWITH",
        corp_name=f"{CORP},CO,10,0,,STEADY LTD.\n{CORP},AS,10,1,,KNOWN AS\n{CORP},AS,11,2,12,NEVER AS",
    )
    assert [(name.text, name.kind, name.until) for name in state.names] == [
        ("STEADY LTD.", "legal", None),
        ("KNOWN AS", "assumed", None),
    ]


def test_an_organization_of_which_all_was_withdrawn_has_no_state(tmp_path: Path) -> None:
    told = timeline(
        tmp_path,
        events="90 2025-03-01 ICORP 91\n91 2025-01-12 NWITH",
        corp_state=f"{CORP},90,91,ACT\n{CORP},91,,HWT",
        corp_name=f"{CORP},CO,90,0,,GHOST LTD.",
    )
    assert (told.states, told.pending, told.withdrawn) == ((), (), {"90", "91"})


def test_a_filing_of_a_later_day_waits_with_its_rows_alone(tmp_path: Path) -> None:
    extract = tables(
        tmp_path,
        events="10 2019-05-01 ICORP\n11 2027-02-01 NOALA",
        corp_name=f"{CORP},CO,10,0,11,NOW LTD.\n{CORP},CO,11,1,,LATER LTD.",
        corp_state=f"{CORP},10,,ACT",
    )
    [dossier] = extract.dossiers
    told = history.fold(dossier, TODAY)
    assert isinstance(told, history.Timeline)
    assert ([m.event for m in told.states], [m.event for m in told.pending]) == (["10"], ["11"])
    assert told.states[-1].state.names == (Name("NOW LTD.", "legal", None, "2019-05-01"),), "its end is not known yet"
    places = {(extract.files[row.file].name, row.line) for row in told.waiting}
    assert places == {("event.csv", 3), ("filing.csv", 3), ("corp_name.csv", 3)}
    on_its_day = history.fold(dossier, date(2027, 2, 1))
    assert isinstance(on_its_day, history.Timeline)
    assert on_its_day.states[-1].state.names == (
        Name("LATER LTD.", "legal", None, "2027-02-01"),
        Name("NOW LTD.", "former", None, "2019-05-01", "2027-02-01"),
    )


@pytest.mark.parametrize(
    ("effective", "day"),
    [("0001-01-01 00:00:00", "2020-06-01"), ("9999-12-31 00:00:00", "2020-06-01"), ("", "2020-06-01")],
)
def test_a_placeholder_falls_back_to_the_timestamp_of_the_event(tmp_path: Path, effective: str, day: str) -> None:
    state = last(
        tmp_path,
        events="10 2019-05-01 ICORP",
        event=f"31,{CORP},FILE,2020-06-01 10:00:00",
        filing=f"31,NOALA,{effective},",
        corp_name=f"{CORP},CO,10,0,31,ONE LTD.\n{CORP},CO,31,1,,TWO LTD.",
    )
    assert state.event is not None
    assert state.event.effective == day
    assert state.names[0] == Name("TWO LTD.", "legal", None, day)


def test_a_registration_day_that_holds_a_place_is_none(tmp_path: Path) -> None:
    assert (
        last(tmp_path, events="10 2019-05-01 ICORP", corporation=f"{CORP},BC,0001-01-01 00:00:00").registered_on is None
    )


def test_what_began_when_colin_was_filled_began_on_an_unknown_day(tmp_path: Path) -> None:
    told = timeline(
        tmp_path,
        events="9 1991-03-22 CONVL\n12 2005-04-05 ANNBC",
        event=f"10,{CORP},CONVICORP,2004-03-26 20:36:00\n11,{CORP},CONVNC,2004-03-26 20:36:00",
        conv_event="10,\n11,1991-08-14 00:00:00",
        corp_name=f"{CORP},CO,10,0,11,FIRST LTD.\n{CORP},CO,11,0,,SECOND LTD.",
        corp_state=f"{CORP},10,,ACT",
    )
    assert [moment.event for moment in told.states] == ["9", "11", "10", "12"]
    assert told.states[0].state.names == (Name("FIRST LTD.", "legal"),)
    assert told.states[-1].state.names == (
        Name("SECOND LTD.", "legal", None, "1991-08-14"),
        Name("FIRST LTD.", "former", None, None, "1991-08-14"),
    )
    assert told.states[-1].state.status_since is None


def test_names_that_ended_stay_with_their_days_and_the_name_at_home_is_one(tmp_path: Path) -> None:
    state = last(
        tmp_path,
        events="50 2019-05-01 ICORP\n51 2021-05-01 NOALA",
        corp_name=f"{CORP},CO,50,0,,CURRENT LTD.\n{CORP},TR,50,1,51,TRADUITE LTÉE\n{CORP},AS,50,2,51,ASSUMED",
        jurisdiction=f"{CORP},50,51,NB,OLD HOME LTD.\n{CORP},51,,AB,CURRENT  LTD.",
    )
    assert state.names == (
        Name("CURRENT LTD.", "legal", None, "2019-05-01"),
        Name("ASSUMED", "assumed", None, "2019-05-01", "2021-05-01"),
        Name("TRADUITE LTÉE", "translated", None, "2019-05-01", "2021-05-01"),
        Name("OLD HOME LTD.", "home", None, "2019-05-01", "2021-05-01"),
    )
    assert state.home_jurisdiction == "CA-AB"


def test_an_end_that_is_not_known_yet_is_not_told(tmp_path: Path) -> None:
    first = timeline(
        tmp_path,
        events="50 2019-05-01 ICORP\n51 2021-05-01 NOALA",
        corp_name=f"{CORP},CO,50,0,,CURRENT LTD.\n{CORP},AS,50,2,51,ASSUMED",
        jurisdiction=f"{CORP},50,51,NB,OLD HOME LTD.",
    ).states[0]
    assert {name.until for name in first.state.names} == {None}


def test_a_name_that_differs_in_spaces_alone_is_the_same(tmp_path: Path) -> None:
    state = last(
        tmp_path,
        events="50 2019-05-01 ICORP\n51 2021-05-01 NOALA\n52 2022-05-01 NOALA",
        corp_name=f"{CORP},CO,50,0,51,DOUBLE  GAP LTD.\n{CORP},CO,51,0,52,DOUBLE\u00a0GAP LTD.\n{CORP},CO,52,0,,DOUBLE GAP LTD.",
    )
    assert state.names == (Name("DOUBLE  GAP LTD.", "legal", None, "2019-05-01"),)
    assert state.legal_name == "DOUBLE  GAP LTD."


def test_columns_whose_cells_may_all_be_empty_may_be_absent(tmp_path: Path) -> None:
    (tmp_path / "corporation.csv").write_text(f"corp_num,corp_typ_cd\n{CORP},BC\n")
    (tmp_path / "event.csv").write_text(
        f"event_id,corp_num,event_typ_cd,event_timestmp\n10,{CORP},FILE,2019-05-01 10:00:00\n"
    )
    (tmp_path / "corp_name.csv").write_text(
        f"corp_nme,corp_num,corp_name_typ_cd,start_event_id\nPLAIN LTD.,{CORP},CO,10\n"
    )
    extract = sources.read("bc-colin", tmp_path)
    [dossier] = extract.dossiers
    told = history.fold(dossier, TODAY)
    assert isinstance(told, history.Timeline)
    assert told.states[-1].state.legal_name == "PLAIN LTD."
    assert extract.absent_columns["corp_name.csv"] == ["corp_name_seq_num", "end_event_id"]


OTHER = "7100002"


def test_a_notice_withdraws_a_filing_of_another_corporation_too(tmp_path: Path) -> None:
    extract = tables(
        tmp_path,
        corporation=f"{CORP},BC,2019-05-01 00:00:00\n{OTHER},BC,2019-05-01 00:00:00",
        events="10 2019-05-01 ICORP\n11 2020-02-17 NOALA 12",
        event=f"12,{OTHER},FILE,2020-02-17 10:00:00\n20,{OTHER},FILE,2019-05-01 10:00:00",
        filing="12,NWITH,2020-02-17 10:00:00,\n20,ICORP,2019-05-01 10:00:00,",
        corp_name=f"{OTHER},CO,20,0,12,OTHER LTD.\n{OTHER},CO,12,1,,OTHER LTD.",
    )
    folded = [history.fold(dossier, TODAY) for dossier in extract.dossiers]
    assert all(isinstance(told, history.Timeline) for told in folded)
    assert [[moment.event for moment in told.states] for told in folded if isinstance(told, history.Timeline)] == [
        ["10"],
        ["20"],
    ]


@pytest.mark.parametrize(
    ("notices", "states"),
    [
        ("11 2020-02-17 NOALA 11", ["10"]),
        ("11 2020-02-17 NOALA 12\n12 2020-02-17 NWITH 11", ["10"]),
        ("11 2020-02-17 NOALA 12\n12 2020-02-17 NWITH 13\n13 2020-02-17 NWITH", ["10", "11"]),
        ("11 2020-02-17 NOALA 12\n12 2020-02-17 NWITH 12", ["10", "11"]),
    ],
)
def test_of_notices_that_withdraw_each_other_in_a_ring_none_counts(
    tmp_path: Path, notices: str, states: list[str]
) -> None:
    told = timeline(tmp_path, events=f"10 2019-05-01 ICORP\n{notices}")
    assert [moment.event for moment in told.states] == states


def test_a_chain_of_notices_may_be_long(tmp_path: Path) -> None:
    chain = "\n".join(f"{event} 2020-02-17 NWITH {event + 1}" for event in range(11, 3011))
    told = timeline(tmp_path, events=f"10 2019-05-01 ICORP\n{chain}\n3011 2020-02-17 NWITH")
    assert [moment.event for moment in told.states] == ["10", "11"], (
        "the last stands, so that every second one of the others does not"
    )


@pytest.mark.parametrize(
    ("events", "row"),
    [
        ("10 2019-05-01 ICORP\n11 2020-02-17 NOALA NULL", ("dangling_row", "filing.csv", 3)),
        ("10 2019-05-01 ICORP\n11 0001-01-01 NOALA", ("date_invalid", "event.csv", 3)),
        ("10 2019-05-01 ICORP\n11 9999-12-31 NOALA", ("date_invalid", "event.csv", 3)),
    ],
)
def test_where_nobody_knows_whether_or_when_it_was_the_corporation_waits(
    tmp_path: Path, events: str, row: tuple[str, str, int]
) -> None:
    extract = tables(tmp_path, events=events, corp_state=f"{CORP},10,0,ACT")
    [dossier] = extract.dossiers
    [rejection] = extract.rejections
    assert (rejection.code, extract.files[rejection.row.file].name, rejection.row.line) == row
    assert dossier.refused is not None
    assert (dossier.refused[0], len(dossier.rows)) == ("organization_incomplete", 5)


def test_an_end_event_of_zero_is_none(tmp_path: Path) -> None:
    assert last(tmp_path, events="10 2019-05-01 ICORP", corp_state=f"{CORP},10,0,ACT").register_status == "ACT"
