"""The main job on the real app: find by a former name, open the page, check it in the browser; and what must fail.

Runs over the sample register as `greffe init`, `issue`, `publish` and `serve` left it. After the click one request is
allowed, the evidence; the server's own verifier is out of reach.
"""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlsplit
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from registry.verify.steps import STEPS
from tests.builders.command import SOAK
from tests.web.in_page import seeing

LANGUAGES = ("en", "fr")
NOT_ASKED = {"witnessed"}


def ask(base: str, address: str) -> Any:
    """The JSON at an address of the site."""
    with urlopen(base + address, timeout=30) as answer:
        return json.loads(answer.read())


@pytest.fixture(scope="module")
def renamed(live_server: str) -> dict[str, Any]:
    """An organization of the sample with a former name that no other has: {register, number, name, former, evidence}."""
    listing = ask(live_server, "/api/v1/organizations?name_kind=former&limit=100")
    for item in listing["items"]:
        evidence = ask(live_server, item["evidence"])
        names = evidence["credential"]["credentialSubject"].get("names", [])
        for former in (name["nameText"] for name in names if name["nameType"] == "former"):
            items = ask(live_server, f"/api/v1/organizations?q={quote(former)}")["items"]
            if item["name"] and [violation["number"] for violation in items] == [item["number"]]:
                return {**item, "former": former}
    pytest.fail("the sample has no organization with a former name of its own")


def open_by_former_name(page: Page, base: str, language: str, renamed: dict[str, Any]) -> None:
    """Home, search by the former name, the one result, its page."""
    page.route("**/api/v1/verify*", lambda route: route.abort())
    page.goto(f"{base}/{language}/")
    page.locator("#q").fill(renamed["former"])
    page.locator("#q").press("Enter")
    expect(page.locator("mark")).to_have_text(renamed["former"])
    page.locator(".results a").click()
    page.wait_for_load_state("networkidle")
    expect(page.locator("h1")).to_have_text(renamed["name"])


def check(page: Page) -> dict[str, str]:
    """Presses the button, waits for a verdict; step -> result."""
    page.keyboard.press("Escape")
    page.locator("[data-check]").click()
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", re.compile("."))
    items = page.locator("[data-step]").all()
    return {str(item.get_attribute("data-step")): str(item.get_attribute("data-result")) for item in items}


@pytest.mark.parametrize("language", LANGUAGES)
def test_find_by_former_name_and_check(page: Page, live_server: str, renamed: dict[str, Any], language: str) -> None:
    open_by_former_name(page, live_server, language, renamed)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    results = check(page)
    page.wait_for_load_state("networkidle")
    assert list(results) == ["page_matches", *STEPS]
    assert {step for step, result in results.items() if result == "not_asked"} == NOT_ASKED
    assert {result for step, result in results.items() if step not in NOT_ASKED} == {"passed"}
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "verified")
    assert [path for path in asked if not path.startswith("/static/")] == [renamed["evidence"]]


def _change(member: str, place: int) -> Callable[[str], str]:
    def change(text: str) -> str:
        start = text.index(member) + len(member) + place
        return text[:start] + ("B" if text[start] != "B" else "C") + text[start + 1 :]

    return change


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("change", "step", "not_reached"),
    [
        (_change('"legalName":"', 0), "proof_valid", {"included", "not_revoked", "current"}),
        (_change('"salt":"', 3), "entry_matches", {"included", "not_revoked", "current"}),
        (_change("\\nindex ", 30), "included", {"not_revoked", "current"}),
    ],
    ids=["claim", "salt", "path"],
)
def test_one_byte_of_the_evidence_changed_on_the_wire(
    page: Page,
    live_server: str,
    renamed: dict[str, Any],
    language: str,
    change: Callable[[str], str],
    step: str,
    not_reached: set[str],
) -> None:
    def answer(route: Route) -> None:
        response = route.fetch()
        headers = {name: value for name, value in response.headers.items() if name != "content-encoding"}
        route.fulfill(status=response.status, headers=headers, body=change(response.text()))

    page.route("**/evidence", answer)
    open_by_former_name(page, live_server, language, renamed)
    results = check(page)
    assert next(name for name in STEPS if results[name] == "failed") == step
    assert {name for name, result in results.items() if result == "not_reached"} == not_reached
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "failed")


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_the_visible_text_changed(page: Page, live_server: str, renamed: dict[str, Any], language: str) -> None:
    open_by_former_name(page, live_server, language, renamed)
    page.locator("[data-claim=legalName]").evaluate("element => { element.textContent = 'ANOTHER NAME LTD.'; }")
    results = check(page)
    assert [step for step, result in results.items() if result == "failed"] == ["page_matches"]
    assert "not_reached" not in results.values()
    expect(page.locator("[data-difference=page_changed]")).to_contain_text("ANOTHER NAME LTD.")
    expect(page.locator("[data-signed=name]")).to_have_text(renamed["name"])


@pytest.mark.parametrize("language", LANGUAGES if SOAK else LANGUAGES[:1])
def test_every_kind_of_page_of_the_sample_is_verified(page: Page, live_server: str, language: str) -> None:
    values = ask(live_server, "/api/v1/organizations")["facets"]["type"]["values"]
    types = [value["value"] for value in values]
    seen = 0
    for entity_type in types[:: 1 if language == "fr" else 4]:
        (item,) = ask(live_server, f"/api/v1/organizations?type={quote(str(entity_type))}&limit=1")["items"]
        page.goto(f"{live_server}/{language}{item['url'].removeprefix('/en').removeprefix('/fr')}")
        results = check(page)
        assert "failed" not in results.values(), (item, page.locator("[role=dialog]").inner_text())
        seen += 1
    assert seen >= 5


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "this state of the registration was the newest once; another has taken its place, entry {n} of"),
        (
            "fr",
            "cet état de l’immatriculation a déjà été le plus récent; un autre a pris sa place, à l’inscription {n} du",
        ),
    ],
)
def test_an_older_state_is_genuine_and_was_replaced(
    page: Page, live_server: str, renamed: dict[str, Any], language: str, words: str
) -> None:
    path = f"/credentials/sample/{renamed['number']}/1/evidence"
    newest = ask(live_server, renamed["evidence"])["latest"]["organization"]["index"]
    page.goto(f"{live_server}/{language}/verify")
    page.locator("#evidence").fill(json.dumps(ask(live_server, path)))
    page.locator("#paste button").click()
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "superseded")
    expect(page.locator("[data-step=current] [data-reason]")).to_contain_text(f" – {words.replace('{n}', str(newest))}")
    results = {
        str(mark.get_attribute("data-result")) for mark in page.locator("[data-step]:not([data-step=current])").all()
    }
    assert results == {"passed", "not_asked"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_reading_and_checking_stay_small(
    browser: Browser, live_server: str, renamed: dict[str, Any], language: str
) -> None:
    """Bytes as they come over the wire, headers too (docs/decisions/0026-light.md says why the first check is 40 kB)."""
    context = seeing(browser.new_context())
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: list[int] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(f"{live_server}/{language}{renamed['url']}", wait_until="networkidle")
    assert sum(sizes) <= 14_000, sizes
    assert len(sizes) <= 6, sizes
    for most in (42_000, 7_000):
        sizes.clear()
        assert check(page)["page_matches"] == "passed"
        page.keyboard.press("Escape")
        page.wait_for_load_state("networkidle")
        assert sum(sizes) <= most, sizes
    context.close()
