"""Sub-statuses and names given up in a real Chromium: covered by the page's own check, and told in suggestions."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from schemas.organization import Event, Name, Relationship, State
from tests.builders.reader import SmallRegistry
from tests.builders.site import serving, small_app
from tests.web.test_pages_in_chromium import check, shown_differences

NAMES = (
    Name("SAUMON DU NORD LTÉE", "legal", "fr"),
    Name("HERON BAY TRADING", "assumed", since="2001-02-01", until="2010-04-05"),
)
STATE = State(
    "sample",
    "A0000001",
    "A",
    NAMES[0].text,
    "Active",
    "D1F",
    names=NAMES,
    relationships=(
        Relationship("heldBy", "000001C", since="2020-01-01", register="im"),
        Relationship("holds", "BC0000002"),
    ),
    event=Event("FILE", "1", "NOCDR", "2020-01-01"),
)
WORDS = {
    "en": ("In dissolution", "no longer in force", "Directors changed", "from 1 February 2001 until 5 April 2010"),
    "fr": (
        "En dissolution",
        "n’est plus en vigueur",
        "Changement d’administrateurs",
        "du 1er février 2001 au 5 avril 2010",
    ),
}


@pytest.fixture(scope="module")
def words_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(small_app(SmallRegistry([STATE]), tmp_path_factory.mktemp("words"))) as url:
        yield url


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_check_covers_the_sub_status_a_name_given_up_and_another_register(
    page: Page, words_site: str, language: str
) -> None:
    page.goto(f"{words_site}/{language}/organizations/sample/A0000001")
    sub, given_up, act, _ = WORDS[language]
    expect(page.locator("#title")).to_contain_text(sub)
    expect(page.locator("#names")).to_contain_text(given_up)
    expect(page.locator("#registration")).to_contain_text(act)
    register = {"en": "Isle of Man Companies Registry", "fr": "Registre des sociétés de l’île de Man"}[language]
    expect(page.locator("#related")).to_contain_text(f", {register}, ")
    assert check(page)["page_matches"] == "passed"
    page.keyboard.press("Escape")
    page.evaluate(
        """(words) => {
          const texts = document.createNodeIterator(document.querySelector("#organization"), NodeFilter.SHOW_TEXT);
          for (let node = texts.nextNode(); node; node = texts.nextNode()) {
            for (const word of words) node.data = node.data.replace(word, "");
          }
        }""",
        [sub, f", {given_up}", f", {register}"],
    )
    assert check(page)["page_matches"] == "failed"
    assert len(shown_differences(page)) == 4, "the line of the status, the banner, the name and the register"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_suggestion_says_that_the_name_was_given_up(page: Page, words_site: str, language: str) -> None:
    page.goto(f"{words_site}/{language}/")
    page.locator("#q").press_sequentially("heron bay")
    _, given_up, _, dates = WORDS[language]
    expect(page.get_by_role("option").locator(".matched")).to_contain_text(f"HERON BAY TRADING ({dates}, {given_up})")
