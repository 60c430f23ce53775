"""Pages changed to mislead: whatever a person would read, or not read, other than what was signed fails the signature."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.builders.reader import SmallRegistry
from tests.web.test_pages_in_chromium import check

ORGANIZATION = "/organizations/sample/BC0000001"
NAMELESS = "/organizations/sample/BC0000004"
NAME = "document.querySelector('[data-claim=legalName]')"
STATUS = "document.querySelector('[data-status]')"

MAKE = """const make = (tag, words, data = {}) => {
  const made = document.createElement(tag);
  made.textContent = words;
  Object.assign(made.dataset, data);
  return made;
};"""
#: what is done to an honest page -> what the reason names
MISLEADING = {
    "words beside the name": (f"{NAME}.after(' (Canada) Bank')", "(Canada) Bank"),
    "badge": ("document.querySelector('#title .facts').append('Government approved')", "Government approved"),
    "extra row": (
        "{ const dl = document.querySelector('#registration dl'); dl.append(dl.children[0].cloneNode(true)); }",
        "Status in the register",
    ),
    "hidden name": ("document.querySelectorAll('#names li')[1].remove()", "names/1/nameText"),
    "all names gone": ("document.getElementById('names').remove()", "names/0/nameText"),
    "addresses gone": ("document.getElementById('addresses').remove()", "addresses/0/"),
    "relationship gone": ("document.querySelector('[data-own] li').remove()", "relationships/0/"),
    "status row gone": ("document.querySelector('#registration dl > div').remove()", "registerStatus"),
    "order": (
        "document.querySelector('#names ul').prepend(document.querySelectorAll('#names li')[1])",
        "names",
    ),
    "label of a date": (
        "{ const dts = [...document.querySelectorAll('#registration dt')]; dts[1].textContent = 'Status since'; }",
        "Status since",
    ),
    "signer": ("document.querySelector('[data-claim=\"issuer/name\"]').textContent = 'Bank of Canada'", "issuer/name"),
    "signer's label": (
        "[...document.querySelectorAll('#registration dt')].at(-2).textContent = 'Owned by'",
        "Owned by",
    ),
    "entry": ("[...document.querySelectorAll('#registration dd')].at(-1).textContent = '1999'", "1999"),
    "tab": ("document.title = 'Somebody Else – Greffe'", "Somebody Else"),
    "colour of the status": (f"{STATUS}.dataset.status = 'Historical'", "registrationStatus"),
    "status called unknown": (
        f"{STATUS}.replaceChildren(make('span', 'Status unknown', {{ absent: 'registrationStatus' }}))",
        "registrationStatus",
    ),
    "second heading": ("document.querySelector('#history').append(make('h1', 'X'))", "legalName"),
    "name elsewhere": (
        f"{{ const b = {NAME}, h = b.parentElement, p = make('p', ''); p.append(b); h.replaceWith(p); }}",
        "legalName",
    ),
    "banner": ("document.querySelector('#organization').prepend(make('p', 'Insured'))", "Insured"),
    "section": ("document.querySelector('#body').prepend(make('p', 'Insured'))", "Insured"),
    "struck": (f"{{ const b = {NAME}; b.replaceChildren(make('s', b.textContent)); }}", "legalName"),
    "picture": (
        "document.querySelector('#title').append(make('svg', 'Bank'))",
        "Bank",
    ),
    "false revocation": (
        "document.querySelector('#title').append(make('p', 'The issuer has revoked this.'))",
        "revoked",
    ),
    "claim outside": (
        "document.querySelector('#history').append(make('b', 'X', { claim: 'legalName' }))",
        "legalName",
    ),
    "unsigned name without saying so": (
        "document.querySelector('[data-own] li').append(make('span', '(Bank)', { unsigned: '' }))",
        "Bank",
    ),
}


def misled(page: Page, address: str, change: str) -> str:
    """Changes the page, checks it, and gives the reason of the failed signature."""
    page.goto(address)
    page.evaluate(f"() => {{ {MAKE} {change}; }}")
    results = check(page)
    assert (results["proof_valid"], results["entry_matches"]) == ("failed", "failed")
    assert {results[step] for step in ("included", "not_revoked", "current")} == {"not_reached"}
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "failed")
    return page.locator('[data-step="proof_valid"] [data-reason]').text_content() or ""


@pytest.mark.parametrize("name", MISLEADING)
def test_what_was_not_signed_cannot_stand_beside_what_was(page: Page, site: str, name: str) -> None:
    change, named = MISLEADING[name]
    assert named in misled(page, f"{site}/en{ORGANIZATION}", change)


@pytest.mark.parametrize(
    "style",
    [
        "opacity = '0.1'",
        "visibility = 'hidden'",
        "fontSize = '2px'",
        "color = 'transparent'",
        "color = 'rgba(0, 0, 0, 0.1)'",
        "clipPath = 'inset(50%)'",
        "position = 'absolute'",
        "textIndent = '-9999px'",
        "transform = 'scale(0)'",
        "display = 'none'",
        "cssText = 'display: block; height: 1px; overflow: hidden'",
        "unicodeBidi = 'bidi-override'",
        "textDecoration = 'line-through'",
        "marginLeft = '-9999px'",
        "color = 'rgb(251, 250, 246)'",
    ],
)
@pytest.mark.parametrize("element", [NAME, "document.querySelector('#names ul')"], ids=["claim", "around"])
def test_what_was_signed_must_be_seen(page: Page, site: str, element: str, style: str) -> None:
    if element != NAME and style == "textDecoration = 'line-through'":
        element = "document.querySelector('#names strong')"
    if element == NAME and style.startswith("textIndent"):
        element += ".parentElement"
    reason = misled(page, f"{site}/en{ORGANIZATION}", f"{element}.style.{style}")
    assert re.search("page does not show (legalName|names/0/)", reason), reason


def test_a_class_for_screen_readers_hides_too(page: Page, site: str) -> None:
    reason = misled(page, f"{site}/en{ORGANIZATION}", f"{NAME}.className = 'unseen'")
    assert "page does not show legalName" in reason


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("document.querySelector('h1').textContent = 'ROYAL BANK LTD.'", "legalName"),
        ("document.querySelector('h1').removeAttribute('data-absent')", "legalName"),
        ("document.querySelector('[data-absent=registrationStatus]').textContent = 'Active'", "registrationStatus"),
        ("document.querySelector('[data-status]').dataset.status = 'Active'", "registrationStatus"),
        ("document.querySelector('#title .notice').remove()", "title"),
    ],
)
def test_what_is_not_known_must_be_said_so(page: Page, site: str, language: str, change: str, named: str) -> None:
    assert named in misled(page, f"{site}/{language}{NAMELESS}", change)


def test_the_address_is_the_credentials(page: Page, site: str) -> None:
    change = f"history.replaceState(null, '', '/en{NAMELESS}')"
    assert "BC0000004" in misled(page, f"{site}/en{ORGANIZATION}", change)


@pytest.mark.parametrize(
    ("standing", "words"),
    [
        ("revoked", "The issuer has revoked this credential: do not rely on what this page shows."),
        ("suspended", "The issuer has suspended this credential: do not rely for now on what this page shows."),
    ],
)
def test_what_the_list_does_not_hold_yet_fails(page: Page, site: str, standing: str, words: str) -> None:
    page.goto(f"{site}/en{ORGANIZATION}")
    page.evaluate(
        f"""([words, standing]) => {{ {MAKE} const notice = make('p', words);
        notice.className = 'notice bad';
        document.getElementById('title').append(notice);
        document.getElementById('check').dataset.standing = standing; }}""",
        [words, standing],
    )
    results = check(page)
    assert [step for step, result in results.items() if result == "failed"] == ["not_revoked"]
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "failed")
    expect(page.locator('[data-step="not_revoked"] [data-reason]')).to_contain_text(f"has {standing} this credential")


def test_a_step_says_what_is_so_only_once_it_passed(page: Page, site: str) -> None:
    page.goto(f"{site}/en{ORGANIZATION}")
    name = page.locator('[data-step="proof_valid"] [data-name]')
    assert name.text_content() == "Is the signature valid?"
    expect(page.locator("[data-here]")).to_be_hidden()
    check(page)
    expect(name).to_have_text("The signature is valid")
    expect(page.locator("[data-here]")).to_be_visible()
    page.evaluate(f"{NAME}.textContent = 'X'")
    check(page)
    expect(name).to_have_text("Is the signature valid?")


def test_a_file_is_checked_as_the_bytes_that_it_is(page: Page, site: str, registry: SmallRegistry) -> None:
    page.goto(f"{site}/en/verify")
    good = registry.evidence_text("sample", "BC0000001", 2).encode()
    spoiled = good.replace("É".encode(), b"\xff", 1)
    file = page.locator("#file")
    file.set_input_files({"name": "x.json", "mimeType": "application/json", "buffer": good})
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "verified")
    expect(page.locator("[data-summary]")).to_be_visible()
    file.set_input_files({"name": "x.json", "mimeType": "application/json", "buffer": spoiled})
    expect(page.locator('[data-step="well_formed"]')).to_have_attribute("data-result", "failed")
    expect(page.locator("[data-summary]")).to_be_hidden()
    file.set_input_files({"name": "x.json", "mimeType": "application/json", "buffer": good})
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "verified")
    page.locator("#evidence").fill("{")
    expect(page.locator("[data-verdict]")).to_have_text("")
    expect(page.locator('[data-step="proof_valid"]')).to_have_attribute("data-result", "not_checked")
    expect(page.locator("[data-summary]")).to_be_hidden()


@pytest.mark.parametrize("address", [ORGANIZATION, NAMELESS])
def test_an_honest_page_is_verified_on_a_small_dark_screen_too(browser: Browser, site: str, address: str) -> None:
    context = browser.new_context(color_scheme="dark", viewport={"width": 320, "height": 640})
    page = context.new_page()
    page.goto(f"{site}/fr{address}")
    assert check(page)["proof_valid"] == "passed"
    context.close()
