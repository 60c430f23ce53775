"""The embedded index: what its file goes through."""

import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from search.errors import IndexOutdated
from search.index import layout
from search.index.embedded import EmbeddedIndex
from search.index.follow import follow
from search.question.match import Hit
from search.question.query import Filters, parse_query
from tests.builders.index import document
from tests.builders.register import small_ledger

ROOT = Path(__file__).parents[3]


def find(index: EmbeddedIndex, text: str, filters: Filters | None = None) -> tuple[Hit, ...]:
    return index.search(parse_query(text), filters or Filters(), None, 100).hits


def test_raw_text_in_match_would_fail(tmp_path: Path) -> None:
    """The negative control of `test_operators_are_only_text`: the quoting is what makes it pass."""
    connection = layout.create(tmp_path / "raw.db")
    with pytest.raises(sqlite3.OperationalError):
        connection.execute("SELECT rowid FROM words WHERE words MATCH ?", ("* OR NEAR(",))
    connection.close()


def test_a_failing_rebuild_leaves_the_index_as_it_was(tmp_path: Path) -> None:
    index = EmbeddedIndex(tmp_path / "index.db")
    index.apply([document(1, "Alpha")], 2)

    def broken() -> object:
        yield document(2, "Beta")
        raise RuntimeError("the ledger went away")

    before = sorted(tmp_path.iterdir())
    with pytest.raises(RuntimeError):
        index.rebuild(broken(), 9)  # type: ignore[arg-type]
    assert (index.cursor(), len(find(index, "alpha"))) == (2, 1)
    assert [path for path in sorted(tmp_path.iterdir()) if path.suffix == ".db"] == [
        path for path in before if path.suffix == ".db"
    ]


def test_what_a_killed_rebuild_left_is_removed_by_the_next(tmp_path: Path) -> None:
    index = EmbeddedIndex(tmp_path / "index.db")
    index.apply([document(1, "Alpha")], 2)
    for left in ("index-0123456789ab.db", "index-0123456789ab.db-journal", "index-0123456789ab.link"):
        (tmp_path / left).write_bytes(b"half")
    index.rebuild([document(1, "Alpha")], 2)
    generation = (tmp_path / "index.db").readlink().name
    assert {path.name.removesuffix("-wal").removesuffix("-shm") for path in tmp_path.iterdir()} == {
        "index.db",
        "index.lock",
        generation,
    }
    assert len(find(index, "alpha")) == 1


def test_readers_and_a_writer_go_on_while_the_index_is_rebuilt(tmp_path: Path) -> None:
    index = EmbeddedIndex(tmp_path / "index.db")
    documents = [document(at, f"Works {at}") for at in range(1, 300)]
    index.rebuild(documents, 300)
    wrong: list[object] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            try:
                total = index.facets(parse_query("works"), Filters()).total
                if total != len(documents):
                    wrong.append(total)
            except Exception as error:
                wrong.append(error)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for _ in range(5):
        index.rebuild(documents, 300)
        index.apply(documents[:50], 300)
    stop.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    assert len([path for path in tmp_path.iterdir() if path.suffix == ".db"]) == 2


def test_a_follower_that_was_ahead_of_a_rebuild_skips_nothing(tmp_path: Path) -> None:
    ahead, other = EmbeddedIndex(tmp_path / "index.db"), EmbeddedIndex(tmp_path / "index.db")
    ahead.apply([document(1, "Alpha"), document(3, "Beta")], 4)
    assert ahead.cursor() == 4
    # another process had read the ledger when that had two entries
    other.rebuild([document(1, "Alpha")], 2)
    with ThreadPoolExecutor() as pool:  # whoever asks besides, as `/readyz` does
        assert pool.submit(ahead.cursor).result() == 2
    ahead.apply([document(5, "Gamma")], 6)
    assert (len(find(other, "")), ahead.cursor()) == (1, 2)
    ahead.apply([document(3, "Beta"), document(5, "Gamma")], 6)
    assert (len(find(other, "")), other.cursor()) == (3, 6)


def test_a_link_in_the_place_of_its_lock_empties_no_file(tmp_path: Path) -> None:
    victim = tmp_path / "ledger.db"
    victim.write_bytes(b"of somebody else")
    (tmp_path / "index.lock").symlink_to(victim)
    with pytest.raises(OSError, match=r"index\.lock"):
        EmbeddedIndex(tmp_path / "index.db")
    assert victim.read_bytes() == b"of somebody else"


def test_an_index_of_another_version_is_refused_and_then_rebuilt(tmp_path: Path) -> None:
    path, reader = tmp_path / "index.db", small_ledger()
    index = EmbeddedIndex(path)
    follow(reader, index)
    connection = layout.open_writer(path)
    connection.execute("UPDATE meta SET value = '0' WHERE name = 'normalizer'")
    connection.close()
    with pytest.raises(IndexOutdated):
        find(index, "zara")
    with pytest.raises(IndexOutdated):
        index.apply([], 1)
    assert index.health().outdated
    assert follow(reader, index) == reader.size()
    assert find(index, "zara")


def test_killed_while_indexing(tmp_path: Path) -> None:
    """Documents and cursor are one transaction: whatever the moment of the kill, they agree."""
    program = (
        "import sys; from pathlib import Path\n"
        "from search.question.document import Document, NameEntry\n"
        "from search.index.embedded import EmbeddedIndex\n"
        "index = EmbeddedIndex(Path(sys.argv[1]))\n"
        "at = index.cursor()\n"
        "while True:\n"
        "    index.apply([Document('sample', str(i), i, i, 1, 'W', 'Active', 'BC', names=(NameEntry('W %d' % i, 'legal'),))"
        " for i in range(at, at + 5)], at + 5)\n"
        "    at += 5\n"
        "    print(at, flush=True)\n"
    )
    path = tmp_path / "index.db"
    for _ in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", program, path], stdout=subprocess.PIPE, text=True, cwd=ROOT
        ) as process:
            acknowledged = 0
            for _ in range(20):
                acknowledged = int(process.stdout.readline())
            process.kill()
        health = EmbeddedIndex(path).health()
        assert health.documents == health.cursor >= acknowledged > 0
