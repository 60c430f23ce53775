"""What every index of organizations can do: the `Index` protocol.

Besides, the postings that a plain index is made of. An index is derived from the ledger and can be lost; it finds, and is never
believed. How well a name answers is decided in `search/question/score.py`, which names are looked at in
`search/question/finding.py`; an engine that gathers candidates in one request of its own needs only the latter's `ranked`.
"""

from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from typing import Protocol

from search.question.asked import Asked
from search.question.document import Document, Link
from search.question.match import PART, SPELLING, Hit, Position
from search.question.prepared import Prepared
from search.question.query import Filters, Group, Query

#: matches are counted up to here; beyond, counts are lower bounds and say so
COUNT_CAP = 10_000
FACETS = ("register", "status", "type", "jurisdiction")
SORTS = ("relevance", "name", "registered")
#: organizations with similar names that are shown where nothing is close enough
SIMILAR = 5


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
class Near:
    """What stands in for results where nothing is close enough: organizations with similar names, and another question."""

    similar: tuple[Hit, ...]
    did_you_mean: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that a page of results shows. `near`: None where the results are sure, or after the first page."""

    page: Page
    counts: Counts
    near: Near | None


def is_unsure(query: Query, hits: Sequence[Hit], after: Position | None) -> bool:
    """Whether a first page of results calls for `Near`: there are none, or the best was found by another spelling."""
    return not query.listing and after is None and (not hits or hits[0].why in (SPELLING, PART))


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


@dataclass(frozen=True, slots=True)
class Row:
    """One name among the postings. `rank`: `Document.name_rank`; `read`: as `score.print_read` printed it."""

    rank: int
    read: str


@dataclass(frozen=True, slots=True)
class Sought:
    """Names that are asked for, by one of three, and at most how many.

    `keys`: with one of these, in order of rank. `ways`: with all groups of one of these, in order of rank. `prefixes`: with a key
    that begins so, of each prefix the first `limit` in order of their keys, so that a name may come twice.
    """

    limit: int
    keys: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    ways: tuple[tuple[Group, ...], ...] = ()


class Postings(Protocol):
    """Where candidates come from, in one unchanging state of an index. Names pass `filters`; all is in order of rank.

    What can be asked for at once is asked for at once: an engine that is far away needs one journey for it.
    """

    def numbered(self, numbers: Sequence[str], filters: Filters, limit: int) -> list[int]:
        """Ranks of organizations with one of these compact numbers."""

    def number_begun(self, prefix: str, filters: Filters, limit: int) -> list[int]:
        """Ranks of organizations with a compact number that begins so."""

    def names(self, sought: Sequence[Sought], filters: Filters) -> list[list[Row]]:
        """The names of each of the requests, in the order of these."""

    def near(self, words: Sequence[str]) -> list[list[tuple[str, int]]]:
        """Of each word the terms that one letter parts from it, with their counts; the most frequent first."""

    def alike(self, words: Sequence[str]) -> list[list[tuple[str, int]]]:
        """Of each word the terms that share most runs of three letters with it, with their counts."""

    def counts(self, terms: Iterable[str]) -> dict[str, int]:
        """How many organizations have a name with each term; none for a term that no name has."""

    def size(self) -> int:
        """How many organizations there are."""

    def documents(self, ranks: Sequence[int]) -> dict[int, Document]:
        """Organizations by their ranks."""

    def members(
        self, asked: Asked, filters: Filters, sort: str, after: int | None, without: Set[int], limit: int
    ) -> list[tuple[int, Row | None]]:
        """Organizations that match, in one of the orders of `SORTS`, after the one of that rank; each with its best name.

        By relevance means: in order of their ranks. None instead of a name: only a number matches.
        """

    def fields(self, asked: Asked, filters: Filters, cap: int) -> Counter[tuple[str | None, ...]]:
        """How many organizations that match have each set of fields (`FACETS`): of at most `cap` active ones, and of as many
        others.
        """


class Index(Protocol):
    """An index of organizations. Safe to use from several threads. IndexOutdated: written by another version."""

    @property
    def is_shared(self) -> bool:
        """Whether others follow it too, perhaps from a ledger that is further on."""

    def apply(self, documents: Iterable[Document | Prepared], upto: int) -> None:
        """Puts documents and cursor in one transaction; the cursor never goes back.

        Of one organization the greatest `entry` stays, in any order and however often, and the smallest `first`.
        """

    def cursor(self) -> int:
        """Ledger entries followed so far: the index of the next one to read; 0 when it must be rebuilt."""

    def get(self, register: str, number: str) -> Document | None:
        """One organization by the exact number."""

    def several(self, ids: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Document]:
        """Of many registers and exact numbers the organizations that are there; at most 1000 are asked for."""

    def lookup(self, number: str, limit: int = 20) -> tuple[Document, ...]:
        """Organizations with that compact number (`search.question.names.compact_number`), in order of rank."""

    def search(
        self, query: Query, filters: Filters, after: Position | None, limit: int, sort: str = "relevance"
    ) -> Page:
        """The first `limit` results after that position, in one of the orders of `SORTS`.

        A listing by relevance gives all organizations in order of rank; names and dates that are not known come last.
        """

    def suggest(self, query: Query, filters: Filters, limit: int) -> tuple[Hit, ...]:
        """The best `limit` results, sooner than a search; nothing for a listing."""

    def find(
        self, query: Query, filters: Filters, after: Position | None, limit: int, sort: str = "relevance"
    ) -> Outcome:
        """What `search`, `facets` and `near` give, of one state of the index, looked up once."""

    def near(self, query: Query, filters: Filters, limit: int) -> Near:
        """What stands in for results where there are none."""

    def facets(self, query: Query, filters: Filters, cap: int = COUNT_CAP) -> Counts:
        """How many match, in all and by value; a text query counts up to `cap`, a listing counts all."""

    def incoming(self, register: str, number: str, after: tuple[int, int] | None, limit: int) -> tuple[Incoming, ...]:
        """Links that others state to that organization, in order of `place`."""

    def rebuild(self, documents: Iterable[Document | Prepared], upto: int) -> None:
        """A new index of these documents (any order, repeats allowed), then the switch; readers never see half."""

    def health(self) -> Health:
        """What it holds, and whether it can be used."""
