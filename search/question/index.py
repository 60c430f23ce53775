"""What every index of organizations can do: the `Index` protocol and its types.

The embedded index (`search/index/embedded.py`) is the first to obey it. An index is derived from the ledger and can be
lost; it finds, and is never believed. How well a name answers is decided in `search/question/match.py`, not here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from search.question.document import Document, Link
from search.question.match import Hit, Position
from search.question.query import Filters, Query

#: matches are counted up to here; beyond, counts are lower bounds and say so
COUNT_CAP = 10_000
FACETS = ("register", "status", "type", "jurisdiction")


@dataclass(frozen=True, slots=True)
class Page:
    """Results in order, and the position of the last one when more follow (None: no more)."""

    hits: tuple[Hit, ...]
    next: Position | None


@dataclass(frozen=True, slots=True)
class Facet:
    """Counts by value, most frequent first; `exact` false: lower bounds."""

    values: tuple[tuple[str, int], ...]
    exact: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """How many organizations match; by field, how many would match if that field were not filtered."""

    total: int
    exact: bool
    facets: dict[str, Facet]


@dataclass(frozen=True, slots=True)
class Incoming:
    """A link that another organization, `source`, states; `place` orders all links that there are."""

    source: Document
    link: Link
    place: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Health:
    """Organizations held, ledger entries followed, and whether another version wrote it (`outdated`: rebuild it)."""

    documents: int
    cursor: int
    normalizer: str
    outdated: bool


class Index(Protocol):
    """An index of organizations. Safe to use from several threads. IndexOutdated: written by another version."""

    def apply(self, documents: Iterable[Document], upto: int) -> None:
        """Puts documents and cursor in one transaction; the cursor never goes back.

        Of one organization the greatest `entry` stays, in any order and however often, and the smallest `first`.
        """

    def cursor(self) -> int:
        """Ledger entries followed so far: the index of the next one to read; 0 when it must be rebuilt."""

    def get(self, register: str, number: str) -> Document | None:
        """One organization by the exact number."""

    def lookup(self, number: str, limit: int = 20) -> tuple[Document, ...]:
        """Organizations with that compact number (`search.question.names.compact_number`), in order of rank."""

    def search(self, query: Query, filters: Filters, after: Position | None, limit: int) -> Page:
        """The first `limit` results after that position; for a listing, all organizations in order of rank."""

    def suggest(self, query: Query, filters: Filters, limit: int) -> tuple[Hit, ...]:
        """The best `limit` results of the same search; nothing for a listing."""

    def facets(self, query: Query, filters: Filters, cap: int = COUNT_CAP) -> Counts:
        """How many match, in all and by value; a text query counts up to `cap`, a listing counts all."""

    def incoming(self, register: str, number: str, after: tuple[int, int] | None, limit: int) -> tuple[Incoming, ...]:
        """Links that others state to that organization, in order of `place`."""

    def rebuild(self, documents: Iterable[Document], upto: int) -> None:
        """A new index of these documents (any order, repeats allowed), then the switch; readers never see half."""

    def health(self) -> Health:
        """What it holds, and whether it can be used."""
