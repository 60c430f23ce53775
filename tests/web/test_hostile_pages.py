"""Pages made to mislead by their HTML or style sheets alone: the script, the evidence and the trust file are the genuine ones.

Either `page_matches` fails and names the field, or the panel shows the signed name, uncovered and to the pixel as it always
looks. Where neither can be, the browser's own window tells the result.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, Route, expect

from tests.web.in_page import seeing
from tests.web.test_pages_in_chromium import check, shown_differences

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


@pytest.fixture(scope="module")
def room(browser: Browser) -> Iterator[BrowserContext]:
    """A window of its own, whose static files are not those that other tests were given."""
    context = seeing(browser.new_context(viewport={"width": 1280, "height": 900}))
    yield context
    context.close()


@pytest.fixture(scope="module")
def honest(room: BrowserContext, site: str) -> str:
    """The picture of the signed name in the panel of an honest page."""
    page = room.new_page()
    page.goto(f"{site}/en{ORGANIZATION}")
    assert check(page)["page_matches"] == "passed"
    drawn = picture(page)
    page.close()
    return drawn


@pytest.fixture
def victim(room: BrowserContext) -> Iterator[Page]:
    page = room.new_page()
    yield page
    page.close()


def assert_shown(page: Page, honest: str) -> None:
    """The panel shows the signed name as on an honest page."""
    assert page.locator(NAME).text_content() == SIGNED
    assert is_uncovered(page)
    assert picture(page) == honest


def _lure(text: str) -> str:
    """The page of another bank: the real verdict goes where nobody looks, a green one is opened by a step that passes anyway."""
    text = re.sub(r'(data-verdict-failed=")[^"]*', r"\1Verified", text)
    text = text.replace(SIGNED.replace("&", "&amp;"), LIE)
    trap = (
        '<p hidden data-verdict></p><ol data-steps><li data-step="well_formed" data-result="not_checked">'
        '<b data-name data-passed="Verified" data-asked=""></b><i data-word></i><i data-reason></i>'
        '<div class="what lure" data-verdict="verified">Verified</div></li></ol>'
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
    victim.wait_for_timeout(500)
    told = victim.evaluate(f"{query % 'html > div'}.shadowRoot.textContent")
    assert "Verified, as of" in told
    assert SIGNED in told


#: style sheets; each applies to everything that it can
STYLES = {
    "state of the check": f"""body:has([data-check]:disabled) h1 {{ font-size: 0; }}
      html:has(> div:popover-open) h1::after {{ content: "{LIE}"; font-size: 3rem; }}
      html:has(> div:popover-open) > div {{ display: none !important; }}""",
    "nothing at all": "html:has(> div) { display: none !important; }",
    "nothing drawn": "html:has(> div) { content-visibility: hidden !important; }",
    "small": "html:has(> div) { zoom: 0.01 !important; font-size: 1px !important; }",
    "letters of other fonts": """@font-face { font-family: sans-serif; src: local("DejaVu Serif"), local("DejaVu Sans Mono"); }
      @font-face { font-family: "sans-serif"; src: local("DejaVu Serif"), local("DejaVu Sans Mono"); }""",
    "first letter": "*::first-letter { font-size: 0 !important; } *::first-line { color: white !important; }",
    "pictures in boxes": f"""* {{ background: url(icon.svg) !important; }}
      *::before, *::after {{ content: "{LIE}" !important; position: fixed !important; inset: 0 !important;
        z-index: 2147483647 !important; background: white !important; }}
      *::backdrop {{ background: white !important; z-index: 2147483647 !important; }}""",
    "ink near paper": """* { color: #fefefe !important; -webkit-text-fill-color: #fefefe !important;
      background: #fff !important; }""",
    "blending": "* { mix-blend-mode: difference !important; filter: invert(1) !important; opacity: 0.02 !important; }",
    "direction": """* { direction: rtl !important; unicode-bidi: bidi-override !important;
      writing-mode: vertical-rl !important; }""",
    "place": "* { transform: translateX(-9999px) !important; clip-path: inset(50%) !important; inset: -9999px !important; }",
    "movement": """@keyframes gone { to { opacity: 0; translate: -9999px; } }
      * { animation: gone 1ms forwards !important; transition: all 99s !important; }""",
    "other text": """* { text-transform: lowercase !important; letter-spacing: -1em !important;
      -webkit-text-security: disc !important; text-indent: -99em !important; }""",
}


LOOK = "h => [getComputedStyle(h).color, getComputedStyle(h).opacity, getComputedStyle(h, '::after').content]"


def test_no_style_sheet_reaches_the_panel_or_the_checked_page(victim: Page, site: str, honest: str) -> None:
    link = """([href]) => new Promise((resolve) => {
      const link = document.createElement("link");
      Object.assign(link, { rel: "stylesheet", href, onload: resolve, onerror: () => resolve("refused") });
      document.head.append(link);
    })"""
    victim.goto(f"{site}/en{ORGANIZATION}")
    for n, (name, style) in enumerate(STYLES.items()):
        address = f"{site}/attack-{n}.css"
        victim.route(address, sheet(style))
        assert victim.evaluate(link, [address]) != "refused"
        press(victim)
        assert_shown(victim, honest)
        assert victim.locator("h1").evaluate(LOOK) == ["rgb(29, 42, 45)", "1", "none"], name
        victim.locator("[role=dialog] button").click()
        victim.evaluate("document.head.lastElementChild.remove()")


#: what may be done to the whole page without hiding it, so that the panel's own style alone must hold
REACHING = [name for name in STYLES if name not in ("state of the check", "nothing at all", "nothing drawn", "small")]


def test_the_panel_needs_no_help_against_style_sheets(victim: Page, site: str, honest: str) -> None:
    """As those that come later than the press, from wherever."""
    adopt = """text => { const s = new CSSStyleSheet(); s.replaceSync(text);
      document.adoptedStyleSheets = [...document.adoptedStyleSheets.slice(0, 1), s]; }"""
    victim.goto(f"{site}/en{ORGANIZATION}")
    check(victim)
    for name in REACHING:
        victim.evaluate(adopt, STYLES[name])
        victim.wait_for_timeout(30)
        assert_shown(victim, honest)


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


@pytest.mark.parametrize(
    "style", ["html { display: none; }", "html { zoom: 0.01; }", "html { content-visibility: hidden; }"]
)
def test_what_cannot_be_seen_the_browser_tells(victim: Page, site: str, style: str) -> None:
    victim.goto(f"{site}/en{ORGANIZATION}")
    victim.evaluate(
        "text => { const s = new CSSStyleSheet(); s.replaceSync(text); document.adoptedStyleSheets = [s]; }", style
    )
    message = told_by_the_browser(victim, lambda: victim.locator("[data-check]").dispatch_event("click"))
    assert SIGNED in message
    assert "hides the result" in message


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
    victim.evaluate("() => { window.setTimeout = () => 0; }")
    victim.evaluate(veil)
    assert picture(victim) != honest
    victim.evaluate(cover)
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
