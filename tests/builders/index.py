"""The `Index` protocol in memory, by brute force: what every real index is compared with."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from search.question.document import Document
from search.question.index import COUNT_CAP, FACETS, Counts, Facet, Health, Incoming, Page
from search.question.match import Hit, Position, best, passes
from search.question.names import NORMALIZER
from search.question.query import Filters, Query


class ModelIndex:
    def __init__(self) -> None:
        self._documents: dict[tuple[str, str], Document] = {}
        self._cursor = 0

    def apply(self, documents: Iterable[Document], upto: int) -> None:
        for document in documents:
            key = document.register, document.number
            before = self._documents.get(key, document)
            newest = max(before, document, key=lambda each: each.entry)
            self._documents[key] = replace(newest, first=min(before.first, document.first))
        self._cursor = max(self._cursor, upto)

    def cursor(self) -> int:
        return self._cursor

    def get(self, register: str, number: str) -> Document | None:
        return self._documents.get((register, number))

    def lookup(self, number: str, limit: int = 20) -> tuple[Document, ...]:
        documents = [document for document in self._documents.values() if number in document.numbers]
        return tuple(sorted(documents, key=lambda document: document.rank)[:limit])

    def search(self, query: Query, filters: Filters, after: Position | None, limit: int) -> Page:
        hits = [hit for hit in self._hits(query, filters) if after is None or hit.position > after]
        return Page(tuple(hits[:limit]), hits[limit - 1].position if len(hits) > limit else None)

    def suggest(self, query: Query, filters: Filters, limit: int) -> tuple[Hit, ...]:
        return () if query.listing else tuple(self._hits(query, filters)[:limit])

    def facets(self, query: Query, filters: Filters, cap: int = COUNT_CAP) -> Counts:
        total = len(self._hits(query, filters))
        facets = {}
        for field in FACETS:
            hits = self._hits(query, replace(filters, **{field: frozenset()}))
            counted = Counter(getattr(hit.document, field) for hit in hits if getattr(hit.document, field) is not None)
            values = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
            facets[field] = Facet(tuple(values), True)
        return Counts(total, True, facets)

    def incoming(self, register: str, number: str, after: tuple[int, int] | None, limit: int) -> tuple[Incoming, ...]:
        links = [
            Incoming(document, link, (document.rank, place))
            for document in self._documents.values()
            for place, link in enumerate(document.links)
            if (link.register, link.number) == (register, number)
        ]
        links.sort(key=lambda each: each.place)
        return tuple(each for each in links if after is None or each.place > after)[:limit]

    def rebuild(self, documents: Iterable[Document], upto: int) -> None:
        fresh = ModelIndex()
        fresh.apply(documents, upto)
        self._documents, self._cursor = fresh._documents, upto

    def health(self) -> Health:
        return Health(len(self._documents), self._cursor, NORMALIZER, False)

    def _hits(self, query: Query, filters: Filters) -> list[Hit]:
        number_found = any(query.number in document.numbers for document in self._documents.values())
        names_asked = not (query.number_alone and query.number and number_found)
        passing = (document for document in self._documents.values() if passes(filters, document))
        hits = (best(query, filters, document, names_asked) for document in passing)
        return sorted((hit for hit in hits if hit is not None), key=lambda hit: hit.position)
