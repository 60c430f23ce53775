"""The source isle-of-man: on small files of ours, and on the whole published register where it is at hand."""

import gzip
import random
from datetime import date
from pathlib import Path

import jsonschema_rs
import pytest

from issuer import sources
from issuer.timeline import history
from issuer.timeline.changes import Dossier
from schemas import schema_document
from schemas.organization import State, to_subject
from tests.builders.command import SOAK, shared_data

TODAY = date(2026, 1, 1)
HEADER = "Number,Name,Inc/Reg Date,Status,Registry Type,Name Status,Index Date"
ROWS = [
    "000101C,Newer  Limited,26 Oct 1965,Live,1931 Act Company,Current,2024-04-29",
    "000101C,Older Limited,26 Oct 1965,Live,1931 Act Company,Previous,2024-04-30",
    "000101C,Oldest Limited,26 Oct 1965,Live,1931 Act Company,Previous,2024-04-29",
    "000102B,SMITH'S BAKERY,,Ceased,Business Name,Previous,2024-04-29",
]


def write(folder: Path, name: str, rows: list[str]) -> Path:
    file = folder / name
    file.write_text("\n".join([HEADER, *rows]) + "\n", "utf-8")
    return file


def dossiers(path: Path) -> list[Dossier]:
    return list(sources.read("isle-of-man", path).dossiers)


def test_rows_of_a_number_become_one_state(tmp_path: Path) -> None:
    company, business = dossiers(write(tmp_path, "register_1.csv", ROWS))
    [change] = company.changes
    state = change.state
    assert (company.number, company.snapshot, change.event, change.correction) == ("000101C", True, "", False)
    assert (state.register, state.entity_type, state.status, state.register_status) == ("im", "C", "Active", "Live")
    assert (state.legal_name, state.registered_on, state.jurisdiction) == ("Newer  Limited", "1965-10-26", "IM")
    assert [(name.text, name.kind, name.since, name.until) for name in state.names] == [
        ("Newer  Limited", "legal", None, None),
        ("Older Limited", "former", None, None),
        ("Oldest Limited", "former", None, None),
    ]
    assert state.event is None
    [change] = business.changes
    assert (change.state.legal_name, change.state.registered_on, change.state.status) == (None, None, "Historical")
    assert [(name.text, name.kind) for name in change.state.names] == [("SMITH'S BAKERY", "former")]


def test_neither_order_nor_file_name_nor_index_date_change_a_state(tmp_path: Path) -> None:
    first = dossiers(write(tmp_path, "register_1.csv", ROWS))
    other = dossiers(write(tmp_path, "another.csv", [row[:-2] + "01" for row in reversed(ROWS)]))
    assert [dossier.changes for dossier in first] == [dossier.changes for dossier in other]


def test_a_folder_holds_one_register_file(tmp_path: Path) -> None:
    write(tmp_path, "renamed.csv", ROWS)
    (tmp_path / "notes.csv").write_text("a,b\n")
    assert [file.name for file in sources.read("isle-of-man", tmp_path).files] == ["renamed.csv"]
    write(tmp_path, "register_2.csv", ROWS)
    assert [file.name for file in sources.read("isle-of-man", tmp_path).files] == ["register_2.csv"]
    write(tmp_path, "register_3.csv", ROWS)
    with pytest.raises(sources.Malformed) as refusal:
        sources.read("isle-of-man", tmp_path)
    assert refusal.value.code == "not_recognized"


def read_all(path: Path) -> tuple[dict[str, State], int]:
    extract = sources.read("isle-of-man", path)
    states, rows = {}, 0
    for dossier in extract.dossiers:
        folded = history.fold(dossier, TODAY)
        assert isinstance(folded, history.Timeline), folded
        states[dossier.number] = folded.states[-1].state
        rows += len(dossier.rows)
    assert extract.rejections == []
    assert rows == extract.files[0].rows == 49_868
    return states, rows


@pytest.mark.skipif(not SOAK, reason="every row of the register, twice: make soak")
def test_the_whole_register(tmp_path: Path) -> None:
    folder = shared_data("im-companies")
    states, _ = read_all(folder)
    assert len(states) == 47_805
    assert sum(state.legal_name is None for state in states.values()) == 1_934
    assert sum(state.registered_on is None for state in states.values()) > 0
    bank = states["000001C"]
    assert {name.kind for name in bank.names} >= {"former"}
    assert bank.registered_on == "1865-10-26"
    schema = schema_document("organization/v1")["properties"]["credentialSubject"]
    validator = jsonschema_rs.validator_for(schema)
    base = "http://localhost:8000"
    for number in sorted(states)[::50]:
        validator.validate(to_subject(states[number], base, f"{base}/credentials/im/{number}/1"))
    [file] = folder.glob("register_*.csv.gz")
    header, *lines = gzip.decompress(file.read_bytes()).decode("utf-8").splitlines()
    random.Random(7).shuffle(lines)
    shuffled = tmp_path / "some other name.csv"
    shuffled.write_text("\r\n".join([header, *lines, ""]), "utf-8", newline="")
    assert read_all(shuffled)[0] == states
