"""The index on a real Elasticsearch node: what readers see while it is rebuilt, lost, late, or written by two."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from elasticsearch import BadRequestError

from registry.errors import Conflict
from registry.installation.settings import SearchEngine
from search.errors import IndexOutdated
from search.index import elastic_layout as layout
from search.index.cluster import Cluster
from search.index.elastic import ElasticIndex
from search.index.elastic_writing import Filling
from search.index.follow import follow
from search.index.generations import Generations
from search.question.document import Document
from search.question.index import Index
from search.question.prepared import prepare
from search.question.query import Filters, parse_query
from tests.builders.command import SOAK
from tests.builders.index import ModelIndex, document
from tests.builders.register import small_ledger
from tests.builders.search_node import elastic_index, removed


def names(index: Index, text: str) -> list[str | None]:
    return [hit.document.name for hit in index.search(parse_query(text), Filters(), None, 1000).hits]


@pytest.fixture
def index(search_node: str) -> Iterator[ElasticIndex]:
    index = elastic_index(search_node)
    yield index
    removed(index)


def cluster_of(url: str) -> Cluster:
    return Cluster(SearchEngine((url,)))


def test_a_field_that_is_not_ours_is_refused(index: ElasticIndex, search_node: str) -> None:
    index.cursor()
    cluster, (name,) = cluster_of(search_node), index.generations.in_use()
    with pytest.raises(BadRequestError, match="strict_dynamic_mapping"):
        cluster.write(lambda client: client.index(index=name, document={"what": "o", "unknown": 1}))
    cluster.close()


def test_a_late_write_changes_nothing(index: ElasticIndex, search_node: str) -> None:
    index.apply([document(5, "Alpha Works")], 6)
    index.apply([document(5, "Beta Works", entry=9)], 10)
    write_late(index, search_node, document(5, "Alpha Works"))
    assert (names(index, "alpha"), names(index, "works")) == ([], ["Beta Works"])


def test_without_its_version_it_would(index: ElasticIndex, search_node: str) -> None:
    """The negative control of the test above: the version is what makes it pass."""
    index.apply([document(5, "Alpha Works")], 6)
    index.apply([document(5, "Beta Works", entry=9)], 10)
    write_late(index, search_node, document(5, "Alpha Works"), versioned=False)
    assert names(index, "works") == ["Alpha Works"]


def write_late(index: ElasticIndex, url: str, late: Document, versioned: bool = True) -> None:
    """What a follower sends that has read the index long ago, or was held up on the way."""
    cluster, (name,) = cluster_of(url), index.generations.in_use()
    version = {"version": layout.version_of(late.entry, late.first), "version_type": "external_gte"}
    action = {"_id": layout.organization_id("sample", late.number), **(version if versioned else {})}
    cluster.bulk(index.generations.entrance(name), [{"index": action}, layout.organization(prepare(late))])
    index.generations.show(name)
    cluster.close()


def test_a_write_into_a_generation_that_is_gone_makes_nothing(index: ElasticIndex, search_node: str) -> None:
    index.apply([document(1, "Alpha")], 2)
    (before,) = index.generations.in_use()
    index.rebuild([document(1, "Beta")], 2)
    with pytest.raises(Exception, match=before):
        cluster_of(search_node).bulk(
            index.generations.entrance(before), [{"index": {"_id": "x"}}, {"what": layout.TERM, "term": "alpha"}]
        )
    assert list(index.generations.every().values()) == [True]
    # a follower that had chosen the one before goes on in the next
    index.apply([document(2, "Gamma")], 3)
    assert names(index, "") == ["Beta", "Gamma"]


def test_what_was_read_before_an_erasure_does_not_come_back_after_the_rebuild(
    index: ElasticIndex, search_node: str
) -> None:
    slow = ElasticIndex(SearchEngine((search_node,)), "", 0.0)
    slow.generations.alias = index.generations.alias
    assert slow.cursor() == 0
    index.rebuild([document(2, "Beta")], 9)
    slow.apply([document(1, "Erased Alpha")], 11)
    assert names(index, "") == ["Beta"]
    # the negative control: without what it remembers, it would
    slow._followed.index = ""
    slow.apply([document(1, "Erased Alpha")], 5)
    assert len(names(index, "")) == 2
    slow.close()


def test_readers_see_one_whole_generation_while_others_take_its_place(index: ElasticIndex, search_node: str) -> None:
    documents = [document(at, f"Works {at}") for at in range(1, 120)]
    index.rebuild(documents, 120)
    stop, wrong, asked = threading.Event(), [], [0]

    def read() -> None:
        own = ElasticIndex(SearchEngine((search_node,)), "", 0.05)
        own.generations.alias = index.generations.alias
        while not stop.is_set():
            try:
                outcome = own.find(parse_query("works"), Filters(), None, 200)
                asked[0] += 1
                if (outcome.counts.total, len(outcome.page.hits)) != (len(documents), len(documents)):
                    wrong.append(outcome.counts.total)
            except Exception as error:
                wrong.append(error)
        own.close()

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for _ in range(12 if SOAK else 3):
        index.rebuild(documents, 120)
        index.apply(documents[:50], 120)
    stop.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    assert asked[0] > 3
    assert list(index.generations.every().values()) == [True]


def lossy(cluster: Cluster) -> Callable[..., None]:
    """A cluster that acknowledges all and loses one document."""
    whole, lost = cluster.bulk, []

    def bulk(alias: str, operations: list[Mapping[str, Any]]) -> None:
        kept = list(operations)
        if not lost and operations and "rank" in operations[-1]:
            lost.append(kept[-2:])
            del kept[-2:]
        if kept:
            whole(alias, kept)

    return bulk


def test_a_rebuild_that_lost_a_document_is_not_put_in_use(index: ElasticIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    index.apply([document(1, "Alpha")], 2)
    before = index.generations.every()
    with monkeypatch.context() as patched:
        patched.setattr(index.cluster, "bulk", lossy(index.cluster))
        with pytest.raises(Conflict, check=lambda error: error.code == "index_incomplete"):
            index.rebuild([document(at, f"Works {at}") for at in range(9)], 9)
    assert (names(index, ""), index.cursor(), index.generations.every()) == (["Alpha"], 2, before)
    index.rebuild([document(at, f"Works {at}") for at in range(9)], 9)
    assert len(names(index, "works")) == 9


def test_without_the_count_it_would_be(index: ElasticIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control of the test above: the count is what makes it pass."""
    switch = Generations.switch
    monkeypatch.setattr(index.cluster, "bulk", lossy(index.cluster))
    monkeypatch.setattr(Generations, "switch", lambda own, name, count: switch(own, name, count - 1))
    index.rebuild([document(at, f"Works {at}") for at in range(9)], 9)
    assert len(names(index, "works")) == 8


def test_what_a_killed_rebuild_left_is_removed_by_the_next(index: ElasticIndex) -> None:
    index.apply([document(1, "Alpha")], 2)
    own = index.generations
    left = own.next()
    Filling(index.cluster, own.entrance(left)).fill([document(2, "Beta")])
    assert names(index, "") == ["Alpha"]
    own.killed = 0.5
    index.rebuild([document(3, "Gamma")], 4)
    assert (names(index, ""), left in own.every(), len(own.every())) == (["Gamma"], False, 1)


def test_a_rebuild_that_goes_on_is_waited_for(index: ElasticIndex) -> None:
    index.cursor()
    own = index.generations
    own.killed = 1.0
    busy = own.next()
    stop, waited = threading.Event(), []

    def beat() -> None:
        count = 0
        while not stop.is_set():
            count += 1
            own.beat(busy, count)
            time.sleep(0.2)

    def other() -> None:
        waited.append(own.next())

    threads = [threading.Thread(target=beat), threading.Thread(target=other)]
    for thread in threads:
        thread.start()
    time.sleep(2.0)
    assert (waited, busy in own.every()) == ([], True)
    stop.set()
    for thread in threads:
        thread.join()
    # its beat stands still: it was killed
    assert len(waited) == 1
    assert busy not in own.every()


def test_two_followers_at_once_are_as_good_as_one(search_node: str) -> None:
    reader, model, first = small_ledger(), ModelIndex(), elastic_index(search_node)
    follow(reader, model)
    second = ElasticIndex(SearchEngine((search_node,)), "", 0.0)
    second.generations.alias = first.generations.alias
    failed: list[Exception] = []

    def run(index: ElasticIndex) -> None:
        try:
            follow(reader, index, batch=3)
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=run, args=(index,)) for index in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert first.health() == second.health() == model.health()
    for text in ("", "zara", "harbor ventures"):
        query = parse_query(text)
        assert second.find(query, Filters(), None, 50) == model.find(query, Filters(), None, 50)
    removed(first)
    second.close()


def test_an_index_of_another_version_is_refused_and_then_rebuilt(
    index: ElasticIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = small_ledger()
    with monkeypatch.context() as patched:
        patched.setattr(layout, "NORMALIZER", "0")
        follow(reader, index)
    for use in (lambda: names(index, "zara"), lambda: index.apply([], 1)):
        with pytest.raises(IndexOutdated):
            use()
    assert index.health().outdated
    assert follow(reader, index) == reader.size()
    assert names(index, "zara")
