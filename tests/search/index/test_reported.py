"""What users of other registers reported, as searches: each was wrong somewhere once."""

from pathlib import Path

import pytest

from search.index.embedded import EmbeddedIndex
from search.question.document import Document, NameEntry
from search.question.match import Hit
from search.question.query import Filters, parse_query

NAMES = [
    ("BC0491266", "BKV Social Enterprise Co.", ()),
    ("BC0000001", "H.L.F. Images Ltd.", ()),
    ("BC0000002", "INTEGRATEDDESIGNSHUB INC.", ()),
    ("BC0000003", "CALEZA AESTHETICS & MEDI SPA INC.", ()),
    ("BC0000004", "TOTALENERGIES SE", ()),
    ("BC0000005", "Les Échos de la Baie Inc.", ()),
    ("BC0000006", "Véolia Café Ltée", ()),
    ("BC0000007", "Zara Ltd.", ()),
    ("BC0000008", "Zarra Ltd.", ()),
    ("BC0000009", "Zara Imports Ltd.", ()),
    ("BC0000010", "La Poste Inc.", ()),
    ("BC0000011", "Poste Restante Lattes Ltd.", ()),
    ("BC0000012", "Almaz Antey", ()),
    ("BC0000013", "Quokka Company Limited", ()),
    ("BC0000014", "Company Limited Holdings Inc.", ()),
    ("BC0000015", "Wombat Company Limited", ()),
    ("BC0000016", "0500007 B.C. LTD.", ()),
    ("BC0000017", "Pacific Coast Widgets Ltd.", ("Northern Gizmo Works Ltd.",)),
    ("BC0000018", "Tidewater Gears Benefit Company", ()),
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> EmbeddedIndex:
    index = EmbeddedIndex(tmp_path_factory.mktemp("index") / "index.db")
    documents = []
    for at, (number, name, former) in enumerate(NAMES):
        names = (NameEntry(name, "legal"), *(NameEntry(text, "former", until="2014-01-01") for text in former))
        documents.append(Document("bc", number, at, at, 1, name, "Active", "BC", names=names))
    index.rebuild(documents, len(documents))
    return index


def find(index: EmbeddedIndex, text: str) -> list[Hit]:
    return list(index.search(parse_query(text), Filters(), None, 10).hits)


@pytest.mark.parametrize("text", ["bc0491266", "BC0491266", "491266", "BC 0491266"])
def test_a_number_in_any_form_is_one_result(index: EmbeddedIndex, text: str) -> None:
    assert [hit.document.number for hit in find(index, text)] == ["BC0491266"]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("H.L.F Images", "BC0000001"),
        ("HLF images", "BC0000001"),
        ("h l f images", "BC0000001"),
        ("BKV SOCIAL ENTERPRISE CO.", "BC0491266"),
        ("integrated design", "BC0000002"),
        ("total energies", "BC0000004"),
        ("les échos", "BC0000005"),
        ("les echos", "BC0000005"),
        ("veolia cafe", "BC0000006"),
        ("véolia café", "BC0000006"),
        ("zara", "BC0000007"),
        ("la poste", "BC0000010"),
        ("Almaz Antey Telecom", "BC0000012"),
        ("Quokka Company Limited", "BC0000013"),
        ("quoka company limited", "BC0000013"),
        ("500007 BC", "BC0000016"),
        ("widgets coast pacific", "BC0000017"),
        ("Nothern Gizmo Works", "BC0000017"),
        ("tidewater gears benefit company", "BC0000018"),
        ("tidewatr gears", "BC0000018"),
    ],
)
def test_comes_first(index: EmbeddedIndex, text: str, number: str) -> None:
    assert find(index, text)[0].document.number == number


def test_an_exact_name_stands_above_likenesses_and_longer_names(index: EmbeddedIndex) -> None:
    assert [hit.document.name for hit in find(index, "zara")][:2] == ["Zara Ltd.", "Zara Imports Ltd."]


def test_words_of_a_legal_form_do_not_decide(index: EmbeddedIndex) -> None:
    assert "Wombat Company Limited" not in [hit.document.name for hit in find(index, "Quokka Company Limited")]


def test_a_name_that_shares_its_telling_word_is_offered(index: EmbeddedIndex) -> None:
    text = parse_query("CALEZA AESTHETICS & WELLNESS INC.")
    offered = [*find(index, text.raw), *index.near(text, Filters(), 5).similar]
    assert "CALEZA AESTHETICS & MEDI SPA INC." in [hit.document.name for hit in offered]


def test_a_former_name_says_until_when(index: EmbeddedIndex) -> None:
    hit = find(index, "northern gizmo")[0]
    assert (hit.matched_kind, hit.matched_name, hit.matched_until) == (
        "former",
        "Northern Gizmo Works Ltd.",
        "2014-01-01",
    )


def test_a_spelling_says_how_many_letters_differ_and_what_is_meant(index: EmbeddedIndex) -> None:
    hit = find(index, "quoka")[0]
    assert (hit.why, hit.edits, hit.dropped) == ("spelling", 1, ())
    assert index.near(parse_query("quoka"), Filters(), 5).did_you_mean == "Quokka Company Limited"


@pytest.mark.parametrize("text", ["BCO491266", "bco491266", "49I266", "O491266"])
def test_a_letter_for_a_figure_is_a_suggestion_and_no_result(index: EmbeddedIndex, text: str) -> None:
    near = index.near(parse_query(text), Filters(), 5)
    assert near.did_you_mean == "BC0491266"
    assert [hit.document.number for hit in near.similar] == ["BC0491266"]
    assert "BC0491266" not in [hit.document.number for hit in find(index, text) if hit.why == "exact_number"]


@pytest.mark.parametrize("text", ["xylqwv brmpf", "99999", "qqqq"])
def test_what_nobody_is_called_finds_nothing(index: EmbeddedIndex, text: str) -> None:
    assert find(index, text) == []


def test_as_of_a_day_names_then_in_force_count(tmp_path: Path) -> None:
    index = EmbeddedIndex(tmp_path / "index.db")
    names = (
        NameEntry("Later Lanterns Ltd.", "legal", since="2015-01-01"),
        NameEntry("Early Lanterns Ltd.", "former", since="2001-01-01", until="2015-01-01"),
    )
    document = Document(
        "bc", "BC1", 0, 0, 1, "Later Lanterns Ltd.", "Active", "BC", registered_on="2001-01-01", names=names
    )
    index.apply([document], 1)

    def numbers(text: str, at: str | None) -> list[str]:
        hits = index.search(parse_query(text), Filters(at=at), None, 5).hits
        return [hit.matched_name or "" for hit in hits]

    assert numbers("early lanterns", "2014-12-31") == ["Early Lanterns Ltd."]
    assert numbers("early lanterns", "2015-01-01") != ["Early Lanterns Ltd."]
    assert numbers("later lanterns", "2015-01-01") == ["Later Lanterns Ltd."]
    assert numbers("later lanterns", "2000-12-31") == []
    assert numbers("", "2000-12-31") == []
    assert numbers("early lanterns", None) == ["Early Lanterns Ltd."]


@pytest.mark.parametrize("text", ["", "ltd", "company"])
@pytest.mark.parametrize("sort", ["name", "registered", "relevance"])
def test_every_order_is_the_same_page_by_page(index: EmbeddedIndex, text: str, sort: str) -> None:
    query = parse_query(text)
    whole = index.search(query, Filters(), None, 100, sort).hits
    for size in (1, 2, 20):
        paged: list[Hit] = []
        after = None
        while True:
            page = index.search(query, Filters(), after, size, sort)
            paged += page.hits
            after = page.next
            if after is None:
                break
        assert tuple(paged) == whole
    if sort == "name":
        names = [(hit.document.name or "").casefold() for hit in whole if (hit.document.name or "").isascii()]
        assert names == sorted(names)
