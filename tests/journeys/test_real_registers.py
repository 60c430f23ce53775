"""Two real registers from end to end: the Isle of Man and BC's 225 scrambled corporations, in one ledger.

Of the Isle of Man's 47,805 companies every tenth is issued, with all its rows; `make soak` issues them all. The load is done
once and shared. What comes after it (shuffled rows, a changed name) appends to the same ledger, one register a test, so that
the order of the tests does not matter.
"""

import csv
import gzip
import io
import json
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest

from registry.installation.public import Public
from registry.installation.settings import from_environ
from tests.builders.command import SOAK, Greffe, greffe_in, shared_data

Json = dict[str, Any]
Rows = list[list[str]]

NOTHING = {"issued": 0, "superseded": 0, "corrected": 0, "rejected": 0, "held": 0, "revoked": 0}


class Loaded(NamedTuple):
    """The installation after the load, and what each command of the load said."""

    greffe: Greffe
    rows: Rows
    isle_of_man: Json
    colin: Json
    published: Json
    followed: Json
    audited: Json


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    isle_of_man, colin = shared_data("im-companies"), shared_data("bc-colin-histories")
    folder = tmp_path_factory.mktemp("registers")
    rows = read_rows(register_file())
    if not SOAK:
        rows = twentieth(rows)
        isle_of_man = write_rows(folder / "isle of man.csv", rows)
    greffe = greffe_in(folder / "data")
    greffe("init")
    return Loaded(
        greffe,
        rows,
        issued(greffe, "isle-of-man", isle_of_man),
        issued(greffe, "bc-colin", colin, expect=3),
        json_of(greffe, "publish"),
        json_of(greffe, "follow"),
        json_of(greffe, "audit"),
    )


def json_of(greffe: Greffe, *arguments: str | Path, expect: int = 0) -> Json:
    answer: Json = json.loads(greffe(*arguments, "--json", expect=expect).stdout)
    return answer


def issued(greffe: Greffe, source: str, path: Path, expect: int = 0) -> Json:
    report = json_of(greffe, "issue", "--source", source, path, "--workers", "2", expect=expect)
    check_sums(report)
    return report


def check_sums(report: Json) -> None:
    """Every row read ends as exactly one of the four, over all and for each file; each rejected row is named."""
    outcomes = ("used", "unchanged", "rejected", "held")
    for rows in (report["rows"], *(file["rows"] for file in report["files"])):
        assert rows["read"] == sum(rows[outcome] for outcome in outcomes)
    for name in ("read", *outcomes):
        assert report["rows"][name] == sum(file["rows"][name] for file in report["files"])
    assert (report["read"], report["rejected"]) == (report["rows"]["read"], report["rows"]["rejected"])
    assert len({(rejection["file"], rejection["line"]) for rejection in report["rejections"]}) == report["rejected"]


def register_file() -> Path:
    [file] = shared_data("im-companies").glob("register_*.csv.gz")
    return file


def read_rows(file: Path) -> Rows:
    data = file.read_bytes()
    text = (gzip.decompress(data) if file.suffix == ".gz" else data).decode("utf-8")
    return list(csv.reader(io.StringIO(text, newline="")))


def write_rows(file: Path, rows: Rows) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as text:
        csv.writer(text, lineterminator="\n").writerows(rows)
    return file


def twentieth(rows: Rows) -> Rows:
    """All rows of every twentieth company, in their order."""
    header, *others = rows
    chosen = set(sorted({row[0] for row in others})[::20])
    return [header, *(row for row in others if row[0] in chosen)]


def shuffled(rows: Rows, seed: int) -> Rows:
    header, *others = rows
    Random(seed).shuffle(others)
    return [header, *others]


def test_the_isle_of_man_is_issued_to_the_last_row(loaded: Loaded) -> None:
    rows, report = loaded.rows[1:], loaded.isle_of_man
    numbers = {row[0] for row in rows}
    named = {row[0] for row in rows if row[5] == "Current"}
    size = (len(rows), len(numbers), len(numbers - named))
    assert not SOAK or size == (49868, 47805, 1934)
    assert (report["read"], report["organizations"], report["nameless"]) == size
    assert (report["issued"], report["superseded"], report["rows"]["used"]) == (len(numbers), 0, len(rows))


def test_colin_is_issued_to_the_last_row(loaded: Loaded) -> None:
    report = loaded.colin
    folder = shared_data("bc-colin-histories")
    counted = {str(file.relative_to(folder)): len(read_rows(file)) - 1 for file in folder.glob("*/*.csv")}
    assert {file["file"]: file["rows"]["read"] for file in report["files"]} == counted
    assert report["organizations"] == report["issued"] == 225
    assert report["issued"] + report["superseded"] + report["corrected"] == 1173
    assert {rejection["code"] for rejection in report["rejections"]} == {"dangling_row", "duplicate_row"}
    assert report["held"] == 0


def test_the_load_is_logged_published_indexed_and_audited(loaded: Loaded) -> None:
    size = loaded.isle_of_man["issued"] + 1173 + 2 * 3  # and for each register its keys and its two status lists
    assert (loaded.published["size"], loaded.followed["entries"]) == (size, size)
    expected = {"ok": True, "entries": size, "checkpoints": 1, "first_bad": None, "index_behind": 0, "body_missing": 0}
    assert {name: loaded.audited[name] for name in expected} == expected
    assert loaded.audited["root"] == loaded.published["root"]


def test_the_isle_of_man_again_shuffled_renamed_and_with_a_changed_name(loaded: Loaded, tmp_path: Path) -> None:
    rows = shuffled(loaded.rows, 1)
    again = issued(loaded.greffe, "isle-of-man", write_rows(tmp_path / "same" / "another name.csv", rows))
    assert {name: again[name] for name in NOTHING} == NOTHING
    assert again["rows"]["unchanged"] == len(rows) - 1
    chosen = next(place for place, row in enumerate(rows) if row[5] == "Current")
    old = rows[chosen][1]
    for name in (f"{old} and Daughters", old):
        rows[chosen][1] = name
        changed = issued(loaded.greffe, "isle-of-man", write_rows(tmp_path / "changed.csv", rows))
        assert {kind: changed[kind] for kind in NOTHING} == NOTHING | {"superseded": 1}
        assert current_names(loaded.greffe, "im", rows[chosen][0])[-1] == name


def test_colin_again_shuffled_and_with_a_changed_name(loaded: Loaded, tmp_path: Path) -> None:
    folder = shared_data("bc-colin-histories")
    tables = {file.relative_to(folder): read_rows(file) for file in sorted(folder.glob("*/*.csv"))}
    for path, rows in tables.items():
        write_rows(tmp_path / "moved" / path, shuffled(rows, 2))
    nothing = NOTHING | {"rejected": loaded.colin["rejected"]}
    again = issued(loaded.greffe, "bc-colin", tmp_path / "moved", expect=3)
    assert {name: again[name] for name in NOTHING} == nothing
    names = tables[Path("history/corp_name.csv")]
    kind, end, text = (names[0].index(column) for column in ("corp_name_typ_cd", "end_event_id", "corp_nme"))
    row = next(row for row in names[1:] if row[kind] == "CO" and not row[end])
    old, number = row[text], f"BC{row[0]}" if row[0].isdigit() else row[0]
    for name in (f"{old} AND DAUGHTERS", old):
        row[text] = name
        write_rows(tmp_path / "moved" / "history" / "corp_name.csv", names)
        changed = issued(loaded.greffe, "bc-colin", tmp_path / "moved", expect=3)
        assert {kind: changed[kind] for kind in NOTHING} == nothing | {"superseded": 1}
        assert current_names(loaded.greffe, "bc", number)[-1] == name


def current_names(greffe: Greffe, register: str, number: str) -> list[str]:
    """The legal name in each credential of that organization, oldest first, as the ledger keeps them."""
    records = Public(from_environ(greffe.environ)).reader.organization(register, number)
    return [record.document["credentialSubject"]["legalName"] for record in records if record.document]
