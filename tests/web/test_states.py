"""A state's permalink and a page as of a day: each is checked against its own credential, and asks for its own day."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.web.test_pages_in_chromium import check, shown_differences

MOOSE = "/organizations/sample/BC0000001"


@pytest.mark.parametrize(
    ("address", "words"),
    [
        (f"/en{MOOSE}/states/1", "Genuine, and in force on 1 January 2020."),
        (f"/fr{MOOSE}/states/2", "Authentique et en vigueur le 3 février 2021."),
        (f"/en{MOOSE}?at=2020-06-01", "Genuine, and in force on 1 June 2020."),
        (f"/fr{MOOSE}", "Authentique et à jour."),
    ],
)
def test_each_state_has_its_own_check(page: Page, dated_site: str, address: str, words: str) -> None:
    page.goto(dated_site + address)
    assert {step for step, result in check(page).items() if result == "failed"} == set()
    assert shown_differences(page) == []
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "verified")
    assert (page.locator("[data-verdict]").text_content() or "").replace("\u00a0", " ").startswith(words)
    if "states/1" in address:
        assert Axe().run(page).response["violations"] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(
    ("address", "change", "code"),
    [
        (f"{MOOSE}/states/1", "document.querySelector('#title .notice').remove()", "page_missing"),
        (f"{MOOSE}/states/1", "document.querySelector('#title .notice a').href = '/en/about'", "page_strange"),
        (f"{MOOSE}/states/1", "history.replaceState(null, '', '/en/organizations/sample/BC0000001/states/2')", "page_address"),
        (f"{MOOSE}/states/1", "document.querySelector('time').setAttribute('datetime', '1999-01-01')", "page_changed"),
        (f"{MOOSE}", "document.querySelector('h1').after(document.createElement('time'))", "page_strange"),
    ],
)  # fmt: skip
def test_a_page_of_a_state_cannot_pass_for_another(
    page: Page, dated_site: str, address: str, change: str, code: str
) -> None:
    page.goto(f"{dated_site}/en{address}")
    page.evaluate(f"() => {{ {change}; }}")
    assert [step for step, result in check(page).items() if result == "failed"] == ["page_matches"]
    assert code in {code for code, _ in shown_differences(page)}


def test_an_old_state_at_the_newest_ones_address_is_told_as_replaced(page: Page, dated_site: str) -> None:
    old = page.request.get(f"{dated_site}/en{MOOSE}/states/1").text().split('<p class="notice" role="note">State')
    notice, rest = old[1].split("</p>", 1)
    assert "newest" in notice
    page.route(f"**/en{MOOSE}", lambda route: route.fulfill(body=old[0] + rest, content_type="text/html"))
    page.goto(f"{dated_site}/en{MOOSE}")
    check(page)
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "superseded")
    expect(page.locator("[data-verdict]")).to_contain_text("Genuine, but replaced.")
