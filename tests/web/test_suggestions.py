"""Suggestions while typing, by keyboard alone, in a real Chromium; without them the form searches as before."""

import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

LANGUAGES = ("en", "fr")


def reach(page: Page, address: str) -> None:
    """Opens a page and goes to its search box with Tab."""
    page.goto(address)
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "q":
            return
    pytest.fail("Tab does not lead to the search box")


def active(page: Page) -> str:
    """The text of the option that the box points to, empty for none."""
    return str(page.evaluate("document.getElementById(q.getAttribute('aria-activedescendant'))?.innerText ?? ''"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", ["/", "/search"])
def test_by_keyboard_to_the_organization_of_a_former_name(page: Page, site: str, language: str, path: str) -> None:
    reach(page, f"{site}/{language}{path}")
    box = page.get_by_role("combobox")
    expect(box).to_have_attribute("aria-autocomplete", "list")
    expect(box).to_have_attribute("aria-expanded", "false")
    page.keyboard.type("pacific nor")
    expect(page.get_by_role("option")).to_have_count(1)
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("listbox")).to_have_attribute("id", str(box.get_attribute("aria-controls")))
    said = {"en": "1 suggestion. Down arrow", "fr": "1 suggestion. Flèche vers le bas"}[language]
    expect(page.locator("form.search [role=status]")).to_contain_text(said)
    kind = {"en": "Former name: ", "fr": "Ancienne dénomination\u00a0: "}[language]
    option = page.get_by_role("option")
    expect(option.locator(".suggested")).to_have_text("ÉRABLE & Fils Ltée")
    expect(option.locator(".number")).to_have_text("BC0000001")
    assert option.locator(".matched").inner_text() == f"{kind}PACIFIC NORTHWEST WIDGETS LTD."
    assert active(page) == ""
    page.keyboard.press("ArrowDown")
    assert "BC0000001" in active(page)
    expect(option).to_have_attribute("aria-selected", "true")
    assert page.evaluate("document.activeElement.id") == "q"
    assert box.input_value() == "pacific nor"
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/{language}/organizations/sample/BC0000001")
    expect(page.locator("h1")).to_have_text("ÉRABLE & Fils Ltée")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_shown_of_each(page: Page, site: str, language: str) -> None:
    reach(page, f"{site}/{language}/")
    page.keyboard.type("ltd")
    options = page.get_by_role("option")
    expect(options).to_have_count(3)
    shown = {
        option.locator(".number").inner_text(): [
            option.locator(".suggested").inner_text(),
            option.locator(".matched bdi").all_inner_texts(),
        ]
        for option in options.all()
    }
    nameless = {"en": "No current name", "fr": "Sans dénomination actuelle"}[language]
    assert shown == {
        "BC0000001": ["ÉRABLE & Fils Ltée", []],
        "BC0000003": ["OLD SAWMILL CO. LTD.", []],
        "BC0000004": [nameless, ["شركة الأمل LTD."]],
    }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("typed", ["old sawmil", "sawmill old", "pacfic northwest widgets"])
def test_a_name_typed_a_little_wrong_is_suggested(page: Page, site: str, language: str, typed: str) -> None:
    reach(page, f"{site}/{language}/")
    page.keyboard.type(typed)
    number = "BC0000001" if "widgets" in typed else "BC0000003"
    expect(page.get_by_role("option").first.locator(".number")).to_have_text(number)


def test_arrows_go_round_and_escape_closes(page: Page, site: str) -> None:
    reach(page, f"{site}/en/")
    page.keyboard.type("ltd")
    options = page.get_by_role("option")
    expect(options).to_have_count(3)
    numbers = options.locator(".number").all_inner_texts()
    seen = []
    for key in ["ArrowDown"] * 5 + ["ArrowUp"] * 2:
        page.keyboard.press(key)
        seen.append(next((number for number in numbers if number in active(page)), ""))
    assert seen == [*numbers, "", numbers[0], "", numbers[2]]
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(page.get_by_role("combobox")).to_have_attribute("aria-expanded", "false")
    assert (active(page), page.locator("#q").input_value()) == ("", "ltd")
    page.keyboard.press("ArrowDown")
    expect(options).to_have_count(3)
    page.keyboard.press("Tab")
    expect(page.get_by_role("listbox")).to_be_hidden()
    assert page.evaluate("document.activeElement.type") == "submit"


def test_enter_without_a_choice_searches_what_was_typed(page: Page, site: str) -> None:
    reach(page, f"{site}/fr/")
    page.keyboard.type("pacific")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/fr/search?q=pacific")
    expect(page.locator("mark")).to_have_text("PACIFIC NORTHWEST WIDGETS LTD.")
    expect(page.get_by_role("listbox")).to_be_hidden()


def item(name: str) -> dict[str, Any]:
    return {"register": "sample", "number": "X1", "name": name, "matched": {"name": name, "kind": "legal", "why": "x"}}


def test_a_late_answer_to_an_older_question_is_dropped(page: Page, site: str) -> None:
    waiting: list[Route] = []
    asked: list[str] = []

    def answer(route: Route) -> None:
        (question,) = parse_qs(urlsplit(route.request.url).query)["q"]
        asked.append(question)
        if question == "slow":
            waiting.append(route)
        else:
            route.fulfill(body=json.dumps({"items": [item("NEWER LTD.")]}))

    page.route("**/api/v1/autocomplete*", answer)
    reach(page, f"{site}/en/")
    page.keyboard.type("slow")
    page.wait_for_timeout(300)
    page.keyboard.type("er")
    expect(page.get_by_role("option")).to_have_text(re.compile("NEWER LTD."))
    for route in waiting:
        route.fulfill(body=json.dumps({"items": [item("OLDER LTD.")]}))
    page.wait_for_timeout(200)
    expect(page.get_by_role("option")).to_have_text(re.compile("NEWER LTD."))
    assert asked == ["slow", "slower"]


def test_what_comes_after_leaving_the_box_is_dropped(page: Page, site: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "autocomplete" in request.url else None)
    reach(page, f"{site}/en/")
    page.keyboard.type("BC")
    page.keyboard.press("Tab")
    page.wait_for_timeout(300)
    assert asked == []
    expect(page.get_by_role("listbox")).to_be_hidden()


@pytest.mark.parametrize(("status", "body"), [(503, "{}"), (200, "<html>"), (200, "{}"), (200, '{"items": []}')])
def test_without_suggestions_the_form_still_searches(page: Page, site: str, status: int, body: str) -> None:
    page.route("**/api/v1/autocomplete*", lambda route: route.fulfill(status=status, body=body))
    reach(page, f"{site}/en/")
    page.keyboard.type("pacific")
    expect(page.locator("form.search [role=status]")).to_have_text("No suggestions")
    expect(page.get_by_role("listbox")).to_be_hidden()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/en/search?q=pacific")


def test_a_click_opens_the_organization(page: Page, site: str) -> None:
    reach(page, f"{site}/en/")
    page.keyboard.type("BC0000003")
    page.get_by_role("option").click()
    page.wait_for_url(f"{site}/en/organizations/sample/BC0000003")


def test_hostile_names_stay_text(page: Page, site: str) -> None:
    hostile = {**item("<img src=x onerror=alert(1)>"), "register": "../x", "number": "?a=b#c"}
    body = json.dumps({"items": [hostile]})
    page.route("**/api/v1/autocomplete*", lambda route: route.fulfill(body=body))
    reach(page, f"{site}/en/")
    page.keyboard.type("x")
    expect(page.locator(".suggested")).to_have_text("<img src=x onerror=alert(1)>")
    assert page.get_by_role("option").get_attribute("data-address") == "/en/organizations/..%2Fx/%3Fa%3Db%23c"
