"""An update goes on from what the ledger holds: it comes out as the whole history does."""

from collections.abc import Sequence
from pathlib import Path

from issuer import sources
from issuer.run.issue import issue
from issuer.sources.table import HEADER
from registry.installation.office import Office
from tests.builders.command import surroundings

Row = dict[str, str]
FIRST = {
    "number": "BC0000001",
    "event_type": "FILE",
    "filing_type": "ANNBC",
    "entity_type": "BC",
    "legal_name": "TEAPOT LTD.",
    "language": "en",
    "status": "ACT",
}
ROWS = [
    {**FIRST, "effective": "2020-01-02", "assumed_name": "Silver Marmot", "translated_name": "Théière"},
    {**FIRST, "effective": "2021-01-02", "translated_name": "Théière"},
    {**FIRST, "effective": "2022-01-02", "status": "HDV", "legal_name": "TEAPOT  LTD."},
    {**FIRST, "effective": "2023-01-02", "legal_name": "KETTLE LTD.", "assumed_name": "Gold Marmot"},
    {**FIRST, "effective": "2024-01-02", "legal_name": "SAMOVAR LTD."},
]


def deliver(office: Office, folder: Path, rows: Sequence[Row]) -> int:
    numbered = [{**row, "event_id": str(ROWS.index(row) + 1)} for row in rows]
    lines = [HEADER, *([row.get(column, "") for column in HEADER] for row in numbered)]
    file = folder / "update.csv"
    file.write_text("".join(",".join(line) + "\n" for line in lines), "utf-8")
    return issue(office, "table", sources.read("table", file), surroundings(file.read_text("utf-8"))).superseded


def names(office: Office) -> list[tuple[str, str, str | None]]:
    """(text, kind, until) of each name of the newest credential, and the beginning of its status."""
    document = office.reader.organization("sample", "BC0000001")[-1].document
    assert document is not None
    subject = document["credentialSubject"]
    own = [(name["nameText"], name["nameType"], name.get("nameUntil")) for name in subject["names"]]
    return [*own, (subject["registerStatus"], "status", subject["statusFrom"])]


def test_updates_one_by_one_tell_what_the_whole_history_tells(office: Office, tmp_path: Path) -> None:
    for n, row in enumerate(ROWS, 1):
        deliver(office, tmp_path, [row])
        assert deliver(office, tmp_path, [row]) == 0, "the same update again"
        last = names(office)
        others = {row["legal_name"] for row in ROWS[:n]} - {"TEAPOT  LTD."} - {last[0][0]}
        assert others == {text for text, kind, _ in last if kind == "former"}
    assert names(office) == [
        ("SAMOVAR LTD.", "legal", None),
        ("TEAPOT LTD.", "former", "2023-01-02"),
        ("KETTLE LTD.", "former", "2024-01-02"),
        ("Silver Marmot", "assumed", "2021-01-02"),
        ("Théière", "translated", "2022-01-02"),
        ("Gold Marmot", "assumed", "2024-01-02"),
        ("ACT", "status", "2023-01-02"),
    ]


def test_an_update_of_several_rows_goes_on_likewise(office: Office, tmp_path: Path) -> None:
    deliver(office, tmp_path, ROWS[:2])
    assert deliver(office, tmp_path, ROWS[2:]) == 3
    assert deliver(office, tmp_path, ROWS[2:]) == 0
    assert names(office)[1:3] == [("TEAPOT LTD.", "former", "2023-01-02"), ("KETTLE LTD.", "former", "2024-01-02")]
