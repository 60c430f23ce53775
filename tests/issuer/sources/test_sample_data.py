"""The sample: what is checked in is what the generator writes, it holds what it promises, and its bad rows yield their codes."""

import csv
import json
from collections import Counter
from datetime import date
from pathlib import Path

import jsonschema_rs
import pytest

import sample_data
from issuer import sources
from issuer.sources.table import HEADER
from issuer.timeline import history
from sample_data import generate
from schemas import codes, schema_document
from schemas.organization import State, to_subject

FOLDER = Path(sample_data.__file__).parent
TODAY = date(2026, 1, 1)


def rows() -> list[dict[str, str]]:
    with (FOLDER / "extract.csv").open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def test_the_checked_in_extract_is_what_the_generator_writes() -> None:
    text, expected = generate.extract()
    assert (FOLDER / "extract.csv").read_bytes() == text.encode()
    assert json.loads((FOLDER / "bad_rows.json").read_text()) == expected
    assert generate.extract(seed=1)[0] != text


def test_the_generator_the_source_and_the_page_agree_on_the_columns() -> None:
    assert generate.COLUMNS == HEADER
    page = (FOLDER / "README.md").read_text("utf-8")
    assert [column for column in HEADER if f"`{column}`" not in page] == []


def folded() -> tuple[dict[str, history.Timeline], dict[int, str], list[int]]:
    """Timelines by number, rejected lines with their codes, held lines; every row is in exactly one of the three."""
    extract = sources.read("table", FOLDER)
    timelines, rejections, held, used = {}, [], [], 0
    for dossier in extract.dossiers:
        result = history.fold(dossier, TODAY)
        if isinstance(result, history.Timeline):
            timelines[dossier.number] = result
            used += len(dossier.rows)
        else:
            rejections += result.rejections
            held += [row.line for row in result.hold]
    rejections += extract.rejections
    assert len(rejections) + len(held) + used == extract.files[0].rows
    return timelines, {rejection.row.line: rejection.code for rejection in rejections}, held


def test_bad_rows_yield_their_codes_and_nobody_else_is_touched() -> None:
    timelines, rejected, held = folded()
    expected = json.loads((FOLDER / "bad_rows.json").read_text())
    assert rejected == {bad["line"]: bad["code"] for bad in expected["rejected"]}
    assert held == [bad["line"] for bad in expected["held"]]
    assert len(set(rejected.values())) >= 16
    assert len(timelines) >= 600


def test_every_entity_type_and_every_kind_of_history_occurs() -> None:
    lines = rows()
    assert {row["entity_type"] for row in lines} >= set(codes.codes("entity_type", "bc"))
    filings = {row["filing_type"] for row in lines}
    assert filings >= {
        "NOALA",
        "NOCAD",
        "NOALU",
        "NOALE",
        "NOALC",
        "AMALR",
        "CONTI",
        "ADVDS",
        "RESTF",
        "CO_BC",
        "COUTI",
    }
    assert {row["event_type"] for row in lines} >= {"FILE", "SYSD1", "SYSDF", "ADCORP"}
    names = {row["legal_name"] or "" for row in lines}
    for part in ("é", "l’", "d'", "&", " Ltée", " B.C. LTD.", "Société en commandite"):
        assert any(part in name for name in names), part
    for row in lines:
        for table, column in (("filing", "filing_type"), ("event", "event_type"), ("address_role", "address_role")):
            assert not row[column] or row[column] in codes.codes(table, "bc"), row[column]


def test_relationships_are_told_on_both_sides() -> None:
    timelines, _, _ = folded()
    other = {"doesBusinessAs": "isOwnedBy", "amalgamatedInto": "amalgamatedFrom"}
    other |= {there: here for here, there in other.items()}
    kinds: Counter[str] = Counter()
    for number, timeline in timelines.items():
        for link in timeline.states[-1].state.relationships:
            kinds[link.kind] += 1
            back = timelines[link.number or ""].states[-1].state.relationships
            assert (other[link.kind], number, link.since) in [(twin.kind, twin.number, twin.since) for twin in back]
    assert kinds["doesBusinessAs"] == kinds["isOwnedBy"] >= 20
    assert kinds["amalgamatedFrom"] == kinds["amalgamatedInto"] >= 10


def test_every_state_fits_the_closed_schema() -> None:
    validator = jsonschema_rs.validator_for(schema_document("organization/v1")["properties"]["credentialSubject"])
    base = "http://localhost:8000"
    timelines, _, _ = folded()
    for number, timeline in timelines.items():
        for moment in timeline.states:
            validator.validate(to_subject(moment.state, base, f"{base}/credentials/sample/{number}/1"))


def test_a_correction_ends_no_name() -> None:
    timelines, _, _ = folded()
    corrected = [timeline for timeline in timelines.values() if any(moment.correction for moment in timeline.states)]
    assert len(corrected) >= 10
    for timeline in corrected:
        at = next(n for n, moment in enumerate(timeline.states) if moment.correction)
        wrong: State = timeline.states[at - 1].state
        assert wrong.legal_name not in [name.text for name in timeline.states[at].state.names]


@pytest.mark.parametrize("organizations", [40, 2000])
def test_any_size_can_be_written(organizations: int, tmp_path: Path) -> None:
    text, expected = generate.extract(organizations, seed=5, planted=False)
    (tmp_path / "extract.csv").write_text(text, "utf-8", newline="")
    dossiers = list(sources.read("table", tmp_path).dossiers)
    assert all(isinstance(history.fold(dossier, TODAY), history.Timeline) for dossier in dossiers)
    assert organizations <= len(dossiers) <= organizations + 12
    assert expected == {"rejected": [], "held": []}
