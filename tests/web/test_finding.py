"""A citizen types what is nearly right, in a real Chromium: each is among the suggestions or on the first page, and says why.

Over the sample register, on the real app.
"""

import pytest
from playwright.sync_api import Page, expect

#: what is typed -> the number of whom it means
TYPED = {
    "one letter wrong": ("Harbourlight Kelq Works", "BC9000001"),
    "the words the wrong way round": ("Works Kelp Harbourlight", "BC9000001"),
    "a former name with a typo": ("Tidewrak Provisions", "BC9000001"),
    "a former name with a typo, without accents": ("Fromagerie de l'Ile-aux-Brmes", "BC9000004"),
}


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("case", TYPED)
def test_what_is_nearly_right_is_found_and_the_page_says_why(
    page: Page, live_server: str, language: str, case: str
) -> None:
    typed, number = TYPED[case]
    page.goto(f"{live_server}/{language}/")
    page.locator("#q").press_sequentially(typed)
    expect(page.get_by_role("option").filter(has_text=number)).to_have_count(1)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{live_server}/{language}/search?**")
    card = page.locator("main li").filter(has_text=number)
    expect(card).to_have_count(1)
    why = card.locator(".why").inner_text()
    assert why.startswith({"en": "Found because ", "fr": "Trouvé"}[language]), why
    if "former" in case:
        expect(card.locator("mark, .matched").first).to_be_visible()
