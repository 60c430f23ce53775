"""What somebody lays beside a file that two users share: a journal that SQLite would play back, a view that never ends."""

import os
import sqlite3
import struct
from pathlib import Path

import pytest
import sqlalchemy as sa

from registry.edge import side_file
from registry.errors import NotReady, Refused
from registry.store import token_queue
from registry.store.token_queue import VC_JWT, Requests

SOMEBODY = 61002
_MAGIC = bytes.fromhex("d9d505f920a163d7")


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """A folder that its group may write to, with a queue that was opened and closed."""
    folder = tmp_path / "public"
    folder.mkdir()
    folder.chmod(0o3770)
    asked(folder)
    return folder


def asked(folder: Path) -> None:
    requests = Requests(folder / "requests.db")
    with pytest.raises(NotReady):
        requests.get(VC_JWT, "sample/BC1/1")
    requests.close()


def journal_that_names(file: Path) -> bytes:
    """A rollback journal with that file as its super-journal (sqlite.org/fileformat2, section 3)."""
    name = str(file).encode()
    header = (_MAGIC + struct.pack(">IIIII", 0, 1, 1, 512, 4096)).ljust(512, b"\0")
    return header + struct.pack(">I", 2) + name + struct.pack(">II", len(name), sum(name)) + _MAGIC


def plant(folder: Path, victim: Path) -> None:
    """What another user of the folder does, who comes before the office."""
    journal = folder / "requests.db-journal"
    journal.unlink(missing_ok=True)
    journal.write_bytes(journal_that_names(victim))
    journal.chmod(0o666)
    if os.geteuid() == 0:
        os.chown(journal, SOMEBODY, -1)
    else:
        os.link(journal, folder / "other")


def test_a_journal_that_somebody_lays_beside_a_shared_file_is_refused(shared: Path, tmp_path: Path) -> None:
    victim = tmp_path / "head-token.db"
    victim.write_bytes(b"the office's own")
    plant(shared, victim)
    with pytest.raises(Refused) as refusal:
        Requests(shared / "requests.db")
    assert (refusal.value.code, victim.exists()) == ("not_a_file", True)


def test_without_that_look_a_file_of_the_office_would_be_deleted(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of the test above."""
    victim = tmp_path / "head-token.db"
    victim.write_bytes(b"the office's own")
    plant(shared, victim)
    monkeypatch.setattr(side_file, "_check_journal", lambda path: None)
    with pytest.raises(sa.exc.DatabaseError):
        Requests(shared / "requests.db")
    assert not victim.exists()


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_what_is_no_journal_is_refused_too(shared: Path, kind: str) -> None:
    journal = shared / "requests.db-journal"
    journal.unlink()
    if kind == "link":
        journal.symlink_to(shared / "requests.db")
    else:
        os.mkfifo(journal)
    with pytest.raises(Refused):
        Requests(shared / "requests.db")


def test_the_places_beside_it_are_taken_for_good(shared: Path) -> None:
    journal = shared / "requests.db-journal"
    before = journal.stat()
    requests = Requests(shared / "requests.db")
    for name in ("sample/BC1/1", "sample/BC2/1"):
        requests.keep(VC_JWT, name, b"made" * 1000)
    assert requests.waiting() == []
    assert requests.forget()
    requests.close()
    asked(shared)
    after = journal.stat()
    assert (after.st_size, after.st_ino, after.st_uid) == (0, before.st_ino, os.geteuid())
    modes = {path.name: path.stat().st_mode & 0o777 for path in shared.iterdir()}
    assert modes == {"requests.db": 0o660, f"{journal.name}": 0o600, "requests.db-wal": 0o660, "requests.db-shm": 0o660}


def test_a_file_that_one_user_has_alone_stands_without_it(tmp_path: Path) -> None:
    asked(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["requests.db"]


def test_a_view_that_never_ends_holds_nobody_up(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with sqlite3.connect(shared / "requests.db") as planted:
        planted.executescript(
            "DROP TABLE carrier; CREATE VIEW carrier(kind, id, body) AS WITH RECURSIVE n(i) AS"
            " (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i, i, NULL FROM n WHERE i < 0;"
        )
    planted.close()
    monkeypatch.setattr(side_file, "_MOST_INSTRUCTIONS", 1_000_000)
    requests = Requests(shared / "requests.db")
    with pytest.raises(sa.exc.OperationalError, match="interrupted"):
        requests.waiting()
    requests.close()


def test_a_request_that_nobody_can_make_so_long_is_dropped(shared: Path) -> None:
    longest = "x" * token_queue._LONGEST
    with sqlite3.connect(shared / "requests.db") as planted:
        planted.executemany("INSERT INTO carrier VALUES (?, ?, NULL)", [("vc+jwt", longest), ("vc+jwt", longest + "x")])
    planted.close()
    requests = Requests(shared / "requests.db")
    assert requests.waiting() == [("vc+jwt", "sample/BC1/1"), ("vc+jwt", longest)]
    requests.close()
    with sqlite3.connect(shared / "requests.db") as looking:
        assert looking.execute("SELECT count(*) FROM carrier").fetchone() == (2,)
    looking.close()
