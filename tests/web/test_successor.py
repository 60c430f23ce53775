"""What another organization's registration says of this one: a sentence outside of the check, in its one form and place."""

import pytest
from playwright.sync_api import Page, expect

from tests.web.test_misleading import misled
from tests.web.test_pages_in_chromium import check, shown_differences

SUCCESSOR = "document.querySelector('#successor')"


@pytest.mark.parametrize(
    ("number", "change"),
    [
        ("BC0000003", f"{SUCCESSOR}.firstChild.data = 'The register says that '"),
        ("BC0000003", f"{SUCCESSOR}.lastChild.data = ' is the same.'"),
        ("BC0000003", f"{SUCCESSOR}.append(make('span', 'Insured'))"),
        (
            "BC0000003",
            f"{SUCCESSOR}.querySelector('a').href = 'https://elsewhere.example/organizations/sample/BC0000001'",
        ),
        ("BC0000003", f"{SUCCESSOR}.querySelector('a').href = '/en/about'"),
        ("BC0000003", f"{SUCCESSOR}.querySelector('a').href = '/en/about?of=/organizations/sample/BC0000001'"),
        ("BC0000003", f"{SUCCESSOR}.querySelector('a').href = '/en/about#/organizations/sample/BC0000001'"),
        ("BC0000003", f"{SUCCESSOR}.querySelector('a').href = '/en/organizations/other/BC0000001'"),
        ("BC0000003", f"{SUCCESSOR}.querySelector('a').append(' Insured')"),
        ("BC0000003", f"{SUCCESSOR}.querySelector('bdi').append(make('strong', ' Insured'))"),
        ("BC0000003", f"{SUCCESSOR}.querySelector('bdi').textContent = 'Insured '.repeat(70)"),
        ("BC0000003", f"{SUCCESSOR}.querySelector('bdi').textContent = ' '"),
        ("BC0000003", f"{SUCCESSOR}.className = 'notice bad'"),
        (
            "BC0000003",
            f"""for (const node of [...{SUCCESSOR}.childNodes].filter(({{ nodeType }}) => nodeType === 3)) {{
              node.replaceWith(document.createComment(node.data));
            }}""",
        ),
        (
            "BC0000003",
            f"""{{ const section = document.createElement('section');
              section.append(...{SUCCESSOR}.childNodes);
              {SUCCESSOR}.replaceWith(Object.assign(section, {{ id: 'successor', className: 'notice' }})); }}""",
        ),
        ("BC0000003", f"document.getElementById('check').before({SUCCESSOR})"),
        ("BC0000003", f"{SUCCESSOR}.after({SUCCESSOR}.cloneNode(true))"),
        (
            "BC0000001",
            "document.getElementById('title').after(Object.assign(make('p', 'Insured'), { id: 'successor' }))",
        ),
    ],
)
def test_what_another_registration_says_is_said_in_its_one_sentence_and_place(
    page: Page, endings: str, number: str, change: str
) -> None:
    differences = misled(page, f"{endings}/en/organizations/sample/{number}", change)
    assert {code for code, _ in differences} == {"page_strange"}, differences


@pytest.mark.parametrize(
    "number",
    ["BC0000001", "BC0000005", "BC0000006"],
    ids=["in good order", "its own credential names one", "still active, with a reservation"],
)
def test_the_sentence_of_another_registration_stands_below_an_end_without_successor_alone(
    page: Page, endings: str, number: str
) -> None:
    page.goto(f"{endings}/en/organizations/sample/BC0000003")
    sentence = page.locator("#successor").evaluate("element => element.outerHTML")
    assert check(page)["page_matches"] == "passed"
    address = f"{endings}/en/organizations/sample/{number}"
    body = page.request.get(address).text().replace("</header>\n<section", f"</header>\n{sentence}\n<section", 1)
    page.route(address, lambda route: route.fulfill(body=body, content_type="text/html"))
    page.goto(address)
    expect(page.locator("#successor")).to_be_visible()
    assert check(page)["page_matches"] == "failed"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_control_the_honest_sentence_is_no_difference(page: Page, endings: str, language: str) -> None:
    page.goto(f"{endings}/{language}/organizations/sample/BC0000003")
    expect(page.locator("#successor")).to_be_visible()
    assert check(page)["page_matches"] == "passed"
    assert shown_differences(page) == []
