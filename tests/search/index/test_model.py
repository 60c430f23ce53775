"""Every index against the brute-force model: the same answers after the same documents, in any order."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory, mkdtemp

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.index.embedded import EmbeddedIndex
from search.question.document import Document, Link, NameEntry
from search.question.index import Index
from search.question.query import Filters, parse_query
from tests.builders.command import SOAK
from tests.builders.index import ModelIndex
from tests.builders.search_node import elastic_index, removed

WORDS = [
    "zara",
    "zar",
    "cedar",
    "north",
    "shore",
    "northshore",
    "l'or",
    "bc",
    "3m",
    "mary's",
    "the",
    "ltd",
    "co",
    "é",
    "日本橋",
    "дом",
]
FORMS = ["", " Ltd.", " Limited", " Inc", " Co-op", " S.E.N.C."]
NUMBERS = ["BC0000001", "BC0000002", "0000001", "FM0000012", "000003M", "A0012345", "C12345"]

names = st.builds(
    lambda words, form, kind, since, until: NameEntry(" ".join(words) + form, kind, None, since, until),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=3),
    st.sampled_from(FORMS),
    st.sampled_from(["legal", "assumed", "translated", "former"]),
    st.sampled_from([None, "2003-01-01"]),
    st.sampled_from([None, "2008-01-01"]),
)
links = st.builds(Link, st.just("doesBusinessAs"), st.just("sample"), st.sampled_from([*NUMBERS, None]))
histories = st.lists(
    st.builds(
        Document,
        register=st.sampled_from(["sample", "im"]),
        number=st.sampled_from(NUMBERS),
        entry=st.just(0),
        first=st.just(0),
        n=st.just(1),
        name=st.none(),
        status=st.sampled_from(["Active", "Historical", "unknown"]),
        type=st.sampled_from(["BC", "ULC"]),
        jurisdiction=st.sampled_from(["CA-BC", None]),
        registered_on=st.sampled_from(["2001-02-03", "2010-01-01", None]),
        names=st.lists(names, max_size=4).map(tuple),
        links=st.lists(links, max_size=2).map(tuple),
    ),
    max_size=14,
).map(lambda documents: [replace(each, entry=at, first=at) for at, each in enumerate(documents)])
texts = st.one_of(
    st.lists(
        st.sampled_from(
            [
                *WORDS,
                "cedr",
                "nroth",
                "shoreline",
                "northsh",
                "nor",
                "z",
                "c",
                "&",
                '"',
                "*",
                "OR",
                "limited",
                "日本",
                "до",
            ]
        ),
        max_size=3,
    ).map(" ".join),
    st.sampled_from([*NUMBERS, "bc 1", "12", "1"]),
    st.text(max_size=8),
)
filters = st.builds(
    Filters,
    register=st.sampled_from([frozenset(), frozenset({"sample"})]),
    status=st.sampled_from([frozenset(), frozenset({"Active"}), frozenset({"Historical", "unknown"})]),
    type=st.sampled_from([frozenset(), frozenset({"ULC"})]),
    jurisdiction=st.sampled_from([frozenset(), frozenset({"CA-BC"})]),
    name_kind=st.sampled_from([frozenset(), frozenset({"former"}), frozenset({"legal", "assumed"})]),
    registered_from=st.sampled_from([None, "2005-01-01"]),
    registered_to=st.sampled_from([None, "2005-01-01", "2010-01-01"]),
    at=st.sampled_from([None, "2004-01-01", "2012-01-01"]),
)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with TemporaryDirectory() as name:
        yield Path(name)


def compare(index: Index, model: Index, typed: list[str], chosen: Filters) -> None:
    assert index.cursor() == model.cursor()
    assert index.health() == model.health()
    for number in NUMBERS:
        for register in ("sample", "im"):
            mine, its = index.get(register, number), model.get(register, number)
            assert mine == its
            assert mine is None or its is None or mine.first == its.first
            assert index.incoming(register, number, None, 9) == model.incoming(register, number, None, 9)
        assert index.lookup(number.lower()) == model.lookup(number.lower())
    for text in typed:
        query = parse_query(text)
        assert index.search(query, chosen, None, 50) == model.search(query, chosen, None, 50), text
        assert index.suggest(query, chosen, 3) == model.suggest(query, chosen, 3), text
        assert index.facets(query, chosen) == model.facets(query, chosen), text
        assert index.near(query, chosen, 5) == model.near(query, chosen, 5), text
        for sort in ("name", "registered"):
            assert index.search(query, chosen, None, 50, sort) == model.search(query, chosen, None, 50, sort), text
        outcome, near = index.find(query, chosen, None, 50), index.near(query, chosen, 5)
        assert outcome.page == index.search(query, chosen, None, 50)
        assert outcome.counts == index.facets(query, chosen)
        assert outcome.near in (None, near)
        assert outcome.page.hits or query.listing or outcome.near == near
        assert outcome == model.find(query, chosen, None, 50), text
        assert index.facets(query, chosen).total == len(index.search(query, chosen, None, 50).hits)


@settings(max_examples=60, deadline=None)
@given(histories, st.randoms(use_true_random=False), st.lists(texts, min_size=3, max_size=6), filters)
def test_any_order_and_repetition(folder, documents, random, typed, chosen) -> None:
    any_order(EmbeddedIndex(Path(mkdtemp(dir=folder)) / "index.db"), documents, random, typed, chosen)


@settings(max_examples=60 if SOAK else 3, deadline=None)
@given(histories, st.randoms(use_true_random=False), st.lists(texts, min_size=1, max_size=3), filters)
def test_any_order_and_repetition_on_a_real_node(search_node, documents, random, typed, chosen) -> None:
    index = elastic_index(search_node, fresh=30.0)
    any_order(index, documents, random, typed, chosen)
    removed(index)


def any_order(index: Index, documents: list[Document], random: Random, typed: list[str], chosen: Filters) -> None:
    model = ModelIndex()
    shuffled = documents + [document for document in documents if random.random() < 0.3]
    random.shuffle(shuffled)
    while shuffled:
        batch, shuffled = shuffled[:4], shuffled[4:]
        index.apply(batch, max(document.entry for document in batch) + 1)
    model.apply(documents, len(documents))
    compare(index, model, ["", *typed], chosen)
    index.rebuild(documents, 99)
    model.rebuild(documents, 99)
    compare(index, model, ["", *typed], chosen)


@settings(max_examples=40, deadline=None)
@given(histories, texts, filters)
def test_every_page_size_gives_the_same_order(folder, documents, text, chosen) -> None:
    index, query = EmbeddedIndex(Path(mkdtemp(dir=folder)) / "index.db"), parse_query(text)
    index.rebuild(documents, 1)
    whole = index.search(query, chosen, None, 50).hits
    assert len({(hit.document.register, hit.document.number) for hit in whole}) == len(whole)
    for size in (1, 2, 20):
        paged, after = [], None
        while True:
            page = index.search(query, chosen, after, size)
            paged += page.hits
            after = page.next
            if after is None:
                break
        assert tuple(paged) == whole
