"""The words of statuses, acts and names, where people read them: pages and answers, in both languages."""

from pathlib import Path

import pytest

from schemas.organization import Event, Name, Relationship, State
from tests.builders.http_client import Client
from tests.builders.reader import SmallRegistry
from tests.builders.site import small_app

_NAMES = (
    Name("SAUMON DU NORD LTÉE", "legal", "fr"),
    Name("HERON BAY TRADING", "assumed", since="2001-02-03", until="2010-04-05"),
    Name("NORTHERN SALMON LTD.", "translated", "en", until="2011-04-05"),
    Name("PUFFIN HOLDINGS PLC", "home", since="1999-01-01", until="2012-04-05"),
    Name("GANNET PARTNERS", "assumed", since="2013-01-01"),
    Name("PUFFIN GROUP PLC", "home", since="2012-04-05"),
)
_FIRST = State(
    "sample", "A0000001", "A", _NAMES[0].text, "Active", "ACT", names=_NAMES, event=Event("FILE", filing="REGS2")
)
_LINKED = State(
    "sample",
    "A0000001",
    "A",
    _NAMES[0].text,
    "Active",
    "ACT",
    names=_NAMES,
    relationships=(Relationship("doesBusinessAs", "FM0000002", "KITTIWAKE FOODS"),),
    event=Event("ADCORP"),
)
_CLOSING = State("sample", "A0000001", "A", _NAMES[0].text, "Active", "D1F", names=_NAMES, event=Event("ADCORP"))
#: an organization whose first entry is even, and those after it: a home name once led to a neighbour of such
_NEIGHBOURS = tuple(State("sample", f"A000000{n}", "A", f"NEIGHBOUR {n} LTD.", "Active", "ACT") for n in range(2, 5))
PATH = "/organizations/sample/A0000001"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Client:
    states = [*_NEIGHBOURS, _FIRST, _LINKED, _CLOSING]
    return Client(small_app(SmallRegistry(states), tmp_path_factory.mktemp("pages")))


def history(text: str) -> str:
    """The history of a page."""
    return text.split('id="history"')[1]


def test_the_history_says_what_happened_in_plain_words(pages: Client) -> None:
    for language, words in (
        ("en", ("Registered", "Relationship recorded", "Dissolution begun")),
        ("fr", ("Enregistrement", "Relation enregistrée", "Dissolution entamée")),
    ):
        text = pages.get(f"/{language}{PATH}").text
        assert [f"<strong>{name}</strong>" in history(text) for name in words] == [True] * 3
        assert "Administer" not in text
        assert "Registration Statement" not in text
    assert "Record changed by the registry" in pages.get(f"/en{PATH}").text.split('id="history"')[0]


def test_the_answers_give_the_registers_own_label_and_the_plain_name(pages: Client) -> None:
    items = pages.get(f"/api/v1{PATH}/history").json()["items"]
    assert [item["act"]["code"] for item in items] == ["registered", "relationship_recorded", "dissolution_begun"]
    assert items[1]["event"]["labels"]["kind"]["en"] == "Administer Corporation"
    assert items[1]["act"]["labels"] == {"en": "Relationship recorded", "fr": "Relation enregistrée"}
    newest = pages.get(f"/api/v1{PATH}").json()
    assert newest["act"] == items[2]["act"]


def test_the_sub_status_stands_beside_the_status(pages: Client) -> None:
    for language, words in (("en", "In dissolution"), ("fr", "En dissolution")):
        page = pages.get(f"/{language}{PATH}").text.split('id="check"')[0]
        assert f"<span>{words}</span>" in page
        assert f"<span>{words}</span>" in pages.get(f"/{language}/search", params={"q": "A0000001"}).text
    body = pages.get(f"/api/v1{PATH}").json()
    assert (body["status"], body["register_status"], body["sub_status"]) == ("Active", "D1F", "in_dissolution")
    assert body["labels"]["sub_status"] == {"en": "In dissolution", "fr": "En dissolution"}
    (item,) = pages.get("/api/v1/organizations", params={"q": "saumon du nord"}).json()["items"]
    assert (item["sub_status"], item["labels"]["sub_status"]["fr"]) == ("in_dissolution", "En dissolution")


@pytest.mark.parametrize(
    ("typed", "kind", "dates"),
    [
        ("HERON BAY TRADING", "assumed", "(from 3 February 2001 until 5 April 2010, no longer in force)"),
        ("NORTHERN SALMON LTD.", "translated", "(until 5 April 2011, no longer in force)"),
        ("PUFFIN HOLDINGS PLC", "home", "(from 1 January 1999 until 5 April 2012, no longer in force)"),
        ("GANNET PARTNERS", "assumed", ""),
        ("PUFFIN GROUP PLC", "home", ""),
    ],
)
def test_a_name_of_each_kind_is_told_with_its_kind_and_whether_it_is_in_force(
    pages: Client, typed: str, kind: str, dates: str
) -> None:
    (item,) = pages.get("/api/v1/organizations", params={"q": typed}).json()["items"]
    assert (item["number"], item["matched"]) == ("A0000001", {"name": typed, "kind": kind, "why": "exact_name"})
    assert item["how"]["inForce"] is not bool(dates)
    assert set(item["labels"]["matched"]) == {"en", "fr"}
    (suggestion,) = pages.get("/api/v1/autocomplete", params={"q": typed}).json()["items"]
    assert (suggestion["number"], suggestion["matched"]["kind"]) == ("A0000001", kind)
    assert (suggestion["how"]["until"], suggestion["how"]["inForce"]) == (item["how"]["until"], not dates)
    for language in ("en", "fr"):
        page = pages.get(f"/{language}/search", params={"q": typed}).text
        line = page.split('<p class="matched">')[1].split("</p>")[0].replace("\u00a0", " ")
        assert line.startswith(item["labels"]["matched"][language].replace("\u00a0", " "))
        assert ({"en": "no longer in force", "fr": "n’est plus en vigueur"}[language] in line) is bool(dates)
        assert language == "fr" or line.endswith(f"</mark></bdi>{' ' if dates else ''}{dates}")


@pytest.mark.parametrize("kind", ["legal", "assumed", "translated", "home"])
def test_each_kind_of_name_can_be_asked_for_alone(pages: Client, kind: str) -> None:
    text = next(name.text for name in _NAMES if name.kind == kind)
    for asked in ("legal", "assumed", "translated", "former", "home"):
        items = pages.get("/api/v1/organizations", params={"q": text, "name_kind": asked}).json()["items"]
        assert bool([item for item in items if item["matched"]["name"] == text]) is (asked == kind)


def test_the_page_marks_what_was_given_up_and_nothing_else(pages: Client) -> None:
    for language, words in (("en", ", no longer in force"), ("fr", ", n’est plus en vigueur")):
        names = pages.get(f"/{language}{PATH}").text.split('id="h-names"')[1].split("</section>")[0]
        rows = names.split("<li>")[1:]
        assert [words in row for row in rows] == [name.until is not None for name in _NAMES]
    names = pages.get(f"/api/v1{PATH}").json()["names"]
    assert [name["in_force"] for name in names] == [name.until is None for name in _NAMES]
    assert {name["labels"]["kind"]["fr"] for name in names} >= {"Nom d’emprunt", "Dénomination traduite"}


def test_a_former_name_is_not_in_force(tmp_path: Path) -> None:
    state = State("sample", "BC1", "BC", "NEW LTD.", names=(Name("NEW LTD.", "legal"), Name("OLD LTD.", "former")))
    client = Client(small_app(SmallRegistry([state]), tmp_path))
    names = client.get("/api/v1/organizations/sample/BC1").json()["names"]
    assert [(name["kind"], name["in_force"]) for name in names] == [("legal", True), ("former", False)]
