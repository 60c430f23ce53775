"""A real node: rebuilds of others, which take away what was followed, and people who do."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from registry.installation.settings import SearchEngine
from search.index import elastic_layout as layout
from search.index.elastic import ElasticIndex
from search.index.follow import follow
from search.question.document import Document
from tests.builders.index import document
from tests.builders.register import small_ledger
from tests.builders.search_node import elastic_index, removed
from tests.search.index.test_elastic import cluster_of, names


@pytest.fixture
def index(search_node: str) -> Iterator[ElasticIndex]:
    index = elastic_index(search_node)
    yield index
    removed(index)


def test_a_follower_that_was_ahead_of_a_rebuild_skips_nothing(index: ElasticIndex, search_node: str) -> None:
    ahead = ElasticIndex(SearchEngine((search_node,)), "", 0.0)
    ahead.generations.alias = index.generations.alias
    ahead.apply([document(1, "Alpha"), document(3, "Beta")], 4)
    assert ahead.cursor() == 4
    # it had read the ledger when that had two entries
    index.rebuild([document(1, "Alpha")], 2)
    with ThreadPoolExecutor() as pool:  # whoever asks besides, as `/readyz` does
        assert pool.submit(ahead.cursor).result() == 2
    ahead.apply([document(5, "Gamma")], 6)
    assert (names(index, ""), ahead.cursor()) == (["Alpha"], 2)
    ahead.apply([document(3, "Beta"), document(5, "Gamma")], 6)
    assert (names(index, ""), index.cursor()) == (["Alpha", "Beta", "Gamma"], 6)
    ahead.close()


def test_a_rebuild_that_waits_for_long_is_not_taken_for_killed(
    index: ElasticIndex, search_node: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As while the engine merges, or the ledger is slow."""
    monkeypatch.setattr("search.index.generations.BEAT", 0.1)
    index.cursor()
    other = ElasticIndex(SearchEngine((search_node,)), "", 0.0)
    other.generations.alias, other.generations.killed = index.generations.alias, 0.5
    began, order = threading.Event(), []

    def slow() -> Iterator[Document]:
        yield document(1, "Alpha")
        began.set()
        time.sleep(1.5)
        yield document(2, "Beta")

    def rebuild() -> None:
        index.rebuild(slow(), 3)
        order.append("first")

    thread = threading.Thread(target=rebuild)
    thread.start()
    began.wait(30)
    other.rebuild([document(3, "Gamma")], 4)
    order.append("second")
    thread.join()
    assert (order, names(index, "")) == (["first", "second"], ["Gamma"])
    other.close()


@pytest.mark.parametrize("taken", ["index", "alias"])
def test_an_index_that_somebody_takes_away_is_made_again_with_all_its_terms(
    index: ElasticIndex, search_node: str, taken: str
) -> None:
    reader = small_ledger()
    follow(reader, index)
    cluster, (name,) = cluster_of(search_node), index.generations.in_use()

    def count(what: str) -> int:
        (used,) = index.generations.in_use()
        return cluster.write(lambda client: client.count(index=used, query={"term": {"what": what}}).body["count"])

    before = index.health(), count(layout.TERM)
    if taken == "index":
        cluster.write(lambda client: client.indices.delete(index=name))
    else:
        cluster.write(lambda client: client.indices.delete_alias(index=name, name=index.generations.alias))
    assert index.cursor() == 0
    follow(reader, index)
    assert (index.health(), count(layout.TERM)) == before
    assert before[1] > 50
    cluster.close()
