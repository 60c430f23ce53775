"""A cluster of three real nodes: one is killed in mid-bulk and started again while readers search (`make soak`)."""

import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from registry.installation.settings import SearchEngine
from search.errors import SearchAway
from search.index.elastic import ElasticIndex
from search.question.document import Document, NameEntry
from search.question.query import Filters, parse_query
from tests.builders.command import SOAK
from tests.builders.index import ModelIndex
from tests.builders.search_node import Node, free_ports

KILLS, BATCHES, BATCH = 3, 40, 250


@pytest.fixture
def nodes() -> Iterator[list[Node]]:
    ports = free_ports(6)
    transports = ",".join(f"127.0.0.1:{port}" for port in ports[3:])
    made = [
        Node(
            [
                "discovery.type=multi-node",
                f"node.name=n{at}",
                f"http.port={ports[at]}",
                f"transport.port={ports[3 + at]}",
                f"discovery.seed_hosts={transports}",
                "cluster.initial_master_nodes=n0,n1,n2",
                "node.processors=1",
            ],
            heap="400m",
        )
        for at in range(3)
    ]
    try:
        for node in made:
            node.launch()
        for node in made:
            node.await_ready()
        yield made
    finally:
        for node in made:
            node.remove()


def document(at: int) -> Document:
    names = (NameEntry(f"Works Number {at} Ltd.", "legal"),)
    return Document("sample", f"N{at}", at, at, 1, names[0].text, "Active", "BC", names=names)


class Load:
    """A writer, and readers who ask for the newest that was acknowledged. `wrong`: every answer that was not as it must be."""

    def __init__(self, engine: SearchEngine, index: ElasticIndex) -> None:
        self.index, self.wrong, self.asked, self.acknowledged = index, [], 0, 0
        self._stop = threading.Event()
        self._readers = [ElasticIndex(engine, "cluster", fresh=0.0) for _ in range(3)]
        self._threads = [threading.Thread(target=self._read, args=(own,)) for own in self._readers]
        self._writer = threading.Thread(target=self._write)
        for thread in (self._writer, *self._threads):
            thread.start()

    def await_acknowledged(self, documents: int) -> None:
        while self.acknowledged < documents:
            time.sleep(0.01)

    def end(self) -> None:
        self._writer.join(600)
        self._stop.set()
        for thread in self._threads:
            thread.join()
        for own in self._readers:
            own.close()

    def _write(self) -> None:
        for start in range(0, BATCHES * BATCH, BATCH):
            while self.acknowledged <= start:
                # as a follower does: what was not acknowledged is sent again
                with suppress(SearchAway):
                    self.index.apply([document(at) for at in range(start, start + BATCH)], start + BATCH)
                    self.acknowledged = start + BATCH

    def _read(self, own: ElasticIndex) -> None:
        while not self._stop.is_set():
            at = max(0, self.acknowledged - 1)
            try:
                hits = own.search(parse_query(f"works number {at}"), Filters(), None, 5).hits
                if not hits or hits[0].document.number != f"N{at}":
                    self.wrong.append((at, [hit.document.number for hit in hits]))
                self.asked += 1
            except Exception as error:
                self.wrong.append(repr(error))


@pytest.mark.skipif(not SOAK, reason="three nodes take minutes: make soak")
def test_a_node_killed_and_started_again_loses_nothing_and_no_reader_notices(nodes: list[Node]) -> None:
    engine = SearchEngine(tuple(node.url for node in nodes))
    index, model = ElasticIndex(engine, "cluster"), ModelIndex()
    index.apply([document(0)], 1)
    await_green(index)
    load = Load(engine, index)
    try:
        for kill in range(KILLS):
            load.await_acknowledged((kill + 1) * BATCHES * BATCH // (KILLS + 2))
            nodes[kill % 3].kill()
            time.sleep(2)
            nodes[kill % 3].start()
            await_green(index)
    finally:
        load.end()
    assert load.wrong == []
    assert load.asked > 50
    whole = BATCHES * BATCH
    model.apply([document(at) for at in range(whole)], whole)
    assert index.health() == model.health()
    assert all(index.get("sample", f"N{at}") is not None for at in range(0, whole, 97))
    for text in ("works number 7", "number 99 ltd"):
        query = parse_query(text)
        assert index.search(query, Filters(), None, 20) == model.search(query, Filters(), None, 20)
    index.close()


def await_green(index: ElasticIndex) -> None:
    """Waits until every shard has its copy."""
    name = index.generations.alias
    index.cluster.write(lambda client: client.cluster.health(index=name, wait_for_status="green", timeout="50s"))
