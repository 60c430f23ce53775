"""Pages changed to mislead: whatever a person would read, or not read, other than what was signed fails `page_matches`."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.builders.reader import SmallRegistry
from tests.web.in_page import seeing
from tests.web.test_pages_in_chromium import check, shown_differences

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
#: what is done to an honest page -> the code of a difference, and words that the panel has of it
MISLEADING = {
    "words beside the name": (f"{NAME}.after(' (Canada) Bank')", "page_unsigned", "Legal name", "(Canada) Bank"),
    "badge": (
        "document.querySelector('#title .facts').append('Government approved')",
        "page_unsigned",
        "Registration number",
        "Government approved",
    ),
    "extra row": (
        "{ const dl = document.querySelector('#registration dl'); dl.append(dl.children[0].cloneNode(true)); }",
        "page_repeated",
        "Status in the register",
        "Active",
    ),
    "hidden name": ("document.querySelectorAll('#names li')[1].remove()", "page_missing", "Names 2: Name", "PACIFIC"),
    "all names gone": ("document.getElementById('names').remove()", "page_missing", "Names 1: Name", "ÉRABLE"),
    "addresses gone": ("document.getElementById('addresses').remove()", "page_missing", "Addresses 1: Street", "1200"),
    "relationship gone": (
        "document.querySelector('[data-own] li').remove()",
        "page_missing",
        "Relationships 1: Kind of relationship",
        "Amalgamated from",
    ),
    "status row gone": (
        "document.querySelector('#registration dl > div').remove()",
        "page_missing",
        "Status in the register",
        "Active",
    ),
    "order": (
        "document.querySelector('#names ul').prepend(document.querySelectorAll('#names li')[1])",
        "page_moved",
        "Names ",
        "",
    ),
    "label of a date": (
        "{ const dts = [...document.querySelectorAll('#registration dt')]; dts[1].textContent = 'Status since'; }",
        "page_changed",
        "Registered on",
        "Status since",
    ),
    "signer": (
        "document.querySelector('[data-claim=\"issuer/name\"]').textContent = 'Bank of Canada'",
        "page_changed",
        "Signed by",
        "Bank of Canada",
    ),
    "signer's label": (
        "[...document.querySelectorAll('#registration dt')].at(-2).textContent = 'Owned by'",
        "page_changed",
        "Signed by",
        "Owned by",
    ),
    "entry": (
        "[...document.querySelectorAll('#registration dd')].at(-1).textContent = '1999'",
        "page_changed",
        "Signed by",
        "1999",
    ),
    "tab": ("document.title = 'Somebody Else – Greffe'", "page_title", "Title", "Somebody Else"),
    "colour of the status": (f"{STATUS}.dataset.status = 'Historical'", "page_changed", "Status", ""),
    "status called unknown": (
        f"{STATUS}.replaceChildren(make('span', 'Status unknown', {{ absent: 'registrationStatus' }}))",
        "page_unsigned",
        "Status",
        "Status unknown",
    ),
    "second heading": (
        "document.querySelector('#history').append(make('h1', 'X'))",
        "page_unsigned",
        "Legal name",
        "X",
    ),
    "name elsewhere": (
        f"{{ const b = {NAME}, h = b.parentElement, p = make('p', ''); p.append(b); h.replaceWith(p); }}",
        "page_unsigned",
        "Legal name",
        "",
    ),
    "banner": (
        "document.querySelector('#organization').prepend(make('p', 'Insured'))",
        "page_strange",
        "Page",
        "Insured",
    ),
    "section": ("document.querySelector('#body').prepend(make('p', 'Insured'))", "page_strange", "Page", "Insured"),
    "struck": (
        f"{{ const b = {NAME}; b.replaceChildren(make('s', b.textContent)); }}",
        "page_hidden",
        "Legal name",
        "",
    ),
    "picture": ("document.querySelector('#title').append(make('svg', 'Bank'))", "page_strange", "Title", "Bank"),
    "false revocation": (
        "document.querySelector('#title').append(make('p', 'The issuer has revoked this.'))",
        "page_unsigned",
        "Registration number",
        "revoked this.",
    ),
    "claim outside": (
        "document.querySelector('#history').append(make('b', 'X', { claim: 'legalName' }))",
        "page_strange",
        "Legal name",
        "X",
    ),
    "unsigned name without saying so": (
        "document.querySelector('[data-own] li').append(make('span', '(Bank)', { unsigned: '' }))",
        "page_unsigned",
        "Relationships 1",
        "Bank",
    ),
    "name of the name": (
        f"{NAME}.setAttribute('aria-label', 'BANK')",
        "page_strange",
        "Legal name",
        'aria-label="BANK"',
    ),
    "description": (
        f"{NAME}.parentElement.setAttribute('title', 'BANK')",
        "page_strange",
        "Title",
        'title="BANK"',
    ),
    "silence": ("document.querySelector('#names').ariaHidden = 'true'", "page_strange", "Names", "aria-hidden"),
    "part called something else": (
        "document.querySelector('#title').setAttribute('role', 'img')",
        "page_strange",
        "Title",
        'role="img"',
    ),
    "another label": (
        "document.querySelector('#history h2').id = 'h-names'",
        "page_strange",
        "Names",
        "aria-labelledby",
    ),
    "name of the whole": (
        "document.querySelector('main').setAttribute('aria-label', 'BANK')",
        "page_strange",
        "Page",
        "BANK",
    ),
    "second main": (
        "document.querySelector('main').before(make('main', 'ROYAL BANK'))",
        "page_strange",
        "Page",
        "",
    ),
    "second main after it": (
        "document.querySelector('main').after(make('main', 'ROYAL BANK'))",
        "page_strange",
        "Page",
        "ROYAL BANK",
    ),
    "foreign link": (
        f"{{ const b = {NAME}, a = make('a', ''); a.href = 'https://elsewhere.example/'; b.replaceWith(a); a.append(b); }}",
        "page_strange",
        "Title",
        "",
    ),
    "link to somebody else": (
        "document.querySelector('[data-own] a').href = '/en/organizations/sample/BC0000004'",
        "page_strange",
        "Relationships 1: Name",
        "/en/organizations/sample/BC0000004",
    ),
    "link to elsewhere": (
        "document.querySelector('[data-own] a').href = 'https://elsewhere.example/BC0000003'",
        "page_strange",
        "Relationships 1: Name",
        "https://elsewhere.example/",
    ),
}


def misled(page: Page, address: str, change: str) -> list[tuple[str, str]]:
    """Changes the page, checks it, and gives the differences; no other step fails or waits."""
    page.goto(address)
    page.evaluate(f"() => {{ {MAKE} {change}; }}")
    results = check(page)
    assert [step for step, result in results.items() if result == "failed"] == ["page_matches"]
    assert "not_reached" not in results.values()
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "failed")
    return shown_differences(page)


@pytest.mark.parametrize("name", MISLEADING)
def test_what_was_not_signed_cannot_stand_beside_what_was(page: Page, site: str, name: str) -> None:
    change, code, field, words = MISLEADING[name]
    differences = misled(page, f"{site}/en{ORGANIZATION}", change)
    assert [said for said in differences if said[0] == code and said[1].startswith(field) and words in said[1]], (
        differences
    )


HIDING = (
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
    "mixBlendMode = 'lighten'",
    "unicodeBidi = 'bidi-override'",
    "textDecoration = 'line-through'",
    "marginLeft = '-9999px'",
    "color = 'rgb(251, 250, 246)'",
)


@pytest.mark.parametrize("element", [NAME, "document.querySelector('#names ul')"], ids=["claim", "around"])
def test_what_was_signed_must_be_seen(page: Page, site: str, element: str) -> None:
    page.goto(f"{site}/en{ORGANIZATION}")
    for style in HIDING:
        target = element
        if element != NAME and style == "textDecoration = 'line-through'":
            target = "document.querySelector('#names strong')"
        if element == NAME and style.startswith("textIndent"):
            target += ".parentElement"
        page.evaluate(f"{target}.style.{style}")
        assert [step for step, result in check(page).items() if result == "failed"] == ["page_matches"]
        differences = shown_differences(page)
        hidden = {words.split(" – ")[0] for code, words in differences if code == "page_hidden"}
        assert hidden & {"Legal name", "Names 1: Name"}, (style, differences)
        page.keyboard.press("Escape")
        page.evaluate(f"{target}.removeAttribute('style')")
    assert check(page)["page_matches"] == "passed"


def test_a_class_for_screen_readers_hides_too(page: Page, site: str) -> None:
    differences = misled(page, f"{site}/en{ORGANIZATION}", f"{NAME}.className = 'unseen'")
    assert [code for code, words in differences if words.startswith("Legal name")] == ["page_hidden", "page_changed"]


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("document.querySelector('h1').textContent = 'ROYAL BANK LTD.'", "page_changed"),
        ("document.querySelector('h1').removeAttribute('data-absent')", "page_missing"),
        ("document.querySelector('[data-absent=registrationStatus]').textContent = 'Active'", "page_changed"),
        ("document.querySelector('[data-status]').dataset.status = 'Active'", "page_changed"),
        ("document.querySelector('#title .notice').remove()", "page_missing"),
    ],
)
def test_what_is_not_known_must_be_said_so(page: Page, site: str, language: str, change: str, code: str) -> None:
    assert code in dict(misled(page, f"{site}/{language}{NAMELESS}", change))


def test_the_address_is_the_credentials(page: Page, site: str) -> None:
    change = f"history.replaceState(null, '', '/en{NAMELESS}')"
    ((code, words),) = misled(page, f"{site}/en{ORGANIZATION}", change)
    assert (code, "BC0000004" in words, "BC0000001" in words) == ("page_address", True, True)


@pytest.mark.parametrize(
    "words",
    [
        "The issuer has revoked this credential: do not rely on what this page shows.",
        "The issuer has suspended this credential: do not rely for now on what this page shows.",
    ],
)
def test_a_warning_that_the_evidence_does_not_hold_yet_is_not_verified(page: Page, site: str, words: str) -> None:
    change = f"""const notice = make('p', '{words}'); notice.className = 'notice bad';
      notice.setAttribute('role', 'note'); document.getElementById('title').append(notice)"""
    ((code, said),) = misled(page, f"{site}/en{ORGANIZATION}", change)
    assert code == "page_standing"
    assert words in said


def test_a_revoked_credential_must_be_called_so(page: Page, site: str) -> None:
    page.goto(f"{site}/en/organizations/sample/BC0000003")
    page.evaluate("document.querySelector('#title .notice.bad').remove()")
    results = check(page)
    assert [step for step, result in results.items() if result == "failed"] == ["page_matches", "not_revoked"]
    assert [code for code, _ in shown_differences(page)] == ["page_standing"]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_an_honest_banner_is_verified_and_the_verdict_tells_the_status_too(
    page: Page, endings: str, language: str
) -> None:
    for number in ("BC0000003", "BC0000005", "BC0000006"):
        page.goto(f"{endings}/{language}/organizations/sample/{number}")
        assert check(page)["page_matches"] == "passed"
    said = {
        "en": "in dissolution, in this status since 1 May 2019",
        "fr": "en dissolution, sous ce statut depuis le 1er mai 2019",
    }[language]
    assert said in (page.locator("[data-verdict]").text_content() or "").replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("document.querySelector('.banner').remove()", "page_missing"),
        ("document.querySelector('.banner strong').textContent = 'Dissolved on 1 May 2020.'", "page_changed"),
        ("document.querySelector('.banner a').href = '/en/organizations/sample/BC0000003'", "page_strange"),
        ("document.querySelector('.banner a').href = 'https://a.example/en/organizations/sample/BC0000001'", "page_strange"),
        ("document.querySelector('.banner a').textContent = 'ROYAL BANK'", "page_changed"),
        ("document.querySelector('[data-own] a').href = 'https://a.example/organizations/sample/BC0000001'", "page_strange"),
    ],
)  # fmt: skip
def test_a_banner_says_what_was_signed_and_leads_there(page: Page, endings: str, change: str, code: str) -> None:
    differences = misled(page, f"{endings}/en/organizations/sample/BC0000005", change)
    assert code in {code for code, _ in differences}, differences


def test_a_step_says_what_is_so_only_once_it_passed(page: Page, site: str) -> None:
    page.goto(f"{site}/en{ORGANIZATION}")
    check(page)
    name = page.locator('[data-step="page_matches"] [data-name]')
    expect(name).to_have_text("The page shows what was signed")
    page.keyboard.press("Escape")
    page.evaluate(f"{NAME}.textContent = 'X'")
    check(page)
    expect(name).to_have_text("Does the page show what was signed?")


def test_a_file_is_checked_as_the_bytes_that_it_is(page: Page, site: str, registry: SmallRegistry) -> None:
    page.goto(f"{site}/en/verify")
    good = registry.evidence_text("sample", "BC0000001", 2).encode()
    spoiled = good.replace("É".encode(), b"\xff", 1)
    file = page.locator("#file")
    file.set_input_files({"name": "x.json", "mimeType": "application/json", "buffer": good})
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "verified")
    expect(page.locator("[data-signed=name]")).to_be_visible()
    file.set_input_files({"name": "x.json", "mimeType": "application/json", "buffer": spoiled})
    expect(page.locator('[data-step="well_formed"]')).to_have_attribute("data-result", "failed")
    expect(page.locator("[data-signed]")).to_have_count(0)
    file.set_input_files({"name": "x.json", "mimeType": "application/json", "buffer": good})
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "verified")
    page.locator("#evidence").fill("{")
    expect(page.locator("[data-verdict]")).to_have_count(0)
    expect(page.locator("[data-step]")).to_have_count(0)


@pytest.mark.parametrize("address", [ORGANIZATION, NAMELESS])
def test_an_honest_page_is_verified_on_a_small_dark_screen_too(browser: Browser, site: str, address: str) -> None:
    context = seeing(browser.new_context(color_scheme="dark", viewport={"width": 320, "height": 640}))
    page = context.new_page()
    page.goto(f"{site}/fr{address}")
    assert check(page)["page_matches"] == "passed"
    context.close()
