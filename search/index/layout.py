"""The embedded index's file: tables, rows in and out, the switch to the next.

SQLite with FTS5 (sqlite.org/fts5.html): a contentless posting list over the tokens of each name, whose rowid is the
rank of the name, so that results come in order without sorting; and B-trees for numbers and joined name keys. The path
given is a symbolic link to the file of the present generation: a rebuild writes the next one and renames the link, so
a write-ahead log never meets another file than its own. What to ask of the tables is left to `statements.py`.
"""

import fcntl
import os
import secrets
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from search.question.document import Document, print_document
from search.question.finding import date_order, name_order
from search.question.names import NORMALIZER, analyse
from search.question.score import print_read
from search.question.terms import keys_of, terms_of, trigrams, variants

LAYOUT = "3"

_TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE org (
    rank INTEGER PRIMARY KEY,
    register TEXT NOT NULL,
    number TEXT NOT NULL,
    entry INTEGER NOT NULL,
    status TEXT NOT NULL,
    type TEXT NOT NULL,
    jurisdiction TEXT,
    registered TEXT,
    kinds INTEGER NOT NULL,
    by_name TEXT NOT NULL,
    by_date TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE UNIQUE INDEX org_number ON org (register, number);
CREATE INDEX org_fields ON org (register, status, type, jurisdiction, registered, kinds);
CREATE INDEX org_by_name ON org (by_name);
CREATE INDEX org_by_date ON org (by_date);
CREATE TABLE ident (ident TEXT NOT NULL, org INTEGER NOT NULL, PRIMARY KEY (ident, org)) WITHOUT ROWID;
CREATE TABLE name (rank INTEGER PRIMARY KEY, since TEXT, until TEXT, read TEXT NOT NULL);
CREATE TABLE key (key TEXT NOT NULL, name INTEGER NOT NULL, PRIMARY KEY (key, name)) WITHOUT ROWID;
CREATE TABLE link (
    org INTEGER NOT NULL, place INTEGER NOT NULL, register TEXT NOT NULL, number TEXT NOT NULL,
    PRIMARY KEY (org, place)
) WITHOUT ROWID;
CREATE INDEX link_target ON link (register, number, org, place);
CREATE VIRTUAL TABLE words USING fts5 (
    tokens, content='', detail=none, columnsize=0, prefix='1 2 3 4', tokenize='ascii'
);
CREATE TABLE term (term TEXT PRIMARY KEY, names INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE variant (variant TEXT NOT NULL, term TEXT NOT NULL, PRIMARY KEY (variant, term)) WITHOUT ROWID;
CREATE TABLE gram (gram TEXT NOT NULL, term TEXT NOT NULL, PRIMARY KEY (gram, term)) WITHOUT ROWID;
"""


def create(path: Path, *, lasting: bool = True) -> sqlite3.Connection:
    """A new file with empty tables, open for writing. `lasting` false: the file is not safe until `settle` ran."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA page_size = 8192")
    if lasting:
        settle(connection)
    else:
        connection.execute("PRAGMA journal_mode = MEMORY")
        connection.execute("PRAGMA synchronous = OFF")
    connection.executescript(_TABLES)
    rows = [("layout", LAYOUT), ("normalizer", NORMALIZER), ("cursor", "0"), ("names", "0")]
    connection.executemany("INSERT INTO meta VALUES (?, ?)", rows)
    return connection


def settle(connection: sqlite3.Connection) -> None:
    """From here on a kill loses no committed transaction, and readers never wait for the writer."""
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")


def open_writer(path: Path) -> sqlite3.Connection:
    """The present generation, open for writing."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=30)
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection


def open_reader(path: Path) -> sqlite3.Connection:
    """The present generation, read-only; for any thread, one at a time."""
    address = f"{path.absolute().as_uri()}?mode=ro"
    connection = sqlite3.connect(address, uri=True, isolation_level=None, timeout=30, check_same_thread=False)
    connection.execute("PRAGMA mmap_size = 268435456")
    return connection


@contextmanager
def building(path: Path) -> Iterator[None]:
    """Nobody else makes a generation beside `path` meanwhile; what a killed rebuild left there is removed."""
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        present = path.readlink().name if path.is_symlink() else path.name
        for file in path.parent.glob(f"{path.stem}-{'[0-9a-f]' * 12}.*"):
            if not file.name.startswith(present):
                file.unlink(missing_ok=True)
        yield


def next_generation(path: Path) -> Path:
    """A path for the next file beside `path`, not yet existing."""
    return path.with_name(f"{path.stem}-{secrets.token_hex(6)}{path.suffix}")


def switch(path: Path, generation: Path) -> None:
    """Makes `path` lead to `generation`, in one rename, and removes the file that it led to before."""
    before = path.with_name(path.readlink().name) if path.is_symlink() else path
    with generation.open("rb") as written:
        os.fsync(written.fileno())
    link = generation.with_suffix(".link")
    link.symlink_to(generation.name)
    link.replace(path)
    if before not in (path, generation):
        before.unlink(missing_ok=True)
    for companion in ("-wal", "-shm"):
        before.with_name(before.name + companion).unlink(missing_ok=True)


def insert(connection: sqlite3.Connection, document: Document, terms: Counter[str]) -> None:
    """Puts a document in; none of that organization is there. `terms`: where its terms are counted, for `change_terms`."""
    rank = document.rank
    connection.execute(
        "INSERT INTO org VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            rank,
            document.register,
            document.number,
            document.entry,
            document.status,
            document.type,
            document.jurisdiction,
            document.registered_on,
            document.kinds,
            name_order(document),
            date_order(document),
            print_document(document),
        ),
    )
    connection.executemany("INSERT INTO ident VALUES (?, ?)", [(ident, rank) for ident in document.numbers])
    connection.executemany("INSERT INTO link VALUES (?, ?, ?, ?)", _links(document))
    for place, entry in enumerate(document.names):
        name, at = analyse(entry.text), document.name_rank(place)
        read = print_read(name.units, name.legal, sorted(name.keys))
        connection.execute("INSERT INTO name VALUES (?, ?, ?, ?)", (at, entry.since, entry.until, read))
        connection.executemany("INSERT INTO key VALUES (?, ?)", [(key, at) for key in keys_of(name)])
        connection.execute("INSERT INTO words (rowid, tokens) VALUES (?, ?)", (at, " ".join(sorted(name.tokens))))
        terms.update(terms_of(name))


def remove(connection: sqlite3.Connection, document: Document, terms: Counter[str]) -> None:
    """Takes a document out, which was put in as it is given here and by this version of the normalizer. `terms`: as there."""
    rank = document.rank
    connection.execute("DELETE FROM org WHERE rank = ?", (rank,))
    connection.executemany(
        "DELETE FROM ident WHERE ident = ? AND org = ?", [(ident, rank) for ident in document.numbers]
    )
    connection.execute("DELETE FROM link WHERE org = ?", (rank,))
    for place, entry in enumerate(document.names):
        name, at = analyse(entry.text), document.name_rank(place)
        connection.execute("DELETE FROM name WHERE rank = ?", (at,))
        connection.executemany("DELETE FROM key WHERE key = ? AND name = ?", [(key, at) for key in keys_of(name)])
        connection.execute(
            "INSERT INTO words (words, rowid, tokens) VALUES ('delete', ?, ?)", (at, " ".join(sorted(name.tokens)))
        )
        terms.subtract(terms_of(name))


def change_terms(connection: sqlite3.Connection, terms: Mapping[str, int], names: int) -> None:
    """By how much the counts of terms and of names changed; a new term gets its variants, one that no name has loses them."""
    for term, change in sorted(terms.items()):
        if change == 0:
            continue
        changed = connection.execute("UPDATE term SET names = names + ? WHERE term = ?", (change, term))
        if changed.rowcount == 0:
            connection.execute("INSERT INTO term VALUES (?, ?)", (term, change))
            connection.executemany("INSERT INTO variant VALUES (?, ?)", [(each, term) for each in variants(term)])
            connection.executemany("INSERT INTO gram VALUES (?, ?)", [(each, term) for each in trigrams(term)])
        elif change < 0 and connection.execute("DELETE FROM term WHERE term = ? AND names <= 0", (term,)).rowcount:
            of_variants = [(each, term) for each in variants(term)]
            connection.executemany("DELETE FROM variant WHERE variant = ? AND term = ?", of_variants)
            of_grams = [(each, term) for each in trigrams(term)]
            connection.executemany("DELETE FROM gram WHERE gram = ? AND term = ?", of_grams)
    _count_names(connection, names)


def fill_terms(connection: sqlite3.Connection, terms: Mapping[str, int], names: int) -> None:
    """Writes the terms of all names of a new file at once, in order of the tables."""
    connection.executemany("INSERT INTO term VALUES (?, ?)", sorted(terms.items()))
    of_variants = sorted((each, term) for term in terms for each in variants(term))
    connection.executemany("INSERT INTO variant VALUES (?, ?)", of_variants)
    of_grams = sorted((each, term) for term in terms for each in trigrams(term))
    connection.executemany("INSERT INTO gram VALUES (?, ?)", of_grams)
    _count_names(connection, names)


def _count_names(connection: sqlite3.Connection, names: int) -> None:
    connection.execute("UPDATE meta SET value = value + ? WHERE name = 'names'", (names,))


def _links(document: Document) -> list[tuple[int, int, str, str]]:
    return [
        (document.rank, place, link.register, link.number)
        for place, link in enumerate(document.links)
        if link.number is not None
    ]
