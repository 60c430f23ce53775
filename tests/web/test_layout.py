"""Every kind of page at 320 px, light and dark, in both languages: axe finds nothing, nothing scrolls sideways; and print."""

import re
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from registry.verify.steps import STEPS
from tests.builders.command import SOAK
from tests.builders.reader import SmallRegistry
from tests.web.in_page import seeing, without_complaints

LANGUAGES = ("en", "fr")
ORGANIZATION = "/organizations/sample/BC0000001"


def _stay(page: Page, evidence: str) -> None:
    """Nothing more to do on that page."""


def _check(page: Page, evidence: str) -> None:
    page.locator("[data-check]").click()
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", re.compile("."))


def _verify(page: Page, evidence: str) -> None:
    page.locator("#evidence").fill(evidence)
    page.locator("form#paste button").click()
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "verified")


def _verify_damaged(page: Page, evidence: str) -> None:
    page.locator("#evidence").fill(evidence.replace("Ltée", "Ltee"))
    page.locator("form#paste button").click()
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "failed")


def _open_suggestions(page: Page, evidence: str) -> None:
    page.locator("#q").press_sequentially("pacific")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("ArrowDown")


#: path and what is done there before the look
VISITS: tuple[tuple[str, Callable[[Page, str], None]], ...] = (
    ("/", _stay),
    ("/", _open_suggestions),
    ("/search", _stay),
    ("/search?q=pacific", _stay),
    ("/search?status=Dead", _stay),
    (ORGANIZATION, _check),
    (ORGANIZATION + "/relationships", _stay),
    ("/organizations/sample/BC0000003", _check),
    ("/organizations/sample/BC0000004", _stay),
    ("/verify", _stay),
    ("/verify", _verify),
    ("/verify", _verify_damaged),
    ("/about", _stay),
    ("/glossary", _stay),
    (ORGANIZATION + "/states/1", _check),
    ("/developers", _stay),
    ("/formats", _stay),
    ("/nothing", _stay),
    ("/broken", _stay),
)


# the longer words on the narrower page, in the colours that the other tests do not see; the soak sees each with each
GRID = list(product(LANGUAGES, ("light", "dark"), (320, 1280))) if SOAK else [("fr", "dark", 320)]
#: the rules of WCAG 2.2, of which the size of targets is not among axe's defaults
RULES = {"rules": {"target-size": {"enabled": True}}}


@pytest.mark.parametrize(("language", "scheme", "width"), GRID)
def test_no_accessibility_violations_no_sideways_scroll_no_complaints(
    browser: Browser, site: str, registry: SmallRegistry, language: str, scheme: Any, width: int
) -> None:
    evidence = registry.evidence_text("sample", "BC0000001", 2)
    context = seeing(browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 640}))
    page = context.new_page()
    with without_complaints(page):
        for path, act in VISITS:
            page.goto(f"{site}/{language}{path}")
            act(page, evidence)
            needed = page.evaluate("document.documentElement.scrollWidth")
            assert needed <= width, (path, needed)
            violations = Axe().run(page, options=RULES).response["violations"]
            places = [
                (violation["id"], [node["html"][:200] for node in violation["nodes"]]) for violation in violations
            ]
            assert places == [], (path, act.__name__)
    context.close()


def test_targets_too_small_and_too_near_would_be_told(page: Page) -> None:
    button = "<button style='width:12px;height:12px;padding:0;margin:0;border:0'>a</button>"
    page.set_content(f"<html lang=en><title>t</title><main><h1>t</h1>{button * 2}</main>")
    assert [violation["id"] for violation in Axe().run(page, options=RULES).response["violations"]] == ["target-size"]


def test_the_suggestions_stand_over_the_page_and_can_be_scrolled(browser: Browser, site: str) -> None:
    context = seeing(browser.new_context(viewport={"width": 320, "height": 240}))
    page = context.new_page()
    page.goto(f"{site}/en/")
    page.locator("#q").press_sequentially("ltd")
    expect(page.get_by_role("option")).to_have_count(3)
    for _ in range(3):
        page.keyboard.press("ArrowDown")
        expect(page.locator("[aria-selected=true]")).to_be_in_viewport()
    context.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_verdict_is_printed_with_its_steps_and_nothing_to_press(page: Page, site: str, language: str) -> None:
    page.goto(f"{site}/{language}{ORGANIZATION}")
    _check(page, "")
    page.emulate_media(media="print")
    expect(page.locator("[data-verdict]")).to_be_visible()
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("[data-step]:visible").count() == len(STEPS) + 1
    assert page.locator("[data-claim]:visible").count() == page.locator("[data-claim]").count() > 25
    for hidden in ("nav", "button", ".language", ".download"):
        assert page.locator(f"{hidden}:visible").count() == 0, hidden
    ink = page.evaluate("getComputedStyle(document.body).color")
    assert ink == "rgb(0, 0, 0)"
    printed = page.pdf(format="A4")
    assert printed.startswith(b"%PDF-")
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", printed)) <= 3


def test_paper_is_light_in_the_dark(browser: Browser, site: str) -> None:
    context = seeing(browser.new_context(color_scheme="dark"))
    page = context.new_page()
    page.goto(f"{site}/en{ORGANIZATION}")
    page.emulate_media(media="print", color_scheme="dark")
    style = "const s = getComputedStyle(document.body); [s.color, s.backgroundColor]"
    assert page.evaluate(style) == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    context.close()
