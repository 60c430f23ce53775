"""The ledger read in other processes: the same documents, in order, and nothing that was not logged."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from registry.errors import LedgerDamaged
from registry.installation.public import Public
from registry.installation.settings import from_environ
from search.index import follow as following
from search.index.compare import compare
from search.index.decoding import Decoding, documents_of, portion
from search.index.embedded import EmbeddedIndex
from search.index.follow import follow
from search.question.document import Document, Link, NameEntry
from search.question.prepared import parse_prepared, prepare, print_prepared
from tests.builders.command import ROOT

ODD = Document(
    "bc",
    "BC1",
    7,
    3,
    2,
    "Łódź ’n’ 東京 Ltd.",
    "unknown",
    "BC",
    names=(NameEntry("Łódź ’n’ 東京 Ltd.", "legal"), NameEntry("…", "former", "en", "2001-01-01", "2002-01-01")),
    links=(Link("isOwnedBy", "bc", None, "X"), Link("isOwnedBy", "bc", "BC2")),
)


def test_prepared_documents_come_back_as_they_were_sent() -> None:
    sent = [prepare(ODD), prepare(Document("bc", "BC2", 8, 8, 1, None, "Active", "BC"))]
    assert parse_prepared(print_prepared(sent)) == sent
    assert sent[0].document == ODD
    assert (sent[0].rank, [rank for rank, _ in sent[0].ranked()]) == (ODD.rank, [ODD.name_rank(0), ODD.name_rank(1)])


def test_other_processes_read_the_same(live_installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    public = Public(from_environ(live_installation.environ))
    monkeypatch.setattr(following, "_MANY", 300)
    monkeypatch.setattr("search.index.decoding.PORTION", 100)
    size = public.reader.size()
    index = EmbeddedIndex(tmp_path / "index.db")
    # some are there already, so that it follows and does not rebuild
    index.apply(portion(public.reader, 0, 50).documents, 50)
    assert follow(public.reader, index, decoding=Decoding(public.settings, 1)) == size == index.cursor()
    assert compare(public.reader, index) == (0, [])


def test_a_document_that_was_not_logged_reaches_no_index(live_installation, tmp_path: Path) -> None:
    shutil.copytree(live_installation.data, tmp_path / "data")
    environ = {**live_installation.environ, "GREFFE_DATA": str(tmp_path / "data")}
    public = Public(from_environ(environ))
    store = sa.create_engine(public.settings.database_url)
    with store.connect() as connection:
        for (name,) in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").all():
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        connection.exec_driver_sql(
            "UPDATE document SET body = CAST(replace(CAST(body AS TEXT), 'Ltd.', 'Inc.') AS BLOB) WHERE i > 100"
        )
        connection.commit()
    store.dispose()
    index = EmbeddedIndex(tmp_path / "index.db")
    with pytest.raises(LedgerDamaged):
        follow(public.reader, index, batch=20)
    assert 0 < index.cursor() < public.reader.size()
    expected = portion(Public(from_environ(live_installation.environ)).reader, 0, index.cursor()).documents
    for each in expected:
        document = index.get(each.register, each.number)
        assert document is not None
        assert document.entry >= each.entry


def test_what_reads_ends_with_what_asked_it(live_installation, tmp_path: Path) -> None:
    script = """
import os, time
from registry.installation.settings import from_environ
from search.index import decoding
decoding.PORTION = 1
if __name__ == "__main__":
    portions = decoding.Decoding(from_environ(os.environ), 1).portions(0, 1000)
    next(portions)
    from multiprocessing import active_children
    print(*[child.pid for child in active_children()], flush=True)
    time.sleep(60)
"""
    path = tmp_path / "reads.py"
    path.write_text(script)
    environ = {**os.environ, **live_installation.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(path)]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as asking:
        assert asking.stdout is not None
        reading = [int(pid) for pid in asking.stdout.readline().split()]
        asking.kill()
    assert reading
    deadline = time.monotonic() + 20
    while any(_lives(pid) for pid in reading) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(_lives(pid) for pid in reading)


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_entries_without_an_organization_make_no_document() -> None:
    assert not list(documents_of([]))
