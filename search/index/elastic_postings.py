"""The postings of an Elasticsearch index, in one point in time of it.

The engine gives the organizations with the first names; which of their names these are is seen here, on what it stores of each.
What is asked of them, and why, is left to `search/question/finding.py`.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from rapidfuzz.distance import OSA

from search.index import elastic_requests as requests
from search.index.cluster import Cluster
from search.question import nearness
from search.question.asked import Asked
from search.question.document import Document, kind_of, parse_document
from search.question.index import FACETS, Row, Sought
from search.question.query import Filters, Group

Body = dict[str, Any]
#: rank, since, until, read, keys and tokens, as they were stored
Stored = tuple[int, str | None, str | None, str, str, str]
#: terms whose counts are asked for in one search
_COUNTED = 1000
#: counts that are remembered of one state
_REMEMBERED = 500_000
#: terms that share runs of letters, some of which no name has any more
_SHARING = 3 * nearness.MOST_ALIKE
_STATUS = FACETS.index("status")


@dataclass(slots=True)
class State:
    """One state of an index, which no write changes.

    `index`: the generation; `pit`: the point in time; `stamp`: states of the same stamp are the same. `counts`: of terms, as far
    as they were asked for. `opened`, `seen`: when it was opened, and last known to be the newest, on the clock of this process.
    """

    index: str
    pit: str
    cursor: int
    organizations: int
    is_outdated: bool
    stamp: tuple[str, int] | None
    opened: float
    seen: float
    counts: dict[str, int] = field(default_factory=dict)
    users: int = 0


class ElasticPostings:
    """`Postings` of one question. SearchAway; `cluster.Gone`: the state is no more."""

    def __init__(self, cluster: Cluster, state: State, keep_alive: str) -> None:
        self._cluster, self._state = cluster, state
        self._pit = {"id": state.pit, "keep_alive": keep_alive}
        self._stored: dict[int, Body] = {}

    def search(self, bodies: Sequence[Body]) -> list[Body]:
        """The answers to some searches of this state, in one journey."""
        return self._cluster.search([{**body, "pit": self._pit} for body in bodies])

    def stored(self, body: Body) -> list[Body]:
        """What is stored of the organizations that a search gives."""
        return self._taken(self.search([body])[0])

    def numbered(self, numbers: Sequence[str], filters: Filters, limit: int) -> list[int]:
        return [each["rank"] for each in self.stored(requests.numbered(numbers, filters, limit))]

    def number_begun(self, prefix: str, filters: Filters, limit: int) -> list[int]:
        return [each["rank"] for each in self.stored(requests.number_begun(prefix, filters, limit))]

    def names(self, sought: Sequence[Sought], filters: Filters) -> list[list[Row]]:
        bodies = [requests.names(each, filters) for each in sought]
        answers = iter(self.search([body for part in bodies for body in part]))
        rows: list[list[Row]] = []
        for each in sought:
            part: list[Row] = []
            if each.keys:
                part += self._first(next(answers), _has_key(each.keys), filters, each.limit)
            for prefix in each.prefixes:
                part += self._begun(next(answers), prefix, filters, each.limit)
            if each.ways:
                part += self._first(next(answers), _has_words(each.ways), filters, each.limit)
            rows.append(part)
        return rows

    def near(self, words: Sequence[str]) -> list[list[tuple[str, int]]]:
        asked = [requests.sharing_variants(word) for word in words]
        # what is too far off need not be counted
        terms = [
            [term for term in _terms(answer) if OSA.distance(word, term, score_cutoff=2) <= 2]
            for word, answer in zip(words, self.search(asked), strict=True)
        ]
        counts = self.counts({term for part in terms for term in part})
        return [
            nearness.near(word, {term: counts[term] for term in part if term in counts})
            for word, part in zip(words, terms, strict=True)
        ]

    def alike(self, words: Sequence[str]) -> list[list[tuple[str, int]]]:
        terms = [_terms(answer) for answer in self.search([requests.sharing_grams(word, _SHARING) for word in words])]
        counts = self.counts({term for part in terms for term in part})
        there = [[term for term in part if term in counts][: nearness.MOST_ALIKE] for part in terms]
        return [
            nearness.alike(word, {term: counts[term] for term in part}) for word, part in zip(words, there, strict=True)
        ]

    def counts(self, terms: Iterable[str]) -> dict[str, int]:
        every, known = list(terms), self._state.counts
        unknown = [term for term in every if term not in known]
        parts = [unknown[start : start + _COUNTED] for start in range(0, len(unknown), _COUNTED)]
        fresh: dict[str, int] = {}
        for part, answer in zip(parts, self.search([requests.counts(part) for part in parts]), strict=True):
            buckets = answer["aggregations"]["terms"]["buckets"]
            fresh.update(zip(part, (bucket["doc_count"] for bucket in buckets), strict=True))
        if len(known) + len(fresh) <= _REMEMBERED:
            known.update(fresh)
        counted = ((term, fresh[term] if term in fresh else known[term]) for term in every)
        return {term: count for term, count in counted if count}

    def size(self) -> int:
        return self._state.organizations

    def documents(self, ranks: Sequence[int]) -> dict[int, Document]:
        missing = [rank for rank in ranks if rank not in self._stored]
        for start in range(0, len(missing), _COUNTED):
            self.stored(requests.ranked(missing[start : start + _COUNTED]))
        return {rank: parse_document(self._stored[rank]["body"]) for rank in ranks}

    def members(
        self, asked: Asked, filters: Filters, sort: str, after: int | None, without: Set[int], limit: int
    ) -> list[tuple[int, Row | None]]:
        place = None if after is None else self.place(after, sort)
        matches = _matches(asked)
        chosen: list[tuple[int, Row | None]] = []
        for stored in self.stored(requests.members(asked, filters, sort, place, without, limit)):
            names = [name for name in stored["names"] if _passes(name, filters) and matches(name)]
            best = min(names, default=None, key=lambda name: int(name[0]))
            chosen.append((stored["rank"], None if best is None else Row(best[0], best[3])))
        return chosen

    def place(self, rank: int, sort: str) -> list[Any]:
        """Where the organization of that rank stands in one of the orders, or stood; before all others where it is no more."""
        if sort == "relevance":
            return [rank]
        hits = self.search([requests.place_of(rank, sort)])[0]["hits"]["hits"]
        return [hits[0]["sort"][0] if hits else "", rank]

    def fields(self, asked: Asked, filters: Filters, cap: int) -> Counter[tuple[str | None, ...]]:
        counted: Counter[tuple[str | None, ...]] = Counter()
        left = {True: cap, False: cap}
        after: Body | None = None
        while True:
            answer = self.search([requests.fields(asked, filters, after)])[0]["aggregations"]["fields"]
            for bucket in answer["buckets"]:
                values = tuple(bucket["key"][field] for field in FACETS)
                is_active = values[_STATUS] == "Active"
                taken = min(bucket["doc_count"], left[is_active])
                left[is_active] -= taken
                counted[values] += taken
            after = answer.get("after_key")
            if after is None or len(answer["buckets"]) < requests.MOST:
                return +counted

    def _first(self, answer: Body, has: Callable[[Stored], bool], filters: Filters, limit: int) -> list[Row]:
        """The first names among those of some organizations that match."""
        every = (name for stored in self._taken(answer) for name in stored["names"])
        names = [Row(name[0], name[3]) for name in every if _passes(name, filters) and has(name)]
        return sorted(names, key=lambda row: row.rank)[:limit]

    def _begun(self, answer: Body, prefix: str, filters: Filters, limit: int) -> list[Row]:
        """The first names in order of their keys that begin so."""
        pairs = [
            (key.encode(), name[0], name[3])
            for stored in self._taken(answer)
            for name in stored["names"]
            if _passes(name, filters)
            for key in name[4].split("\t")
            if key.startswith(prefix)
        ]
        return [Row(rank, read) for _, rank, read in sorted(pairs)[:limit]]

    def _taken(self, answer: Body) -> list[Body]:
        every = [hit["_source"]["stored"] for hit in answer["hits"]["hits"]]
        self._stored.update((each["rank"], each) for each in every)
        return every


def _terms(answer: Body) -> list[str]:
    return [hit["fields"]["term"][0] for hit in answer["hits"]["hits"]]


def _passes(name: Stored, filters: Filters) -> bool:
    if filters.name_kind and kind_of(name[0]) not in filters.name_kind:
        return False
    return filters.at is None or ((name[1] or "") <= filters.at and (name[2] is None or name[2] > filters.at))


def _has_key(keys: Sequence[str]) -> Callable[[Stored], bool]:
    wanted = frozenset(keys)
    return lambda name: not wanted.isdisjoint(name[4].split("\t"))


def _has_words(ways: Sequence[Sequence[Group]]) -> Callable[[Stored], bool]:
    def has(name: Stored) -> bool:
        tokens = name[5].split()
        return any(all(_has_group(tokens, group) for group in way) for way in ways)

    return has


def _has_group(tokens: Sequence[str], group: Group) -> bool:
    prefix = group.prefix
    return any(token in group.words or (prefix is not None and token.startswith(prefix)) for token in tokens)


def _matches(asked: Asked) -> Callable[[Stored], bool]:
    has_key, has_words = _has_key(asked.keys), _has_words(asked.ways)
    begins = asked.prefixes
    return lambda name: (
        has_key(name)
        or has_words(name)
        or (bool(begins) and any(key.startswith(begins) for key in name[4].split("\t")))
    )
