"""The embedded index: SQLite with FTS5 in one file, behind the `Index` protocol.

One writer at a time (`BEGIN IMMEDIATE`), any number of readers, each with a read-only connection that no other uses at
the same time; an index that was switched is noticed at the next question.
The tables are `layout.py`'s, the statements `statements.py`'s, the judgement `search/question/match.py`'s. Feeding it is left to
`search/index/follow.py`.
"""

import sqlite3
import threading
import weakref
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path

from search.errors import IndexOutdated
from search.index import layout, statements
from search.question import match
from search.question.document import Document, parse_document
from search.question.index import COUNT_CAP, FACETS, Counts, Facet, Health, Incoming, Page
from search.question.match import Hit, Position
from search.question.names import NORMALIZER
from search.question.query import Filters, Query

#: documents per transaction of a rebuild
_BATCH = 2000


class EmbeddedIndex:
    """An `Index` in the file that `path` leads to; made, empty, when it is missing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writing = threading.Lock()
        self._idle: deque[tuple[tuple[int, int], sqlite3.Connection]] = deque()
        weakref.finalize(self, _close_all, self._idle)
        if path.exists():
            return
        with layout.building(path):
            if not path.exists():
                generation = layout.next_generation(path)
                layout.create(generation).close()
                layout.switch(path, generation)

    def apply(self, documents: Iterable[Document], upto: int) -> None:
        """As `Index.apply`."""
        with self._writing:
            connection = layout.open_writer(self._path)
            try:
                connection.execute("BEGIN IMMEDIATE")
                if _outdated(connection):
                    raise IndexOutdated
                _put(connection, documents, upto)
                connection.execute("COMMIT")
            finally:
                connection.close()

    def cursor(self) -> int:
        """As `Index.cursor`."""
        with self._reading(any_version=True) as connection:
            return 0 if _outdated(connection) else _cursor(connection)

    def get(self, register: str, number: str) -> Document | None:
        """As `Index.get`."""
        with self._reading() as connection:
            return _get(connection, register, number)

    def lookup(self, number: str, limit: int = 20) -> tuple[Document, ...]:
        """As `Index.lookup`."""
        statement = statements.page(match.NUMBER, Query("", False, number=number), Filters(), -1)
        assert statement is not None
        with self._reading() as connection:
            rows = connection.execute(statement.sql, statement.values)
            return tuple(parse_document(body) for _, body in islice(rows, limit))

    def search(self, query: Query, filters: Filters, after: Position | None, limit: int) -> Page:
        """As `Index.search`."""
        with self._reading() as connection:
            hits = list(islice(self._hits(connection, query, filters, after or Position(0, -1)), limit + 1))
        page = tuple(hits[:limit])
        return Page(page, page[-1].position if len(hits) > limit else None)

    def suggest(self, query: Query, filters: Filters, limit: int) -> tuple[Hit, ...]:
        """As `Index.suggest`."""
        return () if query.listing else self.search(query, filters, None, limit).hits

    def facets(self, query: Query, filters: Filters, cap: int = COUNT_CAP) -> Counts:
        """As `Index.facets`."""
        with self._reading() as connection:
            if query.listing:
                return _count_listed(connection, filters)
            return _count_matching(connection, query, filters, _names_asked(connection, query), cap)

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

    def rebuild(self, documents: Iterable[Document], upto: int) -> None:
        """As `Index.rebuild`."""
        with layout.building(self._path):
            generation = layout.next_generation(self._path)
            connection = layout.create(generation, lasting=False)
            try:
                source = iter(documents)
                while batch := list(islice(source, _BATCH)):
                    connection.execute("BEGIN")
                    _put(connection, batch, 0)
                    connection.execute("COMMIT")
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

    def health(self) -> Health:
        """As `Index.health`."""
        with self._reading(any_version=True) as connection:
            if _outdated(connection):
                return Health(0, 0, NORMALIZER, True)
            documents = connection.execute("SELECT count(*) FROM org").fetchone()[0]
            return Health(documents, _cursor(connection), NORMALIZER, False)

    @contextmanager
    def _reading(self, any_version: bool = False) -> Iterator[sqlite3.Connection]:
        """A connection to the present generation, in one read transaction."""
        present, connection = self._connect()
        try:
            connection.execute("BEGIN")
            if not any_version and _outdated(connection):
                raise IndexOutdated
            yield connection
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            self._idle.append((present, connection))

    def _connect(self) -> tuple[tuple[int, int], sqlite3.Connection]:
        status = self._path.stat()
        present = status.st_dev, status.st_ino
        while self._idle:
            try:
                generation, connection = self._idle.pop()
            except IndexError:
                break
            if generation == present:
                return present, connection
            connection.close()
        return present, layout.open_reader(self._path)

    def _hits(self, connection: sqlite3.Connection, query: Query, filters: Filters, after: Position) -> Iterator[Hit]:
        names_asked = _names_asked(connection, query)
        if query.listing:
            stages: tuple[int, ...] = (match.LISTED,)
        elif names_asked:
            stages = tuple(range(match.NUMBER, match.LISTED))
        else:
            stages = (match.NUMBER,)
        for stage in stages:
            if stage < after.stage:
                continue
            rank = after.rank if stage == after.stage else -1
            statement = statements.page(stage, query, filters, rank)
            if statement is None:
                continue
            for place, body in connection.execute(statement.sql, statement.values):
                hit = match.best(query, filters, parse_document(body), names_asked)
                if hit is not None and hit.position == Position(stage, place):
                    yield hit


def _put(connection: sqlite3.Connection, documents: Iterable[Document], upto: int) -> None:
    for document in documents:
        before = _get(connection, document.register, document.number)
        newest = document
        if before is not None:
            newest = replace(
                document if document.entry >= before.entry else before, first=min(document.first, before.first)
            )
            if newest == before and newest.first == before.first:
                continue
            layout.remove(connection, before)
        layout.insert(connection, newest)
    connection.execute("UPDATE meta SET value = ? WHERE name = 'cursor'", (str(max(upto, _cursor(connection))),))


def _get(connection: sqlite3.Connection, register: str, number: str) -> Document | None:
    row = connection.execute("SELECT body FROM org WHERE register = ? AND number = ?", (register, number)).fetchone()
    return None if row is None else parse_document(row[0])


def _cursor(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT value FROM meta WHERE name = 'cursor'").fetchone()[0])


def _outdated(connection: sqlite3.Connection) -> bool:
    """Whether the file is of another version, or no index at all: whatever it is, a rebuild puts it right."""
    try:
        written = dict(connection.execute("SELECT name, value FROM meta WHERE name != 'cursor'"))
    except sqlite3.DatabaseError as error:
        # a text that is no UTF-8 has no name: Python says so, not SQLite
        if getattr(error, "sqlite_errorname", None) in (None, "SQLITE_NOTADB", "SQLITE_CORRUPT", "SQLITE_ERROR"):
            return True
        raise
    return written != {"layout": layout.LAYOUT, "normalizer": NORMALIZER}


def _names_asked(connection: sqlite3.Connection, query: Query) -> bool:
    if not query.number_alone or not query.number:
        return True
    return connection.execute("SELECT 1 FROM ident WHERE ident = ?", (query.number,)).fetchone() is None


def _count_listed(connection: sqlite3.Connection, filters: Filters) -> Counts:
    def rows(field: str | None, chosen: Filters) -> list[tuple[str, int]]:
        statement = statements.listed(chosen, field)
        return connection.execute(statement.sql, statement.values).fetchall()

    total = connection.execute(*_pair(statements.listed(filters, None))).fetchone()[0]
    facets = {field: _facet(dict(rows(field, statements.without(filters, field))), True) for field in FACETS}
    return Counts(total, True, facets)


def _count_matching(
    connection: sqlite3.Connection, query: Query, filters: Filters, names_asked: bool, cap: int
) -> Counts:
    def rows(chosen: Filters) -> list[tuple[str, ...]]:
        # Active ones come first in rank: counted together, the cap would hide that there are any others.
        return [
            row
            for active in (True, False)
            for row in connection.execute(*_pair(statements.matching(query, chosen, names_asked, active, cap + 1)))
        ]

    matching = rows(filters)
    facets = {}
    for place, field in enumerate(FACETS):
        open_field = statements.without(filters, field)
        counted = matching if open_field == filters else rows(open_field)
        facets[field] = _facet(Counter(row[place] for row in counted if row[place] is not None), len(counted) <= cap)
    return Counts(min(len(matching), cap), len(matching) <= cap, facets)


def _facet(values: dict[str, int], exact: bool) -> Facet:
    return Facet(tuple(sorted(values.items(), key=lambda item: (-item[1], item[0]))), exact)


def _pair(statement: statements.Statement) -> tuple[str, tuple[str | int, ...]]:
    return statement.sql, statement.values


def _close_all(idle: deque[tuple[tuple[int, int], sqlite3.Connection]]) -> None:
    while idle:
        idle.pop()[1].close()
