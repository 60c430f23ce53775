"""Documents that come in any order and more than once make the same index, row by row, and the same answers.

Some thousand deliveries; a hundred thousand operations, each delivered one to three times, in `make soak`.
"""

import random
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from search.index.embedded import EmbeddedIndex
from search.question.document import Document, Link, NameEntry
from search.question.prepared import prepare
from search.question.query import Filters, parse_query
from tests.builders.command import ROOT, SOAK
from tests.builders.index import ModelIndex

sys.path.insert(0, str(ROOT / "tools"))

import bench_names

OPERATIONS = 100_000 if SOAK else 1_500
ORGANIZATIONS = OPERATIONS // 4
TABLES = ("org", "ident", "name", "key", "link", "term", "variant", "gram", "meta")


def operations(chance: random.Random) -> list[Document]:
    """One document for each entry of a ledger: organizations are registered, renamed, dissolved and linked."""
    known = list(bench_names.documents(ORGANIZATIONS))
    states: dict[str, Document] = {}
    made = []
    for entry in range(OPERATIONS):
        fresh = known[entry] if entry < ORGANIZATIONS // 2 else chance.choice(known)
        before = states.get(fresh.number)
        document = replace(before or fresh, entry=entry, first=entry, n=entry + 1)
        if before is not None and before.name and chance.random() < 0.5:
            name = NameEntry(str(chance.choice(known).name), "legal", None, "2020-01-01")
            former = NameEntry(before.name, "former", None, None, "2020-01-01")
            document = replace(document, name=name.text, names=(name, former))
        if chance.random() < 0.2:
            document = replace(document, status="Historical", links=(Link("isOwnedBy", "bc", fresh.number),))
        states[fresh.number] = document
        made.append(document)
    return made


def delivered(chance: random.Random, documents: list[Document]) -> Iterator[list[Document]]:
    """Each one to three times, shuffled, in portions."""
    every = [document for document in documents for _ in range(chance.randint(1, 3))]
    chance.shuffle(every)
    for start in range(0, len(every), 500):
        yield every[start : start + 500]


def rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    connection = sqlite3.connect(path)
    try:
        return {table: sorted(connection.execute(f"SELECT * FROM {table}")) for table in TABLES}
    finally:
        connection.close()


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    return operations(random.Random(17))


@pytest.fixture(scope="module")
def index(documents: list[Document], tmp_path_factory: pytest.TempPathFactory) -> tuple[EmbeddedIndex, Path]:
    chance, path = random.Random(18), tmp_path_factory.mktemp("index") / "index.db"
    index = EmbeddedIndex(path)
    for portion in delivered(chance, documents):
        # whether another process took the names apart makes no difference
        some = [prepare(each) if chance.random() < 0.5 else each for each in portion]
        index.apply(some, max(each.entry for each in portion) + 1)
    return index, path


def test_row_by_row_as_if_in_order(
    documents: list[Document], index: tuple[EmbeddedIndex, Path], tmp_path: Path
) -> None:
    ordered = EmbeddedIndex(tmp_path / "index.db")
    ordered.rebuild(documents, OPERATIONS)
    assert rows(index[1]) == rows(tmp_path / "index.db")


def test_the_answers_of_the_model(documents: list[Document], index: tuple[EmbeddedIndex, Path]) -> None:
    model = ModelIndex()
    model.apply(documents, OPERATIONS)
    assert index[0].health() == model.health()
    for document in documents:
        assert index[0].get("bc", document.number) == model.get("bc", document.number)
    chance = random.Random(19)
    for document in chance.sample(documents, 4):
        name = str(document.name)
        for text in (name, bench_names.CLASSES["one typo"](chance, name) or name.lower(), name[:5], document.number):
            query = parse_query(text)
            assert index[0].search(query, Filters(), None, 20) == model.search(query, Filters(), None, 20), text
    query = parse_query(str(documents[0].name))
    assert index[0].facets(query, Filters()) == model.facets(query, Filters())


def test_an_index_that_believed_the_last_delivery_would_differ(documents: list[Document], tmp_path: Path) -> None:
    counted = Counter(each.number for each in documents)
    chosen = [number for number, count in counted.items() if count > 1][:20]
    several = [each for each in documents if each.number in chosen]
    index, model = EmbeddedIndex(tmp_path / "index.db"), ModelIndex()
    model.apply(several, 1)
    for document in reversed(several):
        # what the order of entries is for: without it the oldest state would stay
        index.apply([replace(document, entry=0)], 1)
    assert any(index.get("bc", each.number) != model.get("bc", each.number) for each in several)
