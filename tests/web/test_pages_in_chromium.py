"""The pages in a real Chromium: the check, what it binds, what it asks of the network, accessibility and layout."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from registry.verify.steps import STEPS
from search.pages.static_files import act_file
from tests.builders.command import SOAK
from tests.builders.reader import SmallRegistry
from tests.web.in_page import seeing

LANGUAGES = ("en", "fr")
#: what happened to that organization last
ACTS = ("CONVNC", "NOCNM")
ORGANIZATION = "/organizations/sample/BC0000001"
#: what the first check loads beside the evidence; the style sheet from the browser's own memory
CHECKERS = {"en/checker.js", "en/given.js", "style.css", *(f"en/acts-sample-{act_file(code)}.js" for code in ACTS)}
#: when the evidence is a day old
FRESH = datetime(2026, 9, 22, 15, tzinfo=UTC)
NOT_ASKED = {"witnessed", "current"}
JUDGEMENT = {"en": "It is not a judgement of the business.", "fr": "Ce n’est pas un jugement sur l’entreprise."}
_ACTIVE, _UNKNOWN = {"en": "active", "fr": "en activité"}, {"en": "status unknown", "fr": "statut inconnu"}
STATES = {"BC0000001": _ACTIVE, "BC0000004": _UNKNOWN, "FM0000002": _ACTIVE}


def check(page: Page) -> dict[str, str]:
    """Presses the button, waits for the panel's verdict; step -> result, as the panel shows them."""
    page.keyboard.press("Escape")
    page.locator("[data-check]").click()
    expect(page.locator("[role=dialog] [data-verdict]")).to_have_attribute("data-verdict", re.compile("."))
    items = page.locator("[role=dialog] [data-step]").evaluate_all(
        "items => items.map(({ dataset }) => [dataset.step, dataset.result])"
    )
    return dict(items)


def shown_differences(page: Page) -> list[tuple[str, str]]:
    """(code, all words) of each difference that the panel names."""
    script = "items => items.map((item) => [item.dataset.difference, item.textContent])"
    return [(code, words) for code, words in page.locator("[data-difference]").evaluate_all(script)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("number", ["BC0000001", "BC0000004", "FM0000002"])
def test_an_honest_page_is_verified(page: Page, site: str, language: str, number: str) -> None:
    page.goto(f"{site}/{language}/organizations/sample/{number}")
    assert page.locator("[data-step]").count() == 0
    results = check(page)
    assert list(results) == ["page_matches", *STEPS]
    assert {step for step, result in results.items() if result == "not_asked"} == NOT_ASKED
    assert {result for step, result in results.items() if step not in NOT_ASKED} == {"passed"}
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "verified")
    words = {
        "en": (
            "Genuine; whether it is current was not checked. This page matches what the register signed: ",
            " Ledger of 21 September 2026, 14:13:21 UTC; nobody independent watches it.",
        ),
        "fr": (
            "Authentique; il n’a pas été vérifié si c’est à jour. Cette page correspond à ce que le registre a signé\u00a0: ",
            " Grand livre du 21 septembre 2026 à 14:13:21 UTC; personne d’indépendant ne le surveille.",
        ),
    }
    verdict = (page.locator("[data-verdict]").text_content() or "").replace("\u00a0", " ")
    assert verdict.startswith(words[language][0].replace("\u00a0", " "))
    assert f"{number}, {STATES[number][language]}." in verdict
    assert verdict.endswith(words[language][1])
    assert page.locator("[role=dialog] .note").first.text_content() == JUDGEMENT[language]
    assert "_" not in page.locator("[role=dialog]").inner_text(), "codes stand in the folded steps alone"


@pytest.fixture
def timed(browser: Browser) -> Iterator[Page]:
    """A page in a window of its own: a clock that is set is set for a whole window."""
    context = seeing(browser.new_context())
    context.clock.set_fixed_time(FRESH)
    yield context.new_page()
    context.close()


def test_the_check_asks_for_the_evidence_and_nothing_else(timed: Page, site: str) -> None:
    page = timed
    page.route("**/api/v1/verify", lambda route: route.abort())
    page.goto(f"{site}/en{ORGANIZATION}", wait_until="networkidle")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    check(page)
    page.wait_for_load_state("networkidle")
    static = [path for path in asked if path.startswith("/static/")]
    assert {re.sub("/static/[0-9a-f]+/", "", path) for path in static} == CHECKERS
    others = ["/credentials/sample/BC0000001/2/evidence"]
    assert [path for path in asked if path not in static] == others
    check(page)
    page.wait_for_load_state("networkidle")
    assert [path for path in asked if path not in static] == [*others, *others]


@pytest.mark.parametrize("language", LANGUAGES if SOAK else LANGUAGES[:1])
def test_each_changed_claim_is_named_by_its_field_and_marked_where_it_stands(
    page: Page, site: str, language: str
) -> None:
    page.goto(f"{site}/{language}{ORGANIZATION}")
    claims = page.locator("[data-claim]").all()
    assert len(claims) > 25
    for claim in claims if SOAK else claims[::3]:
        honest = claim.inner_text()
        claim.evaluate("element => { element.textContent += 'x'; }")
        results = check(page)
        differences = shown_differences(page)
        mark = claim.evaluate("element => element.nextElementSibling?.shadowRoot?.textContent ?? ''")
        outlined = claim.evaluate("element => element.style.outlineStyle")
        page.keyboard.press("Escape")
        claim.evaluate("(element, text) => { element.textContent = text; }", honest)
        assert [name for name, result in results.items() if result == "failed"] == ["page_matches"]
        assert "not_reached" not in results.values()
        assert [code for code, _ in differences] == ["page_changed"], differences
        assert f"{honest}x" in differences[0][1]
        assert differences[0][1].endswith(honest)
        assert mark.startswith("≠ ")
        assert mark.endswith(honest), mark
        assert outlined == "solid"
    assert check(page)["page_matches"] == "passed"
    assert page.locator("[style]").count() == 0


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("This page does not show what was signed", "Legal name – the page shows something else", "Legal name")),
        (
            "fr",
            (
                "Cette page ne montre pas ce qui a été signé",
                "Dénomination sociale – la page montre autre chose",
                "Dénomination sociale",
            ),
        ),
    ],
)
def test_a_changed_heading_is_blamed_on_the_page_and_on_nothing_else(
    page: Page, site: str, language: str, words: tuple[str, str, str]
) -> None:
    page.goto(f"{site}/{language}{ORGANIZATION}")
    page.evaluate("document.querySelector('h1 [data-claim]').textContent = 'ROYAL BANK OF CANADA'")
    results = check(page)
    assert (results["page_matches"], results["proof_valid"], results["entry_matches"]) == ("failed", "passed", "passed")
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "failed")
    expect(page.locator("[data-verdict]")).to_contain_text(words[0])
    expect(page.locator("[data-step=page_matches] [data-reason]")).to_contain_text(words[2])
    ((code, said),) = shown_differences(page)
    assert code == "page_changed"
    assert said.startswith(words[1])
    assert "ROYAL BANK OF CANADA" in said
    assert "ÉRABLE  & Fils Ltée" in said
    expect(page.locator("[data-signed=name]")).to_have_text("ÉRABLE & Fils Ltée")
    assert "legalName" not in page.locator("[role=dialog]").inner_text()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("legalName].textContent = 'SOMEBODY ELSE LTD.'", "page_changed"),
        ("legalName].textContent = 'ÉRABLE & Fils Ltée'", "page_changed"),
        ("registrationStatus].textContent = 'Historical'", "page_changed"),
        ("entityType].textContent = 'Sole Proprietorship'", "page_changed"),
        ("registrationNumber].textContent = 'BC0000003'", "page_changed"),
        ("registrationNumber].hidden = true", "page_hidden"),
        ("registrationStatus].removeAttribute('data-claim')", "page_missing"),
        ("legalName].after(document.querySelector('[data-claim=legalName]').cloneNode(true))", "page_repeated"),
        ("legalName].dataset.claim = 'names/0/nameText'", "page_missing"),
        ("jurisdiction].dataset.claim = 'homeJurisdiction'", "page_missing"),
        ("jurisdiction].dataset.claim = '__proto__/x'", "page_missing"),
    ],
)
def test_what_the_page_may_not_say(page: Page, site: str, change: str, code: str) -> None:
    page.goto(f"{site}/en{ORGANIZATION}")
    claim, _, rest = change.partition("]")
    page.evaluate(f"() => {{ document.querySelector('[data-claim={claim}]'){rest}; }}")
    results = check(page)
    assert [step for step, result in results.items() if result == "failed"] == ["page_matches"]
    assert code in {code for code, _ in shown_differences(page)}


def tampered(page: Page, change: Any) -> None:
    """Lets `change` rewrite the evidence text on its way."""

    def answer(route: Route) -> None:
        response = route.fetch()
        headers = {name: value for name, value in response.headers.items() if name != "content-encoding"}
        route.fulfill(status=200, headers=headers, body=change(response.text()))

    page.route("**/evidence", answer)


def _with(member: str, place: int) -> Any:
    def change(text: str) -> str:
        start = text.index(member) + place
        return text[:start] + ("B" if text[start] != "B" else "C") + text[start + 1 :]

    return change


@pytest.mark.parametrize(
    ("change", "step"),
    [
        (_with('"proofValue":"z', 30), "proof_valid"),
        (_with('"salt":"', 20), "entry_matches"),
        (_with("index 3", 20), "included"),
        (lambda text: text.replace('"v":1', '"v":1,"v":1', 1), "well_formed"),
        (lambda text: text.replace('"credentialSubject"', '"credentialsubject"', 1), "issuer_trusted"),
        (lambda text: text[:-1], "well_formed"),
        (lambda text: "<html>", "well_formed"),
    ],
)
def test_evidence_changed_on_the_wire_fails_at_its_step(page: Page, site: str, change: Any, step: str) -> None:
    tampered(page, change)
    page.goto(f"{site}/en{ORGANIZATION}")
    results = check(page)
    assert results[step] == "failed"
    assert next(name for name in STEPS if results[name] == "failed") == step
    if step == "well_formed":
        assert results["page_matches"] == "not_reached"
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "failed")


def test_another_organizations_evidence_does_not_fit_the_page(page: Page, site: str, registry: SmallRegistry) -> None:
    tampered(page, lambda _: registry.evidence_text("sample", "BC0000004", 1))
    page.goto(f"{site}/en{ORGANIZATION}")
    results = check(page)
    assert {step for step, result in results.items() if result == "failed"} == {"page_matches"}
    assert "Legal name – the page shows what was not signed" in page.locator(".different").inner_text()
    expect(page.locator("[data-signed=name]")).to_have_text("No current name")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_revoked_organization_fails_and_says_why(page: Page, site: str, language: str) -> None:
    page.goto(f"{site}/{language}/organizations/sample/BC0000003")
    notice, reason = {
        "en": ("has revoked this credential", "– the issuer has revoked this credential: do not rely on it"),
        "fr": ("a révoqué cette attestation", "– l’émetteur a révoqué cette attestation\u00a0: ne vous y fiez pas"),
    }[language]
    expect(page.locator(".notice.bad")).to_contain_text(notice)
    results = check(page)
    assert [step for step, result in results.items() if result == "failed"] == ["not_revoked"]
    expect(page.locator('[data-step="not_revoked"] [data-reason]')).to_have_text(reason)


@pytest.mark.parametrize(("status", "words"), [(409, "Not published yet"), (500, "could not be fetched")])
def test_without_evidence_nothing_is_called_checked(page: Page, site: str, status: int, words: str) -> None:
    page.route("**/evidence", lambda route: route.fulfill(status=status, body="{}"))
    page.goto(f"{site}/en{ORGANIZATION}")
    assert check(page) == {}
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "indeterminate")
    expect(page.locator("[data-verdict]")).to_contain_text(words)


def test_without_cryptography_the_page_says_so(browser: Browser, site: str) -> None:
    context = seeing(browser.new_context())
    context.add_init_script("Object.defineProperty(Crypto.prototype, 'subtle', { value: undefined });")
    page = context.new_page()
    page.goto(f"{site}/en{ORGANIZATION}")
    assert check(page) == {}
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "indeterminate")
    expect(page.locator("[data-verdict]")).to_contain_text("not secure")
    context.close()


def test_a_second_check_after_a_failed_one_starts_anew(page: Page, site: str) -> None:
    page.goto(f"{site}/en{ORGANIZATION}")
    name = page.locator("[data-claim=legalName]")
    honest = name.inner_text()
    name.evaluate("element => { element.textContent = 'X'; }")
    assert check(page)["page_matches"] == "failed"
    page.keyboard.press("Escape")
    name.evaluate("(element, text) => { element.textContent = text; }", honest)
    assert check(page)["page_matches"] == "passed"
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "verified")


@pytest.mark.parametrize("language", LANGUAGES)
def test_pasted_evidence_is_checked_without_any_request(
    page: Page, site: str, registry: SmallRegistry, language: str
) -> None:
    page.goto(f"{site}/{language}/verify", wait_until="networkidle")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    text = registry.evidence_text("sample", "BC0000001", 2)
    page.locator("#evidence").fill(text)
    page.locator("form#paste button").click()
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "verified")
    expect(page.locator("[data-signed=name]")).to_have_text("ÉRABLE & Fils Ltée")
    page.locator("#file").set_input_files(
        {"name": "x.json", "mimeType": "application/json", "buffer": text.replace("Ltée", "Ltee").encode()}
    )
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "failed")
    expect(page.locator("[data-step=proof_valid]")).to_have_attribute("data-result", "failed")
    assert asked == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_javascript_everything_can_be_read_and_verified(
    browser: Browser, site: str, registry: SmallRegistry, language: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/{language}/")
    page.locator("#q").fill("pacific northwest")
    page.locator("#q").press("Enter")
    page.locator(".results a").first.click()
    expect(page.locator("h1")).to_contain_text("Fils")
    expect(page.locator("[data-check]")).to_be_hidden()
    page.goto(f"{site}/{language}/verify")
    page.locator("#evidence").fill(registry.evidence_text("sample", "BC0000001", 2))
    page.locator("form#paste button").click()
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "verified")
    expect(page.locator("[data-whose]")).to_be_visible()
    context.close()


def test_the_check_can_be_done_by_keyboard(page: Page, site: str) -> None:
    page.goto(f"{site}/en{ORGANIZATION}")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    for _ in range(4):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.hasAttribute('data-check')"):
            break
    page.keyboard.press("Enter")
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "verified")
    assert page.evaluate("document.activeElement.shadowRoot.activeElement.getAttribute('role')") == "dialog"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.shadowRoot.activeElement.textContent") == "Close"
    page.keyboard.press("Enter")
    expect(page.locator("[data-verdict]")).to_have_count(0)
    assert page.evaluate("document.activeElement.hasAttribute('data-check')")


def test_the_first_view_and_the_checks_stay_small(browser: Browser, site: str) -> None:
    context = seeing(browser.new_context())
    page = context.new_page()
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: list[int] = []
    page.clock.set_fixed_time(FRESH)
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(f"{site}/en{ORGANIZATION}", wait_until="networkidle")
    assert sum(sizes) <= 14_000, (sum(sizes), sizes)
    assert len(sizes) <= 6, sizes
    for most in (37_000, 4_000):
        sizes.clear()
        check(page)
        page.wait_for_load_state("networkidle")
        assert sum(sizes) <= most, (sum(sizes), sizes)
    context.close()


@pytest.mark.parametrize(
    ("language", "days", "words"),
    [
        ("en", 5, None),
        ("en", 6, "This file is 7 days old: newer changes are not in it."),
        ("fr", 1000, "Ce fichier date d’il y a 2 ans : les changements plus récents n’y figurent pas."),
    ],
)
def test_the_details_say_that_the_ledger_is_old(
    timed: Page, site: str, language: str, days: int, words: str | None
) -> None:
    page = timed
    page.clock.set_fixed_time(FRESH + timedelta(days=days))
    page.goto(f"{site}/{language}{ORGANIZATION}")
    check(page)
    said = [
        text.replace("\u00a0", " ") for text in page.locator("[role=dialog] details [data-age]").all_text_contents()
    ]
    assert said == ([] if words is None else [words])


def test_evidence_text_is_what_the_site_hands_over(page: Page, site: str, registry: SmallRegistry) -> None:
    answer = page.request.get(f"{site}/credentials/sample/BC0000001/2/evidence")
    assert json.loads(answer.text()) == registry.evidence("sample", "BC0000001", 2)


def test_all_of_a_long_panel_can_be_scrolled_to(browser: Browser, site: str) -> None:
    context = seeing(browser.new_context(viewport={"width": 320, "height": 480}))
    page = context.new_page()
    page.goto(f"{site}/fr{ORGANIZATION}")
    page.evaluate("document.querySelector('#registration').remove()")
    assert check(page)["page_matches"] == "failed"
    link = page.locator("[role=dialog] a")
    link.scroll_into_view_if_needed()
    expect(link).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.querySelector('html > div').getBoundingClientRect().height") < 0.63 * 480
    context.close()
