"""A real Chromium for the browser's code, and the small site that it visits.

The distribution's own Chromium is driven through Playwright; none is downloaded.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from search.app import create_app
from search.http.compressed import Compressed
from search.index.embedded import EmbeddedIndex
from tests.builders.command import require
from tests.builders.ledger import copied
from tests.builders.reader import SmallRegistry
from tests.builders.site import DISSOLVED, GONE, RESERVED, SECOND, serving, small_app, small_registry
from tests.web.hostile import ORGANIZATION, picture, press
from tests.web.in_page import seeing, without_complaints

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
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    require(path is not None, "chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=list(_ARGUMENTS))
        yield started
        started.close()


@pytest.fixture(scope="session")
def registry() -> SmallRegistry:
    """Four organizations with real keys and proofs."""
    return small_registry()


@pytest.fixture(scope="session")
def site(registry: SmallRegistry, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The pages over that registry, served; the base URL."""
    with serving(Compressed(small_app(registry, tmp_path_factory.mktemp("site")))) as base:
        yield base


@pytest.fixture(scope="session")
def endings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A site of organizations that are not in good order, and what one of them became."""
    states = [SECOND, GONE, DISSOLVED, RESERVED]
    with serving(small_app(SmallRegistry(states), tmp_path_factory.mktemp("endings"))) as base:
        yield base


@pytest.fixture(scope="session")
def dated_site(filled_installation: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of a site whose trust file asks for `current`."""
    office = copied(filled_installation, tmp_path_factory.mktemp("states") / "data")
    index = EmbeddedIndex(tmp_path_factory.mktemp("index") / "index.db")
    with serving(create_app(office.reader, index)) as base:
        yield base


@pytest.fixture(scope="session")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One window for all tests, so that static files come once; no page of ours leaves anything behind in it."""
    opened = seeing(browser.new_context())
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A fresh page without complaints."""
    opened = context.new_page()
    with without_complaints(opened):
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def _loaded(context: BrowserContext, site: str) -> Page:
    page = context.new_page()
    page.goto(f"{site}/en/verify")
    return page


@pytest.fixture
def modules(_loaded: Page) -> Iterator[Page]:
    """The one page from which the verifier's modules can be imported as `./verify/....js`: pure, so shared by all tests."""
    with without_complaints(_loaded):
        yield _loaded


@pytest.fixture(scope="session")
def room(browser: Browser) -> Iterator[BrowserContext]:
    """A window of its own, whose static files are not those that other tests were given."""
    context = seeing(browser.new_context(viewport={"width": 1280, "height": 900}))
    yield context
    context.close()


@pytest.fixture(scope="session")
def honest(room: BrowserContext, site: str) -> str:
    """The picture of the signed name in the panel of an honest page."""
    page = room.new_page()
    page.goto(f"{site}/en{ORGANIZATION}")
    press(page)
    drawn = picture(page)
    page.close()
    return drawn


@pytest.fixture
def victim(room: BrowserContext) -> Iterator[Page]:
    """A fresh page, to be lied to."""
    page = room.new_page()
    yield page
    page.close()
