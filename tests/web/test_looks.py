"""Verdicts are told apart without reading: by a word, a colour and a shape; and who watches the ledger is told."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.web.in_page import call
from tests.web.test_pages_in_chromium import check, tampered

ADDRESS = "/en/organizations/sample/BC0000001"


def _replaced(page: Page, base: str) -> None:
    """What a page of an old state says, at the newest one's address."""
    before, after = page.request.get(f"{base}{ADDRESS}/states/1").text().split('<p class="notice" role="note">State')
    body = before + after.split("</p>", 1)[1]
    page.route(f"**{ADDRESS}", lambda route: route.fulfill(body=body, content_type="text/html"))


def _undecided(page: Page, base: str) -> None:
    tampered(page, lambda text: json.dumps({**json.loads(text), "latest": None}))


def _changed(page: Page, base: str) -> None:
    page.add_init_script(
        "addEventListener('load', () => { document.querySelector('h1 [data-claim]').textContent = 'X'; });"
    )


#: how it comes to the verdict, its word, the sign before it, the colour of the edge, and the sign's outline
LOOKS: dict[str, tuple[Callable[[Page, str], None], list[str]]] = {
    "verified": (lambda page, base: None, ["Genuine and current.", "✓", "rgb(27, 107, 58)", "none 50%"]),
    "superseded": (
        _replaced,
        ["Genuine, but replaced.", "!", "rgb(122, 82, 0)", "polygon(50% 0px, 100% 100%, 0px 100%) 0px"],
    ),
    "indeterminate": (
        _undecided,
        ["Could not be checked.", "?", "rgb(122, 82, 0)", "polygon(50% 0px, 100% 50%, 50% 100%, 0px 50%) 0px"],
    ),
    "failed": (
        _changed,
        [
            *("Do not rely on this page.", "✗", "rgb(163, 32, 24)"),
            "polygon(30% 0px, 70% 0px, 100% 30%, 100% 70%, 70% 100%, 30% 100%, 0px 70%, 0px 30%) 0px",
        ],
    ),
}
_LOOK = """section => {
  const { content, clipPath, borderRadius } = getComputedStyle(section.querySelector(".verdict"), "::before");
  const word = section.querySelector(".verdict strong").textContent;
  return [word, JSON.parse(content), getComputedStyle(section).borderTopColor, `${clipPath} ${borderRadius}`];
}"""


@pytest.mark.parametrize("verdict", LOOKS)
def test_each_verdict_has_a_word_a_colour_and_a_shape_of_its_own(page: Page, dated_site: str, verdict: str) -> None:
    prepare, look = LOOKS[verdict]
    prepare(page, dated_site)
    page.goto(dated_site + ADDRESS)
    check(page)
    assert page.locator("[role=dialog] [data-verdict]").get_attribute("data-verdict") == verdict
    assert page.locator("section[role=dialog]").evaluate(_LOOK) == look


#: hosts of the witnesses that the trust file names -> what the headline says of them
WATCHERS = {
    "localhost:8081": "only this registry’s own witness has cosigned it",
    "127.0.0.1": "only this registry’s own witness has cosigned it",
    "localhost witness.example": "cosigned by witnesses.",
}


@pytest.mark.parametrize("hosts", WATCHERS)
def test_a_witness_of_the_registry_itself_is_not_called_independent(page: Page, site: str, hosts: str) -> None:
    policy = "".join(f"witness w{n} KEY http://{host}/\n" for n, host in enumerate(hosts.split()))
    trust = f"export const trust = {json.dumps({'witnessPolicy': policy})};"
    page.route("**/source-en/trust.js", lambda route: route.fulfill(body=trust, content_type="text/javascript"))
    page.goto(f"{site}/en/verify")
    steps = [{"step": name, "result": "passed", "code": None} for name in ("page_matches", "witnessed", "current")]
    subject = {"register": "sample", "registrationNumber": "BC0000001", "registrationStatus": "Active"}
    result = {"verdict": "verified", "asOf": "2026-01-02T03:04:05Z", "on": None, "subject": subject, "steps": steps}
    assert WATCHERS[hosts] in call(page, "sentence.js", "return m.sentenceOf(a).sentence;", result)
