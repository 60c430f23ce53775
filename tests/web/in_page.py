"""Run the page's own modules from a test: import one by its path, call it, take the answer as JSON; and hear its complaints."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Page

_OPEN_ROOTS = """const attach = Element.prototype.attachShadow;
Element.prototype.attachShadow = function (init) { return attach.call(this, { ...init, mode: "open" }); };"""


def seeing(context: BrowserContext) -> BrowserContext:
    """A window in whose pages a test sees into what the scripts close: the panel and the marks."""
    context.add_init_script(_OPEN_ROOTS)
    return context


#: the verifier as it is served, in a small file made ahead: that of the verify page, and that of organization pages
SERVED, CHECKER = "paste.js", "checker.js"


def call(page: Page, module: str, body: str, argument: Any) -> Any:
    """Runs `body` (an async function's body over `m`, the module, and `a`, the argument) in the page.

    `module`: SERVED or CHECKER, each on its page, or a script as it is written, which `load` gives as well.
    """
    script = """async ([module, argument, served]) => {
      const addresses = Array.from(document.scripts, ({ src }) => /^(.*)\\/(en|fr)\\/[^/]*$/.exec(src));
      const [, around, language] = addresses.find((address) => address !== null);
      const load = (path) => import(`${around}/source-${language}/${path}`);
      const m = await (served.includes(module) ? import(`${around}/${language}/${module}`) : load(module));
      const a = argument;
      %s
    }"""
    return page.evaluate(script % body, [module, argument, [SERVED, CHECKER]])


@contextmanager
def without_complaints(page: Page) -> Iterator[None]:
    """What the page writes to the console as error or warning fails the test, except a refused request."""
    complaints: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    def on_error(error: Error) -> None:
        complaints.append(str(error))

    page.on("console", on_console)
    page.on("pageerror", on_error)
    yield
    page.remove_listener("console", on_console)
    page.remove_listener("pageerror", on_error)
    assert complaints == []
