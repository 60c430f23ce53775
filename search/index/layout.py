"""The embedded index's file: its tables, and the switch to the next.

SQLite with FTS5 (sqlite.org/fts5.html): a contentless posting list over the tokens of each name, whose rowid is the
rank of the name, so that results come in order without sorting; and B-trees for numbers and joined name keys. The path
given is a symbolic link to the file of the present generation: a rebuild writes the next one and renames the link, so
a write-ahead log never meets another file than its own. Rows in and out are left to `writing.py`, what to ask of the tables
to `statements.py`.
"""

import fcntl
import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from search.question.names import NORMALIZER

LAYOUT = "4"

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
CREATE TABLE term (term TEXT PRIMARY KEY, organizations INTEGER NOT NULL) WITHOUT ROWID;
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
    rows = [("layout", LAYOUT), ("normalizer", NORMALIZER), ("cursor", "0"), ("organizations", "0")]
    connection.executemany("INSERT INTO meta VALUES (?, ?)", rows)
    return connection


def settle(connection: sqlite3.Connection) -> None:
    """From here on a kill loses no committed transaction, and readers never wait for the writer."""
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")


def open_writer(path: Path) -> sqlite3.Connection:
    """The present generation, open for writing; for any thread, one at a time."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=30, check_same_thread=False)
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
    # where another user may write to the folder, a link there would have us empty a file of ours
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(path.with_suffix(".lock"), flags, 0o666), "r+b") as lock:
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
