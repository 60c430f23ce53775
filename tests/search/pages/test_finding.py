"""The search page tells how each result answers, once; what may have been meant; and carries filters along."""

import re

import pytest

from tests.builders.http_client import Client
from tests.builders.site import small_app, small_registry

SPELLING = {
    "en": "Found because the name is written almost like this.",
    "fr": "Trouvé parce que le nom s’écrit presque ainsi.",
}

WORDS = {"en": "Found because the name has these words.", "fr": "Trouvé parce que le nom contient ces mots."}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Client:
    return Client(small_app(small_registry(), tmp_path_factory.mktemp("pages")))


def text_of(pages: Client, address: str) -> str:
    answer = pages.get(address)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.text)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(
    ("typed", "name", "sentence"),
    [
        ("Pacfic Northwest Widgets", "PACIFIC NORTHWEST WIDGETS LTD.", SPELLING),
        ("widgets northwest pacific", "PACIFIC NORTHWEST WIDGETS LTD.", WORDS),
        ("Olt Sawmill", "OLD SAWMILL CO. LTD.", SPELLING),
    ],
)
def test_a_name_typed_a_little_wrong_is_on_the_first_page_which_says_why(
    pages: Client, language: str, typed: str, name: str, sentence: dict[str, str]
) -> None:
    page = text_of(pages, f"/{language}/search?q={typed}")
    assert name in page
    assert page.count(sentence[language]) == 1


def test_a_former_name_says_until_when(pages: Client) -> None:
    assert "(until 21 July 2016)" in text_of(pages, "/en/search?q=pacific northwest widgets")
    assert "(jusqu’au 21 juillet 2016)" in text_of(pages, "/fr/search?q=pacific northwest widgets")


def test_a_sentence_stands_once_not_under_each_result(pages: Client) -> None:
    page = text_of(pages, "/en/search?q=ltd")
    assert page.count("<h3>") == 3
    assert page.count("Found because the name has these words.") == 1


def test_a_word_that_the_name_has_is_not_called_missing(pages: Client) -> None:
    results = text_of(pages, "/en/search?q=ltd").split('<ul class="results">')[1].split("</li>")
    (sawmill,) = [result for result in results if "OLD SAWMILL CO. LTD." in result]
    assert "Without:" not in sawmill
    assert "Without: <bdi>quokka</bdi>" in text_of(pages, "/en/search?q=pacific northwest widgets quokka")


def test_what_may_have_been_meant_is_a_link_and_labelled(pages: Client) -> None:
    page = text_of(pages, "/en/search?q=BCO000001")
    assert "Did you mean:" in page
    assert 'href="?q=BC0000001"' in page
    assert "Nothing is called so. Similar:" in page
    assert "Similar:" not in text_of(pages, "/en/search?q=BC0000001")


def test_filters_and_order_stay_when_a_new_text_is_typed(pages: Client) -> None:
    page = text_of(pages, "/en/search?q=zara&status=Active,Historical&sort=name&at=2020-01-01")
    for name, value in (("status", "Active,Historical"), ("sort", "name"), ("at", "2020-01-01")):
        assert f'<input type="hidden" name="{name}" value="{value}">' in page
    assert 'name="cursor"' not in page


def test_an_order_that_there_is_not_is_refused(pages: Client) -> None:
    assert pages.get("/en/search?q=zara&sort=colour").status_code == 400
