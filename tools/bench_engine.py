"""Elasticsearch beside the embedded index in the benches.

Ours, and its own fuzziness on a plain mapping, for `bench_relevance`. By itself: how long until a new entry is found, and what a
batch of a follower takes, on a node built for the tests.
"""

import argparse
import json
import secrets
import sys
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import bench_names
from elasticsearch import Elasticsearch

from registry.installation.settings import SearchEngine
from search.index.elastic import ElasticIndex
from search.question.document import Document, NameEntry
from search.question.query import Filters, parse_query

_BULK, _NEW = 2000, 30


class Engine:
    """Some organizations in a cluster, twice. `built`: seconds for ours; `bytes`: what ours takes there."""

    def __init__(self, url: str, documents: list[Document]) -> None:
        self.index = ElasticIndex(SearchEngine((url,)), secrets.token_hex(8))
        start = time.perf_counter()
        self.index.rebuild(documents, 1)
        self.built = time.perf_counter() - start
        self._client = Elasticsearch(url, request_timeout=60)
        (name,) = self.index.generations.in_use()
        self.bytes = self._client.indices.stats(index=name)["_all"]["primaries"]["store"]["size_in_bytes"]
        self._plain = f"plain-{secrets.token_hex(4)}"
        fields = {"number": {"type": "keyword"}, "name": {"type": "text"}}
        self._client.indices.create(index=self._plain, mappings={"properties": fields})
        rows = [{"number": each.number, "name": name.text} for each in documents for name in each.names]
        for at in range(0, len(rows), _BULK):
            part = rows[at : at + _BULK]
            self._client.bulk(index=self._plain, operations=[line for row in part for line in ({"index": {}}, row)])
        self._client.indices.refresh(index=self._plain)

    def ours(self, text: str) -> list[str]:
        """The numbers of the first ten."""
        return [hit.document.number for hit in self.index.search(parse_query(text), Filters(), None, 10).hits]

    def suggested(self, text: str) -> list[str]:
        """The numbers of the first ten suggestions."""
        return [hit.document.number for hit in self.index.suggest(parse_query(text), Filters(), 10)]

    def plain(self, text: str) -> list[str]:
        """The same by the engine alone: a `match` with `fuzziness: AUTO`."""
        query = {"match": {"name": {"query": text, "fuzziness": "AUTO"}}}
        answer = self._client.search(index=self._plain, query=query, size=10, source=["number"])
        return [hit["_source"]["number"] for hit in answer["hits"]["hits"]]

    def remove(self) -> None:
        """Takes both away."""
        for name in self.index.generations.every():
            self.index.generations.drop(name)
        self._client.indices.delete(index=self._plain)
        self._client.close()
        self.index.close()


def say_freshness(url: str, organizations: int) -> None:
    """From the moment that a follower has a new document until it finds it, and until another process of the site does."""
    engine, origin = SearchEngine((url,)), secrets.token_hex(8)
    follower, reader = ElasticIndex(engine, origin), ElasticIndex(engine, origin)
    documents = list(bench_names.documents(organizations))
    follower.rebuild(documents, organizations)
    own, others = [], []
    for at in range(_NEW):
        number, name = f"NEW{at}", f"Zzyzx{at:03d} Wharf Ltd."
        entry = NameEntry(name, "legal")
        fresh = replace(documents[at], number=number, name=name, names=(entry,), entry=10**6 + at, first=10**6 + at)
        query = parse_query(name)
        start = time.perf_counter()
        follower.apply([fresh], 10**6 + at + 1)
        own.append(time.perf_counter() - start)
        while not any(hit.document.number == number for hit in reader.search(query, Filters(), None, 1).hits):
            time.sleep(0.01)
        others.append(time.perf_counter() - start)
    for bench, times in (("follower has applied it", own), ("another process finds it", others)):
        ordered = sorted(1000 * each for each in times)
        row = {"bench": f"elasticsearch, {organizations} organizations: {bench}", "unit": "ms at p50"}
        figures = {"value": round(ordered[len(ordered) // 2], 1), "ratio_to": "follower", "ratio": 1.0}
        sys.stdout.write(json.dumps({**row, **figures, "worst_ms": round(ordered[-1], 1)}) + "\n")


def main() -> None:
    """Starts a node and measures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--organizations", type=int, default=10_000)
    arguments = parser.parse_args()
    # here, since the node comes with the tests
    from tests.builders.search_node import Node

    node = Node(heap="1g")
    try:
        node.start()
        say_freshness(node.url, arguments.organizations)
    finally:
        node.remove()


if __name__ == "__main__":
    main()
