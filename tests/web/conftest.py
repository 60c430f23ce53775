"""A real Chromium for the browser's code, and the small site that it visits.

The distribution's own Chromium is driven through Playwright; none is downloaded.
"""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.conftest import require
from tests.search.small_registry import SmallRegistry
from tests.search.small_site import serving, small_app, small_registry

_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium of this machine; skipped, or failed where everything is required, when there is none."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    require(found is not None, "chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=list(_ARGUMENTS))
        yield started
        started.close()


@pytest.fixture(scope="session")
def registry() -> SmallRegistry:
    """Four organizations with real keys and proofs."""
    return small_registry()


@pytest.fixture(scope="session")
def site(registry: SmallRegistry, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The pages over that registry, served; the base URL."""
    with serving(small_app(registry, tmp_path_factory.mktemp("site"))) as base:
        yield base


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page; what it writes to the console as error or warning fails the test, except a refused request."""
    context = browser.new_context()
    opened = context.new_page()
    complaints: list[str] = []
    opened.on(
        "console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None
    )
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    context.close()
    assert [text for text in complaints if "Failed to load resource" not in text] == []


@pytest.fixture
def modules(page: Page, site: str) -> Page:
    """A page from which the verifier's modules can be imported as `./verify/....js`."""
    page.goto(f"{site}/en/verify")
    return page
