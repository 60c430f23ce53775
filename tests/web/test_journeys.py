"""Three people go through the site: a citizen, a lender, and somebody without JavaScript; small and large, in both languages.

Each begins at the home page with what such a person has in hand, and ends with what they came for. In the soak each goes through
both widths and both languages.
"""

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.builders.command import SOAK, Greffe
from tests.web.in_page import seeing, without_complaints

EACH = list(product(("en", "fr"), (320, 1280)))
WORDS = {
    "en": {
        "matches": "This page matches what the register signed:",
        "no judgement": "It is not a judgement of the business.",
        "in force": "Genuine, and in force on",
        "show": "Show",
        "download": "Download the evidence",
    },
    "fr": {
        "matches": "Cette page correspond à ce que le registre a signé",
        "no judgement": "Ce n’est pas un jugement sur l’entreprise.",
        "in force": "Authentique et en vigueur le",
        "show": "Afficher",
        "download": "Télécharger le dossier de preuve",
    },
}


def _ask(base: str, address: str) -> Any:
    with urlopen(base + address, timeout=30) as answer:
        return json.loads(answer.read())


@pytest.fixture(scope="module")
def renamed(live_server: str) -> dict[str, Any]:
    """An organization found by one former name alone, in force on `day`: {register, number, name, former, day}."""
    for item in _ask(live_server, "/api/v1/organizations?name_kind=former&limit=100")["items"]:
        subject = _ask(live_server, item["evidence"])["credential"]["credentialSubject"]
        for name in subject["names"]:
            former, until = name["nameText"], name.get("nameUntil")
            if name["nameType"] != "former" or until is None or len(former) < 12 or item["name"] is None:
                continue
            answer = _ask(live_server, f"/api/v1/organizations?q={quote(_mistyped(former))}")["items"]
            day = (date.fromisoformat(until) - timedelta(days=1)).isoformat()
            was = _ask(live_server, f"/api/v1/organizations/{item['register']}/{item['number']}?at={day}")
            if [hit["number"] for hit in answer[:1]] == [item["number"]] and former in json.dumps(
                was, ensure_ascii=False
            ):
                return {**item, "former": former, "day": day}
    pytest.fail("the sample has no organization with a former name of its own")


def _mistyped(name: str) -> str:
    """The name with two letters of its first word swapped."""
    word = re.search(r"[A-Z]{6,}", name)
    if word is None:
        return name
    at = word.start() + 2
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :]


@pytest.fixture
def visitor(browser: Browser, language: str, width: int) -> Iterator[Page]:
    """A window of that width in which nothing is cached, and no page complains."""
    context = seeing(browser.new_context(viewport={"width": width, "height": 640}, accept_downloads=True))
    page = context.new_page()
    with without_complaints(page):
        yield page
        context.close()


def _fits(page: Page, width: int) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("language", "width"), EACH if SOAK else [("en", 320)])
def test_a_citizen_finds_by_a_mistyped_former_name_reads_checks_and_prints(
    visitor: Page, live_server: str, renamed: dict[str, Any], language: str, width: int
) -> None:
    page = visitor
    page.goto(f"{live_server}/{language}/")
    page.locator("#q").fill(_mistyped(renamed["former"]))
    page.locator("#q").press("Enter")
    result = page.locator(".results li").first
    expect(result).to_contain_text(renamed["former"])
    expect(result).to_contain_text(renamed["name"])
    _fits(page, width)
    result.locator("h3 a").click()
    expect(page.locator("h1")).to_have_text(renamed["name"])
    expect(page.locator("h1")).to_be_in_viewport()
    expect(page.locator(".facts .number").first).to_be_in_viewport()
    _fits(page, width)
    page.locator("[data-check]").click()
    panel = page.locator("[role=dialog]")
    expect(panel.locator("[data-verdict]")).to_have_attribute("data-verdict", "verified")
    expect(panel.locator("[data-verdict]")).to_be_in_viewport()
    expect(panel).to_contain_text(WORDS[language]["matches"])
    expect(panel).to_contain_text(WORDS[language]["no judgement"])
    expect(panel).to_contain_text(renamed["number"])
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("[data-verdict]")).to_be_visible()
    assert page.pdf(format="A4").startswith(b"%PDF-")


@pytest.mark.parametrize(("language", "width"), EACH if SOAK else [("fr", 1280)])
def test_a_lender_takes_the_state_of_a_day_and_verifies_it_offline(
    visitor: Page,
    live_server: str,
    live_installation: Greffe,
    renamed: dict[str, Any],
    tmp_path: Path,
    language: str,
    width: int,
) -> None:
    page = visitor
    page.goto(f"{live_server}/{language}/search?q={renamed['number']}")
    page.locator(".results h3 a").click()
    page.locator("#at").fill(renamed["day"])
    page.get_by_role("button", name=WORDS[language]["show"]).click()
    expect(page.locator("h1")).to_have_text(renamed["former"])
    _fits(page, width)
    page.locator(".history a[aria-current]").click()
    page.wait_for_url(re.compile(r"/states/\d+$"))
    permalink = page.url
    page.locator("[data-check]").click()
    verdict = page.locator("[role=dialog] [data-verdict]")
    expect(verdict).to_have_attribute("data-verdict", "verified")
    expect(verdict).to_contain_text(WORDS[language]["in force"])
    page.goto(permalink)
    expect(page.locator("h1")).to_have_text(renamed["former"])
    with page.expect_download() as waiting:
        page.locator("a.download", has_text=WORDS[language]["download"]).click()
    file, trust = tmp_path / "state.evidence.json", tmp_path / "trust.json"
    waiting.value.save_as(file)
    live_installation("trust", "-o", trust)
    for day, code in ((renamed["day"], 0), ("2026-11-01", 1)):
        done = live_installation("verify", file, "--trust", trust, "--on", day, "--json", expect=code)
        answer = json.loads(done.stdout)
        assert answer["organization"]["name"] == renamed["former"]
        assert answer["on"] == day


@pytest.mark.parametrize(("language", "width"), EACH if SOAK else [("en", 1280)])
def test_without_javascript_one_searches_reads_and_has_a_paper_judged(
    browser: Browser, live_server: str, renamed: dict[str, Any], language: str, width: int
) -> None:
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": width, "height": 640}, accept_downloads=True
    )
    page = context.new_page()
    page.goto(f"{live_server}/{language}/")
    page.locator("#q").fill(renamed["former"])
    page.locator("#q").press("Enter")
    page.locator(".results h3 a").first.click()
    expect(page.locator("h1")).to_have_text(renamed["name"])
    expect(page.locator("[data-check]")).to_be_hidden()
    paper = context.request.get(live_server + str(page.locator("a.download").get_attribute("href"))).text()
    page.goto(f"{live_server}/{language}/verify")
    page.locator("#evidence").fill(paper)
    page.locator("form#paste button").click()
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "verified")
    expect(page.locator("main")).to_contain_text(renamed["name"])
    context.close()
