"""The `Index` on an Elasticsearch cluster, for any number of readers and followers.

A question is answered from one point in time, which the questions of a process share for a moment. What `apply` put is searchable
when it returns, and until then not: so, with one shard, an answer shows the ledger as of its cursor. The way from a question to
its answers is `search/question/finding.py`'s; the mapping is `elastic_layout.py`'s.
"""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import TypeVar

from elasticsearch import ApiError

from registry.installation.settings import SearchEngine
from search.errors import IndexOutdated, SearchAway
from search.index import elastic_requests as requests
from search.index.cluster import Cluster, Gone, in_form
from search.index.elastic_layout import CURSOR, LAYOUT, SEPARATOR, organization_id
from search.index.elastic_postings import Body, ElasticPostings, State
from search.index.elastic_writing import Filling, put
from search.index.generations import Generations
from search.question import finding, match
from search.question.document import Document, parse_document
from search.question.index import COUNT_CAP, FACETS, Counts, Health, Incoming, Near, Outcome, Page
from search.question.match import Hit, Position
from search.question.names import NORMALIZER
from search.question.prepared import Prepared
from search.question.query import Filters, Query, opened

#: seconds for which a process answers from the same point in time, and for which the engine keeps one that nobody asks
FRESH = 0.5
_KEPT = "2m"
#: seconds after which a point in time is opened anew, even where nothing seems to have changed
_LONGEST = 60.0
#: a question whose state is taken away, as by a switch or the end of a node, is asked again, after so many seconds at first
_PAUSE = 0.02
_TRIES = 4
T = TypeVar("T")


class _Followed(threading.local):
    """The generation whose cursor this thread asked for last: one that follows does so before it applies."""

    index = ""


class ElasticIndex:
    """An `Index` of one installation on a cluster; made, empty, when it is missing. SearchAway: from every method.

    `fresh`: seconds for which the questions of this process share a state. `generations`, `cluster`: where it is kept.
    """

    def __init__(self, engine: SearchEngine, origin: str, fresh: float = FRESH, cluster: Cluster | None = None) -> None:
        self.cluster = cluster or Cluster(engine)
        self.generations = Generations(self.cluster, origin, engine.shards)
        self._fresh = fresh
        self._changing, self._renewing, self._writing = threading.Lock(), threading.Lock(), threading.Lock()
        self._state: State | None = None
        #: terms that this process has written, and how far it has brought which generation
        self._known: set[tuple[str, str]] = set()
        self._written = "", 0
        self._followed = _Followed()

    @property
    def is_shared(self) -> bool:
        """As `Index.is_shared`."""
        return True

    def apply(self, documents: Iterable[Document | Prepared], upto: int) -> None:
        """As `Index.apply`; not one transaction: the cursor moves when all is acknowledged, and all is shown at once.

        What was read before another rebuilt the index is left out: it may say what was erased since, and what stands between
        the new index's cursor and it would be skipped. Whoever follows goes on from that cursor.
        """
        batch = list(documents)
        with self._writing:
            for tried in range(_TRIES):
                state = self._now()
                if state.is_outdated:
                    raise IndexOutdated
                if self._followed.index not in ("", state.index):
                    return
                if state.index == self._written[0] and state.cursor < self._written[1]:
                    # somebody took it away, and another of the same name was begun: what was written is not in it
                    self._known.clear()
                try:
                    put(self.cluster, self.generations.entrance(state.index), batch, self._known)
                    self.generations.put_cursor(state.index, max(upto, state.cursor))
                    self.generations.show(state.index)
                    self._written = state.index, max(upto, state.cursor)
                except Gone:
                    # a rebuild took the generation away: its documents go into the next
                    if tried == _TRIES - 1:
                        raise SearchAway from None
                    continue
                break
        self._forget()

    def cursor(self) -> int:
        """As `Index.cursor`."""
        state = self._now()
        self._followed.index = state.index
        return 0 if state.is_outdated else state.cursor

    def get(self, register: str, number: str) -> Document | None:
        """As `Index.get`."""
        id = register, number
        return self.several([id]).get(id)

    def several(self, ids: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Document]:
        """As `Index.several`."""
        body = requests.identified([organization_id(*id) for id in ids])

        def answer(postings: ElasticPostings) -> dict[tuple[str, str], Document]:
            documents = [parse_document(stored["body"]) for stored in postings.stored(body)]
            return {(document.register, document.number): document for document in documents}

        return self._answer(answer)

    def lookup(self, number: str, limit: int = 20) -> tuple[Document, ...]:
        """As `Index.lookup`."""

        def answer(postings: ElasticPostings) -> tuple[Document, ...]:
            ranks = postings.numbered([number], Filters(), limit)
            documents = postings.documents(ranks)
            return tuple(documents[rank] for rank in ranks)

        return self._answer(answer)

    def search(
        self, query: Query, filters: Filters, after: Position | None, limit: int, sort: str = "relevance"
    ) -> Page:
        """As `Index.search`."""
        if query.listing:
            return self._answer(lambda postings: _list(postings, filters, sort, after, limit))
        if sort != "relevance":
            return self._answer(lambda postings: finding.sorted_page(postings, query, filters, sort, after, limit))
        return self._answer(lambda postings: finding.page(postings, query, filters, after, limit))

    def suggest(self, query: Query, filters: Filters, limit: int) -> tuple[Hit, ...]:
        """As `Index.suggest`."""
        if query.listing:
            return ()
        breadth = finding.SUGGESTED_BREADTH
        return self._answer(lambda postings: finding.page(postings, query, filters, None, limit, breadth).hits)

    def near(self, query: Query, filters: Filters, limit: int) -> Near:
        """As `Index.near`."""
        if query.listing:
            return Near((), None)
        return self._answer(lambda postings: finding.near(postings, query, filters, limit))

    def find(
        self, query: Query, filters: Filters, after: Position | None, limit: int, sort: str = "relevance"
    ) -> Outcome:
        """As `Index.find`."""
        if not query.listing:
            return self._answer(lambda postings: finding.outcome(postings, query, filters, after, limit, sort))

        def answer(postings: ElasticPostings) -> Outcome:
            return Outcome(_list(postings, filters, sort, after, limit), _count_listed(postings, filters), None)

        return self._answer(answer)

    def facets(self, query: Query, filters: Filters, cap: int = COUNT_CAP) -> Counts:
        """As `Index.facets`."""
        if query.listing:
            return self._answer(lambda postings: _count_listed(postings, filters))
        return self._answer(lambda postings: finding.count(postings, query, filters, cap))

    def incoming(self, register: str, number: str, after: tuple[int, int] | None, limit: int) -> tuple[Incoming, ...]:
        """As `Index.incoming`."""
        since, target = after or (-1, -1), (register, number)
        body = requests.linked(SEPARATOR.join(target), since[0], limit + 1)

        def answer(postings: ElasticPostings) -> tuple[Incoming, ...]:
            sources = [(stored["rank"], parse_document(stored["body"])) for stored in postings.stored(body)]
            links = [
                Incoming(source, link, (rank, place))
                for rank, source in sources
                for place, link in enumerate(source.links)
                if (link.register, link.number) == target and (rank, place) > since
            ]
            return tuple(links[:limit])

        return self._answer(answer)

    def rebuild(self, documents: Iterable[Document | Prepared], upto: int) -> None:
        """As `Index.rebuild`. Conflict `index_incomplete`: not all arrived, and the old one stays."""
        generations = self.generations
        try:
            name = generations.next()
            try:
                with generations.beating(name):
                    filling = Filling(self.cluster, generations.entrance(name))
                    filling.fill(documents)
                    generations.put_cursor(name, upto)
                    generations.switch(name, filling.organizations)
            except Exception:
                generations.drop(name)
                raise
        except Gone:
            raise SearchAway from None
        self._forget()

    def health(self) -> Health:
        """As `Index.health`."""
        state = self._now()
        if state.is_outdated:
            return Health(0, 0, NORMALIZER, True)
        return Health(state.organizations, state.cursor, NORMALIZER, False)

    def close(self) -> None:
        """Closes all connections."""
        self._forget()
        self.cluster.close()

    def _answer(self, question: Callable[[ElasticPostings], T]) -> T:
        """What a question gives, of one state."""
        deadline, pause = time.monotonic() + self.cluster.reading, _PAUSE
        while True:
            state = self._taken()
            try:
                if state.is_outdated:
                    raise IndexOutdated
                with in_form():
                    return question(ElasticPostings(self.cluster, state, _KEPT))
            except Gone:
                self._forget(state)
            finally:
                self._given_back(state)
            if time.monotonic() + pause > deadline:
                raise SearchAway
            time.sleep(pause)
            pause *= 2

    def _taken(self) -> State:
        """The present state, in use until it is given back."""
        with self._changing:
            state = self._state
            if state is not None and time.monotonic() - state.seen < self._fresh:
                state.users += 1
                return state
        with self._renewing:
            with self._changing:
                if self._state is not state and self._state is not None:
                    self._state.users += 1
                    return self._state
            fresh = self._renewed(state)
            with self._changing:
                before, self._state = self._state, fresh
                fresh.users += 1
            if before is not fresh:
                self._end(before)
            return fresh

    def _renewed(self, state: State | None) -> State:
        """The state of now: the same one where nothing has changed since."""
        now = time.monotonic()
        is_known = state is not None and state.stamp is not None and now - state.opened < _LONGEST
        if state is not None and is_known and self._now().stamp == state.stamp:
            state.seen = now
            return state
        return self._now(with_pit=True)

    def _now(self, with_pit: bool = False) -> State:
        """The state of now; without a point in time it only tells. One without an index is none of ours, and must be rebuilt."""
        deadline, pause = time.monotonic() + self.cluster.reading, _PAUSE
        while True:
            state = None
            with suppress(Gone):
                with suppress(Gone):
                    state = self._seen(with_pit)
                if state is not None and (state.index or not self.generations.first()):
                    return state
                if state is None:
                    self.generations.first()
            # there is none, one that somebody is making, or one whose node has just ended
            if time.monotonic() + pause > deadline:
                raise SearchAway
            time.sleep(pause)
            pause *= 2

    def _seen(self, with_pit: bool) -> State:
        alias, now, pit = self.generations.alias, time.monotonic(), ""
        bodies = [requests.cursors(CURSOR), requests.organizations()]
        if with_pit:
            pit = self.cluster.read(
                lambda client: client.open_point_in_time(
                    index=alias, keep_alive=_KEPT, allow_partial_search_results=False
                ).body["id"]
            )
            bodies = [{**body, "pit": {"id": pit, "keep_alive": _KEPT}} for body in bodies]
        answer, counted = self.cluster.search(bodies, None if with_pit else alias)
        with in_form():
            return _state_of(answer, counted, pit, now)

    def _given_back(self, state: State) -> None:
        with self._changing:
            state.users -= 1
            is_over = state.users == 0 and state is not self._state
        if is_over:
            self._end(state)

    def _forget(self, state: State | None = None) -> None:
        """The next question is answered from another state; with `state`, unless that was so already."""
        with self._changing:
            if state is not None and self._state is not state:
                return
            before, self._state = self._state, None
        self._end(before)

    def _end(self, state: State | None) -> None:
        """Gives a point in time back, once nobody uses it; the engine ends by itself what is not given back."""
        if state is None or state.users:
            return
        try:
            self.cluster.read(lambda client: client.close_point_in_time(id=state.pit))
        except (ApiError, Gone, SearchAway):
            return


def _list(postings: ElasticPostings, filters: Filters, sort: str, after: Position | None, limit: int) -> Page:
    place = None if after is None else postings.place(after.rank, sort)
    listed = postings.stored(requests.listed(filters, sort, place, limit + 1))
    hits = [match.listed(parse_document(stored["body"]), filters) for stored in listed[:limit]]
    return Page(tuple(hits), hits[-1].position if len(listed) > limit else None)


def _count_listed(postings: ElasticPostings, filters: Filters) -> Counts:
    asked = [requests.listed_counts(filters, FACETS[0])]
    asked += [requests.listed_counts(opened(filters, field), field) for field in FACETS]
    whole, *others = postings.search(asked)
    facets = {}
    for field, answer in zip(FACETS, others, strict=True):
        buckets = answer["aggregations"]["values"]["buckets"]
        facets[field] = finding.facet({bucket["key"]: bucket["doc_count"] for bucket in buckets}, True)
    return Counts(whole["hits"]["total"]["value"], True, facets)


def _state_of(answer: Body, counted: Body, pit: str, now: float) -> State:
    """`answer`: to `requests.cursors`; `counted`: to `requests.organizations`."""
    cursors = answer["hits"]["hits"]
    if len(cursors) != 1:
        return State("", pit, 0, 0, True, None, now, now)
    stored, index = cursors[0]["_source"]["stored"], cursors[0]["_index"]
    cursor, organizations = (_count(value) for value in (stored["cursor"], counted["hits"]["total"]["value"]))
    # whoever changes what is seen writes the cursor after it; of several shards one may show it sooner
    stamp = (index, cursors[0]["_seq_no"]) if answer["_shards"]["total"] == 1 else None
    is_outdated = (stored["layout"], stored["normalizer"]) != (LAYOUT, NORMALIZER)
    return State(index, pit, cursor, organizations, is_outdated, stamp, now, now)


def _count(value: object) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"{value!r:.40} is no count")
    return value
