"""Pages made to mislead by their HTML or style sheets alone: the script, the evidence and the trust file are the genuine ones.

Either `page_matches` fails and names the field, or the panel shows the signed name, uncovered and to the pixel as it always
looks. Where neither can be, the browser's own window tells the result.
"""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from registry.verify.steps import STEPS
from tests.web.hostile import (
    LIE,
    ORGANIZATION,
    SIGNED,
    assert_shown,
    is_uncovered,
    picture,
    press,
    put,
    told_by_the_browser,
    with_page,
)
from tests.web.in_page import seeing
from tests.web.test_pages_in_chromium import check, shown_differences


def _lure(text: str) -> str:
    """The page of another bank: the real verdict goes where nobody looks, a green one is opened by a step that passes anyway."""
    text = re.sub(r'(data-verdict-failed=")[^"]*', r"\1Verified", text)
    text = text.replace(SIGNED.replace("&", "&amp;"), LIE)
    words = '<b data-name data-passed="Verified" data-asked=""></b><i data-word></i><i data-reason></i>'
    steps = "".join(f'<li hidden data-step="{step}" data-result="not_checked">{words}</li>' for step in STEPS[1:])
    trap = (
        f'<p hidden data-verdict></p><ol data-steps><li data-step="{STEPS[0]}" data-result="not_checked">{words}'
        f'<div class="what lure" data-verdict="verified">Verified</div></li>{steps}</ol>'
    )
    return text.replace('<h2 id="h-check">Check</h2>', '<h2 id="h-check">Check</h2>' + trap, 1)


def test_html_alone_cannot_make_the_check_say_verified_of_somebody_else(victim: Page, site: str, honest: str) -> None:
    with_page(victim, _lure)
    victim.goto(f"{site}/en{ORGANIZATION}")
    expect(victim.locator("h1")).to_have_text(LIE)
    expect(victim.locator(".lure")).to_be_hidden()
    victim.locator("[data-check]").click()
    expect(victim.locator("section[role=dialog]")).to_have_class("failed")
    expect(victim.locator(".lure")).to_be_hidden()
    expect(victim.locator("[role=dialog] [data-verdict]")).to_contain_text("This page does not show what was signed")
    assert ("page_changed", "Legal name") in {(code, said.split(" – ")[0]) for code, said in shown_differences(victim)}
    assert_shown(victim, honest)


H1 = '<h1><bdi data-claim="legalName">'
#: what is put into the page -> the code of the difference, and its field
FOUND: dict[str, tuple[Callable[[str], str], str, str]] = {
    "shadow root that shows the slot among other words": (
        put("<h1>", '<template shadowrootmode="closed">ROYAL BANK <slot></slot></template>'),
        "page_strange",
        "Title",
    ),
    "open shadow root": (
        put("<h1>", '<template shadowrootmode="open"><slot></slot> OF CANADA</template>'),
        "page_strange",
        "Title",
    ),
    "shadow root without a slot": (
        put("<h1>", f'<template shadowrootmode="closed">{LIE}</template>'),
        "page_hidden",
        "Legal name",
    ),
    "shadow root around everything": (
        put(
            '<main id="main" tabindex="-1">',
            f'<template shadowrootmode="closed"><h1>{LIE}</h1><slot></slot></template>',
        ),
        "page_strange",
        "Page",
    ),
    "shadow root of the body": (
        put("<body>", f'<template shadowrootmode="closed"><h1>{LIE}</h1><slot></slot></template>'),
        "page_strange",
        "Page",
    ),
    "words for those who listen": (
        lambda text: text.replace(H1, f'<h1 aria-label="{LIE}"><bdi data-claim="legalName">', 1),
        "page_strange",
        "Title",
    ),
    "second main": (put("</header>", f"<main><article><h1>{LIE}</h1></article></main>"), "page_strange", "Page"),
    "picture in the heading": (
        put("</bdi></h1>", '<svg class="suggestions" width="900" height="90"><text y="50">ROYAL</text></svg>'),
        "page_strange",
        "Title",
    ),
    "link around the name": (
        lambda text: text.replace(H1, '<h1><a href="https://elsewhere.example/"><bdi data-claim="legalName">', 1),
        "page_strange",
        "Title",
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_what_html_adds_to_the_registration_is_named(victim: Page, site: str, honest: str, name: str) -> None:
    change, code, field = FOUND[name]
    with_page(victim, change)
    victim.goto(f"{site}/en{ORGANIZATION}")
    results = check(victim)
    assert [step for step, result in results.items() if result == "failed"] == ["page_matches"]
    differences = shown_differences(victim)
    assert [words for found, words in differences if found == code and words.startswith(field)], differences
    assert_shown(victim, honest)


FAKE = f'<p data-verdict="verified">✓ Verified</p><h1>{LIE}</h1>'
BUTTON = '<button type="button" data-check hidden>'
#: what stands outside the registration, where nothing is compared
OVERLAYS: dict[str, Callable[[str], str]] = {
    "class of the suggestions": put("</noscript></div>", f'<div class="suggestions">{FAKE}</div>'),
    "class of the skip link": put("<body>", f'<a class="skip" href="#main" autofocus>{LIE}</a>'),
    "picture that lets the pointer through": put(
        "</noscript></div>",
        '<svg class="suggestions" width="3000" height="3000" pointer-events="none"><rect width="3000" height="3000"/></svg>',
    ),
    "window that the press opens": lambda text: put("<body>", f'<div id="fake" popover>{FAKE}</div>')(
        text.replace(BUTTON, BUTTON.replace("hidden", 'hidden popovertarget="fake"'))
    ),
    "large window that lets the pointer through": lambda text: put(
        "<body>",
        '<div id="fake" popover="manual" class="timeline"><svg width="3000" height="3000" pointer-events="none">'
        '<rect width="3000" height="3000"/></svg></div>',
    )(text.replace(BUTTON, BUTTON.replace("hidden", 'hidden popovertarget="fake"'))),
    "modal window that the press opens": lambda text: put("<body>", f'<dialog id="fake">{FAKE}</dialog>')(
        text.replace(BUTTON, BUTTON.replace("hidden", 'hidden command="show-modal" commandfor="fake"'))
    ),
    "root that is silent and says something": lambda text: text.replace(
        '<html lang="en">', f'<html lang="en" aria-hidden="true" title="{LIE}" dir="rtl">', 1
    ),
}


@pytest.mark.parametrize("name", OVERLAYS)
def test_the_panel_stands_over_whatever_html_puts_beside_it(victim: Page, site: str, honest: str, name: str) -> None:
    with_page(victim, OVERLAYS[name])
    victim.goto(f"{site}/en{ORGANIZATION}")
    press(victim)
    victim.wait_for_timeout(50)
    assert victim.evaluate("document.documentElement.getAttributeNames().join()") == "lang"
    assert_shown(victim, honest)


def test_names_that_hide_the_documents_own_members_change_nothing(victim: Page, site: str) -> None:
    """They hide them from the tests' tools as well, so the page is asked through the prototypes."""
    names = ("createElement", "querySelectorAll", "getElementById", "documentElement", "title", "adoptedStyleSheets")
    clobbered = "".join(
        f'<img alt="" name="{name}"><form name="{name}"></form>' for name in (*names, "elementFromPoint")
    )
    with_page(victim, put("<body>", clobbered + '<img alt="" id="addEventListener"><img alt="" id="setInterval">'))
    victim.goto(f"{site}/en{ORGANIZATION}")
    query = "Document.prototype.querySelector.call(document, '%s')"
    victim.evaluate(f"{query % '[data-check]'}.click()")
    told = ""
    for _ in range(40):
        victim.wait_for_timeout(250)
        told = victim.evaluate(f"{query % 'html > div'}?.shadowRoot.textContent ?? ''")
        if SIGNED in told:
            break
    assert "Genuine; whether it is current was not checked." in told
    assert SIGNED in told


def test_no_check_is_offered_while_more_of_the_page_may_come(victim: Page, site: str) -> None:
    """Words or style sheets that come after the check are none that it saw."""
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    with_page(victim, put("</nav>", '<img alt="" src="/slow.svg">'))
    victim.route("**/slow.svg", hold)
    victim.goto(f"{site}/en{ORGANIZATION}", wait_until="domcontentloaded")
    victim.wait_for_timeout(300)
    expect(victim.locator("[data-check]")).to_be_hidden()
    waiting[0].fulfill(status=404)
    expect(victim.locator("[data-check]")).to_be_visible()


def test_the_panel_says_so_where_another_window_is_over_it(victim: Page, site: str) -> None:
    """A modal window in a closed shadow root, which nobody outside can close: what lies beside it cannot be pressed."""
    window = f"<dialog id=fake>{FAKE}</dialog><button commandfor=fake command=show-modal>More</button>"
    with_page(victim, put("</nav>", f'<div id=shady><template shadowrootmode="closed">{window}</template></div>'))
    victim.goto(f"{site}/en{ORGANIZATION}")
    check(victim)
    box = victim.locator("#shady").bounding_box()
    assert box is not None
    message = told_by_the_browser(victim, lambda: victim.mouse.click(box["x"] + 8, box["y"] + box["height"] / 2))
    assert SIGNED in message


def test_a_covered_name_would_be_seen_by_these_tests(victim: Page, site: str, honest: str) -> None:
    """The control: with the panel's means taken away, what covers it is noticed."""
    victim.goto(f"{site}/en{ORGANIZATION}")
    check(victim)
    cover = """() => { const over = document.createElement("div"); over.popover = "manual"; over.textContent = "ROYAL";
      over.style.cssText = "inset: 0; width: 100%; height: 100%; background: white"; document.body.append(over);
      over.showPopover(); }"""
    veil = """() => { const over = document.createElement("div"); over.popover = "manual";
      over.style.cssText = "inset: 0; width: 100%; height: 100%; background: #0002; pointer-events: none";
      document.body.append(over); over.addEventListener("toggle", (e) => e.stopPropagation()); over.showPopover(); }"""
    # what it does by and by, and what it does after something else came
    victim.evaluate("() => { for (let n = 0; n < 9999; n += 1) clearInterval(n); window.setTimeout = () => 0; }")
    victim.evaluate(veil)
    assert picture(victim) != honest
    victim.evaluate(cover)
    victim.wait_for_timeout(600)
    assert not is_uncovered(victim)


def test_without_a_top_layer_the_panel_is_still_over_the_page(browser: Browser, site: str) -> None:
    context = seeing(browser.new_context())
    context.add_init_script("delete HTMLElement.prototype.showPopover; delete HTMLElement.prototype.hidePopover;")
    page = context.new_page()
    page.goto(f"{site}/en{ORGANIZATION}")
    assert check(page)["page_matches"] == "passed"
    assert is_uncovered(page)
    context.close()


def test_a_page_cannot_make_the_panel_small_on_a_phone(browser: Browser, site: str) -> None:
    context = seeing(browser.new_context(viewport={"width": 360, "height": 640}, is_mobile=True, has_touch=True))
    page = context.new_page()
    with_page(page, lambda text: text.replace("width=device-width, initial-scale=1", "width=9000", 1))
    page.goto(f"{site}/en{ORGANIZATION}")
    press(page)
    page.wait_for_timeout(300)
    assert page.evaluate("[innerWidth, visualViewport.scale]") == [360, 1]
    context.close()


def test_nothing_of_the_page_can_look_into_the_panel(browser: Browser, site: str) -> None:
    """Without the tests' own eyes: the root is closed, and no state of the check stands where a selector could see it."""
    page = browser.new_page()
    page.goto(f"{site}/en{ORGANIZATION}")
    page.locator("[data-check]").click()
    host = page.locator("html > div")
    expect(host).to_be_visible()
    page.wait_for_timeout(300)
    assert host.evaluate(
        "host => [host.shadowRoot, host.getAttributeNames().sort().join(), host.childNodes.length]"
    ) == [
        None,
        "lang,popover",
        0,
    ]
    page.close()
