"""The offline verifier in a real Chromium, opened from a disk with the network off: the lay reader's questions, and the trust."""

import copy
import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from registry.encoding.jcs import jcs
from registry.errors import Malformed
from registry.verify import trust as trusts
from search.pages.offline import offline_verifier
from tests.builders.ledger import copied
from tests.builders.papers import LANGUAGES, QUESTIONS, check_answer, papers_of
from tests.web.in_page import call, seeing, without_complaints
from tests.web.test_lay_readers import VERDICT, language_of, said

Json = dict[str, Any]


@pytest.fixture(scope="module")
def papers(filled_installation: object, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Papers by their name, and the trust file under `trust`."""
    office = copied(filled_installation, tmp_path_factory.mktemp("desk") / "data")  # type: ignore[arg-type]
    return {**papers_of(office), "trust": json.dumps(office.reader.trust(), indent=1)}


@pytest.fixture(params=LANGUAGES, scope="module")
def reader(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Page]:
    """The file as it was saved, in a window without a network."""
    file = tmp_path_factory.mktemp("saved") / offline_verifier().name
    file.write_bytes(offline_verifier().body)
    window = seeing(browser.new_context(viewport={"width": 320, "height": 640}))
    window.set_offline(True)
    page = window.new_page()
    with without_complaints(page):
        page.goto(f"{file.as_uri()}#{request.param}")
        asked: list[str] = []
        page.on("request", lambda sent: asked.append(sent.url))
        yield page
        assert asked == []
    window.close()


def choose(page: Page, place: str, text: str) -> None:
    page.locator(place).set_input_files(
        [{"name": "x.json", "mimeType": "application/json", "buffer": text.encode()}]  # type: ignore[list-item]
    )


def judge(page: Page, paper: str, on: str = "") -> None:
    page.locator("#evidence").fill(paper)
    page.locator("#on").fill(on)
    page.locator("#form button").click()


def test_it_answers_as_the_verify_page_does(reader: Page, papers: dict[str, str]) -> None:
    choose(reader, "#trust", papers["trust"])
    language = language_of(reader)
    for question in QUESTIONS:
        judge(reader, papers[question.paper], question.on)
        expect(reader.locator(VERDICT)).to_have_attribute("data-verdict", question.verdict)
        check_answer(question, language, said(reader))
        assert reader.evaluate("document.documentElement.scrollWidth") <= 320
    assert {"en": "months old", "fr": "date d’il y a"}[language] in said_of(reader, papers["today"])
    assert {"en": "on your device", "fr": "sur votre appareil"}[language] in said(reader)
    assert reader.locator("[role=dialog] a").count() == 0, "there is no site to lead to"


def said_of(page: Page, paper: str) -> str:
    judge(page, paper)
    expect(page.locator(VERDICT)).to_have_attribute("data-verdict", "verified")
    return said(page)


def test_a_chosen_file_is_judged_too(reader: Page, papers: dict[str, str]) -> None:
    choose(reader, "#trust", papers["trust"])
    reader.locator("#evidence").fill("")
    choose(reader, "#file", papers["earlier"])
    reader.locator("#form button").click()
    expect(reader.locator(VERDICT)).to_have_attribute("data-verdict", "superseded")


@pytest.mark.parametrize("paper", ["another", "link", "credential", "presentation"])
def test_what_is_no_evidence_gets_no_verdict(reader: Page, papers: dict[str, str], paper: str) -> None:
    choose(reader, "#trust", papers["trust"])
    judge(reader, papers[paper])
    expect(reader.locator(VERDICT)).to_have_attribute("data-verdict", "")
    words = {
        "en": ("no evidence file", "Ask for the evidence"),
        "fr": ("pas un dossier de preuve", "Demandez le dossier"),
    }
    expect(reader.locator(VERDICT)).to_contain_text(words[language_of(reader)][paper in ("credential", "presentation")])
    assert reader.locator("[data-step]").count() == 0


def test_the_trust_file_is_told_by_its_origin_and_fingerprint(reader: Page, papers: dict[str, str]) -> None:
    choose(reader, "#trust", papers["trust"])
    trust = json.loads(papers["trust"])
    expect(reader.locator("#trusted")).to_contain_text(trust["origin"])
    expect(reader.locator("#trusted code")).to_have_text(sha256(jcs(trust)).hexdigest())


def test_another_registers_trust_verifies_nothing(reader: Page, papers: dict[str, str]) -> None:
    trust = json.loads(papers["trust"])
    trust["issuers"][0]["keys"] = trust["issuers"][0]["keys"][1:]
    choose(reader, "#trust", json.dumps(trust))
    judge(reader, papers["today"])
    expect(reader.locator(VERDICT)).to_have_attribute("data-verdict", "failed")


def test_without_a_trust_file_nothing_is_checked(reader: Page, papers: dict[str, str]) -> None:
    reader.locator("#trust").set_input_files([])
    for trust in (None, papers["today"], "[]"):
        if trust is not None:
            choose(reader, "#trust", trust)
        judge(reader, papers["today"])
        expect(reader.locator(VERDICT)).to_have_attribute("data-verdict", "")
        assert reader.locator("[data-step]").count() == 0


def test_control_its_policy_lets_it_reach_nothing(browser: Browser, tmp_path: Path) -> None:
    """The requests that it does not make would not be let out either."""
    file = tmp_path / "verifier.html"
    file.write_bytes(offline_verifier().body)
    page = browser.new_page()
    page.goto(file.as_uri())
    refused: list[str] = page.evaluate(
        """async () => {
          const seen = [];
          document.addEventListener("securitypolicyviolation", (event) => seen.push(event.effectiveDirective));
          await fetch("http://localhost:9/").catch(() => null);
          new Image().src = "http://localhost:9/x.png";
          await new Promise((resolve) => setTimeout(resolve, 100));
          return seen;
        }"""
    )
    page.close()
    assert set(refused) == {"connect-src", "img-src"}


def test_it_is_accessible(reader: Page) -> None:
    found = Axe().run(reader)
    assert found.violations_count == 0, found.generate_report()


def _spoiled(trust: Json) -> Iterator[Json]:
    """Every member away, and of other types, down to those of keys."""
    for path in _paths(trust):
        for value in (None, 7, "x", [], {}, True):
            made = copy.deepcopy(trust)
            place: Any = made
            for name in path[:-1]:
                place = place[name]
            if value is None:
                del place[path[-1]]
            else:
                place[path[-1]] = value
            yield made


def _paths(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in items:
        yield (*above, name)
        yield from _paths(inner, (*above, name))


def test_it_takes_the_trust_files_that_greffe_takes(modules: Page, papers: dict[str, str]) -> None:
    texts = [json.dumps(trust) for trust in _spoiled(json.loads(papers["trust"]))]
    texts += [papers["trust"], papers["trust"] + "x", papers["trust"].replace('"v": 1', '"v": 1, "v": 1'), "[]"]

    def is_taken(text: str) -> bool:
        try:
            trusts.parse(text.encode())
        except Malformed:
            return False
        return True

    body = """return Promise.all(a.map(async (text) => {
      try { await m.parse(text); return true; }
      catch (error) { if (error.code === undefined) throw error; return false; }
    }));"""
    taken = call(modules, "verify/trust_file.js", body, texts)
    expected = [is_taken(text) for text in texts]
    assert [text for text, ours, its in zip(texts, expected, taken, strict=True) if ours != its] == []
    assert 5 < sum(expected) < len(texts) / 2


def test_it_is_the_same_file_wherever_it_is_made(tmp_path: Path) -> None:
    made = offline_verifier()
    assert sha256(made.body).hexdigest() == made.digest
    assert made.name == f"greffe-verifier-{made.digest[:16]}.html"
    assert b"localhost" not in made.body.split(b'id="words"')[0]
