"""The embedded index: SQLite with FTS5 in one file, behind the `Index` protocol.

One writer at a time (`BEGIN IMMEDIATE`), any number of readers, each with a read-only connection that no other uses at
the same time; an index that was switched is noticed at the next question.
The tables are `layout.py`'s, the statements `statements.py`'s, the way from a question to its answers is
`search/question/finding.py`'s. Feeding it is left to `search/index/follow.py`.
"""

import sqlite3
import threading
import weakref
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from search.errors import IndexOutdated, SearchAway
from search.index import layout, statements, writing
from search.index.postings import SqlitePostings
from search.question import finding, match
from search.question.document import Document, parse_document
from search.question.index import COUNT_CAP, FACETS, Counts, Health, Incoming, Near, Outcome, Page
from search.question.match import Hit, Position
from search.question.names import NORMALIZER
from search.question.prepared import Prepared
from search.question.query import Filters, Query, opened

#: documents per transaction of a rebuild
_BATCH = 2000


class _Followed(threading.local):
    """The file whose cursor this thread asked for last: one that follows does so before it applies."""

    file: tuple[int, int] | None = None


class EmbeddedIndex:
    """An `Index` in the file that `path` leads to; made, empty, when it is missing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writing = threading.Lock()
        self._idle: deque[tuple[tuple[int, int], sqlite3.Connection]] = deque()
        # closing one would make a checkpoint each time
        self._writers: deque[tuple[tuple[int, int], sqlite3.Connection]] = deque()
        self._followed = _Followed()
        weakref.finalize(self, _close_all, self._idle)
        weakref.finalize(self, _close_all, self._writers)
        if path.exists():
            return
        with layout.building(path):
            if not path.exists():
                generation = layout.next_generation(path)
                layout.create(generation).close()
                layout.switch(path, generation)

    @property
    def is_shared(self) -> bool:
        """As `Index.is_shared`."""
        return False

    def apply(self, documents: Iterable[Document | Prepared], upto: int) -> None:
        """As `Index.apply`. What was read before another process rebuilt the index is left out, as on a cluster."""
        with self._writing:
            if self._followed.file not in (None, self._present()):
                return
            connection = self._writer()
            connection.execute("BEGIN IMMEDIATE")
            try:
                if _outdated(connection):
                    raise IndexOutdated
                _put(connection, documents, upto)
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def cursor(self) -> int:
        """As `Index.cursor`."""
        self._followed.file = self._present()
        with self._reading(any_version=True) as connection:
            return 0 if _outdated(connection) else _cursor(connection)

    def get(self, register: str, number: str) -> Document | None:
        """As `Index.get`."""
        with self._reading() as connection:
            return writing.read(connection, register, number)

    def several(self, ids: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Document]:
        """As `Index.several`."""
        with self._reading() as connection:
            every = {id: writing.read(connection, *id) for id in ids}
        return {id: document for id, document in every.items() if document is not None}

    def lookup(self, number: str, limit: int = 20) -> tuple[Document, ...]:
        """As `Index.lookup`."""
        with self._reading() as connection:
            postings = SqlitePostings(connection)
            ranks = postings.numbered([number], Filters(), limit)
            documents = postings.documents(ranks)
        return tuple(documents[rank] for rank in ranks)

    def search(
        self, query: Query, filters: Filters, after: Position | None, limit: int, sort: str = "relevance"
    ) -> Page:
        """As `Index.search`."""
        with self._reading() as connection:
            if query.listing:
                return _list(connection, filters, sort, after, limit)
            if sort != "relevance":
                return finding.sorted_page(SqlitePostings(connection), query, filters, sort, after, limit)
            return finding.page(SqlitePostings(connection), query, filters, after, limit)

    def suggest(self, query: Query, filters: Filters, limit: int) -> tuple[Hit, ...]:
        """As `Index.suggest`."""
        if query.listing:
            return ()
        with self._reading() as connection:
            breadth = finding.SUGGESTED_BREADTH
            return finding.page(SqlitePostings(connection), query, filters, None, limit, breadth).hits

    def near(self, query: Query, filters: Filters, limit: int) -> Near:
        """As `Index.near`."""
        if query.listing:
            return Near((), None)
        with self._reading() as connection:
            return finding.near(SqlitePostings(connection), query, filters, limit)

    def find(
        self, query: Query, filters: Filters, after: Position | None, limit: int, sort: str = "relevance"
    ) -> Outcome:
        """As `Index.find`."""
        with self._reading() as connection:
            if query.listing:
                page = _list(connection, filters, sort, after, limit)
                return Outcome(page, _count_listed(connection, filters), None)
            return finding.outcome(SqlitePostings(connection), query, filters, after, limit, sort)

    def facets(self, query: Query, filters: Filters, cap: int = COUNT_CAP) -> Counts:
        """As `Index.facets`."""
        with self._reading() as connection:
            if query.listing:
                return _count_listed(connection, filters)
            return finding.count(SqlitePostings(connection), query, filters, cap)

    def incoming(self, register: str, number: str, after: tuple[int, int] | None, limit: int) -> tuple[Incoming, ...]:
        """As `Index.incoming`."""
        org, place = after or (-1, -1)
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT l.org, l.place, o.body FROM link l CROSS JOIN org o ON o.rank = l.org"
                " WHERE l.register = ? AND l.number = ? AND (l.org, l.place) > (?, ?) ORDER BY l.org, l.place LIMIT ?",
                (register, number, org, place, limit),
            ).fetchall()
        sources = ((org, place, parse_document(body)) for org, place, body in rows)
        return tuple(Incoming(source, source.links[place], (org, place)) for org, place, source in sources)

    def rebuild(self, documents: Iterable[Document | Prepared], upto: int) -> None:
        """As `Index.rebuild`."""
        with layout.building(self._path):
            generation = layout.next_generation(self._path)
            connection = layout.create(generation, lasting=False)
            try:
                self._fill(connection, documents)
                connection.execute("INSERT INTO words (words) VALUES ('optimize')")
                _put(connection, (), upto)
                connection.execute("PRAGMA optimize")
                layout.settle(connection)
            except BaseException:
                generation.unlink()
                raise
            finally:
                connection.close()
            with self._writing:
                layout.switch(self._path, generation)
                _close_all(self._writers)

    def _fill(self, connection: sqlite3.Connection, documents: Iterable[Document | Prepared]) -> None:
        """Puts all in; terms are counted in memory, and written once."""
        terms: Counter[str] = Counter()
        source = iter(documents)
        more = 0
        while batch := list(islice(source, _BATCH)):
            connection.execute("BEGIN")
            more += writing.put(connection, batch, terms)
            connection.execute("COMMIT")
        connection.execute("BEGIN")
        writing.fill_terms(connection, +terms, more)
        connection.execute("COMMIT")

    def health(self) -> Health:
        """As `Index.health`."""
        with self._reading(any_version=True) as connection:
            if _outdated(connection):
                return Health(0, 0, NORMALIZER, True)
            documents = connection.execute("SELECT count(*) FROM org").fetchone()[0]
            return Health(documents, _cursor(connection), NORMALIZER, False)

    @contextmanager
    def _reading(self, any_version: bool = False) -> Iterator[sqlite3.Connection]:
        """A connection to the present generation, in one read transaction. SearchAway: the file cannot be read."""
        try:
            present, connection = self._connect()
        except (sqlite3.Error, OSError) as error:
            raise SearchAway from error
        try:
            connection.execute("BEGIN")
            if not any_version and _outdated(connection):
                raise IndexOutdated
            yield connection
        except sqlite3.Error as error:
            raise SearchAway from error
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            self._idle.append((present, connection))

    def _writer(self) -> sqlite3.Connection:
        """The connection that writes to the present generation."""
        present = self._present()
        if self._writers and self._writers[0][0] != present:
            _close_all(self._writers)
        if not self._writers:
            self._writers.append((present, layout.open_writer(self._path)))
        return self._writers[0][1]

    def _present(self) -> tuple[int, int]:
        status = self._path.stat()
        return status.st_dev, status.st_ino

    def _connect(self) -> tuple[tuple[int, int], sqlite3.Connection]:
        present = self._present()
        while self._idle:
            try:
                generation, connection = self._idle.pop()
            except IndexError:
                break
            if generation == present:
                return present, connection
            connection.close()
        return present, layout.open_reader(self._path)


def _put(connection: sqlite3.Connection, documents: Iterable[Document | Prepared], upto: int) -> None:
    terms: Counter[str] = Counter()
    more = writing.put(connection, documents, terms)
    writing.change_terms(connection, terms, more)
    connection.execute("UPDATE meta SET value = ? WHERE name = 'cursor'", (str(max(upto, _cursor(connection))),))


def _cursor(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT value FROM meta WHERE name = 'cursor'").fetchone()[0])


def _outdated(connection: sqlite3.Connection) -> bool:
    """Whether the file is of another version, or no index at all: whatever it is, a rebuild puts it right."""
    try:
        written = dict(connection.execute("SELECT name, value FROM meta WHERE name IN ('layout', 'normalizer')"))
    except sqlite3.DatabaseError as error:
        # a text that is no UTF-8 has no name: Python says so, not SQLite
        if getattr(error, "sqlite_errorname", None) in (None, "SQLITE_NOTADB", "SQLITE_CORRUPT", "SQLITE_ERROR"):
            return True
        raise
    return written != {"layout": layout.LAYOUT, "normalizer": NORMALIZER}


def _list(connection: sqlite3.Connection, filters: Filters, sort: str, after: Position | None, limit: int) -> Page:
    statement = statements.listed(filters, sort, None if after is None else after.rank, limit + 1)
    rows = connection.execute(statement.sql, statement.values).fetchall()
    hits = [match.listed(parse_document(body), filters) for _, body in rows[:limit]]
    return Page(tuple(hits), hits[-1].position if len(rows) > limit else None)


def _count_listed(connection: sqlite3.Connection, filters: Filters) -> Counts:
    def rows(field: str | None, chosen: Filters) -> list[tuple[str, int]]:
        statement = statements.counted(chosen, field)
        return connection.execute(statement.sql, statement.values).fetchall()

    statement = statements.counted(filters, None)
    total = connection.execute(statement.sql, statement.values).fetchone()[0]
    facets = {field: finding.facet(dict(rows(field, opened(filters, field))), True) for field in FACETS}
    return Counts(total, True, facets)


def _close_all(idle: deque[tuple[tuple[int, int], sqlite3.Connection]]) -> None:
    while idle:
        idle.pop()[1].close()
