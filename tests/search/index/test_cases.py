"""Names as they are written, questions as they are typed: each organization stands first, in every index.

`names.csv` and `queries.json` are the awkward inputs of public reports; `neighbours.json` has others of each kind. Beside them
stand plain names that share words, so that nothing comes first for want of others.
"""

import csv
import json
from pathlib import Path

import pytest

from search.question.document import Document, NameEntry
from search.question.index import Index
from search.question.matching import Wanted, candidates
from search.question.query import Filters, parse_query
from tests.builders.index import NewIndex

VECTORS = Path(__file__).parents[2] / "vectors" / "search"
CASES = json.loads((VECTORS / "queries.json").read_text("utf-8"))
NEIGHBOURS = json.loads((VECTORS / "neighbours.json").read_text("utf-8"))
PLAIN = [
    "Sample Holdings Ltd.",
    "Example Society",
    "Example Boats Inc.",
    "Lantern Works Ltd.",
    "Harbour Tours Ltd.",
    "Imaginary Foods Inc.",
    "Marmot Construction Ltd.",
    "British Columbia Roofing Ltd.",
    "Canada Puppets Inc.",
    "Kites Unlimited Toys Ltd.",
    "株式会社空想",
    "Toy Boats Ltd.",
    "架空電機株式会社工場",
]


def document(at: int, number: str, name: str, business_number: str | None = None) -> Document:
    entry = NameEntry(name, "legal")
    return Document("bc", number, at, at, 1, name, "Active", "BC", business_number=business_number, names=(entry,))


def documents() -> list[Document]:
    with (VECTORS / "names.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["number"], row["legal_name"], row["business_number"] or None) for row in csv.DictReader(file)]
    rows += [(f"BC96{at:05d}", case["name"], None) for at, case in enumerate(NEIGHBOURS)]
    rows += [(f"BC97{at:05d}", name, None) for at, name in enumerate(PLAIN)]
    return [document(at, *row) for at, row in enumerate(rows)]


@pytest.fixture(scope="module")
def index(new_index: NewIndex) -> Index:
    index = new_index()
    index.rebuild(documents(), 1)
    return index


def numbers(index: Index, text: str) -> list[str]:
    return [hit.document.number for hit in index.search(parse_query(text), Filters(), None, 3).hits]


@pytest.mark.parametrize("case", CASES, ids=[case["q"][:40] for case in CASES])
def test_an_awkward_question_finds_its_organization(index: Index, case: dict[str, str]) -> None:
    assert case["want"] in numbers(index, case["q"])


QUESTIONS = [(at, query) for at, case in enumerate(NEIGHBOURS) for query in case["queries"]]


@pytest.mark.parametrize(("at", "query"), QUESTIONS, ids=[query[:40] for _, query in QUESTIONS])
def test_so_do_its_neighbours(index: Index, at: int, query: str) -> None:
    assert numbers(index, query)[:1] == [f"BC96{at:05d}"], NEIGHBOURS[at]["name"]


def test_a_longer_name_puts_no_match_in_doubt(index: Index) -> None:
    first, *others = candidates(index, Wanted(None, "架空電機株式会社", "", "", None), set)
    assert (first.is_match, first.hit.document.name) == (True, "架空電機株式会社")
    assert "架空電機株式会社工場" in [each.hit.document.name for each in others]
    assert not any(each.is_match for each in others)


def test_each_kind_has_three_neighbours_at_least() -> None:
    counted: dict[str, int] = {}
    for case in NEIGHBOURS:
        counted[case["kind"]] = counted.get(case["kind"], 0) + len(case["queries"])
    assert min(counted.values()) >= 3
