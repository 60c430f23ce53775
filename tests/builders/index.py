"""The `Index` protocol in memory, by brute force: what every real index is compared with."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import replace
from pathlib import Path

from search.index.embedded import EmbeddedIndex
from search.question import finding, match
from search.question.asked import Asked
from search.question.document import ACTIVE_SHIFT, Document, NameEntry, organization_of
from search.question.index import (
    COUNT_CAP,
    FACETS,
    Counts,
    Facet,
    Health,
    Incoming,
    Index,
    Near,
    Outcome,
    Page,
    Row,
    Sought,
)
from search.question.match import Hit, Position, name_passes, passes
from search.question.names import NORMALIZER, Name, analyse
from search.question.nearness import alike, near
from search.question.prepared import Prepared
from search.question.query import Filters, Group, Query
from search.question.score import print_read
from search.question.terms import keys_of, terms_of, trigrams, variants

#: makes an empty index
NewIndex = Callable[[], Index]


def embedded_index(folder: Path) -> EmbeddedIndex:
    """An embedded index in a folder of its own."""
    return EmbeddedIndex(folder / "index.db")


class ModelPostings:
    """Looks at every name, each time."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._documents = {document.rank: document for document in documents}
        names = (
            (document.name_rank(place), document, place, analyse(entry.text))
            for document in self._documents.values()
            for place, entry in enumerate(document.names)
        )
        self._names = sorted(names, key=lambda each: each[0])
        self._by_rank = {rank: name for rank, _, _, name in self._names}
        self._terms = Counter(
            term
            for document in self._documents.values()
            for term in {term for entry in document.names for term in terms_of(analyse(entry.text))}
        )

    def numbered(self, numbers: Sequence[str], filters: Filters, limit: int) -> list[int]:
        return self._ranks(filters, lambda document: not document.numbers.isdisjoint(numbers))[:limit]

    def number_begun(self, prefix: str, filters: Filters, limit: int) -> list[int]:
        return self._ranks(filters, lambda document: any(each.startswith(prefix) for each in document.numbers))[:limit]

    def keyed(self, keys: Sequence[str], filters: Filters, limit: int) -> list[Row]:
        return self._rows(filters, lambda name: not keys_of(name).isdisjoint(keys))[:limit]

    def begun(self, prefixes: Sequence[str], filters: Filters, limit: int) -> list[Row]:
        rows = []
        for prefix in prefixes:
            keys = [
                (key, row)
                for row in self._rows(filters, lambda _: True)
                for key in keys_of(self._by_rank[row.rank])
                if key.startswith(prefix)
            ]
            rows += [row for _, row in sorted(keys, key=lambda pair: (pair[0].encode(), pair[1].rank))[:limit]]
        return rows

    def worded(self, ways: Sequence[Sequence[Group]], filters: Filters, limit: int) -> list[Row]:
        return self._rows(filters, lambda name: _has_words(name, ways))[:limit]

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
        return [
            near(
                word,
                {term: count for term, count in self._terms.items() if not variants(word).isdisjoint(variants(term))},
            )
            for word in words
        ]

    def alike(self, words: Sequence[str]) -> list[list[tuple[str, int]]]:
        return [self._alike(word) for word in words]

    def _alike(self, word: str) -> list[tuple[str, int]]:
        own = trigrams(word)
        shared = {term: len(own & trigrams(term)) for term in self._terms}
        most = sorted(
            (term for term, count in shared.items() if count), key=lambda term: (-shared[term], term.encode())
        )
        return alike(word, {term: self._terms[term] for term in most[:40]})

    def counts(self, terms: Iterable[str]) -> dict[str, int]:
        return {term: self._terms[term] for term in terms if term in self._terms}

    def size(self) -> int:
        return len(self._documents)

    def documents(self, ranks: Sequence[int]) -> dict[int, Document]:
        return {rank: self._documents[rank] for rank in ranks}

    def members(
        self, asked: Asked, filters: Filters, sort: str, after: int | None, without: Set[int], limit: int
    ) -> list[tuple[int, Row | None]]:
        order = finding.ORDERS.get(sort, lambda _: "")
        ranks = sorted(self._matching(asked, filters), key=lambda rank: (order(self._documents[rank]), rank))
        if after is not None:
            moved = self._documents.get(after) or self._documents.get(after ^ 1 << ACTIVE_SHIFT)
            place = "" if moved is None else order(moved), after
            ranks = [rank for rank in ranks if (order(self._documents[rank]), rank) > place]
        names: dict[int, Row] = {}
        for row in self._rows(filters, lambda name: _matches(asked, name)):
            names.setdefault(organization_of(row.rank), row)
        return [(rank, names.get(rank)) for rank in ranks if rank not in without][:limit]

    def fields(self, asked: Asked, filters: Filters, cap: int) -> Counter[tuple[str | None, ...]]:
        ranks = sorted(self._matching(asked, filters))
        chosen = [
            rank for active in (0, 1) for rank in [each for each in ranks if each >> ACTIVE_SHIFT == active][:cap]
        ]
        return Counter(tuple(getattr(self._documents[rank], field) for field in FACETS) for rank in chosen)

    def _matching(self, asked: Asked, filters: Filters) -> set[int]:
        by_name = {organization_of(row.rank) for row in self._rows(filters, lambda name: _matches(asked, name))}
        begins = asked.number_prefix
        by_number = self._ranks(
            filters,
            lambda document: (
                not document.numbers.isdisjoint(asked.numbers)
                or (begins != "" and any(each.startswith(begins) for each in document.numbers))
            ),
        )
        return by_name | set(by_number)

    def _ranks(self, filters: Filters, test) -> list[int]:
        return [rank for rank, each in sorted(self._documents.items()) if passes(filters, each) and test(each)]

    def _rows(self, filters: Filters, test) -> list[Row]:
        return [
            Row(rank, print_read(name.units, name.legal, name.keys))
            for rank, document, place, name in self._names
            if passes(filters, document) and name_passes(filters, document, place) and test(name)
        ]


def _has_words(name: Name, ways: Sequence[Sequence[Group]]) -> bool:
    tokens = set(name.tokens)
    return any(
        all(
            not tokens.isdisjoint(group.words)
            or (group.prefix is not None and any(token.startswith(group.prefix) for token in tokens))
            for group in way
        )
        for way in ways
    )


def _matches(asked: Asked, name: Name) -> bool:
    keys = keys_of(name)
    return (
        not keys.isdisjoint(asked.keys)
        or any(key.startswith(prefix) for prefix in asked.prefixes for key in keys)
        or _has_words(name, asked.ways)
    )


def document(first: int, name: str, entry: int | None = None) -> Document:
    """An organization of one legal name, logged first under entry `first`, and last under `entry`."""
    return Document(
        register="sample",
        number=f"N{first}",
        entry=first if entry is None else entry,
        first=first,
        n=1,
        name=name,
        status="Active",
        type="BC",
        names=(NameEntry(name, "legal"),),
    )


class ModelIndex:
    def __init__(self) -> None:
        self._documents: dict[tuple[str, str], Document] = {}
        self._cursor = 0
        self.is_shared = False

    def apply(self, documents: Iterable[Document | Prepared], upto: int) -> None:
        for each in list(documents):
            document = each if isinstance(each, Document) else each.document
            key = document.register, document.number
            before = self._documents.get(key, document)
            newest = max(before, document, key=lambda each: each.entry)
            self._documents[key] = replace(newest, first=min(before.first, document.first))
        self._cursor = max(self._cursor, upto)

    def cursor(self) -> int:
        return self._cursor

    def get(self, register: str, number: str) -> Document | None:
        return self._documents.get((register, number))

    def several(self, ids: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Document]:
        return {id: self._documents[id] for id in ids if id in self._documents}

    def lookup(self, number: str, limit: int = 20) -> tuple[Document, ...]:
        documents = [document for document in self._documents.values() if number in document.numbers]
        return tuple(sorted(documents, key=lambda document: document.rank)[:limit])

    def search(
        self, query: Query, filters: Filters, after: Position | None, limit: int, sort: str = "relevance"
    ) -> Page:
        if not query.listing and sort == "relevance":
            return finding.page(self._postings(), query, filters, after, limit)
        if not query.listing:
            return finding.sorted_page(self._postings(), query, filters, sort, after, limit)
        order = finding.ORDERS.get(sort, lambda _: "")
        listed = sorted(self._passing(filters), key=lambda document: (order(document), document.rank))
        hits = [match.listed(document, filters) for document in listed]
        start = 0
        if after is not None:
            ranks = after.rank, after.rank ^ 1 << ACTIVE_SHIFT
            moved = next((each for each in self._documents.values() if each.rank in ranks), None)
            place = "" if moved is None else order(moved), after.rank
            start = sum((order(document), document.rank) <= place for document in listed)
        chosen = hits[start : start + limit]
        return Page(tuple(chosen), chosen[-1].position if start + limit < len(hits) else None)

    def suggest(self, query: Query, filters: Filters, limit: int) -> tuple[Hit, ...]:
        if query.listing:
            return ()
        return finding.page(self._postings(), query, filters, None, limit, finding.SUGGESTED_BREADTH).hits

    def near(self, query: Query, filters: Filters, limit: int) -> Near:
        return Near((), None) if query.listing else finding.near(self._postings(), query, filters, limit)

    def find(
        self, query: Query, filters: Filters, after: Position | None, limit: int, sort: str = "relevance"
    ) -> Outcome:
        if not query.listing:
            return finding.outcome(self._postings(), query, filters, after, limit, sort)
        return Outcome(self.search(query, filters, after, limit, sort), self.facets(query, filters), None)

    def facets(self, query: Query, filters: Filters, cap: int = COUNT_CAP) -> Counts:
        if not query.listing:
            return finding.count(self._postings(), query, filters, cap)
        facets: dict[str, Facet] = {}
        for field in FACETS:
            passing = self._passing(replace(filters, **{field: frozenset()}))
            facets[field] = finding.facet(Counter(getattr(document, field) for document in passing), True)
        return Counts(len(self._passing(filters)), True, facets)

    def incoming(self, register: str, number: str, after: tuple[int, int] | None, limit: int) -> tuple[Incoming, ...]:
        links = [
            Incoming(document, link, (document.rank, place))
            for document in self._documents.values()
            for place, link in enumerate(document.links)
            if (link.register, link.number) == (register, number)
        ]
        links.sort(key=lambda each: each.place)
        return tuple(each for each in links if after is None or each.place > after)[:limit]

    def rebuild(self, documents: Iterable[Document | Prepared], upto: int) -> None:
        fresh = ModelIndex()
        fresh.apply(documents, upto)
        self._documents, self._cursor = fresh._documents, upto

    def health(self) -> Health:
        return Health(len(self._documents), self._cursor, NORMALIZER, False)

    def _postings(self) -> ModelPostings:
        return ModelPostings(self._documents.values())

    def _passing(self, filters: Filters) -> list[Document]:
        return [document for document in self._documents.values() if passes(filters, document)]


def is_slow(index: Index) -> bool:
    """Whether questions take long: by brute force, or by journeys to another process. Tests that only repeat ask fewer."""
    return not isinstance(index, EmbeddedIndex)
