"""Elasticsearch beside the embedded index in the benches: ours, and its own fuzziness on a plain mapping."""

import secrets
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from elasticsearch import Elasticsearch

from registry.installation.settings import SearchEngine
from search.index.elastic import ElasticIndex
from search.question.document import Document
from search.question.query import Filters, parse_query

_BULK = 2000


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
