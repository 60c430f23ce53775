"""The source table: former names, corrections, status dates and relationships, and what one changed cell changes."""

import hashlib
from datetime import date
from pathlib import Path

import pytest

from issuer import sources
from issuer.sources.table import HEADER
from issuer.timeline import history
from schemas.organization import Name, Relationship
from tests.builders.command import ROOT

TODAY = date(2026, 1, 1)
BASE = dict.fromkeys(HEADER, "") | {
    "number": "BC9000001",
    "event_type": "FILE",
    "filing_type": "ICORP",
    "entity_type": "BC",
    "status": "ACT",
    "legal_name": "First Ltd.",
    "language": "en",
    "registered_on": "2001-01-01",
}


def write(folder: Path, *rows: dict[str, str]) -> Path:
    file = folder / "extract.csv"
    lines = [",".join(HEADER), *(",".join((BASE | row)[column] for column in HEADER) for row in rows)]
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return file


def fold(path: Path) -> list[history.TimelineState]:
    [dossier] = sources.read("table", path).dossiers
    folded = history.fold(dossier, TODAY)
    assert isinstance(folded, history.Timeline), folded
    return list(folded.states)


ROWS = [
    {"event_id": "1", "effective": "2001-01-01"},
    {"event_id": "2", "effective": "2005-05-05", "filing_type": "NOALA", "legal_name": "Second Ltd."},
    {"event_id": "3", "effective": "2010-10-10", "filing_type": "ADVDS", "legal_name": "Second Ltd.", "status": "HDV"},
]


def test_former_names_and_status_dates_follow_from_the_rows_before(tmp_path: Path) -> None:
    first, second, third = (moment.state for moment in fold(write(tmp_path, *ROWS)))
    assert first.names == (Name("First Ltd.", "legal", "en", "2001-01-01"),)
    now = (
        Name("Second Ltd.", "legal", "en", "2005-05-05"),
        Name("First Ltd.", "former", "en", "2001-01-01", "2005-05-05"),
    )
    assert second.names == third.names == now
    assert (second.status, second.register_status, second.status_since) == ("Active", "ACT", "2001-01-01")
    assert (third.status, third.register_status, third.status_since) == ("Historical", "HDV", "2010-10-10")


def test_one_changed_name_in_the_last_row_changes_one_state(tmp_path: Path) -> None:
    before = fold(write(tmp_path, *ROWS))
    after = fold(write(tmp_path, *ROWS[:2], ROWS[2] | {"legal_name": "Third Ltd."}))
    assert [moment.event for moment in before] == [moment.event for moment in after]
    assert [old == new for old, new in zip(before, after, strict=True)] == [True, True, False]
    assert fold(write(tmp_path, *ROWS)) == before


def test_a_correction_leaves_no_former_name_behind(tmp_path: Path) -> None:
    wrong = {"event_id": "2", "effective": "2005-05-05", "filing_type": "NOALA", "legal_name": "Secnod Ltd."}
    right = {"event_id": "3", "effective": "2005-05-14", "filing_type": "CO_BC", "legal_name": "Second Ltd."}
    moments = fold(write(tmp_path, ROWS[0], wrong, right))
    assert [moment.correction for moment in moments] == [False, False, True]
    assert [(name.text, name.kind, name.since) for name in moments[-1].state.names] == [
        ("Second Ltd.", "legal", "2005-05-05"),
        ("First Ltd.", "former", "2001-01-01"),
    ]
    taken_back = fold(write(tmp_path, ROWS[0], wrong, right | {"legal_name": "First Ltd."}))
    assert taken_back[-1].state.names == (Name("First Ltd.", "legal", "en", "2001-01-01"),)


def test_other_names_addresses_and_relationships(tmp_path: Path) -> None:
    cells = {"assumed_name": "Nickname", "translated_name": "Première ltée", "translated_language": "fr"}
    cells |= {"address_role": "RG", "street": "1 Lantern Street", "locality": "Kelmere"}
    cells |= {"relationships": "doesBusinessAs FM9000002 2001-01-01; amalgamatedInto BC9000003 2001-01-01/2002-02-02"}
    [moment] = fold(write(tmp_path, ROWS[0] | cells))
    assert moment.state.names[1:] == (Name("Nickname", "assumed"), Name("Première ltée", "translated", "fr"))
    [address] = moment.state.addresses
    assert (address.role, address.street, address.region) == ("RG", "1 Lantern Street", None)
    assert moment.state.relationships == (
        Relationship("doesBusinessAs", "FM9000002", None, "2001-01-01"),
        Relationship("amalgamatedInto", "BC9000003", None, "2001-01-01", "2002-02-02"),
    )


def test_a_manifest_may_declare_the_register(tmp_path: Path) -> None:
    file = write(tmp_path, *ROWS)
    extract = sources.read("table", file)
    assert extract.register == "sample"
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    manifest = f'{{"register": "other", "files": {{"extract.csv": {{"rows": 3, "sha256": "{digest}"}}}}}}'
    (tmp_path / "manifest.json").write_text(manifest)
    extract = sources.read("table", tmp_path)
    assert extract.register == "other"
    assert {dossier.register for dossier in extract.dossiers} == {"other"}


def test_the_sources_by_name(tmp_path: Path) -> None:
    assert sources.registers() == {"sample": "table", "im": "isle-of-man", "bc": "bc-colin"}
    with pytest.raises(sources.Malformed) as refusal:
        sources.read("table", tmp_path / "nothing")
    assert refusal.value.code == "not_found"
    with pytest.raises(Exception, match="no source 'tabel'"):
        sources.read("tabel", tmp_path)


def test_the_sample_of_permits_is_read_as_its_ministry_meant_it() -> None:
    extract = sources.read("table", ROOT / "sample_data" / "permits")
    folded = {dossier.number: history.fold(dossier, TODAY) for dossier in extract.dossiers}
    permits = {number: told.states for number, told in folded.items() if isinstance(told, history.Timeline)}
    assert [(fault.row.line, fault.code) for fault in extract.rejections] == [(20, "relationship_number")]
    assert (extract.register, sorted(permits)) == ("permits", [f"P-{n}" for n in range(1001, 1013)])
    newest = {number: states[-1].state for number, states in permits.items()}
    assert {state.entity_type for state in newest.values()} == {"KELP", "CART", "STALL"}
    assert {number: state.register_status for number, state in newest.items() if state.status != "Active"} == {
        "P-1002": "SUS",
        "P-1004": "EXP",
        "P-1008": "CAN",
    }
    before, after = permits["P-1006"]
    assert [moment.state.relationships for moment in (before, after)] == [
        (Relationship("heldBy", "BC9000006", "Lorutamp's Holdings Limited", "2015-09-14", None, "sample"),),
        (Relationship("heldBy", "BC9000008", "Fenholt Amalgamated Cartage Corp.", "2018-05-07", None, "sample"),),
    ]
    assert permits["P-1011"][-1].correction
    assert (newest["P-1012"].valid_from, newest["P-1012"].valid_until) == ("2025-05-01", "2030-04-30")
    sample = {dossier.number: dossier for dossier in sources.read("table", ROOT / "sample_data").dossiers}
    for state in newest.values():
        (holder,) = state.relationships
        named = [change.state.legal_name for change in sample[holder.number or ""].changes]
        assert holder.name == named[-1], state.number
