"""Documents on their way into Elasticsearch.

What is written, in which order, and what may come twice. Of one organization the newest document stays, with the smallest first
entry: its version says which that is (external versions), so a write that comes late, twice, or from another follower changes
nothing. Nothing is ever deleted, so no old write can come back. Terms are written before the names that have them.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any

from elasticsearch import Elasticsearch

from search.index.cluster import Cluster
from search.index.elastic_layout import organization, organization_id, term_fields, term_id, version_of
from search.question.document import Document, parse_document
from search.question.prepared import Prepared, newer, prepare, prepared

#: operations of one request, and documents of a rebuild that are taken at once
_OPERATIONS = 1000
_TAKEN = 500
#: requests of a rebuild at once
_WRITERS = 2
#: terms that are remembered as written; beyond, they are written again, which changes nothing
_REMEMBERED = 1_000_000


def put(cluster: Cluster, entrance: str, documents: Iterable[Document | Prepared], known: set[tuple[str, str]]) -> None:
    """Writes documents, unless newer ones of the organizations are there, until all are acknowledged.

    `known`: terms that are there, by entrance; more are added.
    """
    newest = _newest(documents)
    there = _there(cluster, entrance, list(newest))
    stay = []
    for id, fresh in newest.items():
        before = there.get(id)
        if before is None:
            stay.append(fresh)
        elif fresh.entry >= before["entry"]:
            first = min(fresh.first, before["first"])
            stay.append(fresh if fresh.first == first else prepare(replace(fresh.document, first=first)))
        elif fresh.first < before["first"]:
            stay.append(prepare(replace(_document(cluster, entrance, id), first=fresh.first)))
    _write(cluster, entrance, stay, known)


class Filling:
    """Fills a new generation. `organizations`: how many it holds in the end."""

    def __init__(self, cluster: Cluster, entrance: str) -> None:
        self._cluster, self._entrance = cluster, entrance
        self._seen: set[int] = set()
        self._known: set[tuple[str, str]] = set()

    @property
    def organizations(self) -> int:
        """How many organizations were seen."""
        return len(self._seen)

    def fill(self, documents: Iterable[Document | Prepared]) -> None:
        """Writes all, some while the next are made ready. Those that were seen before are merged with what is there."""
        source, entrance = iter(documents), self._entrance
        waiting: deque[Future[None]] = deque()
        with ThreadPoolExecutor(_WRITERS) as pool:
            while taken := list(islice(source, _TAKEN)):
                newest = _newest(taken)
                again = {id: each for id, each in newest.items() if hash(id) in self._seen}
                self._seen.update(map(hash, newest))
                while len(waiting) > (0 if again else _WRITERS):
                    waiting.popleft().result()
                if again:
                    put(self._cluster, entrance, again.values(), self._known)
                fresh = [each for id, each in newest.items() if id not in again]
                waiting.append(pool.submit(_write, self._cluster, entrance, fresh, self._known))
            for written in waiting:
                written.result()


def _newest(documents: Iterable[Document | Prepared]) -> dict[str, Prepared]:
    newest: dict[str, Prepared] = {}
    for each in prepared(documents):
        id = organization_id(each.register, each.number)
        newest[id] = newer(each, newest.get(id))
    return newest


def _there(cluster: Cluster, entrance: str, ids: Sequence[str]) -> dict[str, Mapping[str, int]]:
    """Entry and first entry of those that are there, as of now and not as of the last refresh."""
    there: dict[str, Mapping[str, int]] = {}
    for start in range(0, len(ids), _OPERATIONS):
        there.update(cluster.write(partial(_asked, entrance, ids[start : start + _OPERATIONS])))
    return there


def _asked(entrance: str, ids: Sequence[str], client: Elasticsearch) -> dict[str, Mapping[str, int]]:
    wanted = ["stored.entry", "stored.first"]
    docs = client.mget(index=entrance, ids=ids, source_includes=wanted, realtime=True).body["docs"]
    there = {each["_id"]: each["_source"]["stored"] for each in docs if each.get("found")}
    return {id: {name: int(stored[name]) for name in ("entry", "first")} for id, stored in there.items()}


def _document(cluster: Cluster, entrance: str, id: str) -> Document:
    def read(client: Elasticsearch) -> Document:
        return parse_document(client.get(index=entrance, id=id, realtime=True).body["_source"]["stored"]["body"])

    return cluster.write(read)


def _write(cluster: Cluster, entrance: str, documents: Sequence[Prepared], known: set[tuple[str, str]]) -> None:
    if len(known) > _REMEMBERED:
        known.clear()
    fresh = {(entrance, term) for document in documents for term in document.terms} - known
    operations: list[Mapping[str, Any]] = []
    for _, term in sorted(fresh):
        operations += [{"create": {"_id": term_id(term)}}, term_fields(term)]
    _send(cluster, entrance, operations)
    operations = []
    for document in documents:
        id, version = organization_id(document.register, document.number), version_of(document.entry, document.first)
        action = {"_id": id, "version": version, "version_type": "external_gte"}
        operations += [{"index": action}, organization(document)]
    _send(cluster, entrance, operations)
    known |= fresh


def _send(cluster: Cluster, entrance: str, operations: Sequence[Mapping[str, Any]]) -> None:
    for start in range(0, len(operations), 2 * _OPERATIONS):
        cluster.bulk(entrance, operations[start : start + 2 * _OPERATIONS])
