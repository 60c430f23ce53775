"""The postings of the embedded index, in one read transaction.

What is asked of them, and why, is left to `search/question/finding.py`.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence, Set
from typing import Any

from search.index import statements
from search.question.asked import Asked
from search.question.document import Document, parse_document
from search.question.index import Row, Sought
from search.question.nearness import MOST_ALIKE, alike, near
from search.question.query import Filters, Group
from search.question.terms import trigrams, variants

_BOUND = 500


class SqlitePostings:
    """`Postings` over a connection that stands in a read transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def numbered(self, numbers: Sequence[str], filters: Filters, limit: int) -> list[int]:
        return [rank for (rank,) in self._rows(statements.numbered(numbers, filters, limit))]

    def number_begun(self, prefix: str, filters: Filters, limit: int) -> list[int]:
        return [rank for (rank,) in self._rows(statements.number_begun(prefix, filters, limit))]

    def keyed(self, keys: Sequence[str], filters: Filters, limit: int) -> list[Row]:
        return [Row(*row) for row in self._rows(statements.keyed(keys, filters, limit))] if keys else []

    def begun(self, prefixes: Sequence[str], filters: Filters, limit: int) -> list[Row]:
        rows = [row for prefix in prefixes for row in self._rows(statements.begun(prefix, filters, limit))]
        return [Row(*row) for row in rows]

    def worded(self, ways: Sequence[Sequence[Group]], filters: Filters, limit: int) -> list[Row]:
        return [Row(*row) for row in self._rows(statements.worded(ways, filters, limit))] if ways else []

    def names(self, sought: Sequence[Sought], filters: Filters) -> list[list[Row]]:
        return [
            [
                *self.keyed(each.keys, filters, each.limit),
                *self.begun(each.prefixes, filters, each.limit),
                *self.worded(each.ways, filters, each.limit),
            ]
            for each in sought
        ]

    def near(self, words: Sequence[str]) -> list[list[tuple[str, int]]]:
        return [near(word, self.counts(self._sharing("variant", variants(word), None))) for word in words]

    def alike(self, words: Sequence[str]) -> list[list[tuple[str, int]]]:
        return [alike(word, self.counts(self._sharing("gram", trigrams(word), MOST_ALIKE))) for word in words]

    def counts(self, terms: Iterable[str]) -> dict[str, int]:
        counted: dict[str, int] = {}
        every = list(terms)
        for start in range(0, len(every), _BOUND):
            part = every[start : start + _BOUND]
            marks = ", ".join("?" * len(part))
            sql = f"SELECT term, organizations FROM term WHERE term IN ({marks})"  # noqa: S608 - question marks alone
            counted.update(self._connection.execute(sql, part))
        return counted

    def size(self) -> int:
        return int(self._connection.execute("SELECT value FROM meta WHERE name = 'organizations'").fetchone()[0])

    def documents(self, ranks: Sequence[int]) -> dict[int, Document]:
        every: dict[int, Document] = {}
        for start in range(0, len(ranks), _BOUND):
            part = ranks[start : start + _BOUND]
            marks = ", ".join("?" * len(part))
            sql = f"SELECT rank, body FROM org WHERE rank IN ({marks})"  # noqa: S608 - question marks alone
            every.update((rank, parse_document(body)) for rank, body in self._connection.execute(sql, part))
        return every

    def members(
        self, asked: Asked, filters: Filters, sort: str, after: int | None, without: Set[int], limit: int
    ) -> list[tuple[int, Row | None]]:
        rows = self._rows(statements.members(asked, filters, sort, after, limit + len(without)))
        chosen = [(rank, name) for rank, name in rows if rank not in without][:limit]
        return [(rank, None if name is None else Row(name, self._read(name))) for rank, name in chosen]

    def fields(self, asked: Asked, filters: Filters, cap: int) -> Counter[tuple[str | None, ...]]:
        # Active ones come first in rank: counted together, the cap would hide that there are any others.
        return Counter(
            row for active in (True, False) for row in self._rows(statements.fields(asked, filters, active, cap))
        )

    def _read(self, name: int) -> str:
        return str(self._connection.execute("SELECT read FROM name WHERE rank = ?", (name,)).fetchone()[0])

    def _sharing(self, table: str, parts: Iterable[str], most: int | None) -> list[str]:
        """Terms with some of these variants or grams: all, or those with the most of them."""
        values: list[str | int] = sorted(map(str, parts))
        if not values:
            return []
        marks = ", ".join("?" * len(values))
        order = "" if most is None else " ORDER BY count(*) DESC, term LIMIT ?"
        sql = f"SELECT term FROM {table} WHERE {table} IN ({marks}) GROUP BY term{order}"  # noqa: S608 - ours
        return [term for (term,) in self._connection.execute(sql, values if most is None else [*values, most])]

    def _rows(self, statement: statements.Statement) -> list[Any]:
        return self._connection.execute(statement.sql, statement.values).fetchall()
