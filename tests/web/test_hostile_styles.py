"""Style sheets made to mislead, on an honest page: none reaches the panel, nor the page from the press on.

The panel shows the signed name to the pixel as it always looks. Where it cannot be seen, the browser's own window tells it.
"""

import pytest
from playwright.sync_api import Page

from tests.web.hostile import LIE, ORGANIZATION, SIGNED, assert_shown, press, sheet, told_by_the_browser
from tests.web.test_pages_in_chromium import check

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
