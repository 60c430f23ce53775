"""Any text is a question: nothing that is typed makes an index fail."""

import os
import random
from collections.abc import Iterator

import pytest

from search.errors import BadParameter
from search.index.follow import follow
from search.question.index import Index
from search.question.query import Filters, parse_query
from tests.builders.index import NewIndex, is_slow
from tests.builders.register import small_ledger

#: all of them in `make soak`
TEXTS = 20_000 if os.environ.get("GREFFE_TEST_SOAK") else 400
ATTACKS = [
    '"', "'", "''", '""', "*", "* OR NEAR(", "a AND", "a OR b NOT c", "NEAR(a b, 2)",
    "tokens:zara", "^zara",
    "zara:", "-zara", "+zara",
    "{x}", "(", ")", "((((", "zara*", '"zara', "'; DROP TABLE org --", "1; SELECT 1", "%", "_", "%%__",
    "\\", "\0", "\x1b[31m",
    "\ud800", "\ue000", "\u202e", "\u200d\u200d", "\ufeffzara", "👩‍👩‍👧‍👦", "Z̷̡̛a̵l̶g̸o̷", "ﷺ", "İ",
    "ß" * 50, "a" * 2000, "é" * 2000,
    "a " * 1000, "'" * 2000, "株式会社" * 100, "BC" + "0" * 500, "9" * 2000, "=ubc", "a/b\tc", "=",
    "\t\n\r", "<script>alert(1)</script>",
]  # fmt: skip


@pytest.fixture(scope="module")
def index(new_index: NewIndex) -> Iterator[Index]:
    index = new_index()
    follow(small_ledger(), index)
    yield index
    assert index.health().documents


def ask(index: Index, text: str) -> None:
    query = parse_query(text)
    page = index.search(query, Filters(), None, 10)
    assert all(0 <= hit.score <= 1 for hit in page.hits)
    index.suggest(query, Filters(), 10)
    index.near(query, Filters(), 5)
    assert index.facets(query, Filters()).total >= len(page.hits)


@pytest.mark.parametrize("text", ATTACKS, ids=[str(at) for at in range(len(ATTACKS))])
def test_an_attack_is_only_a_text(index: Index, text: str) -> None:
    ask(index, text)


def test_random_texts(index: Index) -> None:
    chance = random.Random(7)
    letters = "abcdefz 0123'\"*-&.,ŧéäǁʔ京水カが가ب\u200c\u0301\ud83d=/\t:()"
    for _ in range(TEXTS // 20 if is_slow(index) else TEXTS):
        ask(index, "".join(chance.choice(letters) for _ in range(chance.randrange(30))))


def test_what_is_longer_than_any_name_is_refused(index: Index) -> None:
    with pytest.raises(BadParameter, check=lambda error: error.code == "query_too_long"):
        parse_query("x" * 10_000)
