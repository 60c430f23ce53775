"""A page of another origin in a real Chromium: it searches, verifies, and resolves ids by `fetch`, without asking anybody.

The Fetch standard decides: what CORS does not allow the page never sees. The controls are what no other origin may read.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from starlette.responses import HTMLResponse

from tests.builders.site import serving
from tests.web.in_page import without_complaints

_ORGANIZATION = "/api/v1/organizations/sample/BC9000001"
_POST = """async ([address, body]) => {
  const answer = await fetch(address, { method: "POST", headers: { "Content-Type": "application/json" }, body });
  return { status: answer.status, ...(await answer.json()) };
}"""
_GET = """async ([address, headers]) => {
  const answer = await fetch(address, { headers });
  return { status: answer.status, address: answer.url, value: await answer.json() };
}"""


@pytest.fixture(scope="module")
def stranger(browser: Browser) -> Iterator[Page]:
    """A page that is not the site's: another port is another origin."""
    with serving(HTMLResponse("<!doctype html><title>Elsewhere</title>")) as base:
        window = browser.new_context()
        page = window.new_page()
        page.goto(f"{base}/")
        yield page
        window.close()


def get(page: Page, address: str, **headers: str) -> Any:
    return page.evaluate(_GET, [address, headers])


def text_at(page: Page, address: str) -> str:
    return str(page.evaluate("async (address) => (await fetch(address)).text()", address))


def test_it_searches_and_reads_which_checkpoint_the_answer_stands_on(stranger: Page, live_server: str) -> None:
    with without_complaints(stranger):
        answer = get(stranger, f"{live_server}/api/v1/organizations?q=tidewrack")
        assert answer["value"]["items"][0]["number"] == "BC9000001"
        matched = stranger.evaluate(_POST, [f"{live_server}/api/v1/match", '{"queries": [{"number": "BC9000001"}]}'])
        assert matched["results"][0]["items"][0]["match"] is True
        exposed = "async (address) => Array.from((await fetch(address)).headers.keys())"
        assert {"etag", "greffe-checkpoint"} <= {*stranger.evaluate(exposed, f"{live_server}{_ORGANIZATION}")}


@pytest.mark.parametrize("kind", ["evidence", "credential"])
def test_it_verifies(stranger: Page, live_server: str, kind: str) -> None:
    with without_complaints(stranger):
        organization = get(stranger, f"{live_server}{_ORGANIZATION}")["value"]
        document = text_at(stranger, live_server + organization[kind])
        verdict = stranger.evaluate(_POST, [f"{live_server}/api/v1/verify", document])
        assert (verdict["status"], verdict["verdict"]) == (200, "verified")
        assert verdict["organization"]["name"] == organization["name"]
        forged = document.replace('"legalName":"Harbourlight', '"legalName":"Moonlight')
        assert forged != document
        verdict = stranger.evaluate(_POST, [f"{live_server}/api/v1/verify", forged])
        assert (verdict["status"], verdict["verdict"]) == (200, "failed")


def test_it_resolves_ids(stranger: Page, live_server: str) -> None:
    with without_complaints(stranger):
        place = get(stranger, f"{live_server}{_ORGANIZATION}")["value"]["credential"]
        credential = get(stranger, live_server + place)["value"]
        subject = credential["credentialSubject"]["id"]
        for headers in ({}, {"Accept": "application/json"}):
            resolved = get(stranger, subject, **headers)
            assert (resolved["status"], resolved["address"]) == (200, f"{live_server}{_ORGANIZATION}")
            assert resolved["value"]["name"] == credential["credentialSubject"]["legalName"]
        assert get(stranger, credential["id"])["value"] == credential
        assert get(stranger, credential["credentialSchema"]["id"])["value"]["type"] == "object"
        assert "@context" in get(stranger, credential["@context"][1])["value"]
        (revocations, suspensions) = [listed["statusListCredential"] for listed in credential["credentialStatus"]]
        for listed in (revocations, suspensions):
            assert get(stranger, listed)["value"]["id"] == listed


@pytest.mark.parametrize("path", ["/en/about", "/en/organizations/sample/BC9000001"])
def test_control_pages_are_not_read_from_elsewhere(stranger: Page, live_server: str, path: str) -> None:
    refused = "async (address) => { try { await fetch(address); return false; } catch { return true; } }"
    assert stranger.evaluate(refused, live_server + path)
    assert not stranger.evaluate(refused, live_server + _ORGANIZATION)
