"""What every index gives, whatever keeps it: the model in memory, SQLite, and a real Elasticsearch node."""

from dataclasses import replace

import pytest

from search.index.follow import follow, reindex
from search.question import finding, match
from search.question.document import parse_document, print_document
from search.question.index import Index
from search.question.match import Hit
from search.question.query import Filters, parse_query
from tests.builders.index import NewIndex, document
from tests.builders.reader import FakeReader
from tests.builders.register import REGISTER, small_ledger, state_of


@pytest.fixture(scope="module")
def index(new_index: NewIndex) -> Index:
    index = new_index()
    follow(small_ledger(), index)
    return index


def find(index: Index, text: str, filters: Filters | None = None) -> tuple[Hit, ...]:
    return index.search(parse_query(text), filters or Filters(), None, 100).hits


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("bc0491266", "BC0491266"),
        ("BC0491266", "BC0491266"),
        ("491266", "BC0491266"),
        ("BC 0491266", "BC0491266"),
        ("bc-049.1266", "BC0491266"),
        ("000003m", "000003M"),
        ("1234567", "1234567"),
        ("BKV SOCIAL ENTERPRISE CO.", "BC0491266"),
        ("bkv social enterprise", "BC0491266"),
        ("H.L.F Images", "BC0500001"),
        ("HLF images", "BC0500001"),
        ("h l f images", "BC0500001"),
        ("l'atelier d'or", "BC0500002"),
        ("atelier or", "BC0500002"),
        ("l atelier d or", "BC0500002"),
        ("L’ATELIER D’OR LIMITÉE", "BC0500002"),
        ("cafe veolia", "BC0500003"),
        ("café véolia", "BC0500003"),
        ("total energies", "BC0500004"),
        ("integrated design", "BC0500005"),
        ("walton cleaning", "BC0500006"),
        ("waltons cleaning", "BC0500006"),
        ("500007 BC", "BC0500007"),
        ("0500007 b.c. ltd", "BC0500007"),
        ("obriens pub", "BC0500014"),
        ("smith and sons", "BC0500015"),
        ("sons & smith", "BC0500015"),
        ("st marys manufacturing", "BC0500021"),
        ("the golden workshop", "BC0500002"),
        ("harbour social ventures", "BC0491266"),
        ("zara", "BC0500010"),
        ("3m canada", "BC0500023"),
    ],
)
def test_found_first(index: Index, text: str, number: str) -> None:
    assert find(index, text)[0].document.number == number


@pytest.mark.parametrize(
    ("text", "name", "kind", "why"),
    [
        ("491266", "BC0491266", "number", "exact_number"),
        ("harbour social", "Harbour Social Ventures Ltd.", "former", "prefix"),
        ("harbour social ventures", "Harbour Social Ventures Ltd.", "former", "exact_name"),
        ("ventures harbour", "Harbour Social Ventures Ltd.", "former", "words"),
        ("smith plumbing", "Smith Plumbing", "assumed", "exact_name"),
        ("golden workshop", "The Golden Workshop Ltd.", "translated", "exact_name"),
        ("bkv", "BKV SOCIAL ENTERPRISE CO.", "legal", "prefix"),
    ],
)
def test_says_which_name_matched(index: Index, text: str, name: str, kind: str, why: str) -> None:
    hit = find(index, text)[0]
    assert (hit.matched_name, hit.matched_kind, hit.why) == (name, kind, why)


def test_a_certain_number_is_the_whole_answer(index: Index) -> None:
    assert len(find(index, "BC0500007")) == 1
    assert [hit.document.number for hit in find(index, "3m")] == ["000003M", "BC0500023"]


def test_order(index: Index) -> None:
    assert [(hit.document.number, hit.matched_kind, hit.why) for hit in find(index, "zara")] == [
        ("BC0500010", "legal", "exact_name"),
        ("BC0500013", "former", "exact_name"),
        ("1234567", "legal", "prefix"),
        ("BC0500011", "legal", "prefix"),
        ("BC0500012", "former", "words"),
    ]
    active, historical = find(index, "north shore boat works")
    assert (active.document.status, historical.document.status) == ("Active", "Historical")


def test_the_form_typed_comes_before_others(index: Index, new_index: NewIndex) -> None:
    own = new_index()
    own.apply([document(at, f"Acme {form}") for at, form in enumerate(["Inc.", "Ltd.", "Corp."])], 3)
    assert [hit.document.name for hit in find(own, "acme limited")] == ["Acme Ltd.", "Acme Inc.", "Acme Corp."]


@pytest.mark.parametrize(
    "text", ['"', "* OR NEAR(", "a AND", "'; DROP TABLE org --", "^zara", "zara:", "-", "\0", "{x}"]
)
def test_operators_are_only_text(index: Index, text: str) -> None:
    find(index, text)
    index.facets(parse_query(text), Filters())
    assert index.health().documents == len(REGISTER)


def test_facets_leave_their_own_field_open(index: Index) -> None:
    counts = index.facets(parse_query("cedar"), Filters(status=frozenset({"Active"})))
    assert counts.total == 2
    assert dict(counts.facets["status"].values) == {"Active": 2, "Historical": 1}
    assert dict(counts.facets["type"].values) == {"CP": 1, "LL": 1}


def test_counts_stop_at_the_cap(index: Index) -> None:
    capped, whole = (index.facets(parse_query("ltd"), Filters(), cap) for cap in (3, 100))
    assert (capped.total, capped.exact, capped.facets["type"].exact) == (3, False, False)
    assert (whole.total, whole.exact) == (len(find(index, "ltd")), True)


def test_the_cap_does_not_hide_that_there_are_others(new_index: NewIndex) -> None:
    index = new_index()
    others = [replace(document(at, "Same Name"), status="Historical") for at in range(20, 22)]
    index.rebuild([*(document(at, "Same Name") for at in range(10)), *others], 22)
    counts = index.facets(parse_query("same name"), Filters(), cap=5)
    assert (counts.total, counts.exact) == (5, False)
    assert dict(counts.facets["status"].values)["Historical"] == 2


def test_numbers_that_begin_so_come_last(index: Index) -> None:
    hits = find(index, "BC05000")
    assert {hit.why for hit in hits} == {"number_prefix"}
    assert len(hits) == 22
    assert [hit.document.number for hit in find(index, "049 12")] == ["BC0491266"]


def test_filters(index: Index) -> None:
    def numbers(text: str, **chosen: object) -> list[str]:
        return [hit.document.number for hit in find(index, text, Filters(**chosen))]  # type: ignore[arg-type]

    assert numbers("zara", register=frozenset({"im"})) == ["1234567"]
    assert numbers("zara", name_kind=frozenset({"former"})) == ["BC0500013", "BC0500012"]
    assert numbers("", type=frozenset({"ULC"})) == ["BC0500020"]
    assert numbers("", registered_to="2001-02-02") == []
    assert len(numbers("", registered_from="2001-02-03")) == len(REGISTER)


def test_a_name_that_is_gone_is_not_found_any_more(new_index: NewIndex) -> None:
    index = new_index()
    index.apply([document(1, "Alpha Works")], 2)
    index.apply([document(1, "Beta Works", entry=2)], 3)
    assert find(index, "alpha") == ()
    assert len(find(index, "works")) == 1
    index.apply([document(1, "Alpha Works")], 2)
    assert find(index, "alpha") == ()
    assert index.cursor() == 3


def test_a_failing_batch_leaves_documents_and_cursor_as_they_were(new_index: NewIndex) -> None:
    index = new_index()
    index.apply([document(1, "Alpha")], 2)

    def broken() -> object:
        yield document(2, "Beta")
        raise RuntimeError("the ledger went away")

    with pytest.raises(RuntimeError):
        index.apply(broken(), 9)  # type: ignore[arg-type]
    assert (index.cursor(), find(index, "beta")) == (2, ())
    index.apply([document(2, "Beta")], 9)
    assert (index.cursor(), len(find(index, "beta"))) == (9, 1)


def test_a_rebuilt_index_answers_like_the_followed_one(new_index: NewIndex) -> None:
    reader = small_ledger()
    followed, rebuilt = new_index(), new_index()
    follow(reader, followed, batch=3)
    reindex(reader, rebuilt)
    assert followed.health() == rebuilt.health()
    for text in ("", "zara", "cedar", "ltd", "smith"):
        assert find(followed, text) == find(rebuilt, text)


def test_documents_print_and_parse() -> None:
    index_document = document(7, "Évélo", entry=9)
    assert parse_document(print_document(index_document)) == index_document


def test_only_the_newest_of_a_batch_counts(new_index: NewIndex) -> None:
    reader = FakeReader()
    for line in REGISTER[:2]:
        reader.log(state_of(line))
    index = new_index()
    follow(reader, index)
    document = index.get("sample", REGISTER[0].number)
    assert document is not None
    assert (document.entry, document.first, document.n, document.type) == (2, 2, 1, "BC")


def test_one_request_looks_names_up_once(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Filters] = []
    ranked = finding.ranked

    def counted(postings, query, filters, breadth=finding.BREADTH):
        asked.append(filters)
        return ranked(postings, query, filters, breadth)

    monkeypatch.setattr(finding, "ranked", counted)
    for sort in ("relevance", "name", "registered"):
        asked.clear()
        assert index.find(parse_query("harbor ventures"), Filters(), None, 10, sort).counts.total
        assert len(asked) == 1
    asked.clear()
    outcome = index.find(parse_query("zzzz qqqq"), Filters(), None, 10)
    assert outcome.near is not None
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        (Filters(name_kind=frozenset({"former"})), {("former", "Harbour Social Ventures Ltd.")}),
        (Filters(at="2000-01-01"), set()),
    ],
)
def test_a_listing_names_what_was_asked_for(index: Index, filters: Filters, names: set[tuple[str, str]]) -> None:
    hits = index.search(parse_query(""), filters, None, 100).hits
    assert names <= {(hit.matched_kind, hit.matched_name) for hit in hits}
    assert all(hit.name is not None for hit in hits if hit.document.names)
    assert all(match.name_passes(filters, hit.document, hit.name) for hit in hits if hit.name is not None)


@pytest.mark.parametrize(
    ("text", "is_result"), [("breiere", True), ("breire ltd", True), ("theiere ltd", True), ("theiere", False)]
)
def test_a_word_of_which_many_letters_differ_is_similar_and_no_result(
    new_index: NewIndex, text: str, is_result: bool
) -> None:
    own = new_index()
    own.apply([document(at, name) for at, name in enumerate(["Bréière Ltée", "Acme Ltd.", "Zara Ltd."])], 3)
    assert bool(find(own, text)) is is_result
    near = own.near(parse_query(text), Filters(), 5)
    assert [hit.document.name for hit in near.similar] == ([] if is_result else ["Bréière Ltée"])


def test_several_are_asked_for_at_once(index: Index) -> None:
    ids = [("sample", line.number) for line in REGISTER] + [("sample", "none"), ("nowhere", REGISTER[0].number)]
    assert index.several([]) == {}
    several = index.several(ids)
    assert {id: index.get(*id) for id in several} == several
    assert len(several) == sum(index.get(*id) is not None for id in ids) > 20


@pytest.mark.parametrize("sort", ["name", "registered"])
def test_a_listing_goes_on_where_the_last_one_shown_has_changed_its_status(new_index: NewIndex, sort: str) -> None:
    index = new_index()
    same = [replace(document(at, "Same Works"), registered_on="2001-02-03") for at in range(3)]
    documents = [*same, *(document(at, f"Works {at}") for at in range(3, 6))]
    index.apply(documents, 6)
    first = index.search(parse_query(""), Filters(), None, 2, sort)
    assert first.next is not None
    last = first.hits[-1].document
    index.apply([replace(last, entry=9, status="Historical")], 10)
    others = index.search(parse_query(""), Filters(), first.next, 9, sort)
    shown = {hit.document.number for page in (first, others) for hit in page.hits}
    assert shown == {document.number for document in documents}
