"""`greffe match` from outside: a spreadsheet goes in, the same with what the registry has comes out."""

import csv
import io
import shutil
from pathlib import Path

import pytest

from tests.builders.command import Greffe, greffe_in


@pytest.fixture(scope="module")
def indexed(live_installation: Greffe, tmp_path_factory: pytest.TempPathFactory) -> Greffe:
    """The sample issued and published, in a folder of our own."""
    folder = tmp_path_factory.mktemp("indexed") / "data"
    shutil.copytree(live_installation.data, folder, ignore=shutil.ignore_patterns("index*"))
    return greffe_in(folder)


def known_name(greffe: Greffe) -> tuple[str, str]:
    """A name of the sample that one organization has, and its number."""
    from registry.installation.public import Public
    from registry.installation.settings import from_environ

    reader = Public(from_environ({"GREFFE_DATA": str(greffe.data)})).reader
    names: dict[str, list[str]] = {}
    for record in reader.records(0, 300):
        if record.document is not None and record.kind == "issue" and record.number is not None:
            name = record.document["credentialSubject"].get("legalName")
            if name and "B.C." not in name:
                names.setdefault(name, []).append(record.number)
    return next((name, numbers[0]) for name, numbers in names.items() if len(numbers) == 1 and len(name) > 15)


def test_rows_come_back_with_what_the_registry_has(indexed: Greffe, tmp_path: Path) -> None:
    name, number = known_name(indexed)
    file = tmp_path / "vendors.csv"
    file.write_bytes(f"\ufeffid;Name;note\r\n1;{name};a\r\n2;Nobody Is Called So Qxyz;\r\n3;;c\r\n".encode())
    output = tmp_path / "out.csv"
    done = indexed("match", str(file), "-o", str(output))
    assert "3 of 3 rows" in done.stderr
    rows = list(csv.DictReader(io.StringIO(output.read_text("utf-8")), delimiter=";"))
    assert list(rows[0])[:3] == ["id", "Name", "note"]
    assert (rows[0]["number"], rows[0]["match"], rows[0]["greffe_name"]) == (number, "true", name)
    assert rows[0]["evidence"].endswith("/evidence")
    assert [row["match"] for row in rows[1:]] == ["", ""]
    to_stdout = indexed("match", str(file), "--column", "name")
    assert to_stdout.stdout.replace("\r\n", "\n") == output.read_text("utf-8").replace("\r\n", "\n")


def test_what_cannot_be_read_is_said(indexed: Greffe, tmp_path: Path) -> None:
    file = tmp_path / "vendors.csv"
    file.write_text("a,b\n1,2\n")
    for arguments, word in (
        (("match", str(file), "--column", "name"), "column"),
        (("match", str(tmp_path / "no")), "unreadable"),
    ):
        done = indexed(*arguments, expect=2)
        assert word in done.stderr
