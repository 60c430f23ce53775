"""The page of a permit, and that of an organization which leaves relationships to others, against what was signed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from issuer.run.issue import issue
from registry.ledger.publish import publish
from search.app import create_app
from search.index.embedded import EmbeddedIndex
from search.index.follow import follow
from tests.builders import ledger
from tests.builders.command import surroundings
from tests.builders.ledger import extract, state
from tests.builders.permits import permits
from tests.builders.site import serving
from tests.issuer.timeline.test_draft import merged
from tests.web.test_pages_in_chromium import check, shown_differences

PERMIT, SUSPENDED, MANY = (
    "/organizations/permits/P-0004",
    "/organizations/permits/P-0001",
    "/organizations/sample/BC0000009",
)


@pytest.fixture(scope="module")
def site(filled_installation: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An office's permits and a company of too many parts, served; the base URL."""
    folder = tmp_path_factory.mktemp("permit-pages")
    office = ledger.copied(filled_installation, folder / "data")
    issue(office, "table", permits(), surroundings("permits"))
    many = merged(150, state("BC0000009", "MANY PARTS LTD.", "9", "2020-01-01"))
    issue(office, "table", extract([many]), surroundings("many"))
    publish(office.store, office.log_keys.signers)
    index = EmbeddedIndex(folder / "index.db")
    follow(office.reader, index)
    with serving(create_app(office.reader, index)) as base:
        yield base


@pytest.mark.parametrize(("language", "address"), [("fr", PERMIT), ("en", SUSPENDED), ("fr", MANY)])
def test_an_honest_page_is_verified(page: Page, site: str, language: str, address: str) -> None:
    page.goto(f"{site}/{language}{address}")
    assert {step for step, result in check(page).items() if result == "failed"} == set()
    assert shown_differences(page) == []
    expect(page.locator("[role=dialog] [data-verdict]")).to_have_attribute("data-verdict", "verified")


@pytest.mark.parametrize(
    ("address", "change", "code", "field"),
    [
        (PERMIT, "[data-claim=permitUntil]').textContent = '2041-03-03'", "page_changed", "Valid until"),
        (PERMIT, "#registration h2').textContent = 'Registration'", "page_changed", "Status in the register"),
        (PERMIT, "[data-claim$=relatedName]').textContent = 'SOMEBODY ELSE INC.'", "page_changed", "Relationships 1"),
        (PERMIT, "[data-own] a').href = '/en/organizations/sample/BC0000001'", "page_strange", "Relationships 1"),
        (SUSPENDED, "[data-claim=registrationStatus]').textContent = 'In force'", "page_changed", "Status"),
        (SUSPENDED, "#title .facts > span:nth-child(2)').remove()", "page_missing", ""),
        (MANY, "[data-claim=relationshipsOmitted]').textContent = '1'", "page_changed", "Links left to"),
    ],
)
def test_what_was_not_signed_of_a_permit_fails(
    page: Page, site: str, address: str, change: str, code: str, field: str
) -> None:
    page.goto(f"{site}/en{address}")
    page.evaluate(f"() => {{ document.querySelector('{change}; }}")
    assert [step for step, result in check(page).items() if result == "failed"] == ["page_matches"]
    differences = shown_differences(page)
    assert [said for said in differences if said[0] == code and said[1].startswith(field)], differences


def test_the_verify_page_says_what_a_permit_is_and_that_it_is_not_in_force(page: Page, site: str) -> None:
    for language, words in (
        (
            "en",
            (
                "KELP, SEAL BAY",
                "Suspended, since",
                "Kelp harvesting licence",
                "HARBOUR SEAL INC.",
                "does not mean in force",
            ),
        ),
        ("fr", ("KELP, SEAL BAY", "Permis de récolte de varech", "Titulaire", "ne veut pas dire en vigueur")),
    ):
        evidence = page.request.get(f"{site}/credentials/permits/P-0001/2/evidence").text()
        page.goto(f"{site}/{language}/verify")
        file = {"name": "permit.evidence.json", "mimeType": "application/json", "buffer": evidence.encode()}
        page.locator("#file").set_input_files(file)
        expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "verified")
        said = str(page.locator("[role=dialog]").evaluate("panel => panel.innerText")).replace("\u00a0", " ")
        for word in words:
            assert word in said, word
        answer = page.request.post(f"{site}/{language}/verify", form={"evidence": evidence}).text()
        for word in words:
            assert word in answer.replace("\u00a0", " "), word
