"""The ten questions of a lay reader, put to the verify page with a script: pasted, dropped or chosen, and nothing sent."""

import json
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from search.app import create_app
from search.index.embedded import EmbeddedIndex
from tests.builders.ledger import copied
from tests.builders.papers import LANGUAGES, NO_EVIDENCE, QUESTIONS, Question, check_answer, papers_of
from tests.builders.site import serving
from tests.web.in_page import seeing, without_complaints

VERDICT = "[role=dialog] [data-verdict]"
#: puts a file where somebody lets it fall
DROP = """([text, name]) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name, { type: "application/json" }));
  const fall = { dataTransfer: data, bubbles: true, cancelable: true };
  const over = new DragEvent("dragover", fall);
  document.querySelector("h1").dispatchEvent(over);
  document.querySelector("h1").dispatchEvent(new DragEvent("drop", fall));
  return over.defaultPrevented;
}"""


@pytest.fixture(scope="module")
def desk(filled_installation: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """The base URL of a site, and the papers that it handed out."""
    office = copied(filled_installation, tmp_path_factory.mktemp("desk") / "data")  # type: ignore[arg-type]
    papers = papers_of(office)
    index = EmbeddedIndex(tmp_path_factory.mktemp("index") / "index.db")
    with serving(create_app(office.reader, index)) as base:
        yield base, papers


@pytest.fixture(scope="module")
def window(browser: Browser) -> Iterator[BrowserContext]:
    opened = seeing(browser.new_context(viewport={"width": 320, "height": 640}))
    yield opened
    opened.close()


@pytest.fixture(params=LANGUAGES, scope="module")
def reader(window: BrowserContext, desk: tuple[str, dict[str, str]], request: pytest.FixtureRequest) -> Iterator[Page]:
    """The verify page, loaded once, in a language; what it asks of the network from then on fails the tests."""
    page = window.new_page()
    with without_complaints(page):
        page.goto(f"{desk[0]}/{request.param}/verify", wait_until="networkidle")
        asked: list[str] = []
        page.on("request", lambda sent: asked.append(sent.url))
        yield page
        assert asked == []
        page.close()


def language_of(page: Page) -> str:
    return page.locator("html").get_attribute("lang") or ""


def said(page: Page) -> str:
    """All words of the panel, its steps included."""
    return str(page.locator("[role=dialog]").evaluate("panel => panel.innerText"))


def paste(page: Page, paper: str, on: str = "") -> None:
    page.locator("#evidence").fill(paper)
    page.locator("#on").fill(on)
    page.locator("#paste button").click()


def test_the_browser_answers(reader: Page, desk: tuple[str, dict[str, str]]) -> None:
    language = language_of(reader)
    expect(reader.locator("[data-step]")).to_have_count(0)
    for question in QUESTIONS:
        paste(reader, desk[1][question.paper], question.on)
        expect(reader.locator(VERDICT)).to_have_attribute("data-verdict", question.verdict)
        check_answer(question, language, said(reader))
        assert reader.evaluate("document.documentElement.scrollWidth") <= 320
    reader.locator("#evidence").press("End")
    reader.locator("#evidence").press_sequentially(" ")
    expect(reader.locator("[role=dialog]")).to_have_count(0)
    assert reader.evaluate("document.activeElement.id") == "evidence", "typing goes on where it was"


@pytest.mark.parametrize("paper", ["today", "nobody"])
def test_what_is_dropped_or_chosen_is_judged_as_what_is_pasted(
    reader: Page, desk: tuple[str, dict[str, str]], paper: str
) -> None:
    question: Question = next(question for question in QUESTIONS if question.paper == paper)
    assert reader.evaluate(DROP, [desk[1][paper], "x.json"])
    expect(reader.locator(VERDICT)).to_have_attribute("data-verdict", "verified")
    check_answer(question, language_of(reader), said(reader))
    assert reader.evaluate("document.querySelector('#file').files[0].name") == "x.json"
    reader.locator("#on").fill("1980-01-01")
    expect(reader.locator("[role=dialog]")).to_have_count(0)
    reader.locator("#paste button").click()
    expect(reader.locator(VERDICT)).to_have_attribute("data-verdict", "failed" if paper == "today" else "verified")
    reader.locator("#on").fill("")
    forged = {"name": "y.json", "mimeType": "application/json", "buffer": desk[1]["forged"].encode()}
    reader.locator("#file").set_input_files([forged])  # type: ignore[list-item]
    expect(reader.locator(VERDICT)).to_have_attribute("data-verdict", "failed")


@pytest.mark.parametrize("paper", ["link", "another"])
def test_what_is_no_evidence_gets_no_verdict(reader: Page, desk: tuple[str, dict[str, str]], paper: str) -> None:
    paste(reader, desk[1][paper])
    expect(reader.locator(VERDICT)).to_contain_text(NO_EVIDENCE[language_of(reader)])
    expect(reader.locator(VERDICT)).to_have_attribute("data-verdict", "")
    expect(reader.locator("[data-step]")).to_have_count(0)
    expect(reader.locator("[data-send]")).to_be_hidden()


@pytest.mark.parametrize(("language", "paper"), [("en", "credential"), ("fr", "presentation")])
def test_a_bare_credential_is_sent_only_when_the_reader_asks(
    window: BrowserContext, desk: tuple[str, dict[str, str]], language: str, paper: str
) -> None:
    base, papers = desk
    page = window.new_page()
    page.goto(f"{base}/{language}/verify", wait_until="networkidle")
    asked: list[str] = []
    page.on("request", lambda sent: asked.append(f"{sent.method} {sent.url}"))
    paste(page, papers[paper])
    expect(page.locator(VERDICT)).to_have_attribute("data-verdict", "")
    expect(page.locator("[data-send]")).to_be_visible()
    assert asked == []
    page.keyboard.press("Escape")
    page.locator("[data-send]").click()
    expect(page.locator("#outcome [data-verdict]")).to_have_attribute("data-verdict", "verified")
    assert asked[0].partition("#")[0] == f"POST {base}/{language}/verify"
    page.locator("#outcome summary").click()
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    paste(page, json.dumps({}))
    expect(page.locator("#outcome")).to_have_count(0), "an old verdict does not stand beside new input"
    page.close()


def test_without_cryptography_nothing_is_called_checked(browser: Browser, desk: tuple[str, dict[str, str]]) -> None:
    context = seeing(browser.new_context())
    context.add_init_script("Object.defineProperty(Crypto.prototype, 'subtle', { value: undefined });")
    page = context.new_page()
    page.goto(f"{desk[0]}/en/verify")
    paste(page, desk[1]["today"])
    expect(page.locator(VERDICT)).to_have_attribute("data-verdict", "indeterminate")
    expect(page.locator(VERDICT)).to_contain_text("Nothing was checked")
    expect(page.locator("[data-step]")).to_have_count(0)
    context.close()
