"""Ten pages of the sample answer somebody new before anything is checked, of today and for a paper of 2019."""

import re

import pytest

from search.app import create_app
from search.index.embedded import EmbeddedIndex
from tests.builders.http_client import Client
from tests.builders.lay_pages import DAY, PAGES, LayPage, lay_office, words_of

NOTHING = {"en": "Nothing was registered here on that day", "fr": "Rien n’était immatriculé ici ce jour-là"}
#: what the page of an older state must not say as if it were so today
OF_TODAY = {"en": ("still lists", "no longer lists"), "fr": ("donne encore", "ne donne plus")}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Client:
    folder = tmp_path_factory.mktemp("lay")
    return Client(create_app(lay_office(folder).reader, EmbeddedIndex(folder / "index.db")))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path)
def test_the_page_answers_of_today_and_of_2019(client: Client, page: LayPage) -> None:
    around = f"/{page.language}/organizations/sample"
    now = words_of(client.get(f"{around}/{page.path}").text)
    assert [answer for answer in page.now if answer not in now] == [], now
    answer = client.get(f"{around}/{page.number}?at={DAY}")
    then = words_of(answer.text)
    assert answer.status_code == (200 if page.then else 404)
    assert [said for said in page.then or (NOTHING[page.language],) if said not in then] == [], then
    assert not [said for said in OF_TODAY[page.language] if said in then], then


def test_the_timeline_does_not_draw_a_dissolution_as_plain_activity(client: Client) -> None:
    text = client.get("/en/organizations/sample/BC9000306").text
    assert re.findall(r'class="segment" data-status="(\w+)"', text) == ["Active", "reserved", "reserved", "Historical"]
