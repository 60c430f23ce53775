"""Make a page lie by its HTML or style sheets alone, and look whether the panel shows the signed name all the same."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Dialog, Page, Route, expect

ORGANIZATION = "/organizations/sample/BC0000001"
SIGNED = "ÉRABLE  & Fils Ltée"
LIE = "ROYAL BANK OF CANADA"
NAME = ".signed .name"


def with_page(page: Page, change: Callable[[str], str], style: str = "") -> None:
    """Lets `change` rewrite the organization's page on its way, and `style` follow its style sheet; the headers stay."""

    def answer(route: Route, change: Callable[[str], str]) -> None:
        response = route.fetch()
        headers = {name: value for name, value in response.headers.items() if name != "content-encoding"}
        body = change(response.text())
        headers.pop("content-length", None)
        route.fulfill(status=200, headers=headers, body=body)

    page.route(f"**{ORGANIZATION}", lambda route: answer(route, change))
    if style:
        page.route("**/style.css", lambda route: answer(route, lambda text: text + style))


def put(place: str, words: str) -> Callable[[str], str]:
    """Words put in behind the first `place` of a page."""

    def change(text: str) -> str:
        assert place in text
        return text.replace(place, place + words, 1)

    return change


def sheet(style: str) -> Callable[[Route], None]:
    """The answer with a style sheet."""

    def answer(route: Route) -> None:
        route.fulfill(content_type="text/css", body=style)

    return answer


def press(page: Page) -> None:
    """Presses the button, whatever covers it, and waits for the panel's verdict."""
    page.locator("[data-check]").dispatch_event("click")
    expect(page.locator("[role=dialog] [data-verdict]")).to_have_attribute("data-verdict", re.compile("."))


def is_uncovered(page: Page) -> bool:
    """Whether the middle and the ends of the signed name are in the window, with nothing of the page over them."""
    script = """name => {
      const host = name.getRootNode().host;
      const { left, right, top, bottom } = name.firstElementChild.getBoundingClientRect();
      const places = [left + 2, (left + right) / 2, right - 2].map((x) => [x, (top + bottom) / 2]);
      const over = (x, y) => Document.prototype.elementFromPoint.call(document, x, y);
      return places.every(([x, y]) => over(x, y) === host && name.contains(host.shadowRoot.elementFromPoint(x, y)));
    }"""
    return bool(page.locator(NAME).evaluate(script))


def picture(page: Page) -> str:
    """The signed name as it is drawn, alone in the window, with whatever lies over it; PNG in base64."""
    script = """(name, [style, overflow]) => {
      name.style.cssText = style;
      name.closest("section").style.overflow = overflow;
    }"""
    page.locator(NAME).evaluate(script, ["position: fixed; inset: 0; z-index: 1; background: white", "visible"])
    session = page.context.new_cdp_session(page)
    drawn = session.send("Page.captureScreenshot", {"format": "png"})["data"]
    session.detach()
    page.locator(NAME).evaluate(script, ["", ""])
    return str(drawn)


def assert_shown(page: Page, honest: str) -> None:
    """The panel shows the signed name as on an honest page."""
    assert page.locator(NAME).text_content() == SIGNED
    assert is_uncovered(page)
    assert picture(page) == honest


def told_by_the_browser(page: Page, act: Callable[[], Any]) -> str:
    """What the browser's own window says after `act`."""
    told: list[str] = []

    def hear(dialog: Dialog) -> None:
        told.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", hear)
    act()
    page.wait_for_timeout(1200)
    assert len(told) == 1, told
    return told[0]
