"""What a follower or a node that is killed with -9 in the midst of a bulk leaves on an Elasticsearch index."""

import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import replace

from registry.installation.settings import SearchEngine
from search.errors import SearchAway
from search.index.elastic import ElasticIndex
from search.question.query import Filters, parse_query
from tests.builders.command import ROOT, SOAK
from tests.builders.index import ModelIndex, document
from tests.builders.search_node import Node, elastic_index, free_ports, removed
from tests.search.index.test_elastic import index, write_late

__all__ = ["index"]  # the fixture

KILLS = 25 if SOAK else 2
WRITER = """
import sys
from registry.installation.settings import SearchEngine
from search.index.elastic import ElasticIndex
from search.question.document import Document, NameEntry
index = ElasticIndex(SearchEngine((sys.argv[1],)), sys.argv[2])
at = index.cursor()
while True:
    index.apply([Document("sample", str(i), i, i, 1, "W", "Active", "BC", names=(NameEntry(f"W {i}", "legal"),))
                 for i in range(at, at + 50)], at + 50)
    at += 50
    print(at, flush=True)
"""


def test_a_follower_killed_in_mid_bulk_loses_nothing_that_it_acknowledged(
    index: ElasticIndex, search_node: str
) -> None:
    origin = f"killed/{index.generations.alias}"
    own = ElasticIndex(SearchEngine((search_node,)), origin, 0.0)
    acknowledged = 0
    for kill in range(KILLS):
        command = [sys.executable, "-c", WRITER, search_node, origin]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
            assert process.stdout is not None
            for _ in range(3):
                acknowledged = int(process.stdout.readline())
            time.sleep(0.017 * (kill % 7))
            process.kill()
        cursor = own.cursor()
        assert cursor >= acknowledged > 0
        assert own.health().documents >= cursor
        assert all(own.get("sample", str(at)) is not None for at in range(0, cursor, 37))
    # the next one repeats what was not acknowledged
    cursor = own.cursor()
    own.apply([replace(document(at, f"W {at}"), number=str(at)) for at in range(cursor, cursor + 50)], cursor + 50)
    assert own.health().documents == cursor + 50
    removed(own)


def test_a_node_that_dies_in_mid_bulk_loses_nothing_and_lets_nothing_come_back() -> None:
    (port,) = free_ports(1)
    node = Node([f"http.port={port}"], heap="400m")
    try:
        node.start()
        index, model = elastic_index(node.url), ModelIndex()
        batches = [[document(at + step, f"Works {at + step}") for step in range(40)] for at in range(0, 400, 40)]
        for each in (index, model):
            each.apply([document(999, "Alpha Gone")], 1)
            each.apply([document(999, "Beta Stays", entry=2000)], 2)
        written: list[int] = []

        def write() -> None:
            for at, batch in enumerate(batches):
                # as a follower does: what was not acknowledged is sent again
                while at not in written:
                    with suppress(SearchAway):
                        index.apply(batch, 40 * at + 40)
                        written.append(at)

        writer = threading.Thread(target=write)
        writer.start()
        while len(written) < 4:
            time.sleep(0.005)
        node.kill()
        node.start()
        writer.join(120)
        assert len(written) == len(batches)
        for at, batch in enumerate(batches):
            model.apply(batch, 40 * at + 40)
        write_late(index, node.url, document(999, "Alpha Gone"))
        assert index.health() == model.health()
        for text in ("", "works", "works 17", "alpha", "beta"):
            query = parse_query(text)
            assert index.find(query, Filters(), None, 500) == model.find(query, Filters(), None, 500)
        index.close()
    finally:
        node.remove()
