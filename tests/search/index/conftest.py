"""The three that keep an index: the model in memory, SQLite, and a real Elasticsearch node."""

from collections.abc import Iterator

import pytest

from search.question.index import Index
from tests.builders.index import ModelIndex, NewIndex, embedded_index
from tests.builders.search_node import elastic_index, removed

KEEPERS = ("memory", "sqlite", "elasticsearch")


@pytest.fixture(scope="module", params=KEEPERS)
def new_index(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewIndex]:
    """Makes an empty index, as often as a test wants."""
    if request.param == "memory":
        yield ModelIndex
    elif request.param == "sqlite":
        yield lambda: embedded_index(tmp_path_factory.mktemp("index"))
    else:
        url, made = request.getfixturevalue("search_node"), []

        def new() -> Index:
            made.append(elastic_index(url))
            return made[-1]

        yield new
        for index in made:
            removed(index)
