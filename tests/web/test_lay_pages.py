"""The check of ten pages of the sample answers somebody new: what it is, since when, what came after, what it does not cover."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from search.app import create_app
from search.index.embedded import EmbeddedIndex
from tests.builders.command import SOAK
from tests.builders.lay_pages import DAY, PAGES, LayPage, lay_office, squeezed
from tests.builders.site import serving
from tests.web.test_pages_in_chromium import check

#: all words of the panel, its steps unfolded
OPENED = """panel => {
  panel.querySelector("details").open = true;
  return panel.innerText;
}"""


@pytest.fixture(scope="module")
def lay_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("lay")
    with serving(create_app(lay_office(folder).reader, EmbeddedIndex(folder / "index.db"))) as base:
        yield base


@pytest.mark.parametrize("page_of", PAGES if SOAK else PAGES[1::3], ids=lambda page: page.path)
def test_the_check_answers(page: Page, lay_site: str, page_of: LayPage) -> None:
    page.goto(f"{lay_site}/{page_of.language}/organizations/sample/{page_of.path}")
    assert "failed" not in check(page).values()
    said = squeezed(str(page.locator("[role=dialog]").evaluate(OPENED)))
    assert [answer for answer in page_of.check if answer not in said] == [], said
    if page_of.then:
        page.goto(f"{lay_site}/{page_of.language}/organizations/sample/{page_of.number}?at={DAY}")
        assert "failed" not in check(page).values()
        expect(page.locator("[data-step=current] [data-name]")).to_have_text(
            {"en": "This state held on 30 June 2019", "fr": "Cet état valait le 30 juin 2019"}[page_of.language]
        )
