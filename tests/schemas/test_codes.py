"""The code tables: complete in both languages, with their source, and agreeing with the published lists where at hand."""

import csv
import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from schemas import codes
from tests.builders.command import shared_data

FOLDER = Path(codes.__file__).parent / "codes"


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.json")), ids=lambda file: file.stem)
def test_each_entry_has_both_languages_and_each_file_its_source(file: Path) -> None:
    document = json.loads(file.read_text("utf-8"))
    assert len(document.pop("source")) > 60
    assert ZoneInfo(document.pop("time_zone", "UTC"))
    for table, entries in document.items():
        for code, entry in entries.items():
            assert set(entry) <= {"en", "fr", "person", "operating", "correction"}, (table, code)
            assert entry["en"].strip() == entry["en"] != "", (table, code)
            assert entry["fr"].strip() == entry["fr"] != "", (table, code)
            assert "'" not in entry["fr"], "the apostrophe of the French labels is ’"
            if table == "register_status":
                assert entry["operating"] in ("Active", "Historical", None)


def test_labels() -> None:
    assert codes.label("entity_type", "sample", "SP", "en") == "Sole Proprietorship"
    assert codes.label("entity_type", "bc", "SP", "fr") == "Entreprise individuelle"
    assert codes.label("entity_type", "im", "B", "fr") == "Nom commercial"
    assert codes.label("register_status", "bc", "HAM", "fr") == "Fusionnée"
    assert codes.label("registration_status", "im", "Historical", "fr") == "Inactive"
    assert codes.label("name_kind", "im", "former", "fr") == "Ancienne dénomination"
    assert codes.label("filing", "bc", "NO_SUCH", "fr") == "NO_SUCH"
    assert codes.label("address_role", "im", "RG", "en") == "RG"


def test_what_follows_from_a_code() -> None:
    persons = {code for code in codes.codes("entity_type", "bc") if codes.is_person("bc", code)}
    assert persons == {"SP", "GP", "VP"}
    assert [code for code in codes.codes("entity_type", "im") if codes.is_person("im", code)] == ["B"]
    assert not codes.is_person("im", "SP")
    assert codes.is_known_type("sample", "CBEN")
    assert not codes.is_known_type("im", "CBEN")
    assert [codes.operating_status("bc", code) for code in ("ACT", "D2F", "HDV", "RCA", "??")] == [
        *("Active", "Active", "Historical", None, None)
    ]
    assert codes.is_known_status("bc", "RCA")
    assert not codes.is_known_status("bc", "??")
    live = [code for code in codes.codes("register_status", "im") if codes.operating_status("im", code) == "Active"]
    assert (live, len(codes.codes("register_status", "im"))) == (["Live"], 6)
    assert codes.is_correction("bc", "CO_BC")
    assert not codes.is_correction("bc", "COGS1")
    assert not codes.is_correction("im", "CO_BC")


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def test_every_published_entity_type_is_there() -> None:
    folder = shared_data("codelists") / "bc"
    published = {row["corp_type_cd"] for row in rows(folder / "bc_corp_types.csv")}
    published |= {row["code"] for row in rows(folder / "orgbook_labels_en.csv") if row["list"] == "entity_type"}
    assert set(codes.codes("entity_type", "bc")) == published


def test_corrections_are_those_whose_label_says_so() -> None:
    labels = {row["code"]: row["label"] for row in rows(shared_data("codelists") / "bc" / "orgbook_labels_en.csv")}
    for code in codes.codes("filing", "bc"):
        assert codes.is_correction("bc", code) == labels[f"Filing:{code}"].startswith("Correct"), code


def test_every_code_of_the_real_histories_has_a_label() -> None:
    for part in ("history", "types"):
        folder = shared_data("bc-colin-histories") / part
        for table, column, file in (
            ("entity_type", "corp_typ_cd", "corporation"),
            ("register_status", "state_typ_cd", "corp_state"),
            ("event", "event_typ_cd", "event"),
            ("filing", "filing_typ_cd", "filing"),
            ("address_role", "office_typ_cd", "office"),
        ):
            assert {row[column] for row in rows(folder / f"{file}.csv")} <= set(codes.codes(table, "bc")), table
