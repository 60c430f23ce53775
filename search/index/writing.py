"""Documents as rows of the embedded index.

They are put in, replaced and taken out, and their terms are counted. Of one organization the newest document stays, with the
smallest first entry; so the order in which they come, and how often, does not matter. Transactions are left to `embedded.py`.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from search.question.document import Document, parse_document
from search.question.prepared import Prepared, newer, prepare, prepared
from search.question.terms import trigrams, variants


def put(connection: sqlite3.Connection, documents: Iterable[Document | Prepared], terms: Counter[str]) -> int:
    """Puts documents in, unless newer ones of the organizations are there. Gives back how many more there are.

    `terms`: where it is counted by how many more organizations have each, for `change_terms` or `fill_terms`.
    """
    newest: dict[tuple[str, str], Prepared] = {}
    for each in prepared(documents):
        key = each.register, each.number
        newest[key] = newer(each, newest.get(key))
    rows, more = _Rows(), 0
    for key, fresh in newest.items():
        document = read(connection, *key)
        before = None if document is None else prepare(document)
        stays = newer(fresh, before)
        if stays != before:
            if before is None:
                more += 1
            else:
                _remove(connection, before, terms)
            rows.add(stays, terms)
    rows.write(connection)
    return more


def read(connection: sqlite3.Connection, register: str, number: str) -> Document | None:
    """One organization by the exact number."""
    row = connection.execute("SELECT body FROM org WHERE register = ? AND number = ?", (register, number)).fetchone()
    return None if row is None else parse_document(row[0])


def change_terms(connection: sqlite3.Connection, terms: Mapping[str, int], more: int) -> None:
    """By how much the counts changed, and how many organizations there are more; a new term gets its variants, one that no name
    has loses them.
    """
    for term, change in sorted(terms.items()):
        if change == 0:
            continue
        changed = connection.execute("UPDATE term SET organizations = organizations + ? WHERE term = ?", (change, term))
        if changed.rowcount == 0:
            connection.execute("INSERT INTO term VALUES (?, ?)", (term, change))
            connection.executemany("INSERT INTO variant VALUES (?, ?)", [(each, term) for each in variants(term)])
            connection.executemany("INSERT INTO gram VALUES (?, ?)", [(each, term) for each in trigrams(term)])
        elif (
            change < 0
            and connection.execute("DELETE FROM term WHERE term = ? AND organizations <= 0", (term,)).rowcount
        ):
            of_variants = [(each, term) for each in variants(term)]
            connection.executemany("DELETE FROM variant WHERE variant = ? AND term = ?", of_variants)
            of_grams = [(each, term) for each in trigrams(term)]
            connection.executemany("DELETE FROM gram WHERE gram = ? AND term = ?", of_grams)
    _count(connection, more)


def fill_terms(connection: sqlite3.Connection, terms: Mapping[str, int], more: int) -> None:
    """Writes the terms of all names of a new file at once, in order of the tables."""
    connection.executemany("INSERT INTO term VALUES (?, ?)", sorted(terms.items()))
    of_variants = sorted((each, term) for term in terms for each in variants(term))
    connection.executemany("INSERT INTO variant VALUES (?, ?)", of_variants)
    of_grams = sorted((each, term) for term in terms for each in trigrams(term))
    connection.executemany("INSERT INTO gram VALUES (?, ?)", of_grams)
    _count(connection, more)


def _count(connection: sqlite3.Connection, more: int) -> None:
    connection.execute("UPDATE meta SET value = value + ? WHERE name = 'organizations'", (more,))


class _Rows:
    """Rows of many documents, to be written at once."""

    def __init__(self) -> None:
        self._organizations: list[tuple[Any, ...]] = []
        self._numbers: list[tuple[str, int]] = []
        self._links: list[tuple[int, int, str, str]] = []
        self._names: list[tuple[Any, ...]] = []
        self._keys: list[tuple[str, int]] = []
        self._words: list[tuple[int, str]] = []

    def add(self, document: Prepared, terms: Counter[str]) -> None:
        """The rows of one document. `terms`: where its terms are counted."""
        rank = document.rank
        register, number, entry, _, *fields = document[:12]
        self._organizations.append((rank, register, number, entry, *fields))
        self._numbers += [(ident, rank) for ident in document.numbers]
        self._links += [(rank, *link) for link in document.links]
        for at, name in document.ranked():
            self._names.append((at, name.since, name.until, name.read))
            self._keys += [(key, at) for key in name.keys.split("\t") if key]
            self._words.append((at, name.tokens))
        terms.update(document.terms)

    def write(self, connection: sqlite3.Connection) -> None:
        """Writes them, each table in its order."""
        tables: tuple[tuple[str, list[Any]], ...] = (
            ("INSERT INTO org VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", self._organizations),
            ("INSERT INTO ident VALUES (?, ?)", self._numbers),
            ("INSERT INTO link VALUES (?, ?, ?, ?)", self._links),
            ("INSERT INTO name VALUES (?, ?, ?, ?)", self._names),
            ("INSERT INTO key VALUES (?, ?)", self._keys),
            ("INSERT INTO words (rowid, tokens) VALUES (?, ?)", self._words),
        )
        for sql, rows in tables:
            rows.sort()
            connection.executemany(sql, rows)


def _remove(connection: sqlite3.Connection, document: Prepared, terms: Counter[str]) -> None:
    """Takes a document out, which was put in as it is given here and by this version of the normalizer."""
    rank = document.rank
    connection.execute("DELETE FROM org WHERE rank = ?", (rank,))
    connection.executemany(
        "DELETE FROM ident WHERE ident = ? AND org = ?", [(ident, rank) for ident in document.numbers]
    )
    connection.execute("DELETE FROM link WHERE org = ?", (rank,))
    for at, name in document.ranked():
        connection.execute("DELETE FROM name WHERE rank = ?", (at,))
        connection.executemany(
            "DELETE FROM key WHERE key = ? AND name = ?", [(key, at) for key in name.keys.split("\t") if key]
        )
        connection.execute("INSERT INTO words (words, rowid, tokens) VALUES ('delete', ?, ?)", (at, name.tokens))
    terms.subtract(document.terms)
