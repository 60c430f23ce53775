"""What waits on the desk is what the office wrote there last, or nothing is signed."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from registry.errors import Conflict, LedgerDamaged, Refused
from registry.installation.office import Office


@pytest.fixture
def desk(office: Office) -> Path:
    """The file of a desk on which two things wait."""
    with office.desk() as rows:
        rows.put("pending", "sample", "BC0000001", b"one")
        rows.put("pending", "sample", "BC0000002", b"two")
        rows.write()
    return office.settings.desk


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def test_rows_are_put_and_dropped_together(office: Office, desk: Path) -> None:
    with office.desk() as rows:
        rows.drop("pending", "sample", "BC0000001")
        rows.put("held", "bc", "BC0000003", b"three")
        assert rows.get("pending", "sample", "BC0000001") is None
    with office.desk() as rows:
        assert rows.get("pending", "sample", "BC0000001") == b"one", "nothing was written"
        rows.drop("pending", "sample", "BC0000001")
        rows.put("held", "bc", "BC0000003", b"three")
        rows.write()
    with office.desk() as rows:
        assert [(*key, body) for kind in ("held", "pending") for key, body in rows.all(kind)] == [
            ("held", "bc", "BC0000003", b"three"),
            ("pending", "sample", "BC0000002", b"two"),
        ]


def test_who_read_it_before_somebody_else_wrote_writes_nothing(office: Office, desk: Path) -> None:
    with office.desk() as rows, office.desk() as others:
        others.forget("sample", "BC0000001")
        others.write()
        rows.put("held", "bc", "BC0000003", b"three")
        with pytest.raises(Conflict) as refused:
            rows.write()
        assert refused.value.code == "overtaken"
    with office.desk() as rows:  # as the seal says
        assert [key.number for key, _ in rows.all("pending")] == ["BC0000002"]
        assert not list(rows.all("held"))


TAMPERED = [
    "UPDATE row SET body = x'6d696e65' WHERE number = 'BC0000001'",
    "DELETE FROM row WHERE number = 'BC0000001'",
    "INSERT INTO row VALUES ('pending', 'sample', 'BC0000009', x'6d696e65')",
    "UPDATE row SET number = 'BC0000009' WHERE number = 'BC0000001'",
    "UPDATE seal SET revision = 7",
    "UPDATE seal SET mac = zeroblob(32)",
]


@pytest.mark.parametrize("statement", TAMPERED)
def test_a_row_that_somebody_else_wrote_is_noticed(office: Office, desk: Path, statement: str) -> None:
    change(desk, statement)
    with pytest.raises(LedgerDamaged, match="not as the office wrote it"), office.desk():
        pass


@pytest.mark.parametrize("statement", TAMPERED)
def test_it_is_the_mac_that_notices(
    office: Office, desk: Path, statement: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: where any MAC will do, nothing does."""
    monkeypatch.setattr("registry.installation.desk.hmac", SimpleNamespace(compare_digest=lambda *_: True))
    change(desk, statement)
    with office.desk():
        pass


def test_an_older_desk_that_is_put_back_is_refused(office: Office, desk: Path, tmp_path: Path) -> None:
    shutil.copy(desk, tmp_path / "old.db")
    with office.desk() as rows:
        rows.drop("pending", "sample", "BC0000001")
        rows.write()
    shutil.copy(tmp_path / "old.db", desk)
    with pytest.raises(Refused, match="older than what the office wrote"), office.desk():
        pass
    desk.unlink()
    with pytest.raises(Refused, match="older than what the office wrote"), office.desk():
        pass
    office.settings.desk_revision.unlink()
    with office.desk() as rows:
        assert list(rows.all("pending")) == []


def test_a_change_whose_note_was_never_written_stands(office: Office, desk: Path) -> None:
    """A process that is killed between the file and the note leaves a newer file."""
    noted = office.settings.desk_revision.read_bytes()
    with office.desk() as rows:
        rows.drop("pending", "sample", "BC0000001")
        rows.write()
    office.settings.desk_revision.write_bytes(noted)
    with office.desk() as rows:
        assert rows.get("pending", "sample", "BC0000001") is None
