"""Documents as rows of the embedded index.

They are put in, replaced and taken out, and their terms are counted. Of one organization the newest document stays, with the smallest first entry; so the order in which they come, and how often,
does not matter. Transactions are left to `embedded.py`.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from search.question.document import Document, parse_document, print_document
from search.question.finding import date_order, name_order
from search.question.prepared import Prepared, prepare, prepared
from search.question.terms import trigrams, variants


def put(connection: sqlite3.Connection, documents: Iterable[Document | Prepared], terms: Counter[str]) -> int:
    """Puts documents in, unless newer ones of the organizations are there. Gives back by how many names there are more.

    `terms`: where it is counted by how many names each has more, for `change_terms` or `fill_terms`.
    """
    newest: dict[tuple[str, str], tuple[Prepared, int]] = {}
    for each in prepared(documents):
        document = each.document
        key = document.register, document.number
        other = newest.get(key)
        if other is None:
            newest[key] = each, document.first
        else:
            newest[key] = max(each, other[0], key=_entry), min(other[1], document.first)
    rows, removed = _Rows(), 0
    for key, (fresh, first) in newest.items():
        before = read(connection, *key)
        if before is None:
            rows.add(fresh, first, terms)
            continue
        own = prepare(before)
        stays, earliest = max(fresh, own, key=_entry), min(before.first, first)
        if stays.document != before or earliest != before.first:
            removed += _remove(connection, own, terms)
            rows.add(stays, earliest, terms)
    return rows.write(connection) - removed


def read(connection: sqlite3.Connection, register: str, number: str) -> Document | None:
    """One organization by the exact number."""
    row = connection.execute("SELECT body FROM org WHERE register = ? AND number = ?", (register, number)).fetchone()
    return None if row is None else parse_document(row[0])


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


def _entry(each: Prepared) -> int:
    return each.document.entry


class _Rows:
    """Rows of many documents, to be written at once."""

    def __init__(self) -> None:
        self._organizations: list[tuple[Any, ...]] = []
        self._numbers: list[tuple[str, int]] = []
        self._links: list[tuple[int, int, str, str]] = []
        self._names: list[tuple[Any, ...]] = []
        self._keys: list[tuple[str, int]] = []
        self._words: list[tuple[int, str]] = []

    def add(self, prepared: Prepared, first: int, terms: Counter[str]) -> None:
        """The rows of one document, as of that first entry; `terms`: where its terms are counted."""
        document = prepared.document
        if document.first != first:
            document = replace(document, first=first)
        rank = document.rank
        self._organizations.append(
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
            )
        )
        self._numbers += [(number, rank) for number in prepared.numbers]
        self._links += _links(document)
        for entry, (at, name) in zip(document.names, prepared.ranked(document), strict=True):
            self._names.append((at, entry.since, entry.until, name.read))
            self._keys += [(key, at) for key in name.keys]
            self._words.append((at, name.tokens))
            terms.update(name.terms)

    def write(self, connection: sqlite3.Connection) -> int:
        """Writes them, each table in its order. Gives back how many names."""
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
        return len(self._names)


def _remove(connection: sqlite3.Connection, prepared: Prepared, terms: Counter[str]) -> int:
    """Takes a document out, which was put in as it is given here and by this version of the normalizer. Gives back its names."""
    document = prepared.document
    rank = document.rank
    connection.execute("DELETE FROM org WHERE rank = ?", (rank,))
    connection.executemany(
        "DELETE FROM ident WHERE ident = ? AND org = ?", [(number, rank) for number in prepared.numbers]
    )
    connection.execute("DELETE FROM link WHERE org = ?", (rank,))
    for at, name in prepared.ranked(document):
        connection.execute("DELETE FROM name WHERE rank = ?", (at,))
        connection.executemany("DELETE FROM key WHERE key = ? AND name = ?", [(key, at) for key in name.keys])
        connection.execute("INSERT INTO words (words, rowid, tokens) VALUES ('delete', ?, ?)", (at, name.tokens))
        terms.subtract(name.terms)
    return len(prepared.names)
