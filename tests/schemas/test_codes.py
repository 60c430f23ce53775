"""The code tables: complete in both languages, with their source, and agreeing with the published lists where at hand."""

import csv
import json
import re
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from schemas import PERMIT, REGISTRATION, codes, credential_type
from tests.builders.command import shared_data

KEYS = {"person", "operating", "sub", "act", "correction", "amendment", "open"}
FOLDER = Path(codes.__file__).parent / "codes"


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.json")), ids=lambda file: file.stem)
def test_each_entry_has_both_languages_and_each_file_its_source(file: Path) -> None:
    document = json.loads(file.read_text("utf-8"))
    assert len(document.pop("source")) > 60
    assert ZoneInfo(document.pop("time_zone", "UTC"))
    assert re.compile(document.pop("number_form", ""))
    assert document.pop("number_words", "words")
    assert document.pop("credential_type", REGISTRATION) in (REGISTRATION, PERMIT)
    for table, entries in document.items():
        for code, entry in entries.items():
            assert set(entry) <= KEYS | {"en", "fr"}, (table, code)
            assert entry["en"].strip() == entry["en"] != "", (table, code)
            assert entry["fr"].strip() == entry["fr"] != "", (table, code)
            assert "'" not in entry["fr"], "the apostrophe of the French labels is ’"
            assert not re.search(r"[^\u00a0]:|\s[;!?]", entry["fr"]), "a no-break space before the French colon alone"
            if table == "register_status":
                assert entry["operating"] in ("Active", "Historical", None)


def entries_of(*tables: str) -> list[tuple[str, str, dict[str, Any]]]:
    """(table, code, entry) of those tables, of all registers."""
    documents = [json.loads(file.read_text("utf-8")) for file in sorted(FOLDER.glob("*.json"))]
    return [(table, *item) for document in documents for table in tables for item in document.get(table, {}).items()]


def test_each_status_says_its_sub_status_or_that_there_is_none() -> None:
    known = codes.codes("sub_status", "")
    statuses = entries_of("register_status")
    assert len(statuses) > 30
    assert [code for _, code, entry in statuses if entry["sub"] not in (None, *known)] == []
    plain = {code for _, code, entry in statuses if entry["sub"] is None}
    assert plain == {"ACT", "HIS", "NST", "Live", "INF"}
    assert all(codes.label("sub_status", "", code, "en") != codes.label("sub_status", "", code, "fr") for code in known)


def test_each_event_and_filing_has_a_plain_name_in_both_languages() -> None:
    acts = codes.codes("act", "")
    rows = entries_of("event", "filing")
    assert len(rows) > 500
    assert [code for _, code, entry in rows if entry["act"] not in acts] == []
    assert {entry["act"] for _, _, entry in rows} <= set(acts)
    for table, code, _ in rows:
        register = "permits" if code in codes.codes(table, "permits") else "bc"
        names = [codes.plain_label(table, register, code, language) for language in codes.LANGUAGES]
        assert all(name and name != code and "{" not in name for name in names), code
        assert not any(word in names[0] for word in ("Notice", "Application", "Administer", "System", "Conversion")), (
            code
        )


def test_plain_names() -> None:
    assert codes.plain_label("filing", "bc", "NOCDR", "en") == "Directors changed"
    assert codes.plain_label("filing", "sample", "ICORP", "fr") == "Constitution"
    assert codes.plain_label("filing", "bc", "CO_DI", "en") == "Correction: directors changed"
    assert codes.plain_label("filing", "bc", "CO_DI", "fr") == "Correction\u00a0: changement d’administrateurs"
    assert codes.plain_label("filing", "bc", "AM_DI", "fr") == "Modification\u00a0: changement d’administrateurs"
    assert codes.plain_label("filing", "bc", "LPCHG", "en") == "Registration changed"
    assert codes.plain_label("event", "bc", "CONVFMACP", "en") == "Relationship recorded"
    assert codes.plain_label("filing", "bc", "NO_SUCH", "en") == "NO_SUCH"
    assert codes.plain_label("name_kind", "im", "former", "en") == "Former name"
    assert codes.act_of("bc", "FILE", "NOCDR") == codes.Act("directors_changed")
    assert codes.act_of("bc", "FILE", "NO_SUCH") == codes.Act("filing_recorded", open=True)
    assert codes.act_of("im", "FILE") is None
    assert codes.sub_status("bc", "D2F") == "in_dissolution"
    assert codes.sub_status_label("bc", "LRS", "fr") == "Rétablie pour une durée limitée"
    assert [codes.sub_status("bc", code) for code in ("ACT", "NO_SUCH", None)] == [None, None, None]


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


def test_a_register_of_permits_has_words_of_its_own() -> None:
    assert codes.label("registration_status", "permits", "Active", "en") == "In force"
    assert codes.label("registration_status", "permits", "Historical", "fr") == "Non en vigueur"
    assert codes.label("registration_status", "sample", "Active", "en") == "Active"
    assert codes.sub_status_label("permits", "SUS", "en") == "Suspended by the ministry"
    assert [codes.is_person("permits", kind) for kind in ("KELP", "CART", "STALL")] == [False, False, True]
    assert [credential_type(register) for register in ("permits", "sample", "bc", "im", "..", "credential")] == [
        *(PERMIT, *[REGISTRATION] * 5)
    ]


@pytest.mark.parametrize(
    ("register", "number", "fits"),
    [
        *(("permits", "P-1001", True), ("permits", "1001", False), ("sample", "BC9000001", True)),
        *(("bc", "FM0000001", True), ("bc", "9000001", False), ("im", "000001C", True), ("im", "BC0000001", False)),
    ],
)
def test_a_register_has_a_form_of_numbers(register: str, number: str, fits: bool) -> None:
    form = codes.number_form(register)
    assert form is not None
    assert (re.fullmatch(form, number) is not None) == fits
    assert codes.number_form("elsewhere") is None


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def test_every_published_entity_type_is_there() -> None:
    folder = shared_data("codelists") / "bc"
    published = {row["corp_type_cd"] for row in rows(folder / "bc_corp_types.csv")}
    published |= {row["code"] for row in rows(folder / "orgbook_labels_en.csv") if row["list"] == "entity_type"}
    assert set(codes.codes("entity_type", "bc")) == published


def test_every_published_event_and_filing_is_there() -> None:
    published = {row["code"] for row in rows(shared_data("codelists") / "bc" / "orgbook_labels_en.csv")}
    for table, prefix in (("event", "Event:"), ("filing", "Filing:")):
        assert {code.removeprefix(prefix) for code in published if code.startswith(prefix)} == set(
            codes.codes(table, "bc")
        )


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
